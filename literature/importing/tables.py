"""CSV: a table whose first line names the columns, as Zotero, Scopus, our own downloads and people write it."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator

from failure_lessons.files.decoding import CannotReadFile
from literature.importing.items import (
    Csl,
    ImportedItem,
    ImportProblems,
    clean_single_line,
    make_faulty_item,
    make_item,
    parse_comma_name,
    sort_work_numbers,
)

CSL_NAME_OF_COLUMN = {
    "type": "type",
    "item type": "type",
    "document type": "type",
    "reference type": "type",
    "kind of work": "type",
    "title": "title",
    "article title": "title",
    "document title": "title",
    "author": "author",
    "authors": "author",
    "author full names": "author",
    "editor": "editor",
    "editors": "editor",
    "year": "issued",
    "publication year": "issued",
    "date": "issued",
    "issued": "issued",
    "published": "issued",
    "publication date": "issued",
    "date published": "issued",
    "journal": "container-title",
    "source title": "container-title",
    "publication title": "container-title",
    "container title": "container-title",
    "newspaper": "container-title",
    "publication": "container-title",
    "publisher": "publisher",
    "institution": "publisher",
    "place": "publisher-place",
    "volume": "volume",
    "issue": "issue",
    "pages": "page",
    "page": "page",
    "page start": "start",
    "page end": "end",
    "edition": "edition",
    "number": "number",
    "report number": "number",
    "doi": "DOI",
    "isbn": "ISBN",
    "issn": "ISSN",
    "url": "URL",
    "link": "URL",
    "address": "URL",
    "web address": "URL",
    "abstract": "abstract",
    "abstract note": "abstract",
    "notes": "note",
    "note": "note",
    "extra": "note",
    "language": "language",
    "genre": "genre",
    "licence": "licence",
    "license": "licence",
    "keywords": "keyword",
    "manual tags": "keyword",
    "author keywords": "keyword",
}
CSL_TYPE_OF_LABEL = {
    "article": "article-journal",
    "journal article": "article-journal",
    "journalarticle": "article-journal",
    "review": "article-journal",
    "magazinearticle": "article-magazine",
    "newspaperarticle": "article-newspaper",
    "newspaper": "article-newspaper",
    "booksection": "chapter",
    "book chapter": "chapter",
    "book section": "chapter",
    "conferencepaper": "paper-conference",
    "web page": "webpage",
    "website": "webpage",
    "blogpost": "post-weblog",
    "statute": "legislation",
    "case": "legal_case",
    "conference paper": "paper-conference",
    "newspaper article": "article-newspaper",
    "magazine article": "article-magazine",
    "blog post": "post-weblog",
    "legal case": "legal_case",
    "personal communication": "personal_communication",
}
FORMULA_IN_CELL = re.compile(r"[=@\t]|[+-](?![\d.,\s]*\Z)")
GUARDED = re.compile(r"'(?=[=@+\t-])")  # an apostrophe keeps a spreadsheet from counting; our own downloads write it


def delimiter_of(header: str) -> str:
    """What divides the columns of the first line."""
    return max(",;\t|", key=header.count)


def known_columns(header: str) -> list[str]:
    """The CSL names of the columns that a first line names; empty for those we do not know."""
    try:
        cells = next(csv.reader([header], delimiter=delimiter_of(header)), [])
    except csv.Error:
        return []
    return [CSL_NAME_OF_COLUMN.get(re.sub(r"[\s_-]+", " ", cell).strip(" \ufeff").casefold(), "") for cell in cells]


def read_csv(text: str) -> Iterator[ImportedItem]:
    """The rows of a table."""
    text = text.lstrip("\n")
    header = text.split("\n", 1)[0]
    names = known_columns(header)
    if "title" not in names:
        raise CannotReadFile(
            "The first line has to name the columns, and one of them has to be “Title”. Others may be Authors, Year, "
            "Type, Journal, Publisher, Volume, Issue, Pages, DOI, ISBN, URL, Abstract and Notes."
        )
    reader = csv.reader(text.split("\n"), delimiter=delimiter_of(header), strict=True)
    row = 0
    try:
        next(reader)
        before = reader.line_num
        for cells in reader:
            line, before = before + 1, reader.line_num
            if any(cell.strip() for cell in cells):
                row += 1
                yield table_item(row, names, cells, line)
    except csv.Error as error:
        reason = f"The table cannot be read from here on ({error}). A quotation mark may be open, or the file cut off."
        yield make_faulty_item(row + 1, "row", reason, before + 1)


def table_item(row: int, names: list[str], cells: list[str], line: int) -> ImportedItem:
    """One row as an item."""
    found = ImportProblems()
    raw: Csl = {}
    if len(cells) > len(names):
        found.add_problem("row", f"It has {len(cells)} cells, but the first line names {len(names)} columns.")
    for name, value in zip(names, cells, strict=False):
        value = value.strip(" ")
        if not name or not value:
            continue
        if FORMULA_IN_CELL.match(value):
            found.add_problem(
                name, f"“{value[:40].strip()}” is a spreadsheet formula. Put the words themselves into the cell."
            )
            continue
        raw.setdefault(name, GUARDED.sub("", value, count=1))
    for role in ("author", "editor"):
        if raw.get(role):
            raw[role] = [
                parse_comma_name(re.sub(r"\s*\(\d+\)\s*\Z", "", name)) for name in raw[role].split(";") if name.strip()
            ]
    if start := raw.pop("start", ""):
        raw.setdefault("page", "-".join(filter(None, [start, raw.get("end", "")])))
    raw.pop("end", None)
    type_ = clean_single_line(raw.get("type", "")).casefold()
    raw["type"] = CSL_TYPE_OF_LABEL.get(type_, type_) or (
        "article-journal" if raw.get("volume") or raw.get("issue") else "report"
    )
    if isbn := raw.pop("ISBN", ""):
        sort_work_numbers(raw, [isbn])
    return make_item(row, raw, line, found)
