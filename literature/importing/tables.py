"""CSV: a table whose first line names the columns, as Zotero, Scopus, our own downloads and people write it."""

from __future__ import annotations

import calendar
import csv
import io
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
    sort_work_numbers,
)
from literature.importing.mending import join_pages
from literature.importing.people import parse_names

# What programs call their columns. `authors`, `full` and `people` are names, the best of them counts; `told`, `year`,
# `month` and `day` make the date; `start` and `end` the pages.
COLUMNS = {
    "type": "type, item type, document type, reference type, kind of work, publication type, doctype, ref type,"
    " entry type, dt",
    "title": "title, article title, document title, primary title, title of article, ti",
    "authors": "author, authors, author names, author name, editor/author, contributors, au, first author",
    "full": "author full names, full author names, full names, af",
    "people": "author/s, inventor/s",
    "editor": "editor, editors, book editors, be",
    "translator": "translator, translators",
    "year": "year, publication year, published year, pub year, pubyear, py, year of publication",
    "month": "month, published month, publication month, pub month",
    "day": "day",
    "told": "date, issued, published, publication date, date published, date of publication, cover date, pub date, pd",
    "container-title": "journal, source title, publication title, container title, newspaper, publication,"
    " journal title, journal/book, journal name, journal / book, book title, booktitle, so, secondary title,"
    " periodical, full source title",
    "source-words": "source",
    "collection-title": "series, series title, book series title",
    "publisher": "publisher, publisher name, pu",
    "institution": "institution, organization, organisation, organizations, school, university",
    "publisher-place": "place, location, place of publication, city, publisher city",
    "volume": "volume, vl, vol",
    "issue": "issue, issue number, issue no, is, number (issue)",
    "page": "pages, page, page range, pagination, start/end page",
    "start": "page start, start page, first page, bp, startpage, beginning page",
    "end": "page end, end page, last page, ep, endpage, ending page",
    "article": "art. no., article number, article no., ar, eid",
    "edition": "edition",
    "number": "number, report number, reporttype number",
    "DOI": "doi, di, digital object identifier, doi link",
    "ISBN": "isbn, isbns, bn",
    "ISSN": "issn, issns, sn, issn/isbn, print issn",
    "URL": "url, link, address, web address, article url, articleurl, source urls, urls, external url, plink, url link,"
    " full text link, embase link, fulltexturl",
    "abstract": "abstract, abstract note, ab, abstractnote",
    "note": "notes, note, extra, annote, comments",
    "language": "language, la, languages, language of original document",
    "genre": "genre, reporttype",
    "licence": "licence, license",
    "keyword": "keywords, manual tags, author keywords, tags, subjects, mesh terms, de",
    "PMID": "pmid, pubmed id, pubmed_id, pm",
    "PMCID": "pmcid, pmc",
}
CSL_NAME_OF_COLUMN = {label.strip(): name for name, labels in COLUMNS.items() for label in labels.split(",")}
# Columns of others' house-keeping, of which nobody misses anything.
UNNEEDED_COLUMNS = frozenset(
    re.split(
        r",\s*",
        "key, author(s) id, cited by, create date, nihms id, citation, covidence #, study, ref, cites, "
        "citesurl, gsrank, querydate, date added, date modified, access date, lens id, identifier, "
        "bibliographytype, affiliations, ut, authors with affiliations, record id, citesperyear, "
        "citesperauthor, authorcount, age, ecc, file attachments, accession number, link attachments",
    )
)
MONTH_OF_NUMBER = dict(enumerate(calendar.month_abbr))
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
    "j": "article-journal",
    "b": "book",
    "c": "paper-conference",
    "journal": "article-journal",
    "academic journal": "article-journal",
    "preprint": "manuscript",
    "posted content": "manuscript",
    "proceedings paper": "paper-conference",
    "dissertation": "thesis",
    "book chapters": "chapter",
    "report": "report",
    "5": "chapter",  # JabRef's and BibTeXMng's numbers
    "6": "manuscript",
    "7": "article-journal",
    "1": "book",
}
FORMULA_IN_CELL = re.compile(
    r"[=+](?:[A-Za-z_.]+\d*\(|\$?[A-Z]{1,3}\$?\d+\b|[\d(\"+-][^ ]*[-+*/&(])|@[A-Z]+\(|[=+@-]cmd\|", re.IGNORECASE
)
GUARDED = re.compile(r"'(?=[=@+\t-])")  # an apostrophe keeps a spreadsheet from counting; our own downloads write it


def delimiter_of(header: str) -> str:
    """What divides the columns of the first line."""
    return max(",;\t|", key=header.count)


def split_declaration(text: str) -> tuple[str, str]:
    """The divider that a first line `sep=;` declares, or an empty text; and the table without that line."""
    text = text.lstrip("\ufeff\n")
    if match := re.match(r"\"?sep=(.)\"?[ \t;,]*\n", text, re.IGNORECASE):
        return match[1], text[match.end() :].lstrip("\n")
    return "", text


def read_header(text: str) -> tuple[str, list[str]]:
    """The divider of a table, and the labels of its columns."""
    delimiter, table = split_declaration(text)
    header = table.split("\n", 1)[0][:20_000]
    delimiter = delimiter or delimiter_of(header)
    try:
        cells = next(csv.reader([header], delimiter=delimiter), [])
    except csv.Error:
        cells = []
    return delimiter, [" ".join(re.sub(r"[\s_-]+", " ", cell).strip(" \ufeff").split()) for cell in cells]


