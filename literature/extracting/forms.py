"""What is asked about a study, by what a paper is about, and where agreed answers go: two uses of one mechanism."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.db.models import Max

from failure_lessons.types import JSONObject
from failure_lessons.vocabularies.choices import AnswerKind, AppraisalJudgement
from literature.appraising.checklists import CHECKLISTS
from literature.appraising.services import appraise_study
from literature.extracting.answers import StudyQuestion
from literature.models import AppraisalAnswer, CharacteristicField, LiteratureReview, Reference, StudyCharacteristics
from literature.statements import LAST_POSITION
from literature.study_papers import CHARACTERISTICS

if TYPE_CHECKING:
    from failure_lessons.accounts.models import User

TOOL = "tool:"  # begins what a paper of an appraisal is about
JUDGEMENT = "judgement"  # the key of its last question


def about_tool(tool: str) -> str:
    """What a paper on a checklist is about."""
    return TOOL + tool


def questions_of_form(fields: Iterable[CharacteristicField]) -> list[StudyQuestion]:
    """The questions of an extraction form."""
    return [
        StudyQuestion(
            each.key,
            each.label,
            each.kind,
            tuple((choice, choice) for choice in each.choices),
            each.unit,
            each.help,
            each.required,
        )
        for each in fields
    ]


def questions_of_checklist(tool: str) -> list[StudyQuestion]:
    """The questions of a checklist, and the judgement, which alone is required: it is chosen and never added up."""
    items = CHECKLISTS[tool].items if tool in CHECKLISTS else ()
    answers = tuple((str(code), str(label)) for code, label in AppraisalAnswer.Answer.choices)
    judgements = tuple((str(code), str(label)) for code, label in AppraisalJudgement.choices)
    return [
        *(StudyQuestion(item.code, item.text, AnswerKind.CHOICE, answers, words_matter=False) for item in items),
        StudyQuestion(JUDGEMENT, "Judgement", AnswerKind.CHOICE, judgements, required=True),
    ]


def list_questions_about(review: LiteratureReview, about: str) -> list[StudyQuestion]:
    """The questions that papers of a review answer."""
    if about == CHARACTERISTICS:
        return questions_of_form(review.extraction_form.all())
    return questions_of_checklist(about.removeprefix(TOOL))


def write_agreed(
    review: LiteratureReview, reference: Reference, about: str, values: dict[str, JSONObject], *, by: User
) -> None:
    """Let these answers count: they are of the review from now on, and published with it."""
    if about == CHARACTERISTICS:
        write_characteristics(review, reference, values)
        return
    judged = values.get(JUDGEMENT) or {}
    appraise_study(
        review=review,
        reference=reference,
        tool=about.removeprefix(TOOL),
        answers={
            key: ("".join(answer["choices"]), answer.get("text") or "") if answer.get("choices") else ("", "")
            for key, answer in values.items()
            if key != JUDGEMENT
        },
        judgement="".join(judged.get("choices") or []),
        note=judged.get("text") or "",
        by=by,
    )


def write_characteristics(review: LiteratureReview, reference: Reference, values: dict[str, JSONObject]) -> None:
    """The row of a study in the table. Of questions that these values do not name, answers stay as they were."""
    row = StudyCharacteristics.objects.filter(review=review, reference=reference).first()
    if row is None:
        last = StudyCharacteristics.objects.filter(review=review).aggregate(last=Max("position"))["last"]
        row = StudyCharacteristics(
            review=review, reference=reference, position=min((-1 if last is None else last) + 1, LAST_POSITION)
        )
    row.values = {key: answer for key, answer in {**row.values, **values}.items() if answer}
    row.save()
