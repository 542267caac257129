"""References in the Vancouver style, as the ICMJE's samples (Citing Medicine) have it.

Our own, because the citation library brings no Vancouver style. Editions and sources are given without the day on which
they were read: an edition never changes, and when a source was read only its reader knows (a CSL `cited_on` is shown).
"""

from __future__ import annotations

import re

from failure_lessons.bibliography.csl import date_parts, flatten_text, names_in_role
from failure_lessons.types import JSONObject

VANCOUVER_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
MOST_VANCOUVER_NAMES = 6
PERIODICALS = {"article-journal", "article-magazine", "article-newspaper"}
DESCRIBED = {"thesis": "dissertation", "post-weblog": "blog"}


def format_vancouver(csl: JSONObject) -> str:
    """A CSL item as one line of plain text."""
    parts = [end_sentence(", ".join(vancouver_names(csl, "author")))]
    if csl.get("type") in PERIODICALS:
        parts += [end_sentence(member_text(csl, "title")), *in_periodical(csl)]
    else:
        parts += in_volume(csl) if csl.get("type") in ("chapter", "paper-conference") else [standalone_title(csl)]
        parts += [imprint_line(csl), report_number(csl)]
    parts += [source_location(csl)]
    return " ".join(filter(None, parts))


def member_text(csl: JSONObject, name: str) -> str:
    """A member as one line of text, empty when it is missing."""
    return flatten_text(csl.get(name) or "")


def end_sentence(words: str) -> str:
    """Words with a full stop, unless they end a sentence themselves."""
    return words if not words or words.endswith((".", "?", "!")) else f"{words}."


def vancouver_names(csl: JSONObject, role: str) -> list[str]:
    """“Andrews R” or the name of a body; after six, “et al”."""
    found = []
    for name in names_in_role(csl, role):
        given = re.split(r"[\s.\-‐‑]+", name.get("given", ""))
        initials = "".join(part[0].upper() for part in given if part and part[0].isalpha())
        family = " ".join(filter(None, [name.get("non-dropping-particle"), name.get("family")]))
        found.append(name.get("literal") or " ".join(filter(None, [family, initials, name.get("suffix")])))
    return [*found[:MOST_VANCOUVER_NAMES], "et al"] if len(found) > MOST_VANCOUVER_NAMES else found


def vancouver_date(csl: JSONObject, name: str = "issued") -> str:
    """“2006 Jun 5”, “2014-2015”, “[about 1996]”; empty when there is no date."""
    shown = [
        " ".join([str(part[0]), *(VANCOUVER_MONTHS[month - 1] for month in part[1:2]), *map(str, part[2:3])])
        for part in date_parts(csl, name)
    ]
    whole = "-".join(shown)
    value = csl.get(name)
    return f"[about {whole}]" if whole and isinstance(value, dict) and value.get("circa") else whole


def shorten_pages(csl: JSONObject) -> str:
    """“273-96”: the last page without the digits it shares with the first."""
    shown = re.sub(r"\s*[-–]+\s*", "-", member_text(csl, "page"))
    first, _, last = shown.partition("-")
    if first.isdecimal() and last.isdecimal() and len(first) == len(last):
        kept = next((place for place in range(len(last)) if first[place] != last[place]), len(last) - 1)
        return f"{first}-{last[kept:]}"
    return shown


def internet_mark(csl: JSONObject) -> str:
    """“ [Internet]” for what is read on the web and has no DOI."""
    return " [Internet]" if csl.get("URL") and not csl.get("DOI") else ""


def cited_on(csl: JSONObject) -> str:
    """When it was read, if that is known."""
    day = vancouver_date(csl, "accessed")
    return f" [cited {day}]" if day else ""


def in_periodical(csl: JSONObject) -> list[str]:
    """Journal, magazine or newspaper with date, volume, issue and pages."""
    title = member_text(csl, "container-title")
    volume = member_text(csl, "volume") + (f"({member_text(csl, 'issue')})" if csl.get("issue") else "")
    place = ";".join(filter(None, [(vancouver_date(csl) or "[date unknown]") + cited_on(csl), volume]))
    return [
        end_sentence(f"{title}{internet_mark(csl)}" if title else internet_mark(csl).strip()),
        end_sentence(":".join(filter(None, [place, shorten_pages(csl)]))),
    ]


def in_volume(csl: JSONObject) -> list[str]:
    """A chapter or paper, and the book it stands in."""
    editors = vancouver_names(csl, "editor")
    role = f", editor{'s' if len(editors) > 1 else ''}"
    book = member_text(csl, "container-title")
    meeting = member_text(csl, "event-title")
    if not book:
        return [
            end_sentence(member_text(csl, "title") + internet_mark(csl)),
            end_sentence(f"Paper presented at: {meeting}" if meeting else ""),
        ]
    inside = f"In: {', '.join(editors)}{role}. {book}" if editors else f"In: {book}"
    return [
        end_sentence(member_text(csl, "title")),
        end_sentence(inside + internet_mark(csl)),
        end_sentence(edition_in_words(csl)),
    ]


def standalone_title(csl: JSONObject) -> str:
    """A title that stands for itself."""
    kind = f" [{DESCRIBED[csl['type']]}]" if csl.get("type") in DESCRIBED else ""
    return " ".join(
        filter(
            None,
            [end_sentence(member_text(csl, "title") + kind + internet_mark(csl)), end_sentence(edition_in_words(csl))],
        )
    )


def edition_in_words(csl: JSONObject) -> str:
    """“2nd ed”, from a number or from words."""
    said = member_text(csl, "edition")
    if said.isdecimal():
        last = "th" if said[-2:] in ("11", "12", "13") else {"1": "st", "2": "nd", "3": "rd"}.get(said[-1], "th")
        return f"{said}{last} ed"
    return said


def imprint_line(csl: JSONObject) -> str:
    """“Place: Publisher; 2007. p. 93-113.”"""
    publisher = ": ".join(filter(None, [member_text(csl, "publisher-place"), member_text(csl, "publisher")]))
    when = (vancouver_date(csl) or "[date unknown]") + cited_on(csl)
    shown = end_sentence("; ".join(filter(None, [publisher, when])))
    return f"{shown} p. {end_sentence(shorten_pages(csl))}" if csl.get("page") else shown


def report_number(csl: JSONObject) -> str:
    """The number of a report, with what sort of report it is."""
    number = member_text(csl, "number")
    if csl.get("type") == "report" and number:
        return end_sentence(f"{member_text(csl, 'genre') or 'Report No.:'} {number}")
    return end_sentence(number)


def source_location(csl: JSONObject) -> str:
    """The DOI, or else the address on the web."""
    if csl.get("DOI"):
        return f"doi:{member_text(csl, 'DOI')}"
    return f"Available from: {member_text(csl, 'URL')}" if csl.get("URL") else ""
