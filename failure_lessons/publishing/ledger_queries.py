"""What can be asked of the ledger, the list of every change to the library."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.db import connections, models

if TYPE_CHECKING:
    from failure_lessons.publishing.models import EditionQuerySet, LedgerEntry

LEDGER_LOCK = 0x4C4553534F4E53  # held while revisions are written; any number nobody else uses: "LESSONS"


class LedgerEntryQuerySet(models.QuerySet["LedgerEntry"]):
    """Named reads over the ledger. Everything that follows the library starts here."""

    def head(self) -> LedgerEntry | None:
        """The newest change; None in an empty library."""
        return self.order_by("-number").first()

    def after(self, number: int) -> LedgerEntryQuerySet:
        """Changes with greater numbers."""
        return self.filter(number__gt=number)

    def up_to(self, number: int) -> LedgerEntryQuerySet:
        """Changes with this number or a smaller one."""
        return self.filter(number__lte=number)

    def of_kind(self, *kinds: str) -> LedgerEntryQuerySet:
        """Changes to records of these kinds."""
        return self.filter(edition__kind__in=kinds)

    def of_record(self, record_id: uuid.UUID) -> LedgerEntryQuerySet:
        """Changes to one record, under whatever address it stood."""
        return self.filter(edition__record_id=record_id)

    def of_editions(self, editions: EditionQuerySet) -> LedgerEntryQuerySet:
        """Changes that made or withdrew any of these editions."""
        return self.filter(edition__in=editions.order_by().values("pk"))

    def matching_any(self, terms: Iterable[str]) -> LedgerEntryQuerySet:
        """Changes to editions that carry at least one of these terms, such as `phase:prevention`."""
        return self.filter(edition__terms__overlap=list(terms))

    def last_of_each_record(self, bound: int) -> LedgerEntryQuerySet:
        """The change that gave each record the state it had at revision `bound`."""
        later = self.model._default_manager.filter(
            edition__record_id=models.OuterRef("edition__record_id"),
            number__gt=models.OuterRef("number"),
            number__lte=bound,
        )
        return self.filter(~models.Exists(later), number__lte=bound)

    def with_headlines(self) -> LedgerEntryQuerySet:
        """With their editions, without the long texts."""
        return self.select_related("edition").defer("edition__document", "edition__body", "edition__search")

    def last_removal(self) -> LedgerEntry | None:
        """The newest change that took words away from readers: whatever was built before it may still hold them."""
        return self.filter(action__in=self.model.REMOVALS).order_by("-number").first()

    def settled_at(self) -> dt.datetime:
        """A moment before which nothing will be added any more, by the clock of the database.

        Now, unless somebody is publishing at this moment: then the time of the newest change, for what is on its way
        bears that time or a later one.
        """
        with connections[self.db].cursor() as cursor:
            cursor.execute("select clock_timestamp(), pg_try_advisory_xact_lock_shared(%s)", [LEDGER_LOCK])
            now, idle = cursor.fetchone()
        head = None if idle else self.head()
        moment: dt.datetime = head.at if head else now
        return moment
