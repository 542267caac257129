"""What was planned is written: some rows at a time, and with as many queries for each time."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

from django.db import IntegrityError, connection, models, transaction

from failure_lessons.bulk.comparing import Planned
from failure_lessons.bulk.writing import BATCH
from failure_lessons.constraints import sentence


class Refused(Exception):
    """The database refuses a row; the message says which and why."""


def save_rows(planned: Sequence[Planned]) -> None:
    """Write changed rows, then new ones. Call it within a transaction. Raises `Refused`."""
    changed = [each for each in planned if each.row.pk]
    added = [each for each in planned if not each.row.pk]
    in_batches(changed, update)
    in_batches(added, insert)
    with connection.cursor() as cursor:
        try:
            with transaction.atomic():
                cursor.execute("set constraints all immediate")
                cursor.execute("set constraints all deferred")
        except IntegrityError as error:
            raise Refused(reason(error)) from None


def in_batches(planned: Sequence[Planned], write: Callable[[Sequence[Planned]], None]) -> None:
    """Write some rows at a time; when the database refuses them, find the row that it means."""
    for start in range(0, len(planned), BATCH):
        batch = planned[start : start + BATCH]
        if error := refusal(batch, write):
            while len(batch) > 1:
                half = batch[: len(batch) // 2]
                if found := refusal(half, write):
                    batch, error = half, found
                else:  # the first half stands, and what the second half runs into may be there
                    batch = batch[len(half) :]
            raise Refused(f"Row {batch[0].number}: {reason(error)}")


def refusal(batch: Sequence[Planned], write: Callable[[Sequence[Planned]], None]) -> IntegrityError | None:
    """Write a batch, or leave it and say why it was refused."""
    keys = [each.row.pk for each in batch]
    try:
        with transaction.atomic():
            write(batch)
    except IntegrityError as error:
        for each, key in zip(batch, keys, strict=True):
            each.row.pk = key  # a number that was given to a row which is not there
        return error
    return None


def reason(error: IntegrityError) -> str:
    """What the database says, as a sentence."""
    details = getattr(error.__cause__, "diag", None)
    if details is not None and details.constraint_name and " " not in details.constraint_name:
        name = str(details.constraint_name)
        readable = not name.endswith(("_uniq", "_key", "_fk", "_check")) and "_fk_" not in name
        told = sentence(name) if readable else str(details.message_detail or details.message_primary)
        return f"{told} The database refuses anything else."
    return f"The database refuses: {str(error).splitlines()[0]}."


def update(batch: Sequence[Planned]) -> None:
    """Write what differs: one query, and up to four for each many-to-many field.

    One statement that joins the rows as JSON: `bulk_update` builds a case for each row and field, which took four
    times as long for 10,000 references.
    """
    meta = type(batch[0].row)._meta
    sets = {name for each in batch for name in each.sets}
    fields: list[Any] = [meta.get_field(name) for name in sorted({n for each in batch for n in each.written} - sets)]
    if fields:
        rows = [
            {"id": each.row.pk, **{field.column: getattr(each.row, field.attname) for field in fields}}
            for each in batch
        ]
        names = ", ".join(f'"{field.column}"' for field in fields)
        values = ", ".join(f'coming."{field.column}"' for field in fields)
        with connection.cursor() as cursor:  # names of tables and columns are our own
            cursor.execute(
                f'update "{meta.db_table}" row set ({names}) = row({values}) '
                f'from jsonb_populate_recordset(null::"{meta.db_table}", %s::jsonb) coming where row.id = coming.id',
                [json.dumps(rows, default=str, ensure_ascii=False)],
            )
    link(batch, sets)


def insert(batch: Sequence[Planned]) -> None:
    """Write new rows."""
    model: Any = type(batch[0].row)
    model._default_manager.bulk_create([each.row for each in batch], batch_size=BATCH)
    link(batch, {name for each in batch for name in each.sets})


def link(batch: Sequence[Planned], names: set[str]) -> None:
    """Bring many-to-many fields to what was planned."""
    for name in sorted(names):
        field: Any = type(batch[0].row)._meta.get_field(name)
        through = field.remote_field.through._default_manager
        source, target = f"{field.m2m_field_name()}_id", f"{field.m2m_reverse_field_name()}_id"
        wanted = {(each.row.pk, pk) for each in batch if name in each.sets for pk in each.sets[name]}
        rows = [each.row.pk for each in batch if name in each.sets]
        held = {
            (row, other): pk
            for pk, row, other in through.filter(**{f"{source}__in": rows}).values_list("pk", source, target)
        }
        through.filter(pk__in=[held[pair] for pair in held.keys() - wanted]).delete()
        through.bulk_create(
            (through.model(**{source: row, target: other}) for row, other in sorted(wanted - held.keys())),
            batch_size=10 * BATCH,
        )


def lock(model: type[models.Model], pks: Sequence[int]) -> None:
    """Nobody else changes these rows until the transaction ends."""
    for start in range(0, len(pks), BATCH):
        rows = model._default_manager.select_for_update(of=("self",)).filter(pk__in=pks[start : start + BATCH])
        list(rows.order_by("pk").values_list("pk", flat=True))
