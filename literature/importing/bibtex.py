"""BibTeX and BibLaTeX."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from bibtexparser.entrypoint import parse_string
from bibtexparser.middlewares.names import parse_single_name_into_parts, split_multiple_persons_names
from bibtexparser.model import DuplicateBlockKeyBlock, DuplicateFieldKeyBlock, Entry, ParsingFailedBlock
from pylatexenc.latex2text import LatexNodes2Text  # type: ignore[import-untyped]

from literature.importing.items import Csl, ImportedItem, ImportProblems, make_faulty_item, make_item

CSL_TYPE_OF_BIBTEX = {
    "article": "article-journal",
    "book": "book",
    "mvbook": "book",
    "booklet": "book",
    "manual": "report",
    "collection": "book",
    "proceedings": "book",
    "inbook": "chapter",
    "incollection": "chapter",
    "inproceedings": "paper-conference",
    "conference": "paper-conference",
    "techreport": "report",
    "report": "report",
    "phdthesis": "thesis",
    "mastersthesis": "thesis",
    "thesis": "thesis",
    "unpublished": "manuscript",
    "online": "webpage",
    "electronic": "webpage",
    "www": "webpage",
    "legislation": "legislation",
    "jurisdiction": "legal_case",
}
CSL_NAME_OF_BIBTEX = {
    "title": "title",
    "journal": "container-title",
    "journaltitle": "container-title",
    "booktitle": "container-title",
    "series": "collection-title",
    "volume": "volume",
    "edition": "edition",
    "isbn": "ISBN",
    "issn": "ISSN",
    "publisher": "publisher",
    "institution": "publisher",
    "school": "publisher",
    "organization": "publisher",
    "howpublished": "publisher",
    "address": "publisher-place",
    "location": "publisher-place",
    "type": "genre",
    "abstract": "abstract",
    "note": "note",
    "annote": "note",
    "keywords": "keyword",
    "language": "language",
    "langid": "language",
    "issue": "issue",
    "shorttitle": "title-short",
}
MAX_BRACE_DEPTH = 30  # braces within braces
# what a LaTeX reader would take for markup, or turn into a likeness of what was meant
SPELT = {
    r"\textbraceleft": "{",
    r"\textbraceright": "}",
    r"\textbackslash": "\\",
    r"\textasciitilde": "~",
    r"\textasciicircum": "^",
    r"\{": "{",
    r"\}": "}",
}
HELD = {letter: chr(0xE000 + place) for place, letter in enumerate("{}\\~^")}
SPELLING = re.compile("|".join(rf"{re.escape(each)}(?:\{{\}}| ?(?![A-Za-z]))" for each in SPELT))


@cache
def get_latex_decoder() -> LatexNodes2Text:
    """What turns LaTeX into letters."""
    return LatexNodes2Text(keep_comments=True, math_mode="verbatim")


def decode_latex(value: str) -> str:
    """LaTeX as the text that it prints."""
    if brace_depth(value) > MAX_BRACE_DEPTH:
        raise ValueError("braces are nested too deeply")
    held = SPELLING.sub(lambda match: HELD[SPELT[match[0].removesuffix("{}").strip()]], value)
    held = (
        str(get_latex_decoder().latex_to_text(held))
        if re.search(r"[\\$~]|--|``|''", held)
        else re.sub("[{}]", "", held)
    )
    for letter, placeholder in HELD.items():
        held = held.replace(placeholder, letter)
    return held


def brace_depth(value: str) -> int:
    """How deep braces go."""
    deepest = now = 0
    for each in re.findall("[{}]", value):
        now += 1 if each == "{" else -1
        deepest = max(deepest, now)
    return deepest


def read_bibtex(text: str) -> Iterator[ImportedItem]:
    """The entries of a BibTeX file."""
    row = 0
    for block in parse_string(text).blocks:
        line = (block.start_line or 0) + 1
        if isinstance(block, DuplicateFieldKeyBlock):
            row += 1
            names = ", ".join(sorted(block.duplicate_keys))
            yield make_faulty_item(row, names, f"The entry has the field “{names}” twice: keep one.", line)
            continue
        # two entries of one key are two entries to us
        entry = block.ignore_error_block if isinstance(block, DuplicateBlockKeyBlock) else block
        if isinstance(entry, Entry):
            row += 1
            yield entry_item(row, entry, line, enclosed=entry is not block)
        elif isinstance(block, ParsingFailedBlock):
            row += 1
            yield make_faulty_item(
                row, "entry", "A brace or quotation mark is not closed. The file may be cut off here.", line
            )


def strip_enclosure(value: str) -> str:
    """A value without what encloses it, which bibtexparser leaves in entries of a key used twice."""
    value = value.strip()
    return value[1:-1] if value[:1] + value[-1:] in ("{}", '""') and len(value) > 1 else value


def entry_item(row: int, entry: Entry, line: int, *, enclosed: bool = False) -> ImportedItem:
    """An entry as an item."""
    fields = {
        field.key.casefold(): strip_enclosure(str(field.value)) if enclosed else str(field.value)
        for field in entry.fields
    }
    found = ImportProblems()
    kind = entry.entry_type.casefold()
    raw: Csl = {
        "type": CSL_TYPE_OF_BIBTEX.get(kind, ("webpage" if fields.get("url") else "report") if kind == "misc" else kind)
    }
    for name, value in fields.items():
        try:
            if name in ("author", "editor", "translator"):
                raw[name] = [parse_bibtex_name(each) for each in split_multiple_persons_names(value)]
            elif name in CSL_NAME_OF_BIBTEX:
                raw.setdefault(CSL_NAME_OF_BIBTEX[name], decode_latex(value))
        except Exception as error:
            found.add_problem(name, f"The field cannot be read ({str(error)[:80]}).")
    if "container-title" not in raw and raw["type"] not in ("book", "chapter") and "collection-title" in raw:
        raw["container-title"] = raw.pop("collection-title")
    if (
        number := decode_latex(fields.get("number", ""))
        if brace_depth(fields.get("number", "")) <= MAX_BRACE_DEPTH
        else ""
    ):
        raw["issue" if raw["type"].startswith("article") else "number"] = number
    if pages := fields.get("pages", ""):
        raw["page"] = re.sub(r"\s*[-–]+\s*", "-", pages)
    raw["issued"] = fields.get("date") or " ".join(filter(None, [fields.get("month"), fields.get("year")]))
    # addresses are not LaTeX, except where a program escaped them all the same
    for name in ("doi", "url"):
        if fields.get(name):
            raw[name.upper()] = re.sub(r"\\([_%#&~{}])", r"\1", fields[name])
    return make_item(row, raw, line, found)


def parse_bibtex_name(name: str) -> dict[str, str]:
    """A name; one in braces is a body."""
    name = name.strip()
    if brace_depth(name) > MAX_BRACE_DEPTH:
        raise ValueError("braces are nested too deeply")
    if name.startswith("{") and name.endswith("}") and name.index("}") == len(name) - 1:
        return {"literal": decode_latex(name)}
    parts = parse_single_name_into_parts(name, strict=False)
    found = {
        "family": " ".join(parts.last),
        "given": " ".join(parts.first),
        "suffix": " ".join(parts.jr),
        "non-dropping-particle": " ".join(parts.von),
    }
    spelt = {part: decode_latex(words) for part, words in found.items() if words}
    if spelt.keys() == {"family"} and name.startswith("{"):
        return {"literal": spelt["family"]}
    return spelt
