"""The first page of the workbench: what a person should know and do next. Its queries do not grow with the work."""

from __future__ import annotations

import datetime as dt
import uuid
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from django.apps import apps
from django.contrib.admin import AdminSite
from django.db import models
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from failure_lessons.accounts.people import MANAGE
from failure_lessons.accounts.signed_in import signed_in_user
from failure_lessons.history.models import Change
from failure_lessons.publishing.dependencies import list_gone_evidence
from failure_lessons.publishing.models import Edition, Publishable
from failure_lessons.publishing.registry import KINDS, SOURCES
from failure_lessons.publishing.validation import PublicationStatus, publication_statuses
from failure_lessons.workbench.edits import NAME_COLUMNS
from failure_lessons.workbench.form_anchors import form_address, format_gap
from failure_lessons.workbench.models import Comment, KeptWords
from failure_lessons.workbench.open_work import list_open_rows
from failure_lessons.workbench.reminders import MOST_DUE, list_due
from failure_lessons.workbench.scheduled_models import ScheduledPublication
from failure_lessons.workbench.task_models import Task
from failure_lessons.workbench.tasks import describe_open_tasks
from failure_lessons.workbench.visits import find_last_visit

if TYPE_CHECKING:
    from failure_lessons.accounts.models import User

MINE, WAITING, MARKED, RECENT = 12, 15, 6, 10  # rows of each panel
REFUSED_SHOWN = dt.timedelta(days=14)  # how long the page says that a set time passed in vain
LOOKED_AT = 400  # changes looked through for them
PART_LEVELS = 3  # how deep parts of parts go
FLOW = {"state", "submitted_by_id", "submitted_at", "submitted_sha256", "review_note"}  # what verbs write


@dataclass
class WorkRow:
    """A record on the first page: what it is, where it is edited, how it stands, and the `step` to take next."""

    record: Publishable
    kind: str
    name: str
    url: str
    standing: str
    gaps: int = 0
    step: str = ""
    step_url: str = ""
    note: str = ""
    comments: int = 0


@dataclass
class MarkedEdition:
    """A current edition whose evidence has changed: what it is, where it is edited, and what moved beneath it."""

    edition: Edition
    kind: str
    url: str = ""
    moved: list[str] = field(default_factory=list)
    more: int = 0


@dataclass
class Deed:
    """What somebody did at one time: `records` as (name, address or nothing)."""

    by: str
    at: dt.datetime
    reason: str
    records: list[tuple[str, str]]
    more: int
    rows: int


def publishable_models() -> dict[str, type[Publishable]]:
    """The models of records with a flow of their own, by table."""
    return {model._meta.db_table: model for model in SOURCES if issubclass(model, Publishable)}


def kind_of(record: models.Model) -> str:
    """What to call its kind."""
    return KINDS[SOURCES[type(record)].kind].label  # type: ignore[index]  # records alone are asked about


def find_head_records(changes: Iterable[tuple[str, Sequence[str]]]) -> dict[str, str]:
    """For each changed row the record at its head, both as keys: a citation belongs to an event, that to a case."""
    tables = publishable_models()
    above: dict[str, str] = {}
    edge: set[str] = set()

    def note(key: str, owners: Sequence[str]) -> None:
        if key.partition(":")[0] not in tables and owners:
            above.setdefault(key, owners[0])
            edge.add(owners[0])

    start = list(changes)
    for key, owners in start:
        note(key, owners)
    for _ in range(PART_LEVELS):
        unknown = {key for key in edge if key not in above and key.partition(":")[0] not in tables}
        edge = set()
        if not unknown:
            break
        for key, owners in Change.objects.filter(key__in=unknown).order_by().values_list("key", "owners").distinct():
            note(key, owners)
    found = {}
    for key, _ in start:
        head = key
        for _level in range(PART_LEVELS + 1):
            head = above.get(head, head)
        if head.partition(":")[0] in tables:
            found[key] = head
    return found


