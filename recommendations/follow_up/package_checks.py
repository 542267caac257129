"""What can be wrong with source recommendations and dossiers, beyond the form of an entry."""

from __future__ import annotations

from collections.abc import Iterator

from failure_lessons.packages.validation import EntryFault
from failure_lessons.publishing.registry import Entry
from failure_lessons.vocabularies.choices import (
    BEYOND_THE_BODYS_WORD,
    DONE_STATES,
    OPEN_STATES,
    AssessmentStatus,
    Implementation,
)


def check_source_recommendations(entries: list[Entry]) -> Iterator[EntryFault]:
    """One stands in a case or in a review."""
    for number, entry in enumerate(entries):
        if bool(entry.get("case")) == bool(entry.get("review")):
            yield number, (), "It stands in a case or in a review: name one of the two.", "unsound"


def check_dossiers(entries: list[Entry]) -> Iterator[EntryFault]:
    """A dossier follows one recommendation, and its assessments keep the rules."""
    followed: dict[tuple[str, str], str] = {}
    for number, entry in enumerate(entries):
        named = [(name, entry[name]) for name in ("source_recommendation", "recommendation") if entry.get(name)]
        if len(named) != 1:
            yield number, (), "A dossier follows one recommendation: a source recommendation or one of ours.", "unsound"
        for each in named:
            if followed.setdefault(each, entry["slug"]) != entry["slug"]:
                message = f"{each[1]} is followed by “{followed[each]}” already: a recommendation has one dossier."
                yield number, (each[0],), message, "unsound"
        yield from check_parts(number, entry)
        yield from check_assessments(number, entry)


def check_parts(number: int, entry: Entry) -> Iterator[EntryFault]:
    """Codes and bodies stand once; nothing is due before it was asked; a moved date says why."""
    for name, key in (("responses", "code"), ("actions", "code"), ("addressees", "body")):
        seen: set[str] = set()
        for place, item in enumerate(entry.get(name, [])):
            if item[key] in seen:
                yield number, (name, place, key), f"“{item[key]}” stands here twice; it may stand once.", "unsound"
            seen.add(item[key])
    for place, item in enumerate(entry.get("addressees", [])):
        asked, due = (item.get("asked") or {}).get("day"), (item.get("answer_due") or {}).get("day")
        if due and (not asked or due < asked):
            yield number, ("addressees", place, "answer_due"), "Nothing is due before it was asked.", "unsound"
    for place, item in enumerate(entry.get("actions", [])):
        for index, due_date in enumerate(item.get("due_dates", [])):
            if index and not due_date.get("reason"):
                at = ("actions", place, "due_dates", index)
                yield number, at, "A moved date says why: give its reason.", "unsound"


def check_assessments(number: int, entry: Entry) -> Iterator[EntryFault]:
    """What an assessment has to have, by its state."""
    items = entry.get("assessments", [])
    for status in (AssessmentStatus.CURRENT, AssessmentStatus.PROVISIONAL):
        if sum(item["status"] == status for item in items) > 1:
            yield number, ("assessments",), f"A dossier has one {status} assessment.", "unsound"
    for place, item in enumerate(items):
        at = ("assessments", place)
        state = item["implementation"]
        if state in DONE_STATES and not set(item["basis"]) & set(BEYOND_THE_BODYS_WORD):
            yield number, (*at, "basis"), "Done rests on more than the body's word, or a tracker's.", "unsound"
        if state in OPEN_STATES and not item.get("look_again_by"):
            yield number, at, "An open assessment says when to look again: give `look_again_by`.", "missing"
        if state == Implementation.OVERTAKEN and not item.get("overtaken_by"):
            yield number, at, "Overtaken says by what: give `overtaken_by`.", "missing"
