"""Parts of PowerPoint files: a wide deck with real titles, text in British English, pictures that are described."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Iterable

from pptx import Presentation
from pptx.dml.color import RGBColor
from pptx.enum.text import PP_ALIGN
from pptx.presentation import Presentation as Deck
from pptx.slide import Slide
from pptx.text.text import TextFrame
from pptx.util import Cm, Length, Pt

SLIDES = "application/vnd.openxmlformats-officedocument.presentationml.presentation"  # the media type
TITLE_COLOUR, SMALL_PRINT_COLOUR = (RGBColor.from_string(colour) for colour in ("0B4F4A", "47524F"))  # type: ignore[no-untyped-call]
SLIDE_WIDTH, SLIDE_HEIGHT, EDGE = Cm(33.867), Cm(19.05), Cm(1.5)  # 16 : 9
TITLE_ONLY = 5  # the layout of python-pptx's own template that has a title and nothing else


def new_deck(title: str, made: dt.datetime, author: str) -> Deck:
    """A deck without slides."""
    deck = Presentation()
    deck.slide_width, deck.slide_height = SLIDE_WIDTH, SLIDE_HEIGHT
    told = deck.core_properties
    told.title, told.author, told.language, told.last_modified_by = title[:255], author, "en-GB", ""
    told.created = told.modified = made
    return deck


def save_deck(deck: Deck) -> bytes:
    """The file."""
    out = io.BytesIO()
    deck.save(out)
    return out.getvalue()


def add_slide(deck: Deck, title: str, size: int = 28) -> Slide:
    """A slide with a title across its head."""
    slide: Slide = deck.slides.add_slide(deck.slide_layouts[TITLE_ONLY])
    head = slide.shapes.title
    if head is None:
        raise TypeError("python-pptx's layout “Title Only” has lost its title.")
    head.left, head.top, head.width, head.height = EDGE, Cm(0.9), Length(SLIDE_WIDTH - 2 * EDGE), Cm(2.4)
    head.text_frame.word_wrap = True
    fill_paragraph(head.text_frame, [(title, True)], size, first=True)
    for run in head.text_frame.paragraphs[0].runs:
        run.font.color.rgb = TITLE_COLOUR
    head.text_frame.paragraphs[0].alignment = PP_ALIGN.LEFT
    return slide


def add_text_box(slide: Slide, left: int, top: int, width: int, height: int) -> TextFrame:
    """An empty box of text whose lines wrap."""
    frame: TextFrame = slide.shapes.add_textbox(Length(left), Length(top), Length(width), Length(height)).text_frame
    frame.word_wrap = True
    return frame


def fill_paragraph(
    frame: TextFrame, runs: Iterable[tuple[str, bool]], size: float, *, first: bool = False, soft: bool = False
) -> None:
    """A paragraph of runs, each bold or not."""
    paragraph = frame.paragraphs[0] if first else frame.add_paragraph()  # type: ignore[no-untyped-call]
    paragraph.space_after = Pt(size / 3)
    for text, bold in runs:
        run = paragraph.add_run()
        run.text = text
        run.font.size, run.font.bold, run.font.name = Pt(size), bold, "Calibri"
        run._r.get_or_add_rPr().set("lang", "en-GB")
        if soft:
            run.font.color.rgb = SMALL_PRINT_COLOUR


def add_picture(slide: Slide, png: bytes, left: int, top: int, width: int, description: str) -> None:
    """A picture with its description."""
    picture = slide.shapes.add_picture(io.BytesIO(png), Length(left), Length(top), width=Length(width))
    picture._element._nvXxPr.cNvPr.set("descr", description)
