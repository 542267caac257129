"""Rows that need no database, and texts that have broken other people's exports."""

import datetime as dt
from typing import NamedTuple

import orjson
import pytest
from hypothesis import strategies as st

from failure_lessons.exports.formats import EDITION_COLUMNS
from failure_lessons.publishing.models import Edition

BASE = "https://lessons.example.org"
NASTY = (
    '=cmd|" /C calc"!A0',
    "+1+1",
    "-2+3",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    " =1",
    "\u200f=1",
    "\ufeff=1",
    "＝1",
    'He said "no", twice',
    "two\nlines",
    "\x00nul",
    "\x0bvertical",
    "emoji 🧑‍⚕️",
    "\u202eright to left",
    "a; b",
    "R&D 100% {brace} back\\slash $5 #1 under_score ~ ^",
    "}",
    "{",
    "\\",
    "ER  - ",
    "TY  - JOUR\nER  - ",
    "</script><script>alert(1)</script>",
    "<i>x</i>",
    "x" * 100_000,
    "\u2028line",
    "ends.",
    "why?",
)


class Row(NamedTuple):
    """A named row, as `values_list(*COLUMNS, named=True)` gives it."""

    kind: str
    slug: str
    document: str
    number: int = 1
    pk: int = 1
    revision: int = 1
    sha256: str = "ab" * 32
    note: str = ""
    published_at: dt.datetime = dt.datetime(2026, 11, 25, 23, 30, tzinfo=dt.UTC)
    superseded_at: dt.datetime | None = None
    withdrawn_at: dt.datetime | None = None
    evidence_changed_at: dt.datetime | None = None
    change: str = ""


def row(kind="lesson", slug="a-lesson", number=1, **content):
    """A row whose document holds this."""
    document = {"schema": 1, "kind": kind, "slug": slug, **content}
    return Row(kind, slug, orjson.dumps(document).decode(), number)


def reference(**csl):
    """A row of a reference."""
    return row("reference", "smith2001", id="smith2001", **{"type": "report", "title": "A report", **csl})


def texts(**options):
    """Any text that PostgreSQL and JSON can hold, and now and then one that has hurt somebody."""
    characters = st.characters(codec="utf-8")
    return st.one_of(st.text(characters, min_size=1, **options), st.sampled_from(NASTY))


@pytest.fixture
def library(db):
    """Every current edition, as rows of one query."""

    return Edition.objects.current().values_list(*EDITION_COLUMNS, named=True)
