"""Situations: written answers that name what they rest on, and are no surer than it."""

import re

import pytest

from failure_lessons.library.resolve import RECORD_CODE
from failure_lessons.publishing.models import Edition
from failure_lessons.publishing.renditions import render_records
from failure_lessons.publishing.services import CannotPublish, publish_record, submit_record
from recommendations.models import Situation, SituationGrounds
from tests import factories
from tests.helpers import submit_and_publish

pytestmark = pytest.mark.django_db
SENTENCE_END = re.compile(r"(?<=[.?!])\s+(?=[A-Z])")
SURENESS = ("very-low", "low", "moderate", "high")


def shipped_situations():
    return list(Edition.objects.current().of_kind("situation").order_by("sort_key"))


def texts_of(content):
    return [content["answer"], content["confidence_reason"], content["counter_evidence"], *content["steps"]]


def test_every_sentence_of_the_shipped_answers_names_what_it_rests_on():
    editions = shipped_situations()
    bare = [
        (edition.code, sentence)
        for edition in editions
        for text in texts_of(edition.content)
        for sentence in SENTENCE_END.split(text)
        if not RECORD_CODE.search(sentence)
    ]
    assert len(editions) >= 12
    assert not bare


def test_every_code_that_an_answer_names_is_published_and_recommendations_are_among_its_grounds():
    known = dict(Edition.objects.current().exclude(code="").values_list("code", "kind"))
    for edition in shipped_situations():
        named = {code for text in texts_of(edition.content) for code in RECORD_CODE.findall(text)}
        assert named <= set(known), edition.code
        chosen = {code for code in named if known[code] in ("recommendation", "lesson")}
        assert chosen == {*edition.content.get("recommendations", []), *edition.content["lessons"]}, edition.code


def test_the_shipped_answers_use_every_recommendation_and_are_no_surer_than_what_they_rest_on():
    recommendations = {each.code: each.content for each in Edition.objects.current().of_kind("recommendation")}
    used = set()
    for edition in shipped_situations():
        codes = edition.content["recommendations"]
        used.update(codes)
        surest = max(SURENESS.index(recommendations[code]["confidence"]) for code in codes)
        assert SURENESS.index(edition.content["confidence"]) <= surest, edition.code
    assert used == set(recommendations)


def test_the_start_page_leads_with_every_situation(client):
    page = client.get("/").content.decode()
    places = [page.index(edition.get_absolute_url()) for edition in shipped_situations()]
    assert places == sorted(places)
    assert places[-1] < page.index('id="surest"')


def test_a_situation_shows_its_whole_answer_and_leads_to_what_it_rests_on(client):
    edition = Edition.objects.current().get(kind="situation", slug="back-in-special-measures")
    page = client.get(edition.get_absolute_url()).content.decode()
    assert f"<h1>{edition.content['question']}</h1>" in page
    for code in [*edition.content["recommendations"], *edition.content["lessons"], "E2-F6"]:
        resting = Edition.objects.current().get(code=code)
        assert f'href="{resting.get_absolute_url()}"' in page, code
    first = page.index("What speaks against it"), page.index("What to do on Monday"), page.index('id="sure"')
    assert list(first) == sorted(first)


def test_the_pages_of_recommendations_and_lessons_name_the_situations_that_rest_on_them(client):
    page = client.get(Edition.objects.current().get(code="R17").get_absolute_url()).content.decode()
    assert "/situations/about-to-leave-special-measures/" in page
    page = client.get(Edition.objects.current().get(code="LS12").get_absolute_url()).content.decode()
    assert "/situations/back-in-special-measures/" in page


@pytest.mark.parametrize("words", ["whistleblowing", "takeover", "freedom to speak up", "Ofsted", "relapse", "deficit"])
def test_the_words_readers_use_find_a_situation(client, words):
    answer = client.get("/api/v1/situations/", {"q": words}).json()
    assert answer["results"], words


@pytest.fixture
def drafted(db):
    """A situation that rests on a published recommendation, and its author's answer."""
    case = factories.case()
    lesson = factories.lesson(case.findings.get())
    recommendation = factories.recommendation(lesson)
    for record in (case, lesson, recommendation):
        submit_and_publish(record)
    situation = Situation.objects.create(
        code="ST1",
        slug="a-test",
        title="A test",
        question="What now?",
        answer=f"Act ({recommendation.code}).",
        confidence="low",
        confidence_reason="It is one case.",
        counter_evidence=f"Little speaks against it ({recommendation.code}).",
        steps=["Act."],
    )
    SituationGrounds.objects.create(situation=situation, recommendation=recommendation)
    return situation


def lacks_of(situation):
    (rendition,) = render_records([situation])
    return {each.place for each in rendition.missing}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("values", "place"),
    [
        ({"answer": "Act."}, "answer"),
        ({"counter_evidence": "Little."}, "counter_evidence"),
        ({"steps": []}, "steps"),
        ({"confidence": "moderate"}, "confidence"),
    ],
)
def test_publishing_refuses_an_answer_that_names_nothing_or_claims_too_much(
    drafted, publisher, researcher, values, place
):
    Situation.objects.update(**values)
    drafted.refresh_from_db()
    assert lacks_of(drafted) == {place}
    submit_record(record=drafted, by=researcher)
    with pytest.raises(CannotPublish):
        publish_record(record=drafted, by=publisher, note="First.")
    assert not Edition.objects.of_kind("situation").filter(slug="a-test").exists()


@pytest.mark.slow
def test_publishing_refuses_an_answer_that_rests_on_nothing(drafted):
    drafted.grounds.all().delete()
    assert "grounds" in lacks_of(drafted)


@pytest.mark.slow
def test_a_situation_is_marked_when_what_it_rests_on_changes(drafted):
    assert not lacks_of(drafted)
    submit_and_publish(drafted)
    recommendation = drafted.grounds.get().recommendation
    recommendation.statement = "Boards should do something else."
    recommendation.save()
    submit_and_publish(recommendation, note="We changed our mind.")
    assert Edition.objects.current().get(kind="situation", slug="a-test").evidence_changed_at
