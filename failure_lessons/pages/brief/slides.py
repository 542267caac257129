"""A brief as slides: one for each record, with the whole of its reasons in the speaker's notes."""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from pptx.presentation import Presentation as Deck
from pptx.util import Cm

from failure_lessons.files.qr import qr_png
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
from failure_lessons.pages.brief.parts import Brief, BriefItem
from failure_lessons.validators.text import clean_texts

COLUMN = Cm(15)
SMALL, NORMAL = 16, 18  # points
LONG_FRONT = 900  # letters of a slide from which its type is small


def make_slides(made: Brief) -> bytes:
    """The file: what the brief is about, then a slide for each record."""
    made = clean_texts(made)
    deck = new_deck(made.title, dt.datetime.combine(made.day, dt.time(12)), settings.SITE.name)
    add_opening(deck, made)
    for item in made.items:
        add_record(deck, item, made)
    return save_deck(deck)


def add_opening(deck: Deck, made: Brief) -> None:
    """The first slide: title, records, address."""
    slide = add_slide(deck, made.title, 36)
    frame = add_text_box(slide, EDGE, Cm(4), Cm(24), Cm(12))
    fill_paragraph(frame, [(f"Brief from {settings.SITE.name}, {made.made_on}", False)], NORMAL, first=True, soft=True)
    for text in made.note:
        fill_paragraph(frame, [(text, False)], NORMAL)
    for item in made.items:
        fill_paragraph(frame, [(f"{item.name}, edition {item.number}: ", True), (item.title, False)], NORMAL)
    fill_paragraph(frame, [(made.honesty_in_short, False)], SMALL, soft=True)
    right = SLIDE_WIDTH - EDGE - Cm(5)
    add_picture(slide, qr_png(made.short_address), right, Cm(4), Cm(5), f"QR code: {made.short_address}")
    frame = add_text_box(slide, SLIDE_WIDTH - EDGE - Cm(6), Cm(9.2), Cm(6), Cm(2))
    fill_paragraph(frame, [(made.short_address, False)], 12, first=True)


def add_record(deck: Deck, item: BriefItem, made: Brief) -> None:
    """One record: what to do on the left, how sure and what speaks against it on the right."""
    front = item.front
    slide = add_slide(deck, front.action or item.title, 26)
    if item.withdrawn:
        frame = add_text_box(slide, EDGE, Cm(4), SLIDE_WIDTH - 2 * EDGE, Cm(10))
        fill_paragraph(frame, [(item.withdrawn, False)], NORMAL, first=True)
        return
    told = [*front.facts, *front.points, *(("", step) for step in front.steps)]
    size = SMALL if sum(len(text) for _, text in told) > LONG_FRONT else NORMAL
    left = add_text_box(slide, EDGE, Cm(3.8), COLUMN, Cm(12.5))
    lead = f"{item.name}, edition {item.number}"
    fill_paragraph(left, [(f"{lead}. {front.question}".rstrip(". "), False)], size, first=True, soft=True)
    for name, value in front.facts:
        fill_paragraph(left, [(f"{name}: ", True), (value, False)], size)
    for place, step in enumerate(front.steps, start=1):
        fill_paragraph(left, [(f"{place}. {step}", False)], size)
    right = add_text_box(slide, SLIDE_WIDTH - EDGE - COLUMN, Cm(3.8), COLUMN, Cm(12.5))
    for place, (name, value) in enumerate(front.points):
        fill_paragraph(right, [(f"{name}: ", True), (value, False)], size, first=not place)
    foot = add_text_box(slide, EDGE, Cm(17.2), SLIDE_WIDTH - 2 * EDGE, Cm(1.2))
    fill_paragraph(foot, [(f"{settings.SITE.name}, {made.site}{item.page}", False)], 12, first=True, soft=True)
    notes = [f"{part.heading}\n" + "\n".join(part.texts) for part in item.parts]
    if spoken := slide.notes_slide.notes_text_frame:
        spoken.text = "\n\n".join([item.what, *notes])
