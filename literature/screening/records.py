"""The records of a review as a list with filters, what one notes of them, and decisions written by hand."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery
from django.utils import timezone

from failure_lessons.history.audit_context import records_actor
from failure_lessons.packages.loading import Columns
from failure_lessons.vocabularies.choices import ScreeningDecision, ScreeningStage
from literature.models import (
    Candidate,
    LiteratureReview,
    Reference,
    Screening,
    ScreeningNote,
    ScreeningPlan,
    ScreeningResolution,
    ScreeningVote,
)
from literature.prisma import FULL, TITLE
from literature.screening.queue import last_of_pilot, open_at
from literature.screening.services import CannotScreen, clean_reason, lock_review
from literature.statements import LAST_POSITION

if TYPE_CHECKING:
    from failure_lessons.accounts.models import User

MOST_LABELS, LONGEST_LABEL = 20, 60
STANDINGS = (
    ("", "All"),
    ("undecided", "Not yet decided"),
    ("mine", "Wait for my vote"),
    ("conflict", "In conflict"),
    ("include", "Included"),
    ("exclude", "Excluded"),
    ("voted-include", "I included"),
    ("voted-exclude", "I excluded"),
    ("voted-maybe", "I said maybe"),
)


def records_of_review(
    review: LiteratureReview, person: User, *, stage: str = TITLE, standing: str = "", words: str = "", label: str = ""
) -> QuerySet[Reference]:
    """The records of a review at a stage that a person filters, in their turn. Each has `place`, and what counts.

    Nothing in them tells of votes that the person must not see: `label` finds one's own labels alone.
    """
    here = {"review": review, "reference": OuterRef("pk")}
    decisions = Screening.objects.filter(**here, stage=stage)
    votes = ScreeningVote.objects.filter(**here, stage=stage)
    candidates = Candidate.objects.filter(**here)
    kept = Screening.objects.filter(**here, stage=TITLE, decision=ScreeningDecision.INCLUDE)
    rows = Reference.objects.filter(Exists(kept) if stage == FULL else Exists(candidates) | Exists(decisions))
    decided = Subquery(decisions.values("decision")[:1])
    rows = rows.annotate(place=Subquery(candidates.values("place")[:1]), decided=decided)
    mine = votes.filter(screener=person)
    if standing == "undecided":
        rows = rows.filter(decided=None)
    elif standing == "mine":
        rows = rows.filter(~Exists(mine), decided=None)
    elif standing == "conflict":
        twice = ScreeningVote.objects.filter(**here, stage=stage).order_by("screener")[1:2]
        rows = rows.annotate(second=Subquery(twice.values("pk"))).filter(decided=None, second__isnull=False)
    elif standing in ScreeningDecision.values:
        rows = rows.filter(decided=standing)
    elif standing.startswith("voted-"):
        rows = rows.filter(Exists(mine.filter(decision=standing.removeprefix("voted-"))))
    for word in words.split()[:8]:
        rows = rows.filter(Q(title__icontains=word) | Q(abstract__icontains=word) | Q(slug__icontains=word))
    if label:
        rows = rows.filter(Exists(ScreeningNote.objects.filter(**here, person=person, labels__icontains=label)))
    return rows.order_by(F("place").asc(nulls_last=True), "pk")


def list_own_labels(review: LiteratureReview, person: User) -> list[str]:
    """The labels that a person uses in a review."""
    notes = ScreeningNote.objects.filter(review=review, person=person).exclude(labels="")
    return sorted({label for note in notes.only("labels") for label in note.label_list}, key=str.casefold)


@transaction.atomic
def note_on_record(
    *,
    review: LiteratureReview,
    reference: Reference,
    labels: str,
    text: str,
    by: User,
    now: dt.datetime | None = None,
) -> ScreeningNote | None:
    """Keep what one notes of a record; nothing at all takes the note away. Raises `CannotScreen`."""
    words = clean_reason(text)
    lines = list(dict.fromkeys(filter(None, (" ".join(each.split()) for each in clean_reason(labels).splitlines()))))
    if len(lines) > MOST_LABELS or any(len(each) > LONGEST_LABEL for each in lines):
        raise CannotScreen(f"At most {MOST_LABELS} labels of {LONGEST_LABEL} characters each, one a line.")
    about: Columns = {"review": review, "reference": reference, "person": by}
    if not Candidate.objects.filter(review=review, reference=reference).exists():
        raise CannotScreen("This record is not among those to be screened.")
    if not (lines or words):
        ScreeningNote.objects.filter(**about).delete()
        return None
    values: Columns = {"labels": "\n".join(lines), "text": words, "at": now or timezone.now()}
    made, _ = ScreeningNote.objects.update_or_create(**about, defaults=values)
    return made


def notes_to_see(
    review: LiteratureReview, references: list[Reference], stage: str, person: User
) -> dict[int, list[ScreeningNote]]:
    """The notes on records that a person may see: their own, and those of others where votes are shown."""
    shown = set()
    if votes_are_shown(review, stage):
        votes = ScreeningVote.objects.filter(review=review, reference__in=references, stage=stage).order_by()
        cast: dict[int, int] = {}
        for pk in votes.values_list("reference", flat=True):
            cast[pk] = cast.get(pk, 0) + 1
        shown = {pk for pk, how_many in cast.items() if how_many > 1}
    found: dict[int, list[ScreeningNote]] = {}
    for note in ScreeningNote.objects.filter(review=review, reference__in=references).select_related("person"):
        if note.person_id == person.pk or note.reference_id in shown:
            found.setdefault(note.reference_id, []).append(note)
    return found


def find_plan(review: LiteratureReview) -> ScreeningPlan:
    """How a review is screened; unsaved, with the usual rules, where nobody said."""
    return ScreeningPlan.objects.filter(review=review).first() or ScreeningPlan(review=review)


def votes_are_shown(review: LiteratureReview, stage: str) -> bool:
    """Whether votes that two have cast on a record are shown at a stage now, by the rule of the review.

    While a pilot round lasts, its records alone have to be voted on.
    """
    if find_plan(review).unblinding == ScreeningPlan.Unblinding.BOTH:
        return True
    waiting = open_at(review, stage).filter(Q(votes_cast__lt=2))
    last = last_of_pilot(review) if stage == TITLE else None
    return not (waiting if last is None else waiting.filter(Q(place__lte=last))).exists()


@transaction.atomic
@records_actor
def decide_by_hand(
    *, review: LiteratureReview, reference: Reference, stage: str, decision: str, note: str, by: User
) -> Screening | None:
    """Write a decision on which nobody votes; without a decision, take it away. Raises `CannotScreen`.

    For searches that one person screened, as in reviews from before. Where people voted, only their votes and the page
    of conflicts decide.
    """
    if stage not in ScreeningStage.values or decision not in ("", *ScreeningDecision.values):
        raise CannotScreen("Choose a stage, and to include the record or to exclude it.")
    reason = clean_reason(note)
    if decision and not reason:
        raise CannotScreen("Say why: a decision that counts has a reason.")
    held = lock_review(review)
    about = {"review": held, "reference": reference, "stage": stage}
    if ScreeningVote.objects.filter(**about).exists() or ScreeningResolution.objects.filter(**about).exists():
        raise CannotScreen("People voted on this record: it is decided by their votes, and changed under Conflicts.")
    if not decision:
        Screening.objects.filter(**about).delete()
        return None
    row = Screening.objects.filter(**about).first() or Screening(**about, position=LAST_POSITION)
    row.decision, row.reason = decision, reason
    row.save()
    return row


@transaction.atomic
def take_out_record(*, review: LiteratureReview, reference: Reference, by: User) -> None:
    """Take a record out that nobody has voted on: a duplicate, or what came in by mistake. Raises `CannotScreen`."""
    held = lock_review(review)
    about = {"review": held, "reference": reference}
    if ScreeningVote.objects.filter(**about).exists() or Screening.objects.filter(**about).exists():
        raise CannotScreen("Somebody has voted or decided on this record: it stays.")
    Candidate.objects.filter(**about).delete()
