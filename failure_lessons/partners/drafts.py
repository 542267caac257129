"""What a partner may do to the workbench: send drafts, change its own, submit them. Never publish.

Every write goes through the loaders of evidence packages, one transaction a request, and either all of it is written or
none. Publishing is not imported here, nor anywhere in this package.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from django.contrib.admin.models import CHANGE, DELETION
from django.db import DatabaseError, OperationalError, connection, transaction
from django.db.models import ProtectedError

from failure_lessons.constraints import broken_rule
from failure_lessons.packages.exchange import normalise_entry, settle_member
from failure_lessons.packages.format import Package
from failure_lessons.packages.loading import PrimaryKeys, load_entry
from failure_lessons.packages.schema import package_definitions
from failure_lessons.partners.models import Draft
from failure_lessons.partners.ownership import (
    NotNow,
    build_log_entry,
    claim_records,
    entries_of,
    fill_empty_lists,
    known_to,
    lock_records,
    owners_by_record,
    published_entries,
    require_draft,
)
from failure_lessons.partners.packages import (
    MOST_FAULTS,
    PackageFault,
    Unsound,
    check_package,
    entry_pointer,
    json_pointer,
    package_of,
)
from failure_lessons.publishing.models import Edition, Publishable
from failure_lessons.publishing.quality_checks import settle_quality_issues
from failure_lessons.publishing.registry import Entry, PackageMember, list_members
from failure_lessons.publishing.renditions import drop_empty_values, parts_of, render_records
from failure_lessons.publishing.review_lock import find_review_locks
from failure_lessons.publishing.services import submit_record
from failure_lessons.types import JSONValue

if TYPE_CHECKING:
    from failure_lessons.accounts.models import User

WRITING_LOCK = 0x50415254  # any number nobody else uses: "PART"


@dataclass
class WriteResult:
    """What a write did: keys by member, and the records."""

    created: dict[str, list[str]] = field(default_factory=dict)
    changed: dict[str, list[str]] = field(default_factory=dict)
    unchanged: dict[str, list[str]] = field(default_factory=dict)


def lock_partner_writes() -> None:
    """Hold the lock of partners' writes until the transaction ends.

    Two that send the same new key at once would otherwise both find it free, and the second would write over the first.
    """
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(%s)", [WRITING_LOCK])


def save_as_drafts(package: Package, *, by: User, fresh: bool = False, overwrite: bool = False) -> WriteResult:
    """Bring a checked package into the workbench as drafts of this partner. Within a transaction.

    Entries that are there word for word, or are published just so, are left alone. Raises `Unsound` with every entry
    that belongs to somebody else or is no draft, or (unless `overwrite`) is a draft in other words; with `fresh`, also
    where the key is taken at all.
    """
    written, faults = WriteResult(), list[PackageFault]()
    plan: list[tuple[PackageMember, list[tuple[int, Entry]]]] = []
    for member in list_members():
        wanted = [(number, entry) for number, entry in enumerate(package[member.name])]
        if not wanted:
            continue
        here = entries_of(member, lock_records(member, [entry[member.key] for _, entry in wanted]))
        owners = owners_by_record([record for record, _ in here.values()])
        shown = published_entries(member, [entry[member.key] for _, entry in wanted])
        todo: list[tuple[int, Entry]] = []
        for number, entry in wanted:
            key, now = entry[member.key], normalise_entry(member, entry)
            record, there = here.get(key, (None, None))
            mine = record is not None and owners.get(record.record_id) == by.pk
            at = entry_pointer(member, number, member.key)
            if record is None:
                todo.append((number, entry))
                written.created.setdefault(member.name, []).append(key)
            elif fresh:
                faults.append(
                    PackageFault(at, "taken", f"“{key}” is taken. Choose another key, or change the draft there.")
                )
            elif (there if mine else shown.get(key)) == now:
                written.unchanged.setdefault(member.name, []).append(key)
            elif not mine:
                faults.append(
                    PackageFault(at, "not-yours", f"“{key}” is not yours to change. Leave it out, or as published.")
                )
            elif locks := find_review_locks([record]):
                faults.append(PackageFault(at, "no-draft", locks[0]))
            elif record.state != Publishable.State.DRAFT:
                state = record.get_state_display().lower()
                faults.append(PackageFault(at, "no-draft", f"“{key}” is {state}; only drafts change by API."))
            elif not overwrite:
                words = f"“{key}” is there in other words. Change it alone with If-Match, or send ?overwrite=true."
                faults.append(PackageFault(at, "taken", words))
            else:
                todo.append((number, entry))
                written.changed.setdefault(member.name, []).append(key)
        faults += find_taken_codes(member, todo, by)
        plan.append((member, todo))
    if faults:
        raise Unsound(faults[:MOST_FAULTS])
    keys = PrimaryKeys()
    for member, todo in plan:
        load_entries(member, todo, keys, by)
    return written


def find_taken_codes(member: PackageMember, wanted: list[tuple[int, Entry]], by: User) -> Iterator[PackageFault]:
    """Entries that would reach into records of others by a code or key within them."""
    if member.has_code:
        taken = dict(
            member.model._default_manager.filter(code__in=[entry["code"] for _, entry in wanted]).values_list(
                "code", "slug"
            )
        )
        for number, entry in wanted:
            if taken.get(entry["code"], entry["slug"]) != entry["slug"]:
                yield PackageFault(
                    entry_pointer(member, number, "code"), "taken", f"The code {entry['code']} is taken."
                )
    if member.findings:
        codes = [finding["code"] for _, entry in wanted for finding in entry.get("findings", [])]
        for holder in list_members():
            if holder.findings is None:
                continue
            parts = holder.findings._default_manager.filter(code__in=codes).values_list("code", f"{holder.owner}__slug")
            owned = {code: (holder.owner, slug) for code, slug in parts}
            for number, entry in wanted:
                for index, finding in enumerate(entry.get("findings", [])):
                    mine = (member.owner, entry["slug"])
                    if owned.get(finding["code"], mine) != mine:
                        at = entry_pointer(member, number, "findings", index, "code")
                        yield PackageFault(at, "taken", f"The code {finding['code']} is taken by another record.")
    if member.neighbours:
        yield from find_changed_organisations(member, *member.neighbours, wanted, by)


def find_changed_organisations(
    member: PackageMember, model: type[Publishable], name: str, wanted: list[tuple[int, Entry]], by: User
) -> Iterator[PackageFault]:
    """Neighbours, such as organisations, described otherwise than they are here, and that are not this partner's.

    `name` is the list of an entry in which they are described.
    """
    slugs = {each["slug"] for _, entry in wanted for each in entry.get(name, [])}
    noun = str(model._meta.verbose_name)
    rows = list(model._default_manager.select_for_update().filter(**{"slug__in": slugs}).order_by("pk"))
    owners = owners_by_record(rows)
    here = {each.slug: (each.record, drop_empty_values(each.entry)) for each in render_records(rows)}
    for number, entry in wanted:
        for index, neighbour in enumerate(entry.get(name, [])):
            record, there = here.get(neighbour["slug"], (None, None))
            if record is None or there == drop_empty_values(neighbour):
                continue
            mine = owners.get(record.record_id) == by.pk
            if not mine or record.state != Publishable.State.DRAFT:  # type: ignore[attr-defined]
                detail = f"The {noun} “{neighbour['slug']}” is here already, in other words: take it as it is."
                yield PackageFault(entry_pointer(member, number, name, index), "not-yours", detail)


def load_entries(
    member: PackageMember, todo: list[tuple[int, Entry]], keys: PrimaryKeys, by: User
) -> list[Publishable]:
    """Load entries, note whose they are and who did it. A rule that the database keeps becomes a fault."""
    records: list[Publishable] = []
    beside = member.neighbours[0]._default_manager if member.neighbours else None
    before = set(beside.values_list("pk", flat=True)) if beside else set()
    for number, entry in todo:
        try:
            with transaction.atomic():
                records.append(load_entry(member, entry, keys))
        except ProtectedError as error:
            raise Unsound([PackageFault(entry_pointer(member, number), "in-use", describe_protected(error))]) from error
        except OperationalError:
            raise
        except DatabaseError as error:
            raise Unsound(
                [PackageFault(entry_pointer(member, number), "against-a-rule", broken_rule(error))]
            ) from error
        except (ArithmeticError, ValueError) as error:
            raise Unsound(
                [PackageFault(entry_pointer(member, number), "unsound", f"It cannot be stored: {error}"[:300])]
            ) from error
    settle_member(member, [entry for _, entry in todo], records)
    made = [*records]
    if beside:
        made += beside.exclude(pk__in=before)
    claim_records(made, by)
    return records


def describe_protected(error: ProtectedError) -> str:
    """What still rests on something that would go."""
    return "Something rests on it: " + "; ".join(sorted(str(each)[:100] for each in error.protected_objects)[:5]) + "."


def send_package(*, body: JSONValue, by: User, overwrite: bool = False) -> WriteResult:
    """A whole evidence package into the workbench; with `overwrite`, also in place of drafts of this partner."""
    package = package_of(body)
    check_package(package, known_to(by))
    return save_as_drafts(package, by=by, overwrite=overwrite)


def send_record(*, member: PackageMember, entry: JSONValue, by: User, replaces: str | None = None) -> Entry:
    """One record: a new one, or in place of the draft `replaces`, which the caller holds. Returns its entry."""
    package = Package({"format": "failure-lessons-evidence", "version": 1, "title": "One record"})
    package.members[member.name] = [entry]
    try:
        check_package(package, known_to(by))
        key = entry[member.key]
        if replaces is not None and key != replaces:
            raise Unsound(
                [
                    PackageFault(
                        entry_pointer(member, 0, member.key), "not-changeable", f"A key stays: write “{replaces}”."
                    )
                ]
            )
        save_as_drafts(package, by=by, fresh=replaces is None, overwrite=True)
    except Unsound as error:
        prefix = entry_pointer(member, 0)
        raise Unsound(
            [PackageFault(each.pointer.removeprefix(prefix), each.code, each.detail) for each in error.faults]
        ) from error
    written: Entry = entries_of(member, lock_records(member, [key]))[key][1]
    whole: Entry = fill_empty_lists(written, package_definitions()[member.name])
    return whole


def send_finding(*, member: PackageMember, entry: Entry, number: int, finding: JSONValue, by: User) -> Entry:
    """A finding into the record (of package form `entry`) at place `number` of its findings; None takes it out."""
    findings = list(entry.get("findings", []))
    findings[number : number + 1] = [] if finding is None else [finding]
    whole = {**entry, "findings": findings}
    try:
        return send_record(member=member, entry=whole, by=by, replaces=entry[member.key])
    except Unsound as error:
        prefix = json_pointer("findings", number)
        raise Unsound(
            [
                PackageFault(each.pointer.removeprefix(prefix), each.code, each.detail)
                if each.pointer.startswith(prefix)
                else each
                for each in error.faults
            ]
        ) from error


def delete_draft(*, record: Publishable, by: User) -> None:
    """Delete a draft that was never published. Raises `NotNow`."""
    require_draft(record)
    ids = [record.record_id, *(part.record_id for part in parts_of([record]))]
    if Edition.objects.filter(record_id__in=ids).exists():
        raise NotNow(f"{record} has been published. What was published is withdrawn by an editor, not deleted.")
    line = build_log_entry(record, by, DELETION)
    try:
        record.delete()
    except ProtectedError as error:
        raise NotNow(describe_protected(error)) from error
    Draft.objects.filter(record_id=ids[0]).delete()
    line.save()


def submit_draft(*, record: Publishable, by: User, note: str, now: dt.datetime | None = None) -> list[str]:
    """Submit a draft for review. Returns what it still lacks before anybody can publish it.

    Raises `StillInDoubt` with what good practice asks of it, unless its `departures` say why not.
    """
    require_draft(record)
    settle_quality_issues(records=[record], by=by)
    submit_record(record=record, by=by, note=note, now=now)
    build_log_entry(record, by, CHANGE).save()
    return [f"{each.name}: {text}" for each in render_records([record, *parts_of([record])]) for text in each.missing]
