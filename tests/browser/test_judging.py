"""Screening with the keyboard, changing the keys, and the pages of judging under axe, in a real browser."""

import uuid

import pytest
from django.contrib.auth.models import Group
from django.test import Client

from failure_lessons.accounts.models import User
from failure_lessons.confidence.services import rate_confidence
from literature.extracting.defining import define_extraction_form
from literature.extracting.services import keep_paper
from literature.models import (
    Candidate,
    LiteratureReview,
    ReviewFinding,
    Screening,
    ScreeningNote,
    ScreeningVote,
    StudyPaper,
)
from literature.screening.records import note_on_record
from literature.screening.services import add_candidates, cast_vote
from literature.study_papers import CHARACTERISTICS
from tests import factories
from tests.browser.faults import find_faults
from tests.literature.test_confidence import values
from tests.literature.test_extracting import ANN, QUESTIONS

pytestmark = pytest.mark.usefixtures("own_library")


@pytest.fixture
def made(site):
    """A review with twelve records and a finding, two researchers; taken away afterwards."""
    mark = uuid.uuid4().hex[:8]
    people = [
        User.objects.create_user(f"{name}-{mark}", password="a long enough phrase", is_staff=True)
        for name in ("ann", "ben")
    ]
    for each in people:
        each.groups.set(Group.objects.filter(name="researcher"))
    review = LiteratureReview.objects.create(
        slug=f"zebras-{mark}", title="Zebras", question="Why?", review_type="scoping-review", sector="education"
    )
    for text in ("Not about zebras.", "No evidence."):
        review.eligibility_criteria.create(decision="exclude", text=text)
    records = [factories.reference(f"Zebra {place}", abstract="About stripes.") for place in range(12)]
    add_candidates(review=review, references=records, by=people[0], origin="A test")
    finding = ReviewFinding.objects.create(
        review=review, code=f"ZB{int(mark, 16)}-F1", slug=f"zb{int(mark, 16)}-f1", statement="Late.", phase="prevention"
    )
    yield review, records, people, finding
    for model in (Screening, ScreeningVote, ScreeningNote, StudyPaper, Candidate):
        model.objects.filter(review=review).delete()
    finding.assessments.all().delete()
    review.delete()
    for each in records:
        each.delete()
    User.objects.filter(pk__in=[each.pk for each in people]).update(is_active=False)


def opened(browser, site, user, width=1280, **options):
    desk = Client()
    desk.force_login(user)
    context = browser.new_context(viewport={"width": width, "height": 900}, **options)
    context.add_cookies([{"name": "sessionid", "value": desk.cookies["sessionid"].value, "url": site}])
    return context


def cast(review, user):
    return [
        (each.decision, each.reason)
        for each in ScreeningVote.objects.filter(review=review, screener=user).order_by("reference_id")
    ]


def press(page, *keys):
    """Press keys, the last of which sends a vote, and wait for the next record."""
    before = page.locator("#record-title").inner_text()
    for key in keys:
        page.keyboard.press(key)
    page.wait_for_function("was => document.getElementById('record-title')?.textContent !== was", arg=before)
    page.wait_for_load_state()


def test_a_screener_votes_with_the_keyboard_alone(site, browser, made):
    review, _, (ann, _), _ = made
    context = opened(browser, site, ann)
    page = context.new_page()
    try:
        page.goto(f"{site}/admin/literature/literaturereview/{review.pk}/screen/")
        press(page, "i")
        press(page, "e", "2")
        press(page, "m")
        assert cast(review, ann) == [("include", ""), ("exclude", "No evidence."), ("maybe", "")]
        press(page, "u")
        assert len(cast(review, ann)) == 2
        page.focus("#note")
        page.keyboard.type("i ? u e 1")
        assert page.input_value("#note") == "i ? u e 1", "what is typed is text, not a command"
        page.get_by_role("button", name="Exclude for the reason I wrote").click()
        page.wait_for_load_state()
        assert cast(review, ann)[2] == ("exclude", "i ? u e 1")
        page.keyboard.press("?")
        assert page.locator("#keys").get_attribute("open") is not None
        page.fill("#key-include", "y")
        page.press("#key-include", "Tab")
        assert "“y” is set." in page.inner_text("#keys-said")
        page.fill("#key-maybe", "y")
        page.press("#key-maybe", "Tab")
        assert "is used already" in page.inner_text("#keys-said")
        page.reload()
        press(page, "y")
        assert len(cast(review, ann)) == 4
        page.keyboard.press("?")
        page.uncheck("#keys-on")
        page.locator("#record-title").click()
        page.keyboard.press("y")
        page.wait_for_timeout(300)
        assert len(cast(review, ann)) == 4, "switched off is off"
    finally:
        context.close()


