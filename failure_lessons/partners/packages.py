"""What a partner sends, checked: form and meaning, every fault with a JSON pointer into what was sent."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from failure_lessons.packages.format import TERMS, Package, member_names
from failure_lessons.packages.validation import KnownKeys, check_links, check_schema
from failure_lessons.publishing.registry import PackageMember, list_members
from failure_lessons.types import JSONValue

BY_NAME = {member.name: member for member in list_members()}
MOST_RECORDS, MOST_FAULTS = 2_000, 100


@dataclass(frozen=True)
class PackageFault:
    """One thing that is wrong with what was sent: where (a JSON pointer), a code for programs, words for people."""

    pointer: str
    code: str
    detail: str


class Unsound(Exception):
    """What was sent cannot be written. `faults` holds what is wrong with it, the first hundred."""

    def __init__(self, faults: Sequence[PackageFault]) -> None:
        super().__init__(f"{len(faults)} problem(s)")
        self.faults = list(faults)


def package_of(body: JSONValue) -> Package:
    """A package from one JSON object: `manifest`, and entries by member. Raises `Unsound`."""
    if not isinstance(body, dict):
        raise Unsound(
            [PackageFault("", "wrong-type", "A package is one object: {“manifest”: …, “references”: […], …}.")]
        )
    faults = []
    package = Package(body.get("manifest", {}))
    for name, content in body.items():
        if name == "manifest":
            continue
        if name not in BY_NAME:
            words = f"There is no member “{name[:80]}”. Known: {', '.join(['manifest', *BY_NAME])}."
            if name == TERMS:
                words = "A steward adds terms to vocabularies. Leave this member out, and use codes that are here."
            faults.append(PackageFault(json_pointer(name), "unknown-field", words))
        elif name in member_names("single"):
            package.members[name] = [content]
        elif not isinstance(content, list):
            faults.append(PackageFault(json_pointer(name), "wrong-type", "This is a list of entries."))
        else:
            package.members[name] = content
    count = sum(len(entries) for entries in package.members.values())
    if count > MOST_RECORDS:
        faults.append(
            PackageFault("", "too-many", f"A package has at most {MOST_RECORDS} records; this one has {count}.")
        )
    elif not count and not faults:
        faults.append(PackageFault("", "empty", f"There is nothing in it. Name at least one of {', '.join(BY_NAME)}."))
    if faults:
        raise Unsound(faults)
    return package


def json_pointer(*parts: object) -> str:
    """A JSON pointer."""
    return "".join(f"/{str(part)[:200].replace('~', '~0').replace('/', '~1')}" for part in parts)


def pointer_to(package: Package, file: str, path: str) -> str:
    """From a place in a package's files to a place in what was sent."""
    name, _, slug = file.removesuffix(".json").partition("/")
    if file == "package.json":
        return f"/manifest{path}"
    if name in member_names("folder"):
        slugs = [entry.get("slug", "?") if isinstance(entry, dict) else "?" for entry in package[name]]
        return f"/{name}/{slugs.index(slug) if slug in slugs else 0}{path}"
    return f"/{name}{path}" if name in member_names("list", "single") else ""


def check_package(package: Package, known: KnownKeys) -> None:
    """Raise `Unsound` with everything that is wrong with the form or the meaning of a package."""
    problems = list(islice(check_schema(package), MOST_FAULTS))
    if not problems:
        problems = list(islice(check_links(package, known), MOST_FAULTS))
    faults = [
        PackageFault(pointer_to(package, each.file, each.path), each.code, each.message[:500]) for each in problems
    ]
    if not faults:
        faults = list(find_repeated_slugs(package))
    if faults:
        raise Unsound(faults)


def find_repeated_slugs(package: Package) -> Iterator[PackageFault]:
    """Cases or reviews that stand twice: files cannot, members of one object can."""
    for name in member_names("folder"):
        seen: dict[str, int] = {}
        for number, entry in enumerate(package[name]):
            if entry["slug"] in seen:
                detail = f"{entry['slug']} stands already at {json_pointer(name, seen[entry['slug']])}."
                yield PackageFault(json_pointer(name, number, "slug"), "twice", detail)
            seen.setdefault(entry["slug"], number)


def entry_pointer(member: PackageMember, number: int, *more: object) -> str:
    """Where an entry stands in what was sent."""
    return json_pointer(member.name, *([] if member.layout == "single" else [number]), *more)
