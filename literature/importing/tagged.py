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
    make_faulty_item,
    make_item,
    parse_comma_name,
    sort_work_numbers,
)

TaggedRecord = tuple[int, list[tuple[str, str]], bool]  # first line, (tag, value) pairs, whether it was ended

RIS_TAG = re.compile(r"\s*([A-Z][A-Z0-9])  ?-(?: (.*)|)\Z")
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
    "GEN": "speech",
}
RIS_PLAIN = {
    "TI": "title",
    "T1": "title",
    "CT": "title",
    "T2": "container-title",
    "JO": "container-title",
    "JF": "container-title",
    "BT": "container-title",
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
    "T3": "event-title",
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
        if not ended:
            yield make_faulty_item(
                row, "ER", "The record has no ER line: the file may be cut off here.", line, ris_csl(pairs)
            )
        else:
            yield make_item(row, ris_csl(pairs), line)


def ris_records(text: str) -> Iterator[TaggedRecord]:
    """Each record from its TY to its ER; a TY before the ER begins another, and the first was cut off."""
    start, pairs = 0, list[tuple[str, str]]()
    for number, line in enumerate(text.split("\n"), start=1):
        match = RIS_TAG.match(line)
        if match and match[1] == "TY":
            if start:
                yield start, pairs, False
            start, pairs = number, [("TY", (match[2] or "").strip())]
        elif match and match[1] == "ER" and start:
            yield start, pairs, True
            start, pairs = 0, []
        elif match and start:
            pairs.append((match[1], (match[2] or "").strip()))
        elif start and line.strip():
            tag, value = pairs[-1]
            pairs[-1] = (tag, f"{value} {line.strip()}".strip())
    if start:
        yield start, pairs, False


def ris_csl(pairs: list[tuple[str, str]]) -> Csl:
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
    for role, tags in (("author", ("AU", "A1")), ("editor", ("A2", "ED")), ("translator", ("A4",))):
        if names := [parse_comma_name(name) for tag in tags for name in many.get(tag, [])]:
            raw[role] = names
    years = [*many.get("DA", []), *many.get("PY", []), *many.get("Y1", [])]
    if years:
        raw["issued"] = max(years, key=lambda each: len(re.findall(r"\d+", each)))
    pages = [many.get(tag, [""])[0] for tag in ("SP", "EP")]
    if page := "-".join(dict.fromkeys(filter(None, pages))):
        raw["page"] = page
    sort_work_numbers(raw, [*many.get("SN", []), *many.get("M1", []), *many.get("C1", [])])
    if many.get("UR") or many.get("L2"):
        raw["URL"] = (many.get("UR") or many["L2"])[0]
    for name, tag, joint in (("note", "N1", "\n"), ("keyword", "KW", "; ")):
        if many.get(tag):
            raw[name] = joint.join(many[tag])
    return raw


def read_nbib(text: str) -> Iterator[ImportedItem]:
    """The records of a PubMed file."""
    row, start, pairs = 0, 0, list[tuple[str, str]]()
    for number, line in enumerate([*text.split("\n"), ""], start=1):
        match = NBIB_TAG.match(line)
        if match:
            start = start or number
            # a PMID begins a record even where the blank line before it was lost
            if match[1] == "PMID" and any(tag == "PMID" for tag, _ in pairs):
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
    full = [parse_comma_name(name) for name in many.get("FAU", [])]
    short = [parse_initialled_name(name) for name in many.get("AU", [])] if not full else []
    bodies = [{"literal": name} for name in many.get("CN", [])]
    raw["author"] = [*full, *short, *bodies]
    raw["editor"] = [parse_comma_name(name) for name in many.get("FED", [])]
    if many.get("DP"):
        raw["issued"] = many["DP"][0]
    for value in [*many.get("LID", []), *many.get("AID", [])]:
        if value.casefold().endswith("[doi]"):
            raw.setdefault("DOI", value[:-5].strip())
    if many.get("IS"):
        raw["ISSN"] = re.split(r"\s*\(", many["IS"][0])[0]
    if many.get("ISBN"):
        raw["ISBN"] = many["ISBN"][0].split()[0]
    if keywords := [*many.get("OT", []), *many.get("MH", [])]:
        raw["keyword"] = "; ".join(keywords)
    found = ImportProblems()
    if "PMID" not in many:
        found.add_problem("PMID", "The record has no PMID: its beginning may be missing.")
    if not many.keys() & {"SO", "JT", "TA", "BTI", "DP"}:
        found.add_problem("SO", "The record has no source and no date: the file may be cut off here.")
    return make_item(row, raw, line, found)


def parse_initialled_name(name: str) -> dict[str, str]:
    """“Smith JA” as family and given name."""
    family, _, given = clean_single_line(name).rpartition(" ")
    if family and given.isupper():
        return {"family": family, "given": " ".join(f"{letter}." for letter in given)}
    return {"literal": clean_single_line(name)}
