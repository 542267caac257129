"""The verbs of importing: keep a file, keep what was decided on its rows, take them in, all or none."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from django.db import connection, transaction
from django.utils import timezone

from failure_lessons.files.decoding import CannotReadFile, decode_text_file
from failure_lessons.history.audit_context import records_actor
from failure_lessons.types import JSONObject
from literature.importing.items import ImportedItem
from literature.importing.keys import KeyAllocator
from literature.importing.preview import ImportAction, KnownReference, preview_rows
from literature.importing.readers import IMPORT_FORMATS, MAX_IMPORT_RECORDS, detect_import_format, read_items
from literature.loaders import reference_columns
from literature.models import Reference, ReferenceImport

if TYPE_CHECKING:
    from failure_lessons.accounts.models import User

REFERENCE_IMPORT_RETENTION = dt.timedelta(
    days=30
)  # a file that waits for decisions; an import's result is kept as long
REFERENCE_IMPORT_LOCK = (
    0x4C49544552  # held while references are taken in, so that keys and duplicates are seen: "LITER"
)
Result = JSONObject


class CannotImportReferences(Exception):
    """Nothing was taken in; `reasons` says why, row by row."""

    def __init__(self, reasons: Sequence[str]) -> None:
        super().__init__(" ".join(reasons))
        self.reasons = list(reasons)


@transaction.atomic
def stage_import(
    *, name: str, data: bytes, by: User, form: str = "", now: dt.datetime | None = None
) -> ReferenceImport:
    """Keep a file to be looked at; throw away what is old. Raises `CannotReadFile`; then nothing is kept.

    `form` is a code of `IMPORT_FORMATS`, or empty to tell from the content.
    """
    text, encoding = decode_text_file(data)
    if form and form not in IMPORT_FORMATS:
        raise CannotReadFile(f"The form “{form}” is unknown.")
    form = form or detect_import_format(text)
    read_items(text, form)
    now = now or timezone.now()
    ReferenceImport.objects.filter(made_at__lt=now - REFERENCE_IMPORT_RETENTION).delete()
    clean = " ".join("".join(letter if letter.isprintable() else " " for letter in name).split())
    return ReferenceImport.objects.create(
        name=clean[:200] or "Pasted text", text=text, form=form, encoding=encoding, made_by=by, made_at=now
    )


@transaction.atomic
def decide_import_rows(*, staged: ReferenceImport, decisions: Mapping[str, str], by: User) -> None:
    """Keep what somebody decided on some rows."""
    row = ReferenceImport.objects.select_for_update().get(pk=staged.pk, made_by=by)
    if row.state == ReferenceImport.State.DONE:
        raise CannotImportReferences(["This file was imported already."])
    row.decisions |= {
        number: action
        for number, action in decisions.items()
        if is_import_row_number(number) and action in ImportAction.values
    }
    row.save(update_fields=["decisions"])
    staged.decisions = row.decisions


def is_import_row_number(number: str) -> bool:
    """Whether this is the number of a row."""
    return number.isascii() and number.isdigit() and int(number[:9]) <= MAX_IMPORT_RECORDS and len(number) < 9


@transaction.atomic
def finish_import(*, staged: ReferenceImport, by: User, now: dt.datetime | None = None) -> list[Result]:
    """Take the rows of a kept file in as decided, all or none. Raises `CannotImportReferences`."""
    row = ReferenceImport.objects.select_for_update().get(pk=staged.pk, made_by=by)
    if row.state == ReferenceImport.State.DONE:
        raise CannotImportReferences(["This file was imported already."])
    lock_reference_imports()
    reasons, chosen = [], list[tuple[ImportedItem, str, KnownReference | None]]()
    for each in preview_rows(read_items(row.text, row.form)):
        wanted = row.decisions.get(str(each.item.row), "")
        if wanted and wanted not in each.actions and not each.item.faulty:
            what = each.known.slug if each.known else f"row {each.row_before} of this file"
            reasons.append(
                f"Row {each.item.row}: it cannot be taken in as you chose, for {what} now has the same DOI or is no "
                "longer an unpublished draft. Choose again."
            )
        chosen.append((each.item, each.chosen_action(row.decisions), each.known))
    if reasons:
        raise CannotImportReferences(reasons)
    result = import_references(items=chosen, by=by, note=f"Imported from {row.name}", now=now)
    row.result, row.state, row.text, row.decisions = result, ReferenceImport.State.DONE, "", {}
    row.save()
    staged.refresh_from_db()
    return result


def lock_reference_imports() -> None:
    """One import after the other, until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(%s)", [REFERENCE_IMPORT_LOCK])


@transaction.atomic
@records_actor
def import_references(
    *,
    items: Iterable[tuple[ImportedItem, str, KnownReference | None]],
    by: User,
    note: str = "",
    now: dt.datetime | None = None,
) -> list[Result]:
    """Take items in: each with what to do (`ImportAction`) and the draft it updates. Says what became of each.

    A new draft has every field of its item; an updated one those that the item has. Queries do not grow with the items,
    but for one more in every 500 written.
    """
    lock_reference_imports()
    items = list(items)
    if broken := [item for item, action, _ in items if item.faulty and action != ImportAction.SKIP]:
        raise CannotImportReferences([f"Row {item.row} is faulty." for item in broken])
    keys = KeyAllocator(Reference.objects.values_list("slug", flat=True))
    wanted = [known.pk for _, action, known in items if action == ImportAction.UPDATE and known]
    drafts = Reference.objects.select_for_update().in_bulk(wanted)
    made: list[Reference] = []
    changed: dict[int, Reference] = {}
    results: list[Result] = []
    for item, action, known in items:
        key = known.slug if known else ""
        if action == ImportAction.IMPORT:
            key = keys.allocate_key(item.csl)
            made.append(Reference(slug=key, **reference_columns({"id": key, **item.csl})))
        elif action == ImportAction.UPDATE:
            draft = drafts.get(known.pk) if known else None
            if draft is None or draft.state != Reference.State.DRAFT:
                raise CannotImportReferences([f"Row {item.row}: {key or 'its reference'} is no longer a draft."])
            changed[draft.pk] = update_reference_draft(draft, item, now or timezone.now())
        reasons = [f"{problem.field}: {problem.reason}" for problem in item.problems]
        title = str(item.csl.get("title", ""))[:200]
        results.append({"row": item.row, "action": action, "key": key, "title": title, "problems": reasons})
    Reference.objects.bulk_create(made, batch_size=500)
    if changed:
        Reference.objects.bulk_update(changed.values(), REFERENCE_UPDATE_COLUMNS, batch_size=500)
    pks = {reference.slug: reference.pk for reference in made} | {
        known.slug: known.pk for _, _, known in items if known
    }
    for result in results:
        result["pk"] = pks.get(result["key"])
    return results


REFERENCE_UPDATE_COLUMNS = [*reference_columns({"type": "", "title": ""}), "edited_at"]


def update_reference_draft(draft: Reference, item: ImportedItem, now: dt.datetime) -> Reference:
    """The draft with what the item has in place of its own; what the item lacks stays."""
    for name, value in reference_columns(item.csl).items():
        if name == "csl":
            draft.csl = {**draft.other_variables, **value}
        elif value not in ("", None, []):
            setattr(draft, name, value)
    draft.edited_at = now
    return draft
