# have a test sent; then read how that went
hook="BASE/api/v1/webhooks/$(grep -o '"id":"[^"]*"' webhook.json | cut -d'"' -f4)"
curl -sS --fail-with-body -X POST "$hook/test/" -H "Authorization: Bearer $TOKEN"
curl -sS --fail-with-body "$hook/deliveries/" -H "Authorization: Bearer $TOKEN"
