"""What can be wrong within a reference of a package, and within the screening and the data extraction of a review."""

from __future__ import annotations

from collections.abc import Iterator

from failure_lessons.packages.validation import EntryFault, EntryPath
from failure_lessons.publishing.registry import Entry
from failure_lessons.validators.csl import variable_fault
from literature.extracting.answers import answer_fault
from literature.fields import CSL_ATTRIBUTES
from literature.studies import list_included_studies, list_unassessed_studies


def check_references(entries: list[Entry]) -> Iterator[EntryFault]:
    """Variables without a column of their own that mean nothing: names, dates, identifiers, texts."""
    for number, entry in enumerate(entries):
        for name, value in entry.items():
            if name not in {"id", "type", "title", *CSL_ATTRIBUTES} and (words := variable_fault(name, value)):
                yield number, (name,), words, "unsound"


def check_reviews(entries: list[Entry]) -> Iterator[EntryFault]:
    """Reports that do not wait, characteristics of studies not included, and answers that answer no question."""
    for number, entry in enumerate(entries):
        for path, message in (*check_screening_under_way(entry), *check_characteristics(entry)):
            yield number, path, message, "unsound"


def check_screening_under_way(entry: Entry) -> Iterator[tuple[EntryPath, str]]:
    """Reports said to wait for a decision on their full text that were not kept, or that have one."""
    told = (entry.get("screening_under_way") or {}).get("reports") or []
    waiting = {study.screening["ref"] for study in list_unassessed_studies(entry) if len(study.decisions) == 1}
    for place, ref in enumerate(told):
        if ref not in waiting or ref in told[:place]:
            at: EntryPath = ("screening_under_way", "reports", place)
            yield at, f"“{ref}” is not among the records that `screening` keeps on title and abstract alone, once each."


def check_characteristics(entry: Entry) -> Iterator[tuple[EntryPath, str]]:
    """What is wrong with the extraction form of one review and its answers: where, and in words."""
    form: dict[str, Entry] = {}
    for place, question in enumerate(entry.get("extraction_form") or []):
        if question["key"] in form:
            yield ("extraction_form", place, "key"), f"“{question['key']}” names two questions."
        form[question["key"]] = question
    included = {study.screening["ref"] for study in list_included_studies(entry)}
    seen = set()
    for place, study in enumerate(entry.get("characteristics") or []):
        if study["ref"] in seen:
            yield ("characteristics", place, "ref"), f"“{study['ref']}” stands here twice."
        elif study["ref"] not in included:
            yield ("characteristics", place, "ref"), f"The review does not include “{study['ref']}” (see `screening`)."
        seen.add(study["ref"])
        answered = set()
        for index, answer in enumerate(study["values"]):
            at = ("characteristics", place, "values", index)
            if answer["field"] in answered:
                yield (*at, "field"), f"“{answer['field']}” is answered twice."
            elif answer["field"] not in form:
                yield (*at, "field"), f"No question of `extraction_form` has the key “{answer['field']}”."
            elif words := answer_fault(form[answer["field"]], answer):
                yield at, words
            answered.add(answer["field"])
