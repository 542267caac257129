"""What stands in the workbench, and whose it is: drafts that a partner sent or that an editor assigned to it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING
from uuid import UUID

from django.contrib.admin.models import ADDITION, CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db.models import QuerySet

from failure_lessons.packages.exchange import compose_entry, normalise_entry, told_entries
from failure_lessons.packages.schema import package_definitions
from failure_lessons.packages.validation import KnownKeys, known_terms, pointed_to
from failure_lessons.partners.models import Draft
from failure_lessons.publishing.models import Edition, Publishable, Record
from failure_lessons.publishing.registry import KINDS, SOURCES, Entry, PackageMember, list_members
from failure_lessons.publishing.renditions import Rendition, drop_empty_values, parts_of, render_records
from failure_lessons.publishing.review_lock import find_review_locks
from failure_lessons.publishing.schemas import Schema
from failure_lessons.types import JSONValue

if TYPE_CHECKING:
    from failure_lessons.accounts.models import User


class NoDraft(Exception):
    """Nothing in the workbench has this key."""


class NotYours(Exception):
    """The record belongs to somebody else."""


class NotNow(Exception):
    """The record's state, or what rests on it, does not allow this. The message says why."""


def entries_of(member: PackageMember, rows: Iterable[Publishable]) -> dict[str, tuple[Publishable, Entry]]:
    """Records of one member with their entries in package form, by key. A constant number of queries."""
    records = list(rows)
    renditions = render_records(records)
    findings = {each.code: each.entry for each in render_records(parts_of(records))} if member.findings else {}
    return {
        each.slug: (each.record, normalise_entry(member, compose_entry(drop_empty_values(each.entry), findings)))  # type: ignore[misc]
        for each in renditions
    }


def lock_records(member: PackageMember, keys: Sequence[str]) -> QuerySet[Publishable]:
    """The workbench's records with these keys, held until the transaction ends."""
    rows: QuerySet[Publishable] = member.model._default_manager.select_for_update()
    return rows.filter(**{"slug__in": keys}).order_by("pk")


def draft_etag(entry: Entry) -> str:
    """The strong entity tag of a draft: what people wrote, hashed."""
    made = Rendition(record=None, kind="", slug="", title="", entry=entry)  # type: ignore[arg-type]
    return f'"{made.entry_sha256}"'


def owners_by_record(records: Iterable[Record]) -> dict[UUID, int]:
    """Whose each record is: keys of partners by `record_id`."""
    ids = [record.record_id for record in records]
    return dict(Draft.objects.filter(record_id__in=ids).values_list("record_id", "partner_id"))


def lock_for_update(member: PackageMember, key: str, by: User) -> tuple[Publishable, Entry]:
    """A record of this partner's, held until the transaction ends, and its entry.

    Raises `NoDraft` when there is none and `NotYours` when it is somebody else's.
    """
    found = entries_of(member, lock_records(member, [key])).get(key)
    if found is None:
        raise NoDraft
    if owners_by_record([found[0]]).get(found[0].record_id) != by.pk:
        raise NotYours
    return found[0], fill_empty_lists(found[1], package_definitions()[member.name])


def fill_empty_lists(value: JSONValue, schema: Schema) -> JSONValue:
    """An entry with the empty lists that its schema wants to see, so that what is read can be sent back as it is."""
    schema = package_definitions()[schema["$ref"].removeprefix("#/$defs/")] if "$ref" in schema else schema
    if isinstance(value, list):
        return [fill_empty_lists(item, schema.get("items", {})) for item in value]
    if not isinstance(value, dict):
        return value
    fields = schema.get("properties", {})
    whole = {name: fill_empty_lists(item, fields.get(name, {})) for name, item in value.items()}
    lists = (name for name in schema.get("required", ()) if fields.get(name, {}).get("type") == "array")
    return {**whole, **{name: [] for name in lists if name not in whole}}


