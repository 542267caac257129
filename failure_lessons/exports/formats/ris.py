"""RIS: what every reference manager reads."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from failure_lessons.bibliography.csl import date_parts, flatten_text, names_in_role
from failure_lessons.exports.formats.csl import csl_item
from failure_lessons.exports.formats.rows import in_blocks, iterate_items
from failure_lessons.publishing.rows import EditionRow
from failure_lessons.types import JSONObject

RIS_ENTRY_TYPES = {
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
TAGS = {  # in the order in which they are written
    "title": "TI",
    "container-title": "T2",
    "publisher": "PB",
    "publisher-place": "CY",
    "volume": "VL",
    "issue": "IS",
    "edition": "ET",
    "DOI": "DO",
    "abstract": "AB",
    "genre": "M3",
    "language": "LA",
    "event-title": "T3",
}


def format_ris_name(name: dict[str, str]) -> str:
    """“Family, Given, Suffix”, or the name of a body as it is."""
    if name.get("literal"):
        return name["literal"]
    family = " ".join(filter(None, [name.get("non-dropping-particle"), name["family"]]))
    given = " ".join(filter(None, [name.get("given"), name.get("dropping-particle")]))
    return ", ".join(filter(None, [family, given, name.get("suffix")]))


def list_tags(csl: JSONObject) -> Iterator[tuple[str, str]]:
    """A CSL item as the tags of a RIS record and their values, in order."""
    yield "TY", RIS_ENTRY_TYPES.get(csl.get("type", ""), "GEN")
    yield "ID", flatten_text(csl["id"])
    yield from ((tag, flatten_text(csl[name])) for name, tag in TAGS.items() if csl.get(name))
    yield from (("AU", format_ris_name(name)) for name in names_in_role(csl))
    yield from (("A2", format_ris_name(name)) for name in names_in_role(csl, "editor"))
    if issued := date_parts(csl):
        yield "PY", str(issued[0][0])
        if len(issued[0]) > 1:
            yield "DA", "/".join(f"{number:02}" for number in issued[0]) + "/" * (4 - len(issued[0]))
    if page := flatten_text(csl.get("page", "")):
        first, _, last = page.replace("–", "-").partition("-")
        yield "SP", first.strip()
        if last.strip():
            yield "EP", last.strip()
    # a report's own number stands where others have an ISBN
    numbers = [flatten_text(csl[name]) for name in ("ISBN", "ISSN", "number") if csl.get(name)]
    yield from zip(("SN", "M1"), numbers, strict=False)
    if csl.get("URL"):
        yield "UR", flatten_text(csl["URL"])
    if csl.get("note"):
        yield "N1", flatten_text(csl["note"])
    yield "ER", ""


def write_record(csl: JSONObject) -> str:
    """A RIS record with the empty line that parts it from the next, and without the number that some put before it."""
    return "".join(f"{tag}  - {value}\n" for tag, value in list_tags(csl)) + "\n"


def write_ris(rows: Iterable[EditionRow], base: str, kind: str = "") -> Iterator[bytes]:
    """One RIS record for each edition. Constant memory."""
    return in_blocks(write_record(csl_item(item)).encode() for item in iterate_items(rows, base))
