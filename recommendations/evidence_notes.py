"""Does the note beside a finding say how it bears on the lesson, or does it only say the finding again?"""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator, Sequence

from failure_lessons.publishing.quality_checks import QualityIssue
from recommendations.models import Lesson, LessonEvidence

SHORTEST_COUNTED = 4  # letters: shorter words tell nothing of what a sentence is about
MOST_REPEATED = 0.5  # of a note's words; the shipped notes that readers called repetition had from 0.6 to all
ASKED = "A note says how its finding bears on the lesson."
MEND = "Readers see the finding above it. Say which part of the lesson it bears on, how directly, and with what limits."


def list_telling_words(text: str) -> list[str]:
    """The words of a text that tell what it is about."""
    return [word for word in re.findall(r"[^\W_]+", text.casefold()) if len(word) >= SHORTEST_COUNTED]


def repeated_share(note: str, statement: str) -> float:
    """Which share of a note's words the statement of its finding holds already, from 0 to 1."""
    words, known = list_telling_words(note), set(list_telling_words(statement))
    return sum(word in known for word in words) / len(words) if words else 0.0


def check_notes(rows: Sequence[LessonEvidence]) -> Iterator[QualityIssue]:
    """Advice on each note that repeats its finding. `rows` is the evidence of one lesson in the order of its form."""
    for place, row in enumerate(rows):
        finding = row.case_finding or row.review_finding
        share = repeated_share(row.note, finding.statement) if finding else 0
        if finding and share >= MOST_REPEATED:
            yield QualityIssue(
                code="repeats-finding",
                asked=ASKED,
                found=f"{share:.0%} of the words of the note on {finding.code} are those of the finding.",
                mend=MEND,
                source="Readers of the first edition",
                place=f"evidence-{place}",
                is_advice=True,
            )


def find_repeating_notes(lessons: Sequence[Lesson]) -> dict[uuid.UUID, list[QualityIssue]]:
    """The advice on the notes of each of these lessons. One query."""
    rows: dict[int, list[LessonEvidence]] = {lesson.pk: [] for lesson in lessons}
    for row in LessonEvidence.objects.filter(lesson__in=rows).select_related("case_finding", "review_finding"):
        rows[row.lesson_id].append(row)
    return {lesson.record_id: list(check_notes(rows[lesson.pk])) for lesson in lessons}
