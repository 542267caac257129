"""The words of Word files (.docx) and OpenDocument texts (.odt), as they read when every tracked change is accepted."""

from __future__ import annotations

from failure_lessons.coding.markup import Attributes, Markup, ReadText, WordWriter, WritingLevel, describe_left_out
from failure_lessons.files.archives import Archive, CannotOpen, parse_xml, walk_xml

OFFICE_RELATIONS = "{http://schemas.openxmlformats.org/package/2006/relationships}Relationship"
DELETION = ("tracked deletion", "tracked deletions")
COMMENT = ("comment", "comments")
PICTURE = ("picture", "pictures")
CHART = ("chart", "charts")
DIAGRAM = ("diagram", "diagrams")
EQUATION = (
    "equation, of which only the signs in a row are kept",
    "equations, of which only the signs in a row are kept",
)
EMBEDDED_OBJECT = ("equation or embedded object", "equations or embedded objects")
EMBEDDED = ("part that is another file", "parts that are other files")
HIDDEN_RUN = ("run of hidden text", "runs of hidden text")

DOCX_MARKUP = Markup(
    blocks=frozenset({"p"}),
    rows=frozenset({"tr"}),
    cells=frozenset({"tc"}),
    asides=frozenset({"txbxContent"}),
    literals={
        "tab": "\t",
        "ptab": "\t",
        "br": "\n",
        "cr": "\n",
        "noBreakHyphen": "‑",
        "den": "/",  # what is below the line of a fraction
    },
    left_out={
        "del": DELETION,
        "moveFrom": None,  # stands where it was moved to
        "Fallback": None,  # the same once more, for programs that are older
        "rt": None,  # how a word is pronounced
        "tabs": None,
        "docPartObj": None,
    },
    counted={
        "commentReference": COMMENT,
        "blip": PICTURE,
        "imagedata": PICTURE,
        "chart": CHART,
        "relIds": DIAGRAM,
        "oMath": EQUATION,
        "altChunk": EMBEDDED,
        "subDoc": EMBEDDED,
    },
    text=frozenset({"t"}),
)
ODT_MARKUP = Markup(
    blocks=frozenset({"p", "h", "note-citation"}),
    rows=frozenset({"table-row"}),
    cells=frozenset({"table-cell"}),
    asides=frozenset({"text-box", "custom-shape", "rect", "ellipse", "circle", "polygon", "caption"}),
    notes=frozenset({"note"}),
    literals={"tab": "\t", "line-break": "\n"},
    left_out={
        **dict.fromkeys(("automatic-styles", "font-face-decls", "scripts", "forms", "change-info", "ruby-text")),
        **dict.fromkeys(("desc", "title", "event-listeners", "sequence-decls", "variable-decls")),
        "deletion": DELETION,
        "annotation": COMMENT,
        "binary-data": None,
    },
    counted={"image": PICTURE, "object": EMBEDDED_OBJECT, "object-ole": EMBEDDED_OBJECT},
)


class DocxWriter(WordWriter):
    """Word's XML: which properties of a run, a paragraph mark or a row mean that it is not there for a reader."""

    def __init__(self) -> None:
        super().__init__(DOCX_MARKUP)
        self.note_numbers: dict[tuple[str, str], int] = {}
        self.joins_next = False  # the mark at the end of this paragraph was deleted
        self.row_is_deleted = False
        self.hidden_run = 0
        self.has_body = False

    def is_left_out(self, name: str, attributes: Attributes) -> bool:
        parents = self.names[-4:-1]
        if name in ("del", "moveFrom") and parents[-1:] in (["rPr"], ["trPr"]):
            if parents[-1] == "trPr":
                self.row_is_deleted = True
            elif parents[-2:-1] == ["pPr"]:
                self.joins_next = True
            return False
        return bool(self.hidden_run and name != "rPr") or super().is_left_out(name, attributes)

    def start(self, name: str, attributes: Attributes) -> None:
        if name == "p" and not self.leaving_out and self.joins_next:
            self.joins_next = False
            self.names.append(name)  # goes on in the line of the paragraph before
            return
        super().start(name, attributes)
        if self.leaving_out:
            return
        if name == "body":
            self.has_body = True
        elif name == "tr":
            self.row_is_deleted = False
        elif name == "vanish" and self.names[-3:-1] == ["r", "rPr"] and is_on(attributes):
            self.hidden_run = len(self.names) - 2
            self.count(HIDDEN_RUN)
        elif name in ("footnoteReference", "endnoteReference"):
            key = (name.removesuffix("Reference"), attribute_of(attributes, "id"))
            self.note_numbers.setdefault(key, len(self.note_numbers) + 1)
        elif name == "sym":
            self.levels[-1].open.append(symbol(attribute_of(attributes, "char")))

    def end(self, name: str) -> None:
        if self.hidden_run == len(self.names) and not self.leaving_out:
            self.hidden_run = 0
        if name == "p" and self.joins_next and not self.leaving_out:
            self.names.pop()
            return
        super().end(name)

    def end_row(self) -> None:
        if self.row_is_deleted and self.row_cells:
            self.row_cells[-1] = []
            self.count(DELETION)
        self.row_is_deleted = False
        super().end_row()


