"""What changed between two editions."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casestudies.models import CaseFinding
from failure_lessons.publishing.diff import Difference, PinChange, diff_editions, diff_values, diff_words
from failure_lessons.publishing.models import Edition
from failure_lessons.publishing.services import publish_record, submit_record
from recommendations.models import Lesson, LessonAssessment, LessonEvidence
from tests import factories


@given(st.text(alphabet="ab \n", max_size=40), st.text(alphabet="ab \n", max_size=40))
def test_the_runs_rebuild_both_texts(before, after):
    runs = list(diff_words(before, after))
    assert "".join(text for operation, text in runs if operation != "added") == before
    assert "".join(text for operation, text in runs if operation != "removed") == after


values = st.recursive(
    st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)


@given(values, values)
def test_equal_values_have_no_changes_and_others_do(before, after):
    assert list(diff_values(before, before)) == []
    if before != after:
        found = list(diff_values({"x": before}, {"x": after}))
        assert found


@pytest.mark.slow
@pytest.mark.django_db
def test_words_evidence_and_confidence_are_told_apart(researcher, publisher):
    case = factories.case()
    first = case.findings.get()
    second = factories.finding(case, factories.reference(), "Another thing was found.")
    lesson = factories.lesson(first)
    for record in (case, lesson):
        submit_record(record=record, by=researcher)
        publish_record(record=record, by=publisher)
    CaseFinding.objects.filter(pk=first.pk).update(statement="Something was found again.")
    submit_record(record=case, by=researcher)
    publish_record(record=case, by=publisher)
    Lesson.objects.filter(pk=lesson.pk).update(statement="We learnt a little.")
    LessonAssessment.objects.filter(lesson=lesson).update(overall="moderate")
    LessonEvidence.objects.create(lesson=lesson, case_finding=second, relation="contradicts", position=1)
    submit_record(record=lesson, by=researcher)
    publish_record(record=lesson, by=publisher)
    old, new = Edition.objects.filter(record_id=lesson.record_id).order_by("number")
    difference = diff_editions(old, new)
    by_path = {change.path: change for change in difference.changes}
    assert by_path[("statement",)].words == (("same", "We "), ("removed", "learnt."), ("added", "learnt a little."))
    assert by_path[("cerqual", "overall", "level")].nature == "confidence"
    assert by_path[("evidence", second.code)].nature == "added"
    assert {(pin.slug, pin.before, pin.after) for pin in difference.evidence} == {
        (first.slug, 1, 2),
        (second.slug, None, 1),
    }
    assert "judgement" in difference.summary


def test_what_came_or_went_is_told_in_its_words():
    came, went = diff_values(
        {"actions": ["Ask."], "measures": [{"title": "A count", "unit": "beds"}]},
        {
            "actions": [],
            "measures": [{"title": "A count", "unit": "beds"}, {"title": "A rate", "notes": ["Per year."]}],
        },
    )
    assert (came.nature, came.place, came.texts) == ("removed", ("actions",), ["Ask."])
    assert (went.nature, went.place, went.texts) == ("added", ("measures", "A rate"), ["A rate", "Per year."])


def test_a_summary_reads_as_a_sentence():
    found = diff_values({"a": "One.", "b": "Two.", "c": ["x"], "d": 1}, {"a": "1.", "b": "2.", "c": ["x", "y"], "d": 2})
    assert Difference(tuple(found), ()).summary == "2 texts were reworded, 1 part was added and 1 fact was changed"
    assert Difference((), (PinChange("finding", "a", "A", 1, 2),)).summary == "1 piece of evidence changed"
    assert Difference((), ()).summary == "nothing differs"
