"""What was planned is written: some rows at a time, and with as many queries for each time."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence

from django.db import IntegrityError, connection, models, transaction

from failure_lessons.bulk.columns import link_model, link_names
from failure_lessons.bulk.comparing import PlannedRow
from failure_lessons.bulk.writing import ROWS_PER_BATCH
from failure_lessons.constraints import rule_sentence


class CannotSaveRow(Exception):
    """The database refuses a row; the message says which and why."""


def save_rows(planned: Sequence[PlannedRow]) -> None:
    """Write changed rows, then new ones. Call it within a transaction. Raises `CannotSaveRow`."""
    changed = [each for each in planned if each.row.pk]
    added = [each for each in planned if not each.row.pk]
    write_in_batches(changed, update_rows)
    write_in_batches(added, insert_rows)
    with connection.cursor() as cursor:
        try:
            with transaction.atomic():
                cursor.execute("set constraints all immediate")
                cursor.execute("set constraints all deferred")
        except IntegrityError as error:
            raise CannotSaveRow(explain_refusal(error)) from None


def write_in_batches(planned: Sequence[PlannedRow], write: Callable[[Sequence[PlannedRow]], None]) -> None:
    """Write some rows at a time; when the database refuses them, find the row that it means."""
    for start in range(0, len(planned), ROWS_PER_BATCH):
        batch = planned[start : start + ROWS_PER_BATCH]
        if error := try_batch(batch, write):
            while len(batch) > 1:
                half = batch[: len(batch) // 2]
                if found := try_batch(half, write):
                    batch, error = half, found
                else:  # the first half stands, and what the second half runs into may be there
                    batch = batch[len(half) :]
            raise CannotSaveRow(f"Row {batch[0].number}: {explain_refusal(error)}")


def try_batch(batch: Sequence[PlannedRow], write: Callable[[Sequence[PlannedRow]], None]) -> IntegrityError | None:
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


def explain_refusal(error: IntegrityError) -> str:
    """What the database says, as a sentence."""
    details = getattr(error.__cause__, "diag", None)
    if details is not None and details.constraint_name and " " not in details.constraint_name:
        name = str(details.constraint_name)
        readable = not name.endswith(("_uniq", "_key", "_fk", "_check")) and "_fk_" not in name
        told = rule_sentence(name) if readable else str(details.message_detail or details.message_primary)
        return f"{told} The database refuses anything else."
    return f"The database refuses: {str(error).splitlines()[0]}."


def update_rows(batch: Sequence[PlannedRow]) -> None:
    """Write what differs: one query, and up to four for each many-to-many field.

    One statement that joins the rows as JSON: `bulk_update` builds a case for each row and field, which took four
    times as long for 10,000 references.
    """
    meta = type(batch[0].row)._meta
    sets = {name for each in batch for name in each.sets}
    written = {name for each in batch for name in each.written} - sets
    fields = sorted((each for each in meta.concrete_fields if each.name in written), key=lambda each: each.name)
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
    sync_links(batch, sets)


def insert_rows(batch: Sequence[PlannedRow]) -> None:
    """Write new rows."""
    model = type(batch[0].row)
    model._default_manager.bulk_create([each.row for each in batch], batch_size=ROWS_PER_BATCH)
    sync_links(batch, {name for each in batch for name in each.sets})


def sync_links(batch: Sequence[PlannedRow], names: set[str]) -> None:
    """Bring many-to-many fields to what was planned."""
    for name in sorted(names):
        field = next(each for each in type(batch[0].row)._meta.many_to_many if each.name == name)
        through = link_model(field)._default_manager
        source, target = (f"{side}_id" for side in link_names(field))
        wanted = {(each.row.pk, pk) for each in batch if name in each.sets for pk in each.sets[name]}
        rows = [each.row.pk for each in batch if name in each.sets]
        held = {
            (row, other): pk
            for pk, row, other in through.filter(**{f"{source}__in": rows}).values_list("pk", source, target)
        }
        through.filter(pk__in=[held[pair] for pair in held.keys() - wanted]).delete()
        through.bulk_create(
            (through.model(**{source: row, target: other}) for row, other in sorted(wanted - held.keys())),
            batch_size=10 * ROWS_PER_BATCH,
        )


def lock_rows(model: type[models.Model], pks: Sequence[int]) -> None:
    """Nobody else changes these rows until the transaction ends."""
    for start in range(0, len(pks), ROWS_PER_BATCH):
        rows = model._default_manager.select_for_update(of=("self",)).filter(pk__in=pks[start : start + ROWS_PER_BATCH])
        list(rows.order_by("pk").values_list("pk", flat=True))
