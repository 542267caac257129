"""Zip archives and XML from outside, opened so that a hostile one does no harm: the refusal is a sentence.

Workbooks, Word files and REFI-QDA projects all come through here. Names, number and sizes of the parts are checked
before anything is read; parts are counted as they come, whatever the archive says of them, and never written anywhere;
XML may declare neither entities nor a document type. What a reader asks for besides are its own limits.
"""

from __future__ import annotations

import io
import stat
import zipfile
import zlib
from collections.abc import Callable, Iterator
from xml.etree.ElementTree import Element, ParseError
from xml.parsers import expat

from defusedxml.common import DefusedXmlException  # type: ignore[import-untyped]
from defusedxml.ElementTree import fromstring  # type: ignore[import-untyped]

MOST_PARTS = 5_000
MOST_UNPACKED = 100_000_000  # bytes of all parts together
MOST_RATIO = 200  # a part may unpack to so many times its size; prose in XML shrinks to a tenth
SMALL_PART_BYTES = 1_000_000  # a part of fewer bytes may repeat itself as it likes
MAX_XML_DEPTH = 60  # elements within elements
SAVE_AGAIN = "export or save it again"
DECLARES = "declares entities or a document type. Files of this kind need none: refused."


class CannotOpen(Exception):
    """The file cannot be opened, or must not be; the message says why and what to do."""


class Archive:
    """A zip archive whose names and sizes were checked. Parts are read by name, and never written anywhere."""

    def __init__(self, data: bytes, *, most_parts: int = MOST_PARTS, most_unpacked: int = MOST_UNPACKED) -> None:
        try:
            self.zip = zipfile.ZipFile(io.BytesIO(data))
            entries = self.zip.infolist()
        except (zipfile.BadZipFile, ValueError, NotImplementedError, OverflowError, EOFError, OSError):
            raise CannotOpen(f"The archive is cut off or damaged: {SAVE_AGAIN}.") from None
        if len(entries) > most_parts:
            raise CannotOpen(f"The archive has {len(entries):,} parts; at most {most_parts:,} are opened.")
        self.too_large = f"Unpacked, the archive has more than {most_unpacked // 1_000_000} MB."
        if sum(entry.file_size for entry in entries) > most_unpacked:
            raise CannotOpen(self.too_large)
        self.left = most_unpacked
        self.names: dict[str, zipfile.ZipInfo] = {}
        for entry in entries:
            check_entry(entry)
            if entry.filename in self.names:
                raise CannotOpen(
                    f"The archive holds “{show_name(entry.filename)}” twice, so nobody can say which is meant."
                )
            self.names[entry.filename] = entry

    def __contains__(self, name: str) -> bool:
        return name in self.names

    def __iter__(self) -> Iterator[str]:
        return iter(self.names)

    def read(self, name: str) -> bytes:
        """The bytes of a part; counted as they come, whatever the archive says of its size."""
        parts = []
        try:
            with self.zip.open(self.names[name]) as source:
                while part := source.read(65_536):
                    self.left -= len(part)
                    if self.left < 0:
                        raise CannotOpen(self.too_large)
                    parts.append(part)
        except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError, OSError):
            raise CannotOpen(f"The part “{show_name(name)}” of the archive is damaged: {SAVE_AGAIN}.") from None
        return b"".join(parts)

    def check_xml(self, what: str) -> None:
        """Refuse the archive when any XML in it is hostile: for readers that open all its parts by themselves."""
        for name in self:
            if name.lower().endswith((".xml", ".rels")):
                parse_xml(self.read(name), f"The part “{show_name(name)}” of {what}")


def show_name(name: str) -> str:
    """A name from outside, safe to show."""
    return "".join(letter if letter.isprintable() else "�" for letter in name)[:80]


def check_entry(entry: zipfile.ZipInfo) -> None:
    """Raises `CannotOpen` when a part of an archive is a trick."""
    name, parts = entry.filename, entry.filename.replace("\\", "/").split("/")
    if name.startswith(("/", "\\")) or ":" in parts[0] or "\\" in name or ".." in parts or "\0" in entry.orig_filename:
        raise CannotOpen(f"A part of the archive would lead out of it: “{show_name(name)}” leads elsewhere.")
    if stat.S_ISLNK(entry.external_attr >> 16):
        raise CannotOpen(f"The archive holds a link in place of a file: “{show_name(name)}”.")
    if entry.flag_bits & 0x1:
        raise CannotOpen("The archive is locked with a password: save it without one.")
    if entry.file_size > SMALL_PART_BYTES and entry.file_size > MOST_RATIO * max(entry.compress_size, 1):
        times = entry.file_size // max(entry.compress_size, 1)
        raise CannotOpen(
            f"The part “{show_name(name)}” would unpack to {times:,} times its size. That is how archives are made "
            "that fill up a computer, so it is not opened."
        )


def parse_xml(data: bytes, what: str) -> Element:
    """The root of an XML document without DTD, entities or anything from elsewhere."""
    try:
        root: Element = fromstring(data, forbid_dtd=True)
    except DefusedXmlException:
        raise CannotOpen(f"{what} {DECLARES}") from None
    except ParseError as error:
        line = getattr(error, "position", (0, 0))[0]
        raise CannotOpen(
            f"{what} is no well-formed XML (line {line}): it is cut off, or not in the character set it declares. "
            "Export it again."
        ) from None
    except (ValueError, LookupError, RecursionError):
        raise CannotOpen(f"{what} is in a character set that cannot be read: export it in UTF-8.") from None
    level, depth = [root], 0
    while level:
        depth += 1
        if depth > MAX_XML_DEPTH:
            raise CannotOpen(f"{what} has elements within elements more than {MAX_XML_DEPTH} deep.")
        level = [child for each in level for child in each]
    return root


def walk_xml(
    data: bytes,
    what: str,
    start: Callable[[str, dict[str, str]], None],
    end: Callable[[str], None] | None = None,
    text: Callable[[str], None] | None = None,
) -> None:
    """Walk through XML that is too long for a tree, names without their prefix. As strict as `parse_xml`."""
    if b"\0" in data:
        raise CannotOpen(f"{what} is not in UTF-8: {SAVE_AGAIN}.")
    parser = expat.ParserCreate()
    depth = 0

    def refuse(*_: object) -> None:
        raise CannotOpen(f"{what} {DECLARES}")

    def enter(name: str, attributes: dict[str, str]) -> None:
        nonlocal depth
        depth += 1
        if depth > MAX_XML_DEPTH:
            raise CannotOpen(f"{what} has elements within elements more than {MAX_XML_DEPTH} deep.")
        start(name.rpartition(":")[2], attributes)

    def leave(name: str) -> None:
        nonlocal depth
        depth -= 1
        if end is not None:
            end(name.rpartition(":")[2])

    parser.StartDoctypeDeclHandler = refuse
    parser.StartElementHandler = enter
    parser.EndElementHandler = leave
    if text is not None:
        parser.CharacterDataHandler = text
    try:
        parser.Parse(data, True)
    except expat.ExpatError as error:
        raise CannotOpen(f"{what} is damaged ({error}): {SAVE_AGAIN}.") from None
    except (LookupError, ValueError):
        raise CannotOpen(f"{what} is in a character set that cannot be read: {SAVE_AGAIN}.") from None
