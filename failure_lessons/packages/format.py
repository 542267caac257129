"""Evidence packages: the one format in which evidence comes in and goes out.

A package is a folder (see `evidence/README.md`). Its entries are the library's documents without `schema`, `kind` and
`derived`, but for case studies and reviews, which carry their findings whole.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from failure_lessons.publishing.registry import Entry, list_members
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
        yield "package.json", self.manifest
        if self[TERMS]:
            yield f"{TERMS}.json", self[TERMS]
        for member in list_members():
            apart = set(member.apart)
            entries = [{name: item for name, item in each.items() if name not in apart} for each in self[member.name]]
            if entries and member.layout != "folder":
                yield f"{member.name}.json", entries if member.layout == "list" else entries[0]
            for name, file in member.apart.items():
                if items := [{member.kind: each["code"], **each[name]} for each in self[member.name] if name in each]:
                    yield f"{file}.json", items
        for name in member_names("folder"):
            for entry in self[name]:
                yield f"{name}/{entry['slug']}.json", entry


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


def write_package(folder: Path, package: Package) -> None:
    """Write a package, all or nothing. Refuses to replace a folder that is not a package."""
    if folder.exists() and any(folder.iterdir()) and not (folder / "package.json").is_file():
        raise FileExistsError(f"{folder} has other files in it and is not an evidence package: choose a new folder.")
    folder.parent.mkdir(parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        for name, content in package.files():
            path = fresh / name
            path.parent.mkdir(exist_ok=True)
            path.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
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
