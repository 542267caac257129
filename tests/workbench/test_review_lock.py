"""While a record is in review its content is read-only at every door, each of which says the same sentence."""

import pytest
from django.urls import reverse

from casestudies.models import CaseStudy, Event
from casestudies.paste_import.services import CannotPaste, paste_rows
from failure_lessons.accounts.models import User
from failure_lessons.confidence.services import CannotRate, confirm_assessment
from failure_lessons.history.models import Change
from failure_lessons.publishing.merging import CannotMerge
from failure_lessons.publishing.models import Publishable
from failure_lessons.publishing.review_lock import review_lock_sentence
from failure_lessons.publishing.services import CannotPublish, submit_record, take_back_record
from failure_lessons.vocabularies.themes.services import merge_themes
from failure_lessons.workbench.edits import CannotRevert, revert_edit
from literature.appraising.services import CannotAppraise, appraise_study
from literature.merging.services import merge_references
from literature.models import LiteratureReview
from literature.screening.services import CannotScreen, cast_vote
from tests import factories
from tests.workbench.forms import browser_data

pytestmark = pytest.mark.django_db


@pytest.fixture
def submitted(amara):
    case = factories.case(title="Under review")
    submit_record(record=case, by=amara)
    return case


def page_of(case, page="change", *more):
    return reverse(f"admin:casestudies_casestudy_{page}", args=[case.pk, *more])


@pytest.mark.slow
def test_the_form_is_read_only_and_says_who_has_it(submitted, amara, rita, browser_of):
    page = browser_of(amara).get(page_of(submitted))
    words = page.content.decode()
    assert review_lock_sentence(submitted) in words
    assert "amara submitted it" in words
    assert "Take back" in words
    assert 'name="title"' not in words
    assert 'name="_save"' not in words
    assert "verb/return/" in browser_of(rita).get(page_of(submitted)).content.decode()
    assert "verb/take-back/" not in browser_of(rita).get(page_of(submitted)).content.decode()


@pytest.mark.slow
def test_a_form_opened_before_is_not_saved_and_comes_back_with_its_words(amara, browser_of):
    case = factories.case(title="Opened before")
    desk = browser_of(amara)
    data = browser_data(desk.get(page_of(case))) | {"title": "Words nobody must lose"}
    submit_record(record=case, by=amara)
    data["_version"] = Change.objects.of(case).last().pk
    page = desk.post(page_of(case), data)
    assert page.status_code == 200
    assert review_lock_sentence(case) in page.content.decode()
    assert "Words nobody must lose" in page.content.decode()
    assert CaseStudy.objects.get(pk=case.pk).title == "Opened before"


def test_it_is_not_deleted(submitted, amara, browser_of):
    assert browser_of(amara).post(page_of(submitted, "delete"), {"post": "yes"}).status_code == 403


def test_the_author_takes_it_back_and_nobody_else(submitted, amara, person, browser_of):
    other = person("ben", "researcher")
    assert browser_of(other).post(page_of(submitted, "verb", "take-back"), {"note": ""}).status_code == 403
    with pytest.raises(CannotPublish, match="submitted by somebody else"):
        take_back_record(record=submitted, by=other)
    assert (
        browser_of(amara).post(page_of(submitted, "verb", "take-back"), {"note": "A typing error."}).status_code == 302
    )
    submitted.refresh_from_db()
    assert (submitted.state, submitted.submitted_by, submitted.submitted_sha256) == (Publishable.State.DRAFT, None, "")
    assert "Taken back on" in submitted.review_note
    last = Change.objects.of(submitted).last()
    assert (last.by, last.reason) == (amara, "A typing error.")
    submit_record(record=submitted, by=amara)


def doors(case, by):
    """Every service that would change a case in review, with what it refuses with."""
    edit = Change.objects.of(case).first().transaction
    finding = case.findings.first()
    theme, other = factories.theme(), factories.theme()
    finding.themes.add(theme)
    cited = case.events.first().citations.first().reference
    yield CannotRevert, lambda: revert_edit(record=case, number=edit, by=by, reason="x")
    yield CannotPaste, lambda: paste_rows(case=case, what="events", text="1999\tonset\tIt", by=by)
    yield CannotMerge, lambda: merge_themes(keep=other, lose=theme, by=by, note="x")
    yield CannotMerge, lambda: merge_references(keep=factories.reference(), lose=cited, values={}, by=by, note="x")


def test_every_service_refuses_with_the_same_sentence(submitted, amara):
    for refusal, door in doors(submitted, amara):
        with pytest.raises(refusal) as told:
            door()
        assert review_lock_sentence(submitted) in str(told.value)


def test_a_mention_in_a_text_in_review_is_not_rewritten(amara):
    case = factories.case()
    lost = factories.reference()
    case.sections.update(text=f"So they say [ref: {lost.slug}].")
    submit_record(record=case, by=amara)
    with pytest.raises(CannotMerge) as told:
        merge_references(keep=factories.reference(), lose=lost, values={}, by=amara, note="x")
    assert review_lock_sentence(case) in str(told.value)


def test_screening_appraising_and_agreeing_refuse_too(amara):
    review = LiteratureReview.objects.first()
    submit_record(record=review, by=amara)
    reference = review.screenings.first().reference
    about = {"review": review, "reference": reference, "by": amara}
    doors = [
        (CannotScreen, lambda: cast_vote(stage="title-abstract", decision="include", **about)),
        (CannotAppraise, lambda: appraise_study(tool="aacods", answers={}, **about)),
        (CannotRate, lambda: confirm_assessment(record=review.findings.first(), proposal=1, by=amara)),
    ]
    for refusal, door in doors:
        with pytest.raises(refusal) as told:
            door()
        assert str(told.value) == review_lock_sentence(review)


@pytest.mark.slow
def test_a_superuser_is_locked_out_as_well_and_can_return_it(submitted, browser_of):
    desk = browser_of(User.objects.create_superuser("desk", password="a long enough phrase"))
    assert 'name="_save"' not in desk.get(page_of(submitted)).content.decode()
    assert desk.post(page_of(submitted, "verb", "return"), {"note": "Again."}).status_code == 302
    assert Event.objects.filter(case=submitted).exists()
    assert 'name="_save"' in desk.get(page_of(submitted)).content.decode()
