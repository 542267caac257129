"""`python -m tests.client.write_names`: what the command line completes, written anew from the contract."""

import json
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PLACE = ROOT / "clients" / "python" / "src" / "failure_lessons_client" / "names.json"
LEFT_OUT = {"limit", "after", "before", "format"}  # the client's own affair, or an option of every command
MEMBERS = {"fields", "facets", "included_fields"}  # several at once, with commas


def list_names():
    """The parameters of each collection, and the values of those that have few."""
    paths = json.loads((ROOT / "docs" / "openapi.json").read_text())["paths"]
    names, choices = {}, {}
    for path, methods in paths.items():
        asked = [each for each in methods.get("get", {}).get("parameters", []) if each["in"] == "query"]
        if "ids" in {each["name"] for each in asked}:
            collection = path.split("/")[3]
            names[collection] = tuple(sorted(each["name"] for each in asked if each["name"] not in LEFT_OUT))
            for each in asked:
                values = each["schema"].get("enum") or each["schema"].get("items", {}).get("enum") or []
                if each["name"] not in MEMBERS and values:
                    known = choices.setdefault(each["name"], [])
                    known += [value for value in values if value not in known]
    shared = set.intersection(*map(set, names.values()))
    own = {collection: tuple(name for name in found if name not in shared) for collection, found in names.items()}
    return tuple(sorted(shared)), own, {name: tuple(values) for name, values in sorted(choices.items())}


def write_file():
    """The file as text."""
    shared, own, choices = list_names()
    return json.dumps({"shared": shared, "own": own, "choices": choices}, indent=1) + "\n"


if __name__ == "__main__":
    PLACE.write_text(write_file())
