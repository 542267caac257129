"""Zip archives and XML from outside, opened so that a hostile one does no harm: the refusal is a sentence."""

from __future__ import annotations

import io
import stat
import zipfile
import zlib
from collections.abc import Iterator
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException  # type: ignore[import-untyped]
from defusedxml.ElementTree import fromstring  # type: ignore[import-untyped]

MOST_ENTRIES = 5_000
MOST_UNPACKED = 100_000_000  # bytes of all entries together
MOST_RATIO = 200  # a part may unpack to so many times its size; prose in XML shrinks to a tenth
SMALL_PART_BYTES = 1_000_000  # a part of fewer bytes may repeat itself as it likes
MAX_XML_DEPTH = 60  # elements within elements


class CannotOpen(Exception):
    """The file cannot be opened, or must not be; the message says why and what to do."""


class Archive:
    """A zip archive whose names and sizes were checked. Parts are read by name, and never written anywhere."""

    def __init__(self, data: bytes) -> None:
        try:
            self.zip = zipfile.ZipFile(io.BytesIO(data))
            entries = self.zip.infolist()
        except (zipfile.BadZipFile, ValueError, NotImplementedError, OverflowError, EOFError, UnicodeError):
            raise CannotOpen("The file is a damaged or cut-off archive: export or save it again.") from None
        if len(entries) > MOST_ENTRIES:
            raise CannotOpen(f"The archive has {len(entries):,} parts; at most {MOST_ENTRIES:,} are opened.")
        self.names: dict[str, zipfile.ZipInfo] = {}
        self.left = MOST_UNPACKED
        for entry in entries:
            check_entry(entry)
            if entry.filename in self.names:
                raise CannotOpen(
                    f"The archive holds “{printable_name(entry.filename)}” twice, so nobody can say which is meant."
                )
            self.names[entry.filename] = entry
        if sum(entry.file_size for entry in entries) > MOST_UNPACKED:
            raise CannotOpen(f"The archive would unpack to more than {MOST_UNPACKED // 1_000_000} MB.")

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
                        raise CannotOpen(f"The archive unpacks to more than {MOST_UNPACKED // 1_000_000} MB.")
                    parts.append(part)
        except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError, OSError):
            raise CannotOpen(
                f"The part “{printable_name(name)}” of the archive is damaged: export or save it again."
            ) from None
        return b"".join(parts)


def printable_name(name: str) -> str:
    """A name from outside, safe to show."""
    return "".join(letter if letter.isprintable() else "�" for letter in name)[:80]


def check_entry(entry: zipfile.ZipInfo) -> None:
    """Raises `CannotOpen` when a part of an archive is a trick."""
    name, parts = entry.filename, entry.filename.replace("\\", "/").split("/")
    if name.startswith(("/", "\\")) or ":" in parts[0] or "\\" in name or ".." in parts or "\0" in entry.orig_filename:
        raise CannotOpen(f"The archive holds a part with a path that leads elsewhere: “{printable_name(name)}”.")
    if stat.S_ISLNK(entry.external_attr >> 16):
        raise CannotOpen(f"The archive holds a link in place of a file: “{printable_name(name)}”.")
    if entry.flag_bits & 0x1:
        raise CannotOpen("The archive is locked with a password: save it without one.")
    if entry.file_size > SMALL_PART_BYTES and entry.file_size > MOST_RATIO * max(entry.compress_size, 1):
        raise CannotOpen(
            f"The part “{printable_name(name)}” would unpack to "
            f"{entry.file_size // max(entry.compress_size, 1):,} times its size. "
            "That is how archives are made that fill up a computer, so it is not opened."
        )


def parse_safe_xml(data: bytes, what: str) -> Element:
    """The root of an XML document without DTD, entities or anything from elsewhere."""
    try:
        root: Element = fromstring(data, forbid_dtd=True)
    except DefusedXmlException:
        raise CannotOpen(
            f"{what} declares a document type or entities. Files of this kind need none: refused."
        ) from None
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
