"""A figure as one slide: title, picture with its description, source, and its table in the speaker's notes."""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from pptx.util import Cm

from failure_lessons.charts.standalone import draw_png, write_drawing
from failure_lessons.charts.taking import TakenFigure
from failure_lessons.files.slides import (
    EDGE,
    SLIDE_WIDTH,
    add_picture,
    add_slide,
    add_text_box,
    fill_paragraph,
    new_deck,
    save_deck,
)
from failure_lessons.validators.text import clean_texts

PICTURE_TOP, PICTURE_ROOM = Cm(3.4), Cm(13)
KEY_SIZE, SOURCE_SIZE = 12, 10  # points


def make_slide(taken: TakenFigure) -> bytes:
    """The file."""
    figure = taken.figure
    deck = new_deck(figure.title, dt.datetime.now(), settings.SITE.name)  # noqa: DTZ005  # the file's own clock has no zone
    slide = add_slide(deck, f"{figure.title}: {taken.about[:1].lower()}{taken.about[1:]}", 26)
    width = min(SLIDE_WIDTH - 2 * EDGE, int(PICTURE_ROOM * figure.picture.width / figure.picture.height))
    left = (SLIDE_WIDTH - width) // 2
    add_picture(slide, draw_png(write_drawing(figure)), left, PICTURE_TOP, width, clean_texts(figure.picture.words))
    foot = add_text_box(slide, EDGE, Cm(16.5), SLIDE_WIDTH - 2 * EDGE, Cm(2.2))
    fill_paragraph(foot, [(figure.key, False)], KEY_SIZE, first=True)
    fill_paragraph(foot, [(" ".join(clean_texts(taken.credit)), False)], SOURCE_SIZE, soft=True)
    if spoken := slide.notes_slide.notes_text_frame:
        lines = [
            ", ".join(f"{name}: {cell}" for name, cell in zip(figure.columns, row, strict=True)) for row in figure.rows
        ]
        spoken.text = "\n".join(clean_texts(lines))
    return save_deck(deck)
