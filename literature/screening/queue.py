"""What waits for a screener, what is in conflict, and how far screeners agree: reads, each in a few queries."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet

from failure_lessons.confidence.kappa import Agreement, measure_agreement
from failure_lessons.vocabularies.choices import ScreeningDecision, ScreeningStage
from literature.models import Candidate, LiteratureReview, Reference, Screening, ScreeningResolution, ScreeningVote

if TYPE_CHECKING:
    from failure_lessons.accounts.models import User

TITLE, FULL = ScreeningStage.TITLE_ABSTRACT.value, ScreeningStage.FULL_TEXT.value
VOTE_OUTCOMES = ("keep", "exclude")  # what two votes have to agree on; “maybe” keeps


def at_stage(review: LiteratureReview, stage: str) -> QuerySet[Reference]:
    """Every record of a review that is or was to be screened at a stage by votes; `place` is its order."""
    if stage == TITLE:
        return Reference.objects.filter(candidacies__review=review).annotate(place=F("candidacies__pk"))
    kept = {"screenings__review": review, "screenings__stage": TITLE, "screenings__decision": ScreeningDecision.INCLUDE}
    return Reference.objects.filter(**kept).annotate(place=F("screenings__pk"))


def open_at(review: LiteratureReview, stage: str) -> QuerySet[Reference]:
    """Those without a decision that counts; `votes_cast` says how many have voted."""
    here = {"review": review, "stage": stage, "reference": OuterRef("pk")}
    votes = Count("votes", filter=Q(votes__review=review, votes__stage=stage), distinct=True)
    return at_stage(review, stage).filter(~Exists(Screening.objects.filter(**here))).annotate(votes_cast=votes)


def records_to_vote_on(review: LiteratureReview, stage: str, screener: User) -> QuerySet[Reference]:
    """What this screener still has to vote on."""
    own = ScreeningVote.objects.filter(review=review, stage=stage, screener=screener, reference=OuterRef("pk"))
    return open_at(review, stage).filter(~Exists(own), Q(votes_cast__lt=2)).order_by(F("place"))


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


def count_screening_progress(review: LiteratureReview, stage: str, screener: User) -> Progress:
    """Counts of a stage: four queries."""
    total = at_stage(review, stage).count()
    unsettled = open_at(review, stage)
    return Progress(
        total,
        total - unsettled.count(),
        ScreeningVote.objects.filter(review=review, stage=stage, screener=screener).count(),
        records_to_vote_on(review, stage, screener).count(),
        unsettled.filter(Q(votes_cast__gt=1)).count(),
    )


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


def open_conflicts(review: LiteratureReview) -> list[ScreeningConflict]:
    """Every open conflict of a review, by stage: three queries a stage."""
    found: list[ScreeningConflict] = []
    for stage in (TITLE, FULL):
        records = list(open_at(review, stage).filter(Q(votes_cast__gt=1)).order_by(F("place")))
        about = {"review": review, "stage": stage, "reference__in": records}
        votes: dict[int, list[ScreeningVote]] = defaultdict(list)
        for vote in ScreeningVote.objects.filter(**about).select_related("screener"):
            votes[vote.reference_id].append(vote)
        proposals = {
            each.reference_id: each
            for each in ScreeningResolution.objects.filter(**about, done=False).select_related("by")
        }
        found += [ScreeningConflict(each, stage, tuple(votes[each.pk]), proposals.get(each.pk)) for each in records]
    return found


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


def screener_agreements(review: LiteratureReview) -> list[PairAgreement]:
    """The agreement of each pair of screeners at each stage: one query.

    Votes count as they were cast, before any conflict was resolved.
    """
    cast: dict[tuple[str, int], list[ScreeningVote]] = defaultdict(list)
    for vote in ScreeningVote.objects.filter(review=review).select_related("screener").order_by("screener_id", "pk"):
        cast[vote.stage, vote.reference_id].append(vote)
    pairs: dict[tuple[str, str, str], list[tuple[str, str]]] = defaultdict(list)
    for (stage, _), votes in cast.items():
        if len(votes) == 2:
            one, other = votes
            names = one.screener.get_username(), other.screener.get_username()
            pairs[stage, *names].append((VOTE_OUTCOMES[not one.keeps], VOTE_OUTCOMES[not other.keeps]))
    order = {TITLE: 0, FULL: 1}
    return [
        PairAgreement(stage, one, other, measure_agreement(rated, VOTE_OUTCOMES))
        for (stage, one, other), rated in sorted(pairs.items(), key=lambda pair: (order[pair[0][0]], *pair[0][1:]))
    ]


def found_by_search(review: LiteratureReview) -> dict[int | None, int]:
    """How many records came in by each search (None: by none that is named): one query."""
    rows = Candidate.objects.filter(review=review).order_by().values_list("search").annotate(how_many=Count("pk"))
    return dict(rows)
