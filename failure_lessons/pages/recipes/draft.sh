# a draft for editors to review; TOKEN is yours. With ?dry_run=true behind the address it is checked, and nothing is kept
curl -sS --fail-with-body 'BASE/api/v1/workbench/references/' -H "Authorization: Bearer $TOKEN" \
  -H 'Content-Type: application/json' -H 'Idempotency-Key: our-report-2019-a' -d '{
    "id": "our-report-2019", "type": "report", "title": "Transforming Rehabilitation: progress review",
    "author": [{"literal": "National Audit Office"}], "issued": {"date-parts": [[2019, 3, 1]]}}'
