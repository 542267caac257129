"""The verbs of merging: make one record of two, or remember that they are two things."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils import timezone

from failure_lessons.history.audit_context import records_actor
from failure_lessons.publishing.models import Edition, Publishable
from failure_lessons.publishing.review_lock import find_review_locks, owners_in_review

if TYPE_CHECKING:
    from failure_lessons.accounts.models import User

Merged = TypeVar("Merged", bound=Publishable)

# what tells two rows apart without meaning anything
OWN_FIELDS = {"id", "position", "at", "added_at", "added_by", "origin", "search", "imported", "place"}


class CannotMerge(Exception):
    """The records stay two; `reasons` holds every reason, each with what to do."""

    def __init__(self, *reasons: str) -> None:
        super().__init__(" ".join(reasons))
        self.reasons = list(reasons)


@dataclass
class MergeResult:
    """What moved: rows by the name of their kind, mentions in texts, and rows that became one."""

    moved: Counter[str] = field(default_factory=Counter)
    mentions: int = 0
    folded: list[str] = field(default_factory=list)

    def sentence(self) -> str:
        """What happened, for the person who asked."""
        parts = [f"{number} {name}{'' if number == 1 else 's'} moved" for name, number in self.moved.items() if number]
        parts += [f"{self.mentions} mention{'' if self.mentions == 1 else 's'} in texts rewritten"] * bool(
            self.mentions
        )
        return "; ".join([*(parts or ["nothing pointed to the one that went"]), *self.folded])


def find_merge_obstacles(keep: Publishable, lose: Publishable) -> list[str]:
    """Why these two cannot become one as things stand."""
    if keep.pk == lose.pk:
        return [f"A {record_noun(keep)} cannot be merged with itself."]
    reasons = []
    if lose.state == Publishable.State.PUBLISHED or Edition.objects.filter(record_id=lose.record_id).exists():
        reasons.append(
            f"{lose.slug} is published, and what is published does not vanish. Keep it and let the other one go; if "
            "both are published, correct what cites it and withdraw it with a reason."
        )
    pointing = [
        owner
        for key in foreign_keys_to(type(lose))
        for owner in owners_in_review(key.model._default_manager.filter(**{key.name: lose}))
    ]
    reasons += find_review_locks([keep, lose, *pointing])
    if keep.state == Publishable.State.WITHDRAWN:
        reasons.append(f"{keep.slug} was withdrawn: nothing should come to rest on it.")
    return reasons


def record_noun(record: models.Model) -> str:
    """What a record is called, such as “reference”."""
    return str(record._meta.verbose_name)


def foreign_keys_to(model: type[models.Model]) -> Iterator[models.ForeignObject[object, object]]:
    """Every foreign key of evidence to a record of `model`, in whatever app."""
    for relation in model._meta.related_objects:
        if relation.on_delete is models.PROTECT:
            yield relation.field


def count_pointers(record: models.Model) -> int:
    """How many rows point to a record."""
    return sum(
        field.model._default_manager.filter(**{field.name: record}).count() for field in foreign_keys_to(type(record))
    )


@transaction.atomic
@records_actor
def merge_records(
    *,
    keep: Merged,
    lose: Merged,
    by: User,
    fields: tuple[str, ...],
    values: Mapping[str, object] | None = None,
    note: str = "",
    beside: Callable[[Merged, Merged, MergeResult], None] | None = None,
) -> MergeResult:
    """Make `lose` part of `keep`: `keep` takes `values`, whatever pointed to `lose` points to `keep`, `lose` goes.

    `fields` are those that `values` may name; `beside` moves what no foreign key tells of. Raises `CannotMerge` when
    the one that would go is published, or when two rows that would become one contradict each other.
    """
    model = type(keep)
    rows = {row.pk: row for row in model._default_manager.select_for_update().filter(pk__in=[keep.pk, lose.pk])}
    if len(rows) < 2 and keep.pk != lose.pk:
        raise CannotMerge("One of the two is no longer here: somebody else merged or deleted it.")
    kept, lost = rows[keep.pk], rows[lose.pk]
    if reasons := find_merge_obstacles(kept, lost):
        raise CannotMerge(*reasons)
    if has_current_edition(kept) and values and not note.strip():
        raise CannotMerge(f"The {record_noun(kept)} that stays is published: say why it changes.")
    merged = MergeResult()
    for pointer in foreign_keys_to(model):
        move_pointers(pointer, kept, lost, merged)
    if beside:
        beside(kept, lost, merged)
    lost.delete()
    for name, value in (values or {}).items():
        if name not in fields:
            raise CannotMerge(f"“{name}” is not a field of a {record_noun(kept)}.")
        setattr(kept, name, value)
    try:
        kept.full_clean()
    except ValidationError as error:
        raise CannotMerge(*(f"{name}: {' '.join(each)}" for name, each in error.message_dict.items())) from None
    kept.save()
    keep.refresh_from_db()
    return merged


def has_current_edition(record: Publishable) -> bool:
    """Whether readers see it."""
    return Edition.objects.current().filter(record_id=record.record_id).exists()


def meaningful_values(row: models.Model, but: str) -> dict[str, object]:
    """What a row says, without what merely tells it apart and the pointer `but`."""
    return {
        each.name: getattr(row, each.attname)
        for each in row._meta.concrete_fields
        if each.name not in OWN_FIELDS | {but}
    }


def move_pointers(
    pointer: models.ForeignObject[object, object],
    keep: models.Model,
    lose: models.Model,
    merged: MergeResult,
) -> None:
    """Let the rows that point to one point to the other; those that would then say the same become one."""
    model, name = pointer.model, pointer.name
    label = str(model._meta.verbose_name)
    staying = list(model._default_manager.filter(**{name: keep}))
    going = list(model._default_manager.filter(**{name: lose}).select_for_update())
    uniques = [
        [each for each in unique.fields if each != name]
        for unique in model._meta.constraints
        if isinstance(unique, models.UniqueConstraint) and name in unique.fields
    ]
    for row in going:
        twin = next((each for each in staying if meaningful_values(each, name) == meaningful_values(row, name)), None)
        rival = twin or next(
            (
                each
                for each in staying
                for unique in uniques
                if all(getattr(each, part) == getattr(row, part) for part in unique)
            ),
            None,
        )
        if rival is None:
            setattr(row, name, keep)
            row.save(update_fields=[name])
            merged.moved[label] += 1
            continue
        if twin is None:
            join_rows(rival, row, {name} | {part for unique in uniques for part in unique})
        row.delete()
        merged.folded.append(f"one {label} was there twice and is now there once")


def join_rows(stays: models.Model, goes: models.Model, same: set[str]) -> None:
    """Put the words of two rows on one thing together. Raises `CannotMerge` where they decide differently."""
    for each in stays._meta.concrete_fields:
        ours, theirs = getattr(stays, each.attname), getattr(goes, each.attname)
        if each.name in OWN_FIELDS | same or ours == theirs or theirs in ("", None):
            continue
        if not isinstance(each, models.TextField):
            owner = getattr(stays, "review", None) or stays
            raise CannotMerge(
                f"In “{owner}” the two have a different {each.verbose_name} ({stays} against {goes}). "
                "Make them agree there first."
            )
        setattr(stays, each.attname, f"{ours}\n\n{theirs}".strip())
    stays.save()


@transaction.atomic
def remember_apart(
    *, one: Publishable, other: Publishable, pairs: type[models.Model], by: User, now: dt.datetime | None = None
) -> None:
    """Remember in `pairs` (a model) that these are two things, so that they are not shown as a likely pair again."""
    if one.pk == other.pk:
        raise CannotMerge(f"A {record_noun(one)} cannot be told from itself.")
    first, second = sorted((one, other), key=lambda each: each.pk)
    pairs._default_manager.get_or_create(first=first, second=second, defaults={"by": by, "at": now or timezone.now()})
