"""The public pages: whole and honest. That they are valid, cheap and lead somewhere is looked at in test_doors."""

import pytest
from django.db import OperationalError, connection
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext

from casestudies.models import CaseStudy
from failure_lessons.pages.health import server_error
from failure_lessons.publishing.models import Edition, EditionQuerySet
from failure_lessons.publishing.services import publish_record, submit_record, withdraw_record
from recommendations.models import Recommendation
from tests import factories
from tests.helpers import parse_page, text_of_page

pytestmark = pytest.mark.django_db


def test_a_theme_shows_what_stands_under_it_and_how_much(client):
    page = client.get("/themes/escalation-thresholds/")
    under = Edition.objects.current().filter(terms__contains=["theme:escalation-thresholds"])
    for kind, editions in page.context["under"]:
        stands = list(under.of_kind(kind.code).order_by("sort_key", "pk").values_list("slug", flat=True))
        assert stands
        assert [edition.slug for edition in editions] == stands[:8]
        assert {edition.how_many for edition in editions} == {len(stands)}
        assert f'href="/{kind.address}/{stands[0]}/"' in page.content.decode()
    then = client.get("/themes/escalation-thresholds/?as_of=2001-01-01")
    assert then.status_code == 404


def words(client, address):
    return parse_page(client.get(address)).itertext()


def test_a_case_shows_everything_it_holds(client):
    edition = Edition.objects.current().get(kind="case-study", slug="hmp-birmingham")
    shown = " ".join(" ".join(words(client, "/case-studies/hmp-birmingham/")).split())
    content = edition.content
    for event in content["events"]:
        assert event["title"] in shown
    for item in content["interventions"]:
        assert item["title"] in shown
        assert item["effect"] in shown
    for item in content["indicators"]:
        assert item["definition"] in shown
    for quote in content["quotes"]:
        assert quote["text"] in shown
    for finding in Edition.objects.current().of_kind("finding").matching(["case:hmp-birmingham"]):
        assert finding.title in shown
    assert "20 August 2018" in shown
    assert "no page given" in shown


@pytest.mark.slow
def test_every_recommendation_shows_the_way_down_to_a_source(client):
    for edition in Edition.objects.current().of_kind("recommendation"):
        page = client.get(f"/recommendations/{edition.slug}/").content.decode()
        for code in edition.content["lessons"]:
            assert code in page
        assert "/references/" in page
        assert "illustrative synthesis" in page
        assert page.index("What speaks against it") < page.index(">Why<")


@pytest.mark.slow
def test_what_the_evidence_is_stands_in_full_where_readers_arrive_or_cite_and_else_in_a_line(client):
    full, short = "not the findings of the Leicester project", "An illustrative synthesis, on which no practitioner"
    for kind in ("recommendations", "lessons", "situations"):
        listed = text_of_page(client.get(f"/{kind}/"))
        assert short in listed
        assert full not in listed
        slug = Edition.objects.current().of_kind(kind.removesuffix("s")).first().slug
        record = text_of_page(client.get(f"/{kind}/{slug}/"))
        assert record.index(short) < record.index(full) < record.index("Cite this edition")
    start = text_of_page(client.get("/"))
    assert full in start
    assert short not in start


@pytest.mark.slow
def test_whoever_runs_the_site_says_what_its_evidence_is(client, settings):
    slug = Edition.objects.current().of_kind("lesson").first().slug
    code = Edition.objects.current().of_kind("recommendation").first().slug
    addresses = ("/", "/about/", "/recommendations/", f"/lessons/{slug}/", f"/recommendations/{code}/")
    ours = {address: client.get(address).content.decode() for address in addresses}
    settings.SITE_NOTICE = "A study of <schools> in Ruritania."
    for address in addresses:
        page = client.get(address).content.decode()
        assert "A study of &lt;schools&gt; in Ruritania." in page, address
        assert "illustrative synthesis" in ours[address], address
        assert "illustrative synthesis" not in page, address


def test_a_withdrawn_record_leaves_a_tombstone_everywhere(client, researcher, publisher):
    case = factories.case(title="Gone case")
    submit_record(record=case, by=researcher)
    publish_record(record=case, by=publisher)
    withdraw_record(record=case, by=publisher, note="A source was false.")
    for tail in ("", "v1/", "history/"):
        page = client.get(f"/case-studies/{case.slug}/{tail}")
        assert page.status_code == 410
        assert "A source was false." in page.content.decode()
        assert "What happened." not in page.content.decode()
    assert client.get("/case-studies/never-was/").status_code == 404


