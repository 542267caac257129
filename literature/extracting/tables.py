"""The table of characteristics of included studies: of a document, for pages, files and Word."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from failure_lessons.publishing.registry import PartTable
from failure_lessons.types import Document
from failure_lessons.vocabularies.choices import AnswerKind
from literature.extracting.answers import StudyQuestion, describe_answer


class Characteristic(NamedTuple):
    """One cell: what was asked, the answer in words, the quotation with its place."""

    question: StudyQuestion
    words: str
    quotation: str
    locator: str


class CharacterisedStudy(NamedTuple):
    """One row: the study as the document has it (`ref`, and `reference` where it is resolved), a cell a question."""

    study: Document
    cells: tuple[Characteristic, ...]


def questions_of_document(review: Document) -> list[StudyQuestion]:
    """The questions of a review's document, in order."""
    return [
        StudyQuestion(
            each["key"],
            each["label"],
            each["kind"],
            tuple((choice, choice) for choice in each.get("choices") or []),
            each.get("unit") or "",
            each.get("help") or "",
            bool(each.get("required")),
        )
        for each in review.get("extraction_form") or []
    ]


def tabulate_characteristics(review: Document) -> list[CharacterisedStudy]:
    """The table of a review's document, with an empty cell where a study was not asked."""
    questions = questions_of_document(review)
    rows = []
    for study in review.get("characteristics") or []:
        answers = {each["field"]: each for each in study.get("values") or []}
        cells = [
            Characteristic(each, describe_answer(each, found), found.get("quotation") or "", found.get("locator") or "")
            for each in questions
            for found in [answers.get(each.key) or {}]
        ]
        rows.append(CharacterisedStudy(study, tuple(cells)))
    return rows


def list_characteristics(review: Document) -> Iterator[tuple[object, ...]]:
    """Every answer about every study: a long table, as R and pandas like it."""
    questions = {each.key: each for each in questions_of_document(review)}
    for study in review.get("characteristics") or []:
        for answer in study.get("values") or []:
            question = questions[answer["field"]]
            yield (
                study["ref"],
                question.key,
                question.label,
                AnswerKind(question.kind).label,
                answer.get("choices") or [],
                answer.get("number"),
                question.unit,
                answer.get("text"),
                "yes" if answer.get("not_reported") else "",
                answer.get("quotation"),
                answer.get("locator"),
            )


CHARACTERISTICS_TABLE = PartTable(
    name="characteristics",
    label="Characteristics of studies",
    columns=(
        *("Study", "Key", "Characteristic", "Kind of answer", "Chosen", "Number", "Unit", "Words", "Not reported"),
        *("Quotation", "Place"),
    ),
    rows=list_characteristics,
)
