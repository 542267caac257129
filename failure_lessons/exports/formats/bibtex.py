"""BibTeX, for people who write in LaTeX."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from bibtexparser.entrypoint import write_string
from bibtexparser.library import Library
from bibtexparser.model import Entry, Field

from failure_lessons.bibliography.csl import date_parts, flatten_text, names_in_role
from failure_lessons.exports.formats.csl import csl_item
from failure_lessons.exports.formats.rows import in_blocks, iterate_items
from failure_lessons.publishing.rows import EditionRow
from failure_lessons.types import JSONObject

BIBTEX_ENTRY_TYPES = {
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
BIBTEX_PLAIN_FIELDS = {
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
MONTH_MACROS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
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


def escape_latex(value: object) -> str:
    """Text that LaTeX prints as it is."""
    return flatten_text(value).translate(SPECIAL)


def encode_address(value: object) -> str:
    """A web address as it is, which styles hand to `\\url`; what cannot stand there is percent-encoded."""
    return UNSAFE.sub(lambda match: "".join(f"%{byte:02X}" for byte in match[0].encode()), flatten_text(value))


def format_bibtex_name(name: dict[str, str]) -> str:
    """“Family, Given” with Suffix between; the name of a body, or one that holds “and”, kept whole by braces."""
    if name.get("literal"):
        return f"{{{escape_latex(name['literal'])}}}"
    family = " ".join(filter(None, [name.get("non-dropping-particle"), name["family"]]))
    given = " ".join(filter(None, [name.get("given"), name.get("dropping-particle")]))
    return ", ".join(protect_name_part(part) for part in (family, name.get("suffix", ""), given) if part)


def protect_name_part(part: str) -> str:
    """A part of a name that BibTeX cannot take to pieces."""
    inseparable = "," in part or " and " in f" {part} ".casefold()
    return f"{{{escape_latex(part)}}}" if inseparable else escape_latex(part)


def bibtex_fields(csl: JSONObject, type_: str) -> dict[str, str]:
    """The fields of an entry."""
    found = {"title": f"{{{escape_latex(csl['title'])}}}"} if csl.get("title") else {}  # inner braces keep capitals
    for role in ("author", "editor"):
        if names := names_in_role(csl, role):
            found[role] = " and ".join(format_bibtex_name(name) for name in names)
    if csl.get("container-title"):
        found[CONTAINERS.get(type_, "series")] = escape_latex(csl["container-title"])
    if csl.get("publisher"):
        found[PUBLISHERS.get(type_, "publisher")] = escape_latex(csl["publisher"])
    found |= {field: escape_latex(csl[name]) for name, field in BIBTEX_PLAIN_FIELDS.items() if csl.get(name)}
    if issued := date_parts(csl):
        found["year"] = str(issued[0][0])
        if len(issued[0]) > 1:
            found["month"] = MONTH_MACROS[issued[0][1] - 1]
    if csl.get("page"):
        found["pages"] = re.sub("[-–]+", "--", escape_latex(csl["page"]))
    found |= {name.lower(): encode_address(csl[name]) for name in ("DOI", "URL") if csl.get(name)}
    return found


def format_bibtex_entry(csl: JSONObject) -> str:
    """A CSL item as a BibTeX entry."""
    type_ = BIBTEX_ENTRY_TYPES.get(csl.get("type", ""), "misc")
    # months are macros of every style, so that each can write them in its own way: they stand without braces
    parts = [
        Field(name, value if name == "month" else f"{{{value}}}") for name, value in bibtex_fields(csl, type_).items()
    ]
    written: str = write_string(
        Library([Entry(type_, re.sub(r"[^A-Za-z0-9:._/+-]", "-", str(csl["id"])), parts)]), unparse_stack=[]
    )
    return written


def write_bibtex(rows: Iterable[EditionRow], base: str, kind: str = "") -> Iterator[bytes]:
    """One entry for each edition, in UTF-8. Constant memory."""
    return in_blocks(f"{format_bibtex_entry(csl_item(item))}\n".encode() for item in iterate_items(rows, base))
