"""What pages on papers show: questions with boxes, two papers side by side, and how far a review has come."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from django.db.models import QuerySet

from failure_lessons.types import Document, JSONObject
from literature.extracting.answers import (
    CannotRead,
    StudyQuestion,
    answer_meaning,
    describe_answer,
    format_answer_number,
    read_posted_answer,
)
from literature.extracting.services import PAPERS
from literature.models import (
    LiteratureReview,
    PaperAgreement,
    Reference,
    Screening,
    StudyCharacteristics,
    StudyPaper,
)
from literature.study_papers import CHARACTERISTICS

if TYPE_CHECKING:
    from failure_lessons.accounts.models import User

PostedAnswers = Mapping[str, Sequence[str]]  # what a browser sent: all values of each name
OWN = "own-"  # begins the names of boxes for an answer that neither of the two gave


@dataclass(frozen=True)
class QuestionBoxes:
    """A question with its boxes: what stands in them, a fault if there is one, whether it stands fast."""

    question: StudyQuestion
    shown: JSONObject
    fault: str = ""
    stands: bool = False
    prefix: str = ""


@dataclass(frozen=True)
class AnswerSide:
    """The answer of one of the two, in words and with its quotation."""

    answer: JSONObject
    words: str
    quotation: str
    locator: str


@dataclass(frozen=True)
class ComparedQuestion:
    """A question with the answers of two, whether they are alike, and what is chosen of them."""

    question: StudyQuestion
    one: AnswerSide
    other: AnswerSide
    alike: bool
    taken: str  # "one", "other", "own" or nothing yet
    own: QuestionBoxes


def show_answer(answer: Document) -> JSONObject:
    """An answer as its boxes hold it."""
    number = answer.get("number")
    empty: JSONObject = {"choices": [], "text": "", "quotation": "", "locator": "", "not_reported": False}
    return {**empty, **answer, "number": "" if number is None else format_answer_number(number).replace(",", "")}


def show_posted(question: StudyQuestion, sent: PostedAnswers, prefix: str = "") -> JSONObject:
    """What a browser sent for a question, as it was typed: nobody types twice what was refused."""
    names = ("number", "text", "quotation", "locator", "not_reported")
    shown: JSONObject = {name: (sent.get(f"{prefix}{name}-{question.key}") or [""])[-1] for name in names}
    return {**shown, "choices": list(sent.get(f"{prefix}choices-{question.key}") or [])}


def read_posted_answers(
    questions: Sequence[StudyQuestion], sent: PostedAnswers, prefix: str = ""
) -> tuple[dict[str, JSONObject], dict[str, str]]:
    """What was answered, by key, and what cannot be read, in words by key."""
    answers, faults = {}, {}
    for each in questions:
        try:
            answers[each.key] = read_posted_answer(each, sent, prefix)
        except CannotRead as fault:
            faults[each.key] = str(fault)
    return answers, faults


def tell_side(question: StudyQuestion, answer: JSONObject) -> AnswerSide:
    """The answer of one of the two."""
    quotation, locator = answer.get("quotation") or "", answer.get("locator") or ""
    return AnswerSide(answer, describe_answer(question, answer), quotation, locator)


def compare_papers(
    questions: Sequence[StudyQuestion],
    papers: Sequence[StudyPaper],
    keys: set[str],
    chosen: Mapping[str, Document],
    sent: PostedAnswers | None = None,
) -> list[ComparedQuestion]:
    """The questions that both are done with, side by side. `chosen` is what was agreed or proposed last."""
    rows = []
    for each in questions:
        if each.key not in keys:
            continue
        one, other = (paper.values.get(each.key) or {} for paper in papers[:PAPERS])
        alike = answer_meaning(each, one) == answer_meaning(each, other)
        now = chosen.get(each.key)
        shown = show_answer({})
        if sent is not None:
            taken, shown = (sent.get(f"take-{each.key}") or [""])[-1], show_posted(each, sent, OWN)
        elif now is None:
            taken = "one" if alike else ""
        elif answer_meaning(each, now) == answer_meaning(each, one):
            taken = "one"
        elif answer_meaning(each, now) == answer_meaning(each, other):
            taken = "other"
        else:
            taken, shown = "own", show_answer(now)
        rows.append(
            ComparedQuestion(
                each,
                tell_side(each, one),
                tell_side(each, other),
                alike,
                taken,
                QuestionBoxes(each, shown, prefix=OWN),
            )
        )
    return rows


def read_agreed(rows: Sequence[ComparedQuestion], sent: PostedAnswers) -> tuple[dict[str, JSONObject], list[str]]:
    """What was chosen of two papers, by key, and what is still to be chosen or cannot be read, in words."""
    answers: dict[str, JSONObject] = {}
    faults = []
    for row in rows:
        key, taken = row.question.key, (sent.get(f"take-{row.question.key}") or [""])[-1]
        if taken in ("one", "other"):
            answers[key] = dict((row.one if taken == "one" else row.other).answer)
        elif taken == "own":
            try:
                answers[key] = read_posted_answer(row.question, sent, OWN)
            except CannotRead as fault:
                faults.append(f"{row.question.label}: {fault}")
        elif row.alike and not taken:
            answers[key] = dict(row.one.answer)
        else:
            faults.append(f"{row.question.label}: choose what counts.")
    return answers, faults


def included_references(review: LiteratureReview) -> QuerySet[Reference]:
    """The studies of a review that are to be read, by key."""
    kept = Screening.objects.keeping().filter(review=review).order_by()
    return Reference.objects.filter(pk__in=kept.values("reference")).order_by("slug")


@dataclass
class StudyProgress:
    """How far the two papers on a study have come, for one person: it tells nothing of what was answered."""

    mine: str = ""  # "done", "begun", or nothing
    others: list[str] = field(default_factory=list)  # who else has a paper, and whether they are done
    done: int = 0  # by how many
    begun: int = 0
    changed_at: dt.datetime | None = None  # when a paper was changed last
    settled: bool = False  # whether something counts, and no paper was changed since
    proposed: bool = False

    @property
    def waits_for_me(self) -> bool:
        """Whether this person still has something to do on their own."""
        return self.mine == "begun" or (not self.mine and self.begun < PAPERS)

    @property
    def both_done(self) -> bool:
        """Whether the two can be compared."""
        return self.done >= PAPERS

    @property
    def to_agree(self) -> bool:
        """Whether the two are done, and what counts is not said yet."""
        return self.both_done and not self.settled


def follow_papers(
    review: LiteratureReview, about: str, keys: Sequence[str], person: User, references: Sequence[int] | None = None
) -> dict[int, StudyProgress]:
    """The progress of each study that has a paper or an agreed row, or of these alone, by its number. Three queries."""
    about_this = {"review": review, "about": about}
    here = {} if references is None else {"reference__in": references}
    papers = StudyPaper.objects.counting().filter(**about_this, **here).select_related("person")
    found: dict[int, StudyProgress] = defaultdict(StudyProgress)
    for each in papers.defer("values").order_by("pk"):
        progress = found[each.reference_id]
        is_done = set(keys) <= set(each.done)
        progress.done += is_done
        progress.begun += 1
        progress.changed_at = max(filter(None, [progress.changed_at, each.changed_at]))
        if each.person_id == person.pk:
            progress.mine = "done" if is_done else "begun"
        else:
            progress.others.append(f"{each.person}{', done' if is_done else ''}")
    if about == CHARACTERISTICS:  # those of a package have no papers
        for reference in StudyCharacteristics.objects.filter(review=review, **here).values_list("reference", flat=True):
            found[reference].settled = not found[reference].begun
    agreements = PaperAgreement.objects.filter(**about_this, **here).order_by("pk")
    for reference, at, done in agreements.values_list("reference", "at", "done"):
        progress = found[reference]
        progress.proposed = not done
        progress.settled |= done and (progress.changed_at is None or at >= progress.changed_at)
    return found


def count_progress(progress: Mapping[int, StudyProgress], studies: Sequence[int]) -> dict[str, int]:
    """How many of these studies are done by a person, wait for them, are settled, or are to be agreed on."""
    nothing = StudyProgress()
    rows = [progress.get(each, nothing) for each in studies]
    return {
        "total": len(rows),
        "mine": sum(each.mine == "done" for each in rows),
        "waiting": sum(each.waits_for_me for each in rows),
        "settled": sum(each.settled for each in rows),
        "to_agree": sum(each.to_agree for each in rows),
    }
