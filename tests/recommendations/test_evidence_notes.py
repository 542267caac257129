"""A note beside a finding says how it bears on the lesson; one that repeats the finding is pointed out."""

import pytest
from django.urls import reverse

from failure_lessons.publishing.models import Edition
from recommendations.evidence_notes import MOST_REPEATED, repeated_share
from tests import factories

pytestmark = pytest.mark.django_db

STATEMENT = "The merged school opened late, with rules that divided its staff."


def test_the_share_counts_the_words_that_tell_something():
    # school and opened of school, opened, before, anybody, agreed: 2 in 5
    assert repeated_share("The school opened before anybody had agreed.", STATEMENT) == 0.4
    assert repeated_share(STATEMENT, STATEMENT) == 1
    assert repeated_share("", STATEMENT) == repeated_share("To be or not", STATEMENT) == 0


def test_no_shipped_note_repeats_its_finding():
    found = {edition.code: edition.content["statement"] for edition in Edition.objects.current().of_kind("finding")}
    notes = [
        (edition.code, each["finding"], repeated_share(each["note"], found[each["finding"]]))
        for edition in Edition.objects.current().of_kind("lesson")
        for each in edition.content["evidence"]
    ]
    assert len(notes) == 117
    assert [each for each in notes if each[2] >= MOST_REPEATED] == []


@pytest.mark.slow
def test_the_form_and_the_way_to_review_point_a_repeating_note_out_and_ask_for_no_reason(person, browser_of):
    case = factories.case()
    source = case.findings.first().citations.first().reference
    lesson = factories.lesson(factories.finding(case, source), factories.finding(case, source, STATEMENT))
    last = lesson.evidence.last()
    last.note = "The merged school opened late with rules that divided staff."
    last.save()
    desk, words = (
        browser_of(person("author", "researcher")),
        f"100% of the words of the note on {last.case_finding.code}",
    )
    change = reverse("admin:recommendations_lesson_change", args=[lesson.pk])
    form = desk.get(change).content.decode()
    assert words in form
    assert "#evidence-1" in form
    assert "Or give a reason" not in form
    submit = reverse("admin:recommendations_lesson_verb", args=[lesson.pk, "submit"])
    assert words in desk.get(submit).content.decode()
    desk.post(submit, {"note": ""})
    lesson.refresh_from_db()
    assert lesson.state == "in-review"
    last.note = "It bears on haste: no bell rang before anybody had agreed."
    last.save()
    assert "words of the note" not in desk.get(change).content.decode()
