# make a webhook for the address in RECEIVER: webhook.json then holds its id and its secret, which is shown this once
curl -sS --fail-with-body -o webhook.json 'BASE/api/v1/webhooks/' -H "Authorization: Bearer $TOKEN" \
  -H 'Content-Type: application/json' -d "{\"url\": \"$RECEIVER\", \"actions\": [\"published\", \"withdrawn\"]}"
grep -o '"secret":"[^"]*"' webhook.json
