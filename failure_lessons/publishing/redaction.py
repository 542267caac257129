"""Taking words out of everything that was published, for reasons of law or privacy.

The one exception to "an edition never changes", so it is narrow: one person proposes it and another confirms it; the
words give way to a mark and nothing else does; and the ledger gets an entry for each edition, which holds the hash of
the document as it was. Whoever holds an old copy can still show that it was ours; the words themselves we no longer
have. `verify_history` accepts an edition that differs from its first entry for such an entry, and for nothing else.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import orjson
import pgtrigger
from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from failure_lessons.publishing.ledger import hash_entries_before, pinned_revisions, revision_sha256
from failure_lessons.publishing.models import Edition, LedgerEntry
from failure_lessons.publishing.redaction_models import Redaction
from failure_lessons.publishing.registry import SOURCES
from failure_lessons.publishing.renditions import render_records
from failure_lessons.publishing.services import CannotPublish, LedgerWriter
from failure_lessons.publishing.two_people import is_same_person
from failure_lessons.types import JSONValue

if TYPE_CHECKING:
    from failure_lessons.accounts.models import User

MARK = "[redacted]"
SHORTEST = 3  # letters of what is taken out: less would take out half the language
TEXT_COLUMNS = ("title", "summary", "body", "note", "sort_key", "withdrawal_reason")
# members that hold codes and addresses, not words
POINTERS = frozenset(
    {"schema", "kind", "slug", "id", "ref", "code", "type", "case", "finding", "findings", "lessons", "themes", "to"}
)


class CannotRedact(CannotPublish):
    """The words stay for now. `reasons` holds every reason."""


def word_pattern(words: Iterable[str]) -> re.Pattern[str]:
    """Finds any of these words as whole words, in capitals or not, the longest first."""
    listed = sorted(words, key=len, reverse=True)
    return re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, listed))})(?!\w)", re.IGNORECASE)


def redact_value(value: JSONValue, pattern: re.Pattern[str], name: str = "") -> JSONValue:
    """A document, or a part of one, with the mark for the words."""
    if isinstance(value, dict):
        return {key: redact_value(item, pattern, key) for key, item in value.items()}
    if isinstance(value, list):
        return [redact_value(item, pattern, name) for item in value]
    if not isinstance(value, str) or name in POINTERS:
        return value
    return pattern.sub(MARK, value)


def redact_document(document: str, pattern: re.Pattern[str]) -> str:
    """The same for the text of a document; what holds none of the words comes back byte for byte."""
    if not pattern.search(document) and "\\" not in document:
        return document
    parsed = orjson.loads(document)
    redacted = redact_value(parsed, pattern)
    return document if redacted == parsed else orjson.dumps(redacted).decode()


def check_proposal(words: Sequence[str], note: str) -> list[str]:
    """The words, each once. Raises `CannotRedact` when they cannot be taken out, or `note` is none for readers."""
    wanted = [word for word in dict.fromkeys(word.strip() for word in words) if word]
    if not wanted:
        raise CannotRedact(["Say which words have to go."])
    if short := [word for word in wanted if len(word) < SHORTEST]:
        raise CannotRedact([f"“{short[0]}” is too short: it stands in too many other words."])
    if not note.strip():
        raise CannotRedact(["A redaction tells readers why."])
    if word_pattern(wanted).search(note):
        raise CannotRedact(["The reason repeats the words. Readers will see it."])
    return wanted


def propose_redaction(*, words: Sequence[str], by: User, note: str, now: dt.datetime | None = None) -> Redaction:
    """Ask somebody else to have these words taken out; `note` tells readers why. Raises `CannotRedact`."""
    return Redaction.objects.create(
        words=check_proposal(words, note), reason=note.strip(), proposed_by=by, proposed_at=now or timezone.now()
    )


def find_editions_with(pattern: re.Pattern[str]) -> list[Edition]:
    """Every edition that says any of the words, and the newest of each such record, in the order of the ledger."""
    noted = {
        edition
        for edition, note in LedgerEntry.objects.values_list("edition_id", "note").iterator(chunk_size=2000)
        if pattern.search(note)
    }
    rows = Edition.objects.defer("search").order_by("revision").iterator(chunk_size=500)
    found = {edition.pk: edition for edition in rows if edition.pk in noted or says_any(edition, pattern)}
    newest = (
        Edition.objects.filter(record_id__in={edition.record_id for edition in found.values()})
        .order_by()
        .values("record_id")
        .annotate(newest=Max("revision"))
        .values_list("newest", flat=True)
    )
    # whoever follows records takes the edition of the last entry for the one to read
    found |= {edition.pk: edition for edition in Edition.objects.defer("search").filter(revision__in=list(newest))}
    return sorted(found.values(), key=lambda edition: edition.revision)


def says_any(edition: Edition, pattern: re.Pattern[str]) -> bool:
    """Whether readers could find any of the words in this edition."""
    return (
        any(pattern.search(getattr(edition, name)) for name in TEXT_COLUMNS)
        or redact_document(edition.document, pattern) != edition.document
    )


def find_words_in_workbench(editions: Iterable[Edition], pattern: re.Pattern[str]) -> list[str]:
    """Names of the records that would bring the words back when they are published next."""
    ids = {edition.record_id for edition in editions}
    rows = [row for model in SOURCES for row in model._default_manager.filter(record_id__in=ids)]
    return [each.name for each in render_records(rows) if redact_document(each.document, pattern) != each.document]


@transaction.atomic
def confirm_redaction(*, redaction: Redaction, by: User, now: dt.datetime | None = None) -> list[Edition]:
    """Replace the words by a mark in every edition and note. Returns the editions that the ledger now names."""
    ledger = LedgerWriter(now)
    row = Redaction.objects.select_for_update().get(pk=redaction.pk)
    if row.confirmed_at:
        raise CannotRedact(["It was confirmed before."])
    if row.proposed_by_id == by.pk:
        raise CannotRedact(["You proposed it; somebody else has to confirm it."])
    if is_same_person(by, row.proposed_by_id):
        raise CannotRedact(["Whoever proposed it counts as you (docs/people.md); somebody else has to confirm it."])
    pattern = word_pattern(row.words)
    editions = find_editions_with(pattern)
    if not editions:
        raise CannotRedact(["Nothing published says these words."])
    if kept := find_words_in_workbench(editions, pattern):
        raise CannotRedact([f"{name}: take the words out in the workbench first." for name in kept])
    former = {edition.pk: edition.sha256 for edition in editions}
    replace_words(editions, pattern)
    write_redaction_entries(editions, former, row, by, ledger)
    row.words, row.confirmed_by, row.confirmed_at = [], by, ledger.now
    row.save()
    redaction.refresh_from_db()
    return editions


def replace_words(editions: Sequence[Edition], pattern: re.Pattern[str]) -> None:
    """The mark for the words, in these editions and in the notes of the ledger."""
    entries = list(LedgerEntry.objects.filter(edition__in=editions))
    for edition in editions:
        for name in TEXT_COLUMNS:
            setattr(edition, name, pattern.sub(MARK, getattr(edition, name)))
        edition.title, edition.sort_key = edition.title[:500], edition.sort_key[:600]
        edition.document = redact_document(edition.document, pattern)
        edition.sha256 = hashlib.sha256(edition.document.encode()).hexdigest()
    for entry in entries:
        entry.note = pattern.sub(MARK, entry.note)
    with pgtrigger.ignore(
        "publishing.Edition:editions_never_change", "publishing.LedgerEntry:the_ledger_is_never_changed"
    ):
        Edition.objects.bulk_update(editions, [*TEXT_COLUMNS, "document", "sha256"], batch_size=200)
        LedgerEntry.objects.bulk_update(entries, ["note"], batch_size=500)


def write_redaction_entries(
    editions: Sequence[Edition], former: dict[int, str], redaction: Redaction, by: User, ledger: LedgerWriter
) -> None:
    """An entry for each edition, in the order of the ledger."""
    pins = pinned_revisions([edition.pk for edition in editions])
    rows = []
    for edition in editions:
        entry = LedgerEntry(
            number=ledger.next_number(),
            action=LedgerEntry.Action.REDACTED,
            edition=edition,
            at=ledger.now,
            by=by,
            proposed_by=redaction.proposed_by,
            former_sha256=former[edition.pk],
            note=redaction.reason,
            previous_sha256=ledger.sha256,
        )
        entry.sha256 = ledger.sha256 = revision_sha256(
            entry, edition, pins.get(edition.pk, []), hash_entries_before(entry)
        )
        rows.append(entry)
    LedgerEntry.objects.bulk_create(rows)
