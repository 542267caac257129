"""References in the Vancouver style, as the ICMJE's samples (Citing Medicine) have it.

Our own, because the citation library brings no Vancouver style. Editions and sources are given without the day on which
they were read: an edition never changes, and when a source was read only its reader knows (a CSL `accessed` is shown).
"""

from __future__ import annotations

import re
from typing import Any

from failure_lessons.exports.formats.csl import date, one_line, people

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
MOST_NAMES = 6
PERIODICALS = {"article-journal", "article-magazine", "article-newspaper"}
DESCRIBED = {"thesis": "dissertation", "post-weblog": "blog"}


def vancouver(csl: dict[str, Any]) -> str:
    """A CSL item as one line of plain text."""
    parts = [sentence(", ".join(names(csl, "author")))]
    if csl.get("type") in PERIODICALS:
        parts += [sentence(text(csl, "title")), *in_periodical(csl)]
    else:
        parts += in_volume(csl) if csl.get("type") in ("chapter", "paper-conference") else [alone(csl)]
        parts += [imprint(csl), numbered(csl)]
    parts += [where(csl)]
    return " ".join(filter(None, parts))


def text(csl: dict[str, Any], name: str) -> str:
    """A member as one line of text, empty when it is missing."""
    return one_line(csl.get(name) or "")


def sentence(words: str) -> str:
    """Words with a full stop, unless they end a sentence themselves."""
    return words if not words or words.endswith((".", "?", "!")) else f"{words}."


def names(csl: dict[str, Any], role: str) -> list[str]:
    """“Andrews R” or the name of a body; after six, “et al”."""
    found = []
    for name in people(csl, role):
        given = re.split(r"[\s.\-‐‑]+", name.get("given", ""))
        initials = "".join(part[0].upper() for part in given if part and part[0].isalpha())
        family = " ".join(filter(None, [name.get("non-dropping-particle"), name.get("family")]))
        found.append(name.get("literal") or " ".join(filter(None, [family, initials, name.get("suffix")])))
    return [*found[:MOST_NAMES], "et al"] if len(found) > MOST_NAMES else found


def moment(csl: dict[str, Any], name: str = "issued") -> str:
    """“2006 Jun 5”, “2014-2015”, “[about 1996]”; empty when there is no date."""
    shown = [
        " ".join([str(part[0]), *(MONTHS[month - 1] for month in part[1:2]), *map(str, part[2:3])])
        for part in date(csl, name)
    ]
    whole = "-".join(shown)
    value = csl.get(name)
    return f"[about {whole}]" if whole and isinstance(value, dict) and value.get("circa") else whole


def pages(csl: dict[str, Any]) -> str:
    """“273-96”: the last page without the digits it shares with the first."""
    shown = re.sub(r"\s*[-–]+\s*", "-", text(csl, "page"))
    first, _, last = shown.partition("-")
    if first.isdecimal() and last.isdecimal() and len(first) == len(last):
        kept = next((place for place in range(len(last)) if first[place] != last[place]), len(last) - 1)
        return f"{first}-{last[kept:]}"
    return shown


def online(csl: dict[str, Any]) -> str:
    """“ [Internet]” for what is read on the web and has no DOI."""
    return " [Internet]" if csl.get("URL") and not csl.get("DOI") else ""


def accessed(csl: dict[str, Any]) -> str:
    """When it was read, if that is known."""
    day = moment(csl, "accessed")
    return f" [cited {day}]" if day else ""


def in_periodical(csl: dict[str, Any]) -> list[str]:
    """Journal, magazine or newspaper with date, volume, issue and pages."""
    title = text(csl, "container-title")
    volume = text(csl, "volume") + (f"({text(csl, 'issue')})" if csl.get("issue") else "")
    place = ";".join(filter(None, [(moment(csl) or "[date unknown]") + accessed(csl), volume]))
    return [
        sentence(f"{title}{online(csl)}" if title else online(csl).strip()),
        sentence(":".join(filter(None, [place, pages(csl)]))),
    ]


def in_volume(csl: dict[str, Any]) -> list[str]:
    """A chapter or paper, and the book it stands in."""
    editors = names(csl, "editor")
    role = f", editor{'s' if len(editors) > 1 else ''}"
    book = text(csl, "container-title")
    meeting = text(csl, "event-title")
    if not book:
        return [
            sentence(text(csl, "title") + online(csl)),
            sentence(f"Paper presented at: {meeting}" if meeting else ""),
        ]
    inside = f"In: {', '.join(editors)}{role}. {book}" if editors else f"In: {book}"
    return [sentence(text(csl, "title")), sentence(inside + online(csl)), sentence(edition(csl))]


def alone(csl: dict[str, Any]) -> str:
    """A title that stands for itself."""
    kind = f" [{DESCRIBED[csl['type']]}]" if csl.get("type") in DESCRIBED else ""
    return " ".join(filter(None, [sentence(text(csl, "title") + kind + online(csl)), sentence(edition(csl))]))


def edition(csl: dict[str, Any]) -> str:
    """“2nd ed”, from a number or from words."""
    said = text(csl, "edition")
    if said.isdecimal():
        last = "th" if said[-2:] in ("11", "12", "13") else {"1": "st", "2": "nd", "3": "rd"}.get(said[-1], "th")
        return f"{said}{last} ed"
    return said


def imprint(csl: dict[str, Any]) -> str:
    """“Place: Publisher; 2007. p. 93-113.”"""
    publisher = ": ".join(filter(None, [text(csl, "publisher-place"), text(csl, "publisher")]))
    when = (moment(csl) or "[date unknown]") + accessed(csl)
    shown = sentence("; ".join(filter(None, [publisher, when])))
    return f"{shown} p. {sentence(pages(csl))}" if csl.get("page") else shown


def numbered(csl: dict[str, Any]) -> str:
    """The number of a report, with what sort of report it is."""
    number = text(csl, "number")
    if csl.get("type") == "report" and number:
        return sentence(f"{text(csl, 'genre') or 'Report No.:'} {number}")
    return sentence(number)


def where(csl: dict[str, Any]) -> str:
    """The DOI, or else the address on the web."""
    if csl.get("DOI"):
        return f"doi:{text(csl, 'DOI')}"
    return f"Available from: {text(csl, 'URL')}" if csl.get("URL") else ""
