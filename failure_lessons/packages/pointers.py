"""Where a fault stands in a package: the file, and the JSON pointer within it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from jsonschema.exceptions import ValidationError

from failure_lessons.packages.format import TERMS, FilePlace, member_names
from failure_lessons.types import JSONValue


def make_pointer(parts: Iterable[str | int]) -> str:
    """A JSON pointer."""
    return "".join(f"/{str(part).replace('~', '~0').replace('/', '~1')}" for part in parts)


def path_of(error: ValidationError) -> list[str | int]:
    """Where the fault is: at the field that is too many, or where the object is that lacks one."""
    path = list(error.absolute_path)
    if error.validator == "additionalProperties" and isinstance(error.instance, dict):
        known = error.schema.get("properties", {}) if isinstance(error.schema, dict) else {}
        path += [name for name in error.instance if name not in known][:1]
    return path


def file_of(member: str, entry: JSONValue) -> str:
    """The file an entry stands in."""
    slug = entry.get("slug", "?") if isinstance(entry, dict) else "?"
    return f"{member}/{slug}.json" if member in member_names("folder") else f"{member}.json"


def pointer_in_file(member: str, number: int, path: Iterable[str | int]) -> str:
    """The pointer to a value within its file."""
    return make_pointer([number, *path] if member in (TERMS, *member_names("list")) else path)


def place_in_files(file: str, path: str, came_from: Mapping[tuple[str, int, str], FilePlace]) -> tuple[str, str]:
    """File and pointer of what somebody wrote: where it is, or in the file apart that it came from."""
    number, _, rest = path.removeprefix("/").partition("/")
    name, _, rest = rest.partition("/")
    member = file.removesuffix(".json")
    if not number.isdecimal() or (member, int(number), name) not in came_from:
        return file, path
    apart, place = came_from[member, int(number), name]
    return f"{apart}.json", make_pointer([place]) + (f"/{rest}" if rest else "")
