"""From the bytes of a source document to its kind and its text, with the place at which each page begins."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

from failure_lessons.coding.apart import read_apart
from failure_lessons.coding.markup import ReadText
from failure_lessons.coding.office import open_document_text, word_text
from failure_lessons.coding.web_page import is_html, is_web_archive
from failure_lessons.files.archives import Archive, CannotOpen
from failure_lessons.files.decoding import CannotReadFile, decode_by_detection

MOST_TEXT = 5_000_000  # characters kept: some 1,500 pages
PART_LENGTH = 3_000  # characters of a part, where a file has no pages
BAD = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f\ud800-\udfff]")  # what no text of people holds, or the database refuses
OTHER_KINDS = {
    b"\xd0\xcf\x11\xe0": "an old Word file: save it as .docx or PDF",
    b"bplist00": "a web archive of Safari: save the page as PDF",
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
    """What a file holds: `kind` is a code of `SourceDocument.Kind`; `pages` are places in `text`.

    `left_out` says what else it holds, such as “2 comments”.
    """

    kind: str
    text: str
    pages: list[int]
    labels: list[str] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)


def extract_text(data: bytes) -> Extracted:
    """The text of a PDF, a document of Word or LibreOffice, a web page or plain text, told apart by content alone.

    Raises `CannotOpen`.
    """
    if not data.strip():
        raise CannotOpen("The file is empty.")
    if b"%PDF-" in data[:1024]:
        return extracted_from_pages(*pdf_pages(data))
    if data.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return extracted_from_archive(data)
    for start, what in OTHER_KINDS.items():
        if data.startswith(start):
            raise CannotOpen(f"This is {what}.")
    if is_web_archive(data):
        return extracted_from_lines("html", ReadText(**read_apart("web archive", data)))
    if is_html(data):
        return extracted_from_lines("html", ReadText(**read_apart("web page", data)))
    return split_into_parts("text", plain_text(data))


def extracted_from_archive(data: bytes) -> Extracted:
    """Word and OpenDocument files are archives, told apart by what is in them."""
    archive = Archive(data)
    if "content.xml" in archive and "mimetype" in archive:
        if not archive.read("mimetype").startswith(b"application/vnd.oasis.opendocument.text"):
            raise CannotOpen("This is a spreadsheet or presentation of LibreOffice: save it as PDF and attach that.")
        archive.check_xml("the OpenDocument file")
        return extracted_from_lines("odt", open_document_text(archive))
    if not any(name.startswith("word/") for name in archive):
        raise CannotOpen(
            "This is an archive, but no Word file (.docx) or OpenDocument text (.odt). Attach the document itself."
        )
    archive.check_xml("the Word file")
    return extracted_from_lines("docx", word_text(archive))


def extracted_from_lines(kind: str, read: ReadText) -> Extracted:
    """A document without pages, and what was left out of it."""
    return replace(split_into_parts(kind, "\n".join(read.lines)), left_out=read.left_out)


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
    empty = sum(1 for each in texts if not any(letter.isalnum() for letter in each))
    left_out = [f"{empty:,} page{'s' if empty > 1 else ''} without text: empty, or a picture"] if empty else []
    starts, place = [], 0
    for each in texts:
        starts.append(place)
        place += len(each)
    return Extracted("pdf", text, starts, [normalize_text(label)[:20] for label in labels], left_out)


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
        raise CannotOpen(
            "This is neither PDF, Word, OpenDocument, a web page nor plain text: it holds characters that no text has."
        )
    return text


def pdf_pages(data: bytes) -> tuple[list[str], list[str]]:
    """The text of each page of a PDF, and its label."""
    answer = read_apart("PDF", data)
    return answer["pages"], answer["labels"]
