"""What somebody has begun and not ended: shown before they leave, and handed over when they do."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.apps import apps
from django.contrib import admin
from django.db import models, transaction
from django.db.models import Q
from django.urls import reverse

from failure_lessons.accounts.models import User
from failure_lessons.publishing.models import Publishable
from failure_lessons.publishing.registry import SOURCES
from failure_lessons.workbench.form_anchors import form_address

ROWS_OF_A_SORT = 12  # rows of each sort


@dataclass(frozen=True)
class OpenWork:
    """Rows of a table that wait for somebody: whose they are, and while what holds."""

    words: str
    model: str
    column: str
    is_open: Q
    passes: bool = False  # whether it is for one person alone, and so becomes the successor's


UNCONFIRMED_RATING = Q(confirmed_by=None, proposed_by__isnull=False)
OPEN_WORK = (
    OpenWork(
        "set times that they approved: nothing is published then",
        "workbench.ScheduledPublication",
        "approved_by",
        Q(state="waiting"),
    ),
    OpenWork("open comments", "workbench.Comment", "by", Q(parent=None, resolved_at=None)),
    OpenWork("tasks given to them", "workbench.Task", "person", Q(done_at=None), passes=True),
    OpenWork("words kept beside somebody else’s", "workbench.KeptWords", "author", Q(settled_at=None), passes=True),
    OpenWork("spreadsheets handed in", "bulk.Upload", "made_by", Q(state="open"), passes=True),
    OpenWork("files of references handed in", "literature.ReferenceImport", "made_by", Q(state="open"), passes=True),
    OpenWork("codebooks and projects handed in", "coding.QdaImport", "made_by", Q(done_at=None), passes=True),
    OpenWork("answers to the public that a second person agrees", "intake.MessageDecision", "by", Q(agreed_by=None)),
    OpenWork("redactions that a second person confirms", "publishing.Redaction", "proposed_by", Q(confirmed_by=None)),
    OpenWork("packages that a second person removes", "publishing.PackageRemoval", "proposed_by", Q(confirmed_by=None)),
    OpenWork("settled conflicts of screening to confirm", "literature.ScreeningResolution", "by", Q(done=False)),
    OpenWork("papers on studies that they began", "literature.StudyPaper", "person", Q(done=[])),
    OpenWork("agreements about studies to confirm", "literature.PaperAgreement", "by", Q(done=False)),
    OpenWork(
        "confidence of findings to confirm", "literature.ReviewFindingAssessment", "proposed_by", UNCONFIRMED_RATING
    ),
    OpenWork("confidence of lessons to confirm", "recommendations.LessonAssessment", "proposed_by", UNCONFIRMED_RATING),
    OpenWork("judgements on follow-up to agree", "follow_up.Assessment", "assessor", Q(agreed_by=None)),
    OpenWork("consultations", "consultations.ConsultationRound", "created_by", Q(closed_at=None)),
    OpenWork("answers to comments to agree", "consultations.Disposition", "by", Q(agreed_by=None)),
)


@dataclass
class OpenRows:
    """The open rows of one sort: each with where it is gone on with, if there is such a page."""

    words: str
    rows: list[tuple[str, str]]


def all_open_work() -> list[OpenWork]:
    """The sorts above, and what waits for review in each table of records."""
    submitted = [
        OpenWork(
            f"{model._meta.verbose_name_plural} in review", model._meta.label, "submitted_by", Q(state="in-review")
        )
        for model in SOURCES
        if issubclass(model, Publishable)
    ]
    return [*submitted, *OPEN_WORK]


def find_open_rows(work: OpenWork, people: Iterable[int]) -> models.QuerySet[models.Model]:
    """What of this sort these people left open."""
    rows: models.QuerySet[models.Model] = apps.get_model(work.model)._default_manager.filter(work.is_open)
    return rows.filter(**{f"{work.column}__in": list(people)}).order_by("pk")


def list_open_rows(*people: User) -> list[OpenRows]:
    """What these people have under way, by sort; drafts stand on the first page of whoever wrote them."""
    numbers = [person.pk for person in people]
    found = []
    for work in all_open_work() if numbers else ():
        rows = [describe_open_row(row) for row in find_open_rows(work, numbers)[:ROWS_OF_A_SORT]]
        if rows:
            found.append(OpenRows(work.words, rows))
    return found


def describe_open_row(row: models.Model) -> tuple[str, str]:
    """What a row is called, and the form of it or of the record that it is about; no address if it has none."""
    if isinstance(row, Publishable):
        return str(row), form_address(row)
    words = getattr(row, "sentence", "") or str(row)
    model = apps.get_model(row.model) if hasattr(row, "record_id") and hasattr(row, "model") else None
    if model is not None and issubclass(model, Publishable):
        record = model._default_manager.filter(record_id=row.record_id).first()  # type: ignore[attr-defined]
        return (f"{record}: {words}", form_address(record)) if record else (words, "")
    if type(row) in admin.site._registry:
        return words, reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[row.pk])
    return words, ""


@transaction.atomic
def hand_over_work(*, leaver: User, successor: User) -> None:
    """What is for one person alone becomes the successor's; the rest is open to everybody with the role anyway."""
    for work in all_open_work():
        if work.passes:
            find_open_rows(work, [leaver.pk]).update(**{work.column: successor})
