"""BibTeX, for people who write in LaTeX."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from bibtexparser.entrypoint import write_string
from bibtexparser.library import Library
from bibtexparser.model import Entry, Field

from failure_lessons.exports.formats.csl import cited, date, one_line, people
from failure_lessons.exports.formats.rows import Row, in_blocks, items

TYPES = {
    "article-journal": "article",
    "article-magazine": "article",
    "article-newspaper": "article",
    "book": "book",
    "chapter": "incollection",
    "manuscript": "unpublished",
    "paper-conference": "inproceedings",
    "report": "techreport",
    "thesis": "phdthesis",
}
CONTAINERS = {"article": "journal", "incollection": "booktitle", "inproceedings": "booktitle"}
PUBLISHERS = {"techreport": "institution", "phdthesis": "school", "misc": "howpublished"}
PLAIN = {
    "volume": "volume",
    "issue": "number",
    "number": "number",
    "genre": "type",
    "edition": "edition",
    "publisher-place": "address",
    "ISBN": "isbn",
    "ISSN": "issn",
    "abstract": "abstract",
    "note": "note",
}
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
# BibTeX counts braces even behind a backslash, so a lone brace has to be spelt out
SPECIAL = str.maketrans(
    {
        "\\": r"\textbackslash{}",
        "{": r"\textbraceleft{}",
        "}": r"\textbraceright{}",
        "~": r"\textasciitilde{}",
        "^": r"\textasciicircum{}",
        "$": r"\$",
        "&": r"\&",
        "#": r"\#",
        "%": r"\%",
        "_": r"\_",
    }
)
UNSAFE = re.compile(r"[{}\\\s\"<>^`|]")  # never in a valid address, and a brace would end the field


def escaped(value: Any) -> str:
    """Text that LaTeX prints as it is."""
    return one_line(value).translate(SPECIAL)


def address(value: Any) -> str:
    """A web address as it is, which styles hand to `\\url`; what cannot stand there is percent-encoded."""
    return UNSAFE.sub(lambda match: "".join(f"%{byte:02X}" for byte in match[0].encode()), one_line(value))


def person(name: dict[str, str]) -> str:
    """“Family, Given” with Suffix between; the name of a body, or one that holds “and”, kept whole by braces."""
    if name.get("literal"):
        return f"{{{escaped(name['literal'])}}}"
    family = " ".join(filter(None, [name.get("non-dropping-particle"), name["family"]]))
    given = " ".join(filter(None, [name.get("given"), name.get("dropping-particle")]))
    return ", ".join(whole(part) for part in (family, name.get("suffix", ""), given) if part)


def whole(part: str) -> str:
    """A part of a name that BibTeX cannot take to pieces."""
    inseparable = "," in part or " and " in f" {part} ".casefold()
    return f"{{{escaped(part)}}}" if inseparable else escaped(part)


def fields(csl: dict[str, Any], type_: str) -> dict[str, str]:
    """The fields of an entry."""
    found = {"title": f"{{{escaped(csl['title'])}}}"} if csl.get("title") else {}  # inner braces keep capitals
    for role in ("author", "editor"):
        if names := people(csl, role):
            found[role] = " and ".join(person(name) for name in names)
    if csl.get("container-title"):
        found[CONTAINERS.get(type_, "series")] = escaped(csl["container-title"])
    if csl.get("publisher"):
        found[PUBLISHERS.get(type_, "publisher")] = escaped(csl["publisher"])
    found |= {field: escaped(csl[name]) for name, field in PLAIN.items() if csl.get(name)}
    if issued := date(csl):
        found["year"] = str(issued[0][0])
        if len(issued[0]) > 1:
            found["month"] = MONTHS[issued[0][1] - 1]
    if csl.get("page"):
        found["pages"] = re.sub("[-–]+", "--", escaped(csl["page"]))
    found |= {name.lower(): address(csl[name]) for name in ("DOI", "URL") if csl.get(name)}
    return found


def entry(csl: dict[str, Any]) -> str:
    """A CSL item as a BibTeX entry."""
    type_ = TYPES.get(csl.get("type", ""), "misc")
    # months are macros of every style, so that each can write them in its own way: they stand without braces
    parts = [Field(name, value if name == "month" else f"{{{value}}}") for name, value in fields(csl, type_).items()]
    written: str = write_string(
        Library([Entry(type_, re.sub(r"[^A-Za-z0-9:._/+-]", "-", str(csl["id"])), parts)]), unparse_stack=[]
    )
    return written


def bibtex(rows: Iterable[Row], base: str, kind: str = "") -> Iterator[bytes]:
    """One entry for each edition, in UTF-8. Constant memory."""
    return in_blocks(f"{entry(cited(item))}\n".encode() for item in items(rows, base))
