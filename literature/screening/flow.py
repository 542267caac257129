"""How far a review has come, in the boxes of PRISMA 2020: counted in the database, right while screening goes on."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from django.db.models import Count, Q, Sum

from failure_lessons.types import JSONObject
from failure_lessons.vocabularies.choices import ScreeningDecision
from literature.models import Candidate, LiteratureReview, Screening
from literature.prisma import FULL, NOT_RETRIEVED, TITLE, warn_of_too_many


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
    waiting = review.unscreened + Candidate.objects.not_screened().filter(review=review).count()
    waiting_full = Candidate.objects.not_assessed().filter(review=review).count()
    screened, identified = decided["screened"], searches["found"]
    warning = warn_of_too_many(identified, screened, waiting)
    return {
        "searches": searches["searches"],
        "records_identified": identified,
        "removed_before_screening": max(identified - screened - waiting, 0),
        "records_not_yet_screened": waiting,
        "records_screened": screened,
        "records_excluded": decided["at_title"],
        "reports_sought": decided["at_full"] + waiting_full,
        "reports_not_retrieved": decided["lost"],
        "reports_not_yet_assessed": waiting_full,
        "reports_assessed": decided["at_full"] - decided["lost"],
        "reports_excluded": decided["excluded"] - decided["lost"],
        "studies_included": Screening.objects.keeping().filter(review=review).count(),
        "warnings": [warning] if warning else [],
    }


def find_screening_under_way(reviews: Sequence[LiteratureReview]) -> dict[int, JSONObject]:
    """What is not decided yet in these reviews, by their number, as documents tell it. Two queries at any size.

    `records` says how many are not yet screened, `reports` names those kept whose full text is not yet assessed.
    """
    counts = Candidate.objects.not_screened().filter(review__in=reviews).order_by().values_list("review")
    unscreened = dict(counts.annotate(Count("pk")))
    reports: dict[int, list[str]] = defaultdict(list)
    rows = Candidate.objects.not_assessed().filter(review__in=reviews).order_by("reference__slug")
    for review, key in rows.values_list("review", "reference__slug"):
        reports[review].append(key)
    return {
        each.pk: {"records": each.unscreened + unscreened.get(each.pk, 0), "reports": reports[each.pk]}
        for each in reviews
        if each.unscreened or each.pk in unscreened or each.pk in reports
    }
