"""The verbs of screening: add records, vote, take a vote back, resolve a conflict.

A decision that counts, a `Screening`, follows by itself in the transaction in which two votes agree or a conflict is
resolved. All verbs hold the review's row, so that two people at once come one after the other.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from failure_lessons.history.audit_context import records_actor
from failure_lessons.packages.loading import Columns
from failure_lessons.publishing.review_lock import find_review_locks
from failure_lessons.publishing.two_people import is_same_person
from failure_lessons.vocabularies.choices import ScreeningDecision, ScreeningStage
from literature.models import (
    Candidate,
    LiteratureReview,
    Reference,
    ReferenceImport,
    Screening,
    ScreeningResolution,
    ScreeningVote,
    Search,
)
from literature.statements import LAST_POSITION

if TYPE_CHECKING:
    from failure_lessons.accounts.models import User

Decision = ScreeningVote.Decision
TAKEN_BACK = dt.timedelta(minutes=10)  # how long a vote can be taken back by the one who cast it
MAX_SCREENING_REASON = 2000  # characters of a reason


class CannotScreen(Exception):
    """Nothing was written; the message says why and what to do."""


def lock_review(review: LiteratureReview) -> LiteratureReview:
    """The review, held until the transaction ends. Raises `CannotScreen` when it is gone or in review."""
    row = LiteratureReview.objects.select_for_update().filter(pk=review.pk).first()
    if row is None:
        raise CannotScreen("This review is no longer here.")
    if locks := find_review_locks([row]):
        raise CannotScreen(locks[0])
    return row


def clean_reason(reason: str) -> str:
    """A reason without what no database keeps. Raises `CannotScreen` when it is too long."""
    clean = reason.replace("\0", "").strip()
    if len(clean) > MAX_SCREENING_REASON:
        raise CannotScreen(f"A reason has at most {MAX_SCREENING_REASON} characters; this one has {len(clean)}.")
    return clean


@transaction.atomic
def add_candidates(
    *,
    review: LiteratureReview,
    references: Iterable[Reference],
    by: User,
    origin: str,
    search: Search | None = None,
    imported: ReferenceImport | None = None,
    now: dt.datetime | None = None,
) -> int:
    """Let these references wait for screening. Says how many were new to the review."""
    lock_review(review)
    if search and search.review_id != review.pk:
        raise CannotScreen("That search belongs to another review.")
    wanted = {reference.pk: reference for reference in references}
    here = set(Candidate.objects.filter(review=review, reference__in=wanted).values_list("reference", flat=True))
    decided = set(Screening.objects.filter(review=review, reference__in=wanted).values_list("reference", flat=True))
    last = Candidate.objects.filter(review=review).aggregate(last=Max("place"))["last"] or 0
    rows = [
        Candidate(
            review=review,
            reference_id=pk,
            search=search,
            imported=imported,
            origin=clean_reason(origin)[:200],
            added_by=by,
            added_at=now or timezone.now(),
            place=place,
        )
        for place, pk in enumerate((pk for pk in wanted if pk not in here | decided), start=last + 1)
    ]
    return len(Candidate.objects.bulk_create(rows, batch_size=1000))


def add_from_import(
    *, review: LiteratureReview, staged: ReferenceImport, by: User, search: Search | None = None
) -> int:
    """Let every reference of a finished import wait for screening: the new ones and those that were here already."""
    if staged.state != ReferenceImport.State.DONE:
        raise CannotScreen("Finish this import first: nothing of it is among the references yet.")
    pks = [each["pk"] for each in staged.result if each.get("pk")]
    return add_candidates(
        review=review,
        references=Reference.objects.filter(pk__in=pks),
        by=by,
        origin=staged.name,
        search=search,
        imported=staged,
    )


@transaction.atomic
@records_actor
def cast_vote(
    *,
    review: LiteratureReview,
    reference: Reference,
    stage: str,
    decision: str,
    reason: str = "",
    by: User,
    now: dt.datetime | None = None,
) -> ScreeningVote:
    """Say what one thinks of a record at a stage.

    The same vote twice is one vote. Raises `CannotScreen` when the record is not to be screened, was decided, was voted
    on by two others, or when one has voted differently before.
    """
    if stage not in ScreeningStage.values or decision not in Decision.values:
        raise CannotScreen("Choose to include the record or to exclude it.")
    reason = clean_reason(reason)
    if decision == Decision.EXCLUDE and not reason:
        raise CannotScreen("Say why the record is excluded: choose a reason, or write one.")
    if decision == Decision.MAYBE and stage == ScreeningStage.FULL_TEXT:
        raise CannotScreen("The full text decides: include the record or exclude it.")
    lock_review(review)
    votes = list(ScreeningVote.objects.filter(review=review, reference=reference, stage=stage))
    own = next((each for each in votes if each.screener_id == by.pk), None)
    if own:
        if (own.decision, own.reason) == (decision, reason):
            return own
        raise CannotScreen("You have voted on this record already. Undo that vote first, if you think again.")
    if Screening.objects.filter(review=review, reference=reference, stage=stage).exists():
        raise CannotScreen("This record was decided while you looked at it. Your vote was not needed.")
    if len(votes) > 1:
        raise CannotScreen("Two others have voted on this record meanwhile. Your vote was not needed.")
    if not awaits_screening(review, reference, stage):
        raise CannotScreen("This record does not wait for screening at this stage.")
    made = ScreeningVote.objects.create(
        review=review,
        reference=reference,
        stage=stage,
        screener=by,
        decision=decision,
        reason=reason,
        at=now or timezone.now(),
    )
    agreed = what_counts([*votes, made])
    if agreed:
        settle_screening(review, reference, stage, *agreed)
    return made


def awaits_screening(review: LiteratureReview, reference: Reference, stage: str) -> bool:
    """Whether a record is to be screened at a stage: it was added, or it was kept by title and abstract."""
    if stage == ScreeningStage.TITLE_ABSTRACT:
        return Candidate.objects.filter(review=review, reference=reference).exists()
    kept = {"stage": ScreeningStage.TITLE_ABSTRACT, "decision": ScreeningDecision.INCLUDE}
    return Screening.objects.filter(review=review, reference=reference, **kept).exists()


def what_counts(votes: Sequence[ScreeningVote]) -> tuple[str, str] | None:
    """The decision and the reason that follow from two votes; None while there is one, or when they conflict.

    At the stage of titles, “maybe” keeps a record for the full text to decide, and two reasons to exclude stand side by
    side. For a full text the two have to agree on the reason as well: PRISMA reports it.
    """
    if len(votes) < 2:
        return None
    one, other = votes[:2]
    if one.keeps != other.keeps:
        return None
    reasons = list(dict.fromkeys(each.reason for each in (one, other) if each.reason))
    if not one.keeps and one.stage == ScreeningStage.FULL_TEXT and len(reasons) > 1:
        return None
    if not one.keeps:
        return ScreeningDecision.EXCLUDE, "; ".join(reasons)
    unsure = Decision.MAYBE in (one.decision, other.decision)
    default = "Kept for the full text to decide." if unsure else "Meets the eligibility criteria."
    return ScreeningDecision.INCLUDE, "; ".join(reasons) or default


def settle_screening(
    review: LiteratureReview, reference: Reference, stage: str, decision: str, reason: str
) -> Screening:
    """Write the decision that counts, after those that are there: rows of one position stand as they were made."""
    return Screening.objects.create(
        review=review,
        reference=reference,
        stage=stage,
        decision=decision,
        reason=reason,
        position=LAST_POSITION,
    )


@transaction.atomic
@records_actor
def take_back(*, review: LiteratureReview, stage: str, by: User, now: dt.datetime | None = None) -> ScreeningVote:
    """Undo one's newest vote of the last ten minutes, and the decision that followed from it.

    It is allowed whether or not the other has voted, so that being allowed tells nothing about their vote.
    """
    lock_review(review)
    now = now or timezone.now()
    newest = ScreeningVote.objects.filter(review=review, stage=stage, screener=by).select_related("reference").last()
    if newest is None or newest.at < now - TAKEN_BACK:
        raise CannotScreen("There is no vote of yours from the last ten minutes to take back.")
    about = {"review": review, "reference": newest.reference, "stage": stage}
    later = Screening.objects.filter(review=review, reference=newest.reference, stage=ScreeningStage.FULL_TEXT)
    if ScreeningResolution.objects.filter(**about).exists():
        raise CannotScreen("Somebody has begun to resolve the conflict about this record: settle it there.")
    if stage == ScreeningStage.TITLE_ABSTRACT and (
        later.exists() or ScreeningVote.objects.filter(**{**about, "stage": ScreeningStage.FULL_TEXT}).exists()
    ):
        raise CannotScreen("The full text of this record has been voted on since: this vote stands.")
    votes = list(ScreeningVote.objects.filter(**about))
    followed = what_counts(votes)
    counts = Screening.objects.filter(**about).first()
    if counts and (counts.decision, counts.reason) != followed:
        raise CannotScreen("The decision on this record was changed in the review since: change it there.")
    if counts:
        counts.delete()
    ScreeningVote.objects.filter(pk=newest.pk).delete()
    return newest


@transaction.atomic
@records_actor
def resolve_conflict(
    *,
    review: LiteratureReview,
    reference: Reference,
    stage: str,
    decision: str,
    reason: str,
    by: User,
    now: dt.datetime | None = None,
) -> ScreeningResolution:
    """Settle a conflict. A third person settles it at once; one of the two proposes, and the other has to confirm.

    Whether a third person may is for the caller to check. A proposal may be replaced until it counts.
    """
    if decision not in ScreeningDecision.values or stage not in ScreeningStage.values:
        raise CannotScreen("Choose to include the record or to exclude it.")
    reason = clean_reason(reason)
    if not reason:
        raise CannotScreen("Say why: a decision that counts has a reason.")
    lock_review(review)
    votes = in_conflict(review, reference, stage)
    third = by.pk not in {each.screener_id for each in votes}
    about = {"review": review, "reference": reference, "stage": stage}
    ScreeningResolution.objects.filter(**about, done=False).delete()
    made = ScreeningResolution.objects.create(
        **about, decision=decision, reason=reason, by=by, at=now or timezone.now(), done=third
    )
    if third:
        settle_screening(review, reference, stage, decision, reason)
    return made


@transaction.atomic
@records_actor
def confirm_resolution(*, resolution: ScreeningResolution, by: User) -> Screening:
    """The other of the two agrees with what one of them proposed: it counts from now on."""
    lock_review(resolution.review)
    row = ScreeningResolution.objects.select_related("review", "reference").filter(pk=resolution.pk, done=False).first()
    if row is None:
        raise CannotScreen("This proposal was replaced or settled meanwhile. Look again.")
    votes = in_conflict(row.review, row.reference, row.stage)
    if is_same_person(by, row.by_id) or by.pk not in {each.screener_id for each in votes}:
        raise CannotScreen("The other of the two screeners has to confirm this.")
    row.confirmed_by, row.done = by, True
    row.save(update_fields=["confirmed_by", "done"])
    return settle_screening(row.review, row.reference, row.stage, row.decision, row.reason)


@transaction.atomic
@records_actor
def revise_decision(
    *,
    review: LiteratureReview,
    reference: Reference,
    stage: str,
    decision: str,
    note: str,
    by: User,
    now: dt.datetime | None = None,
) -> Screening:
    """Decide anew, with a reason, what was agreed. Whether this person may is for the caller to check.

    The votes stay as they were; the resolution beside them says who decided otherwise, when and why.
    """
    if decision not in ScreeningDecision.values or stage not in ScreeningStage.values:
        raise CannotScreen("Choose to include the record or to exclude it.")
    reason = clean_reason(note)
    if not reason:
        raise CannotScreen("Say why: a decision that counts has a reason.")
    lock_review(review)
    about: Columns = {"review": review, "reference": reference, "stage": stage}
    row = Screening.objects.filter(**about).first()
    if row is None:
        raise CannotScreen("Nothing was decided on this record at this stage.")
    if ScreeningVote.objects.filter(**about, screener=by).exists():
        raise CannotScreen("You voted on this record: somebody else decides anew.")
    ScreeningResolution.objects.filter(**about).delete()
    ScreeningResolution.objects.create(
        **about, decision=decision, reason=reason, by=by, at=now or timezone.now(), done=True
    )
    row.decision, row.reason = decision, reason
    row.save(update_fields=["decision", "reason"])
    return row


def in_conflict(review: LiteratureReview, reference: Reference, stage: str) -> list[ScreeningVote]:
    """The two votes on a record that stands in conflict. Raises `CannotScreen` when it does not."""
    about = {"review": review, "reference": reference, "stage": stage}
    votes = list(ScreeningVote.objects.filter(**about))
    if len(votes) < 2 or Screening.objects.filter(**about).exists():
        raise CannotScreen(
            "There is no open conflict about this record: it was settled meanwhile, or a vote was undone."
        )
    return votes
