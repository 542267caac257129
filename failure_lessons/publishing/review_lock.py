"""What is in review is read-only: whoever judges a record sees the words that somebody submitted, whatever the door."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from django.db import models

from failure_lessons.publishing.models import Publishable


def review_lock_sentence(record: object) -> str:
    """The one sentence that every door says of a record in review; `record` prints as its name."""
    return f"“{record}” is in review and read-only: its author can take it back, a reviewer can return it."


def find_review_locks(records: Iterable[Publishable]) -> list[str]:
    """The sentence for each of these records that is in review, each once."""
    locked = {str(record) for record in records if record.state == Publishable.State.IN_REVIEW}
    return [review_lock_sentence(name) for name in sorted(locked)]


def owner_keys(model: type[models.Model]) -> Iterator[models.ForeignKey[models.Model, models.Model]]:
    """The keys to what a row is part of: those with which it would go."""
    for each in model._meta.concrete_fields:
        if isinstance(each, models.ForeignKey) and each.remote_field.on_delete is models.CASCADE:
            yield each


def owner_paths(model: type[models.Model]) -> Iterator[tuple[str, type[Publishable]]]:
    """The lookups from a row to each record that it may be part of, and what that is; empty for a record itself."""
    if issubclass(model, Publishable):
        yield "", model
        return
    for key in owner_keys(model):
        for path, owner in owner_paths(key.related_model):
            yield f"{key.name}__{path}" if path else key.name, owner


def owners_in_review(rows: models.QuerySet[models.Model]) -> list[Publishable]:
    """The records in review that rows are part of, or are: one query for each way up."""
    found: list[Publishable] = []
    for path, owner in owner_paths(rows.model):
        state, key = (f"{path}__state", path) if path else ("state", "pk")
        locked = rows.filter(**{state: Publishable.State.IN_REVIEW}).order_by().values(key)
        found += owner._default_manager.filter(pk__in=locked)
    return found


def owning_records(rows: Iterable[models.Model]) -> list[Publishable]:
    """The records that these rows are part of, or are."""
    found: dict[tuple[str, int], Publishable] = {}
    edge = list(rows)
    while edge:
        above: list[models.Model] = []
        for row in edge:
            if isinstance(row, Publishable):
                found[(row._meta.label, row.pk)] = row
            else:
                above += [owner for key in owner_keys(type(row)) if (owner := getattr(row, key.name)) is not None]
        edge = above
    return list(found.values())
