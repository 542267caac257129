"""Evidence packages: the one format in which evidence comes in and goes out.

A package is a folder (see `evidence/README.md`). Its entries are the library's documents without `schema`, `kind` and
`derived`, but for case studies and reviews, which carry their findings whole.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import Protocol

from failure_lessons.publishing.registry import Entry, PackageMember, list_members
from failure_lessons.types import JSONValue

TERMS = "vocabulary-terms"  # a member beside those of the kinds: terms are records that nobody publishes by themselves
FORMAT, VERSION = "failure-lessons-evidence", 1


def member_names(*layouts: str) -> list[str]:
    """Names of the members with one of these layouts (of all, without any), in the order of dependence."""
    return [member.name for member in list_members() if not layouts or member.layout in layouts]


@dataclass
class Package:
    """A package in memory: entries by member name, such as `references` or `case-studies`."""

    manifest: Entry = field(default_factory=dict)
    members: dict[str, list[Entry]] = field(default_factory=dict)

    def __getitem__(self, member: str) -> list[Entry]:
        return self.members.get(member, [])

    def files(self) -> Iterator[tuple[str, JSONValue]]:
        """Each file of the package, by its name in the folder, with its content."""
        for name, content in lay_out_files(self.manifest, self.__getitem__):
            yield name, list(content) if isinstance(content, Iterator) else content


FileContent = JSONValue | Iterator[Entry]  # whole, or the entries of a list as they are asked for


def lay_out_files(manifest: Entry, read_entries: Callable[[str], Iterable[Entry]]) -> Iterator[tuple[str, FileContent]]:
    """Each file of a package with its content. The entries of a member are read anew for each file that has some."""
    yield "package.json", manifest
    if terms := begin_entries(read_entries(TERMS)):
        yield f"{TERMS}.json", terms
    for member in list_members():
        if member.layout != "folder" and (entries := begin_entries(leave_apart(member, read_entries(member.name)))):
            yield f"{member.name}.json", entries if member.layout == "list" else next(entries)
        for name, file in member.apart.items():
            if items := begin_entries(take_apart_items(member, name, read_entries(member.name))):
                yield f"{file}.json", items
    for name in member_names("folder"):
        for entry in read_entries(name):
            yield f"{name}/{entry['slug']}.json", entry


def begin_entries(entries: Iterable[Entry]) -> Iterator[Entry] | None:
    """The same, or None where there are none."""
    iterator = iter(entries)
    return next((chain([first], iterator) for first in iterator), None)


def leave_apart(member: PackageMember, entries: Iterable[Entry]) -> Iterator[Entry]:
    """The entries of a member without what stands in files of its own."""
    return ({name: item for name, item in each.items() if name not in member.apart} for each in entries)


def take_apart_items(member: PackageMember, name: str, entries: Iterable[Entry]) -> Iterator[Entry]:
    """What entries hold under a name, for a file of its own, each with the code of its record."""
    return ({member.kind: each["code"], **each[name]} for each in entries if name in each)


def encode_content(content: FileContent) -> Iterator[str]:
    """The text of a file, of a list an entry at a time."""
    if not isinstance(content, Iterator):
        yield json.dumps(content, indent=2, ensure_ascii=False) + "\n"
        return
    before = "[\n  "
    for entry in content:
        yield before + json.dumps(entry, indent=2, ensure_ascii=False).replace("\n", "\n  ")
        before = ",\n  "
    yield "\n]\n"


class PackageFiles(Protocol):
    """Whatever a package is written from."""

    def files(self) -> Iterator[tuple[str, FileContent]]: ...


def names_apart() -> list[str]:
    """Names of the files in which members of entries stand by themselves."""
    return [file for member in list_members() for file in member.apart.values()]


FilePlace = tuple[str, int]  # a file without its suffix, and the number of an item in it


def fold_apart(package: Package) -> tuple[dict[tuple[str, int, str], FilePlace], list[tuple[FilePlace, str]]]:
    """Put what stands in files of its own back into the entries that it belongs to.

    Returns where each came from, by member, number of the entry and name; and what could not be put anywhere, in words.
    """
    came_from: dict[tuple[str, int, str], FilePlace] = {}
    faults: list[tuple[FilePlace, str]] = []
    for member in list_members():
        holders = {each.get("code"): place for place, each in enumerate(package[member.name]) if isinstance(each, dict)}
        for name, file in member.apart.items():
            for number, item in enumerate(package.members.pop(file, [])):
                code = item.get(member.kind) if isinstance(item, dict) else None
                place = holders.get(code) if isinstance(code, str) else None
                if place is None:
                    words = f"There is no {member.kind} “{code}” in {member.name}.json."
                elif name in package[member.name][place]:
                    words = f"“{code}” has its {name.replace('_', ' ')} already."
                else:
                    package[member.name][place][name] = {key: part for key, part in item.items() if key != member.kind}
                    came_from[member.name, place, name] = (file, number)
                    continue
                faults.append(((file, number), words))
    return came_from, faults


def write_package(folder: Path, package: PackageFiles) -> None:
    """Write a package, all or nothing. Refuses to replace a folder that is not a package."""
    if folder.exists() and any(folder.iterdir()) and not (folder / "package.json").is_file():
        raise FileExistsError(f"{folder} has other files in it and is not an evidence package: choose a new folder.")
    folder.parent.mkdir(parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        for name, content in package.files():
            path = fresh / name
            path.parent.mkdir(exist_ok=True)
            with path.open("w", encoding="utf-8") as file:
                file.writelines(encode_content(content))
        fresh.chmod(0o755)
        if folder.exists():
            old = Path(tempfile.mkdtemp(prefix=f".{folder.name}-old-", dir=folder.parent))
            os.rename(folder, old / "package")
            os.rename(fresh, folder)
            shutil.rmtree(old)
        else:
            os.rename(fresh, folder)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def read_package(folder: Path) -> Package:
    """The package in `folder`, unchecked."""
    package = Package(json.loads((folder / "package.json").read_text("utf-8")))
    lists = [TERMS, *member_names("list"), *names_apart()]
    for name in (*lists, *member_names("single")):
        path = folder / f"{name}.json"
        if path.is_file():
            content = json.loads(path.read_text("utf-8"))
            package.members[name] = content if name in lists else [content]
    for name in member_names("folder"):
        package.members[name] = [json.loads(path.read_text("utf-8")) for path in sorted((folder / name).glob("*.json"))]
    fold_apart(package)
    return package
