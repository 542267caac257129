"""A brief as a tagged PDF (PDF/UA-1), typeset by Typst from `brief.typ`.

The content travels as JSON in one input and is never part of the markup, so no text can be a command. A file takes
100 to 300 ms; what was made lately is kept, and one is made at a time in each process.
"""

from __future__ import annotations

import threading
import unicodedata
from functools import lru_cache
from pathlib import Path

import orjson
import typst
from django.conf import settings

from failure_lessons.files.qr import qr_svg
from failure_lessons.files.typesetting import COMPILER
from failure_lessons.local.identity import OUR_BRAND
from failure_lessons.pages.brief.parts import Brief
from failure_lessons.validators.text import clean_texts

TEMPLATE = Path(__file__).with_name("brief.typ").read_bytes()
PROBE = b'#set document(title: "x")\n#set text(font: ("Libertinus Serif", "DejaVu Sans"))\n#sys.inputs.text'
PDF_PATIENCE = 3.0  # seconds to wait while another PDF is being made
PDFS_KEPT = 32  # finished files
TURN = threading.Lock()


class CannotMakePdf(Exception):
    """Another PDF is being made; try again in a moment."""


def make_pdf(made: Brief) -> bytes:
    """The file. Raises `CannotMakePdf` while the process is busy with others."""
    return typeset_pdf(template_data(clean_texts(made)))


def template_data(made: Brief) -> str:
    """What the template reads: JSON with everything as text."""
    whole = {
        "title": made.title,
        "note": made.note,
        "year": made.day.year,
        "month": made.day.month,
        "day": made.day.day,
        "made_on": made.made_on,
        "site_name": settings.SITE.name,
        "brand": settings.SITE.colours.brand if settings.SITE.colours else OUR_BRAND,
        "site": made.site,
        "permanent": made.permanent,
        "short": made.short_address,
        "qr": qr_svg(made.short_address) if made.items else "",
        "depth": made.depth,
        "picks": [str(pick) for pick in made.selection.picks],
        "honesty": made.statement_of_honesty,
        "honesty_in_short": made.honesty_in_short,
        "items": made.items,
        "lessons": made.lessons,
        "findings": made.findings,
        "sources": made.sources,
        "replaced": False,
    }
    return orjson.dumps(whole).decode()


@lru_cache(maxsize=PDFS_KEPT)
def typeset_pdf(content: str) -> bytes:
    """The PDF of this content; letters that no font at hand has are named in brackets."""
    if not TURN.acquire(timeout=PDF_PATIENCE):
        raise CannotMakePdf
    try:
        try:
            return compile_typst(TEMPLATE, {"brief": content})
        except typst.TypstError as error:
            if "could not be displayed" not in str(error):
                raise
        lacking = {
            ord(letter): spell_letter(letter) for letter in set(content) if letter > "~" and not is_printable(letter)
        }
        told = content.translate(lacking).replace('"replaced":false', '"replaced":true')
        return compile_typst(TEMPLATE, {"brief": told})
    finally:
        TURN.release()


def compile_typst(source: bytes, inputs: dict[str, str]) -> bytes:
    """A PDF of this Typst source."""
    made = COMPILER.compile(input=source, format="pdf", sys_inputs=inputs, pdf_standards="ua-1")
    if not isinstance(made, bytes):
        raise TypeError("Typst gave no single PDF.")
    return made


@lru_cache(maxsize=4096)
def is_printable(letter: str) -> bool:
    """Whether some font at hand has this letter. Asked only after a sheet failed for want of one."""
    try:
        compile_typst(PROBE, {"text": letter})
    except typst.TypstError:
        return False
    return True


def spell_letter(letter: str) -> str:
    """The name of a letter that cannot be printed; nothing for what joins or varies others."""
    if unicodedata.category(letter) in ("Cf", "Mn", "Me"):
        return ""
    return f"[{unicodedata.name(letter, f'U+{ord(letter):04X}').lower()}]"