def fetch_records(keys: Iterable[str]) -> dict[str, Publishable]:
    """The records with these keys that are still there: one query a table."""
    wanted: dict[str, list[int]] = {}
    for key in keys:
        table, _, pk = key.partition(":")
        wanted.setdefault(table, []).append(int(pk))
    tables = publishable_models()
    return {
        f"{table}:{record.pk}": record
        for table, pks in wanted.items()
        for record in tables[table]._default_manager.filter(pk__in=pks)
    }


def list_own_work(whose: Sequence[int]) -> list[WorkRow]:
    """The records that these people worked on last, each with what it needs next."""
    rows = list(
        Change.objects.filter(by__in=whose)
        .order_by("-pk")
        .values_list("key", "owners", "operation", "after")[:LOOKED_AT]
    )
    worked = [
        (key, owners) for key, owners, operation, after in rows if operation != "update" or set(after or ()) - FLOW
    ]
    head_of = find_head_records(worked)
    keys = list(dict.fromkeys(head_of[key] for key, _ in worked if key in head_of))[: MINE * 4]
    found = fetch_records(keys)
    records = [found[key] for key in keys if key in found and found[key].state != Publishable.State.WITHDRAWN]
    stand = publication_statuses(records)
    open_comments = count_open_comments(records)
    shown = [
        build_work_row(record, stand[record.record_id], open_comments[record.record_id])
        for record in records
        if record.state != Publishable.State.PUBLISHED
        or stand[record.record_id].is_edited
        or open_comments[record.record_id]
    ]
    return shown[:MINE]


def count_open_comments(records: Sequence[Publishable]) -> Counter[uuid.UUID]:
    """How many comments are open on each of these."""
    counted = Comment.objects.about(*records).open().order_by().values_list("record_id")
    return Counter(dict(counted.annotate(models.Count("pk"))))


def build_work_row(record: Publishable, standing: PublicationStatus, comments: int) -> WorkRow:
    """A record with what its author does next."""
    url = form_address(record)
    seen = "; readers see an earlier edition" if standing.is_published else ""
    made = WorkRow(record, kind_of(record), str(record), url, "", len(standing.gaps), comments=comments)
    if record.state == Publishable.State.IN_REVIEW:
        made.standing = "In review"
        made.step = "Somebody else publishes it or returns it"
    elif record.state == Publishable.State.DRAFT:
        made.standing, made.note = f"Draft{seen}", record.review_note
    else:
        made.standing = "Published, with edits readers do not see" if standing.is_edited else "Published"
    if comments:
        made.step, made.step_url = f"Answer {comments} comment{'s' if comments > 1 else ''}", f"{url}#comments"
    elif standing.gaps:
        gap = format_gap(standing.gaps[0], record)
        made.step, made.step_url = gap["words"], gap["url"]
    elif record.state != Publishable.State.IN_REVIEW and standing.is_edited:
        made.step, made.step_url = "Submit it for review", f"{url.removesuffix('change/')}verb/submit/"
    return made


def list_waiting(user: User, site: AdminSite, request: HttpRequest) -> tuple[list[WorkRow], int]:
    """What others submitted and this person may return or publish, longest waiting first; and how many there are."""
    if not (user.has_perm("publishing.review_record") or user.has_perm("publishing.publish_record")):
        return [], 0
    found: list[Publishable] = []
    total = 0
    for model in publishable_models().values():
        options = site._registry.get(model)
        if options is None or not options.has_view_permission(request):
            continue
        # the window counts all of them in the query that fetches the first
        rows = model._default_manager.filter(state=Publishable.State.IN_REVIEW).exclude(submitted_by=user)
        page = list(
            rows.select_related("submitted_by")
            .annotate(of=models.Window(models.Count("pk")))
            .order_by("submitted_at", "pk")[:WAITING]
        )
        total += page[0].of if page else 0
        found += page
    found.sort(key=lambda record: (record.submitted_at is None, record.submitted_at, record.pk))
    open_comments = count_open_comments(found[:WAITING])
    return [
        WorkRow(
            record,
            kind_of(record),
            str(record),
            form_address(record),
            f"Submitted by {record.submitted_by} on {record.submitted_at:%d %B %Y}" if record.submitted_at else "",
            note=record.review_note,
            comments=open_comments[record.record_id],
        )
        for record in found[:WAITING]
    ], total


