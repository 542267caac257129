"""What version 1 of the API has promised so far, and what of it a later contract would take back.

`python -m tests.api.version_one` writes down what the contract promises now, beside this file: after a release, never to
make the test pass.
"""

import json
from pathlib import Path

OPENAPI = Path(__file__).resolve().parents[2] / "docs" / "openapi.json"
KEPT = Path(__file__).parent / "version-1.json"
LIMITS = ("maximum", "maxItems", "maxLength")


def list_promises(contract):
    """Every promise as a short text, with a number where it is a limit, a list where it is a choice, else None."""
    found = {}
    for path, methods in contract["paths"].items():
        for method, operation in methods.items():
            name = f"{method} {path}"
            found[name] = None
            for parameter in operation.get("parameters", []):
                found |= limits_of(f"{name} {parameter['in']} {parameter['name']}", parameter["schema"])
            for status, answer in operation["responses"].items():
                if status.startswith("2"):
                    found |= {f"{name} gives {status} {media}": None for media in answer.get("content", {})}
    for component, schema in contract["components"]["schemas"].items():
        for member, about in schema.get("properties", {}).items():
            found[f"{component}.{member}"] = json.dumps(type_of(about), sort_keys=True)
    return found


def limits_of(name, schema):
    """A parameter, its limits and its choices."""
    items = schema.get("items", {})
    limits = {f"{name} {limit}": schema[limit] for limit in LIMITS if limit in schema}
    choices = schema.get("enum") or items.get("enum")
    return {name: None, **limits, **({f"{name} choices": choices} if choices else {})}


def type_of(schema):
    """What tells one sort of value from another."""
    return {key: schema[key] for key in ("type", "$ref", "format") if key in schema}


def list_demands(contract):
    """Everything that a client has to send."""
    needed = {
        f"{method} {path} {parameter['name']}"
        for path, methods in contract["paths"].items()
        for method, operation in methods.items()
        for parameter in operation.get("parameters", [])
        if parameter.get("required")
    }
    sent = {
        f"{component}.{member}"
        for component, schema in contract["components"]["schemas"].items()
        if component.startswith("package") or component in SENT
        for member in schema.get("required", [])
    }
    return needed | sent


SENT = ("Hashes", "SubmissionNote")


def find_broken(kept, contract, retired=()):
    """What was promised and is no more. `retired` are addresses and parameters whose end was announced long enough."""
    now = list_promises(contract)
    broken = []
    for name, value in kept["promises"].items():
        if name.startswith(tuple(retired)) if retired else False:
            continue
        if name not in now:
            if not name.endswith(LIMITS):  # a limit that is gone limits nobody
                broken.append(f"gone: {name}")
        elif isinstance(value, int) and now[name] < value:
            broken.append(f"lower: {name}: {value}, now {now[name]}")
        elif isinstance(value, list) and set(value) - set(now[name]):
            broken.append(f"fewer: {name}: {sorted(set(value) - set(now[name]))}")
        elif isinstance(value, str) and now[name] != value:
            broken.append(f"another type: {name}: {value}, now {now[name]}")
    known = {name.rpartition(" ")[0] for name in kept["demands"]} | {name.split(".")[0] for name in kept["demands"]}
    for demand in sorted(list_demands(contract) - set(kept["demands"])):
        place = demand.rpartition(" ")[0] or demand.split(".")[0]
        if place in known or place in kept["promises"]:
            broken.append(f"newly needed: {demand}")
    return broken


if __name__ == "__main__":
    contract = json.loads(OPENAPI.read_text())
    written = {"demands": sorted(list_demands(contract)), "promises": list_promises(contract)}
    KEPT.write_text(json.dumps(written, indent=0, ensure_ascii=False, sort_keys=True) + "\n")