def lock_finding(code: str, by: User) -> tuple[PackageMember, Publishable, Entry, Entry]:
    """A finding of this partner's: the member and record it is part of, that record's entry, and its own."""
    for member in list_members():
        if member.findings is None:
            continue
        part = member.findings._default_manager.select_related(member.owner).filter(code=code).first()
        if part is not None:
            record, entry = lock_for_update(member, getattr(part, member.owner).slug, by)
            for finding in entry.get("findings", []):
                if finding["code"] == code:
                    return member, record, entry, finding
    raise NoDraft


def require_draft(record: Publishable) -> None:
    """Raise `NotNow` unless the record is a draft."""
    if locks := find_review_locks([record]):
        raise NotNow(locks[0])
    if record.state != Publishable.State.DRAFT:
        state = record.get_state_display().lower()
        raise NotNow(f"{record} is {state}. Only drafts change by API: ask the editors, who can return it to you.")


def known_to(by: User) -> KnownKeys:
    """What this partner's evidence may point to: everything published or told by it, its own drafts, and terms.

    Not the drafts of others, whose keys would otherwise show in hints.
    """
    known = known_terms()
    kinds = [kind for kind in KINDS.values() if kind.pointers]
    for kind, slug, code in (
        Edition.objects.current().filter(kind__in=[each.code for each in kinds]).values_list("kind", "slug", "code")
    ):
        known.setdefault(kind, set()).add(code or slug)
    mine = dict[str, list[UUID]]()
    for kind, record_id in Draft.objects.filter(partner=by).values_list("kind", "record_id"):
        mine.setdefault(kind, []).append(record_id)
    for pointed in kinds:
        if pointed.code in mine:
            for model, name in pointed_to(pointed):
                rows = model._default_manager.filter(record_id__in=mine[pointed.code])
                known.setdefault(pointed.code, set()).update(rows.values_list(name, flat=True))
    for member in list_members():
        if told := told_entries(member):
            known.setdefault(member.kind, set()).update(told)
        if member.findings and member.kind in mine:
            parts = member.findings._default_manager.filter(**{f"{member.owner}__record_id__in": mine[member.kind]})
            known.setdefault("finding", set()).update(parts.values_list("code", flat=True))
    return known


def published_entries(member: PackageMember, keys: Sequence[str]) -> dict[str, Entry]:
    """What the library shows under these keys, in package form."""
    editions = list(Edition.objects.current().of_kind(member.kind).filter(slug__in=keys))
    codes = [code for edition in editions for code in edition.content.get("findings", [])] if member.findings else []
    findings = {
        edition.code: edition.content for edition in Edition.objects.current().of_kind("finding").filter(code__in=codes)
    }
    told = {key: entry for key, entry in told_entries(member).items() if key in keys}
    return {key: normalise_entry(member, entry) for key, entry in told.items()} | {
        edition.slug: normalise_entry(member, compose_entry(edition.content, findings)) for edition in editions
    }


def claim_records(records: Sequence[Publishable], by: User) -> None:
    """Note whose these records are, where nobody has noted it, and write the history that the admin shows."""
    known = owners_by_record(records)
    new = [record for record in records if record.record_id not in known]
    Draft.objects.bulk_create(
        Draft(record_id=record.record_id, kind=rendered_kind(record), slug=record.slug, partner=by) for record in new
    )
    fresh = {record.record_id for record in new}
    LogEntry.objects.bulk_create(
        build_log_entry(record, by, ADDITION if record.record_id in fresh else CHANGE) for record in records
    )


def build_log_entry(record: Record, by: User, action: int) -> LogEntry:
    """A line of the admin's history, unsaved."""
    return LogEntry(
        user_id=by.pk,
        content_type=ContentType.objects.get_for_model(record),
        object_id=str(record.pk),
        object_repr=str(record)[:200],
        action_flag=action,
        change_message="By API.",
    )


def rendered_kind(record: Record) -> str:
    """The kind of a record, such as `case-study`."""
    return SOURCES[type(record)].kind
