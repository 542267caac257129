"""The verbs on themes: merge two, split one. The history keeps each tagging that moved, who moved it and why."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from failure_lessons.history.audit_context import records_actor
from failure_lessons.publishing.addresses import record_path
from failure_lessons.publishing.merging import CannotMerge, foreign_keys_to, has_current_edition
from failure_lessons.publishing.models import Edition, Publishable, Record
from failure_lessons.publishing.plan import list_to_mark
from failure_lessons.publishing.review_lock import find_review_locks
from failure_lessons.publishing.services import withdraw_record
from failure_lessons.vocabularies.models import Theme

if TYPE_CHECKING:
    from failure_lessons.accounts.models import User


class Carrying(Protocol):
    """A row of the table between a kind of record and its themes."""

    theme: Theme

    def delete(self) -> object: ...
    def save(self, *, update_fields: Iterable[str]) -> None: ...


@dataclass(frozen=True)
class Tagging:
    """That a record carries a theme: the row of the table between them, the record, and its code with what it says.

    `owner` is submitted and published with it: the record itself, or the case or review it is part of.
    """

    row: Carrying
    record: Record
    words: str
    owner: Publishable

    @property
    def key(self) -> str:
        """What a form calls it."""
        return f"{type(self.record)._meta.model_name}-{self.record.pk}"

    @property
    def kind(self) -> str:
        """What the record is called."""
        return str(type(self.record)._meta.verbose_name)


@dataclass
class MoveResult:
    """What a verb did: taggings that moved, and those that were there already."""

    moved: list[Tagging] = field(default_factory=list)
    folded: list[Tagging] = field(default_factory=list)

    def describe_result(self) -> str:
        """What happened, for the person who asked."""
        count, twice = len(self.moved), len(self.folded)
        words = f"{count} tagging{'' if count == 1 else 's'} moved"
        return words + (f", {twice} there already" if twice else "")


def list_taggings(theme: Theme, *, lock: bool = False) -> list[Tagging]:
    """Everything that carries a theme, in whatever app. Two queries for each kind of record."""
    return list(each_tagging(theme, lock))


def each_tagging(theme: Theme, lock: bool) -> Iterator[Tagging]:
    """One after another, by kind and code."""
    for relation in Theme._meta.related_objects:
        if not relation.many_to_many:
            continue
        through: Any = relation.through  # type: ignore[attr-defined]
        name = relation.field.m2m_field_name()  # type: ignore[attr-defined]
        rows = through._default_manager.filter(theme=theme)
        held = {getattr(row, f"{name}_id"): row for row in (rows.select_for_update() if lock else rows)}
        model: Any = relation.related_model
        records = model._default_manager.filter(pk__in=held).order_by("code", "pk")
        part_of = [each.name for each in model._meta.concrete_fields if each.name in ("case", "review")]
        for record in records.select_related(*part_of) if part_of else records:
            words = f"{record.code} {getattr(record, 'title', '') or record.statement}"
            own = isinstance(record, Publishable)
            owner = record if own else getattr(record, "case", None) or record.review
            yield Tagging(held[record.pk], record, words, owner)


def review_obstacles(moving: Collection[Tagging]) -> list[str]:
    """Records in review: what somebody is judging must not change under their hands."""
    return find_review_locks(tagging.owner for tagging in moving)


def merge_obstacles(keep: Theme, lose: Theme) -> list[str]:
    """Why these two cannot become one as things stand."""
    if keep.pk == lose.pk:
        return ["A theme cannot be merged with itself."]
    reasons = find_review_locks([keep, lose])
    if keep.state == Publishable.State.WITHDRAWN:
        reasons.append(f"{keep.label} was withdrawn: nothing should come to carry it.")
    if lose.state == Publishable.State.WITHDRAWN:
        reasons.append(f"{lose.label} was withdrawn already.")
    return reasons + review_obstacles(list_taggings(lose))


def marked_later(moving: Collection[Tagging]) -> tuple[Edition, ...]:
    """Current editions that will be marked “evidence has changed since” once these records are published again."""
    ids = [tagging.record.record_id for tagging in moving]
    gone = list(Edition.objects.current().filter(record_id__in=ids).order_by().values_list("pk", flat=True))
    return tuple(edition for edition in list_to_mark(gone) if edition.pk not in gone)


def move_taggings(moving: Collection[Tagging], theme: Theme) -> MoveResult:
    """Let these records carry `theme` instead of the one they carry; once, where they carry both."""
    done = MoveResult()
    carrying = {tagging.key for tagging in list_taggings(theme, lock=True)}
    for tagging in moving:
        if tagging.key in carrying:
            tagging.row.delete()
            done.folded.append(tagging)
        else:
            tagging.row.theme = theme
            tagging.row.save(update_fields=["theme"])
            done.moved.append(tagging)
    return done


def repoint_rows(old: Theme, new: Theme) -> None:
    """Let whatever else points to one theme, such as coded segments, point to the other; once, where both were said."""
    for pointer in foreign_keys_to(Theme):
        for row in pointer.model._default_manager.filter(**{pointer.name: old}).select_for_update():
            setattr(row, pointer.name, new)
            try:
                with transaction.atomic():
                    row.save(update_fields=[pointer.name])
            except IntegrityError:
                row.delete()


@transaction.atomic
@records_actor
def merge_themes(*, keep: Theme, lose: Theme, by: User, note: str) -> MoveResult:
    """Whatever carries `lose` carries `keep`. A published `lose` is withdrawn, pointing there; a draft goes.

    Raises `CannotMerge` with every reason.
    """
    if not note.strip():
        raise CannotMerge("Say why: readers of a withdrawn theme, and the history, are told.")
    keys = sorted({keep.pk, lose.pk})
    rows = {row.pk: row for row in Theme.objects.select_for_update().filter(pk__in=keys).order_by("pk")}
    if len(rows) < len(keys):
        raise CannotMerge("One of the two is no longer here: somebody else merged or deleted it.")
    kept, lost = rows[keep.pk], rows[lose.pk]
    if reasons := merge_obstacles(kept, lost):
        raise CannotMerge(*reasons)
    if has_current_edition(lost) and not has_current_edition(kept):
        raise CannotMerge(f"Readers see {lost.label} and not {kept.label}: publish that first, or merge the other way.")
    done = move_taggings(list_taggings(lost, lock=True), kept)
    repoint_rows(lost, kept)
    if has_current_edition(lost):
        why = f"Merged into the theme “{kept.label}”, which is at {record_path('theme', kept.slug)}. {note.strip()}"
        withdraw_record(record=lost, by=by, note=why)
    elif Edition.objects.filter(record_id=lost.record_id).exists():
        raise CannotMerge(f"{lost.label} was published once: it stays, withdrawn.")
    else:
        lost.delete()
    return done


@transaction.atomic
@records_actor
def split_theme(
    *, theme: Theme, chosen: Collection[str], slug: str, label: str, scope_note: str, by: User, note: str
) -> tuple[Theme, MoveResult]:
    """Make a new draft theme that takes the `chosen` taggings (by their `key`) of `theme`. Raises `CannotMerge`."""
    if not note.strip():
        raise CannotMerge("Say why: the history is told.")
    Theme.objects.select_for_update().get(pk=theme.pk)
    there = list_taggings(theme, lock=True)
    moving = [tagging for tagging in there if tagging.key in chosen]
    if not moving:
        raise CannotMerge("Choose at least one record that is to carry the new theme.")
    if len(moving) < len(set(chosen)):
        raise CannotMerge("Some of what you chose no longer carries the theme: open the page again.")
    if reasons := review_obstacles(moving):
        raise CannotMerge(*reasons)
    made = Theme(slug=slug.strip(), label=label.strip(), scope_note=scope_note.strip())
    try:
        made.full_clean()
    except ValidationError as error:
        raise CannotMerge(*(f"{name}: {' '.join(each)}" for name, each in error.message_dict.items())) from None
    made.save()
    return made, move_taggings(moving, made)
