"""RIS and PubMed (MEDLINE, nbib): records of tagged lines.

Read here rather than by rispy, which says neither where a record began nor that the last one was cut off.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from literature.importing.items import (
    Csl,
    ImportedItem,
    ImportProblems,
    clean_single_line,
    make_item,
    sort_work_numbers,
)
from literature.importing.mending import join_pages
from literature.importing.people import parse_name

TaggedRecord = tuple[int, list[tuple[str, str]], bool]  # first line, (tag, value) pairs, whether it was ended

RIS_TAG = re.compile(r"\s*([A-Z][A-Z0-9])(?:  ?-(?: (.*)|)|[ \t]{1,4}-[ \t]*(.*))\Z")
NBIB_TAG = re.compile(r"([A-Z]{2,4}) *- (.*)\Z")
RIS_TYPES = {
    "JOUR": "article-journal",
    "EJOUR": "article-journal",
    "ABST": "article-journal",
    "JFULL": "article-journal",
    "INPR": "article-journal",
    "MGZN": "article-magazine",
    "NEWS": "article-newspaper",
    "BOOK": "book",
    "EBOOK": "book",
    "EDBOOK": "book",
    "CHAP": "chapter",
    "ECHAP": "chapter",
    "HEAR": "hearing",
    "PCOMM": "personal_communication",
    "CASE": "legal_case",
    "STAT": "legislation",
    "BILL": "legislation",
    "LEGAL": "legislation",
    "UNPB": "manuscript",
    "UNPD": "manuscript",
    "MANSCPT": "manuscript",
    "CPAPER": "paper-conference",
    "CONF": "paper-conference",
    "BLOG": "post-weblog",
    "RPRT": "report",
    "GOVDOC": "report",
    "THES": "thesis",
    "ELEC": "webpage",
    "WEB": "webpage",
    "GEN": "document",
    "ENCYC": "chapter",
    "DICT": "chapter",
    "SER": "book",
    "DATA": "dataset",
    "AGGR": "dataset",
    "DBASE": "dataset",
    "COMP": "software",
    "PAT": "patent",
    "STAND": "standard",
    "MAP": "map",
    "SLIDE": "speech",
    "VIDEO": "motion_picture",
    "MPCT": "motion_picture",
    "ADVS": "motion_picture",
    "SOUND": "song",
    "FIGURE": "figure",
    "ICOMM": "personal_communication",
    "UNBILL": "legislation",
}
BOOKS = frozenset({"BOOK", "EBOOK", "EDBOOK", "SER"})
# Tags that hold nothing of a citation, or what other tags hold as well: their loss needs no note.
RIS_UNNEEDED = frozenset(
    re.findall(
        r"\S+",
        """
        TY ID ER Y2 AD C6 RP LK L1 L3 L4 LB U1 U2 U3 U4 U5
        """,
    )
)
RIS_READ = frozenset(
    re.findall(
        r"\S+",
        """
        AU A1 A2 A3 A4 ED DA PY Y1 SP EP SN M1 C1 C7 UR L2 N1 KW BT T2 T3
        """,
    )
)
RIS_PLAIN = {
    "TI": "title",
    "T1": "title",
    "CT": "title",
    "JO": "container-title",
    "JF": "container-title",
    "JA": "container-title-short",
    "J2": "container-title-short",
    "PB": "publisher",
    "CY": "publisher-place",
    "PP": "publisher-place",
    "VL": "volume",
    "IS": "issue",
    "ET": "edition",
    "DO": "DOI",
    "AB": "abstract",
    "N2": "abstract",
    "M3": "genre",
    "LA": "language",
    "ST": "title-short",
    "DB": "source",
    "CN": "call-number",
}
NBIB_PLAIN = {
    "TI": "title",
    "BTI": "container-title",
    "JT": "container-title",
    "TA": "container-title-short",
    "PB": "publisher",
    "PL": "publisher-place",
    "VI": "volume",
    "IP": "issue",
    "PG": "page",
    "EN": "edition",
    "AB": "abstract",
    "LA": "language",
    "PMID": "PMID",
    "PMC": "PMCID",
}


def read_ris(text: str) -> Iterator[ImportedItem]:
    """The records of a RIS file."""
    for row, (line, pairs, ended) in enumerate(ris_records(text), start=1):
        found = ImportProblems()
        if not ended:
            found.notes.append("The record has no ER line: look whether it is whole, for the file may be cut off here.")
        yield make_item(row, ris_csl(pairs, found), line, found)


def ris_records(text: str) -> Iterator[TaggedRecord]:
    """Each record from its TY to its ER; a TY before the ER begins another, and the first was cut off."""
    start, pairs = 0, list[tuple[str, str]]()
    for number, line in enumerate(text.split("\n"), start=1):
        match = RIS_TAG.match(line)
        if match and match[1] == "TY":
            if start:
                yield start, pairs, False
            start, pairs = number, [("TY", tag_value(match))]
        elif match and match[1] == "ER" and start:
            yield start, pairs, True
            start, pairs = 0, []
        elif match and start:
            pairs.append((match[1], tag_value(match)))
        elif start and line.strip():
            tag, value = pairs[-1]
            joint = "\n" if tag in ("UR", "L2") else " "
            pairs[-1] = (tag, f"{value}{joint}{line.strip()}".strip())
    if start:
        yield start, pairs, False


def tag_value(match: re.Match[str]) -> str:
    """What stands after the dash."""
    return (match[2] or match[3] or "").strip()


def ris_csl(pairs: list[tuple[str, str]], found: ImportProblems) -> Csl:
    """A CSL item, not yet checked."""
    type_ = pairs[0][1].upper()
    raw: Csl = {"type": RIS_TYPES.get(type_, type_)}
    many: dict[str, list[str]] = {}
    for tag, value in pairs[1:]:
        if not value:
            continue
        many.setdefault(tag, []).append(value)
        if tag in RIS_PLAIN:
            raw.setdefault(RIS_PLAIN[tag], value)
    sort_ris_titles(raw, type_, many)
    for role, tags in (("author", ("AU", "A1")), ("editor", ("A2", "ED")), ("translator", ("A4",))):
        if names := [name for tag in tags for name in many.get(tag, [])]:
            raw[role] = names
    if many.get("A3"):
        raw["collection-editor"] = many["A3"]
    if told := [value for tag in ("DA", "PY", "Y1") for value in many.get(tag, [])]:
        raw["issued"] = {"told": told, "year": many.get("PY", [""])[0]}
    if page := join_pages(*(many.get(tag, [""])[0] for tag in ("SP", "EP"))):
        raw["page"] = page
    elif many.get("C7"):
        raw["page"] = many["C7"][0]
    places = many.pop("C1", []) if type_ in ("CONF", "CPAPER") else []
    if places:
        raw["event-place"] = places[0]
    sort_work_numbers(raw, [*many.get("SN", []), *many.get("M1", []), *many.get("C1", [])])
    if many.get("UR") or many.get("L2"):
        raw["URL"] = "\n".join(many.get("UR") or many["L2"])
    for name, tag, joint in (("note", "N1", "\n"), ("keyword", "KW", "; ")):
        if many.get(tag):
            raw[name] = joint.join(many[tag])
    if unread := sorted(many.keys() - RIS_PLAIN.keys() - RIS_READ - RIS_UNNEEDED):
        found.notes.append(f"Tags that were not read: {', '.join(unread)}.")
    return raw


def sort_ris_titles(raw: Csl, type_: str, many: dict[str, list[str]]) -> None:
    """What BT, T2 and T3 mean: a book's own title and its series, a chapter's book, an article's journal."""
    second, third, book = (many.get(tag, [""])[0] for tag in ("T2", "T3", "BT"))
    if type_ in BOOKS:
        raw.setdefault("title", book)
        series = second if second != raw["title"] else ""
        raw.setdefault("collection-title", series or third)
        return
    raw.setdefault("container-title", second or book)
    raw.setdefault("event-title" if type_ in ("CONF", "CPAPER") else "collection-title", third)