class NoteWriter(WordWriter):
    """Footnotes or endnotes of a Word file: the lines of each, by its identifier."""

    def __init__(self, kind: str) -> None:
        super().__init__(DOCX_MARKUP)
        self.kind = kind
        self.found: dict[tuple[str, str], str] = {}
        self.key = ("", "")

    def start(self, name: str, attributes: Attributes) -> None:
        super().start(name, attributes)
        if name == self.kind and attribute_of(attributes, "type") in ("", "normal"):
            self.key = (self.kind, attribute_of(attributes, "id"))
            self.levels[-1] = WritingLevel("body", 0)

    def end(self, name: str) -> None:
        super().end(name)
        if name == self.kind and self.key[0]:
            self.found[self.key] = " ".join(self.levels[-1].lines)
            self.key = ("", "")


class OpenDocumentWriter(WordWriter):
    """OpenDocument: blanks are counted in an element of their own."""

    def __init__(self) -> None:
        super().__init__(ODT_MARKUP)

    def start(self, name: str, attributes: Attributes) -> None:
        super().start(name, attributes)
        if name == "s" and not self.leaving_out:
            count = attribute_of(attributes, "c")
            blanks = min(int(count), 100) if count.isdecimal() and count.isascii() and len(count) < 9 else 1
            self.levels[-1].open.append(" " * blanks)


def attribute_of(attributes: Attributes, name: str) -> str:
    """An attribute, whatever its prefix."""
    return next((value for key, value in attributes.items() if key.rpartition(":")[2] == name), "")


def is_on(attributes: Attributes) -> bool:
    """Whether a property that may be switched off is on."""
    return attribute_of(attributes, "val") not in ("0", "false", "off")


def symbol(code: str) -> str:
    """The character of a symbol; nothing where only a certain font knows it."""
    try:
        letter = chr(int(code, 16))
    except (ValueError, OverflowError):
        return ""
    return letter if letter.isprintable() and not "\ue000" <= letter <= "\uf8ff" else ""


def write_part(archive: Archive, name: str, writer: WordWriter, what: str) -> None:
    """Let a writer take a part of an archive."""
    walk_xml(archive.read(name), what, writer.start, writer.end, writer.write)


def find_main_part(archive: Archive) -> str:
    """Where the document itself is in a Word file; some programs call it other than Word does."""
    if "_rels/.rels" in archive:
        for each in parse_xml(archive.read("_rels/.rels"), "The Word file").iter(OFFICE_RELATIONS):
            target = each.get("Target", "").lstrip("/")
            if each.get("Type", "").endswith("/officeDocument") and target in archive and target.endswith(".xml"):
                return target
    if (usual := "word/document.xml") in archive:
        return usual
    raise CannotOpen("This is no Word file: its text is missing. Open it in Word and save it again.")


def holds_words(archive: Archive, name: str) -> bool:
    """Whether a header or a footer says anything."""
    writer = WordWriter(DOCX_MARKUP)
    write_part(archive, name, writer, "the Word file")
    return bool(writer.lines())


def word_text(archive: Archive) -> ReadText:
    """The words of a Word file: paragraphs, tables and text boxes in their order, then its notes with their numbers."""
    main = find_main_part(archive)
    body = DocxWriter()
    write_part(archive, main, body, "the Word file")
    if not body.has_body:
        raise CannotOpen("The Word file is damaged: open it in Word and save it again.")
    notes: dict[tuple[str, str], str] = {}
    folder = main.rpartition("/")[0]
    for kind in ("footnote", "endnote"):
        if (name := f"{folder}/{kind}s.xml".lstrip("/")) in archive:
            writer = NoteWriter(kind)
            write_part(archive, name, writer, "the Word file")
            notes |= writer.found
    lines = body.lines()
    for key, number in body.note_numbers.items():
        if words := notes.get(key, "").strip():
            lines.append(f"{number} {words}")
    left_out = describe_left_out(body.left_out)
    margins = [name for name in archive if name.startswith((f"{folder}/header", f"{folder}/footer"))]
    if any(holds_words(archive, name) for name in margins if name.endswith(".xml")):
        left_out.append("headers and footers")
    return ReadText(lines, left_out)


def open_document_text(archive: Archive) -> ReadText:
    """The words of an OpenDocument text in their order, then its notes with their numbers."""
    writer = OpenDocumentWriter()
    write_part(archive, "content.xml", writer, "the OpenDocument file")
    return ReadText(writer.lines(), describe_left_out(writer.left_out))
