"""The chain both ways: what rests on a case, finding or source; what is left without it; and what a body is asked."""

import pytest

from failure_lessons.library.record_context import record_context
from failure_lessons.library.what_if import strike_out
from failure_lessons.publishing.models import Edition
from tests import factories
from tests.helpers import count_queries, parse_page, submit_and_publish

pytestmark = pytest.mark.django_db


def current(kind, slug):
    return Edition.objects.current().get(kind=kind, slug=slug)


def resting_on(edition):
    return {kind.code: {each.slug for each in editions} for kind, editions in record_context(edition)["used_by"]}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("kind", "slug"),
    [("case-study", "hmp-birmingham"), ("finding", "e1-f1"), ("reference", "tes-1996-inquiry")],
)
def test_a_step_of_the_chain_shows_everything_up_to_the_recommendations(kind, slug, client):
    edition = current(kind, slug)
    above = resting_on(edition)
    codes = {edition.code} if kind == "finding" else set(edition.content.get("findings", []))
    if kind == "reference":
        cites = Edition.objects.current().of_kind("finding")
        codes = {each.code for each in cites if slug in {source["ref"] for source in each.content["sources"]}}
    lessons = [
        each
        for each in Edition.objects.current().of_kind("lesson")
        if codes & {item["finding"] for item in each.content["evidence"]}
    ]
    assert lessons
    assert above["lesson"] == {each.slug for each in lessons}
    wanted = {each.code for each in lessons}
    recommendations = [
        each for each in Edition.objects.current().of_kind("recommendation") if wanted & set(each.content["lessons"])
    ]
    assert above["recommendation"] >= {each.slug for each in recommendations}
    assert slug not in above.get(kind, set())
    page = client.get(f"{edition.get_absolute_url()}").content.decode()
    assert all(f"/recommendations/{each.slug}/" in page for each in recommendations)


@pytest.mark.slow
def test_a_lesson_without_its_only_support_is_bare_and_so_is_what_rests_on_it(client):
    case = factories.case()
    finding = case.findings.get()
    lesson = factories.lesson(finding)
    recommendation = factories.recommendation(lesson)
    for record in (case, lesson, recommendation):
        submit_and_publish(record)
    found = strike_out([finding.code.lower()])
    assert [each.edition.slug for each in found.findings if each.falls] == [finding.slug]
    assert [(each.edition.code, each.is_bare) for each in found.lessons] == [(lesson.code, True)]
    assert [(each.edition.code, each.is_bare) for each in found.recommendations] == [(recommendation.code, True)]
    source = finding.citations.get().reference
    for struck in (source.slug, case.slug):
        again = strike_out([struck])
        assert [each.edition.code for each in again.recommendations] == [recommendation.code], struck
        assert again.findings[0].falls
    page = " ".join(client.get(f"/what-if/?strike={finding.code}").content.decode().split())
    assert "Loses all its support." in page
    assert "No finding that supports it is left." in page


@pytest.mark.slow
def test_a_finding_that_keeps_another_source_stands():
    case = factories.case()
    finding = case.findings.get()
    finding.citations.create(reference=factories.reference(), position=1)
    lesson = factories.lesson(finding)
    for record in (case, lesson):
        submit_and_publish(record)
    found = strike_out([finding.citations.first().reference.slug])
    assert [(each.falls, each.left) for each in found.findings] == [(False, 1)]
    assert [(each.weaker, each.is_bare) for each in found.lessons] == [((finding.code,), False)]


def test_striking_out_counts_what_bears_before_and_after():
    lesson = current("lesson", Edition.objects.current().get(code="LS5").slug)
    supports = [each for each in lesson.content["evidence"] if each["relation"] == "supports"]
    found = next(each for each in strike_out(["E1-F1", "J3-F1"]).lessons if each.edition.code == "LS5")
    assert dict(found.before)["supports"] == len(supports)
    assert dict(found.after)["supports"] == len(supports) - 2
    assert found.fallen == ("E1-F1", "J3-F1")


@pytest.mark.parametrize("query", ["strike=no-such-thing", "strike=%00", "strike=" + "x" * 3000])
def test_what_is_not_there_is_told_and_nothing_is_lost(query, client):
    answer = client.get(f"/what-if/?strike=E1-F1&{query}")
    assert answer.status_code == 400
    page = answer.content.decode()
    assert "There is no finding, source, case or review called" in page
    assert "E1-F1" in page


def test_striking_out_costs_the_same_however_much_rests_on_it(client):
    few = count_queries(client.get, "/what-if/?strike=E1-F8")
    assert count_queries(client.get, "/what-if/?strike=E1-F1&strike=L1-F2&strike=tes-1996-ofsted") == few <= 3


def test_the_page_of_a_body_tells_its_cases_its_parts_and_what_happened(client):
    page = parse_page(client.get("/organisations/ofsted/"))
    shown = " ".join("".join(page.itertext()).split())
    told = [each for each in Edition.objects.current().of_kind("case-study") if "organisation:ofsted" in each.terms]
    assert len(told) >= 2
    for case in told:
        assert case.title in shown
        for actor in case.content["actors"]:
            if actor.get("organisation") == "ofsted":
                assert actor["part_played"] in shown
    assert "Second failing inspection" in shown
    assert "What is asked of it" in shown


@pytest.mark.slow
def test_a_body_that_a_recommendation_names_as_its_owner_is_told_so(client):
    case = factories.case()
    submit_and_publish(case)
    body = current("organisation", "ofsted")
    lesson = factories.lesson(case.findings.get())
    asking = factories.recommendation(lesson, owner=f"Chief Inspector of {body.content['name']}")
    for record in (lesson, asking):
        submit_and_publish(record)
    assert f"/recommendations/{asking.slug}/" in client.get("/organisations/ofsted/").content.decode()
