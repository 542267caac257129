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
from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone

from failure_lessons.types import JSONObject

SIMPLE = re.compile(r"(\d{4})(?:-([01]\d)(?:-(\d{2}))?)?([~?%]?)")
SEASON = re.compile(r"(\d{4})-(2[1-4])([~?%]?)")
SEASONS = {"21": "spring", "22": "summer", "23": "autumn", "24": "winter"}
SEASON_CODES = {"spring": "21", "summer": "22", "autumn": "23", "fall": "23", "winter": "24"}
MONTHS_BY_NAME = {
    name.casefold()[:length]: place
    for place, name in enumerate(calendar.month_name)
    for length in range(3, len(name) + 1)
    if place
}
LONGEST_EDTF = 40  # characters
ABOUT = re.compile(r"(?:about|around|approximately|approx\.?|circa|ca\.?|c\.)\s*|c\.?\s*(?=\d)")
POSSIBLY = re.compile(r"(?:possibly|perhaps|probably)\s+")
ORDINAL_ENDINGS = re.compile(r"(?<=\d)(?:st|nd|rd|th)\b")
WEEKDAYS = re.compile(r"\A(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?\b\.?,?\s+")
SPAN = re.compile(r"\s+(?:to|until|–|—|-)\s+|(?<=[\da-z])\s*[–—]\s*(?=[\da-z])")
QUALIFIERS = {"": "", "~": "about ", "?": "possibly ", "%": "possibly about "}
WORDS_HELP = "As you know it: 20 August 2018, Aug 2018, 2018, about 2001, 2016 to 2019."  # what people may write
ADVICE = "write 2018-08-20, 2018-08, 2018, 2018~ (about) or 2016/2019 (from, to)"


class NotEdtf(ValueError):
    """The text is not a date that EDTF knows. The message says how to write one."""

    def __init__(self, text: str, question: str = "") -> None:
        self.in_words = question or f"“{text[:60]}” is not understood as a date. {WORDS_HELP}"  # for who knows no EDTF
        super().__init__(question or f"“{text[:60]}” is not an EDTF date: {ADVICE}.")


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


def edtf_of_words(words: str) -> str:
    """The EDTF of a date in EDTF or in English: `20 August 2018`, `20/08/2018`, `Aug-18`, `c. 2001`, `2016 to 2019`.

    Raises `NotEdtf`, also for a day that may be another one (`5/6/2018`) and for a month without a year: it asks.
    """
    text = " ".join(words.split())
    if digits := re.fullmatch(r"(\d{1,2})[/-](\d{1,2})[/-](\d{2}|\d{4})", text):
        first, second = int(digits[1]), int(digits[2])
        if first != second and first <= 12 and second <= 12:
            year = full_year(digits[3])
            one, other = f"{first} {calendar.month_name[second]}", f"{second} {calendar.month_name[first]}"
            raise NotEdtf(text, f"Is “{text[:20]}” {one} or {other}? Write {one} {year}, or {other} {year}.")
    if MONTHS_BY_NAME.get(text.casefold().strip(". "), 0):
        raise NotEdtf(text, f"{text.capitalize()} of which year? Write {text.capitalize()} 2018.")
    for attempt in (text, english_date(text.casefold())):
        if attempt and len(attempt) <= LONGEST_EDTF:
            try:
                return parse_edtf(attempt).text
            except NotEdtf:
                continue
    raise NotEdtf(text)


def full_year(digits: str) -> str:
    """“18” as 2018 and “97” as 1997: within fifty years back and twenty ahead, as spreadsheets have it."""
    if len(digits) == 4:
        return digits
    this = timezone.localdate().year
    year = this // 100 * 100 + int(digits)
    return str(year if year <= this + 20 else year - 100)


def english_date(text: str) -> str:
    """The EDTF of an English date in small letters, unchecked, or nothing."""
    text = ORDINAL_ENDINGS.sub("", WEEKDAYS.sub("", text)).strip(" ,.")
    for pattern, mark in ((ABOUT, "~"), (POSSIBLY, "?")):
        if match := pattern.match(text):
            inner = english_date(text[match.end() :]) or text[match.end() :]
            return f"{inner}{mark}" if "/" not in inner else ""
    if text.startswith("from ") and (span := english_span(text.removeprefix("from "))):
        return span
    if match := re.fullmatch(r"(?:from|since|after)\s+(.+)|(.+?)\s+(?:onwards?|to present|to now|to date)", text):
        return open_ended_date(match[1] or match[2], "{}/..")
    if match := re.fullmatch(r"(.+?)\s*(?:to|-|–)\s*(?:present|now|today|date)", text):
        return open_ended_date(match[1], "{}/..")
    if match := re.fullmatch(r"(?:until|before|by)\s+(.+)", text):
        return open_ended_date(match[1], "../{}")
    text = re.sub(r"\A(?:(?:the )?(?:academic|school|financial|tax) year|between)\s+", "", text).replace(
        " and ", " to "
    )
    if match := re.fullmatch(r"(\d{2})(\d{2})\s*[-/–]\s*(\d{2})", text):
        return f"{match[1]}{match[2]}/{match[1]}{match[3]}" if match[3] > match[2] else ""
    return english_span(text) or english_day(text.replace(",", " "))


