"""Evidence packages into the workbench, and the library out into an evidence package."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet

from failure_lessons.accounts.models import User
from failure_lessons.database.moments import reading_one_moment
from failure_lessons.history.audit_context import records_actor
from failure_lessons.packages.format import (
    FORMAT,
    TERMS,
    VERSION,
    FileContent,
    Package,
    lay_out_files,
    member_names,
)
from failure_lessons.packages.loading import PrimaryKeys, load_entry
from failure_lessons.publishing.models import Edition, Publishable
from failure_lessons.publishing.registry import KINDS, Entry, PackageMember, list_members
from failure_lessons.publishing.renditions import Rendition, drop_empty_values, render_records
from failure_lessons.publishing.services import CannotPublish, publish_many, submit_many
from failure_lessons.vocabularies.services import load_terms

EXPORT_CHUNK_ROWS = 100  # editions with their documents that stand in memory at once
LOADED = "Loaded from an evidence package"  # how the note of every edition begins that a load published


class CannotOverwrite(Exception):
    """Loading would overwrite work that nobody has published. `records` names it."""

    def __init__(self, records: list[str]) -> None:
        super().__init__(
            "Loading would overwrite unpublished work in: "
            + ", ".join(records)
            + ". Publish it first, or pass --overwrite."
        )
        self.records = records


class CannotLoadInReview(CannotOverwrite):
    """Loading would change what is in review. `records` names it; nothing passes by that."""

    def __init__(self, records: list[str]) -> None:
        Exception.__init__(
            self,
            "Loading would change what is in review: "
            + ", ".join(records)
            + ". Publish it, or return it to its author, first.",
        )
        self.records = records


@dataclass
class Report:
    """What a load did: entries by member."""

    created: Counter[str] = field(default_factory=Counter)
    changed: Counter[str] = field(default_factory=Counter)
    unchanged: Counter[str] = field(default_factory=Counter)
    editions: list[Edition] = field(default_factory=list)


def compose_entry(entry: Entry, findings: dict[str, Entry]) -> Entry:
    """A document's entry as a package carries it: without its envelope, findings whole."""
    whole = {name: value for name, value in entry.items() if name not in ("schema", "kind", "derived")}
    if "findings" in whole and whole["findings"] and isinstance(whole["findings"][0], str):
        whole["findings"] = [compose_entry(findings[code], {}) for code in whole["findings"]]
    return whole


def normalise_entry(member: PackageMember, entry: Entry) -> Entry:
    """An entry in canonical form, for comparison."""
    whole: Entry = drop_empty_values(compose_entry(entry, {}))
    if member.key == "id":
        whole.pop("slug", None)
    for finding in whole.get("findings", []):
        finding.pop("slug", None)
    for holder in (whole, *whole.get("findings", [])):
        if "themes" in holder:
            holder["themes"] = sorted(holder["themes"])  # a set: it has no order of its own
    if member.order_sets:
        member.order_sets(whole)
    return drop_empty_values(whole)  # type: ignore[no-any-return]


def workbench_entries(member: PackageMember, keys: Iterable[str]) -> dict[str, Entry]:
    """What the workbench holds of one member under these keys, by key, in package form."""
    rows = member.model._default_manager.filter(slug__in=list(keys))
    renditions = render_records(rows)
    findings = {each.code: each.entry for each in render_records(find_parts(member, rows))} if member.findings else {}
    return {
        each.slug: normalise_entry(member, compose_entry(drop_empty_values(each.entry), findings))
        for each in renditions
    }


def find_parts(member: PackageMember, rows: QuerySet[Publishable]) -> QuerySet[Publishable]:
    """The findings of these records, whose member's entries carry them."""
    found: QuerySet[Publishable] = member.findings._default_manager.filter(**{f"{member.owner}__in": rows})  # type: ignore[union-attr]
    return found


def library_entries(member: PackageMember, editions: dict[str, list[Edition]]) -> dict[str, Entry]:
    """What the library holds of one member, by key, in package form."""
    findings = {edition.code: edition.content for edition in editions.get("finding", [])} if member.findings else {}
    told: list[Entry] = []
    if member.told_by:
        kind, read_told = member.told_by
        told = [entry for edition in editions.get(kind, []) for entry in read_told(edition.content)]
    return {entry[member.key]: normalise_entry(member, entry) for entry in told} | {
        edition.slug: normalise_entry(member, compose_entry(edition.content, findings))
        for edition in editions.get(member.kind, [])
    }


def editions_named(package: Package) -> dict[str, list[Edition]]:
    """The current editions that a package names, by kind, with their findings. Two queries for each member."""
    found: dict[str, list[Edition]] = {}
    for member in list_members():
        named = [entry[member.key] for entry in package[member.name]]
        rows = Edition.objects.current().of_kind(member.kind).filter(slug__in=named)
        found[member.kind] = list(rows.defer("body", "search"))
        found.setdefault("finding", []).extend(find_findings(member, found[member.kind]))
    return found


