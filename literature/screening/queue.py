"""What waits for a screener, what is in conflict, and how far screeners agree: reads, each in a few queries."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.contrib.auth import get_user_model
from django.db import connection
from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from failure_lessons.confidence.kappa import Agreement, measure_agreement
from failure_lessons.vocabularies.choices import ScreeningDecision
from literature.models import (
    Candidate,
    LiteratureReview,
    Reference,
    Screening,
    ScreeningPlan,
    ScreeningResolution,
    ScreeningVote,
)
from literature.prisma import FULL, TITLE

if TYPE_CHECKING:
    from failure_lessons.accounts.models import User

VOTE_OUTCOMES = ("keep", "exclude")  # what two votes have to agree on; “maybe” keeps


def at_stage(review: LiteratureReview, stage: str) -> QuerySet[Reference]:
    """Every record of a review that is or was to be screened at a stage by votes; `place` is its order."""
    if stage == TITLE:
        return Reference.objects.filter(candidacies__review=review).annotate(place=F("candidacies__place"))
    kept = {"screenings__review": review, "screenings__stage": TITLE, "screenings__decision": ScreeningDecision.INCLUDE}
    return Reference.objects.filter(**kept).annotate(place=F("screenings__pk"))


def open_at(review: LiteratureReview, stage: str) -> QuerySet[Reference]:
    """Those without a decision that counts; `votes_cast` says how many have voted, asked of each record by itself."""
    here = {"review": review, "stage": stage, "reference": OuterRef("pk")}
    votes = ScreeningVote.objects.filter(**here).order_by().values("reference").annotate(cast=Count("pk"))
    cast = Coalesce(Subquery(votes.values("cast")), 0)
    return at_stage(review, stage).filter(~Exists(Screening.objects.filter(**here))).annotate(votes_cast=cast)


def records_to_vote_on(review: LiteratureReview, stage: str, screener: User) -> QuerySet[Reference]:
    """What this screener still has to vote on, those of a pilot round alone while it lasts."""
    own = ScreeningVote.objects.filter(review=review, stage=stage, screener=screener, reference=OuterRef("pk"))
    rows = open_at(review, stage).filter(~Exists(own), Q(votes_cast__lt=2)).order_by(F("place"), "pk")
    last = last_of_pilot(review) if stage == TITLE else None
    return rows if last is None else rows.filter(Q(place__lte=last))


def last_of_pilot(review: LiteratureReview) -> int | None:
    """The place of the last record of a pilot round that lasts; None where there is none."""
    plan = ScreeningPlan.objects.filter(review=review, pilot__gt=0, pilot_ended=False).first()
    if plan is None:
        return None
    places = review.candidates.order_by("place", "pk").values_list("place", flat=True)
    return next(iter(places[plan.pilot - 1 : plan.pilot]), None)


def next_to_vote_on(review: LiteratureReview, stage: str, screener: User, after: int = 0) -> Reference | None:
    """The next record for this screener: beyond `after`, or beyond their newest vote, or else from the beginning.

    So that the first records are not looked through again for each vote.
    """
    waiting = records_to_vote_on(review, stage, screener)
    if after:
        return waiting.filter(Q(place__gt=after)).first()
    newest = ScreeningVote.objects.filter(review=review, stage=stage, screener=screener).order_by("at", "pk").last()
    if newest:
        here = at_stage(review, stage).filter(pk=newest.reference_id).values_list(F("place"), flat=True).first()
        if here is not None and (found := waiting.filter(Q(place__gt=here)).first()):
            return found
    return waiting.first()


@dataclass(frozen=True)
class Progress:
    """How far a stage has come for a screener, and for the review. It tells nothing of what others decided."""

    total: int
    decided: int
    mine: int
    waiting: int
    conflicts: int

    @property
    def seen(self) -> int:
        """How many need nothing more of this screener."""
        return self.total - self.waiting


COUNT_RECORDS = """
    select count(*), count(decided.reference_id), count(*) filter (where decided.reference_id is null and cast_on > 1),
           count(*) filter (where decided.reference_id is null and coalesce(cast_on, 0) < 2 and mine is not true
                            and (%(last)s is null or place <= %(last)s)),
           count(*) filter (where mine)
    from (
        select reference_id, place from literature_candidate
        where review_id = %(review)s and %(stage)s = %(title)s
        union all
        select reference_id, 0 from literature_screening
        where review_id = %(review)s and stage = %(title)s and decision = %(include)s and %(stage)s <> %(title)s
    ) records
    left join (
        select reference_id, count(*) as cast_on, bool_or(screener_id = %(screener)s) as mine
        from literature_screeningvote where review_id = %(review)s and stage = %(stage)s group by reference_id
    ) votes using (reference_id)
    left join (
        select reference_id from literature_screening where review_id = %(review)s and stage = %(stage)s
    ) decided using (reference_id)
