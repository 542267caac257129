"""The verbs of spreadsheets: keep one that was handed in, look at it again, decide its conflicts, take it in."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

from failure_lessons.bulk.columns import columns_of
from failure_lessons.bulk.comparing import (
    SHEET,
    PlannedRow,
    Rights,
    RowStanding,
    compare_sheet,
    count_standings,
    skip_same_rows,
)
from failure_lessons.bulk.matching import Matched, match_headings
from failure_lessons.bulk.models import Upload
from failure_lessons.bulk.reading import Table, read_table
from failure_lessons.bulk.saving import CannotSaveRow, lock_rows, save_rows
from failure_lessons.history.audit_context import acting_as
from failure_lessons.types import JSONObject

if TYPE_CHECKING:
    from failure_lessons.accounts.models import User

UPLOAD_LIFETIME = dt.timedelta(days=30)
LONGEST_REASON = 2000
MAX_PREVIEW_CHARACTERS = 1000  # characters of a cell that the preview keeps
DONE_BEFORE = "This sheet was taken in already: nothing was done a second time."


class CannotTakeIn(Exception):
    """Nothing was changed; the message says why. `outdated`: the preview has to be looked at again."""

    def __init__(self, message: str, *, outdated: bool = False) -> None:
        super().__init__(message)
        self.outdated = outdated


@transaction.atomic
def stage_upload(*, name: str, data: bytes, rights: Rights, by: User, now: dt.datetime | None = None) -> Upload:
    """Keep a spreadsheet with what it would change; throw old ones away. Raises `CannotRead` and keeps nothing then."""
    table = read_table(data)
    now = now or timezone.now()
    Upload.objects.filter(made_at__lt=now - UPLOAD_LIFETIME).delete()
    clean = " ".join("".join(letter if letter.isprintable() else " " for letter in name).split())
    upload = Upload(
        name=clean[:200] or "Spreadsheet",
        list=rights.rows.model._meta.label_lower,
        read_as=table.read_as,
        made_by=by,
        made_at=now,
        rows=serialize_table(table),
    )
    store_preview(upload, *plan_upload(upload, rights))
    upload.save()
    return upload


def serialize_table(table: Table) -> JSONObject:
    """A table as JSON. PostgreSQL keeps no NUL, and rows that have one are faulty anyhow."""
    rows = [[number, [cell.replace("\0", "") for cell in cells]] for number, cells in table.rows]
    header = [heading.replace("\0", "") for heading in table.header]
    return {"header": header, "rows": rows, "faults": {str(number): said for number, said in table.faults.items()}}


def plan_upload(upload: Upload, rights: Rights) -> tuple[Matched, list[PlannedRow]]:
    """What a kept sheet would change now."""
    kept_rows = upload.rows
    table = Table(
        kept_rows["header"],
        [(number, cells) for number, cells in kept_rows["rows"]],
        upload.read_as,
        {int(number): said for number, said in kept_rows["faults"].items()},
    )
    matched = match_headings(table, rights.rows.model, rights.columns, columns_of(rights.rows.model))
    return matched, compare_sheet(matched, rights, upload.decisions)


def store_preview(upload: Upload, matched: Matched, planned: Sequence[PlannedRow]) -> None:
    """Keep what the preview shows. Not saved here."""
    rows = [each.serialize_row() for each in skip_same_rows(planned)]
    digest = hashlib.sha256(json.dumps(rows, ensure_ascii=False).encode("utf-8", "replace")).hexdigest()
    for row in rows:
        for cell in row["cells"]:
            cell["old"], cell["new"] = cell["old"][:MAX_PREVIEW_CHARACTERS], cell["new"][:MAX_PREVIEW_CHARACTERS]
    upload.plan = {
        "rows": rows,
        "counts": count_standings(planned),
        "notes": matched.notes,
        "digest": digest,
        "asks_reason": any(row["published"] for row in rows if row["standing"] != RowStanding.FAULTY),
    }


def lock_upload(upload: Upload, by: User) -> Upload:
    """The upload, held until the transaction ends. Raises `CannotTakeIn` when it is done."""
    held = Upload.objects.select_for_update().filter(pk=upload.pk, made_by=by).first()
    if held is None:
        raise CannotTakeIn("This sheet is not here any more: hand it in again.")
    if held.state == Upload.State.DONE:
        raise CannotTakeIn(DONE_BEFORE)
    return held


@transaction.atomic
def refresh_preview(*, upload: Upload, rights: Rights, by: User) -> Upload:
    """Compare the sheet anew with what is there now."""
    held = lock_upload(upload, by)
    store_preview(held, *plan_upload(held, rights))
    held.save(update_fields=["plan"])
    return held


@transaction.atomic
def decide_conflicts(*, upload: Upload, decisions: Mapping[str, str], by: User) -> Upload:
    """Keep, for conflicts that the preview showed, whether the sheet or the workbench wins."""
    held = lock_upload(upload, by)
    conflicts = {f"{row['number']}.{cell['field']}" for row in held.plan["rows"] for cell in row["cells"] if cell["by"]}
    held.decisions |= {
        key: choice for key, choice in decisions.items() if key in conflicts and choice in (SHEET, "keep")
    }
    held.save(update_fields=["decisions"])
    return held


@transaction.atomic
def take_in(*, upload: Upload, rights: Rights, by: User, digest: str, reason: str = "") -> JSONObject:
    """Write everything that the preview with this `digest` showed, or nothing. Raises `CannotTakeIn`.

    Queries: a fixed number for every 500 rows.
    """
    held = lock_upload(upload, by)
    model = rights.rows.model
    lock_rows(model, [row["pk"] for row in held.plan["rows"] if row["pk"]])
    shown = held.plan
    matched, planned = plan_upload(held, rights)
    store_preview(held, matched, planned)
    if digest != held.plan["digest"] or held.plan["digest"] != shown["digest"]:
        raise CannotTakeIn("Something changed since you looked. Nothing was written: look again.", outdated=True)
    counts = held.plan["counts"]
    if counts[RowStanding.FAULTY]:
        raise CannotTakeIn("Some rows are faulty. Mend them in the sheet and hand it in again: it is all or nothing.")
    reason = reason.strip()[:LONGEST_REASON]
    if held.plan["asks_reason"] and not reason:
        raise CannotTakeIn("Some of these records are published: say why you change them.")
    writing = [each for each in planned if each.written or each.row.pk is None]
    added = [each for each in writing if each.row.pk is None]
    try:
        with acting_as(by=by, reason=reason or f"From the spreadsheet {held.name}"):
            save_rows(writing)
    except CannotSaveRow as refusal:
        raise CannotTakeIn(str(refusal)) from None
    new = {id(each) for each in added}
    held.result = {
        "added": [{"number": each.number, "pk": each.row.pk, "name": each.name} for each in added],
        "changed": [
            {"number": each.number, "pk": each.row.pk, "name": each.name, "fields": len(each.cells)}
            for each in writing
            if id(each) not in new
        ],
        "same": len(planned) - len(writing),
        "reason": reason,
    }
    held.state, held.rows, held.plan, held.decisions = Upload.State.DONE, {}, {}, {}
    held.save()
    return dict(held.result)
