"""The verb of merging references: make one reference of two, mentions in texts included."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from django.apps import apps
from django.db import models
from django.db.models import Q
from django.db.models.functions import Cast

from failure_lessons.bibliography.inline import INLINE
from failure_lessons.history.recording import recorded_models
from failure_lessons.publishing import merging
from failure_lessons.publishing.merging import CannotMerge, MergeResult
from failure_lessons.publishing.review_lock import find_review_locks, owning_records
from failure_lessons.types import JSONValue
from literature.models import NotDuplicate, Reference

if TYPE_CHECKING:
    from failure_lessons.accounts.models import User

# what a person chooses between, side by side
REFERENCE_MERGE_FIELDS = (
    "type",
    "title",
    "author",
    "issued",
    "container_title",
    "publisher",
    "doi",
    "isbn",
    "url",
    "abstract",
    "note",
    "licence",
    "csl",
)
__all__ = [
    "REFERENCE_MERGE_FIELDS",
    "CannotMerge",
    "merge_references",
    "reference_foreign_keys",
    "set_references_apart",
]


def reference_foreign_keys() -> Iterator[models.ForeignObject[object, object]]:
    """Every foreign key of evidence to a reference, in whatever app."""
    return merging.foreign_keys_to(Reference)


def merge_references(
    *, keep: Reference, lose: Reference, by: User, values: Mapping[str, object] | None = None, note: str = ""
) -> MergeResult:
    """Make `lose` part of `keep`, as `publishing.merging.verbs.merge` does, and rewrite mentions of it in texts."""
    return merging.merge_records(
        keep=keep, lose=lose, by=by, fields=REFERENCE_MERGE_FIELDS, values=values, note=note, beside=mentions_too
    )


def set_references_apart(*, one: Reference, other: Reference, by: User) -> None:
    """Remember that these are two works."""
    merging.remember_apart(one=one, other=other, pairs=NotDuplicate, by=by)


def mentions_too(keep: Reference, lose: Reference, merged: MergeResult) -> None:
    """Texts that mention the one that goes mention the one that stays."""
    merged.mentions = rewrite_mentions(lose.slug, keep.slug)


def rewrite_mentions(old: str, new: str) -> int:
    """Change `[ref: old]` into `[ref: new]` in every text of evidence. Says how many there were."""
    total = 0
    for model in recorded_models(apps):
        texts = [
            each
            for each in model._meta.concrete_fields
            if isinstance(each, models.TextField | models.CharField) and not each.choices
        ]
        trees = [each for each in model._meta.concrete_fields if isinstance(each, models.JSONField)]
        if (not texts and not trees) or model._meta.auto_created:
            continue
        found = Q()
        for each in texts:
            found |= Q(**{f"{each.name}__contains": f"{old}]"}) | Q(**{f"{each.name}__contains": f"{old},"})
        casts = {f"{each.name}_as_text": Cast(each.name, models.TextField()) for each in trees}
        for name in casts:
            found |= Q(**{f"{name}__contains": f"{old}]"}) | Q(**{f"{name}__contains": f"{old},"})
        for row in model._default_manager.annotate(**casts).filter(found).select_for_update():
            changed = []
            for column in (*texts, *trees):
                value, number = replace_mentions(getattr(row, column.attname), old, new)
                if number:
                    setattr(row, column.attname, value)
                    changed.append(column.name)
                    total += number
            if changed:
                if locks := find_review_locks(owning_records([row])):
                    raise merging.CannotMerge(*locks)
                row.save(update_fields=changed)
    return total


def replace_mentions(value: JSONValue, old: str, new: str) -> tuple[JSONValue, int]:
    """A text, or texts at any depth, with the mentions changed, and how many there were."""
    if isinstance(value, str):
        number = sum(match[1] == old for match in INLINE.finditer(value))
        return (
            INLINE.sub(lambda m: m[0].replace(old, new, 1) if m[1] == old else m[0], value) if number else value
        ), number
    if isinstance(value, list):
        pairs = [replace_mentions(each, old, new) for each in value]
        return [each for each, _ in pairs], sum(number for _, number in pairs)
    if isinstance(value, dict):
        found = {name: replace_mentions(each, old, new) for name, each in value.items()}
        return {name: each for name, (each, _) in found.items()}, sum(number for _, number in found.values())
    return value, 0
