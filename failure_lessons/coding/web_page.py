"""The words of a saved web page: HTML, or the web archive of browsers (MHTML)."""

from __future__ import annotations

import email
import email.policy
import re
from email.message import EmailMessage

from bs4.dammit import EncodingDetector
from lxml import etree  # type: ignore[import-untyped]

from failure_lessons.coding.markup import Attributes, Markup, ReadText, WordWriter, describe_left_out
from failure_lessons.coding.office import PICTURE
from failure_lessons.files.archives import CannotOpen
from failure_lessons.files.decoding import CannotReadFile, decode_by_detection

MOST_HEADERS = 2_000  # bytes at the start of a web archive that say what it is
IS_ARCHIVE = re.compile(rb"^content-type:\s*multipart/related", re.IGNORECASE | re.MULTILINE)
IS_HTML = re.compile(rb"<(?:!doctype\s+html|html|head|body)\b", re.IGNORECASE)
NOT_SHOWN = re.compile(r"display\s*:\s*none|mso-hide\s*:\s*all", re.IGNORECASE)
FRAME = ("frame with another page", "frames with other pages")
DELETED = ("deleted passage", "deleted passages")
FIELD = ("field of a form", "fields of forms")
HTML = Markup(
    blocks=frozenset(
        {
            "address",
            "article",
            "aside",
            "blockquote",
            "body",
            "caption",
            "center",
            "dd",
            "details",
            "dialog",
            "dir",
            "div",
        }
        | {
            "dl",
            "dt",
            "fieldset",
            "figcaption",
            "figure",
            "footer",
            "form",
            "h1",
            "h2",
            "h3",
            "h4",
            "h5",
            "h6",
            "header",
        }
        | {"hgroup", "hr", "legend", "li", "main", "menu", "nav", "ol", "optgroup", "option", "p", "pre", "search"}
        | {"section", "summary", "table", "tbody", "tfoot", "thead", "ul"}
    ),
    rows=frozenset({"tr"}),
    cells=frozenset({"td", "th"}),
    literals={"br": "\n", "wbr": "\u200b"},
    left_out={
        **dict.fromkeys(("head", "script", "style", "template", "noscript", "rp", "rt")),
        **dict.fromkeys(("svg", "canvas", "object", "embed", "audio", "video")),
        "iframe": FRAME,
        "frame": FRAME,
        "del": DELETED,
        "input": FIELD,
        "select": FIELD,
        "textarea": FIELD,
    },
    counted={"img": PICTURE},
    preformatted=frozenset({"pre"}),
)


class HtmlWriter(WordWriter):
    """Takes what the parser of lxml finds, which closes each element that it opens."""

    def __init__(self) -> None:
        super().__init__(HTML)

    def is_left_out(self, name: str, attributes: Attributes) -> bool:
        hidden = "hidden" in attributes or NOT_SHOWN.search(attributes.get("style", ""))
        return bool(hidden) or super().is_left_out(name, attributes)

    def data(self, text: str) -> None:
        """What the parser calls characters."""
        self.write(text)

    def close(self) -> list[str]:
        """What the parser answers with."""
        return self.lines()


def is_html(data: bytes) -> bool:
    """Whether this is HTML, by its first elements."""
    return IS_HTML.search(data[:MOST_HEADERS]) is not None


def is_web_archive(data: bytes) -> bool:
    """Whether this is the one file in which browsers keep a page with its pictures."""
    return IS_ARCHIVE.search(data[:MOST_HEADERS]) is not None


def html_text(data: bytes, charset: str = "") -> ReadText:
    """The words of a page as a browser shows them, line by line."""
    declared = charset or EncodingDetector.find_declared_encoding(data, is_html=True, search_entire_document=False)
    text = None
    if declared and not data.startswith((b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")):
        try:
            text = data.decode(declared)
        except (LookupError, ValueError):
            text = None  # declared wrongly, as pages often are
    if text is None:
        try:
            text, _ = decode_by_detection(data)
        except CannotReadFile as refusal:
            raise CannotOpen(str(refusal)) from None
    writer = HtmlWriter()
    try:
        # the parser refuses halves of letters, and stops at NUL
        clean = text.replace("\0", "\ufffd").encode("utf-8", "replace")
        lines = etree.HTML(clean, etree.HTMLParser(target=writer, encoding="utf-8", huge_tree=True))
    except etree.LxmlError:
        raise CannotOpen("The web page is damaged: open it in a browser, and save it again.") from None
    return ReadText(lines or [], describe_left_out(writer.left_out))


def web_archive_text(data: bytes) -> ReadText:
    """The words of the page that a web archive holds."""
    try:
        parts = list(email.message_from_bytes(data, policy=email.policy.default).walk())
    except RecursionError:
        raise CannotOpen("This web archive holds archives within archives: save the page as HTML or PDF.") from None
    for part in parts:
        if isinstance(part, EmailMessage) and part.get_content_type() in ("text/html", "application/xhtml+xml"):
            page = part.get_payload(decode=True)
            if isinstance(page, bytes):
                return html_text(page, part.get_content_charset() or "")
    raise CannotOpen("This web archive holds no page: open it in a browser, and save the page as HTML or PDF.")
