"""What can be asked of a colleague on a review: to screen, settle, rate and confirm, each with how much waits."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from django.db.models import Count, Exists, Model, OuterRef, Q, QuerySet
from django.urls import reverse

from failure_lessons.vocabularies.choices import ScreeningDecision
from failure_lessons.workbench.buttons import REVIEW
from failure_lessons.workbench.jobs import Job
from literature.models import (
    Candidate,
    CharacteristicField,
    LiteratureReview,
    PaperAgreement,
    ReviewFinding,
    Screening,
    ScreeningVote,
    StudyPaper,
)
from literature.prisma import FULL, TITLE
from literature.review_statements import ReviewFindingAssessment
from literature.study_papers import CHARACTERISTICS

if TYPE_CHECKING:
    from failure_lessons.workbench.task_models import Task

VOTE = "literature.add_screeningvote"
EXTRACT = "literature.add_studypaper"
RATE_FINDING = "literature.add_reviewfindingassessment"


def address_in_review(page: str, query: str = "") -> Callable[[Model], str]:
    """Where something is done: a page beside the form of a review."""

    def find_address(review: Model) -> str:
        return reverse(f"admin:literature_review_{page}", args=[review.pk]) + query

    return find_address


def number_reviews(tasks: Sequence[Task]) -> dict[int, int]:
    """The number of the review that each task is about, by the number of the task. One query."""
    ids = [task.record_id for task in tasks]
    known = dict(LiteratureReview.objects.filter(record_id__in=ids).values_list("record_id", "pk"))
    return {task.pk: known[task.record_id] for task in tasks if task.record_id in known}


def count_undecided(reviews: Sequence[int], stage: str) -> Counter[tuple[int, bool]]:
    """How many records have no decision at a stage, by review and by whether two have voted. Two queries."""
    rows: QuerySet[Candidate] | QuerySet[Screening] = Candidate.objects.all()
    if stage == FULL:
        rows = Screening.objects.filter(stage=TITLE, decision=ScreeningDecision.INCLUDE)
    here = {"review": OuterRef("review"), "reference": OuterRef("reference"), "stage": stage}
    decided = Exists(Screening.objects.filter(**here))
    total = rows.filter(~decided, review__in=reviews).order_by().values_list("review").annotate(Count("pk"))
    votes = ScreeningVote.objects.filter(~decided, stage=stage, review__in=reviews).order_by()
    twice = votes.values("review", "reference").annotate(cast=Count("pk")).filter(cast__gt=1)
    found: Counter[tuple[int, bool]] = Counter((row["review"], True) for row in twice)
    for review, how_many in total:
        found[review, False] = how_many - found[review, True]
    return found


def count_lone_votes(reviews: Sequence[int], stage: str) -> Counter[tuple[int, int]]:
    """How many records without a decision have one vote, by review and whose it is. One query."""
    here = {"review": OuterRef("review"), "reference": OuterRef("reference"), "stage": stage}
    other = ScreeningVote.objects.filter(**here).exclude(screener=OuterRef("screener"))
    alone = ScreeningVote.objects.filter(~Exists(Screening.objects.filter(**here)), ~Exists(other), stage=stage)
    rows = alone.filter(review__in=reviews).order_by().values_list("review", "screener").annotate(Count("pk"))
    return Counter({(review, screener): how_many for review, screener, how_many in rows})


def count_to_screen(tasks: Sequence[Task], *, stage: str) -> dict[int, int]:
    """For each task how many records wait for the vote of whoever has it."""
    review_of = number_reviews(tasks)
    reviews = list(set(review_of.values()))
    undecided, own = count_undecided(reviews, stage), count_lone_votes(reviews, stage)
    return {
        task.pk: max(0, undecided[review_of[task.pk], False] - own[review_of[task.pk], task.person_id])
        for task in tasks
        if task.pk in review_of
    }


def count_to_settle(tasks: Sequence[Task]) -> dict[int, int]:
    """For each task how many conflicts of its review are open."""
    review_of = number_reviews(tasks)
    reviews = list(set(review_of.values()))
    title, full = count_undecided(reviews, TITLE), count_undecided(reviews, FULL)
    return {pk: title[review, True] + full[review, True] for pk, review in review_of.items()}


def count_to_rate(tasks: Sequence[Task]) -> dict[int, int]:
    """For each task how many findings whoever has it has not rated."""
    review_of = number_reviews(tasks)
    findings = ReviewFinding.objects.filter(review__in=review_of.values()).order_by()
    total = Counter(dict(findings.values_list("review").annotate(Count("pk"))))
    rated = ReviewFindingAssessment.objects.filter(finding__review__in=review_of.values(), agreed=False).order_by()
    own = {
        (review, rater): how_many
        for review, rater, how_many in rated.values_list("finding__review", "rater").annotate(Count("pk"))
    }
    return {
        task.pk: max(0, total[review_of[task.pk]] - own.get((review_of[task.pk], task.person_id), 0))
        for task in tasks
        if task.pk in review_of
    }


def count_to_confirm(tasks: Sequence[Task]) -> dict[int, int]:
    """For each task how many ratings others proposed and nobody confirmed."""
    review_of = number_reviews(tasks)
    proposed = Q(proposed_by__isnull=False, confirmed_by=None, agreed=False, finding__review__in=review_of.values())
    rows = ReviewFindingAssessment.objects.filter(proposed).order_by().values_list("finding__review", "proposed_by")
    by_proposer = {(review, person): how_many for review, person, how_many in rows.annotate(Count("pk"))}
    return {
        task.pk: sum(
            how_many
            for (review, person), how_many in by_proposer.items()
            if review == review_of[task.pk] and person != task.person_id
        )
        for task in tasks
        if task.pk in review_of
    }


def count_to_extract(tasks: Sequence[Task]) -> dict[int, int]:
    """For each task how many included studies wait for the paper of whoever has it. Three queries."""
    review_of = number_reviews(tasks)
    keys: dict[int, set[str]] = {number: set() for number in review_of.values()}
    for number, key in CharacteristicField.objects.filter(review__in=keys).values_list("review", "key"):
        keys[number].add(key)
    asked = [number for number, questions in keys.items() if questions]
    kept = Screening.objects.keeping().filter(review__in=asked).order_by().values_list("review").annotate(Count("pk"))
    studies = Counter(dict(kept))
    rows = StudyPaper.objects.counting().filter(review__in=keys, about=CHARACTERISTICS).order_by("pk")
    people: dict[tuple[int, int], dict[int, bool]] = {}
    for review, reference, person, done in rows.values_list("review", "reference", "person", "done"):
        people.setdefault((review, reference), {})[person] = keys[review] <= set(done)
    left = {}
    for task in tasks:
        if task.pk in review_of:
            about = review_of[task.pk]
            needless = [
                papers.get(task.person_id, len(papers) > 1) for (of, _), papers in people.items() if of == about
            ]
            left[task.pk] = max(0, studies[about] - sum(needless))
    return left


def count_to_agree(tasks: Sequence[Task]) -> dict[int, int]:
    """For each task on how many studies a proposal waits that somebody else made. One query beside the reviews'."""
    review_of = number_reviews(tasks)
    rows = PaperAgreement.objects.filter(review__in=review_of.values(), done=False).order_by()
    waiting = Counter({(review, by): n for review, by, n in rows.values_list("review", "by").annotate(Count("pk"))})
    return {
        task.pk: sum(
            how_many for (of, by), how_many in waiting.items() if of == review_of[task.pk] and by != task.person_id
        )
        for task in tasks
        if task.pk in review_of
    }


