"""A workbook is an archive made elsewhere: what reads its cells is given a copy of the few parts it needs, measured.

Both exceptions say why it was refused: `CannotOpen` is about the archive, `CannotReadFile` about the sheet.
"""

from __future__ import annotations

import io
import posixpath
import re
import zipfile
from collections import Counter
from dataclasses import dataclass, field

from failure_lessons.files.archives import Archive, walk_xml
from failure_lessons.files.decoding import CannotReadFile

MAX_UNPACKED_SIZE = 150_000_000  # bytes: of all parts, and of all text in cells
MAX_WORKBOOK_PARTS = 2_000
MAX_SHEET_ROWS = 20_000  # rows
MAX_SHEET_COLUMNS = 200  # columns
BOOK = "xl/workbook.xml"
LINKS = "xl/_rels/workbook.xml.rels"
STRINGS = "xl/sharedStrings.xml"
KEPT_WORKBOOK_PARTS = {"[Content_Types].xml", "_rels/.rels", BOOK, LINKS, STRINGS, "xl/styles.xml"}
SAVE_AGAIN = "Open it in Excel and save it again as .xlsx, without a password."


@dataclass
class Sheet:
    """What has to be known of a sheet before its cells are laid out."""

    formulas: list[tuple[int, str]] = field(default_factory=list)  # row, name of the cell
    merged: list[str] = field(default_factory=list)
    shared: Counter[str] = field(default_factory=Counter)  # how often each shared text is used


def open_workbook(data: bytes) -> tuple[bytes, Sheet]:
    """A small archive with the first sheet, and what was seen of it. Raises `CannotOpen` or `CannotReadFile`."""
    parts = read_parts(data)
    name = find_first_sheet(parts)
    sheet = survey_sheet(parts[name])
    if count_shared_text(parts.get(STRINGS, b""), sheet.shared) > MAX_UNPACKED_SIZE:
        raise CannotReadFile("One text stands in so many cells that they cannot be held. Hand in the list in parts.")
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:  # sizes that were declared wrongly end here
        for each in (*KEPT_WORKBOOK_PARTS & parts.keys(), name):
            archive.writestr(each, parts[each])
    return packed.getvalue(), sheet


def read_parts(data: bytes) -> dict[str, bytes]:
    """The parts of a workbook that may be needed."""
    archive = Archive(data, most_parts=MAX_WORKBOOK_PARTS, most_unpacked=MAX_UNPACKED_SIZE)
    sheets = re.compile(r"xl/worksheets/[^/]+\.xml", re.IGNORECASE)
    parts = {name: archive.read(name) for name in archive if name in KEPT_WORKBOOK_PARTS or sheets.fullmatch(name)}
    if BOOK not in parts or LINKS not in parts:
        raise CannotReadFile("This is an archive, but not an Excel workbook. Save the sheet as .xlsx or .csv.")
    return parts


def find_first_sheet(parts: dict[str, bytes]) -> str:
    """The part that holds the first sheet."""
    wanted: list[str] = []
    targets: dict[str, str] = {}

    def in_book(name: str, attributes: dict[str, str]) -> None:
        if name == "sheet":
            wanted.extend(value for key, value in attributes.items() if key.rpartition(":")[2] == "id" and ":" in key)

    def in_links(name: str, attributes: dict[str, str]) -> None:
        if name == "Relationship":
            targets[attributes.get("Id", "")] = attributes.get("Target", "")

    walk_xml(parts[BOOK], "The workbook", in_book)
    walk_xml(parts[LINKS], "The workbook", in_links)
    target = targets.get(wanted[0], "") if wanted else ""
    path = target.lstrip("/") if target.startswith("/") else posixpath.normpath(posixpath.join("xl", target))
    if path not in parts:
        raise CannotReadFile(f"The workbook has no first sheet with cells. {SAVE_AGAIN}")
    return path


def survey_sheet(content: bytes) -> Sheet:
    """Walk through a sheet. One cell in a far corner would fill the memory: it is refused before it is laid out."""
    sheet = Sheet()
    place = {"row": 0, "column": 0}
    kind = ""
    inside = False
    words: list[str] = []

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal kind, inside
        if name == "row":
            place["row"], place["column"] = parse_number(attributes.get("r", ""), place["row"] + 1), 0
        elif name == "c":
            at = re.fullmatch(r"([A-Za-z]{1,7})(\d{1,9})", attributes.get("r", ""))
            place["column"] = column_number(at[1]) if at else place["column"] + 1
            place["row"] = int(at[2]) if at else place["row"]
            kind = attributes.get("t", "")
        elif name in ("v", "is", "f"):
            refuse_far_cell(place["row"], place["column"])
            if name == "f":
                sheet.formulas.append((place["row"], f"{column_letters(place['column'])}{place['row']}"))
            inside = name == "v" and kind == "s"
            words.clear()
        elif name == "mergeCell":
            sheet.merged.append(attributes.get("ref", "")[:20])

    def end(name: str) -> None:
        nonlocal inside
        if name == "v" and inside:
            sheet.shared["".join(words).strip()] += 1
            inside = False

    walk_xml(content, "The sheet", start, end, lambda text: words.append(text) if inside else None)
    return sheet


def parse_number(text: str, otherwise: int) -> int:
    """A number that was written, or another."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else otherwise


def refuse_far_cell(row: int, column: int) -> None:
    """Refuse what is too far down or too far right."""
    if row > MAX_SHEET_ROWS + 1:
        raise CannotReadFile(
            f"There is something in row {row:,}. At most {MAX_SHEET_ROWS:,} rows are read: hand in the list in parts."
        )
    if column > MAX_SHEET_COLUMNS:
        raise CannotReadFile(
            f"There is something in column {column_letters(column)}. At most {MAX_SHEET_COLUMNS} columns are "
            "read: remove it."
        )


def column_number(column: str) -> int:
    """A as 1, Z as 26, AA as 27."""
    number = 0
    for letter in column.upper():
        number = number * 26 + ord(letter) - 64
    return number


def column_letters(number: int) -> str:
    """1 as A, 27 as AA."""
    name = ""
    while number > 0:
        number, rest = divmod(number - 1, 26)
        name = chr(65 + rest) + name
    return name


def count_shared_text(strings: bytes, uses: Counter[str]) -> int:
    """How many characters the cells hold that share their texts."""
    total = number = length = 0

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal length
        if name == "si":
            length = 0

    def end(name: str) -> None:
        nonlocal total, number
        if name == "si":
            total += length * uses.get(str(number), 0)
            number += 1

    def text(words: str) -> None:
        nonlocal length
        length += len(words)

    if strings:
        walk_xml(strings, "The list of texts", start, end, text)
    return total