def test_a_double_click_votes_once(site, browser, made):
    review, _, (ann, _), _ = made
    context = opened(browser, site, ann)
    page = context.new_page()
    try:
        page.goto(f"{site}/admin/literature/literaturereview/{review.pk}/screen/")
        page.get_by_role("button", name="Include", exact=False).first.dblclick()
        page.wait_for_function("document.getElementById('record-title').textContent !== 'Zebra 0'")
        page.wait_for_load_state()
        assert page.locator("#record-title").inner_text() == "Zebra 1"
        assert cast(review, ann) == [("include", "")]
    finally:
        context.close()


def test_screening_works_without_scripts(site, browser, made):
    review, _, (ann, _), _ = made
    context = opened(browser, site, ann, java_script_enabled=False)
    page = context.new_page()
    try:
        page.goto(f"{site}/admin/literature/literaturereview/{review.pk}/screen/")
        assert not page.locator("#keys").is_visible()
        page.get_by_role("button", name="Exclude: No evidence.").click()
        page.get_by_role("button", name="Include", exact=True).click()
        assert cast(review, ann) == [("exclude", "No evidence."), ("include", "")]
    finally:
        context.close()


def test_the_pages_of_judging_are_accessible(site, browser, made):
    review, records, (ann, ben), finding = made
    for place, (one, other) in enumerate([("include", "exclude"), ("include", "include"), ("maybe", "exclude")]):
        for person, decision in ((ann, one), (ben, other)):
            reason = "Not about zebras." if decision == "exclude" else ""
            cast_vote(
                review=review,
                reference=records[place],
                stage="title-abstract",
                decision=decision,
                reason=reason,
                by=person,
            )
    full = {"review": review, "reference": records[1], "stage": "full-text", "decision": "include"}
    define_extraction_form(review=review, questions=QUESTIONS, by=ann)
    for number, person in enumerate((ann, ben)):
        cast_vote(**full, by=person)
        answers = {**ANN, "sample": {"number": 1200 + number}}
        note_on_record(review=review, reference=records[1], labels="Wales", text="Ask.", by=person)
        keep_paper(review=review, reference=records[1], about=CHARACTERISTICS, answers=answers, done=True, by=person)
    for person in (ann, ben):
        rate_confidence(record=finding, values=values(), by=person)
    context = opened(browser, site, ann)
    page = context.new_page()
    faults = []
    try:
        desk = f"{site}/admin/literature/literaturereview/{review.pk}"
        rated = f"{site}/admin/literature/reviewfinding/{finding.pk}"
        for address in (
            f"{desk}/desk/",
            f"{desk}/screen/",
            f"{desk}/screen/?stage=full-text",
            f"{desk}/conflicts/",
            f"{desk}/appraise/",
            f"{desk}/appraise/{records[1].pk}/?tool=mmat",
            f"{desk}/profile/",
            f"{desk}/records/",
            f"{desk}/records/?standing=conflict",
            f"{desk}/screening-plan/",
            f"{desk}/extraction-form/",
            f"{desk}/extract/",
            f"{desk}/extract/{records[1].pk}/",
            f"{desk}/extract/{records[1].pk}/agree/",
            f"{rated}/rate/",
            f"{rated}/confidence/",
        ):
            assert page.goto(address).status == 200
            page.evaluate("document.querySelectorAll('main details').forEach(each => { each.open = true; })")
            faults += find_faults(page)
    finally:
        context.close()
    assert not faults


def test_a_study_is_read_with_the_keyboard_alone_and_without_scripts(site, browser, made):
    review, records, (ann, ben), _ = made
    define_extraction_form(review=review, questions=QUESTIONS, by=ann)
    for stage in ("title-abstract", "full-text"):
        for person in (ann, ben):
            cast_vote(review=review, reference=records[0], stage=stage, decision="include", by=person)
    context = opened(browser, site, ann, java_script_enabled=False)
    page = context.new_page()
    try:
        page.goto(f"{site}/admin/literature/literaturereview/{review.pk}/extract/{records[0].pk}/")
        page.locator("input[name=choices-setting]").first.focus()
        page.keyboard.press("Space")
        for _ in range(3):  # the note, not reported, the first of the methods
            page.keyboard.press("Tab")
        page.keyboard.press("Space")
        page.locator("#number-sample").focus()
        page.keyboard.type("1,250")
        page.locator("button[name=done][value=list]").focus()
        page.keyboard.press("Enter")
        page.wait_for_url("**/extract/")
        kept = StudyPaper.objects.get(review=review, person=ann)
        assert kept.values == {
            "setting": {"choices": ["Prison"]},
            "methods": {"choices": ["Interviews"]},
            "sample": {"number": 1250},
        }
    finally:
        context.close()
