"""The verb of appraising: the answers and the judgement on one study that count, kept together."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Max

from failure_lessons.history.audit_context import records_actor
from failure_lessons.publishing.review_lock import find_review_locks
from failure_lessons.vocabularies.choices import AppraisalJudgement, ScreeningDecision, ScreeningStage, TeamVocabulary
from failure_lessons.vocabularies.terms import describe_unknown_term, offered_terms
from literature.appraising.checklists import CHECKLISTS
from literature.models import Appraisal, AppraisalAnswer, LiteratureReview, Reference, StudyPaper
from literature.statements import LAST_POSITION

if TYPE_CHECKING:
    from failure_lessons.accounts.models import User

MAX_APPRAISAL_TEXT = 4000


class CannotAppraise(Exception):
    """Nothing was written; the message says why and what to do."""


def is_included(review: LiteratureReview, reference: Reference) -> bool:
    """Whether the decision that counts keeps this record."""
    decisions = dict(review.screenings.filter(reference=reference).values_list("stage", "decision"))
    last = decisions.get(ScreeningStage.FULL_TEXT) or decisions.get(ScreeningStage.TITLE_ABSTRACT)
    return last == ScreeningDecision.INCLUDE


@transaction.atomic
@records_actor
def appraise_study(
    *,
    review: LiteratureReview,
    reference: Reference,
    tool: str,
    answers: Mapping[str, tuple[str, str]],
    judgement: str = "",
    note: str = "",
    by: User,
) -> None:
    """Keep answers ({code of the question: (answer, comment)}, an empty answer for none) and the judgement.

    Without a judgement the answers alone are kept, for one who goes on later; a judgement once given can be changed,
    not taken away. A tool without a checklist of ours has a judgement and a note alone. Raises `CannotAppraise`.
    """
    held = LiteratureReview.objects.select_for_update().filter(pk=review.pk).first()
    if held is None:
        raise CannotAppraise("This review is no longer here.")
    if locks := find_review_locks([held]):
        raise CannotAppraise(locks[0])
    judged = Appraisal.objects.filter(review=review, reference=reference, tool=tool).first()
    begun = judged or AppraisalAnswer.objects.filter(review=review, reference=reference, tool=tool).exists()
    offered = [code for code, _ in offered_terms(TeamVocabulary.APPRAISAL_TOOL, [tool] if begun else [])]
    if tool not in offered:
        raise CannotAppraise(f"Choose one of the tools: {describe_unknown_term(tool, offered)}")
    known = {item.code for item in CHECKLISTS[tool].items} if tool in CHECKLISTS else set()
    if not is_included(review, reference):
        raise CannotAppraise("Only included studies are appraised, and this one is not included any more.")
    for code, (answer, comment) in answers.items():
        if code not in known or answer not in ("", *AppraisalAnswer.Answer.values):
            raise CannotAppraise(f"Question {code[:20]}: answer yes, no or can’t tell.")
        if comment.strip() and not answer:
            raise CannotAppraise(f"Question {code}: choose an answer beside your comment.")
        if len(comment) > MAX_APPRAISAL_TEXT or "\0" in comment:
            raise CannotAppraise(
                f"Question {code}: a comment is plain text of at most {MAX_APPRAISAL_TEXT} characters."
            )
    if len(note) > MAX_APPRAISAL_TEXT or "\0" in note:
        raise CannotAppraise(f"The note is plain text of at most {MAX_APPRAISAL_TEXT} characters.")
    if judgement and judgement not in AppraisalJudgement.values:
        raise CannotAppraise("Choose one of the judgements.")
    if not judgement and judged:
        raise CannotAppraise("This study has a judgement already: choose one.")
    if not judgement and note.strip():
        raise CannotAppraise("Choose a judgement beside your note.")
    for code, (answer, comment) in answers.items():
        if answer:
            values = {"answer": answer, "comment": comment.strip()}
            AppraisalAnswer.objects.update_or_create(
                review=review, reference=reference, tool=tool, item=code, defaults=values
            )
        else:
            AppraisalAnswer.objects.filter(review=review, reference=reference, tool=tool, item=code).delete()
    if judgement:
        last = Appraisal.objects.filter(review=review).aggregate(last=Max("position"))["last"]
        place = judged.position if judged else min((-1 if last is None else last) + 1, LAST_POSITION)
        Appraisal.objects.update_or_create(
            review=review,
            reference=reference,
            tool=tool,
            defaults={"judgement": judgement, "note": note.strip(), "position": place},
        )


@transaction.atomic
@records_actor
def appraise_by_hand(
    *, review: LiteratureReview, reference: Reference, tool: str, judgement: str, note: str, by: User
) -> None:
    """Write a judgement that one person gave, as in reviews from before; without a judgement, take it away.

    Where two appraise a study with this tool, what they agree on counts. Raises `CannotAppraise`.
    """
    LiteratureReview.objects.select_for_update().get(pk=review.pk)
    if StudyPaper.objects.filter(review=review, reference=reference, about=f"tool:{tool}").exists():
        raise CannotAppraise("People appraise this study with this tool: what two of them agree on counts.")
    if judgement:
        appraise_study(review=review, reference=reference, tool=tool, answers={}, judgement=judgement, note=note, by=by)
        return
    if locks := find_review_locks([review]):
        raise CannotAppraise(locks[0])
    Appraisal.objects.filter(review=review, reference=reference, tool=tool).delete()
