"""Dates of publication as programs write them: composed of all that tells of one, and never guessed.

A date that is understood only in part is kept as far as it is, and a note says what it was kept of.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

from failure_lessons.dates import MONTHS_BY_NAME
from failure_lessons.types import JSONObject

DatePoint = tuple[int, ...]  # year, month, day, as far as they are known
UNDATED = re.compile(
    r"n\.?\s?d\.?|no date|undated|unknown|in press|forthcoming|in preparation|submitted|accepted|online first"
    r"|ahead of print|to appear|null|none|n/?a|\?+|-+",
    re.IGNORECASE,
)
CIRCA = re.compile(
    r"\b(?:circa|ca|c|about|approx|approximately)\b\.?\s*|\bc(?=1[4-9]\d\d|20\d\d)|[~?%\[\]]", re.IGNORECASE
)
ORDINAL_ENDING = re.compile(r"(?<=\d)(?:st|nd|rd|th)\b", re.IGNORECASE)
WEEKDAY = re.compile(r"\b(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?\b\.?,?", re.IGNORECASE)
CLOCK_TIME = re.compile(r"[T ]\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?", re.IGNORECASE)
YEAR = r"(1[4-9]\d\d|20\d\d)"
LONE_YEAR = re.compile(rf"(?<!\d){YEAR}(?!\d)")
DASH = r"\s*(?:-|–|—|/|\bto\b|\band\b)\s*"
MONTH_WORD = r"([a-z]{3,9})\.?"
DAY_NUMBER = r"(\d{1,2})"
COMMA = r"(?:\s*,\s*|\s+|\s*-\s*|\s*/\s*)"
# Each way to write one point in time: the pattern, and which of its groups are year, month and day.
POINTS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(rf"{YEAR}"), "y"),
    (re.compile(rf"{YEAR}\s*[-/.]\s*(\d{{1,2}})"), "ym"),
    (re.compile(rf"{YEAR}\s*[-/.]\s*(\d{{1,2}})\s*[-/.]\s*(\d{{1,2}})"), "ymd"),
    (re.compile(rf"{YEAR}(\d{{2}})(\d{{2}})"), "ymd"),
    (re.compile(rf"(\d{{1,2}})\s*/\s*{YEAR}"), "my"),
    (re.compile(rf"{YEAR}{COMMA}{MONTH_WORD}"), "yw"),
    (re.compile(rf"{YEAR}{COMMA}{MONTH_WORD}{COMMA}{DAY_NUMBER}"), "ywd"),
    (re.compile(rf"{YEAR}{COMMA}{DAY_NUMBER}{COMMA}{MONTH_WORD}"), "ydw"),
    (re.compile(rf"{MONTH_WORD}{COMMA}{YEAR}"), "wy"),
    (re.compile(rf"{MONTH_WORD}{COMMA}?{DAY_NUMBER}{COMMA}{YEAR}"), "wdy"),
    (re.compile(rf"{DAY_NUMBER}{COMMA}?(?:of\s+)?{MONTH_WORD}{COMMA}?{YEAR}"), "dwy"),
    (re.compile(rf"{MONTH_WORD}"), "w"),
    (re.compile(rf"{MONTH_WORD}{COMMA}?{DAY_NUMBER}"), "wd"),
    (re.compile(rf"{DAY_NUMBER}{COMMA}?{MONTH_WORD}"), "dw"),
)
NUMERIC_DAY = re.compile(rf"(\d{{1,2}})\s*[-/.]\s*(\d{{1,2}})\s*[-/.]\s*{YEAR}")


class ReadDate(NamedTuple):
    """What words tell of a date: one point or two of a span, whether about then, and a note of what was not kept."""

    points: tuple[DatePoint, ...] = ()
    circa: bool = False
    note: str = ""


def read_point(text: str) -> tuple[int, int, int] | None:
    """Year, month and day of exactly these words; 0 for what they do not say, None where they say something else."""
    for pattern, order in POINTS:
        if match := pattern.fullmatch(text):
            found = {"y": 0, "m": 0, "d": 0}
            for letter, words in zip(order, match.groups(), strict=True):
                found["m" if letter == "w" else letter] = MONTHS_BY_NAME.get(words, -1) if letter == "w" else int(words)
            if 0 <= found["m"] <= 12 and 0 <= found["d"] <= 31 and not ("m" in order and not found["m"]):
                return found["y"], found["m"], found["d"]
    if match := NUMERIC_DAY.fullmatch(text):
        first, second, year = (int(each) for each in match.groups())
        if first == second or first > 12 >= second:
            return year, second, first
        if second > 12 >= first:
            return year, first, second
    return None


def shorten_point(point: tuple[int, int, int]) -> DatePoint:
    """Without what is not known."""
    year, month, day = point
    return (year, month, day) if month and day else (year, month) if month else (year,)


def read_span(text: str) -> tuple[DatePoint, ...]:
    """The two ends of a span; what only one of them says holds for both. Empty where it is none."""
    if match := re.fullmatch(rf"{YEAR}{DASH}(\d{{2}})", text):
        year, end = int(match[1]), int(match[1]) // 100 * 100 + int(match[2])
        return ((year,), (end,)) if int(match[2]) > 12 and end > year else ()
    if match := re.fullmatch(rf"{DAY_NUMBER}{DASH}{DAY_NUMBER}\s+{MONTH_WORD}\s+{YEAR}", text):
        return tuple(read_span(f"{match[1]} {match[3]} {match[4]} to {match[2]} {match[3]} {match[4]}"))
    for divider in re.finditer(DASH, text):
        ends = (read_point(text[: divider.start()].strip()), read_point(text[divider.end() :].strip()))
        first, last = ends
        if not first or not last or not (first[0] or last[0]):
            continue
        first = (first[0] or last[0], *first[1:])
        last = (last[0] or first[0], *last[1:])
        if not first[1] and last[1] and "-" in divider[0] and divider[0].strip(" ") != "to":
            continue  # 2019-4-12 is a day, and no span from 2019 to April
        if first <= last:
            return shorten_point(first), shorten_point(last)
    return ()


def read_date_words(words: str) -> ReadDate:
    """The date that words tell of. Without points when they tell of none; then `note` says so."""
    text = " ".join(words.replace("~", " ~ ").split()).strip(" .,;()")
    if not text or UNDATED.fullmatch(text):
        return ReadDate(note=f"“{words.strip()[:60]}” holds no year: the date was left out." if text else "")
    circa = bool(CIRCA.search(text))
    plain = WEEKDAY.sub("", ORDINAL_ENDING.sub("", CLOCK_TIME.sub("", CIRCA.sub(" ", text.casefold()))))
    plain = " ".join(plain.replace("sept ", "sep ").split()).strip(" .,;()/")
    if ris := re.fullmatch(rf"{YEAR}/(\d{{0,2}})/(\d{{0,2}})/?(.*)", plain):  # RIS: year/month/day/anything else
        plain = "/".join(filter(None, ris.groups()[:3])) if ris[2] else ris[1]
    plain = re.sub(r"-(?:xx|uu|00)\b", "", plain)
    if (point := read_point(plain)) and point[0]:
        return ReadDate((shorten_point(point),), circa)
    if span := read_span(plain):
        return ReadDate(span, circa)
    return read_part(plain, words, circa=circa)


def read_part(plain: str, words: str, *, circa: bool) -> ReadDate:
    """The year, and the month that stands beside it by name, of words that say more than that."""
    years = set(LONE_YEAR.findall(plain))
    if len(years) != 1:
        why = "holds several years" if years else "holds no year"
        return ReadDate(note=f"“{words.strip()[:60]}” {why}: the date was left out.")
    year = years.pop()
    kept: DatePoint = (int(year),)
    beside = re.findall(rf"(?<![a-z]){MONTH_WORD}\s*,?\s*{year}|{year}\s*,?\s*{MONTH_WORD}(?![a-z])", plain)
    months = {MONTHS_BY_NAME[name] for pair in beside for name in pair if name in MONTHS_BY_NAME}
    if (
        len(months) == 1
        and len({MONTHS_BY_NAME[each] for each in re.findall(r"[a-z]+", plain) if each in MONTHS_BY_NAME}) == 1
    ):
        kept = (int(year), months.pop())
    return ReadDate((kept,), circa, f"Of “{words.strip()[:60]}” only {'-'.join(map(str, kept))} was kept.")


def compose_date(told: Iterable[str], *, year: str = "") -> tuple[JSONObject | None, list[str]]:
    """A CSL date of all that tells of it: a year in one place, a day or a month in another. And notes.

    `year` is the year of publication where the file has one of its own: a day of another year is not of this date.
    """
    words = [each for each in dict.fromkeys(" ".join(str(each).split()) for each in told) if each]
    main = read_date_words(year) if year else ReadDate()
    if not main.points and year:
        words = [*dict.fromkeys([year, *words])]
    found: list[ReadDate] = [main] if main.points else []
    notes = []
    for each in words:
        read = read_date_words(each)
        if not read.points and (base := next((one for one in found if one.points), None) or first_dated(words)):
            joined = read_date_words(f"{each} {base.points[0][0]}")
            read = joined if joined.points and len(joined.points[0]) > 1 and not joined.note else read
        found.append(read)
    dated = [each for each in found if each.points]
    notes = [each.note for each in found if each.note]
    if not dated:
        return None, list(dict.fromkeys(notes))
    allowed = [each for each in dated if not main.points or each.points[0][0] == main.points[0][0]] or dated
    if len(allowed) < len(dated):
        others = ", ".join("-".join(map(str, each.points[0])) for each in dated if each not in allowed)
        notes.append(f"The file also tells of {others}; the year of publication was kept.")
    best = max(allowed, key=lambda each: (not each.note, len(each.points[0]), len(each.points)))
    date: JSONObject = {"date-parts": [list(point) for point in best.points]}
    if best.circa:
        date["circa"] = True
    kept = [note for note in notes if note != best.note and best.note == "" and "also tells" in note]
    return date, list(dict.fromkeys([*([best.note] if best.note else []), *kept, *unread_notes(found, best)]))


def first_dated(words: Iterable[str]) -> ReadDate | None:
    """What the first of these that holds a date says."""
    return next((read for each in words if (read := read_date_words(each)).points), None)


def unread_notes(found: Iterable[ReadDate], best: ReadDate) -> list[str]:
    """Notes of what told nothing though it was written as a date."""
    return [each.note for each in found if each is not best and not each.points and each.note]
