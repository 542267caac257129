"""EndNote's tagged form (`%A Hill, Peter`) and the plain text of Web of Science (`AU Hill, P`)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from literature.importing.items import Csl, ImportedItem, ImportProblems, make_item, sort_work_numbers
from literature.importing.mending import join_pages
from literature.importing.people import parse_name
from literature.importing.structured import ENDNOTE_TYPES

Lines = dict[str, list[str]]

ENW_PLAIN = {
    "T": "title",
    "J": "container-title",
    "I": "publisher",
    "C": "publisher-place",
    "V": "volume",
    "N": "issue",
    "P": "page",
    "R": "DOI",
    "U": "URL",
    "X": "abstract",
    "G": "language",
    "7": "edition",
    "9": "genre",
    "S": "collection-title",
    "Z": "note",
    "!": "title-short",
}
CIW_PLAIN = {
    "TI": "title",
    "SO": "container-title",
    "J9": "container-title-short",
    "PU": "publisher",
    "PI": "publisher-place",
    "VL": "volume",
    "IS": "issue",
    "DI": "DOI",
    "AB": "abstract",
    "LA": "language",
    "SE": "collection-title",
    "PM": "PMID",
    "CT": "event-title",
    "CL": "event-place",
}
CIW_TYPES = {"J": "article-journal", "B": "book", "S": "book", "P": "patent"}
# Tags of Web of Science that hold nothing of a citation.
CIW_UNNEEDED = frozenset(
    re.findall(
        r"\S+",
        """
        FN VR PT ER EF DT C1 C3 RP EM OI RI FU FX CR NR TC Z9 U1 U2 WC WE SC GA UT OA DA HC HP CA GP JI PA ID D2
        EA CY HO SP
        """,
    )
)


def read_enw(text: str) -> Iterator[ImportedItem]:
    """The records of a file .enw: each begins with `%0`."""
    start, record = 0, Lines()
    row, last = 0, ""
    for number, line in enumerate([*text.split("\n"), "%0 "], start=1):
        match = re.match(r"\s*%(\S)(?: (.*))?\Z", line)
        if match and match[1] == "0":
            if record:
                row += 1
                yield enw_item(row, record, start)
            start, record, last = number, {"0": [(match[2] or "").strip()]}, "0"
        elif match and record:
            last = match[1]
            record.setdefault(last, []).append((match[2] or "").strip())
        elif record and line.strip():
            record[last][-1] = f"{record[last][-1]} {line.strip()}"
    if not row and record and record.get("T"):
        yield enw_item(1, record, start)


def enw_item(row: int, record: Lines, line: int) -> ImportedItem:
    """One record as an item."""
    found = ImportProblems()
    kind = record["0"][0]
    raw: Csl = {"type": ENDNOTE_TYPES.get(kind, kind)}
    raw |= {name: record[tag][0] for tag, name in ENW_PLAIN.items() if record.get(tag)}
    if record.get("B"):
        raw.setdefault("container-title", record["B"][0])
    for tag, role in (("A", "author"), ("E", "editor"), ("Y", "collection-editor"), ("?", "translator")):
        raw[role] = record.get(tag, [])
    if told := [*record.get("8", []), *record.get("D", [])]:
        raw["issued"] = {"told": told, "year": record.get("D", [""])[0]}
    sort_work_numbers(raw, record.get("@", []))
    if record.get("K"):
        raw["keyword"] = "; ".join(record["K"])
    unread = sorted(record.keys() - ENW_PLAIN.keys() - set("0ABEY?8D@K") - set("FLMWHQ><[(=+"))
    if unread:
        found.notes.append(f"Tags that were not read: {', '.join(f'%{tag}' for tag in unread)}.")
    return make_item(row, raw, line, found)


def read_ciw(text: str) -> Iterator[ImportedItem]:
    """The records of a plain text of Web of Science: each from its `PT` to its `ER`."""
    start, record = 0, Lines()
    row, last = 0, ""
    for number, line in enumerate([*text.split("\n"), "EF"], start=1):
        match = re.match(r"([A-Z][A-Z0-9])(?: (.*))?\Z", line)
        if match and match[1] in ("PT", "ER", "EF"):
            if record:
                row += 1
                yield ciw_item(row, record, start, ended=match[1] == "ER")
            start, record = number, {"PT": [(match[2] or "").strip()]} if match[1] == "PT" else {}
            last = match[1]
        elif match and record:
            last = match[1]
            record.setdefault(last, []).append((match[2] or "").strip())
        elif record and line.startswith("   ") and line.strip():
            record.setdefault(last, []).append(line.strip())


def ciw_item(row: int, record: Lines, line: int, *, ended: bool) -> ImportedItem:
    """One record as an item."""
    found = ImportProblems()
    if not ended:
        found.notes.append("The record has no ER line: look whether it is whole, for the file may be cut off here.")
    raw: Csl = {"type": CIW_TYPES.get(record["PT"][0], "article-journal")}
    raw |= {name: " ".join(record[tag]) for tag, name in CIW_PLAIN.items() if record.get(tag)}
    raw["author"] = [name for each in record.get("AF") or record.get("AU", []) if (name := parse_name(each))]
    raw["editor"] = record.get("BE") or record.get("ED", [])
    raw["author"] += [{"literal": name} for name in record.get("CA", [])]
    if told := [" ".join(record[tag]) for tag in ("PD", "PY") if record.get(tag)]:
        raw["issued"] = {"told": told, "year": " ".join(record.get("PY", []))}
    pages = [" ".join(record.get(tag, [])) for tag in ("BP", "EP")]
    if page := join_pages(*pages) or " ".join(record.get("AR", [])):
        raw["page"] = page
    sort_work_numbers(raw, [*record.get("SN", []), *record.get("BN", [])])
    if keywords := " ".join(record.get("DE", [])):
        raw["keyword"] = keywords
    read = {"AU", "AF", "BE", "ED", "PD", "PY", "BP", "EP", "AR", "SN", "BN", "DE", "EI", "PG"}
    if unread := sorted(record.keys() - CIW_PLAIN.keys() - CIW_UNNEEDED - read):
        found.notes.append(f"Tags that were not read: {', '.join(unread)}.")
    return make_item(row, raw, line, found)
