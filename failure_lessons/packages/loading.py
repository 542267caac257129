"""What loaders of package entries share: keys by public name, positions, writing a record whole."""

from __future__ import annotations

from typing import Any, TypeVar, cast

from django.db import models

from failure_lessons.confidence.models import CerqualBase
from failure_lessons.publishing.fields import values_of, write_rows
from failure_lessons.publishing.models import Publishable
from failure_lessons.publishing.registry import KINDS, Entry, PackageMember

Columns = dict[str, Any]  # of a row, by name: what each holds is for its field to say
M = TypeVar("M", bound=models.Model)


class PrimaryKeys:
    """Primary keys by public key, so that an entry's pointers cost no query each."""

    def __init__(self) -> None:
        self.found: dict[str, dict[str, int]] = {}

    def __getitem__(self, kind: str) -> dict[str, int]:
        """Primary keys of the records of a kind by slug; one query when it is first asked for."""
        member = KINDS[kind].member
        if kind not in self.found and member:
            self.found[kind] = dict(member.model._default_manager.values_list("slug", "pk"))
        return self.found[kind]


def number_positions(items: list[M]) -> list[M]:
    """Give items their place in the order in which they stand."""
    for position, item in enumerate(items):
        item.position = position  # type: ignore[attr-defined]
    return items


def upsert_record(model: type[M], key: Columns, values: Columns) -> M:
    """Find or make the record with this key and give it these values."""
    record, _ = model._default_manager.update_or_create(**key, defaults=values)
    return record


def load_entry(member: PackageMember, entry: Entry, keys: PrimaryKeys) -> Publishable:
    """Bring an entry into the workbench: by its kind's own function, or by its fields if they are all it takes."""
    if member.load:
        return member.load(entry, keys)
    fields = KINDS[member.kind].fields
    record = upsert_record(member.model, {"slug": entry[member.key]}, values_of(fields, entry))
    write_rows(fields, record, entry)
    keys[member.kind][entry[member.key]] = record.pk
    return cast("Publishable", record)


def cerqual_values(entry: Entry) -> Columns:
    """Columns of a confidence assessment."""
    values: Columns = {
        "overall": entry["overall"]["level"],
        "overall_reason": entry["overall"].get("reason") or "",
    }
    for name in CerqualBase.COMPONENTS:
        values[name] = entry[name]["level"]
        values[f"{name}_reason"] = entry[name]["reason"]
    return values
