"""CSL-JSON and EndNote XML: records of named parts."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator
from xml.etree.ElementTree import Element, ParseError

import orjson
from defusedxml.common import DefusedXmlException  # type: ignore[import-untyped]
from defusedxml.ElementTree import iterparse  # type: ignore[import-untyped]

from failure_lessons.files.decoding import CannotReadFile
from failure_lessons.types import JSONObject, JSONValue
from literature.importing.items import (
    Csl,
    ImportedItem,
    clean_single_line,
    make_faulty_item,
    make_item,
    sort_work_numbers,
)

DECLARATION = re.compile(r"\A\s*<\?xml[^>]*\?>")
ENDNOTE_TYPES = {
    "Journal Article": "article-journal",
    "Electronic Article": "article-journal",
    "Magazine Article": "article-magazine",
    "Newspaper Article": "article-newspaper",
    "Book": "book",
    "Edited Book": "book",
    "Electronic Book": "book",
    "Book Section": "chapter",
    "Hearing": "hearing",
    "Personal Communication": "personal_communication",
    "Interview": "interview",
    "Case": "legal_case",
    "Statute": "legislation",
    "Bill": "legislation",
    "Legal Rule or Regulation": "legislation",
    "Manuscript": "manuscript",
    "Unpublished Work": "manuscript",
    "Conference Paper": "paper-conference",
    "Conference Proceedings": "paper-conference",
    "Blog": "post-weblog",
    "Report": "report",
    "Government Document": "report",
    "Grey Literature": "report",
    "Thesis": "thesis",
    "Web Page": "webpage",
    "Online Multimedia": "webpage",
}
ENDNOTE_PLAIN = {
    "titles/title": "title",
    "titles/secondary-title": "container-title",
    "titles/short-title": "title-short",
    "titles/tertiary-title": "collection-title",
    "volume": "volume",
    "number": "issue",
    "edition": "edition",
    "pages": "page",
    "publisher": "publisher",
    "pub-location": "publisher-place",
    "abstract": "abstract",
    "electronic-resource-num": "DOI",
    "urls/related-urls/url": "URL",
    "language": "language",
    "work-type": "genre",
    "notes": "note",
}


def read_csl(text: str) -> Iterator[ImportedItem]:
    """The items of a CSL-JSON file: a list, one item, or an object with `items`, `references`, or Crossref's `message`.

    Of a list that is cut off, the items before that place are read.
    """
    whole, fault = parse_json(text)
    if isinstance(whole, dict) and isinstance(whole.get("message"), dict):
        whole = whole["message"]
    if isinstance(whole, dict):
        whole = next((whole[name] for name in ("items", "references") if isinstance(whole.get(name), list)), [whole])
    if not isinstance(whole, list):
        raise CannotReadFile("CSL-JSON is a list of items in square brackets.")
    row = 0
    for row, each in enumerate(whole, start=1):
        yield (
            make_item(row, with_crossref_names(each))
            if isinstance(each, dict)
            else make_faulty_item(row, "item", "An item is written in curly brackets.")
        )
    if fault:
        yield make_faulty_item(row + 1, "item", fault)


def parse_json(text: str) -> tuple[JSONValue, str]:
    """What JSON holds; of a list that breaks off, what is whole, and what is wrong. Raises `CannotReadFile`."""
    try:
        return orjson.loads(text.encode("utf-8", "replace")), ""
    except orjson.JSONDecodeError as error:
        fault = f"This is not JSON: {error.msg} in line {error.lineno}, column {error.colno}. "
    items: list[JSONValue] = []
    decoder, place = json.JSONDecoder(), re.match(r"\s*\[?\s*", text).end()  # type: ignore[union-attr]
    try:
        while text[place : place + 1] == "{":
            item, place = decoder.raw_decode(text, place)
            items.append(item)
            place = re.compile(r"[\s,]*").match(text, place).end()  # type: ignore[union-attr]
    except (ValueError, RecursionError):
        pass
    if not items:
        raise CannotReadFile(f"{fault}It may be cut off: export it again.")
    return items, f"{fault}The file may be cut off here: what came before was read."


def with_crossref_names(item: JSONObject) -> JSONObject:
    """An item as Crossref gives it, under the names of CSL."""
    names = {"short-container-title": "container-title-short", "article-number": "page", "abstractNote": "abstract"}
    renamed = {names[name]: value for name, value in item.items() if name in names and names[name] not in item}
    for name in ("published", "published-print", "published-online"):
        if item.get(name) and not item.get("issued"):
            renamed["issued"] = item[name]
            break
    return {name: value for name, value in item.items() if name not in names} | renamed


def read_endnote(text: str) -> Iterator[ImportedItem]:
    """The records of an EndNote XML file. Entities and outside definitions are refused, whatever they would mean.

    Of a file that is cut off, the records before that place are read.
    """
    data = DECLARATION.sub("", text).encode("utf-8", "replace")
    row = 0
    try:
        for _, element in iterparse(io.BytesIO(data), events=("end",), forbid_dtd=False):
            if element.tag == "record":
                row += 1
                yield make_item(row, endnote_csl(element))
    except DefusedXmlException:
        raise CannotReadFile(
            "The file defines XML entities, which no program needs for references and which can do harm. "
            "It was not read: export it again from EndNote."
        ) from None
    except (ParseError, ValueError) as error:
        if not row:
            raise CannotReadFile(f"This is not well-formed XML: {error}. It may be cut off: export it again.") from None
        reason = f"This is not well-formed XML: {error}. The file may be cut off here: what came before was read."
        yield make_faulty_item(row + 1, "record", reason)


def endnote_text(record: Element, path: str) -> str:
    """The text of the first part at a path, whatever its typography."""
    part = record.find(path)
    return "" if part is None else "".join(part.itertext()).strip()


def endnote_csl(record: Element) -> Csl:
    """A CSL item, not yet checked."""
    kind = record.find("ref-type")
    name = "" if kind is None else kind.get("name", "")
    raw: Csl = {"type": ENDNOTE_TYPES.get(name, name)}
    raw |= {csl: found for path, csl in ENDNOTE_PLAIN.items() if (found := endnote_text(record, path))}
    if "container-title" not in raw and (journal := endnote_text(record, "periodical/full-title")):
        raw["container-title"] = journal
    for role, path in (("author", "authors"), ("editor", "secondary-authors"), ("translator", "subsidiary-authors")):
        names = record.findall(f"contributors/{path}/author")
        raw[role] = [clean_single_line("".join(each.itertext())) for each in names]
    year, day = endnote_text(record, "dates/year"), endnote_text(record, "dates/pub-dates/date")
    if year or day:
        raw["issued"] = {"told": [day, year], "year": year}
    sort_work_numbers(raw, re.split(r"[\r\n;]+", endnote_text(record, "isbn")))
    if keywords := ["".join(each.itertext()).strip() for each in record.findall("keywords/keyword")]:
        raw["keyword"] = "; ".join(keywords)
    return raw