def read_nbib(text: str) -> Iterator[ImportedItem]:
    """The records of a PubMed file."""
    row, start, pairs = 0, 0, list[tuple[str, str]]()
    for number, line in enumerate([*text.split("\n"), ""], start=1):
        match = NBIB_TAG.match(line)
        if match:
            start = start or number
            # a PMID begins a record even where the blank line before it was lost
            if match[1] in ("PMID", "OID") and any(tag == match[1] for tag, _ in pairs):
                row += 1
                yield nbib_item(row, pairs, start)
                start, pairs = number, []
            pairs.append((match[1], match[2].strip()))
        elif line.startswith("      ") and pairs:
            tag, value = pairs[-1]
            pairs[-1] = (tag, f"{value} {line.strip()}")
        elif not line.strip() and pairs:
            row += 1
            yield nbib_item(row, pairs, start)
            start, pairs = 0, []
    if pairs:
        yield nbib_item(row + 1, pairs, start)


def nbib_item(row: int, pairs: list[tuple[str, str]], line: int) -> ImportedItem:
    """A PubMed record as an item."""
    many: dict[str, list[str]] = {}
    for tag, value in pairs:
        if value:
            many.setdefault(tag, []).append(value)
    raw: Csl = {name: many[tag][0] for tag, name in NBIB_PLAIN.items() if many.get(tag)}
    types = {clean_single_line(each).casefold() for each in many.get("PT", [])}
    if "BTI" in many:
        raw["type"] = "chapter" if "TI" in many else "book"
        raw.setdefault("title", many["BTI"][0])
    else:
        raw["type"] = "manuscript" if "preprint" in types else "article-journal"
    if title := raw.get("title"):
        raw["title"] = title.removesuffix(".").strip("[]") if title.startswith("[") else title.removesuffix(".")
    full = many.get("FAU", [])
    short = [parse_initialled_name(name) for name in many.get("AU", [])] if not full else []
    raw["author"] = [*full, *short, *({"literal": name} for name in many.get("CN", []))]
    raw["editor"] = many.get("FED") or many.get("ED") or []
    if many.get("DP"):
        raw["issued"] = many["DP"][0]
    for value in [*many.get("LID", []), *many.get("AID", [])]:
        if value.casefold().endswith("[doi]"):
            raw.setdefault("DOI", value[:-5].strip())
        elif value.startswith(("http://", "https://")):
            raw.setdefault("URL", value)
    if issn := many.get("IS") or many.get("ISSN"):
        raw["ISSN"] = re.split(r"\s*\(", issn[0])[0]
    if many.get("ISBN"):
        raw["ISBN"] = many["ISBN"][0].split()[0]
    if keywords := [*many.get("OT", []), *many.get("MH", [])]:
        raw["keyword"] = "; ".join(keywords)
    found = ImportProblems()
    if not many.keys() & {"SO", "JT", "TA", "BTI", "DP"}:
        found.notes.append(
            "The record has no source and no date: look whether it is whole, for the file may be cut off."
        )
    return make_item(row, raw, line, found)


def parse_initialled_name(name: str) -> dict[str, str]:
    """“Smith JA” as family and given name."""
    family, _, given = clean_single_line(name).rpartition(" ")
    if family and given.isupper() and "," not in name:
        return {"family": family, "given": " ".join(f"{letter}." for letter in given)}
    return parse_name(name) or {}
