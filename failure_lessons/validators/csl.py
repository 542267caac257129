"""The shapes of CSL-JSON: names, dates that exist in the calendar, and texts."""

from __future__ import annotations

import datetime as dt

from django.core.exceptions import ValidationError

from failure_lessons.types import JSONObject, JSONValue
from failure_lessons.validators.addresses import address_fault
from failure_lessons.validators.identifiers import doi_fault, isbn_fault, issn_fault
from failure_lessons.validators.text import text_fault

NAME_PARTS = ("family", "given", "literal", "suffix", "dropping-particle", "non-dropping-particle")
NAME_ROLES = ("author", "editor", "translator", "container-author", "interviewer", "chair", "contributor")
ROLES = {*NAME_ROLES, "collection-editor"}  # importers keep this one too
DATES = ("issued", "accessed", "event-date", "original-date", "submitted")
LONGEST_PART = 200  # characters of a name
LONGEST_VARIABLE = 5000
FORMS = {"DOI": doi_fault, "ISBN": isbn_fault, "ISSN": issn_fault, "URL": address_fault}
LIST_OF_NAMES = (
    'This is a list of CSL names: [{"family": "Allen", "given": "Rebecca"}] or [{"literal": "Ofsted"}] for a body.'
)
DATE_SHAPE = (
    'This is a CSL date: {"date-parts": [[2018, 8, 20]]}, with the year alone where no more is known, two for a span.'
)


def names_fault(value: JSONValue) -> str:
    """What is wrong with a list of names; empty when nothing is."""
    if not isinstance(value, list) or not all(isinstance(name, dict) for name in value):
        return LIST_OF_NAMES
    for name in value:
        if not (name.get("family") or name.get("literal")):
            return f"A name has “family” or “literal”. {LIST_OF_NAMES}"
        for part, words in name.items():
            if part not in NAME_PARTS or not isinstance(words, str):
                return f"A name has no “{str(part)[:40]}” that is like this. Known: {', '.join(NAME_PARTS)}."
            if len(words) > LONGEST_PART:
                return f"A name has at most {LONGEST_PART} characters."
            if words and (fault := text_fault(words)):
                return f"{part}: {fault}"
    return ""


def date_fault(value: JSONValue) -> str:
    """What is wrong with a date; empty when nothing is."""
    parts = value.get("date-parts") if isinstance(value, dict) else None
    if not isinstance(value, dict) or not isinstance(parts, list) or len(parts) not in (1, 2):
        return DATE_SHAPE
    if not value.keys() <= {"date-parts", "circa", "season"} or not isinstance(value.get("circa", False), bool):
        return DATE_SHAPE
    if "season" in value and (type(value["season"]) is not int or not 1 <= value["season"] <= 4):
        return "A season is a number from 1 (spring) to 4 (winter)."
    firsts = []
    for part in parts:
        sound = isinstance(part, list) and 1 <= len(part) <= 3 and all(type(number) is int for number in part)
        try:
            firsts.append(dt.date(*(*part, 1, 1)[:3]) if sound else None)
        except (ValueError, OverflowError):
            written = "-".join(map(str, part))[:40]
            return f"{written} is not in the calendar. Write year, month and day, or fewer where they are not known."
    if None in firsts:
        return DATE_SHAPE
    shorter = min(map(len, parts))
    return "A span begins before it ends." if parts[0][:shorter] > parts[-1][:shorter] else ""


def normalise_date(date: JSONObject) -> tuple[JSONObject, str]:
    """A date of possible parts without days and months that the calendar lacks, a span in order; and what changed."""
    parts, lost = [], []
    for part in date["date-parts"]:
        kept = list(part)
        while len(kept) > 1 and date_fault({"date-parts": [kept]}):
            kept.pop()
        parts.append(kept)
        lost += ["-".join(map(str, part))] if kept != part else []
    note = f"{', '.join(lost)} is not in the calendar: only what is was kept." if lost else ""
    if date_fault({"date-parts": parts}) and not any(date_fault({"date-parts": [part]}) for part in parts):
        parts.reverse()
        note = f"{note} The span ended before it began: it was turned round.".strip()
    return {**date, "date-parts": parts}, note


def variable_fault(name: str, value: JSONValue) -> str:
    """What is wrong with one variable of a CSL item; empty when nothing is."""
    if value in (None, "", [], {}):
        return ""
    if name in ROLES:
        return names_fault(value)
    if name in DATES:
        return date_fault(value)
    if not isinstance(value, str):
        return "Text is expected here."
    if len(value) > LONGEST_VARIABLE:
        return f"It has {len(value):,} characters, and at most {LONGEST_VARIABLE:,} have room."
    return text_fault(value) or (FORMS[name](value) if name in FORMS else "")


def validate_names(value: JSONValue) -> None:
    """For the field of authors."""
    if words := names_fault(value):
        raise ValidationError(words, code="names")


def validate_date(value: JSONValue) -> None:
    """For the field of a date."""
    if value is not None and (words := date_fault(value)):
        raise ValidationError(words, code="date")


def validate_variables(value: JSONValue) -> None:
    """For the field of all variables that have no column of their own."""
    if not isinstance(value, dict):
        raise ValidationError('This is an object: {"volume": "12", "page": "34-56"}.', code="variables")
    faults = [f"{name[:60]}: {words}" for name, each in value.items() if (words := variable_fault(name, each))]
    if faults:
        raise ValidationError(faults, code="variables")


def validate_elements(value: JSONValue) -> None:
    """For a field of texts by name."""
    texts = isinstance(value, dict) and all(isinstance(each, str) and len(each) <= 2000 for each in value.values())
    if not texts:
        raise ValidationError('This is an object of texts: {"setting": "schools"}.', code="elements")
