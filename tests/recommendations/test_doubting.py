"""A doubt is mended or answered, the answer is published, and nothing loses it."""

import pytest
from django.db import IntegrityError
from django.urls import reverse

from failure_lessons.history.models import Change
from failure_lessons.packages.exchange import export_package, load_package
from failure_lessons.packages.validation import check_schema
from failure_lessons.publishing.models import Edition
from failure_lessons.publishing.quality_checks import CannotLeaveOpen, find_quality_issues, settle_quality_issues
from failure_lessons.publishing.services import publish_record, submit_record
from failure_lessons.workbench.buttons import ReasonsForm
from recommendations.models import Departure, Lesson, Recommendation
from tests import factories

pytestmark = pytest.mark.django_db

REASON = "Both halves are one decision of the board."


@pytest.fixture
def vague():
    """A recommendation on published ground, whose owner is nobody."""
    return factories.recommendation(
        Lesson.objects.get(code="LS4"),
        owner="All NHS organisations",
        wording="consider",
        statement="Boards are asked to consider acting on zebras.",
        resources="Little.",
        conditions="A zoo.",
        rationale="Zebras have wandered into wards again and again, and nobody has yet taken charge of them.",
        timescale_months=12,
    )


def about(record):
    return find_quality_issues([record])[record.record_id]


def address(record, verb):
    return reverse("admin:recommendations_recommendation_verb", args=[record.pk, verb])


@pytest.mark.slow
def test_submitting_without_a_reason_is_refused_and_with_one_it_is_published(vague, person, browser_of, client):
    author, other = person("author", "researcher"), person("other", "publisher")
    desk = browser_of(author)
    (doubt,) = about(vague)
    refused = desk.post(address(vague, "submit"), {"note": ""})
    assert "say here why it stays so" in refused.content.decode()
    vague.refresh_from_db()
    assert vague.state == "draft"
    desk.post(address(vague, "submit"), {"note": "", ReasonsForm.field_name(doubt): REASON})
    departure = vague.departures.get()
    assert (departure.reason, departure.by, departure.found) == (REASON, author, doubt.found)
    assert Change.objects.filter(owners=[f"recommendations_recommendation:{vague.pk}"], operation="insert").exists()
    shown = browser_of(other).get(address(vague, "publish")).content.decode()
    assert REASON in shown
    browser_of(other).post(address(vague, "publish"), {"note": ""})
    edition = Edition.objects.current().get(record_id=vague.record_id)
    assert edition.content["departures"] == [{"check": "owner", "found": doubt.found, "reason": REASON}]
    page = client.get(f"/recommendations/{vague.slug}/").content.decode()
    assert REASON in page
    assert "Names one body or post that must act" in page


@pytest.mark.slow
def test_other_words_make_another_doubt_and_the_old_reason_goes(vague, researcher):
    (doubt,) = about(vague)
    settle_quality_issues(records=[vague], by=researcher, answers={doubt.key: REASON})
    vague.owner = "Everybody"
    vague.save()
    with pytest.raises(CannotLeaveOpen, match="Everybody"):
        settle_quality_issues(records=[vague], by=researcher, answers={})
    vague.owner = "NHS England"
    vague.save()
    settle_quality_issues(records=[vague], by=researcher, answers={})
    assert not vague.departures.exists()


@pytest.mark.slow
def test_a_reason_given_before_stands_with_its_author_and_date(vague, researcher, publisher):
    (doubt,) = about(vague)
    settle_quality_issues(records=[vague], by=researcher, answers={doubt.key: REASON})
    first = vague.departures.get()
    settle_quality_issues(records=[vague], by=publisher, answers={doubt.key: REASON})
    assert vague.departures.get().pk == first.pk
    settle_quality_issues(records=[vague], by=publisher, answers={doubt.key: "Other."})
    assert (vague.departures.get().by, vague.departures.get().reason) == (publisher, "Other.")


def test_a_blank_reason_is_none(vague, researcher):
    (doubt,) = about(vague)
    with pytest.raises(CannotLeaveOpen):
        settle_quality_issues(records=[vague], by=researcher, answers={doubt.key: "  \n "})
    with pytest.raises(IntegrityError, match="a_departure_says_what_was_found_and_why_it_stays"):
        Departure.objects.create(recommendation=vague, check_code="owner", found="x", reason="")


@pytest.mark.slow
def test_publishing_is_refused_when_a_doubt_arose_after_it_was_submitted(vague, person, browser_of):
    author = person("author", "researcher")
    (doubt,) = about(vague)
    settle_quality_issues(records=[vague], by=author, answers={doubt.key: REASON})
    submit_record(record=vague, by=author)
    factories.recommendation(statement=vague.statement, title=vague.title)
    refused = browser_of(person("other", "publisher")).post(address(vague, "publish"), {"note": ""})
    assert refused.status_code == 409
    assert "100 of 100 alike" in refused.content.decode()
    assert not Edition.objects.filter(record_id=vague.record_id).exists()


def test_the_actions_on_many_ask_too(vague, person, browser_of):
    desk = browser_of(person("author", "researcher"))
    answer = desk.post(
        reverse("admin:recommendations_recommendation_changelist"),
        {"action": "submit_chosen", "_selected_action": [vague.pk]},
        follow=True,
    )
    assert "All NHS organisations" in answer.content.decode()
    vague.refresh_from_db()
    assert vague.state == "draft"


def test_the_form_tells_live_and_leads_to_the_field(vague, person, browser_of):
    page = browser_of(person("author", "researcher")).get(
        reverse("admin:recommendations_recommendation_change", args=[vague.pk])
    )
    assert "All NHS organisations” is nobody in particular" in page.content.decode()
    assert f"/{vague.pk}/change/#id_owner" in page.content.decode()


@pytest.mark.slow
def test_what_publish_refuses_is_not_asked_twice(vague):
    vague.measures = []
    vague.counter_evidence = ""
    vague.save()
    assert [doubt.code for doubt in about(vague)] == ["owner"]


@pytest.mark.slow
def test_a_departure_goes_out_and_comes_in_again_word_for_word(vague, researcher, publisher):
    (doubt,) = about(vague)
    settle_quality_issues(records=[vague], by=researcher, answers={doubt.key: REASON})
    submit_record(record=vague, by=researcher)
    publish_record(record=vague, by=publisher)
    package = export_package()
    entry = next(each for each in package["recommendations"] if each["code"] == vague.code)
    assert entry["departures"][0]["reason"] == REASON
    assert not list(check_schema(package))
    package.members = {"recommendations": [entry]}  # the others are loaded where nothing was departed from: below
    before = Edition.objects.current().get(record_id=vague.record_id).sha256
    assert not load_package(package, by=researcher, publisher=publisher).editions
    vague.departures.all().delete()
    load_package(package, by=researcher, publisher=publisher, overwrite=True)
    assert Edition.objects.current().get(record_id=vague.record_id).sha256 == before
    assert vague.departures.get().by is None


@pytest.mark.slow
def test_the_shipped_evidence_has_no_departure_and_loads_unasked(shipped):
    assert not Departure.objects.exists()
    assert Recommendation.objects.filter(state="published").count() == len(shipped["recommendations"])
    assert [
        (each.code, [doubt.code for doubt in about(each)]) for each in Recommendation.objects.all() if about(each)
    ] == []


def test_asking_costs_the_same_however_many(vague, django_assert_num_queries):
    with django_assert_num_queries(30, exact=False) as few:
        about(vague)
    for _ in range(10):
        factories.recommendation()
    with django_assert_num_queries(len(few)):
        about(vague)
