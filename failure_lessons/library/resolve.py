"""From a document and what it pins to what a page needs: every pointer replaced by the thing itself.

A page is a function of this value alone; templates fetch nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from failure_lessons.bibliography.names import name_references, short_citation, split_harvard_reference
from failure_lessons.publishing.models import Edition
from failure_lessons.publishing.registry import KINDS, Kind
from failure_lessons.types import JSONObject, JSONValue

RECORD_CODE = re.compile(r"\b[A-Z]{1,4}[0-9]{1,4}(?:-F[0-9]{1,4})?\b")


class NamedRecord(NamedTuple):
    """A record that a text names by its code: of which kind it is, its slug, and what it is called."""

    kind: Kind
    slug: str
    title: str


def records_by_code(editions: Iterable[Edition]) -> dict[str, NamedRecord]:
    """Records by code, leaving out what was withdrawn."""
    return {
        edition.code: NamedRecord(KINDS[edition.kind], edition.slug, edition.title)
        for edition in editions
        if edition.code and not edition.withdrawn_at
    }


class ResolvedObject(JSONObject):
    """An object of a document. Documents leave empty fields out, so a missing field is an empty text."""

    def __missing__(self, name: str) -> str:
        return ""


def tell_apart(references: Mapping[str, ResolvedObject]) -> None:
    """Give those of the same author and year their letters, wherever author and year are shown."""
    live = {key: each for key, each in references.items() if not each.get("withdrawn")}
    for key, name in name_references(live).items():
        letter = name.removeprefix(live[key]["short"])
        if letter:
            live[key]["short"] = name
            live[key]["text"] = {**live[key]["text"], "lead": f"{live[key]['text']['lead'].removesuffix(')')}{letter})"}


class Resolver:
    """Resolves the pointers of one document against the editions it pins."""

    def __init__(self, pinned: Sequence[Edition], themes: Mapping[str, str]) -> None:
        self.themes = themes
        self.pinned = {(edition.kind, edition.slug): edition for edition in pinned}
        self.by_code = {edition.code: edition for edition in pinned if edition.code}
        self.references = {edition.slug: self.reference(edition) for edition in pinned if edition.kind == "reference"}
        tell_apart(self.references)

    def reference(self, edition: Edition) -> ResolvedObject:
        """A reference as its citing statements show it; nothing of a withdrawn one."""
        if edition.withdrawn_at:
            gone = {"lead": "Withdrawn source", "title": edition.withdrawal_reason, "rest": ""}
            return ResolvedObject(slug=edition.slug, short="withdrawn source", text=gone, withdrawn=True)
        csl = edition.content
        return ResolvedObject(csl, short=short_citation(csl), text=split_harvard_reference(csl), edition=edition.number)

    def record(self, kind: str, slug: str) -> ResolvedObject:
        """A pinned record, itself resolved."""
        edition = self.pinned.get((kind, slug))
        if edition is None:
            return ResolvedObject(kind=kind, slug=slug, code=slug.upper(), title=slug)
        if edition.withdrawn_at:
            reason = edition.withdrawal_reason
            return ResolvedObject(
                kind=kind, slug=slug, code=edition.code, title="Withdrawn", statement=f"Withdrawn: {reason}"
            )
        shown: ResolvedObject = self(edition.content)
        shown["number"] = edition.number
        return shown

    def record_by_code(self, kind: str, code: str) -> ResolvedObject:
        """A pinned record that the document names by its code; `replaced` once it has a newer edition."""
        found = next((each for key, each in self.pinned.items() if key[0] == kind and each.code == code), None)
        if found is None:
            return ResolvedObject(kind=kind, code=code, title=code)
        shown = self.record(kind, found.slug)
        shown["replaced"] = found.superseded_at is not None
        return shown

    def __call__(self, value: JSONValue, name: str = "") -> JSONValue:
        """`value` with its pointers resolved, at any depth."""
        if isinstance(value, list):
            if name == "themes":
                return [ResolvedObject(slug=slug, label=self.themes.get(slug, slug)) for slug in value]
            if name == "findings" and all(isinstance(item, str) for item in value):
                return [self.record("finding", code.lower()) for code in value]
            if name in ("lessons", "recommendations") and all(isinstance(item, str) for item in value):
                named = [self.by_code[code] for code in value if code in self.by_code]
                return [self.record(edition.kind, edition.slug) for edition in named]
            return [self(item) for item in value]
        if not isinstance(value, dict):
            return value
        shown = ResolvedObject((key, self(item, key)) for key, item in value.items())
        if "ref" in shown:
            shown["reference"] = self.references.get(
                shown["ref"], ResolvedObject(slug=shown["ref"], short=shown["ref"])
            )
        if "finding" in shown:
            shown["record"] = self.record("finding", shown["finding"].lower())
        for kind, member in (("source-recommendation", "source_recommendation"), ("recommendation", "recommendation")):
            if member in shown:
                shown["followed"] = self.record_by_code(kind, str(shown[member]))
        if "theme" in shown:
            shown["theme_label"] = self.themes.get(shown["theme"], shown["theme"])
        if "case" in shown:
            case = self.pinned.get(("case-study", shown["case"]))
            shown["title"] = case.title if case and not case.withdrawn_at else shown["case"]
        return shown
