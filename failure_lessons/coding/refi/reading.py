"""A REFI-QDA codebook or project, read into plain records. Nothing is written, and what we cannot hold is said.

Positions of the standard count Unicode code points of the plain text file, from 0, the end not included. Our kept
text ends its lines with LF alone, so positions behind a CR LF are moved; `crlf_is_one` is for programs that
count one already.
"""

from __future__ import annotations

import datetime as dt
import re
import uuid
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.etree.ElementTree import Element

from django.utils import timezone
from django.utils.dateparse import parse_datetime

from failure_lessons.coding.extraction import MOST_TEXT, normalize_text
from failure_lessons.files.archives import Archive, CannotOpen, parse_xml, show_name

CODEBOOK, PROJECT = "urn:QDA-XML:codebook:1.0", "urn:QDA-XML:project:1.0"
MAC_CODEBOOK = "urn:QDA-XML:codebook:1:0"  # as NVivo 12 for Mac writes it
MOST_BYTES = 100_000_000
MOST_CODES, MOST_SELECTIONS = 10_000, 100_000
COLOUR = re.compile(r"#(?:[0-9A-Fa-f]{6}|[0-9A-Fa-f]{3})")
LEFT_OUT = {
    "PictureSource": "a picture",
    "AudioSource": "an audio file",
    "VideoSource": "a video",
}
# What a project may hold beside codes and texts: where it stands, and what one and several are called
BESIDES = {
    ("Notes", "Note"): ("memo", "memos"),
    ("Cases", "Case"): ("case", "cases"),
    ("Variables", "Variable"): ("variable", "variables"),
    ("Sets", "Set"): ("set", "sets"),
    ("CodeBook", "Sets", "Set"): ("set of codes", "sets of codes"),
    ("Links", "Link"): ("link", "links"),
    ("Graphs", "Graph"): ("graph", "graphs"),
}
NAMES_LISTED = 5  # of those that are left out


@dataclass(frozen=True)
class ReadCode:
    """A code, with its place in the hierarchy."""

    guid: uuid.UUID
    name: str
    description: str = ""
    colour: str = ""
    codable: bool = True
    parent: uuid.UUID | None = None


@dataclass(frozen=True)
class ReadCoding:
    """A code put to a selection by somebody."""

    guid: uuid.UUID
    code: uuid.UUID
    coder: str = ""
    at: dt.datetime | None = None


@dataclass(frozen=True)
class ReadSelection:
    """A range of the kept text, with its codings."""

    guid: uuid.UUID
    start: int
    end: int
    note: str = ""
    maker: str = ""
    at: dt.datetime | None = None
    codings: tuple[ReadCoding, ...] = ()


@dataclass(frozen=True)
class ReadSource:
    """A text with what was selected in it."""

    guid: uuid.UUID
    name: str
    text: str
    description: str = ""
    selections: tuple[ReadSelection, ...] = ()


@dataclass
class ReadProject:
    """Everything that could be read; `problems` says what could not, and is left out."""

    name: str = ""
    codes: list[ReadCode] = field(default_factory=list)
    sources: list[ReadSource] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


def read_qda(data: bytes, *, crlf_is_one: bool = False) -> ReadProject:
    """A codebook (.qdc) or a project (.qdpx), told apart by content. Raises `CannotOpen`."""
    if len(data) > MOST_BYTES:
        raise CannotOpen(f"The file has more than {MOST_BYTES // 1_000_000} MB: export the texts and codes alone.")
    if not data.strip():
        raise CannotOpen("The file is empty.")
    if data.startswith(b"PK"):
        return Reader(Archive(data), crlf_is_one).read_project()
    if data.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] != b"<" and not data.startswith((b"\xff\xfe", b"\xfe\xff")):
        if data.lstrip(b"\xef\xbb\xbf").lower().startswith((b"tag,description", b'"tag","description"')):
            raise CannotOpen("This is a codebook of Taguette as a table: export it there as REFI-QDA (.qdc) instead.")
        raise CannotOpen("This is neither a REFI-QDA codebook (.qdc) nor a project (.qdpx).")
    root = parse_xml(data, "The codebook")
    found = ReadProject(name=storable_text(root.get("origin", "")))
    if root.tag == f"{{{PROJECT}}}Project":
        raise CannotOpen("This is the inner file of a project. Hand in the .qdpx file as your program exported it.")
    space = next((each for each in (CODEBOOK, MAC_CODEBOOK) if root.tag == f"{{{each}}}CodeBook"), "")
    if not space:
        raise CannotOpen(f"The file is XML, but no REFI-QDA 1.0 codebook: its root is “{show_name(root.tag)}”.")
    found.codes = list(codes_of(root, space, found.problems))
    if not found.codes:
        raise CannotOpen("The codebook holds no codes.")
    return found