def told_entries(member: PackageMember) -> dict[str, Entry]:
    """The entries of a member that published records of another kind hold, by key. Reads all records of that kind."""
    if not member.told_by:
        return {}
    kind, read_told = member.told_by
    rows = Edition.objects.current().of_kind(kind).defer("body", "search").order_by("sort_key", "pk")
    return {
        entry[member.key]: entry
        for edition in rows.iterator(chunk_size=EXPORT_CHUNK_ROWS)
        for entry in read_told(edition.content)
    }


def find_unpublished(
    member: PackageMember, here: dict[str, Entry], editions: dict[str, list[Edition]]
) -> dict[str, Entry]:
    """Of what the workbench holds under these keys, what the library does not show, nor any of its records tells.

    The records that tell of others are read if there is something that they alone could tell.
    """
    published = library_entries(member, editions)
    found = {key: entry for key, entry in here.items() if entry != published.get(key)}
    shown = {edition.slug for edition in editions.get(member.kind, [])}
    told = told_entries(member) if found.keys() - shown else {}
    return {
        key: entry
        for key, entry in found.items()
        if key in shown or key not in told or entry != normalise_entry(member, told[key])
    }


def iterate_entries(member: PackageMember) -> Iterator[Entry]:
    """What the library holds of one member, in package form and in order, a few records at a time.

    First what records of another kind tell of, where a record of its own does not say it.
    """
    rows = Edition.objects.current().of_kind(member.kind).defer("body", "search").order_by("sort_key", "pk")
    told = told_entries(member)
    own = {edition.slug: edition for edition in rows.filter(slug__in=told)} if told else {}
    for key, entry in told.items():
        yield normalise_entry(member, own[key].content if key in own else entry)
    editions = rows.exclude(pk__in=[each.pk for each in own.values()]).iterator(chunk_size=EXPORT_CHUNK_ROWS)
    while batch := list(islice(editions, EXPORT_CHUNK_ROWS)):
        yield from library_entries(member, {member.kind: batch, "finding": find_findings(member, batch)}).values()


def find_findings(member: PackageMember, editions: Iterable[Edition]) -> list[Edition]:
    """The current findings that these editions of a member name. One query, if its entries carry findings."""
    codes = [each for edition in editions if member.findings for each in edition.content.get("findings", [])]
    return list(Edition.objects.current().of_kind("finding").filter(code__in=codes).defer("body", "search"))


def list_terms_used() -> list[Entry]:
    """The terms of vocabularies that current editions use, each with the label that the newest of them tells."""
    telling = [code for code, kind in KINDS.items() if any(each.name == "labels" for each in kind.derived)]
    labels: dict[tuple[str, str], tuple[int, str]] = {}
    rows = Edition.objects.current().filter(kind__in=telling).only("revision", "document").order_by("kind", "pk")
    for edition in rows.iterator(chunk_size=EXPORT_CHUNK_ROWS):
        for vocabulary, told in edition.content.get("derived", {}).get("labels", {}).items():
            for code, label in told.items():
                before = labels.get((vocabulary, code), (0, ""))
                labels[vocabulary, code] = max(before, (edition.revision, label))
    return [
        {"vocabulary": vocabulary, "code": code, "label": label}
        for (vocabulary, code), (_, label) in sorted(labels.items())
    ]


def ignore_progress(_: str, __: int, ___: int) -> None:
    """No progress wanted."""


@transaction.atomic
@records_actor
def load_package(
    package: Package,
    *,
    by: User,
    publisher: User | None = None,
    overwrite: bool = False,
    note: str = "",
    now: dt.datetime | None = None,
    progress: Callable[[str, int, int], None] = ignore_progress,
) -> Report:
    """Bring a validated package into the workbench, and publish it when there is a `publisher`.

    All or nothing. What is already there word for word is left alone. Work that was never published is not
    overwritten: that raises `CannotOverwrite`; nor is what is in review, whatever `overwrite` says. One who loads alone
    publishes nothing: that raises `CannotPublish`. The ledger says that it was a load.
    """
    if publisher and publisher.pk == by.pk:
        raise CannotPublish([f"{by} cannot both submit and publish a package: name another publisher."])
    report = Report()
    terms = load_terms(package[TERMS])
    for count, words in ((report.created, "created"), (report.changed, "changed"), (report.unchanged, "unchanged")):
        count.update({TERMS: terms[words]} if terms[words] else {})
    keys = PrimaryKeys()
    editions = editions_named(package)
    touched: list[tuple[PackageMember, list[Publishable], set[str]]] = []
    conflicts: list[str] = []
    locked: list[str] = []
    for member in list_members():
        here = workbench_entries(member, (entry[member.key] for entry in package[member.name]))
        in_review = set(
            member.model._default_manager.filter(state=Publishable.State.IN_REVIEW).values_list("slug", flat=True)
        )
        changed: set[str] = set()
        for entry in package[member.name]:
            key = entry[member.key]
            wanted = normalise_entry(member, entry)
            if here.get(key) == wanted:
                report.unchanged[member.name] += 1
                continue
            if key in in_review:
                locked.append(f"{member.kind} {key}")
            (report.changed if key in here else report.created)[member.name] += 1
            changed.add(key)
        known = [entry[member.key] for entry in package[member.name] if entry[member.key] in here]
        differing = {key: here[key] for key in known if key in changed}
        conflicts += [f"{member.kind} {key}" for key in find_unpublished(member, differing, editions)]
        touched.append((member, [], changed))
    if locked:
        raise CannotLoadInReview(locked)
    if conflicts and not overwrite:
        raise CannotOverwrite(conflicts)
    total, done = sum(len(changed) for _, _, changed in touched), 0
    for member, records, changed in touched:
        fresh = [entry for entry in package[member.name] if entry[member.key] in changed]
        for entry in fresh:
            records.append(load_entry(member, entry, keys))
            done += 1
            progress(f"Loading {member.name}", done, total)
        settle_member(member, fresh, records)
    if publisher:
        progress("Publishing", total, total)
        stale = to_publish(package)
        note = f"{LOADED}: {note}" if note else f"{LOADED}."
        submit_many(records=stale, by=by, note=note, now=now)
        report.editions = publish_many(records=stale, by=publisher, note=note, now=now)
    return report


