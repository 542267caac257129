"""What every reader makes: CSL-JSON items fit for our columns, each with its row and what is wrong with it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from failure_lessons.types import Document, JSONArray, JSONObject, JSONValue
from failure_lessons.validators.csl import LONGEST_PART, LONGEST_VARIABLE, normalise_date, variable_fault
from failure_lessons.validators.identifiers import is_isbn, isbn_fault, issn_fault, split_isbns
from failure_lessons.validators.text import UNWANTED, is_visible, normalise_text
from failure_lessons.vocabularies.choices import CslType, list_codes
from literature.importing.dates import compose_date
from literature.importing.mending import cut_text, mend_address, mend_doi, mend_pages, strip_markup
from literature.importing.people import parse_name

Csl = JSONObject
LENGTHS = {"title": 500, "container-title": 300, "publisher": 300, "DOI": 200, "ISBN": 40, "URL": 1000, "licence": 100}
CSL_NAME_FIELDS = ("author", "editor", "translator", "container-author", "collection-editor", "contributor")
NAME_PARTS = ("family", "given", "literal", "suffix", "non-dropping-particle", "dropping-particle")
CSL_DATE_FIELDS = ("issued", "accessed", "event-date", "original-date", "submitted")
IGNORED_CSL_FIELDS = {"id", "custom", "citation-key", "schema", "kind", "slug", "derived", "keyword-list"}
# The texts and numbers of CSL 1.0.2, and our licence. Whatever else a file holds is no part of a citation.
STANDARD_VARIABLES = frozenset(
    re.findall(
        r"\S+",
        """
        abstract annote archive archive-place archive_collection archive_location authority call-number
        chapter-number citation-number citation-label collection-number collection-title container-title
        container-title-short dimensions division DOI edition event event-title event-place
        first-reference-note-number genre ISBN ISSN issue jurisdiction keyword language licence license locator
        medium note number number-of-pages number-of-volumes original-publisher original-publisher-place
        original-title page page-first part-number part-title PMCID PMID printing-number publisher
        publisher-place references reviewed-genre reviewed-title scale section source status supplement-number
        title title-short URL version volume volume-title volume-title-short year-suffix
        """,
    )
)
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
    "software": "report",
    "map": "report",
    "figure": "report",
    "graphic": "report",
    # Crossref's, as doi.org gives them
    "journal-article": "article-journal",
    "journal": "book",
    "journal-issue": "book",
    "book-chapter": "chapter",
    "book-section": "chapter",
    "book-part": "chapter",
    "book-series": "book",
    "book-set": "book",
    "reference-entry": "chapter",
    "reference-book": "book",
    "edited-book": "book",
    "monograph": "book",
    "proceedings-article": "paper-conference",
    "proceedings": "book",
    "posted-content": "manuscript",
    "peer-review": "article-journal",
    "report-component": "report",
    "report-series": "report",
    "dissertation": "thesis",
}
EXACT = {"journal-article", "book-chapter", "proceedings-article", "dissertation", "monograph"}  # no note is due


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
    """An item made of what a reader found; anything may stand in `raw`.

    Whatever has a title, or a DOI, is taken in: what cannot be kept is left out, and a note says so.
    """
    found = found or ImportProblems()
    csl: Csl = {"type": nearest_csl_type(raw.get("type"), found)}
    unread = []
    for name, value in raw.items():
        if name in IGNORED_CSL_FIELDS or name == "type" or value in (None, "", [], {}):
            continue
        if name in CSL_NAME_FIELDS:
            kept: JSONValue = clean_csl_names(value, name, found)
        elif name in CSL_DATE_FIELDS:
            kept = clean_csl_date(value, name, found)
        elif name not in STANDARD_VARIABLES or is_nested(value):
            unread.append(str(name)[:40])
            continue
        else:
            kept = clean_csl_value(value, name)
        if kept not in (None, "", [], {}):
            csl[str(name)[:60]] = kept
    custom = raw.get("custom")
    if isinstance(custom, Mapping) and isinstance(custom.get("licence"), str):
        csl.setdefault("licence", clean_text(custom["licence"]))
    if any(UNWANTED.search(str(value)) for value in raw.values()):
        found.notes.append(normalise_text("".join(map(str, raw.values())))[1])
    if unread:
        found.notes.append(f"Not kept, for no reference holds it: {', '.join(sorted(unread))[:300]}.")
    check_columns(csl, found)
    notes = dict.fromkeys(note for note in found.notes if note)
    return ImportedItem(row, csl, line, tuple(found.problems), tuple(notes))


def is_nested(value: JSONValue) -> bool:
    """Whether this is no text, number, or list of them."""
    if isinstance(value, list):
        return not all(isinstance(each, str | int | float) and not isinstance(each, bool) for each in value)
    return isinstance(value, bool | Mapping)


def make_faulty_item(row: int, name: str, reason: str, line: int = 0, csl: Csl | None = None) -> ImportedItem:
    """An item that could not be read at all."""
    return ImportedItem(row, csl or {}, line, (RowProblem(name, reason),))


def clean_text(value: object) -> str:
    """Words without markup, control characters, blanks at their ends, or runs of blanks within a line."""
    lines = normalise_text(strip_markup(str(value)))[0].split("\n")
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
    if value not in (None, "") and value not in EXACT:
        label = CslType(nearest).label
        found.notes.append(f"The type “{clean_single_line(value)[:40]}” is not among ours: taken as {label.lower()}.")
    return nearest


def clean_csl_value(value: JSONValue, name: str) -> str:
    """A text or number; a list of them as one text."""
    if isinstance(value, int | float):
        return str(value)
    if isinstance(value, list):
        texts = [clean_single_line(each) for each in value]
        return texts[0] if name in ("title", "container-title") and texts else "; ".join(texts)
    return clean_text(value) if name in ("abstract", "note") else clean_single_line(value)


def clean_csl_names(value: JSONValue, role: str, found: ImportProblems) -> list[dict[str, str]]:
    """CSL names; whatever is no name is left out with a note."""
    names, lost = [], 0
    for each in value if isinstance(value, list) else [value]:
        if isinstance(each, str):
            each = parse_name(clean_single_line(each)) or {"others": True}
        if not isinstance(each, Mapping):
            lost += 1
            continue
        name = {part: clean_single_line(each[part]) for part in NAME_PARTS if isinstance(each.get(part), str)}
        name = {part: shorten_part(words, role, found) for part, words in name.items() if words}
        if "literal" not in name and isinstance(each.get("name"), str):  # Crossref's bodies
            name["literal"] = clean_single_line(each["name"])
        if name.get("given") and not name.get("family") and not name.get("literal"):
            name = {"literal": name["given"]}
        if name.get("family") or name.get("literal"):
            names.append(name)
        elif each.get("others"):
            found.notes.append(f"{role}: the file says “and others”, and does not name them.")
        else:
            lost += 1
    if lost:
        found.notes.append(f"{role}: {lost} of {lost + len(names)} could not be read as names, and were left out.")
    return names


def shorten_part(words: str, role: str, found: ImportProblems) -> str:
    """A part of a name within the length that has room."""
    if len(words) <= LONGEST_PART:
        return words
    found.notes.append(f"{role}: a name of {len(words):,} characters was shortened to {LONGEST_PART}.")
    return cut_text(words, LONGEST_PART)


def clean_csl_date(value: JSONValue, name: str, found: ImportProblems) -> Csl | None:
    """A CSL date from a CSL date, from words, or from `{"told": [words], "year": words}`, which a reader composes."""
    if isinstance(value, Mapping) and "told" in value:
        return compose_clean_date(value["told"], clean_single_line(value.get("year", "")), name, found)
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
    return compose_clean_date([value], "", name, found)


def compose_clean_date(told: Iterable[object], year: str, name: str, found: ImportProblems) -> Csl | None:
    """A date of all these words; what is not kept of them is noted."""
    date, notes = compose_date([clean_single_line(each) for each in told], year=year)
    found.notes += [f"{name}: {note}" for note in notes]
    return keep_possible_date(date, found) if date else None


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


def check_columns(csl: Csl, found: ImportProblems) -> None:
    """What the columns can hold; what they cannot is mended, shortened or left out, with a note."""
    mend_identifiers(csl, found)
    if not is_visible(csl.get("title", "")):
        if csl.get("DOI"):
            csl["title"] = f"Untitled (DOI {csl['DOI']})"
            found.notes.append("There is no title: the DOI stands in its place until somebody writes it.")
        else:
            found.add_problem("title", "There is no title, and a reference needs one.")
    elif len(csl["title"]) > LENGTHS["title"]:
        csl["note"] = "\n".join(filter(None, [f"Full title: {csl['title']}", csl.get("note", "")]))
    for name, value in list(csl.items()):
        most = LENGTHS.get(name, LONGEST_VARIABLE)
        if isinstance(value, str) and len(value) > most:
            csl[name] = cut_text(value, most)
            where = " The whole stands in the note." if name == "title" else ""
            found.notes.append(f"{name}: {len(value):,} characters were shortened to {most:,}.{where}")
        if name != "title" and (words := variable_fault(name, csl[name])):
            found.notes.append(f"{name} was left out. {words}")
            del csl[name]


def mend_identifiers(csl: Csl, found: ImportProblems) -> None:
    """DOI, address and pages made whole; identifiers that no work has are left out, and the row says which."""
    for name, mend in (("DOI", mend_doi), ("URL", mend_address)):
        if csl.get(name):
            value, note = mend(str(csl.pop(name)))
            found.notes += [f"{name}: {note}"] if note else []
            if len(value) > LENGTHS[name]:
                found.notes.append(f"{name} was left out: it has {len(value):,} characters.")
            elif value:
                csl[name] = value
    if csl.get("page"):
        csl["page"] = mend_pages(str(csl["page"]))
    if csl.get("ISBN"):
        keep_first_isbns(csl, found)
    for name, fault in (("ISBN", isbn_fault), ("ISSN", issn_fault)):
        if csl.get(name) and (words := fault(csl[name])):
            found.notes.append(f"The {name} was left out. {words}")
            del csl[name]


def keep_first_isbns(csl: Csl, found: ImportProblems) -> None:
    """As many ISBNs as have room, without those that no work has where others are right."""
    given = split_isbns(csl["ISBN"])
    sound = [each for each in given if is_isbn(each)]
    if not sound or (sound == given and len(csl["ISBN"]) <= LENGTHS["ISBN"]):
        return
    kept = sound[0]
    for each in sound[1:]:
        if len(f"{kept}, {each}") <= LENGTHS["ISBN"]:
            kept = f"{kept}, {each}"
    csl["ISBN"] = kept
    found.notes.append(f"Of the ISBNs {', '.join(given)[:120]} was kept: {kept}.")


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