"""  # all counts of a stage in one look at its records


def count_screening_progress(review: LiteratureReview, stage: str, screener: User) -> Progress:
    """Counts of a stage: two queries."""
    told: dict[str, str | int | None] = {
        "review": review.pk,
        "stage": stage,
        "title": TITLE,
        "include": ScreeningDecision.INCLUDE.value,
        "screener": screener.pk,
        "last": last_of_pilot(review) if stage == TITLE else None,
    }
    with connection.cursor() as cursor:
        cursor.execute(COUNT_RECORDS, told)
        total, decided, conflicts, waiting, mine = cursor.fetchone()
    return Progress(total, decided, mine, waiting, conflicts)


@dataclass(frozen=True)
class ScreeningConflict:
    """A record on which two screeners differ, their votes, and what one of them proposed, if anything."""

    reference: Reference
    stage: str
    votes: tuple[ScreeningVote, ...]
    proposal: ScreeningResolution | None

    def involves(self, person: User) -> bool:
        """Whether this person is one of the two."""
        return person.pk in {each.screener_id for each in self.votes}

    def awaits(self, person: User) -> bool:
        """Whether it is for this person to confirm what the other proposed."""
        return self.proposal is not None and self.involves(person) and self.proposal.by_id != person.pk

    @property
    def about_reason(self) -> bool:
        """Whether the two exclude it alike and differ in the reason alone."""
        return not any(vote.keeps for vote in self.votes)


def conflicting_records(review: LiteratureReview, stage: str) -> QuerySet[Reference]:
    """The records of a stage on which two differ, in their order."""
    here = {"review": review, "stage": stage, "reference": OuterRef("pk")}
    second = ScreeningVote.objects.filter(**here).order_by("pk").values("pk")[1:2]
    undecided = at_stage(review, stage).filter(~Exists(Screening.objects.filter(**here)))
    return undecided.annotate(second=Subquery(second)).filter(second__isnull=False).order_by(F("place"), "pk")


def describe_conflicts(review: LiteratureReview, stage: str, records: Sequence[Reference]) -> list[ScreeningConflict]:
    """These records with their votes and with what was proposed: two queries."""
    about = {"review": review, "stage": stage, "reference__in": records}
    votes: dict[int, list[ScreeningVote]] = defaultdict(list)
    for vote in ScreeningVote.objects.filter(**about).select_related("screener"):
        votes[vote.reference_id].append(vote)
    proposals = {
        each.reference_id: each for each in ScreeningResolution.objects.filter(**about, done=False).select_related("by")
    }
    return [ScreeningConflict(each, stage, tuple(votes[each.pk]), proposals.get(each.pk)) for each in records]


def open_conflicts(review: LiteratureReview) -> list[ScreeningConflict]:
    """Every open conflict of a review, by stage: three queries a stage."""
    return [
        conflict
        for stage in (TITLE, FULL)
        for conflict in describe_conflicts(review, stage, list(conflicting_records(review, stage)))
    ]


@dataclass(frozen=True)
class PairAgreement:
    """How far two screeners agree at a stage, on keeping a record or not."""

    stage: str
    one: str
    other: str
    agreement: Agreement

    @property
    def rows(self) -> list[tuple[str, tuple[int, ...]]]:
        """The rows of the table, each with its name."""
        return list(zip(("Keep", "Exclude"), self.agreement.table, strict=True))


COUNT_PAIRS = """
    select one.stage, one.screener_id, other.screener_id,
           one.decision <> 'exclude', other.decision <> 'exclude', count(*)
    from literature_screeningvote one
    join literature_screeningvote other
        on other.review_id = one.review_id and other.reference_id = one.reference_id and other.stage = one.stage
        and other.screener_id > one.screener_id
    where one.review_id = %s group by 1, 2, 3, 4, 5
"""


def screener_agreements(review: LiteratureReview) -> list[PairAgreement]:
    """The agreement of each pair of screeners at each stage: two queries.

    Votes count as they were cast, before any conflict was resolved.
    """
    with connection.cursor() as cursor:
        cursor.execute(COUNT_PAIRS, [review.pk])
        found = cursor.fetchall()
    people = {row[1] for row in found} | {row[2] for row in found}
    names = {each.pk: str(each) for each in get_user_model().objects.filter(pk__in=people)}
    pairs: dict[tuple[str, int, int], list[tuple[str, str]]] = defaultdict(list)
    for stage, one, other, one_keeps, other_keeps, how_many in found:
        pairs[stage, one, other] += [(VOTE_OUTCOMES[not one_keeps], VOTE_OUTCOMES[not other_keeps])] * how_many
    order = {TITLE: 0, FULL: 1}
    return [
        PairAgreement(stage, names[one], names[other], measure_agreement(rated, VOTE_OUTCOMES))
        for (stage, one, other), rated in sorted(pairs.items(), key=lambda pair: (order[pair[0][0]], *pair[0][1:]))
    ]


def found_by_search(review: LiteratureReview) -> dict[int | None, int]:
    """How many records came in by each search (None: by none that is named): one query."""
    rows = Candidate.objects.filter(review=review).order_by().values_list("search").annotate(how_many=Count("pk"))
    return dict(rows)
