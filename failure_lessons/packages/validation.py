"""Is a folder a sound evidence package? Everything that is wrong with it, in words for the person who wrote it."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NoReturn, cast

from django.conf import settings
from django.core.exceptions import ValidationError as ImproperValue
from django.db import models
from jsonschema import Draft202012Validator, validators
from jsonschema.exceptions import ValidationError

from failure_lessons.bibliography.inline import inline_keys
from failure_lessons.dates import EdtfField, NotEdtf, is_day, parse_edtf
from failure_lessons.hints import format_hint, nearest_name
from failure_lessons.packages.format import TERMS, Package, fold_apart, member_names, names_apart
from failure_lessons.packages.pointers import file_of, make_pointer, path_of, place_in_files, pointer_in_file
from failure_lessons.packages.schema import FROM_DEMONSTRATION, package_definitions
from failure_lessons.packages.schema_errors import explain_schema_error
from failure_lessons.publishing.fields import Field
from failure_lessons.publishing.models import Record
from failure_lessons.publishing.registry import KINDS, SOURCES, Entry, Kind, list_members
from failure_lessons.publishing.schemas import find_terms
from failure_lessons.types import JSONObject, JSONValue
from failure_lessons.validators.text import is_visible, text_fault
from failure_lessons.vocabularies.choices import TeamVocabulary
from failure_lessons.vocabularies.terms import describe_unknown_term, terms_by_vocabulary

LARGEST_FILE = 50_000_000  # bytes; the shipped references take 190,000
LONGEST_QUOTATION = 40  # words, a fair-dealing habit

DATE_MEMBERS = {
    *("date", "start", "end", "date_run", "read_on", "as_of", "review_by", "search_again_by"),
    *("made_on", "said_on", "known_to"),
}
DAY_MEMBERS = {"day", "look_again_by"}  # of which clocks are asked: a whole day


@dataclass(frozen=True)
class PackageProblem:
    """One thing that is wrong: in which file, where in it, and what to do; `code` is for programs."""

    file: str
    path: str
    message: str
    code: str = "unsound"

    def at(self, file: str, path: str) -> PackageProblem:
        """The same at another place."""
        return replace(self, file=file, path=path)

    def __str__(self) -> str:
        return f"{self.file}{f' at {self.path}' if self.path else ''}: {self.message}"


class InvalidPackage(Exception):
    """The package cannot be loaded. `problems` holds everything that is wrong with it."""

    def __init__(self, problems: list[PackageProblem]) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = problems


EntryPath = tuple[str | int, ...]  # from an entry to a value in it: names and places in lists
EntryFault = tuple[int, EntryPath, str, str]  # the number of the entry, where in it, words, a code for programs
# what a package may point to because it is here already: slugs or codes by kind, codes of terms by vocabulary
KnownKeys = dict[str, set[str]]
EntryFaultAt = tuple[EntryPath, str, str]  # where in an entry, words, a code for programs
CHECKED = (models.CharField, models.TextField, models.JSONField)


def known_in_workbench() -> KnownKeys:
    """What the workbench holds: whatever an entry can point to, by kind, and terms. One query a kind."""
    known = known_terms()
    for kind in KINDS.values():
        for model, name in pointed_to(kind):
            known.setdefault(kind.code, set()).update(model._default_manager.values_list(name, flat=True))
    return known


def known_terms() -> KnownKeys:
    """The codes of terms that the workbench holds, retired ones included, by vocabulary. One query."""
    return {vocabulary: {term.code for term in terms} for vocabulary, terms in terms_by_vocabulary().items()}


def pointed_to(kind: Kind) -> Iterator[tuple[type[Record], str]]:
    """The models whose rows an entry can point to as records of this kind, and the field that it names them by."""
    for name in sorted(set(kind.pointers.values())):
        yield from ((model, name) for model, source in SOURCES.items() if source.kind == kind.code)


def unique_members(pairs: list[tuple[str, JSONValue]]) -> JSONObject:
    """A JSON object, unless a name stands in it twice."""
    twice = [name for name, count in Counter(name for name, _ in pairs).items() if count > 1]
    if twice:
        raise ValueError(f"the name “{twice[0]}” stands twice in one object")
    return dict(pairs)


def no_constant(name: str) -> NoReturn:
    """Refuse NaN and Infinity, which JSON does not have."""
    raise ValueError(f"{name} is not a JSON number")


def read_file(path: Path, name: str, problems: list[PackageProblem]) -> JSONValue:
    """The content of one file, or None and a problem."""
    if path.is_symlink():
        problems.append(PackageProblem(name, "", "is a link. Put the file itself here."))
        return None
    if path.stat().st_size > LARGEST_FILE:
        problems.append(PackageProblem(name, "", f"is larger than {LARGEST_FILE // 1_000_000} MB."))
        return None
    raw = path.read_bytes()
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        guess = "UTF-16" if raw[:2] in (b"\xff\xfe", b"\xfe\xff") else "Latin-1 or Windows-1252"
        problems.append(
            PackageProblem(
                name, f"byte {error.start}", f"is not UTF-8 (perhaps {guess}). Save it again with encoding UTF-8."
            )
        )
        return None
    if "\0" in text or "\\u0000" in text:
        problems.append(PackageProblem(name, "", "holds a NUL character, which no text needs. Remove it."))
        return None
    try:
        return json.loads(text, object_pairs_hook=unique_members, parse_constant=no_constant)
    except json.JSONDecodeError as error:
        problems.append(
            PackageProblem(name, f"line {error.lineno}, column {error.colno}", f"is not JSON: {error.msg}.")
        )
    except RecursionError:
        problems.append(PackageProblem(name, "", "is nested too deeply."))
    except ValueError as error:
        problems.append(PackageProblem(name, "", f"is not JSON: {error}."))
    return None


def read_checked(folder: Path, known: KnownKeys | None = None) -> Package:
    """The package in `folder`, fully checked. Raises `InvalidPackage` with every problem found."""
    problems: list[PackageProblem] = []
    if not (folder / "package.json").is_file():
        raise InvalidPackage([PackageProblem("package.json", "", f"is missing: {folder} is not an evidence package.")])
    package = Package(read_file(folder / "package.json", "package.json", problems) or {})
    folders, lists = member_names("folder"), [TERMS, *member_names("list"), *names_apart()]
    expected = {"package.json", "README.md", *(f"{name}.json" for name in (*lists, *member_names("single")))}
    for path in sorted(folder.iterdir()):
        if path.is_dir() and path.name in folders and not path.is_symlink():
            for each in sorted(path.iterdir()):
                name = f"{path.name}/{each.name}"
                if each.suffix != ".json":
                    problems.append(PackageProblem(name, "", "is not a .json file."))
                elif (content := read_file(each, name, problems)) is not None:
                    if isinstance(content, dict) and content.get("slug") != each.stem:
                        problems.append(
                            PackageProblem(
                                name, "/slug", f"is “{content.get('slug')}”: a file is named after its slug."
                            )
                        )
                    package.members.setdefault(path.name, []).append(content)
        elif path.name not in expected:
            hint = format_hint(nearest_name(path.name, [*expected, *folders]), quotes="")
            problems.append(PackageProblem(path.name, "", f"is not part of an evidence package.{hint}"))
        elif path.suffix == ".json" and path.name != "package.json":
            content = read_file(path, path.name, problems)
            if content is not None:
                member = path.stem
                if member in lists and not isinstance(content, list):
                    problems.append(PackageProblem(path.name, "", "holds one object; it should hold a list of them."))
                else:
                    package.members[member] = content if member in lists else [content]
    came_from, faults = fold_apart(package)
    problems += [
        PackageProblem(f"{file}.json", make_pointer([number]), words, "no-such-record")
        for (file, number), words in faults
    ]
    problems += check_schema(package)
    if not problems:
        problems += check_links(package, known or {})
    if problems:
        raise InvalidPackage([each.at(*place_in_files(each.file, each.path, came_from)) for each in problems])
    return package


CODES = {
    "additionalProperties": "unknown-field",
    "required": "missing",
    "type": "wrong-type",
    "enum": "unknown-code",
    "const": "unknown-code",
    "pattern": "badly-written",
    "minLength": "empty",
    "minItems": "empty",
    "maxLength": "too-long",
    "maxItems": "too-long",
}


def to_the_end(validator: object, pattern: str, instance: object, schema: object) -> Iterator[ValidationError]:
    """`pattern` as JSON Schema means it: `$` is the very end, where Python would let a line break follow."""
    if isinstance(instance, str) and not re.search(re.sub(r"\$\Z", r"\\Z", pattern), instance):
        yield ValidationError(f"{instance!r} does not match {pattern!r}")


def to_the_eye(validator: object, least: int, instance: object, schema: object) -> Iterator[ValidationError]:
    """`minLength` as a reader means it: blanks and characters without a width are no text."""
    if isinstance(instance, str) and (len(instance) < least or (least and not is_visible(instance))):
        yield ValidationError(f"{instance!r} is too short")


Validator = validators.extend(  # type: ignore[no-untyped-call]
    Draft202012Validator, {"pattern": to_the_end, "minLength": to_the_eye}
)


def check_schema(package: Package) -> Iterator[PackageProblem]:
    """Problems of form, entry by entry."""
    manifest = Validator({"$defs": package_definitions(), "$ref": "#/$defs/manifest"})
    for error in manifest.iter_errors(package.manifest):
        code = CODES.get(str(error.validator), "unsound")
        yield PackageProblem("package.json", make_pointer(path_of(error)), explain_schema_error(error), code)
    if package.manifest.get("invented") and not settings.DEMONSTRATION:
        yield PackageProblem("package.json", "/invented", FROM_DEMONSTRATION, "invented")
    for member in (TERMS, *member_names("list", "folder", "single")):
        validator = Validator({"$defs": package_definitions(), "$ref": f"#/$defs/{member}"})
        for number, entry in enumerate(package[member]):
            for path, message in find_bad_texts(entry):
                yield PackageProblem(file_of(member, entry), pointer_in_file(member, number, path), message, "bad-text")
            for error in validator.iter_errors(entry):
                code = CODES.get(str(error.validator), "unsound")
                yield PackageProblem(
                    file_of(member, entry),
                    pointer_in_file(member, number, path_of(error)),
                    explain_schema_error(error),
                    code,
                )


def find_bad_texts(value: JSONValue, path: EntryPath = ()) -> Iterator[tuple[EntryPath, str]]:
    """Texts and names, at any depth, that hold what no text needs or nothing that can be seen."""
    if isinstance(value, str):
        if value and (words := text_fault(value)):
            yield path, words
    elif isinstance(value, list):
        for number, item in enumerate(value):
            yield from find_bad_texts(item, (*path, number))
    elif isinstance(value, dict):
        for name, item in value.items():
            if words := text_fault(name):
                yield path, f"The name of a member: {words}"
            yield from find_bad_texts(item, (*path, name))


def find_unsound_values(
    fields: Iterable[Field], model: type[models.Model], entry: Entry, path: EntryPath = ()
) -> Iterator[EntryFaultAt]:
    """Plain values that the fields of the model refuse, each where it stands in the entry."""
    for each in fields:
        value = entry.get(each.name)
        if each.attribute is None or value in (None, "", [], {}):
            continue
        if each.members:
            yield from find_unsound_values(each.members, model, value, (*path, each.name))
            continue
        column = model._meta.get_field(each.attribute)
        if each.rows:
            for number, row in enumerate(value):
                of_rows = cast("type[models.Model]", column.related_model)
                yield from find_unsound_values(each.rows, of_rows, row, (*path, each.name, number))
        elif isinstance(column, CHECKED) and not isinstance(column, EdtfField):  # dates are checked by name
            try:
                column.run_validators(value)
            except ImproperValue as error:
                yield (*path, each.name), " ".join(error.messages), "unsound"


def check_links(package: Package, known: KnownKeys) -> Iterator[PackageProblem]:
    """Problems of meaning: keys that stand twice, pointers to nothing, codes of no term, dates that are none."""
    keys = keys_of(package, known)
    kinds = {kind.member.name: kind for kind in KINDS.values() if kind.member}
    yield from check_duplicates(package)
    yield from check_terms(package, keys)
    for member in list_members():
        for number, path, message, code in member.check(package[member.name]) if member.check else ():
            entry = package[member.name][number]
            yield PackageProblem(file_of(member.name, entry), pointer_in_file(member.name, number, path), message, code)
    for name in member_names("list", "folder", "single"):
        for number, entry in enumerate(package[name]):
            file = file_of(name, entry)
            kind = kinds[name]
            if kind.member:
                for at, message, code in find_unsound_values(kind.fields, kind.member.model, entry):
                    yield PackageProblem(file, pointer_in_file(name, number, at), message, code)
            for at, message, code in find_faults(entry, keys, pointers() if name != "references" else {}):
                yield PackageProblem(file, pointer_in_file(name, number, at), message, code)


def keys_of(package: Package, known: KnownKeys) -> KnownKeys:
    """What entries may point to, by kind or vocabulary: what is in the package and what is known already."""
    keys: KnownKeys = {str(each): set(known.get(each, ())) for each in TeamVocabulary}
    for term in package[TERMS]:
        keys[term["vocabulary"]].add(term["code"])
    for kind in KINDS.values():
        keys[kind.code] = set(known.get(kind.code, ()))
        if kind.member:
            for name in kind.pointers.values():
                key = kind.member.key if name == "slug" else name
                keys[kind.code] |= {entry[key] for entry in package[kind.member.name]}
        elif kind.pointers:  # findings stand in the entries of other kinds
            keys[kind.code] |= {finding["code"] for finding in findings_of(package)}
    return keys


def check_terms(package: Package, keys: KnownKeys) -> Iterator[PackageProblem]:
    """Codes of no term, and terms that stand twice."""
    for name in ("code", "label"):
        for (vocabulary, value), count in Counter((each["vocabulary"], each[name]) for each in package[TERMS]).items():
            if count > 1:
                message = f"The {name} “{value}” stands in {vocabulary} {count} times; each may stand once."
                yield PackageProblem(f"{TERMS}.json", "", message)
    for member in member_names("list", "folder", "single"):
        schema = package_definitions()[member]
        for number, entry in enumerate(package[member]):
            for path, vocabulary, code in find_terms(schema, entry):
                if code not in keys[vocabulary]:
                    message = describe_unknown_term(code, sorted(keys[vocabulary]))
                    yield PackageProblem(
                        file_of(member, entry), pointer_in_file(member, number, path), message, "unknown-code"
                    )


def pointers() -> dict[str, Kind]:
    """The kind that each pointing member of an entry names."""
    return {name: kind for kind in KINDS.values() for name in kind.pointers}


def findings_of(package: Package) -> Iterator[Entry]:
    """Every finding of the package."""
    for member in list_members():
        if member.findings:
            for entry in package[member.name]:
                yield from entry.get("findings", [])


def check_duplicates(package: Package) -> Iterator[PackageProblem]:
    """Keys that stand twice."""
    named = [
        (f"{member}.json", name, [entry[name] for entry in package[member] if name in entry])
        for member in member_names("list")
        for name in ("id", "slug", "code")
    ]
    named.append(("case-studies and literature-reviews", "code", [finding["code"] for finding in findings_of(package)]))
    for file, name, values in named:
        for value, count in Counter(values).items():
            if count > 1:
                yield PackageProblem(file, "", f"The {name} “{value}” stands there {count} times; each may stand once.")


def find_faults(
    value: JSONValue, keys: KnownKeys, pointing: Mapping[str, Kind], path: EntryPath = ()
) -> Iterator[tuple[EntryPath, str, str]]:
    """Pointers to nothing, dates that are none and quotations that are too long, at any depth.

    Without `pointing`, which says what kind each pointing member names, only citations in running text are looked at.
    """
    if isinstance(value, str):
        for key in sorted(inline_keys(value) - keys["reference"]):
            yield path, describe_missing(key, keys["reference"], "reference"), "no-such-record"
    elif isinstance(value, list):
        for number, item in enumerate(value):
            yield from find_faults(item, keys, pointing, (*path, number))
    elif isinstance(value, dict):
        for name, item in value.items():
            here = (*path, name)
            if isinstance(item, str) and item and pointing:
                if name in pointing and item not in keys[pointing[name].code]:
                    yield (
                        here,
                        describe_missing(item, keys[pointing[name].code], noun_of(pointing[name])),
                        "no-such-record",
                    )
                if name in DATE_MEMBERS:
                    yield from not_a_date(here, item)
                if name in DAY_MEMBERS and not is_day(item):
                    yield here, f"“{item[:60]}” is not a day: write 2027-05-31.", "not-a-date"
                if name in ("quotation", "text") and len(item.split()) > LONGEST_QUOTATION and "ref" in value:
                    words = f"has {len(item.split())} words; a quotation has at most {LONGEST_QUOTATION}."
                    yield here, words, "too-long"
            if name in pointing and isinstance(item, list):
                kind = pointing[name]
                for number, code in enumerate(item):
                    if isinstance(code, str) and code not in keys[kind.code]:
                        yield (*here, number), describe_missing(code, keys[kind.code], noun_of(kind)), "no-such-record"
            yield from find_faults(item, keys, pointing, here)


def noun_of(kind: Kind) -> str:
    """What a record of the kind is called within a sentence."""
    return kind.label.lower()


def describe_missing(key: str, known: set[str], noun: str) -> str:
    """There is nothing by this name."""
    return f"There is no {noun} “{key}”.{format_hint(nearest_name(key, known))}"


def not_a_date(path: EntryPath, text: str) -> Iterator[tuple[EntryPath, str, str]]:
    """The advice on dates, when it is needed."""
    try:
        parse_edtf(text)
    except NotEdtf as error:
        yield path, str(error), "not-a-date"