def storable_text(text: str | None) -> str:
    """Text as the database can keep it."""
    return normalize_text(text or "")


def guid_of(element: Element, name: str = "guid") -> uuid.UUID | None:
    """A GUID, with or without braces; None when it is none."""
    written = element.get(name, "").strip().strip("{}")
    if not re.fullmatch(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", written):
        return None
    return uuid.UUID(written)


def read_description(element: Element, space: str) -> str:
    """The description of an element."""
    return storable_text(element.findtext(f"{{{space}}}Description"))


def creation_moment(element: Element) -> dt.datetime | None:
    """When something was made, where the program says so."""
    try:
        found = parse_datetime(element.get("creationDateTime", ""))
    except ValueError:
        return None
    if found is None:
        return None
    return found if timezone.is_aware(found) else found.replace(tzinfo=dt.UTC)


def codes_of(root: Element, space: str, problems: list[str]) -> Iterator[ReadCode]:
    """Every code, parents before children. A faulty one is left out, with what lies below it."""
    top = root.find(f"{{{space}}}Codes")
    waiting: list[tuple[Element, uuid.UUID | None]] = []
    waiting += [(each, None) for each in ([] if top is None else top)][::-1]
    met: set[uuid.UUID] = set()
    while waiting:
        element, parent = waiting.pop()
        if element.tag != f"{{{space}}}Code":
            continue
        guid, name = guid_of(element), storable_text(element.get("name")).strip()
        if guid is None or not name or guid in met:
            why = "no GUID" if guid is None else "no name" if not name else "a GUID that another code has"
            problems.append(f"The code “{show_name(name) or '?'}” has {why}; it is left out with the codes below it.")
            continue
        met.add(guid)
        if len(met) > MOST_CODES:
            raise CannotOpen(f"There are more than {MOST_CODES:,} codes.")
        colour = element.get("color", "")
        yield ReadCode(
            guid,
            name,
            read_description(element, space),
            colour if COLOUR.fullmatch(colour) else "",
            element.get("isCodable", "true").strip().lower() in ("true", "1"),
            parent,
        )
        waiting += [(each, guid) for each in element][::-1]


class Reader:
    """Reads one project."""

    def __init__(self, archive: Archive, crlf_is_one: bool) -> None:
        self.archive = archive
        self.crlf_is_one = crlf_is_one
        self.found = ReadProject()
        self.met: set[uuid.UUID] = set()
        self.codes: set[uuid.UUID] = set()
        self.selections = 0
        inner = [name for name in archive if name.lower().endswith(".qde") and name.count("/") < 2]
        if len(inner) != 1:
            raise CannotOpen("The archive holds no project.qde at its top: it is no REFI-QDA project.")
        folder = inner[0][: inner[0].rfind("/") + 1]  # of a project that was zipped with its folder
        self.root = parse_xml(archive.read(inner[0]), "The project")
        if self.root.tag != f"{{{PROJECT}}}Project":
            raise CannotOpen(f"The project is not REFI-QDA 1.0: its root is “{show_name(self.root.tag)}”.")
        self.parts = {name.removeprefix(folder).lower(): name for name in archive}
        self.users = {
            guid: storable_text(each.get("name") or each.get("id")).strip()[:150]
            for each in self.find_elements(self.root, "Users", "User")
            if (guid := guid_of(each))
        }

    def find_elements(self, element: Element, *path: str) -> list[Element]:
        """The elements at a path of names."""
        return element.findall("/".join(f"{{{PROJECT}}}{name}" for name in path))

    def read_project(self) -> ReadProject:
        """Codes and texts."""
        self.found.name = storable_text(self.root.get("name")).strip()[:200]
        book = self.root.find(f"{{{PROJECT}}}CodeBook")
        if book is not None:
            self.found.codes = list(codes_of(book, PROJECT, self.found.problems))
        self.codes = {code.guid for code in self.found.codes}
        self.met |= self.codes
        top = self.root.find(f"{{{PROJECT}}}Sources")
        for element in [] if top is None else top:
            tag, name = element.tag.rpartition("}")[2], storable_text(element.get("name")).strip()[:200] or "Unnamed"
            if tag == "TextSource":
                self.take_text(element, element, name)
            elif tag == "PDFSource":
                inside = self.find_elements(element, "Representation")
                if inside:
                    self.take_text(inside[0], element, name)
                boxes = len(self.find_elements(element, "PDFSelection"))
                if boxes or not inside:
                    lost = (
                        f"{boxes} of its selections are areas of a page, without text" if inside else "it has no text"
                    )
                    self.found.problems.append(
                        f"PDF “{show_name(name)}”: {lost}; left out. Attach the PDF and quote from it."
                    )
            elif tag in LEFT_OUT:
                self.take_transcripts(element, name, LEFT_OUT[tag])
        self.found.problems += self.describe_besides()
        if not self.found.codes and not self.found.sources and not self.found.problems:
            raise CannotOpen("The project holds neither codes nor texts.")
        return self.found

    def take_transcripts(self, element: Element, name: str, what: str) -> None:
        """What was said in a recording, with its codings; the recording itself is left out."""
        transcripts = self.find_elements(element, "Transcript")
        for each in transcripts:
            self.take_text(each, each, f"{name}: {storable_text(each.get('name')).strip() or 'transcript'}"[:200])
        kept = "its transcript comes in, " if transcripts else ""
        self.found.problems.append(f"“{show_name(name)}” is {what}: {kept}the rest is left out, for we keep texts.")
        parts = [each for each in element if each.tag.rpartition("}")[2] in ("AudioSelection", "VideoSelection")]
        if parts:
            self.found.problems.append(f"“{show_name(name)}”: {len(parts)} coded parts of the recording are left out.")

    def describe_besides(self) -> Iterator[str]:
        """What the project holds that has no place here, with the first names."""
        for path, (one, many) in BESIDES.items():
            found = self.find_elements(self.root, *path)
            if found:
                named = [f"“{show_name(name)}”" for each in found if (name := storable_text(each.get("name")).strip())]
                more = ", …" if len(named) > NAMES_LISTED else ""
                names = f" ({', '.join(named[:NAMES_LISTED])}{more})" if named else ""
                yield f"{len(found):,} {one if len(found) == 1 else many}{names}: left out, for there is no place here."

    def take_text(self, element: Element, owner: Element, name: str) -> None:
        """One text with its selections."""
        guid = guid_of(element)
        if guid is None or guid in self.met:
            self.found.problems.append(f"The text “{show_name(name)}” has no GUID of its own: left out.")
            return
        self.met.add(guid)
        try:
            raw = self.text_of(element)
        except CannotOpen as refusal:
            self.found.problems.append(f"The text “{show_name(name)}”: {refusal} Left out with its codings.")
            return
        if not any(letter.isalnum() for letter in raw):
            self.found.problems.append(f"The text “{show_name(name)}” is empty: left out.")
            return
        breaks = [] if self.crlf_is_one else [found.start() for found in re.finditer("\r\n", raw)]
        text = normalize_text(raw)
        if self.find_elements(element, "Coding"):
            self.found.problems.append(f"“{show_name(name)}” is coded as a whole: only codings of words are taken in.")
        chosen = []
        for each in self.find_elements(element, "PlainTextSelection"):
            read = self.read_selection(each, text, breaks, name)
            if read is not None:
                chosen.append(read)
        points = {
            guid: each.get("position", "")
            for each in self.find_elements(element, "SyncPoint")
            if (guid := guid_of(each)) is not None
        }
        for each in self.find_elements(element, "TranscriptSelection"):
            start, end = (guid_of(each, name) for name in ("fromSyncPoint", "toSyncPoint"))
            each.set("startPosition", points.get(start, "") if start else "")
            each.set("endPosition", points.get(end, "") if end else str(len(raw)))  # to the end, where none is given
            read = self.read_selection(each, text, breaks, name)
            if read is not None:
                chosen.append(read)
        self.found.sources.append(ReadSource(guid, name, text, read_description(owner, PROJECT), tuple(chosen)))

    def text_of(self, element: Element) -> str:
        """The plain text, from within the project or from its part of the archive."""
        inline = element.find(f"{{{PROJECT}}}PlainTextContent")
        if inline is not None:
            text = inline.text or ""
        else:
            path = element.get("plainTextPath", "")
            inner = path.removeprefix("internal://")
            name = self.parts.get(f"sources/{inner}".lower())
            if name is None and element.get("richTextPath"):
                raise CannotOpen("It is there as a Word file alone, in which codings cannot be found again.")
            if name is None:
                raise CannotOpen("Its plain text is not in the archive. Export the project with its sources.")
            data = self.archive.read(name)
            try:
                utf16 = data.startswith((b"\xff\xfe", b"\xfe\xff"))
                text = data.decode("utf-16" if utf16 else "utf-8-sig")
            except UnicodeDecodeError:
                raise CannotOpen("Its plain text is not UTF-8, as the standard asks.") from None
        if len(text) > MOST_TEXT:
            raise CannotOpen(f"It has more than {MOST_TEXT:,} characters.")
        return text

    def read_selection(self, element: Element, text: str, breaks: list[int], name: str) -> ReadSelection | None:
        """One selection in our positions, or None and a problem."""
        self.selections += 1
        if self.selections > MOST_SELECTIONS:
            raise CannotOpen(f"There are more than {MOST_SELECTIONS:,} coded places.")
        guid, where = guid_of(element), f"A selection in “{show_name(name)}”"
        if guid is None or guid in self.met:
            self.found.problems.append(f"{where} has no GUID of its own: left out.")
            return None
        written = [element.get(each, "") for each in ("startPosition", "endPosition")]
        if not all(each.isascii() and each.isdigit() and len(each) < 10 for each in written):
            self.found.problems.append(f"{where} has no positions: left out.")
            return None
        start, end = (int(each) - bisect_left(breaks, int(each)) for each in written)
        if not start < end <= len(text) or not text[start:end].strip():
            self.found.problems.append(
                f"{where} ({written[0]}–{written[1]}) holds no words of the text, which has {len(text):,} characters: "
                "left out."
            )
            return None
        self.met.add(guid)
        codings = tuple(filter(None, (self.read_coding(each, where) for each in self.find_elements(element, "Coding"))))
        return ReadSelection(
            guid,
            start,
            end,
            read_description(element, PROJECT),
            self.maker_name(element),
            creation_moment(element),
            codings,
        )

    def read_coding(self, element: Element, where: str) -> ReadCoding | None:
        """One coding, or None and a problem."""
        pointer = element.find(f"{{{PROJECT}}}CodeRef")
        guid, code = guid_of(element), None if pointer is None else guid_of(pointer, "targetGUID")
        if guid is None or guid in self.met or code is None or code not in self.codes:
            self.found.problems.append(
                f"{where} is coded with a code that is not in the codebook: that coding is left out."
            )
            return None
        self.met.add(guid)
        return ReadCoding(guid, code, self.maker_name(element), creation_moment(element))

    def maker_name(self, element: Element) -> str:
        """The name of whoever made it, where the program says so."""
        guid = guid_of(element, "creatingUser")
        return self.users.get(guid, "") if guid else ""
