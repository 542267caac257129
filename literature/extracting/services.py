"""The verbs of reading studies by two: keep one's own paper, say that it is done, propose what counts, confirm it.

All of them hold the review's row, so that two people at once come one after the other. They serve data extraction and
appraisal alike: what is asked, and where the agreed answers go, is in `forms`.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

from failure_lessons.history.audit_context import records_actor
from failure_lessons.publishing.review_lock import find_review_locks
from failure_lessons.publishing.two_people import is_same_person
from failure_lessons.types import JSONObject
from failure_lessons.vocabularies.choices import TeamVocabulary
from failure_lessons.vocabularies.terms import labels_of_vocabulary
from literature.appraising.services import is_included
from literature.extracting.answers import StudyQuestion, answer_meaning, is_answered
from literature.extracting.forms import TOOL, list_questions_about, write_agreed
from literature.models import LiteratureReview, PaperAgreement, Reference, StudyPaper
from literature.study_papers import CHARACTERISTICS

if TYPE_CHECKING:
    from failure_lessons.accounts.models import User

PAPERS = 2  # on each study


class CannotExtract(Exception):
    """Nothing was written; the message says why and what to do."""


def hold_review(review: LiteratureReview) -> LiteratureReview:
    """The review, held until the transaction ends. Raises `CannotExtract` when it is gone or in review."""
    row = LiteratureReview.objects.select_for_update().filter(pk=review.pk).first()
    if row is None:
        raise CannotExtract("This review is no longer here.")
    if locks := find_review_locks([row]):
        raise CannotExtract(locks[0])
    return row


def papers_on(review: LiteratureReview, reference: Reference, about: str) -> list[StudyPaper]:
    """The papers of the two on a study, the older first."""
    rows = StudyPaper.objects.counting().filter(review=review, reference=reference, about=about)
    rows = rows.select_related("person")
    return list(rows.order_by("pk"))


def keys_done_by_both(papers: Sequence[StudyPaper]) -> set[str]:
    """The questions that two people are done with: these alone are compared, and these alone stand."""
    if len(papers) < PAPERS:
        return set()
    return set.intersection(*(set(each.done) for each in papers[:PAPERS]))


def keys_to_do(questions: Sequence[StudyQuestion], paper: StudyPaper | None) -> list[str]:
    """The questions that somebody still has to be done with."""
    done = set(paper.done) if paper else set()
    return [each.key for each in questions if each.key not in done]


def hash_state(*parts: object) -> str:
    """What tells one state from another: a form sends back the one that it showed."""
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:16]


def paper_version(paper: StudyPaper | None) -> str:
    """The state of one's own paper, for a form in another window."""
    return hash_state(sorted(paper.values.items()), sorted(paper.done)) if paper else hash_state()


@transaction.atomic
@records_actor
def keep_paper(
    *,
    review: LiteratureReview,
    reference: Reference,
    about: str,
    answers: Mapping[str, JSONObject],
    done: bool = False,
    seen: str | None = None,
    by: User,
    now: dt.datetime | None = None,
) -> StudyPaper:
    """Keep one's own answers ({key: answer}, {} for none), and say whether one is done with all questions there are.

    What both are done with stands, so that agreement means something; the rest may be changed. `seen` is the
    `paper_version` that the person had before them. Raises `CannotExtract`.
    """
    held = hold_review(review)
    questions = list_questions_about(held, about)
    if about != CHARACTERISTICS and about.removeprefix(TOOL) not in labels_of_vocabulary(TeamVocabulary.APPRAISAL_TOOL):
        raise CannotExtract("Choose one of the tools.")
    if not questions:
        raise CannotExtract("Nothing is asked yet: make the extraction form first.")
    if not is_included(held, reference):
        raise CannotExtract("Only included studies are read, and this one is not included any more.")
    papers = papers_on(held, reference, about)
    own = next((each for each in papers if each.person_id == by.pk), None)
    if own is None and len(papers) >= PAPERS:
        raise CannotExtract("Two others read this study. A reviewer who is neither can settle what they differ on.")
    if own is None and any(is_same_person(by, each.person_id) for each in papers):
        raise CannotExtract("Somebody who counts as you has read this study: another person has to be the second.")
    if seen is not None and seen != paper_version(own):
        raise CannotExtract(
            "You saved this in another window after you opened it here. Nothing was saved now, and nothing is lost: "
            "look at the other window, and save again to keep what stands here."
        )
    stands = keys_done_by_both(papers)
    values = dict(own.values) if own else {}
    for question in questions:
        if question.key not in stands and question.key in answers:
            values[question.key] = answers[question.key]
    values = {key: value for key, value in values.items() if value}
    lacking = [each.label for each in questions if each.required and not is_answered(each, values.get(each.key, {}))]
    if done and lacking:
        raise CannotExtract(
            f"Kept nothing yet. Every study needs an answer, or “not reported”, to: {'; '.join(lacking)}."
        )
    own = own or StudyPaper(review=held, reference=reference, about=about, person=by)
    kept = set(own.done) & stands
    keys = [each.key for each in questions] if done else sorted(kept)
    if own.pk and (own.values, sorted(own.done)) == (values, sorted(keys)):
        return own
    own.values, own.done, own.changed_at = values, keys, now or timezone.now()
    own.save()
    if done:
        settle_what_is_alike(held, reference, about, by=by, now=own.changed_at)
    return own


