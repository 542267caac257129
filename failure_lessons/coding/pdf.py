"""The text of a PDF, page by page."""

from __future__ import annotations

import re

from pypdfium2 import PdfDocument, PdfiumError  # type: ignore[import-untyped]
from pypdfium2.raw import FPDF_ERR_PASSWORD  # type: ignore[import-untyped]

MOST_PAGES = 3_000
LOCKED = "The PDF is locked with a password: save it without one and attach that."
PDFIUM_HYPHEN = "\ufffe"  # what PDFium writes for the hyphen and the line end within a word
# What fonts of TeX have where others have control characters (its encodings OT1 and T1), and do not say what it is
TEX_CHARACTERS = {
    **dict(zip(range(0x1B, 0x20), ("ff", "fi", "fl", "ffi", "ffl"), strict=True)),
    **{0x0B: "ff", 0x0C: "fi", 0x0E: "ffi", 0x0F: "ffl", 0x10: "“", 0x11: "”", 0x15: "–", 0x16: "—"},
}
LONE_RETURN = re.compile("\r(?!\n)")  # “fl” in OT1; a line ends with both characters


def read_pdf(data: bytes) -> dict[str, object]:
    """`pages` and `labels`, or the reason why not in `refused`."""
    try:
        document = PdfDocument(data)
    except PdfiumError as error:
        return {"refused": LOCKED} if error.err_code == FPDF_ERR_PASSWORD else {}
    if len(document) > MOST_PAGES:
        return {"refused": f"The PDF has more than {MOST_PAGES:,} pages: attach it in parts."}
    pages = [page_text(document, number) for number in range(len(document))]
    labels = [document.get_page_label(number) for number in range(len(document))]
    return {"pages": pages, "labels": labels if all(labels) else []}


def page_text(document: PdfDocument, number: int) -> str:
    """The words of a page line by line; none of a page that is damaged."""
    page = document[number]
    words = page.get_textpage()
    text: str = LONE_RETURN.sub("fl", words.get_text_range().replace(PDFIUM_HYPHEN, "-\n")).translate(TEX_CHARACTERS)
    words.close()
    page.close()
    return text.replace("\r\n", "\n")
