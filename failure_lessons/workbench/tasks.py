"""The verbs of tasks, give one and finish it; and what is open, with how much of it waits."""

from __future__ import annotations

import datetime as dt
import uuid
from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.apps import apps
from django.db import transaction
from django.utils import timezone

from failure_lessons.publishing.models import Publishable
from failure_lessons.workbench.jobs import Job, find_job, may_do_job
from failure_lessons.workbench.notices import edit_address, select_recipients, send_notices
from failure_lessons.workbench.task_models import REVIEW_WORDS, WRITE, Task

if TYPE_CHECKING:
    from failure_lessons.accounts.models import User

FARTHEST_DUE = dt.timedelta(days=366 * 5)


class CannotGive(Exception):
    """The task is not given; the message says why and what to do."""


@dataclass(frozen=True)
class OpenTask:
    """A task that is to be done: on which record, what and where, and how much of it waits (None: not counted)."""

    task: Task
    record: Publishable
    job: Job
    url: str
    left: int | None
    is_late: bool

    @property
    def told_left(self) -> str:
        """How much waits, in words; nothing for what is not counted."""
        if self.left is None:
            return ""
        if not self.left:
            return "nothing waits now"
        return f"{self.left} {self.job.noun}{'' if self.left == 1 else 's'} left"


@transaction.atomic
def give_task(
    *,
    record: Publishable,
    job: str,
    person: User,
    by: User,
    due_date: dt.date | None = None,
    note: str = "",
    now: dt.datetime | None = None,
) -> Task:
    """Ask somebody to do something on a record, and tell them. What they have already gets the new day and note.

    Raises `CannotGive` when they have not the right to do it, or would review what they write.
    """
    now = now or timezone.now()
    chosen = find_job(type(record), job)
    if chosen is None:
        raise CannotGive("Choose what is to be done from the list.")
    if record.state == Publishable.State.WITHDRAWN:
        raise CannotGive("This record is withdrawn: nothing is to be done on it.")
    if not may_do_job(person, chosen):
        raise CannotGive(f"{person} may not do this: a steward has to give them the role for it first.")
    if due_date is not None and not now.date() <= due_date <= now.date() + FARTHEST_DUE:
        raise CannotGive("Choose a day that is still to come, at most five years ahead.")
    type(record)._default_manager.select_for_update().get(pk=record.pk)
    other = {WRITE: REVIEW_WORDS, REVIEW_WORDS: WRITE}.get(job)
    standing = Task.objects.about([record]).open()
    if other and standing.filter(job=other, person=person).exists():
        raise CannotGive(f"{person} cannot both write and review it: somebody else does one of the two.")
    note = " ".join(note.replace("\0", "").split())[:300]
    if task := standing.filter(job=job, person=person).first():
        task.due_date, task.note = due_date, note
        task.save(update_fields=["due_date", "note"])
        return task
    # one that an edition has ended since makes room for the next
    Task.objects.about([record]).filter(job=job, person=person, done_at=None).update(done_at=now, done_by=by)
    task = Task.objects.create(
        record_id=record.record_id,
        model=record._meta.label_lower,
        job=job,
        person=person,
        due_date=due_date,
        note=note,
        given_by=by,
        given_at=now,
    )
    if person.pk != by.pk:
        until = f", by {due_date.day} {due_date:%B %Y}" if due_date else ""
        lines = [f"{by} asks you: {chosen.label}{until}", "", str(record), edit_address(record)]
        told = list(select_recipients(type(person)._default_manager.filter(pk=person.pk)))
        send_notices(told, "task", f"For you: {chosen.label}: {record}", [*lines, *(["", note] if note else [])])
    return task


@transaction.atomic
def finish_task(*, task: Task, by: User, now: dt.datetime | None = None) -> None:
    """Say that a task is done, or not wanted any more. Whoever says so first is named."""
    Task.objects.filter(pk=task.pk, done_at=None).update(done_at=now or timezone.now(), done_by=by)
    task.refresh_from_db()


def fetch_task_records(tasks: Collection[Task]) -> dict[uuid.UUID, Publishable]:
    """The records that these tasks are about, by `record_id`: one query a table."""
    wanted: dict[str, set[uuid.UUID]] = defaultdict(set)
    for task in tasks:
        wanted[task.model].add(task.record_id)
    return {
        record.record_id: record
        for model, ids in wanted.items()
        for record in apps.get_model(model)._default_manager.filter(record_id__in=ids)
    }


def describe_open_tasks(tasks: Sequence[Task], known: Collection[Publishable] = ()) -> list[OpenTask]:
    """These tasks with their records and with how much waits. Queries grow with the kinds of jobs, not with tasks.

    `known` are records that the caller has; others are fetched.
    """
    today = timezone.localdate()
    records = {record.record_id: record for record in known}
    records |= fetch_task_records([task for task in tasks if task.record_id not in records])
    found = []
    by_job: dict[Job, list[Task]] = defaultdict(list)
    for task in tasks:
        record = records.get(task.record_id)
        job = find_job(type(record), task.job) if record else None
        if record and job:
            by_job[job].append(task)
            found.append((task, record, job))
    left = {
        number: how_many for job, asked in by_job.items() if job.count for number, how_many in job.count(asked).items()
    }
    return [
        OpenTask(task, record, job, job.address(record), left.get(task.pk), task.is_late(today))
        for task, record, job in found
    ]


def list_tasks_on(record: Publishable) -> list[OpenTask]:
    """What is open on a record, with who does it."""
    tasks = Task.objects.about([record]).open().select_related("person", "given_by")
    return describe_open_tasks(list(tasks), [record])


@transaction.atomic
def remind_of_late_tasks(today: dt.date) -> int:
    """Mail everybody what of theirs is late. Returns how many tasks the mails name; none, no mail."""
    late = list(Task.objects.open().filter(due_date__lt=today).select_related("person").order_by("due_date", "pk"))
    theirs: dict[User, list[OpenTask]] = defaultdict(list)
    for each in describe_open_tasks(late):
        theirs[each.task.person].append(each)
    wanted = {person.pk for person in select_recipients(type(late[0].person)._default_manager.all())} if late else set()
    for person, tasks in theirs.items():
        if person.pk in wanted:
            lines = [
                f"{each.job.label}, by {each.task.due_date:%d %B %Y}: {each.record}\n{edit_address(each.record)}\n"
                for each in tasks
            ]
            subject = f"Late: {tasks[0].record if len(tasks) == 1 else f'{len(tasks)} tasks'}"
            send_notices([person], "task-late", subject, ["The day has passed for:", "", *lines])
    return sum(len(tasks) for tasks in theirs.values())