REVIEW_JOBS = (
    Job(
        "screen-titles",
        "Screen titles and abstracts",
        (VOTE,),
        address_in_review("screen"),
        partial(count_to_screen, stage=TITLE),
    ),
    Job(
        "screen-full-texts",
        "Screen full texts",
        (VOTE,),
        address_in_review("screen", f"?stage={FULL}"),
        partial(count_to_screen, stage=FULL),
    ),
    Job(
        "settle-conflicts",
        "Settle conflicts",
        (REVIEW, VOTE),
        address_in_review("conflicts"),
        count_to_settle,
        "conflict",
    ),
    Job(
        "extract-data",
        "Extract data",
        (EXTRACT,),
        address_in_review("extract"),
        count_to_extract,
        "paper",
    ),
    Job(
        "agree-on-studies",
        "Agree on extracted data and appraisals",
        (EXTRACT, REVIEW),
        address_in_review("extract"),
        count_to_agree,
        "proposal",
    ),
    Job("rate-confidence", "Rate the findings", (RATE_FINDING,), address_in_review("desk"), count_to_rate, "finding"),
    Job(
        "confirm-confidence",
        "Confirm ratings of findings",
        (RATE_FINDING, REVIEW),
        address_in_review("desk"),
        count_to_confirm,
        "rating",
    ),
)
