"""A partner's drafts as lists: keys, states and tags, a page at a time."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import TYPE_CHECKING, TypedDict

from failure_lessons.partners.models import Draft
from failure_lessons.partners.ownership import draft_etag, entries_of
from failure_lessons.publishing.models import Publishable
from failure_lessons.publishing.registry import Entry, PackageMember, list_members

if TYPE_CHECKING:
    from failure_lessons.accounts.models import User

STATES: list[str] = Publishable.State.values
DRAFTS_PAGE_SIZE, DRAFTS_MAX_PAGE_SIZE = 25, 100


class DraftRow(TypedDict):
    """A draft in a list."""

    key: str
    title: str
    state: str
    review_note: str
    edited_at: dt.datetime
    etag: str


def serialize_draft_row(key: str, title: str, record: Publishable, etag: str) -> DraftRow:
    """One line of a list."""
    return {
        "key": key,
        "title": title,
        "state": record.state,
        "review_note": record.review_note,
        "edited_at": record.edited_at,
        "etag": etag,
    }


def records_of_partner(
    member: PackageMember, by: User, limit: int, after: int, states: Sequence[str]
) -> tuple[list[DraftRow], str | None]:
    """The partner's records of one member in these states as they came, and where the next page begins."""
    chosen = member.model._default_manager.filter(state__in=states).values("record_id")
    drafts = Draft.objects.filter(partner=by, kind=member.kind, pk__gt=after, record_id__in=chosen)
    mine = list(drafts.order_by("pk")[: limit + 1])
    ids = [draft.record_id for draft in mine[:limit]]
    found = entries_of(member, member.model._default_manager.filter(record_id__in=ids))
    by_id = {record.record_id: (key, record, entry) for key, (record, entry) in found.items()}
    rows = [
        serialize_draft_row(key, str(entry.get("title") or key), record, draft_etag(entry))
        for key, record, entry in (by_id[each] for each in ids if each in by_id)
    ]
    return rows, str(mine[limit - 1].pk) if len(mine) > limit else None


def findings_of_partner(by: User, limit: int, after: str, states: Sequence[str]) -> tuple[list[DraftRow], str | None]:
    """The findings of the partner's records in these states by their codes, and where the next page begins."""
    places: dict[str, tuple[PackageMember, str]] = {}
    for member in list_members():
        if member.findings:
            ids = Draft.objects.filter(partner=by, kind=member.kind).values("record_id")
            wanted = {f"{member.owner}__record_id__in": ids, f"{member.owner}__state__in": states}
            parts = member.findings._default_manager.filter(**wanted, code__gt=after)
            chosen = parts.order_by("code").values_list("code", f"{member.owner}__slug")[: limit + 1]
            places |= {code: (member, slug) for code, slug in chosen}
    page = sorted(places)[: limit + 1]
    held: dict[str, tuple[Publishable, Entry]] = {}
    for member in list_members():
        slugs = {slug for code in page[:limit] for owning, slug in [places[code]] if owning is member}
        if slugs:
            for record, entry in entries_of(member, member.model._default_manager.filter(slug__in=slugs)).values():
                held |= {finding["code"]: (record, finding) for finding in entry.get("findings", [])}
    found = [(code, *held[code]) for code in page[:limit] if code in held]
    rows = [
        serialize_draft_row(code, finding["statement"], record, draft_etag(finding)) for code, record, finding in found
    ]
    return rows, page[limit - 1] if len(page) > limit else None
