"""The hash chain over the ledger, and its verification."""

from __future__ import annotations

import datetime as dt
import hashlib
import itertools
from collections.abc import Iterator, Sequence

import orjson
from django.db.models import Max

from failure_lessons.publishing.ledger_marks import find_altered_marks
from failure_lessons.publishing.models import Edition, EditionCitation, LedgerEntry
from failure_lessons.publishing.pins import PinMeaning


def format_utc(moment: dt.datetime) -> str:
    """A moment as RFC 3339 in UTC, to the microsecond."""
    return moment.astimezone(dt.UTC).isoformat(timespec="microseconds")


def hash_entries_before(entry: LedgerEntry) -> str:
    """Hash of the entries about the same edition before this one, as they stand now.

    When words were taken out, their own hashes, which the chain holds, can no longer be made anew from their words.
    """
    rows = LedgerEntry.objects.filter(edition_id=entry.edition_id, number__lt=entry.number).order_by("number")
    listed = [
        [number, action, format_utc(at), by, note, proposed_by, former]
        for number, action, at, by, note, proposed_by, former in rows.values_list(
            "number", "action", "at", "by_id", "note", "proposed_by_id", "former_sha256"
        )
    ]
    return hashlib.sha256(orjson.dumps(listed)).hexdigest()


def revision_sha256(revision: LedgerEntry, edition: Edition, pins: Sequence[tuple[int, str]], before: str = "") -> str:
    """Hash of one ledger row: what was done, to which edition in full, resting on what, after which row.

    `pins` are the revision numbers of the editions that `edition` pins, each with what the pin means, in any order;
    `before` is, where words were
    taken out, the hash of the entries before (`hash_entries_before`).
    """
    material: dict[str, object] = {
        "number": revision.number,
        "action": revision.action,
        "at": format_utc(revision.at),
        "by": revision.by_id,
        "note": revision.note,
        "previous": revision.previous_sha256,
        "edition": {
            "kind": edition.kind,
            "slug": edition.slug,
            "code": edition.code,
            "record": str(edition.record_id),
            "number": edition.number,
            "revision": edition.revision,
            "title": edition.title,
            "words": hashlib.sha256(f"{edition.summary}\x00{edition.body}".encode()).hexdigest(),
            "terms": edition.terms,
            "sort_key": edition.sort_key,
            "document": edition.sha256,
            "note": edition.note,
            "submitted_by": edition.submitted_by_id,
            "published_by": edition.published_by_id,
            "published_at": format_utc(edition.published_at),
            "rests_on": sorted(number for number, meaning in pins if meaning == PinMeaning.RESTS_ON),
        },
    }
    if edition.change:  # as below: entries from before verify
        material["change"] = edition.change
    if about := sorted(number for number, meaning in pins if meaning == PinMeaning.ABOUT):
        material["about"] = (
            about  # only where there are any: entries from before there were pins of this meaning verify
        )
    if revision.action == LedgerEntry.Action.REDACTED:
        material["redaction"] = {
            "former_document": revision.former_sha256,
            "proposed_by": revision.proposed_by_id,
            "entries": before,
        }
    return hashlib.sha256(orjson.dumps(material, option=orjson.OPT_SORT_KEYS)).hexdigest()


def find_ledger_faults() -> Iterator[str]:
    """Every fault in the history, the first altered row first. Empty: nothing was altered since it was written."""
    previous = ""
    number = 0
    known: set[int] = set()
    last_redaction = dict(
        LedgerEntry.objects.filter(action=LedgerEntry.Action.REDACTED)
        .order_by()
        .values_list("edition_id")
        .annotate(Max("number"))
    )
    rows = LedgerEntry.objects.select_related("edition").order_by("number").iterator(chunk_size=500)
    for batch in batch_rows(rows, 500):
        pins = pinned_revisions([revision.edition_id for revision in batch])
        for revision in batch:
            edition = revision.edition
            name = f"revision {revision.number} ({edition})"
            number += 1
            known.add(revision.edition_id)
            if revision.number != number:
                yield f"{name}: revision {number} is missing"
                number = revision.number
            if revision.previous_sha256 != previous:
                yield f"{name}: does not follow the revision before it"
            if hashlib.sha256(edition.document.encode()).hexdigest() != edition.sha256:
                yield f"{name}: the document does not match its hash"
            redacted = revision.action == LedgerEntry.Action.REDACTED
            # what an entry covered before words were taken out is covered by the entry that took them out
            if number >= last_redaction.get(edition.pk, 0) and revision.sha256 != revision_sha256(
                revision, edition, pins.get(edition.pk, []), hash_entries_before(revision) if redacted else ""
            ):
                yield f"{name}: the row or its edition was altered"
            previous = revision.sha256
    yield from find_loose_ends(known)


def batch_rows(rows: Iterator[LedgerEntry], size: int) -> Iterator[tuple[LedgerEntry, ...]]:
    """The rows in tuples of `size`, as `itertools.batched` does from Python 3.12."""
    while batch := tuple(itertools.islice(rows, size)):
        yield batch


def pinned_revisions(edition_ids: Sequence[int]) -> dict[int, list[tuple[int, str]]]:
    """The revision numbers that each edition pins, each with what the pin means."""
    pins: dict[int, list[tuple[int, str]]] = {}
    rows = EditionCitation.objects.filter(edition__in=edition_ids).values_list("edition", "cites__revision", "meaning")
    for edition_id, revision, meaning in rows:
        pins.setdefault(edition_id, []).append((revision, meaning))
    return pins


def find_loose_ends(known: set[int]) -> Iterator[str]:
    """Editions without a ledger row, and marks that contradict the ledger."""
    for edition in Edition.objects.exclude(pk__in=known).without_text().order_by("pk"):
        yield f"{edition}: stands in no revision"
    yield from find_altered_marks()
