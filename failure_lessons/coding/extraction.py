"""From the bytes of a source document to its kind and its text, with the place at which each page begins."""

from __future__ import annotations

import io
import json
import re
import subprocess
import sys
from dataclasses import dataclass, field
from zipfile import BadZipFile

import docx
from docx.document import Document as WordDocument
from docx.oxml.exceptions import InvalidXmlError
from docx.table import Table, _Cell
from docx.text.paragraph import Paragraph
from lxml.etree import LxmlError  # type: ignore[import-untyped]

from failure_lessons.files.archives import Archive, CannotOpen
from failure_lessons.files.decoding import CannotReadFile, decode_by_detection

MOST_TEXT = 5_000_000  # characters kept: some 1,500 pages
PART_LENGTH = 3_000  # characters of a part, where a file has no pages
SECONDS = 60  # for the pages of a PDF
WORD_PART = "word/document.xml"
BAD = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f\ud800-\udfff]")  # what no text of people holds, or the database refuses
OTHER_KINDS = {
    b"\xd0\xcf\x11\xe0": "an old Word file: save it as .docx or PDF",
    b"{\\rtf": "an RTF file: save it as .docx or PDF",
    b"\x1f\x8b": "a compressed file: unpack it first",
    b"\x89PNG": "a picture: recognise its text first (OCR), and attach the PDF",
    b"\xff\xd8\xff": "a picture: recognise its text first (OCR), and attach the PDF",
    b"GIF8": "a picture: recognise its text first (OCR), and attach the PDF",
    b"7z\xbc\xaf": "a compressed file: unpack it first",
    b"Rar!": "a compressed file: unpack it first",
    b"MZ": "a program, and no document",
    b"\x7fELF": "a program, and no document",
}


@dataclass(frozen=True)
class Extracted:
    """What a file holds: `kind` is a code of `SourceDocument.Kind`; `pages` are places in `text`."""

    kind: str
    text: str
    pages: list[int]
    labels: list[str] = field(default_factory=list)


def extract_text(data: bytes) -> Extracted:
    """The text of a PDF, a Word file or plain text, told apart by content alone. Raises `CannotOpen`."""
    if not data.strip():
        raise CannotOpen("The file is empty.")
    if b"%PDF-" in data[:1024]:
        return extracted_from_pages(*pdf_pages(data))
    if data.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return split_into_parts("docx", word_text(data))
    for start, what in OTHER_KINDS.items():
        if data.startswith(start):
            raise CannotOpen(f"This is {what}.")
    return split_into_parts("text", plain_text(data))


def normalize_text(text: str) -> str:
    """The text as it is kept: lines end in LF alone, and each control character or half of a letter is replaced by one
    replacement character. Positions count its code points."""
    return BAD.sub("\ufffd", text.replace("\r\n", "\n").replace("\r", "\n"))


def require_text(text: str, without: str) -> str:
    """The text, unless there is none or too much."""
    if not any(letter.isalnum() for letter in text):
        raise CannotOpen(without)
    if len(text) > MOST_TEXT:
        raise CannotOpen(f"The text has {len(text):,} characters; at most {MOST_TEXT:,} are kept. Attach it in parts.")
    return text


def extracted_from_pages(pages: list[str], labels: list[str]) -> Extracted:
    """A document with pages of its own; each begins after the line end of the one before."""
    texts = [normalize_text(page).rstrip("\n") + "\n" for page in pages]
    scan = (
        "The PDF has no text: it is a scan, a set of pictures. Recognise its text first (OCR, such as with ocrmypdf or "
        "Acrobat) and attach that PDF."
    )
    text = require_text("".join(texts), scan)
    starts, place = [], 0
    for each in texts:
        starts.append(place)
        place += len(each)
    return Extracted("pdf", text, starts, [normalize_text(label)[:20] for label in labels])


def split_into_parts(kind: str, text: str) -> Extracted:
    """A document without pages: by form feeds where it has them, else parts that begin where a line begins."""
    text = require_text(normalize_text(text), "There are no words in the file.")
    if "\f" in text:
        starts = [0, *(found.end() for found in re.finditer("\f", text) if found.end() < len(text))]
        return Extracted(kind, text, starts)
    starts = [0]
    while len(text) - starts[-1] > PART_LENGTH:
        line = text.find("\n", starts[-1] + PART_LENGTH)
        near = 0 < line < starts[-1] + 2 * PART_LENGTH
        start = line + 1 if near else starts[-1] + PART_LENGTH
        if start >= len(text):
            break
        starts.append(start)
    return Extracted(kind, text, starts)


def plain_text(data: bytes) -> str:
    """By its byte order mark, else by what its bytes allow: UTF-8, UTF-16, Windows-1252, Latin-1."""
    try:
        text, _ = decode_by_detection(data)
    except CannotReadFile as refusal:
        raise CannotOpen(str(refusal)) from None
    controls = len(BAD.findall(text[:20_000]))
    if "\0" in text or controls > len(text[:20_000]) // 100:
        raise CannotOpen("This is neither PDF, Word nor plain text: it holds characters that no text has.")
    return text


def word_text(data: bytes) -> str:
    """The paragraphs and tables of a Word file in their order. Headers, footnotes and comments are not among them."""
    archive = Archive(data)
    if WORD_PART not in archive:
        raise CannotOpen("This is an archive, but no Word file (.docx). Attach the document itself.")
    archive.check_xml("the Word file")
    try:
        document: WordDocument = docx.Document(io.BytesIO(data))
        return "\n".join(word_lines(document))
    except (KeyError, ValueError, AttributeError, TypeError, BadZipFile, InvalidXmlError, LxmlError, RecursionError):
        raise CannotOpen("The Word file is damaged: open it in Word and save it again.") from None


def word_lines(container: WordDocument | _Cell) -> list[str]:
    """The text of what a document or a cell holds, paragraph by paragraph; a row of a table is one line."""
    lines = []
    for block in container.iter_inner_content():
        if isinstance(block, Paragraph):
            lines.append(block.text)
        elif isinstance(block, Table):
            for row in block.rows:
                cells = {id(cell._tc): " ".join(word_lines(cell)) for cell in row.cells}  # a merged cell is met once
                lines.append("\t".join(cells.values()))
    return lines


def pdf_pages(data: bytes) -> tuple[list[str], list[str]]:
    """The text of each page and its label, read in a process of its own with little time and memory."""
    try:
        done = subprocess.run(
            [sys.executable, "-m", "failure_lessons.coding.pdf"], input=data, capture_output=True, timeout=SECONDS
        )
        answer = json.loads(done.stdout or b"{}")
    except subprocess.TimeoutExpired:
        raise CannotOpen(f"The PDF could not be read within {SECONDS} seconds: print it to a new PDF.") from None
    except ValueError:
        answer = {}
    if "pages" not in answer:
        raise CannotOpen(answer.get("refused") or "The PDF is damaged and cannot be read: print it to a new PDF.")
    return answer["pages"], answer["labels"]
