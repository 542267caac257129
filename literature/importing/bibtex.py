"""BibTeX and BibLaTeX."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache

from bibtexparser.entrypoint import parse_string
from bibtexparser.middlewares.names import parse_single_name_into_parts, split_multiple_persons_names
from bibtexparser.model import Block, DuplicateBlockKeyBlock, DuplicateFieldKeyBlock, Entry, ParsingFailedBlock, String
from pylatexenc.latex2text import LatexNodes2Text  # type: ignore[import-untyped]

from failure_lessons.types import JSONObject
from literature.importing.items import Csl, ImportedItem, ImportProblems, make_faulty_item, make_item

CSL_TYPE_OF_BIBTEX = {
    "article": "article-journal",
    "book": "book",
    "mvbook": "book",
    "booklet": "book",
    "manual": "report",
    "collection": "book",
    "proceedings": "book",
    "inbook": "chapter",
    "incollection": "chapter",
    "inproceedings": "paper-conference",
    "conference": "paper-conference",
    "techreport": "report",
    "report": "report",
    "phdthesis": "thesis",
    "mastersthesis": "thesis",
    "thesis": "thesis",
    "unpublished": "manuscript",
    "online": "webpage",
    "electronic": "webpage",
    "www": "webpage",
    "legislation": "legislation",
    "jurisdiction": "legal_case",
}
CSL_NAME_OF_BIBTEX = {
    "title": "title",
    "journal": "container-title",
    "journaltitle": "container-title",
    "booktitle": "container-title",
    "series": "collection-title",
    "volume": "volume",
    "edition": "edition",
    "isbn": "ISBN",
    "issn": "ISSN",
    "publisher": "publisher",
    "institution": "publisher",
    "school": "publisher",
    "organization": "publisher",
    "howpublished": "publisher",
    "address": "publisher-place",
    "location": "publisher-place",
    "type": "genre",
    "abstract": "abstract",
    "note": "note",
    "annote": "note",
    "keywords": "keyword",
    "language": "language",
    "langid": "language",
    "issue": "issue",
    "shorttitle": "title-short",
    "eid": "page",
    "eventtitle": "event-title",
    "venue": "event-place",
    "pagetotal": "number-of-pages",
    "version": "version",
}
# What an entry takes from the one that `crossref` or `xdata` names, and under which name.
INHERITED = {"title": "booktitle", "subtitle": "booksubtitle", "author": "bookauthor"}
NOT_INHERITED = frozenset(
    {"crossref", "xdata", "ids", "shorttitle", "pages", "abstract", "keywords", "file", "note", "doi"}
)
# Fields that hold nothing of a citation, or that are read elsewhere: their loss needs no note.
READ_ELSEWHERE = frozenset(
    re.findall(
        r"\S+",
        """
        author editor translator number pages date year month day doi url subtitle booksubtitle journalsubtitle
        urldate crossref xdata ids file timestamp owner groups bdsk-url-1 bdsk-file-1 date-added date-modified
        keywords-plus
        """,
    )
)
KEYLESS = re.compile(r"(@(?!string|comment|preamble)[A-Za-z]+\s*[{(]\s*)(?=,|[A-Za-z_-]+\s*=)", re.IGNORECASE)
STRAY_COMMA = re.compile(r"(@[A-Za-z]+\s*[{(]\s*[^,={}\s]+\s*,)(?:\s*,)+")
MATH = re.compile(r"\$([^$]{1,80})\$")
ADDRESS = re.compile(r"\\(?:url|href)\s*\{([^{}]*)\}|<(https?://[^<>\s]+)>|(https?://[^\s{}<>]+)")
MOST_PARENTS = 4  # of entries that inherit from entries
MAX_BRACE_DEPTH = 30  # braces within braces
# what a LaTeX reader would take for markup, or turn into a likeness of what was meant
SPELT = {
    r"\textbraceleft": "{",
    r"\textbraceright": "}",
    r"\textbackslash": "\\",
    r"\textasciitilde": "~",
    r"\textasciicircum": "^",
    r"\{": "{",
    r"\}": "}",
}
HELD = {letter: chr(0xE000 + place) for place, letter in enumerate("{}\\~^")}
SPELLING = re.compile("|".join(rf"{re.escape(each)}(?:\{{\}}| ?(?![A-Za-z]))" for each in SPELT))


@cache
def get_latex_decoder() -> LatexNodes2Text:
    """What turns LaTeX into letters."""
    return LatexNodes2Text(keep_comments=True, math_mode="verbatim")


def decode_latex(value: str) -> str:
    """LaTeX as the text that it prints."""
    if brace_depth(value) > MAX_BRACE_DEPTH:
        raise ValueError("braces are nested too deeply")
    value = MATH.sub(lambda found: plain_math(found[1]) if re.search(r"[_^\\]", found[1]) else found[0], value)
    held = SPELLING.sub(lambda match: HELD[SPELT[match[0].removesuffix("{}").strip()]], value)
    held = (
        str(get_latex_decoder().latex_to_text(held))
        if re.search(r"[\\$~]|--|``|''", held)
        else re.sub("[{}]", "", held)
    )
    for letter, placeholder in HELD.items():
        held = held.replace(placeholder, letter)
    return held


def plain_math(formula: str) -> str:
    """The letters of a formula: CO$_2$ is CO2. What it says with commands is decoded with the rest."""
    return re.sub(
        r"\\(?:text|mathrm|mathit|mathbf|textsubscript|textsuperscript|rm)\b\s*", "", re.sub(r"[_^{}]", "", formula)
    )


def brace_depth(value: str) -> int:
    """How deep braces go."""
    deepest = now = 0
    for each in re.findall("[{}]", value):
        now += 1 if each == "{" else -1
        deepest = max(deepest, now)
    return deepest


def read_bibtex(text: str) -> Iterator[ImportedItem]:
    """The entries of a BibTeX file."""
    text = STRAY_COMMA.sub(r"\1", KEYLESS.sub(r"\1without-key,", text))
    blocks = parse_string(text, parse_stack=[]).blocks
    texts = {block.key.casefold(): str(block.value) for block in blocks if isinstance(block, String)}
    entries = [(block, bibtex_entry(block)) for block in blocks]
    fields = {id(entry): entry_fields(entry, texts) for _, entry in entries if entry}
    by_key = {entry.key.casefold(): fields[id(entry)] for _, entry in reversed(entries) if entry}
    row = 0
    for block, entry in entries:
        line = (block.start_line or 0) + 1
        if entry:
            row += 1
            found = ImportProblems()
            if isinstance(block, DuplicateFieldKeyBlock):
                names = ", ".join(sorted(block.duplicate_keys))
                found.notes.append(f"The entry has the field “{names}” twice: the first was kept.")
            yield entry_item(row, entry.entry_type.casefold(), inherit_fields(fields[id(entry)], by_key), line, found)
        elif isinstance(block, ParsingFailedBlock):
            row += 1
            yield make_faulty_item(
                row, "entry", "A brace or quotation mark is not closed. The file may be cut off here.", line
            )


def bibtex_entry(block: Block) -> Entry | None:
    """The entry in a block: two of one key are two to us, and a field that stands twice spoils none."""
    if isinstance(block, DuplicateBlockKeyBlock | DuplicateFieldKeyBlock):
        inner = block.ignore_error_block
        return inner if isinstance(inner, Entry) else None
    return block if isinstance(block, Entry) else None


def entry_fields(entry: Entry, texts: Mapping[str, str]) -> dict[str, str]:
    """The fields of an entry by name, the first of each; joined texts and abbreviations resolved."""
    found: dict[str, str] = {}
    for field in entry.fields:
        found.setdefault(field.key.casefold().strip(), join_parts(str(field.value), texts))
    return found


def join_parts(value: str, texts: Mapping[str, str], depth: int = 0) -> str:
    """A value without what encloses it; parts joined by `#`, abbreviations replaced by what they stand for."""
    parts = split_joined(value.strip())
    whole = []
    for part in parts:
        if (part[:1] == "{" and part[-1:] == "}") or (part[:1] == '"' and part[-1:] == '"' and len(part) > 1):
            whole.append(part[1:-1])
        elif part.casefold() in texts and depth < MOST_PARENTS:
            whole.append(join_parts(texts[part.casefold()], texts, depth + 1))
        else:
            whole.append(part)
    return "".join(whole)


def split_joined(value: str) -> list[str]:
    """The parts between `#` that stand outside braces and quotation marks."""
    if "#" not in value:
        return [value]
    parts, depth, quoted, start = [], 0, False, 0
    for place, letter in enumerate(value):
        if letter == "{":
            depth += 1
        elif letter == "}":
            depth -= 1
        elif letter == '"' and not depth:
            quoted = not quoted
        elif letter == "#" and not depth and not quoted:
            parts.append(value[start:place].strip())
            start = place + 1
    return [part for part in [*parts, value[start:].strip()] if part]


def inherit_fields(fields: dict[str, str], by_key: Mapping[str, dict[str, str]], depth: int = 0) -> dict[str, str]:
    """The fields with those that the entries named by `crossref` and `xdata` add."""
    merged = dict(fields)
    for name in ("crossref", "xdata"):
        for key in filter(None, map(str.strip, fields.get(name, "").split(","))):
            parent = by_key.get(key.casefold())
            if parent is None or parent is fields or depth >= MOST_PARENTS:
                continue
            for inner, value in inherit_fields(parent, by_key, depth + 1).items():
                if inner not in NOT_INHERITED:
                    merged.setdefault(INHERITED.get(inner, inner) if name == "crossref" else inner, value)
    return merged


def entry_item(row: int, kind: str, fields: dict[str, str], line: int, found: ImportProblems) -> ImportedItem:
    """An entry as an item."""
    raw: Csl = {
        "type": CSL_TYPE_OF_BIBTEX.get(kind, ("webpage" if fields.get("url") else "report") if kind == "misc" else kind)
    }
    unread = []
    for name, value in fields.items():
        try:
            if name in ("author", "editor", "translator"):
                raw[name] = [parse_bibtex_name(each) for each in split_multiple_persons_names(value)]
            elif name == "howpublished":
                take_how_published(value, raw)
            elif name in CSL_NAME_OF_BIBTEX:
                raw.setdefault(CSL_NAME_OF_BIBTEX[name], decode_latex(with_subtitle(name, fields)))
            elif name not in READ_ELSEWHERE:
                unread.append(name)
        except Exception as error:
            found.notes.append(f"{name} was left out: the field cannot be read ({str(error)[:80]}).")
    if unread:
        found.notes.append(f"Fields that were not read: {', '.join(unread)[:300]}.")
    if "container-title" not in raw and raw["type"] not in ("book", "chapter") and "collection-title" in raw:
        raw["container-title"] = raw.pop("collection-title")
    sort_bibtex_numbers(raw, fields)
    told = [plain_date(fields.get(name, "")) for name in ("date", "year")]
    day = " ".join(filter(None, [plain_date(fields.get("day", "")), plain_date(fields.get("month", ""))]))
    if any([*told, day]):
        raw["issued"] = {"told": [told[0], day, told[1]], "year": told[1] if not told[0] else ""}
    if fields.get("urldate"):
        raw["accessed"] = plain_date(fields["urldate"])
    return make_item(row, raw, line, found)


def plain_date(value: str) -> str:
    """A date without LaTeX."""
    return re.sub(r"[{}\\]", "", value.replace("~", " ") if re.search("[A-Za-z]", value) else value).strip()


def with_subtitle(name: str, fields: Mapping[str, str]) -> str:
    """A title and what stands in its field of subtitles."""
    subtitle = {"title": "subtitle", "booktitle": "booksubtitle", "journaltitle": "journalsubtitle"}.get(name, "")
    return ": ".join(filter(None, [fields[name].rstrip(" :"), fields.get(subtitle, "")]))


def take_how_published(value: str, raw: Csl) -> None:
    """An address if it is one, else who published it."""
    if address := ADDRESS.search(value):
        raw.setdefault("URL", next(filter(None, address.groups())))
        value = re.sub(r"\\texttt\s*", "", ADDRESS.sub("", value)).strip(" {}<>.,:")
        if re.fullmatch(
            r"(?:available (?:at|from|online)|online|web ?page|website|url)?[\w./:-]*", value, re.IGNORECASE
        ):
            return
    if words := decode_latex(value):
        raw.setdefault("publisher", words)


def sort_bibtex_numbers(raw: Csl, fields: Mapping[str, str]) -> None:
    """Number, pages, DOI and address."""
    shallow = brace_depth(fields.get("number", "")) <= MAX_BRACE_DEPTH
    if number := decode_latex(fields.get("number", "")) if shallow else "":
        raw["issue" if raw["type"].startswith("article") else "number"] = number
    if fields.get("pages"):
        raw["page"] = fields["pages"]
    # addresses are not LaTeX, except where a program escaped them all the same
    for name in ("doi", "url"):
        if fields.get(name):
            address = re.search(r"\\url\s*\{([^{}]*)\}", fields[name])
            spelt = re.sub(r"\{?\\([_%#&~{}])\}?", r"\1", address[1] if address else fields[name])
            raw[name.upper()] = spelt.strip("{}")


def parse_bibtex_name(name: str) -> JSONObject:
    """A name; one in braces is a body."""
    name = name.strip()
    if name.casefold().strip("{}") == "others":
        return {"others": True}
    if brace_depth(name) > MAX_BRACE_DEPTH:
        raise ValueError("braces are nested too deeply")
    if name.startswith("{") and name.endswith("}") and name.index("}") == len(name) - 1:
        return {"literal": decode_latex(name)}
    parts = parse_single_name_into_parts(name, strict=False)
    found = {
        "family": " ".join(parts.last),
        "given": " ".join(parts.first),
        "suffix": " ".join(parts.jr),
        "non-dropping-particle": " ".join(parts.von),
    }
    spelt = {part: decode_latex(words) for part, words in found.items() if words}
    if spelt.keys() == {"family"} and name.startswith("{"):
        return {"literal": spelt["family"]}
    return spelt
