"""What can be asked of a colleague, for each kind of record: to write it, to review it, and what its app registers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import models

from failure_lessons.publishing.models import Publishable
from failure_lessons.workbench.buttons import REVIEW
from failure_lessons.workbench.form_anchors import form_address
from failure_lessons.workbench.task_models import REVIEW_WORDS, WRITE

if TYPE_CHECKING:
    from failure_lessons.accounts.models import User
    from failure_lessons.workbench.task_models import Task


@dataclass(frozen=True)
class Job:
    """Something to be done on a record, by people with at least one of the rights in `permissions`.

    `address` says where it is done. `count` says of tasks of this job how much waits for whom, by the number of the
    task, in a fixed number of queries; a job without it is done or not.
    """

    code: str
    label: str
    permissions: tuple[str, ...]
    address: Callable[[models.Model], str] = form_address
    count: Callable[[Sequence[Task]], dict[int, int]] | None = None
    noun: str = "record"  # what is counted


FURTHER_JOBS: dict[type[Publishable], list[Job]] = defaultdict(list)


def may_do_job(person: User, job: Job) -> bool:
    """Whether somebody has a right to do it."""
    return person.is_active and any(person.has_perm(each) for each in job.permissions)


def register_jobs(model: type[Publishable], *jobs: Job) -> None:
    """Make jobs known that records of one kind have beside being written and reviewed."""
    FURTHER_JOBS[model] += jobs


def list_jobs_of(model: type[Publishable]) -> list[Job]:
    """Every job of a kind of record, that of its owner first."""
    change = f"{model._meta.app_label}.change_{model._meta.model_name}"
    return [Job(WRITE, "Write it", (change,)), Job(REVIEW_WORDS, "Review it", (REVIEW,)), *FURTHER_JOBS.get(model, ())]


def find_job(model: type[Publishable], code: str) -> Job | None:
    """The job with this code; None where this kind of record has none."""
    return next((job for job in list_jobs_of(model) if job.code == code), None)
