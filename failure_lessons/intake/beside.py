"""What others sent in about a record, beside it: read by its page."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from failure_lessons.intake.models import PublicNote
from failure_lessons.library.record_context import NOTE_READERS
from failure_lessons.library.state import BESIDE_LEDGER
from failure_lessons.publishing.models import Edition


def list_notes(edition: Edition, moment: dt.datetime | None) -> Sequence[PublicNote]:
    """The notes of use and the replies about a record, the oldest first. One query."""
    rows = PublicNote.objects.filter(record_id=edition.record_id)
    return list(rows.filter(published_at__lte=moment) if moment else rows)


NOTE_READERS.append(list_notes)
# notes come with a later moment than all before, and go when their sender is erased: one of the two figures changes
BESIDE_LEDGER.append("select count(*) || ' ' || coalesce(max(published_at)::text, '') from intake_publicnote")