def english_span(text: str) -> str:
    """From one date to another, as `12–14 May 2018` or `2016 to 2019`; nothing where it is no span."""
    if match := re.fullmatch(r"(\d{4})\s*[-–—]\s*(\d{4})", text):
        return f"{match[1]}/{match[2]}"
    parts = SPAN.split(text)
    if len(parts) != 2:
        return ""
    first, last = parts
    tail = re.fullmatch(r"(?:\d{1,2}\s+)?([a-z]+\.?)\s+(\d{4})", last)
    if tail and re.fullmatch(r"\d{1,2}", first):  # 12 to 14 May 2018
        first = f"{first} {tail[1]} {tail[2]}"
    elif tail and not re.search(r"\d{4}", first):  # May to July 2018
        first = f"{first} {tail[2]}"
    ends = [english_date(part) or part for part in (first, last)]
    return "" if any("/" in end for end in ends) else "/".join(ends)


def open_ended_date(words: str, pattern: str) -> str:
    """A date without one end."""
    inner = english_date(words) or words
    return pattern.format(inner) if "/" not in inner else ""


def english_day(text: str) -> str:
    """A day, month, season, year or decade in English, unchecked, or nothing."""
    if match := re.fullmatch(r"(\d{4})[-/](\d{1,2})[-/](\d{1,2})(?:[t ]\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?z?)?", text):
        return f"{match[1]}-{int(match[2]):02}-{int(match[3]):02}"
    if match := re.fullmatch(r"(\d{1,2})[./-](\d{1,2})[./-](\d{2}|\d{4})", text):
        return f"{full_year(match[3])}-{int(match[2]):02}-{int(match[1]):02}"
    if match := re.fullmatch(r"(?:the\s+)?(\d{3})0s", text):
        return f"{match[1]}X"
    if match := re.fullmatch(r"(\d{1,2})[-\s]([a-z]{3,9})\.?[-\s](\d{2})", text):  # Excel: 20-Aug-18
        text = f"{match[1]} {match[2]} {full_year(match[3])}"
    elif match := re.fullmatch(r"([a-z]{3,9})[-\s]'?(\d{2})", text):  # Excel: Aug-18
        text = f"{match[1]} {full_year(match[2])}"
    words = re.sub(r"[.\-]", " ", text).replace(" of ", " ").split()
    years = [word for word in words if re.fullmatch(r"\d{4}", word)]
    if len(years) != 1:
        return ""
    others = [word for word in words if word != years[0]]
    names = [word for word in others if word.isalpha()]
    numbers = [word for word in others if re.fullmatch(r"\d{1,2}", word)]
    if len(names) != 1 or len(names) + len(numbers) != len(others) or len(numbers) > 1:
        return ""
    if (season := SEASON_CODES.get(names[0])) and not numbers:
        return f"{years[0]}-{season}"
    month = MONTHS_BY_NAME.get(names[0], 0)
    return f"{years[0]}-{month:02}" + (f"-{int(numbers[0]):02}" if numbers else "") if month else ""


def validate_edtf(text: str) -> None:
    """A form validator: raises ValidationError with the advice of `NotEdtf`."""
    try:
        parse_edtf(text)
    except NotEdtf as error:
        raise ValidationError(str(error), code="edtf") from None


class DateWordsField(forms.CharField):
    """A date as people write it; what is kept is its EDTF. A date that may be two asks which."""

    def to_python(self, value: object) -> str:
        text = str(super().to_python(value) or "").strip()
        if not text:
            return ""
        try:
            return edtf_of_words(text)
        except NotEdtf as error:
            raise ValidationError(error.in_words, code="edtf") from None


class EdtfField(models.CharField):  # type: ignore[type-arg]  # the class takes no parameters when it runs
    """An EDTF date, kept as its text."""

    default_validators = [validate_edtf]
    EDTF_HELP = f"An EDTF date: {ADVICE}."  # of columns of which nothing else is said, for programs

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("max_length", LONGEST_EDTF)
        kwargs.setdefault("help_text", self.EDTF_HELP)
        super().__init__(*args, **kwargs)

    def formfield(self, **kwargs: Any) -> forms.Field | None:
        """A box for a date in words, which is what it says where nothing else is said."""
        if self.help_text == self.EDTF_HELP:
            kwargs.setdefault("help_text", WORDS_HELP)
        return super().formfield(**{"form_class": DateWordsField, **kwargs})


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


def csl_date_of_edtf(text: str) -> JSONObject:
    """A year, month or day, or a span of two, as CSL has it. Raises `NotEdtf` for what CSL cannot say."""
    known = parse_edtf(text)
    parts = [SIMPLE.fullmatch(end) for end in text.split("/")]
    if not all(parts) or known.earliest is None or known.latest is None:
        raise NotEdtf("Write a year, a month, a day, or two of them with / between, such as 2018-08-20.")
    found: JSONObject = {"date-parts": [[int(each) for each in part.groups()[:3] if each] for part in parts if part]}
    if any(part[4] for part in parts if part):
        found["circa"] = True
    return found


def edtf_of_csl_date(date: JSONObject) -> str:
    """The EDTF of a sound CSL date."""
    mark = "~" if date.get("circa") else ""
    ends = [
        "-".join(f"{part:04d}" if place == 0 else f"{part:02d}" for place, part in enumerate(parts))
        for parts in date["date-parts"]
    ]
    return "/".join(f"{end}{mark}" for end in ends)