def settle_what_is_alike(
    review: LiteratureReview, reference: Reference, about: str, *, by: User, now: dt.datetime
) -> None:
    """When both are done with everything and say the same, that counts at once."""
    papers, questions = papers_on(review, reference, about), list_questions_about(review, about)
    both = keys_done_by_both(papers)
    if not {each.key for each in questions} <= both or differing_keys(questions, papers):
        return
    one, other = papers[:PAPERS]
    PaperAgreement.objects.filter(review=review, reference=reference, about=about, done=False).delete()
    PaperAgreement.objects.create(
        review=review,
        reference=reference,
        about=about,
        values=one.values,
        by=one.person,
        confirmed_by=other.person,
        at=now,
        done=True,
    )
    write_agreed(review, reference, about, one.values, by=by)


def differing_keys(questions: Sequence[StudyQuestion], papers: Sequence[StudyPaper]) -> list[str]:
    """The questions that both are done with and answer differently."""
    both = keys_done_by_both(papers)
    one, other = (each.values for each in papers[:PAPERS]) if both else ({}, {})
    return [
        each.key
        for each in questions
        if each.key in both
        and answer_meaning(each, one.get(each.key) or {}) != answer_meaning(each, other.get(each.key) or {})
    ]


@transaction.atomic
@records_actor
def agree_on_study(
    *,
    review: LiteratureReview,
    reference: Reference,
    about: str,
    answers: Mapping[str, JSONObject],
    seen: str | None = None,
    by: User,
    now: dt.datetime | None = None,
) -> PaperAgreement:
    """Say what counts. A third person settles it at once; one of the two proposes, and the other has to confirm.

    Whether a third person may is for the caller to check. What neither has finished, such as a question that was added
    since, keeps what was agreed before. Raises `CannotExtract`.
    """
    held = hold_review(review)
    questions, papers = list_questions_about(held, about), papers_on(held, reference, about)
    both = keys_done_by_both(papers)
    if not both:
        raise CannotExtract("Two people have to be done with this study, each alone, before anything is agreed.")
    if not is_included(held, reference):
        raise CannotExtract("This study is not included any more.")
    if seen is not None and seen != agreement_version(held, reference, about):
        raise CannotExtract("Something was agreed, or proposed, after you opened this. Look again.")
    values = {each.key: answers.get(each.key) or {} for each in questions if each.key in both}
    asked = [each for each in questions if each.key in both]
    if lacking := [each.label for each in asked if each.required and not is_answered(each, values[each.key])]:
        raise CannotExtract(f"Say what counts for: {'; '.join(lacking)}.")
    two = [each.person_id for each in papers[:PAPERS]]
    third = not any(is_same_person(by, each) for each in two)
    if not third and by.pk not in two:
        raise CannotExtract("You count as one of the two who read it: somebody else settles it.")
    about_this = {"review": held, "reference": reference, "about": about}
    PaperAgreement.objects.filter(**about_this, done=False).delete()
    made = PaperAgreement.objects.create(**about_this, values=values, by=by, at=now or timezone.now(), done=third)
    if third:
        write_agreed(held, reference, about, values, by=by)
    return made


def agreement_version(review: LiteratureReview, reference: Reference, about: str) -> str:
    """The state of papers and agreements on a study, for a form in another window."""
    papers = [(each.pk, sorted(each.done)) for each in papers_on(review, reference, about)]
    newest = PaperAgreement.objects.filter(review=review, reference=reference, about=about).order_by("pk").last()
    return hash_state(papers, (newest.pk, newest.done) if newest else None)


@transaction.atomic
@records_actor
def confirm_agreement(*, agreement: PaperAgreement, by: User) -> None:
    """The other of the two agrees with what one of them proposed: it counts from now on."""
    held = hold_review(agreement.review)
    row = PaperAgreement.objects.select_related("reference").filter(pk=agreement.pk, done=False).first()
    if row is None:
        raise CannotExtract("This proposal was replaced or confirmed meanwhile. Look again.")
    if not is_included(held, row.reference):
        raise CannotExtract("This study is not included any more.")
    two = {each.person_id for each in papers_on(held, row.reference, row.about)[:PAPERS]}
    if by.pk not in two or is_same_person(by, row.by_id):
        raise CannotExtract("The other of the two who read it has to confirm this.")
    row.confirmed_by, row.done = by, True
    row.save(update_fields=["confirmed_by", "done"])
    write_agreed(held, row.reference, row.about, row.values, by=by)