def list_scheduled() -> list[tuple[ScheduledPublication, str, str]]:
    """What is published at a set time, the next first, and what could not be in the last days: each with its record."""
    lately = timezone.now() - REFUSED_SHOWN
    rows = ScheduledPublication.objects.filter(
        models.Q(state="waiting") | models.Q(state="refused", settled_at__gte=lately)
    )
    found = list(rows.select_related("approved_by").order_by("due_at", "pk")[:WAITING])
    there: dict[uuid.UUID, Publishable] = {}
    for model in {each.model for each in found}:
        ids = [each.record_id for each in found if each.model == model]
        there |= {row.record_id: row for row in apps.get_model(model)._default_manager.filter(record_id__in=ids)}
    kept = [(each, there[each.record_id]) for each in found if each.record_id in there]
    return [(each, str(record), form_address(record)) for each, record in kept]


def list_marked() -> tuple[list[MarkedEdition], int]:
    """Current editions whose evidence has changed since, newest first, with what moved; and how many there are."""
    editions = Edition.objects.current().filter(evidence_changed_at__isnull=False)
    total = editions.count()
    rows = [
        MarkedEdition(edition, KINDS[edition.kind].label)
        for edition in editions.without_text().order_by("-evidence_changed_at", "kind", "sort_key", "pk")[:MARKED]
    ]
    set_edit_addresses(rows)
    moved = what_moved([each.edition.pk for each in rows])
    for each in rows:
        beneath = moved.get(each.edition.pk, [])
        each.moved, each.more = beneath[:3], max(0, len(beneath) - 3)
    return rows, total


def set_edit_addresses(rows: Sequence[MarkedEdition]) -> None:
    """Note where each is edited: one query a kind."""
    ids = [each.edition.record_id for each in rows]
    kinds = {each.edition.kind for each in rows}
    known: dict[uuid.UUID, str] = {}
    for model, renderer in SOURCES.items():
        if renderer.kind in kinds:
            name = f"admin:{model._meta.app_label}_{model._meta.model_name}_change"
            for pk, record_id in model._default_manager.filter(record_id__in=ids).values_list("pk", "record_id"):
                known[record_id] = reverse(name, args=[pk])
    for each in rows:
        each.url = known.get(each.edition.record_id, "")


def what_moved(editions: Sequence[int]) -> dict[int, list[str]]:
    """For each of these editions, what it rests on that is no longer current, in words. One query."""
    found: dict[int, list[str]] = {}
    for root, gone in list_gone_evidence(editions).items():
        found[root] = list(dict.fromkeys(describe_gone_edition(each) for each in gone))
    return found


def describe_gone_edition(edition: Edition) -> str:
    """That an edition went, in words."""
    name = edition.code or edition.title
    return f"{KINDS[edition.kind].label} {name[:80]} was {'withdrawn' if edition.withdrawn_at else 'replaced'}"


def list_recent_deeds() -> list[Deed]:
    """What was done last in the workbench, newest first."""
    return describe_deeds(Change.objects.order_by("-pk")[:LOOKED_AT], RECENT)


def describe_deeds(rows: models.QuerySet[Change], most: int) -> list[Deed]:
    """What these changes come to, at most so many deeds, in the order of the changes."""
    changes = list(rows.select_related("by"))
    grouped: dict[int, list[Change]] = {}
    for change in changes:
        grouped.setdefault(change.transaction, []).append(change)
    head_of = find_head_records((change.key, change.owners) for change in changes)
    found = fetch_records(set(head_of.values()))
    deeds: list[Deed] = []
    for group in grouped.values():
        names: dict[str, tuple[str, str]] = {}
        for change in group:
            key = head_of.get(change.key, change.key)
            record = found.get(key)
            names.setdefault(
                key,
                (f"{kind_of(record)}: {record}", form_address(record)) if record else (name_removed_row(change), ""),
            )
        reason = next((change.reason for change in group if change.reason), "")
        who = group[0].by.get_username() if group[0].by else "a script"
        records = list(names.values())
        last = deeds[-1] if deeds else None
        # a person who saves a record again and again does one thing
        if last and (last.by, last.reason, last.records, last.more) == (who, reason, records[:3], len(records[3:])):
            last.rows += len(group)
            continue
        if len(deeds) == most:
            break
        deeds.append(Deed(who, group[0].at, reason, records[:3], len(records[3:]), len(group)))
    return deeds