def settle_member(member: PackageMember, entries: list[Entry], records: list[Publishable]) -> None:
    """What has to wait until all entries of a member are loaded: relations among them, and that each is a draft."""
    if member.finish:
        member.finish(entries)
    member.model._default_manager.filter(pk__in=[record.pk for record in records]).update(
        state=Publishable.State.DRAFT, submitted_by=None, submitted_sha256=""
    )


def to_publish(package: Package) -> list[Publishable]:
    """The package's records whose document is not the one the library shows, or shows over evidence that has changed.

    A package is one whole: what it says rests on what it holds. What another record tells is not published by itself.
    """
    found: list[Publishable] = []
    for member in list_members():
        rows = member.model._default_manager.filter(slug__in=[entry[member.key] for entry in package[member.name]])
        told = find_told(package, member)
        renditions = list(render_records(rows))
        shown = hashes_shown(renditions)
        stale = {
            each.slug
            for each in renditions
            if shown.get((each.kind, each.slug), each.sha256 if each.slug in told else "") != each.sha256
        }
        if member.findings:
            parts = list(render_records(find_parts(member, rows)))
            shown = hashes_shown(parts)
            stale |= {
                each.derived["part_of"]["slug"] for each in parts if shown.get((each.kind, each.slug)) != each.sha256
            }
        found += [row for row in rows if row.slug in stale]
    return found


def hashes_shown(renditions: Iterable[Rendition]) -> dict[tuple[str, str], str]:
    """The hashes of the documents that the library shows at these addresses over evidence that has not changed."""
    slugs: dict[str, list[str]] = {}
    for each in renditions:
        slugs.setdefault(each.kind, []).append(each.slug)
    return {
        (kind, slug): sha256
        for kind in slugs
        for slug, sha256 in Edition.objects.current()
        .of_kind(kind)
        .filter(slug__in=slugs[kind], evidence_changed_at=None)
        .values_list("slug", "sha256")
    }


def find_told(package: Package, member: PackageMember) -> set[str]:
    """The keys of a member's entries that records of the package hold and that are no records of the library."""
    if not member.told_by:
        return set()
    kind, read_told = member.told_by
    return {
        entry[member.key]
        for teller in list_members()
        if teller.kind == kind
        for each in render_records(
            teller.model._default_manager.filter(slug__in=[entry[teller.key] for entry in package[teller.name]])
        )
        for entry in read_told({"derived": each.derived})
    }


class LibraryPackage:
    """The library as a package that never stands in memory whole: current editions only, so nothing unpublished leaves.

    Whoever writes it does so within one moment (`reading_one_moment`), for it is read as it is written.
    """

    def __init__(self, manifest: Entry | None = None) -> None:
        self.manifest: Entry = {
            "format": FORMAT,
            "version": VERSION,
            "title": f"{settings.SITE.name}: export of the library",
            **(manifest or {}),
            **({"invented": True} if settings.DEMONSTRATION else {}),
        }

    def read_entries(self, name: str) -> Iterable[Entry]:
        """The entries of a member."""
        if name == TERMS:
            return list_terms_used()
        return iterate_entries(next(member for member in list_members() if member.name == name))

    def files(self) -> Iterator[tuple[str, FileContent]]:
        """Each file of the package, by its name in the folder, with its content."""
        return lay_out_files(self.manifest, self.read_entries)


def export_package(manifest: Entry | None = None) -> Package:
    """The library as a package in memory."""
    library = LibraryPackage(manifest)
    with reading_one_moment():
        members = {name: list(library.read_entries(name)) for name in (TERMS, *member_names())}
    return Package(library.manifest, {name: entries for name, entries in members.items() if entries})