def column_name(label: str) -> str:
    """Our name of a column; empty for those we do not know."""
    known = label.casefold()
    return CSL_NAME_OF_COLUMN.get(known) or CSL_NAME_OF_COLUMN.get(known.replace(" ", ""), "")


def known_columns(text: str) -> list[str]:
    """Our names of the columns that the first line of a table names."""
    return [column_name(label) for label in read_header(text)[1]]


def read_csv(text: str) -> Iterator[ImportedItem]:
    """The rows of a table."""
    delimiter, labels = read_header(text)
    names = [column_name(label) for label in labels]
    if "title" not in names:
        raise CannotReadFile(
            "The first line has to name the columns, and one of them has to be “Title”. Others may be Authors, Year, "
            "Type, Journal, Publisher, Volume, Issue, Pages, DOI, ISBN, URL, Abstract and Notes."
        )
    table = split_declaration(text)[1]
    # a row that Web of Science divides by tabs has quotation marks as letters
    open_quotation = table.count('"') % 2 == 1
    quote = None if delimiter == "\t" and open_quotation else '"'
    reader = csv.reader(
        io.StringIO(table, newline=""),
        delimiter=delimiter,
        strict=open_quotation,
        quotechar=quote,
        quoting=csv.QUOTE_MINIMAL if quote else csv.QUOTE_NONE,
    )
    row = before = 0
    try:
        next(reader)
        before = reader.line_num
        for cells in reader:
            line, before = before + 1, reader.line_num
            if any(cell.strip() for cell in cells):
                row += 1
                yield table_item(row, labels, cells, line)
    except csv.Error as error:
        reason = f"The table cannot be read from here on ({error}). A quotation mark may be open, or the file cut off."
        yield make_faulty_item(row + 1, "row", reason, before + 1)


def table_item(row: int, labels: list[str], cells: list[str], line: int) -> ImportedItem:
    """One row as an item."""
    found = ImportProblems()
    told: dict[str, list[str]] = {}
    unread = []
    if any(cell.strip() for cell in cells[len(labels) :]):
        words = (
            f"The row has {len(cells)} cells, but the first line names {len(labels)} columns: the rest was left out."
        )
        found.notes.append(words)
    for label, value in zip(labels, cells, strict=False):
        value, name = value.strip(" \n"), column_name(label)
        if not value:
            continue
        if not name:
            unread += [] if label.casefold() in UNNEEDED_COLUMNS or not label else [label]
        elif FORMULA_IN_CELL.match(value):
            found.notes.append(f"{label}: “{value[:40].strip()}” is a spreadsheet formula, and was left out.")
        else:
            told.setdefault(name, []).append(GUARDED.sub("", value, count=1))
    if unread:
        found.notes.append(f"Columns that were not read: {', '.join(unread)[:300]}.")
    return make_item(row, row_csl(told), line, found)


def row_csl(told: dict[str, list[str]]) -> Csl:
    """A CSL item, not yet checked, of what a row says under each name."""
    first = {name: values[0] for name, values in told.items()}
    raw: Csl = {name: value for name, value in first.items() if name not in PARTS_OF_ROW}
    raw["author"] = find_authors(first)
    for role in ("editor", "translator"):
        if first.get(role):
            raw[role] = parse_names(first[role])
    raw.setdefault("container-title", first.get("source-words", ""))
    raw.setdefault("publisher", first.get("institution", ""))
    month = MONTH_OF_NUMBER.get(int(first["month"])) if first.get("month", "").isdecimal() else first.get("month")
    day = f"{first.get('day', '')} {month}".strip() if month else ""
    if dates := [*told.get("told", []), *([day] if day else []), *told.get("year", [])]:
        raw["issued"] = {"told": dates, "year": first.get("year", "")}
    if page := join_pages(first.get("start", ""), first.get("end", "")) or first.get("article", ""):
        raw.setdefault("page", page)
    label = clean_single_line(first.get("type", "")).casefold()
    if raw.get("number") and "issue" not in raw and raw.get("container-title"):
        raw["issue"] = raw.pop("number")
    raw["type"] = CSL_TYPE_OF_LABEL.get(label, label) or (
        "article-journal" if raw.get("volume") or raw.get("issue") or raw["container-title"] else "report"
    )
    if isbn := raw.pop("ISBN", ""):
        sort_work_numbers(raw, [isbn])
    if issn := raw.get("ISSN"):
        raw["ISSN"] = re.sub(r"\b(\d{4})(\d{3}[\dXx])\b", r"\1-\2", issn)
    return raw


PARTS_OF_ROW = frozenset(COLUMNS) & {
    *("authors", "full", "people", "editor", "translator", "year", "month", "day", "told", "start", "end"),
    *("article", "source-words", "institution", "type"),
}


def find_authors(first: dict[str, str]) -> list[dict[str, str]]:
    """The authors, from the column that spells them out where there is one."""
    if first.get("full"):
        return parse_names(first["full"])
    if first.get("people"):
        return parse_names(first["people"], given_first=True)
    return parse_names(first.get("authors", ""))