def name_removed_row(change: Change) -> str:
    """The name of something that is no record any more, from what its row held."""
    held = {**(change.before or {}), **(change.after or {})}
    name = next((str(held[each])[:80] for each in NAME_COLUMNS if held.get(each)), "")
    return f"{change.table.partition('_')[2]} {name}".strip()


def ways_in(site: AdminSite, request: HttpRequest) -> list[dict[str, str]]:
    """Where this person may begin something, the case study first."""
    offered = sorted((kind for kind in KINDS.values() if kind.start_here), key=lambda kind: kind.start_here)
    model_of = {source.kind: model for model, source in SOURCES.items()}
    ways = []
    for kind in offered:
        model = model_of[kind.code]
        options = site._registry.get(model)
        if options is not None and options.has_add_permission(request):
            url = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_add")
            ways.append({"label": f"Add a {kind.label.lower()}", "url": url})
    return ways


def first_case(site: AdminSite, request: HttpRequest) -> str:
    """Where to enter the first case study; empty when there is one, or when this person may not."""
    first = next(kind for kind in KINDS.values() if kind.start_here == 1)
    model = next(model for model, source in SOURCES.items() if source.kind == first.code)
    options = site._registry.get(model)
    if options is None or not options.has_add_permission(request) or model._default_manager.exists():
        return ""
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_add")


def list_kept_words(user: User) -> list[tuple[KeptWords, str]]:
    """This person's words in whose place somebody else's stand, each with the form where that is."""
    found = []
    for each in KeptWords.objects.waiting_for(user):
        app, name = each.model.split(".")
        url = reverse(f"admin:{app}_{name}_change", args=[each.row])
        there = apps.get_model(each.model)._default_manager.filter(pk=each.row).exists()
        found.append((each, url if there else ""))
    return found


def home_context(site: AdminSite, request: HttpRequest) -> dict[str, object]:
    """Everything the first page shows to this person."""
    user = signed_in_user(request)
    sees_library = user.has_perm("publishing.view_edition")
    sees_work = any(
        options.has_view_permission(request) for model, options in site._registry.items() if model in SOURCES
    )
    left = list(user.predecessors.all())
    own = list_own_work([user.pk, *(each.pk for each in left)]) if sees_work else []
    theirs = Task.objects.open().given_to([user])
    waits, waiting_total = list_waiting(user, site, request)
    due = list_due(timezone.localdate()) if sees_work else []
    changed, changed_total = list_marked() if sees_library else ([], 0)
    return {
        "sees_work": sees_work,
        "tasks": describe_open_tasks(list(theirs.select_related("given_by")[:MINE])) if sees_work else [],
        "tasks_total": theirs.count() if sees_work else 0,
        "sees_library": sees_library,
        "mine": own,
        "kept": list_kept_words(user),
        "waiting": waits,
        "waiting_total": waiting_total,
        "may_review": user.has_perm("publishing.review_record") or user.has_perm("publishing.publish_record"),
        "scheduled": list_scheduled() if sees_work else [],
        "due": due[:MOST_DUE],
        "due_total": len(due),
        "marked": changed,
        "marked_total": changed_total,
        "recent": list_recent_deeds() if sees_work else [],
        "last_visit": find_last_visit(user) if sees_work else None,
        "ways_in": ways_in(site, request),
        "first_case": first_case(site, request),
        "marked_url": reverse("admin:publishing_edition_changelist") + "?evidence_changed_at__isnull=False",
        "notices": user.notices,
        "notice_choices": user.Notices.choices,
        "manages_people": user.has_perm(MANAGE),
        "taken_over": left,
        "left_open": list_open_rows(*left) if sees_work else [],
    }
