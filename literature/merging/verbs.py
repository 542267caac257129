"""The verbs of merging: make one reference of two, or remember that they are two works."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import Q
from django.db.models.functions import Cast
from django.utils import timezone

from failure_lessons.publishing.models import Edition
from failure_lessons.workbench.acting import acted
from failure_lessons.workbench.recording import recorded_models
from literature.documents import INLINE
from literature.models import NotDuplicate, Reference

if TYPE_CHECKING:
    from failure_lessons.models import User

State = Reference.State
# what a person chooses between, side by side
FIELDS = (
    "type", "title", "author", "issued", "container_title", "publisher", "doi", "isbn", "url", "abstract", "note",
    "licence", "csl",
)  # fmt: skip
OWN = {"id", "position", "reference"}  # what tells two rows apart without meaning anything


class CannotMerge(Exception):
    """The references stay two; `reasons` holds every reason, each with what to do."""

    def __init__(self, *reasons: str) -> None:
        super().__init__(" ".join(reasons))
        self.reasons = list(reasons)


@dataclass
class Merged:
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
        return "; ".join([*(parts or ["nothing cited the one that went"]), *self.folded])


def obstacles(keep: Reference, lose: Reference) -> list[str]:
    """Why these two cannot become one as things stand."""
    if keep.pk == lose.pk:
        return ["A reference cannot be merged with itself."]
    reasons = []
    if lose.state == State.PUBLISHED or Edition.objects.filter(record_id=lose.record_id).exists():
        reasons.append(
            f"{lose.slug} is published, and what is published does not vanish. Keep it and let the other one go; if "
            "both are published, correct what cites it and withdraw it with a reason."
        )
    reasons += [
        f"{each.slug} is in review: return it to its author first."
        for each in (keep, lose)
        if each.state == State.IN_REVIEW
    ]
    if keep.state == State.WITHDRAWN:
        reasons.append(f"{keep.slug} was withdrawn: nothing should come to rest on it.")
    return reasons


def pointers() -> Iterator[Any]:
    """Every foreign key of evidence to a reference, in whatever app."""
    for relation in Reference._meta.related_objects:
        if relation.on_delete is models.PROTECT:
            yield relation.field


@transaction.atomic
@acted
def merge_references(
    *,
    keep: Reference,
    lose: Reference,
    by: User,
    values: Mapping[str, Any] | None = None,
    note: str = "",
    now: dt.datetime | None = None,
) -> Merged:
    """Make `lose` part of `keep`: `keep` takes `values`, whatever pointed to `lose` points to `keep`, `lose` goes.

    Raises `CannotMerge` when the one that would go is published, or when two decisions on them contradict each other.
    """
    rows = {row.pk: row for row in Reference.objects.select_for_update().filter(pk__in=[keep.pk, lose.pk])}
    if len(rows) < 2 and keep.pk != lose.pk:
        raise CannotMerge("One of the two is no longer here: somebody else merged or deleted it.")
    kept, lost = rows[keep.pk], rows[lose.pk]
    if reasons := obstacles(kept, lost):
        raise CannotMerge(*reasons)
    if published(kept) and values and not note.strip():
        raise CannotMerge("The reference that stays is published: say why it changes.")
    merged = Merged()
    for pointer in pointers():
        move(pointer, kept, lost, merged)
    merged.mentions = rewrite_mentions(lost.slug, kept.slug)
    lost.delete()
    for name, value in (values or {}).items():
        if name not in FIELDS:
            raise CannotMerge(f"“{name}” is not a field of a reference.")
        setattr(kept, name, value)
    try:
        kept.full_clean()
    except ValidationError as error:
        raise CannotMerge(*(f"{name}: {' '.join(each)}" for name, each in error.message_dict.items())) from None
    kept.save()
    keep.refresh_from_db()
    return merged


def published(reference: Reference) -> bool:
    """Whether readers see it."""
    return Edition.objects.current().filter(record_id=reference.record_id).exists()


def meaning(row: models.Model) -> dict[str, Any]:
    """What a row says, without what merely tells it apart."""
    return {each.name: getattr(row, each.attname) for each in row._meta.concrete_fields if each.name not in OWN}


def move(pointer: Any, keep: Reference, lose: Reference, merged: Merged) -> None:
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
        twin = next((each for each in staying if meaning(each) == meaning(row)), None)
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
            join(rival, row, {part for unique in uniques for part in unique})
        row.delete()
        merged.folded.append(f"one {label} was there twice and is now there once")


def join(stays: models.Model, goes: models.Model, same: set[str]) -> None:
    """Put the words of two rows on one thing together. Raises `CannotMerge` where they decide differently."""
    for each in stays._meta.concrete_fields:
        ours, theirs = getattr(stays, each.attname), getattr(goes, each.attname)
        if each.name in OWN | same or ours == theirs or theirs in ("", None):
            continue
        if not isinstance(each, models.TextField):
            owner = getattr(stays, "review", None) or stays
            raise CannotMerge(
                f"In “{owner}” the two have a different {each.verbose_name} ({stays} against {goes}). "
                "Make them agree there first."
            )
        setattr(stays, each.attname, f"{ours}\n\n{theirs}".strip())
    stays.save()


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
                value, number = mended(getattr(row, column.attname), old, new)
                if number:
                    setattr(row, column.attname, value)
                    changed.append(column.name)
                    total += number
            if changed:
                row.save(update_fields=changed)
    return total


def mended(value: Any, old: str, new: str) -> tuple[Any, int]:
    """A text, or texts at any depth, with the mentions changed, and how many there were."""
    if isinstance(value, str):
        number = sum(match[1] == old for match in INLINE.finditer(value))
        return (
            INLINE.sub(lambda m: m[0].replace(old, new, 1) if m[1] == old else m[0], value) if number else value
        ), number
    if isinstance(value, list):
        pairs = [mended(each, old, new) for each in value]
        return [each for each, _ in pairs], sum(number for _, number in pairs)
    if isinstance(value, dict):
        found = {name: mended(each, old, new) for name, each in value.items()}
        return {name: each for name, (each, _) in found.items()}, sum(number for _, number in found.values())
    return value, 0


@transaction.atomic
def set_apart(*, one: Reference, other: Reference, by: User, now: dt.datetime | None = None) -> None:
    """Remember that these are two works, so that they are not shown as a likely pair again."""
    if one.pk == other.pk:
        raise CannotMerge("A reference cannot be told from itself.")
    first, second = sorted((one, other), key=lambda each: each.pk)
    NotDuplicate.objects.get_or_create(first=first, second=second, defaults={"by": by, "at": now or timezone.now()})
