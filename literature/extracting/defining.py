"""The verb of defining a review's extraction form. What was entered is never lost by a change of the form."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import transaction

from failure_lessons.history.audit_context import records_actor
from failure_lessons.types import JSONObject
from failure_lessons.vocabularies.choices import AnswerKind
from literature.extracting.answers import CHOSEN
from literature.extracting.services import CannotExtract, hash_state, hold_review
from literature.models import CharacteristicField, LiteratureReview, StudyCharacteristics, StudyPaper
from literature.study_papers import CHARACTERISTICS

if TYPE_CHECKING:
    from failure_lessons.accounts.models import User

MOST_STUDY_QUESTIONS = 60
MOST_CHOICES = 60
LONGEST_IN_FORM = {"label": 120, "unit": 40, "help": 2000, "choice": 200}  # characters


@dataclass(frozen=True)
class QuestionWanted:
    """A question as the form shall have it; an empty `key` for a new one."""

    key: str
    label: str
    kind: str
    unit: str = ""
    choices: tuple[str, ...] = ()
    help: str = ""
    required: bool = False


def form_version(review: LiteratureReview) -> str:
    """The state of the form, for a page in another window."""
    rows = review.extraction_form.values_list("key", "label", "kind", "unit", "choices", "help", "required")
    return hash_state(list(rows))


def make_question_key(label: str, taken: Iterable[str]) -> str:
    """A readable key of a new question."""
    plain = unicodedata.normalize("NFKD", label).encode("ascii", "ignore").decode().lower()
    start = "-".join(re.findall(r"[a-z0-9]+", plain))[:50].strip("-") or "question"
    key, number, known = start, 2, set(taken)
    while key in known:
        key, number = f"{start}-{number}", number + 1
    return key


def answers_in_use(review: LiteratureReview) -> dict[str, set[str]]:
    """The keys that have answers, in papers or agreed, each with the choices that were chosen. Two queries."""
    found: dict[str, set[str]] = {}
    papers = StudyPaper.objects.filter(review=review, about=CHARACTERISTICS).values_list("values", flat=True)
    agreed = StudyCharacteristics.objects.filter(review=review).values_list("values", flat=True)
    for values in (*papers, *agreed):
        for key, answer in values.items():
            found.setdefault(key, set()).update(answer.get("choices") or [])
    return found


def clean_question(wanted: QuestionWanted) -> QuestionWanted:
    """The question with tidy texts. Raises `CannotExtract` for what makes no question."""
    label, unit = (" ".join(each.replace("\0", "").split()) for each in (wanted.label, wanted.unit))
    words = wanted.help.replace("\0", "").replace("\r\n", "\n").strip()
    choices = tuple(dict.fromkeys(filter(None, (" ".join(each.replace("\0", "").split()) for each in wanted.choices))))
    if not label:
        raise CannotExtract("Each question has a name.")
    for what, text, longest in (("name", label, "label"), ("unit", unit, "unit"), ("help", words, "help")):
        if len(text) > LONGEST_IN_FORM[longest]:
            raise CannotExtract(f"“{label[:40]}”: the {what} has at most {LONGEST_IN_FORM[longest]:,} characters.")
    if wanted.kind not in AnswerKind.values:
        raise CannotExtract(f"“{label}”: choose the kind of answer.")
    if wanted.kind in CHOSEN and len(choices) < 2:
        raise CannotExtract(f"“{label}”: write at least two choices, one a line.")
    if len(choices) > MOST_CHOICES or any(len(each) > LONGEST_IN_FORM["choice"] for each in choices):
        raise CannotExtract(
            f"“{label}”: at most {MOST_CHOICES} choices of {LONGEST_IN_FORM['choice']} characters each."
        )
    return QuestionWanted(
        wanted.key,
        label,
        wanted.kind,
        unit if wanted.kind == AnswerKind.NUMBER else "",
        choices if wanted.kind in CHOSEN else (),
        words,
        wanted.required,
    )


def refuse_losing_answers(
    known: dict[str, CharacteristicField], wanted: Sequence[QuestionWanted], used: dict[str, set[str]]
) -> None:
    """Raise `CannotExtract` where a change would take away what somebody entered."""
    kept = {each.key: each for each in wanted if each.key}
    for key, row in known.items():
        if key not in used:
            continue
        if key not in kept:
            raise CannotExtract(f"“{row.label}” has answers: it stays. Rename it, or put it last.")
        if kept[key].kind != row.kind:
            raise CannotExtract(f"“{row.label}” has answers: its kind stays. Add another question instead.")
        if gone := sorted(used[key] - set(kept[key].choices)):
            raise CannotExtract(f"“{row.label}”: “{gone[0]}” was chosen of a study, so it stays among the choices.")


@transaction.atomic
@records_actor
def define_extraction_form(
    *,
    review: LiteratureReview,
    questions: Sequence[QuestionWanted],
    seen: str | None = None,
    by: User,
    note: str = "",
) -> list[CharacteristicField]:
    """Let these be the questions of the review, in this order.

    A form may be extended after extraction began: a question with answers keeps its key, its kind and the choices that
    were chosen; it may be renamed, moved and explained. `seen` is the `form_version` that the person had before them.
    Raises `CannotExtract`.
    """
    held = hold_review(review)
    if seen is not None and seen != form_version(held):
        raise CannotExtract(
            "Somebody else changed this form after you opened it. Nothing of yours was saved yet, and nothing is "
            "lost: open it in another tab to see theirs, and save again to keep yours."
        )
    if len(questions) > MOST_STUDY_QUESTIONS:
        raise CannotExtract(f"At most {MOST_STUDY_QUESTIONS} questions: choose those that the synthesis needs.")
    wanted = [clean_question(each) for each in questions]
    labels = [each.label.casefold() for each in wanted]
    if twice := next((each.label for each in wanted if labels.count(each.label.casefold()) > 1), None):
        raise CannotExtract(f"“{twice}” stands twice: give each question a name of its own.")
    known = {each.key: each for each in held.extraction_form.all()}
    keys = [each.key for each in wanted if each.key]
    if set(keys) - known.keys() or len(keys) != len(set(keys)):
        raise CannotExtract("One of these questions is no longer here: open the form again.")
    used = answers_in_use(held)
    refuse_losing_answers(known, wanted, used)
    held.extraction_form.exclude(key__in=keys).delete()
    taken = {*known, *used}
    made = []
    for position, each in enumerate(wanted):
        row = known.get(each.key) or CharacteristicField(review=held, key=make_question_key(each.label, taken))
        taken.add(row.key)
        values: JSONObject = {
            "label": each.label,
            "kind": each.kind,
            "unit": each.unit,
            "choices": list(each.choices),
            "help": each.help,
            "required": each.required,
            "position": position,
        }
        if row.pk is None or any(getattr(row, name) != value for name, value in values.items()):
            for name, value in values.items():
                setattr(row, name, value)
            row.save()
        made.append(row)
    return made
