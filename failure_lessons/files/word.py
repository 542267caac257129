"""Parts of Word files: styles, links, numbers of pages."""

from __future__ import annotations

from docx.document import Document as Doc
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.oxml.xmlchemy import BaseOxmlElement
from docx.shared import Pt, RGBColor
from docx.text.paragraph import Paragraph

WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"  # the media type


def style_document(document: Doc) -> None:
    """British English, and the house's type."""
    for style in document.styles:
        if style.element.rPr is not None and style.element.rPr.find(qn("w:lang")) is not None:
            style.element.rPr.remove(style.element.rPr.find(qn("w:lang")))
    defaults = document.styles.element.find(f"{qn('w:docDefaults')}/{qn('w:rPrDefault')}/{qn('w:rPr')}")
    for old in defaults.findall(qn("w:lang")):
        defaults.remove(old)
    defaults.append(make_word_element("w:lang", {"w:val": "en-GB", "w:eastAsia": "en-GB", "w:bidi": "ar-SA"}))
    for border in document.styles["Title"].element.iter(qn("w:pBdr")):
        border.getparent().remove(border)
    for name, size, colour in (
        ("Normal", 11, None),
        ("Title", 26, BRAND),
        ("Heading 1", 17, BRAND),
        ("Heading 2", 13, RGBColor(0, 0, 0)),
        ("Heading 3", 11, BRAND),
    ):
        font = document.styles[name].font
        font.name, font.size = "Calibri", Pt(size)
        if colour is not None:
            font.color.rgb = colour
        fonts = document.styles[name].element.get_or_add_rPr().get_or_add_rFonts()
        for theme in ("w:asciiTheme", "w:hAnsiTheme", "w:eastAsiaTheme", "w:cstheme"):
            fonts.attrib.pop(qn(theme), None)


def add_small_print(paragraph: Paragraph, text: str) -> None:
    """Small print."""
    run = paragraph.add_run(text)
    run.font.size, run.font.color.rgb = Pt(9.5), SOFT


def make_word_element(name: str, attributes: dict[str, str]) -> BaseOxmlElement:
    """An element of Word's XML."""
    made = OxmlElement(name)
    for key, value in attributes.items():
        made.set(qn(key), value)
    return made


def add_link(paragraph: Paragraph, text: str, address: str = "", anchor: str = "") -> None:
    """A link to an address, or to a bookmark of this file."""
    if address:
        key = paragraph.part.relate_to(address, RELATIONSHIP_TYPE.HYPERLINK, is_external=True)
        made = make_word_element("w:hyperlink", {"r:id": key})
    else:
        made = make_word_element("w:hyperlink", {"w:anchor": bookmark_name(anchor)})
    run = paragraph.add_run(text)
    run.font.underline = True
    run.font.color.rgb = RGBColor.from_string(LINK_COLOUR)
    made.append(run._r)
    paragraph._p.append(made)


def add_field(paragraph: Paragraph, name: str) -> None:
    """A field that Word fills, such as the number of the page."""
    for kind, text in (("begin", ""), ("", name), ("separate", ""), ("", "1"), ("end", "")):
        run = paragraph.add_run()
        if kind:
            run._r.append(make_word_element("w:fldChar", {"w:fldCharType": kind}))
        elif text == name:
            instruction = make_word_element("w:instrText", {"xml:space": "preserve"})
            instruction.text = f" {text} "
            run._r.append(instruction)
        else:
            run.text = text


BRAND = RGBColor(0x0B, 0x4F, 0x4A)


SOFT = RGBColor(0x47, 0x52, 0x4F)


LINK_COLOUR = "0A5A8A"


def bookmark_name(anchor: str) -> str:
    """An anchor as Word allows it: letters, digits, underscores, at most 40 characters."""
    return anchor.replace("-", "_")[-40:].lstrip("_0123456789") or "here"
