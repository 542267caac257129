"""References as text: author and year for a line of prose, the whole in the Harvard manner for a list."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping

from failure_lessons.bibliography.csl import date_parts, names_in_role
from failure_lessons.types import Document

FULL_MONTH_NAMES = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
MAX_HARVARD_AUTHORS = 3  # then “et al.”


def format_csl_authors(csl: Document) -> list[str]:
    """Authors as “Family, I.” or as the name of a body."""
    found = []
    for name in names_in_role(csl):
        initials = "".join(f"{part[0]}." for part in re.split(r"[\s.\-]+", str(name.get("given", ""))) if part)
        found.append(name.get("literal") or ", ".join(filter(None, [name.get("family", ""), initials])))
    return found


def format_csl_year(csl: Document) -> str:
    """The year or years, “c. 1998” for an uncertain one, or “no date”."""
    parts = [str(part[0]) for part in date_parts(csl)]
    return ("c. " if parts and csl["issued"].get("circa") else "") + ("–".join(parts) or "no date")


def format_csl_day(csl: Document) -> str:
    """Day and month of issue, where they are known."""
    parts = next(iter(date_parts(csl)), [])
    month = FULL_MONTH_NAMES[parts[1] - 1] if len(parts) > 1 and 1 <= parts[1] <= 12 else ""
    return f"{parts[2]} {month}" if len(parts) > 2 and month else month


def short_citation(csl: Document) -> str:
    """Such as “Andrews and others 2006”."""
    names = [name.get("literal") or name["family"] for name in names_in_role(csl)]
    who = csl.get("container-title") or csl.get("publisher") or csl.get("title", "")
    if len(names) == 1:
        who = names[0]
    elif len(names) == 2:
        who = f"{names[0]} and {names[1]}"
    elif names:
        who = f"{names[0]} and others"
    return f"{who} {format_csl_year(csl)}"


def name_references(references: Mapping[str, Document]) -> dict[str, str]:
    """What each of these references is called in a line of prose, by key: no two alike.

    Those of the same author and year get a, b, c after the year, in order of date and title.
    """
    names = {key: short_citation(csl) for key, csl in references.items()}
    for alike in Counter(names.values()):
        keys = [key for key, name in names.items() if name == alike]
        if len(keys) > 1:
            keys.sort(key=lambda key: (date_parts(references[key]), str(references[key].get("title", "")), key))
            names |= {key: f"{alike}{letter_of(place)}" for place, key in enumerate(keys)}
    return names


def letter_of(place: int) -> str:
    """a, b, c, … z, aa, ab: as spreadsheets name their columns."""
    letters = ""
    place += 1
    while place:
        place, letter = divmod(place - 1, 26)
        letters = chr(ord("a") + letter) + letters
    return letters


def author_substitute(csl: Document) -> str:
    """What stands in the author's place: the newspaper, else the publisher."""
    printed = csl.get("container-title") if str(csl.get("type", "")).startswith("article-") else ""
    return str(printed or csl.get("publisher") or csl.get("container-title") or csl.get("title", ""))


def split_harvard_reference(csl: Document) -> dict[str, str]:
    """A reference in parts: `lead` (authors and year), `title`, `rest` (where it appeared).

    Quick enough for a list of a hundred; names and year are as in the whole reference (`formats.styles.harvard`).
    """
    names = format_csl_authors(csl)
    who = " and ".join(filter(None, [", ".join(names[:-1]), names[-1]])) if names else author_substitute(csl)
    if len(names) > MAX_HARVARD_AUTHORS:
        who = f"{names[0]} et al."
    volume = str(csl.get("volume", "")) + (f"({csl['issue']})" if csl.get("issue") else "")
    places = [
        csl.get("container-title", ""),
        volume,
        f"pp. {csl['page']}" if csl.get("page") else "",
        csl.get("genre", ""),
        csl.get("number", ""),
        csl.get("event-title", ""),
        csl.get("publisher", "") if csl.get("publisher") != who else "",
        format_csl_day(csl),
    ]
    rest = ", ".join(str(place) for place in places if place)
    return {
        "lead": f"{who} ({format_csl_year(csl)})".strip(),
        "title": str(csl.get("title", "")),
        "rest": f"{rest}." if rest else "",
    }
