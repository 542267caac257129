"""What every reader makes: CSL-JSON items fit for our columns, each with its row and what is wrong with it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from failure_lessons.types import Document, JSONArray, JSONObject, JSONValue
from failure_lessons.validators.csl import normalise_date, variable_fault
from failure_lessons.validators.identifiers import is_isbn, isbn_fault, issn_fault, normalise_doi
from failure_lessons.validators.text import UNWANTED, is_visible, normalise_text
from failure_lessons.vocabularies.choices import CslType, list_codes

Csl = JSONObject
LENGTHS = {"title": 500, "container-title": 300, "publisher": 300, "DOI": 200, "ISBN": 40, "URL": 1000, "licence": 100}
CSL_NAME_FIELDS = ("author", "editor", "translator", "container-author", "collection-editor", "contributor")
NAME_PARTS = ("family", "given", "literal", "suffix", "non-dropping-particle", "dropping-particle")
CSL_DATE_FIELDS = ("issued", "accessed", "event-date", "original-date", "submitted")
IGNORED_CSL_FIELDS = {"id", "custom", "citation-key", "schema", "kind", "slug", "derived", "keyword-list"}
# CSL's other types, by the nearest of ours
NEAREST = {
    "article": "manuscript",
    "bill": "legislation",
    "regulation": "legislation",
    "treaty": "legislation",
    "entry": "chapter",
    "entry-encyclopedia": "chapter",
    "entry-dictionary": "chapter",
    "periodical": "book",
    "classic": "book",
    "collection": "book",
    "post": "post-weblog",
    "pamphlet": "report",
    "dataset": "report",
    "standard": "report",
    "review": "article-journal",
    "review-book": "article-journal",
    "broadcast": "speech",
    "performance": "speech",
    "song": "speech",
    "motion_picture": "speech",
    "patent": "report",
    "document": "report",
}
FOUR_DIGIT_YEAR = re.compile(r"(?<!\d)(1[4-9]\d\d|20\d\d)(?!\d)")
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


@dataclass(frozen=True)
class RowProblem:
    """Why a row cannot be taken in: which field, and what to do about it."""

    field: str
    reason: str


@dataclass(frozen=True)
class ImportedItem:
    """One record of a file. Without problems, `csl` fits our columns; `notes` say what was read with a grain of salt.

    `row` counts the records from 1; `line` is where it begins in the file, 0 where lines mean nothing.
    """

    row: int
    csl: Csl
    line: int = 0
    problems: tuple[RowProblem, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def faulty(self) -> bool:
        return bool(self.problems)


@dataclass
class ImportProblems:
    """What comes up while an item is read."""

    problems: list[RowProblem] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def add_problem(self, name: str, reason: str) -> None:
        self.problems.append(RowProblem(name, reason))


def make_item(row: int, raw: Document, line: int = 0, found: ImportProblems | None = None) -> ImportedItem:
    """An item made of what a reader found; anything may stand in `raw`."""
    found = found or ImportProblems()
    csl: Csl = {"type": nearest_csl_type(raw.get("type"), found)}
    for name, value in raw.items():
        if name in IGNORED_CSL_FIELDS or name == "type" or value in (None, "", [], {}):
            continue
        if name in CSL_NAME_FIELDS:
            kept: JSONValue = clean_csl_names(value, name, found)
        elif name in CSL_DATE_FIELDS:
            kept = clean_csl_date(value, name, found)
        else:
            kept = clean_csl_value(value, name, found)
        if kept not in (None, "", [], {}):
            csl[str(name)[:60]] = kept
    custom = raw.get("custom")
    if isinstance(custom, Mapping) and isinstance(custom.get("licence"), str):
        csl.setdefault("licence", clean_text(custom["licence"]))
    if any(UNWANTED.search(str(value)) for value in raw.values()):
        found.notes.append(normalise_text("".join(map(str, raw.values())))[1])
    check_columns(csl, found)
    return ImportedItem(row, csl, line, tuple(found.problems), tuple(found.notes))


def make_faulty_item(row: int, name: str, reason: str, line: int = 0, csl: Csl | None = None) -> ImportedItem:
    """An item that could not be read at all."""
    return ImportedItem(row, csl or {}, line, (RowProblem(name, reason),))


def clean_text(value: object) -> str:
    """Words without control characters, blanks at their ends, or runs of blanks within a line."""
    lines = normalise_text(str(value))[0].split("\n")
    return "\n".join(" ".join(line.split()) for line in lines).strip()


def clean_single_line(value: object) -> str:
    return " ".join(clean_text(value).split())


def nearest_csl_type(value: JSONValue, found: ImportProblems) -> str:
    """One of our types of work."""
    if value in list_codes(CslType):
        return str(value)
    nearest = NEAREST.get(value, "") if isinstance(value, str) else ""
    if not nearest:
        nearest = "report"
    if value not in (None, ""):
        label = CslType(nearest).label
        found.notes.append(f"The type “{clean_single_line(value)[:40]}” is not among ours: taken as {label.lower()}.")
    return nearest


def clean_csl_value(value: JSONValue, name: str, found: ImportProblems) -> str:
    """A text or number; a list of them as one text; anything nested is refused."""
    if isinstance(value, bool | Mapping):
        found.add_problem(name, "Text is expected here.")
        return ""
    if isinstance(value, int | float):
        return str(value)
    if isinstance(value, list):
        if not all(isinstance(each, str | int | float) for each in value):
            found.add_problem(name, "Text is expected here.")
            return ""
        return "; ".join(clean_single_line(each) for each in value)
    return clean_text(value) if name in ("abstract", "note") else clean_single_line(value)


def clean_csl_names(value: JSONValue, role: str, found: ImportProblems) -> list[dict[str, str]]:
    """CSL names."""
    names = []
    for each in value if isinstance(value, list) else [value]:
        if isinstance(each, str) and each.strip():
            each = parse_comma_name(each)
        if not isinstance(each, Mapping):
            found.add_problem(role, "Names are expected here, each with “family” and “given” or “literal”.")
            return []
        name = {part: clean_single_line(each[part]) for part in NAME_PARTS if isinstance(each.get(part), str)}
        name = {part: words for part, words in name.items() if words}
        if name.get("given") and not name.get("family") and not name.get("literal"):
            name = {"literal": name["given"]}
        if name.get("family") or name.get("literal"):
            names.append(name)
    return names


def parse_comma_name(name: str) -> dict[str, str]:
    """“Family, Given, Suffix”; a name without a comma is a body."""
    parts = [part for part in (clean_single_line(part) for part in name.split(",")) if part]
    if (len(parts) == 2 or (len(parts) == 3 and len(parts[2]) <= 5)) and not is_body(parts):
        return dict(zip(("family", "given", "suffix"), parts, strict=False))
    return {"literal": clean_single_line(name)}


def is_body(parts: list[str]) -> bool:
    """Whether a comma stands within the name of a body: “Independent Monitoring Board, HMP Birmingham”."""
    return " and " in parts[1] or sum(word[:1].isupper() for word in parts[0].split()) >= 3


def clean_csl_date(value: JSONValue, name: str, found: ImportProblems) -> Csl | None:
    """A CSL date from a CSL date or from words."""
    if isinstance(value, Mapping):
        parts = value.get("date-parts")
        dates = (
            [keep_possible_parts(each) for each in parts if isinstance(each, list)] if isinstance(parts, list) else []
        )
        if dates and all(dates):
            if [*map(len, dates)] != [len(each) for each in parts or [] if isinstance(each, list)]:
                found.notes.append(f"{name}: only what the calendar has was kept of {json.dumps(parts)[:60]}.")
            made: Csl = {"date-parts": dates[:2]}
            return keep_possible_date(made | ({"circa": True} if value.get("circa") else {}), found)
        value = value.get("raw") or value.get("literal") or ("?" if parts else "")
    words = clean_single_line(value)
    if not words:
        return None
    if made_of_words := parse_date_words(words):
        return keep_possible_date(made_of_words, found)
    if name == "issued":
        found.add_problem(name, f"“{words[:60]}” holds no year. Write 2019, 2019-04 or 2019-04-12.")
    return None


def keep_possible_date(date: Csl, found: ImportProblems) -> Csl:
    """The date as far as the calendar has it."""
    kept, note = normalise_date(date)
    found.notes += [note] if note else []
    return kept


def keep_possible_parts(numbers: JSONArray) -> list[int]:
    """Year, month and day as far as they are possible; empty without a year."""
    kept: list[int] = []
    for number, largest in zip(numbers, (9999, 12, 31), strict=False):
        if isinstance(number, bool) or not str(number).isdecimal() or not 1 <= int(str(number)[:9]) <= largest:
            break
        kept.append(int(number))
    return kept


def parse_date_words(words: str) -> Csl | None:
    """A date from “2019/04/12”, “2019 Apr 12”, “12 April 2019”, “c. 1998”, “2016-2017”; None without a year."""
    if not (year := FOUR_DIGIT_YEAR.search(words)):
        return None
    numbers = [int(year[1])]
    rest = f"{words[: year.start()]} {words[year.end() :]}".casefold()
    if span := re.fullmatch(r"\s*\(?(\d{4})\s*[-–/]\s*(\d{4})\)?\s*", words):
        return {"date-parts": [[int(span[1])], [int(span[2])]]}
    month = next((place for place, short in enumerate(MONTHS, 1) if re.search(rf"\b{short}", rest)), 0)
    digits = [int(each) for each in re.findall(r"(?<!\d)\d{1,2}(?!\d)", rest)]
    if not month and digits:
        # with the year first the month follows it; with the year last the day comes first, as we write it
        month = digits.pop(0) if year.start() < 4 or len(digits) == 1 else digits.pop(1)
    if 1 <= month <= 12:
        numbers += [month, *[day for day in digits[:1] if 1 <= day <= 31]]
    circa = {"circa": True} if re.search(r"\bc(a|irca)?\b\.?|~|\?", words.casefold()) else {}
    return {"date-parts": [numbers], **circa}


def check_columns(csl: Csl, found: ImportProblems) -> None:
    """What the columns can hold."""
    if not is_visible(csl.get("title", "")):
        found.add_problem("title", "There is no title, and a reference needs one.")
    mend_identifiers(csl, found)
    for name, value in csl.items():
        if name != "title" and (words := variable_fault(name, value)):
            found.add_problem(name, words)
    for name, most in LENGTHS.items():
        if len(str(csl.get(name, ""))) > most:
            found.add_problem(name, f"It has {len(csl[name]):,} characters, and at most {most} have room.")


def mend_identifiers(csl: Csl, found: ImportProblems) -> None:
    """A DOI without its resolver; ISBN and ISSN that no work has are left out, and the row says which."""
    if csl.get("DOI"):
        csl["DOI"] = normalise_doi(csl["DOI"])[0]  # no note: every program writes it with a resolver or without
    for name, fault in (("ISBN", isbn_fault), ("ISSN", issn_fault)):
        if csl.get(name) and (words := fault(csl[name])):
            found.notes.append(f"The {name} was left out. {words}")
            del csl[name]


def sort_work_numbers(raw: Csl, values: list[str]) -> None:
    """Sort the numbers of a work into ISBN, ISSN and its own number, by their shape."""
    for value in filter(None, map(clean_single_line, values)):
        first = value.split()[0]
        if re.fullmatch(r"\d{4}-?\d{3}[\dXx]", first) and "ISSN" not in raw:
            raw["ISSN"] = value
        elif is_isbn(value) or is_isbn(first) or re.fullmatch(r"[\d-]{9,16}[\dXx]", first):
            raw.setdefault("ISBN", value)
        else:
            raw.setdefault("number", value)