@pytest.mark.slow
def test_an_old_edition_says_so_and_never_changes(client, researcher, publisher):
    before = client.get("/case-studies/hmp-birmingham/v1/").content
    case = CaseStudy.objects.get(slug="hmp-birmingham")
    case.title = "A new title"
    case.save()
    submit_record(record=case, by=researcher)
    publish_record(record=case, by=publisher, note="Shorter title.")
    old = client.get("/case-studies/hmp-birmingham/v1/").content.decode()
    assert "You are reading edition 1" in old
    assert "HMP Birmingham: disorder" in old
    assert before.decode().split("<h1>")[1].split("<footer")[0] in old
    assert "A new title" in client.get("/case-studies/hmp-birmingham/").content.decode()
    difference = client.get("/case-studies/hmp-birmingham/compare/1..2/").content.decode()
    assert "<ins>" in difference
    assert "Shorter title." in difference
    assert client.get("/case-studies/hmp-birmingham/compare/1..9/").status_code == 404


@pytest.mark.slow
def test_evidence_that_changed_is_marked_on_the_page(client, researcher, publisher):
    case = CaseStudy.objects.get(slug="hmp-birmingham")
    finding = case.findings.first()
    finding.statement += " Again."
    finding.save()
    submit_record(record=case, by=researcher)
    publish_record(record=case, by=publisher)
    lesson = finding.bearings.first().lesson
    assert "Evidence has changed since" in client.get(f"/lessons/{lesson.slug}/").content.decode()


@pytest.mark.parametrize(
    "query", ["?phse=x", "?phase=nonsense", "?after=%%%", "?theme=%00", "?q=" + "x" * 5000, "?phase=" + "y" * 5000]
)
def test_odd_filters_get_an_answer_not_a_crash(query, client):
    page = client.get(f"/recommendations/{query}")
    assert page.status_code in (200, 400)
    if page.status_code == 400:
        assert 'role="alert"' in page.content.decode()


@pytest.mark.parametrize(
    "question", ["\x00", "' or 1=1 --", "<script>alert(1)</script>", "a" * 20_000, '"', "-", "&|!():*", "R4", "É"]
)
def test_search_survives_anything(question, client):
    page = client.get("/search/", {"q": question})
    assert page.status_code in (200, 302)
    assert b"<script>" not in page.content


def test_search_jumps_to_codes_and_dois_and_marks_matches(client):
    assert client.get("/search/?q=r4")["Location"].startswith("/recommendations/")
    assert client.get("/search/?q=E1-F3")["Location"] == "/findings/e1-f3/"
    assert client.get("/search/?q=10.1111/j.1467-8551.2005.00458.x")["Location"] == "/references/jas2005/"
    assert "<mark>" in client.get("/search/?q=whistleblowing").content.decode()


def test_the_error_page_needs_no_database():
    request = RequestFactory().get("/x/")
    with CaptureQueriesContext(connection) as captured:
        answer = server_error(request)
    assert answer.status_code == 500
    assert not captured
    assert server_error(RequestFactory().get("/api/v1/x/"))["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize("address", ["/lessons/", "/api/v1/lessons/", "/readyz"])
def test_without_a_database_readers_are_told_to_come_back(address, client, monkeypatch):
    def away(*args, **kwargs):
        raise OperationalError("connection refused")

    monkeypatch.setattr(EditionQuerySet, "of_kind", away)
    monkeypatch.setattr(EditionQuerySet, "first_page_raw", away)
    monkeypatch.setattr(EditionQuerySet, "order_by", away)
    client.raise_request_exception = False
    answer = client.get(address)
    assert answer.status_code == 503
    assert answer["Retry-After"] == "30"
    assert "connection refused" not in answer.content.decode()
    assert client.get("/healthz").status_code == 200


def test_mirrored_relations_show_on_both_sides(client):
    source = Recommendation.objects.get(code="R9")
    target = source.relations.get(target__code="R16").target
    assert "R9 says:" in " ".join(words(client, f"/recommendations/{target.slug}/"))


@pytest.mark.slow
@pytest.mark.parametrize(
    "address",
    ["/", "/recommendations/", "/case-studies/hmp-birmingham/", "/changes/", "/search/?q=staff", "/sitemap.xml"],
)
def test_no_page_is_handed_out_of_a_cache_without_asking(address, client):
    page = client.get(address)
    assert (page.status_code, page["Cache-Control"]) == (200, "no-cache")
    again = client.get(address, headers={"If-None-Match": page["ETag"]})
    assert (again.status_code, again.content, again["Cache-Control"]) == (304, b"", "no-cache")
    assert again["ETag"] == page["ETag"]


@pytest.mark.parametrize("address", ["/case-studies/nope/", "/recommendations/export.csv", "/recommendations/?x=1"])
def test_what_has_no_tag_is_asked_about_all_the_same(address, client):
    assert client.get(address)["Cache-Control"] == "no-cache"


def test_a_page_that_belongs_to_somebody_has_no_tag(client, person):
    client.force_login(person("reader"))
    assert not client.get("/recommendations/").has_header("ETag")
