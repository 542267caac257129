"""Undo never moves a record from hand to hand, and never touches what has rules of its own or is not to be seen."""

import pytest
from django.urls import reverse

from casestudies.models import CaseStudy
from failure_lessons.confidence.services import rate_confidence
from failure_lessons.history.models import Change
from failure_lessons.publishing.models import Publishable
from failure_lessons.publishing.services import publish_record, return_to_author, submit_record, withdraw_record
from failure_lessons.workbench.edits import CannotRevert, group_edits, revert_edit
from literature.models import LiteratureReview, Screening, ScreeningResolution
from literature.screening.services import CannotScreen, add_candidates, cast_vote, revise_decision
from recommendations.models import Lesson
from tests import factories
from tests.workbench.forms import browser_data

pytestmark = pytest.mark.django_db


def edit_of(record):
    return Change.objects.of(record).last().transaction


@pytest.mark.slow
@pytest.mark.parametrize("deed", ["submit", "return", "publish", "withdraw"])
def test_the_editorial_flow_is_not_undone(deed, researcher, publisher):
    case = CaseStudy.objects.get(slug="hmp-birmingham")
    submit_record(record=case, by=researcher)
    if deed == "return":
        return_to_author(record=case, by=publisher, note="Again.")
    elif deed in ("publish", "withdraw"):
        publish_record(record=case, by=publisher)
    if deed == "withdraw":
        withdraw_record(record=case, by=publisher, note="Wrong.")
    state, changes = case.state, Change.objects.of(case)
    with pytest.raises(CannotRevert):
        revert_edit(record=case, number=edit_of(case), by=researcher, reason="I like it better so.")
    case.refresh_from_db()
    assert case.state == state
    assert not group_edits(changes.select_related("by"))[0].may_revert


def test_what_was_written_in_one_go_with_a_submission_is_undone_without_it(researcher, publisher):
    case = CaseStudy.objects.get(slug="hmp-birmingham")
    was = case.title
    CaseStudy.objects.filter(pk=case.pk).update(title="Another")
    submit_record(record=case, by=researcher)
    return_to_author(record=case, by=publisher, note="Mend the title.")
    revert_edit(record=case, number=edit_of(case), by=researcher, reason="As it was.")
    assert (case.title, case.state) == (was, Publishable.State.DRAFT)
    assert "Mend the title." in case.review_note


def test_an_edit_that_made_the_record_is_not_undone(researcher):
    case = factories.case()
    with pytest.raises(CannotRevert, match="made the record"):
        revert_edit(record=case, number=edit_of(case), by=researcher, reason="Away with it.")
    assert CaseStudy.objects.filter(pk=case.pk).exists()


def test_nobody_undoes_a_rating_seen_or_unseen(person, browser_of):
    one, other = person("one", "researcher"), person("other", "researcher")
    lesson = Lesson.objects.first()
    rate_confidence(record=lesson, values={**factories.CONFIDENCE, "overall": "low", "overall_reason": "So."}, by=one)
    number = edit_of(lesson)
    undo = reverse("admin:recommendations_lesson_revert", args=[lesson.pk, number])
    unseen = browser_of(other).post(undo, {"_reason": "Mine."}, follow=True).content.decode()
    assert "There is no such edit" in unseen
    seen = browser_of(one).post(undo, {"_reason": "I think again."}, follow=True).content.decode()
    assert "only the pages of confidence change" in seen
    assert lesson.assessments.filter(rater=one).exists()


@pytest.fixture
def agreed(person):
    """A review in which two people excluded a record."""
    review = LiteratureReview.objects.first()
    reference = factories.reference()
    one, other = person("one", "researcher"), person("other", "researcher")
    add_candidates(review=review, references=[reference], by=one, origin="A file")
    for by in (one, other):
        cast_vote(
            review=review, reference=reference, stage="title-abstract", decision="exclude", reason="Off topic.", by=by
        )
    return Screening.objects.get(review=review, reference=reference)


@pytest.mark.slow
def test_an_agreed_decision_is_changed_neither_in_the_form_nor_by_hand(agreed, person, browser_of):
    desk = browser_of(person("third", "researcher"))
    form = desk.get(reverse("admin:literature_literaturereview_change", args=[agreed.review_id]))
    assert not [name for name in browser_data(form) if name.startswith("screenings-")], "the form holds no decisions"
    address = reverse("admin:literature_review_records", args=[agreed.review_id])
    sent = {"key": agreed.reference.slug, "stage": agreed.stage, "decision": "include", "reason": "I think so."}
    for decision in ("include", "exclude", ""):
        answer = desk.post(address, {**sent, "decision": decision}, follow=True)
        assert "People voted on this record" in answer.content.decode()
    agreed.refresh_from_db()
    assert agreed.decision == "exclude"


def test_an_agreed_decision_is_not_undone(agreed, researcher):
    with pytest.raises(CannotRevert, match="with a reason"):
        revert_edit(record=agreed.review, number=edit_of(agreed), by=researcher, reason="No.")
    assert Screening.objects.filter(pk=agreed.pk).exists()


def test_a_third_person_decides_anew_with_a_reason(agreed, person, browser_of):
    rita = person("rita", "reviewer")
    address = reverse("admin:literature_review_conflicts", args=[agreed.review_id])
    said = {"key": agreed.reference.slug, "stage": agreed.stage, "decision": "include"}
    browser_of(rita).post(address, {**said, "reason": ""})
    agreed.refresh_from_db()
    assert agreed.decision == "exclude"
    browser_of(rita).post(address, {**said, "reason": "It has a chapter on it."})
    agreed.refresh_from_db()
    assert (agreed.decision, agreed.reason) == ("include", "It has a chapter on it.")
    settled = ScreeningResolution.objects.get(review=agreed.review, reference=agreed.reference)
    assert (settled.by, settled.done) == (rita, True)
    assert browser_of(person("nobody", "researcher")).post(address, {**said, "reason": "x"}).status_code == 403
    voter = agreed.review.votes.filter(reference=agreed.reference).first().screener
    with pytest.raises(CannotScreen, match="You voted"):
        revise_decision(
            review=agreed.review,
            reference=agreed.reference,
            stage=agreed.stage,
            decision="exclude",
            note="Back.",
            by=voter,
        )
