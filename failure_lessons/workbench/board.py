"""The board of the project: its records by stage, who works on each, by when, and what waits for whom."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from django.contrib.admin import AdminSite
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from failure_lessons.accounts.models import User
from failure_lessons.publishing.models import Publishable
from failure_lessons.publishing.registry import KINDS, SOURCES
from failure_lessons.publishing.validation import PublicationStatus, publication_statuses
from failure_lessons.workbench.home import WorkRow, build_work_row, count_open_comments
from failure_lessons.workbench.task_models import ENDED_BY_EDITIONS, REVIEW_WORDS, WRITE, Task
from failure_lessons.workbench.task_pages import list_colleagues
from failure_lessons.workbench.tasks import OpenTask, describe_open_tasks

if TYPE_CHECKING:
    from datetime import date

MOST_CARDS = 60  # of each kind, those edited last
ON_BOARD = ("case-study", "literature-review")  # what the board shows unasked: of these a project is made


@dataclass
class BoardCard:
    """A record on the board: how it stands, who writes and who reviews it, by when, and what waits for whom."""

    row: WorkRow
    owners: list[str] = field(default_factory=list)
    reviewers: list[str] = field(default_factory=list)
    due: date | None = None
    is_late: bool = False
    is_finished: bool = False
    waits: list[OpenTask] = field(default_factory=list)


@dataclass
class BoardStage:
    """A stage with the records in it, what is due first, first."""

    label: str
    empty: str
    cards: list[BoardCard] = field(default_factory=list)


def make_stages() -> dict[str, BoardStage]:
    """The stages of a record's life, in their order."""
    return {
        "written": BoardStage("Being written", "No draft that readers have never seen."),
        "in-review": BoardStage("In review", "Nothing waits for a second person."),
        "changed": BoardStage("Published, being changed", "No edits that readers do not see yet."),
        "published": BoardStage("Published", "Nothing is published yet."),
    }


def find_stage(record: Publishable, standing: PublicationStatus) -> str:
    """The stage in which a record is."""
    if record.state == Publishable.State.IN_REVIEW:
        return "in-review"
    if not standing.is_published:
        return "written"
    return "changed" if standing.is_edited or record.state == Publishable.State.DRAFT else "published"


def board_kinds(site: AdminSite, request: HttpRequest) -> dict[str, type[Publishable]]:
    """The kinds that somebody begins by hand and this person may see: code and model, in the order of beginning."""
    models = {source.kind: model for model, source in SOURCES.items() if issubclass(model, Publishable)}
    offered = sorted((kind for kind in KINDS.values() if kind.start_here), key=lambda kind: kind.start_here)
    return {
        kind.code: models[kind.code]
        for kind in offered
        if kind.code in models
        and (options := site._registry.get(models[kind.code])) is not None
        and options.has_view_permission(request)
    }


def list_board_records(model: type[Publishable], person: User | None) -> tuple[list[Publishable], int]:
    """Those edited last of a kind, perhaps only those on which a person does something; and how many there are."""
    rows: QuerySet[Publishable] = model._default_manager.exclude(state=Publishable.State.WITHDRAWN)
    if person is not None:
        theirs = Task.objects.filter(model=model._meta.label_lower).open().given_to([person]).order_by()
        rows = rows.filter(record_id__in=theirs.values("record_id"))
    return list(rows.order_by("-edited_at", "pk")[:MOST_CARDS]), rows.count()


def fill_board(records: Sequence[Publishable]) -> list[BoardStage]:
    """The stages with a card for each record. Queries grow with the kinds, not with the records."""
    stages = make_stages()
    standings = publication_statuses(records)
    comments = count_open_comments(records)
    tasks = list(Task.objects.about(records).select_related("person"))
    open_ones = Task.objects.about(records).open().select_related("person", "given_by")
    waiting: dict[uuid.UUID, list[OpenTask]] = defaultdict(list)
    for each in describe_open_tasks(list(open_ones), records):
        waiting[each.record.record_id].append(each)
    for record in records:
        standing = standings[record.record_id]
        stage = find_stage(record, standing)
        card = BoardCard(build_work_row(record, standing, comments[record.record_id]), waits=waiting[record.record_id])
        card.owners = name_last_people(tasks, record, WRITE)
        card.reviewers = name_last_people(tasks, record, REVIEW_WORDS)
        card.is_finished = stage == "published"
        card.due = min((each.task.due_date for each in card.waits if each.task.due_date), default=None)
        card.is_late = any(each.is_late for each in card.waits)
        card.waits = [each for each in card.waits if each.task.job not in ENDED_BY_EDITIONS]  # named above
        stages[stage].cards.append(card)
    for each_stage in stages.values():
        each_stage.cards.sort(key=lambda card: (card.due is None, card.due, card.row.name))
    return list(stages.values())


def name_last_people(tasks: Sequence[Task], record: Publishable, job: str) -> list[str]:
    """Who has a job on a record; where nobody has it now, whoever had it last."""
    had = [task for task in tasks if task.record_id == record.record_id and task.job == job]
    have = [task for task in had if task.done_at is None]
    return list(dict.fromkeys(str(task.person) for task in (have or had[-1:])))


def board_context(site: AdminSite, request: HttpRequest) -> dict[str, object]:
    """The board as the address asks: `kind` (one of them), `person` (a user name)."""
    kinds = board_kinds(site, request)
    asked = request.GET.get("kind", "")
    chosen = [asked] if asked in kinds else [code for code in kinds if code in ON_BOARD]
    people = list(list_colleagues())
    person = next((each for each in people if each.get_username() == request.GET.get("person", "")), None)
    records: list[Publishable] = []
    more = []
    for code in chosen:
        found, total = list_board_records(kinds[code], person)
        records += found
        if total > len(found):
            meta = kinds[code]._meta
            url = reverse(f"admin:{meta.app_label}_{meta.model_name}_changelist")
            more.append((f"{total - len(found)} more {KINDS[code].label_plural.lower()}", url))
    project = " and ".join(KINDS[code].label_plural.lower() for code in kinds if code in ON_BOARD)
    return {
        "title": "Project board",
        "stages": fill_board(records),
        "kinds": [
            ("", project[:1].upper() + project[1:], asked not in kinds),
            *((code, KINDS[code].label_plural, code == asked) for code in kinds),
        ],
        "kind": asked if asked in kinds else "",
        "people": people,
        "person": person,
        "more": more,
        "today": timezone.localdate(),
    }
