"""How far a review has come, in the boxes of PRISMA 2020: counted in the database, right while screening goes on."""

from __future__ import annotations

from django.db.models import Count, Exists, OuterRef, Q, Sum

from failure_lessons.types import JSONObject
from failure_lessons.vocabularies.choices import ScreeningDecision
from literature.extracting.pages import included_decisions
from literature.models import Candidate, LiteratureReview, Screening
from literature.prisma import FULL, NOT_RETRIEVED, TITLE


def count_flow(review: LiteratureReview) -> JSONObject:
    """The boxes of `compute_prisma_flow` for a draft, with what is not decided yet. Five queries at any size."""
    searches = review.searches.aggregate(searches=Count("pk"), found=Sum("records_found", default=0))
    excluded = Q(decision=ScreeningDecision.EXCLUDE)
    full = Q(stage=FULL)
    lost = full & excluded & Q(reason=NOT_RETRIEVED)
    decided = Screening.objects.filter(review=review).aggregate(
        screened=Count("reference", distinct=True),
        at_title=Count("pk", filter=Q(stage=TITLE) & excluded),
        at_full=Count("pk", filter=full),
        lost=Count("pk", filter=lost),
        excluded=Count("pk", filter=full & excluded),
    )
    here = Screening.objects.filter(review=OuterRef("review"), reference=OuterRef("reference")).order_by()
    waiting = Candidate.objects.filter(~Exists(here), review=review).order_by().count()
    kept = here.filter(stage=TITLE, decision=ScreeningDecision.INCLUDE)
    unread = Candidate.objects.filter(Exists(kept), ~Exists(here.filter(stage=FULL)), review=review)
    waiting_full = unread.order_by().count()
    screened, identified = decided["screened"], searches["found"]
    return {
        "searches": searches["searches"],
        "records_identified": identified,
        "removed_before_screening": max(identified - screened - waiting, 0),
        "records_undecided": waiting,
        "records_screened": screened,
        "records_excluded": decided["at_title"],
        "reports_sought": decided["at_full"] + waiting_full,
        "reports_not_retrieved": decided["lost"],
        "reports_undecided": waiting_full,
        "reports_assessed": decided["at_full"] - decided["lost"],
        "reports_excluded": decided["excluded"] - decided["lost"],
        "studies_included": included_decisions().filter(review=review).count(),
        "warnings": [f"{screened} records were screened, but the searches recorded found only {identified}."]
        if screened > identified
        else [],
    }
