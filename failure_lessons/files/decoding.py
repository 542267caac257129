"""From the bytes of a file to its text, and in which character set it was taken to be written."""

from __future__ import annotations

import codecs
import re

MAX_IMPORT_BYTES = 10_000_000  # bytes
NOT_TEXT = {
    b"PK\x03\x04": "a zip archive, perhaps an Excel or Word file: save it as CSV, or export RIS instead",
    b"%PDF": "a PDF: export RIS or BibTeX from the program or the site where you found it",
    b"\xd0\xcf\x11\xe0": "an old Office file: save it as CSV",
    b"\x1f\x8b": "a compressed file: unpack it first",
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
}
BYTE_ORDER_MARKS = {
    codecs.BOM_UTF8: ("utf-8", "UTF-8"),
    codecs.BOM_UTF16_LE: ("utf-16-le", "UTF-16"),
    codecs.BOM_UTF16_BE: ("utf-16-be", "UTF-16"),
}
DECLARED = re.compile(rb"""\A\s*<\?xml[^>]{0,100}encoding\s*=\s*["']([A-Za-z0-9._-]{1,40})["']""")
TEXTUAL = {"utf-8", "ascii", "iso8859-1", "iso8859-15", "cp1252", "utf-16"}  # what an XML declaration may name


class CannotReadFile(Exception):
    """The file as a whole cannot be read; the message says why and what to do."""


def decode_text_file(data: bytes) -> tuple[str, str]:
    """The text of a file and the name of the character set it was taken for. Raises `CannotReadFile`."""
    if len(data) > MAX_IMPORT_BYTES:
        raise CannotReadFile(
            f"The file has {len(data) / 1e6:.1f} MB. At most {MAX_IMPORT_BYTES // 1_000_000} MB are read at once: "
            "export it in parts."
        )
    for start, kind in NOT_TEXT.items():
        if data.startswith(start):
            raise CannotReadFile(f"This is {kind}.")
    text, name = decode_by_detection(data)
    if "\0" in text:
        raise CannotReadFile("The file holds NUL characters, so it is no text file. Export it again, in UTF-8.")
    if not text.strip():
        raise CannotReadFile("The file is empty.")
    return text.replace("\r\n", "\n").replace("\r", "\n"), name


def decode_by_detection(data: bytes) -> tuple[str, str]:
    """By its mark, else by what it declares, else by what its bytes allow."""
    for mark, (codec, name) in BYTE_ORDER_MARKS.items():
        if data.startswith(mark):
            return decode_or_refuse(data[len(mark) :], codec, name), f"{name}, marked at its start"
    if codec := unmarked_utf16(data):
        return decode_or_refuse(data, codec, "UTF-16"), "UTF-16, by the look of it"
    if declared := DECLARED.match(data):
        name = declared[1].decode()
        try:
            known = codecs.lookup(name).name
        except LookupError:
            known = ""
        if known in TEXTUAL:
            return decode_or_refuse(data, known, name), f"{name}, as the file declares"
    try:
        return data.decode("utf-8"), "UTF-8"
    except UnicodeDecodeError:
        pass
    try:
        return data.decode("cp1252"), "Windows-1252 (assumed: it is not UTF-8)"
    except UnicodeDecodeError:
        return data.decode("latin-1"), "Latin-1 (assumed: it is neither UTF-8 nor Windows-1252)"


def decode_or_refuse(data: bytes, codec: str, name: str) -> str:
    """The text, or the place where it stops being text."""
    try:
        return data.decode(codec)
    except UnicodeDecodeError as error:
        raise CannotReadFile(
            f"The file says that it is {name}, but byte {error.start + 1} is not. It may be cut off: export it again."
        ) from None


def unmarked_utf16(data: bytes) -> str:
    """The byte order of UTF-16 without a mark: in our languages every second byte is then nearly always zero."""
    sample = data[:4000]
    if len(sample) < 8:
        return ""
    for codec, zeros, letters in (("utf-16-le", sample[1::2], sample[::2]), ("utf-16-be", sample[::2], sample[1::2])):
        if zeros.count(0) > 0.7 * len(zeros) and letters.count(0) < 0.05 * len(letters):
            return codec
    return ""
