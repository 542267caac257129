"""RIS: what every reference manager reads."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from rispy import RisWriter  # type: ignore[import-untyped]

from failure_lessons.exports.formats.csl import cited, date, one_line, people
from failure_lessons.exports.formats.rows import Row, in_blocks, items

TYPES = {
    "article-journal": "JOUR",
    "article-magazine": "MGZN",
    "article-newspaper": "NEWS",
    "book": "BOOK",
    "chapter": "CHAP",
    "hearing": "HEAR",
    "interview": "PCOMM",
    "legal_case": "CASE",
    "legislation": "STAT",
    "manuscript": "UNPB",
    "paper-conference": "CPAPER",
    "personal_communication": "PCOMM",
    "post-weblog": "BLOG",
    "report": "RPRT",
    "speech": "GEN",
    "thesis": "THES",
    "webpage": "ELEC",
}
PLAIN = {
    "title": "title",
    "container-title": "secondary_title",
    "publisher": "publisher",
    "publisher-place": "place_published",
    "volume": "volume",
    "issue": "number",
    "edition": "edition",
    "DOI": "doi",
    "abstract": "abstract",
    "genre": "type_of_work",
    "language": "language",
    "event-title": "tertiary_title",
}


class Writer(RisWriter):  # type: ignore[misc]
    """RIS as the standard has it: no counter before each record, which rispy writes and some readers refuse."""

    def set_header(self, count: int) -> str:
        return ""


def person(name: dict[str, str]) -> str:
    """“Family, Given, Suffix”, or the name of a body as it is."""
    if name.get("literal"):
        return name["literal"]
    family = " ".join(filter(None, [name.get("non-dropping-particle"), name["family"]]))
    given = " ".join(filter(None, [name.get("given"), name.get("dropping-particle")]))
    return ", ".join(filter(None, [family, given, name.get("suffix")]))


def entry(csl: dict[str, Any]) -> dict[str, Any]:
    """A CSL item in the names that rispy gives to RIS tags."""
    found: dict[str, Any] = {"type_of_reference": TYPES.get(csl.get("type", ""), "GEN"), "id": one_line(csl["id"])}
    found |= {tag: one_line(csl[name]) for name, tag in PLAIN.items() if csl.get(name)}
    if authors := people(csl):
        found["authors"] = [person(name) for name in authors]
    if editors := people(csl, "editor"):
        found["secondary_authors"] = [person(name) for name in editors]
    if issued := date(csl):
        found["year"] = str(issued[0][0])
        if len(issued[0]) > 1:
            found["date"] = "/".join(f"{number:02}" for number in issued[0]) + "/" * (4 - len(issued[0]))
    if page := one_line(csl.get("page", "")):
        first, _, last = page.replace("–", "-").partition("-")
        found |= {"start_page": first.strip()} | ({"end_page": last.strip()} if last.strip() else {})
    # a report's own number stands where others have an ISBN
    numbers = [one_line(csl[name]) for name in ("ISBN", "ISSN", "number") if csl.get(name)]
    found |= dict(zip(("issn", "note"), numbers, strict=False))
    if csl.get("URL"):
        found["urls"] = [one_line(csl["URL"])]
    if csl.get("note"):
        found["notes"] = [one_line(csl["note"])]
    return found


def ris(rows: Iterable[Row], base: str, kind: str = "") -> Iterator[bytes]:
    """One RIS record for each edition. Constant memory."""
    writer = Writer()
    return in_blocks(f"{writer.formats([entry(cited(item))])}\n".encode() for item in items(rows, base))
