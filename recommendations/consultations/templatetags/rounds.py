"""How pages show ratings: a picture and a table of the same counts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from django import template

from failure_lessons.types import Document
from recommendations.consultations.agreement import OUTCOMES
from recommendations.consultations.answers import Disposition
from recommendations.consultations.models import ConsultationRound, Question
from recommendations.consultations.statistics import SCALE
from recommendations.consultations.workshops import TableNote

register = template.Library()
HEIGHT, BAR_WIDTH = 40, 16  # of a picture; width of a bar with the gap beside it
VOCABULARIES = {
    "outcome": OUTCOMES,
    "disposition": dict(Disposition.Outcome.choices),
    "method": dict(ConsultationRound.Method.choices),
    "anonymity": dict(ConsultationRound.Anonymity.choices),
    "question": dict(Question.Form.choices),
    "minutes": dict(TableNote.Form.choices),
}


@dataclass(frozen=True)
class Bar:
    """How often a value was given, and where its bar stands."""

    value: int
    count: int
    x: float
    y: float
    height: float


@dataclass(frozen=True)
class Histogram:
    """The picture of a distribution; `words` say the same."""

    bars: tuple[Bar, ...]
    words: str
    width: int = BAR_WIDTH * len(SCALE)
    height: int = HEIGHT


@register.filter
def histogram(figures: Mapping[str, object]) -> Histogram:
    """Of the figures of a panel or group."""
    found = figures.get("counts")
    counts = found if isinstance(found, list) else []
    most = max([*counts, 1])
    bars = tuple(
        Bar(value, count, place * BAR_WIDTH + 1, HEIGHT - HEIGHT * count / most, HEIGHT * count / most)
        for place, (value, count) in enumerate(zip(SCALE, counts, strict=False))
    )
    return Histogram(bars, ", ".join(f"{each.count} gave {each.value}" for each in bars if each.count))


@register.filter
def round_word(code: str, vocabulary: str) -> str:
    """What a code of a round means."""
    return VOCABULARIES[vocabulary].get(code, code)


@register.filter
def workshop_time(session: Mapping[str, str]) -> str:
    """When a workshop is, in words."""
    begins, ends = (dt.datetime.fromisoformat(session[name]) for name in ("starts_at", "ends_at"))
    last = f"{ends:%H:%M}" if ends.date() == begins.date() else f"{ends:%-d %B %Y, %H:%M}"
    return f"{begins:%-d %B %Y, %H:%M} to {last}"


@register.filter
def items_by_statement(record: Document) -> list[dict[str, object]]:
    """The items of a report, each statement with those about it."""
    items = (record.get("report") or {}).get("items", [])
    questions = {each["code"]: each["wording"] for each in record.get("questions", [])}
    return [
        {
            **statement,
            "items": [
                {**item, "wording": questions.get(item["question"], item["question"])}
                for item in items
                if item["statement"] == statement["code"]
            ],
        }
        for statement in record.get("statements", [])
    ]


@register.filter
def as_percent(part: float) -> str:
    """A part of 1 as a percentage."""
    return f"{part:.0%}"


@register.filter
def plain_figure(value: float) -> str:
    """A figure with at most two places."""
    return f"{value:.2f}".rstrip("0").rstrip(".")
