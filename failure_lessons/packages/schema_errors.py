"""What a JSON schema refuses, as a person would say it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from jsonschema.exceptions import ValidationError

from failure_lessons.hints import format_hint, nearest_name
from failure_lessons.types import JSONValue


def explain_schema_error(error: ValidationError) -> str:
    """A schema error as a person would say it."""
    value: JSONValue = error.instance
    schema: JSONValue = error.schema
    rule: JSONValue = error.validator_value
    shown = json.dumps(value, ensure_ascii=False)[:80]
    subject = name_subject([*error.absolute_path])
    if error.validator == "enum":
        choices = [str(choice) for choice in rule]
        near = nearest_name(str(value).replace(" ", "-"), choices)
        hint = format_hint(near, f"Use one of: {', '.join(choices)}.")
        return f"{shown} is not a known code.{hint}"
    if error.validator == "additionalProperties" and isinstance(value, Mapping):
        known = list(schema.get("properties", {}))
        strangers = [name for name in value if name not in known]
        near = nearest_name(strangers[0], known) if strangers else ""
        hint = format_hint(near, f"Known here: {', '.join(known)}.")
        return f"There is no field “{', '.join(strangers)}”.{hint}"
    if error.validator == "required":
        return f"The field {error.message.split(' ')[0]} is missing.".replace("'", "“", 1).replace("'", "”", 1)
    if error.validator == "type":
        return f"{subject} should be of type {' or '.join(rule) if isinstance(rule, list) else rule}, not {shown}."
    if error.validator in ("minLength", "minItems"):
        return f"{subject} is empty; it needs a value."
    if error.validator in ("maxLength", "maxItems"):
        what = "characters" if error.validator == "maxLength" else "entries"
        return f"{subject} has {len(value):,} {what}; at most {rule:,} are allowed."
    if error.validator == "pattern":
        return f"{shown} is not written as it should be: {schema.get('description', rule)}"
    if error.validator in ("anyOf", "oneOf") and error.context:
        ways = {
            each.schema_path[0]: explain_schema_error(each) for each in reversed(error.context)
        }  # one fault of each
        return f"{subject} is written in none of the ways it may be. {' Or: '.join(dict.fromkeys(ways.values()))}"
    return f"{subject}: {error.message}"


def name_subject(path: Sequence[str | int]) -> str:
    """What a fault is about: the last name on the way to it."""
    names = [each for each in path if isinstance(each, str)]
    if not names:
        return "What was sent" if not path else "An entry"
    return f"“{names[-1]}”" if path[-1] == names[-1] else f"An entry of “{names[-1]}”"
