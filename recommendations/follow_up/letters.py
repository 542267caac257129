"""The letter by which a body is asked: made from the published edition, to a post and never to a person."""

from __future__ import annotations

import datetime as dt
import io
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

import orjson
import typst
from django.conf import settings
from django.utils.formats import date_format
from docx import Document

from failure_lessons.files.word import add_link, add_small_print, style_document

LETTER_TEMPLATE = Path(__file__).with_name("letter.typ").read_bytes()
LETTER_COMPILER = typst.Compiler()
LETTER_TURN = Lock()


@dataclass(frozen=True)
class Letter:
    """What a letter says. `number` is 1 for the asking, 2 for the first reminder."""

    number: int
    body: str
    role: str
    day: dt.date
    code: str
    title: str
    statement: str
    said: str
    edition: int
    address: str
    page: str
    answer: str

    @property
    def heading(self) -> str:
        return "We ask for your answer" if self.number == 1 else f"We ask again for your answer (letter {self.number})"

    @property
    def dated(self) -> str:
        return date_format(self.day, "j F Y")

    @property
    def paragraphs(self) -> list[str]:
        """The text between the heading and the links."""
        return [
            f"{self.code}, edition {self.edition}: {self.title}",
            self.statement,
            f"By when: {self.said}.",
            "Please tell us whether you accept it, accept it in part or in principle, or do not accept it; what you "
            "have done or will do, and by when; and where that can be read. An answer that takes no position is "
            "recorded as one that takes no position.",
            self.answer,
            "Your answer is published in your words, dated, beside what others and we judge. You can reply to what we "
            "publish at any time; your words stand on the page beside ours.",
        ]


def write_letter(letter: Letter) -> bytes:
    """The letter as a Word file."""
    document = Document()
    style_document(document)
    document.core_properties.title = letter.heading
    for line in filter(None, [letter.role, letter.body, letter.dated]):
        document.add_paragraph(line).paragraph_format.space_after = 0
    document.add_heading(letter.heading, 1)
    for text in letter.paragraphs:
        document.add_paragraph(text)
    paragraph = document.add_paragraph("The edition that this letter is about: ")
    add_link(paragraph, letter.address, letter.address)
    paragraph = document.add_paragraph("Where the answer will stand: ")
    add_link(paragraph, letter.page, letter.page)
    add_small_print(document.add_paragraph(), f"{settings.SITE.name}. This letter goes to a post, not to a person.")
    file = io.BytesIO()
    document.save(file)
    return file.getvalue()


def typeset_letter(letter: Letter) -> bytes:
    """The letter as a tagged PDF. The content travels as JSON and is never part of the markup."""
    content = {
        "title": letter.heading,
        "to": [each for each in (letter.role, letter.body) if each],
        "dated": letter.dated,
        "paragraphs": letter.paragraphs,
        "address": letter.address,
        "page": letter.page,
        "site_name": settings.SITE.name,
    }
    with LETTER_TURN:
        made = LETTER_COMPILER.compile(
            input=LETTER_TEMPLATE,
            format="pdf",
            sys_inputs={"letter": orjson.dumps(content).decode()},
            pdf_standards="ua-1",
        )
    if not isinstance(made, bytes):
        raise TypeError("Typst gave no single PDF.")
    return made
