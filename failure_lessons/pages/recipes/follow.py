"""A copy of the whole library that stays up to date. Needs nothing but Python."""

import json
import pathlib
import urllib.request

store = pathlib.Path("library.json")
held = json.loads(store.read_text()) if store.exists() else {"cursor": 0, "records": {}}
address = f"BASE/api/v1/changes/?since={held['cursor']}&limit=100"
while address:
    with urllib.request.urlopen(address) as answer:
        page = json.load(answer)
    for change in page["results"]:
        if change["action"] == "withdrawn":
            held["records"].pop(change["record"], None)  # readers must not find it any more
        else:
            held["records"][change["record"]] = change["url"]  # the document is there
    held["cursor"], address = page["cursor"], page["next"]
store.write_text(json.dumps(held))
print(len(held["records"]), "records, up to date at revision", held["cursor"])
