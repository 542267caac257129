"""Uncertain dates, written as EDTF (ISO 8601-2): `2018-08-20`, `1996`, `2001~`, `2016/2019`.

`parse_edtf` gives a date its earliest and latest day and its English; `EdtfField` stores one; `EdtfBoundField` keeps
its earliest or latest day beside it, so that the database can sort.
"""

from __future__ import annotations

import calendar
import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import edtf
from django.core.exceptions import ValidationError
from django.db import models

SIMPLE = re.compile(r"(\d{4})(?:-([01]\d)(?:-(\d{2}))?)?([~?%]?)")
SEASON = re.compile(r"(\d{4})-(2[1-4])([~?%]?)")
SEASONS = {"21": "spring", "22": "summer", "23": "autumn", "24": "winter"}
QUALIFIERS = {"": "", "~": "about ", "?": "possibly ", "%": "possibly about "}
ADVICE = "write 2018-08-20, 2018-08, 2018, 2018~ (about) or 2016/2019 (from, to)"


class NotEdtf(ValueError):
    """The text is not a date that EDTF knows. The message says how to write one."""

    def __init__(self, text: str) -> None:
        super().__init__(f"“{text[:60]}” is not an EDTF date: {ADVICE}.")


@dataclass(frozen=True)
class Edtf:
    """A date with its bounds. `earliest` or `latest` is None where the interval is open."""

    text: str
    earliest: dt.date | None
    latest: dt.date | None
    english: str
    short: str

    @property
    def sort_key(self) -> tuple[dt.date, dt.date, str]:
        """Earliest first, then the most exact."""
        return (self.earliest or dt.date.min, self.latest or dt.date.max, self.text)

    def __lt__(self, other: Edtf) -> bool:
        return self.sort_key < other.sort_key


@lru_cache(maxsize=50_000)
def parse_edtf(text: str) -> Edtf:
    """The date that `text` writes. Raises `NotEdtf`."""
    if text.count("/") == 1:
        return parse_interval(text)
    simple = SIMPLE.fullmatch(text)
    return parse_single_date(text, simple) if simple else parse_general_date(text)


def parse_single_date(text: str, match: re.Match[str]) -> Edtf:
    """A year, month or day, perhaps qualified."""
    year, month, day = (int(part) if part else None for part in match.groups()[:3])
    about = QUALIFIERS[match[4]]
    try:
        earliest = dt.date(year or 0, month or 1, day or 1)
    except ValueError:
        raise NotEdtf(text) from None
    if day and month:
        return Edtf(
            text,
            earliest,
            earliest,
            f"{about}{day} {calendar.month_name[month]} {year}",
            f"{about}{day} {calendar.month_abbr[month]} {year}",
        )
    if month:
        latest = earliest.replace(day=calendar.monthrange(earliest.year, month)[1])
        return Edtf(
            text,
            earliest,
            latest,
            f"{about}{calendar.month_name[month]} {year}",
            f"{about}{calendar.month_abbr[month]} {year}",
        )
    return Edtf(text, earliest, earliest.replace(month=12, day=31), f"{about}{year}", f"{about}{year}")


def parse_interval(text: str) -> Edtf:
    """From one date to another; `..` or nothing leaves an end open."""
    first, last = text.split("/")
    start = None if first in ("", "..") else parse_edtf(first)
    end = None if last in ("", "..") else parse_edtf(last)
    if start and end and (start.earliest or dt.date.min) > (end.latest or dt.date.max):
        raise NotEdtf(text)
    if start and end:
        words = tuple(f"{a} to {b}" for a, b in ((start.english, end.english), (start.short, end.short)))
    elif start:
        words = (f"{start.english} onwards", f"{start.short} onwards")
    elif end:
        words = (f"until {end.english}", f"until {end.short}")
    else:
        raise NotEdtf(text)
    return Edtf(text, start.earliest if start else None, end.latest if end else None, *words)


def parse_general_date(text: str) -> Edtf:
    """Everything else that level 1 of EDTF knows, such as `199X` or `2001-21` (spring 2001)."""
    if not re.fullmatch(r"[0-9X~?%-]{4,12}", text):
        raise NotEdtf(text)
    season = SEASON.fullmatch(text)
    try:
        parsed = edtf.parse_edtf(text[:7] if season else text)  # the parser takes no qualified season
        earliest, latest = (dt.date(*bound[:3]) for bound in (parsed.lower_strict(), parsed.upper_strict()))
    except (edtf.EDTFParseException, ValueError, TypeError, AttributeError):
        raise NotEdtf(text) from None
    if earliest > latest:
        raise NotEdtf(text)
    if season:
        words = f"{QUALIFIERS[season[3]]}{SEASONS[season[2]]} {season[1]}"
        return Edtf(text, earliest, latest, words, words)
    same_year = earliest.year == latest.year
    words = f"between {earliest:%B} and {latest:%B} {latest.year}" if same_year else f"{earliest.year} to {latest.year}"
    return Edtf(text, earliest, latest, words, words)


def is_day(text: str) -> bool:
    """Whether it is a day of the calendar, such as 2027-05-31."""
    try:
        return dt.date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def validate_edtf(text: str) -> None:
    """A form validator: raises ValidationError with the advice of `NotEdtf`."""
    try:
        parse_edtf(text)
    except NotEdtf as error:
        raise ValidationError(str(error), code="edtf") from None


class EdtfField(models.CharField):  # type: ignore[type-arg]  # the class takes no parameters when it runs
    """An EDTF date, kept as its text."""

    default_validators = [validate_edtf]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("max_length", 40)
        kwargs.setdefault("help_text", f"An EDTF date: {ADVICE}.")
        super().__init__(*args, **kwargs)


class EdtfBoundField(models.DateField):  # type: ignore[type-arg]  # the class takes no parameters when it runs
    """The earliest or latest day of the EDTF field `source`, computed whenever a row is saved or bulk-created.

    `QuerySet.update` does not compute it: write dates through `save` or `bulk_create`.
    """

    def __init__(self, *args: Any, source: str = "", bound: str = "earliest", **kwargs: Any) -> None:
        self.source = source
        self.bound = bound
        kwargs.update(null=True, blank=True, editable=False)
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> tuple[str, str, Sequence[object], dict[str, object]]:
        name, path, args, kwargs = super().deconstruct()
        return name, path, args, {**kwargs, "source": self.source, "bound": self.bound}

    def pre_save(self, model_instance: models.Model, add: bool) -> dt.date | None:
        text = getattr(model_instance, self.source)
        value: dt.date | None = getattr(parse_edtf(text), self.bound) if text else None
        setattr(model_instance, self.attname, value)
        return value
