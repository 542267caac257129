"""Nothing a document holds is lost on its page, and what names another record leads there."""

import pytest

from failure_lessons.publishing.models import Edition
from tests.helpers import parse_page, text_of_page

pytestmark = pytest.mark.django_db


def hrefs(client, address):
    return [link.get("href") for link in parse_page(client.get(address)).findall(".//main//a")]


def test_a_comparison_shows_what_each_score_means(client):
    edition = Edition.objects.current().get(kind="comparison")
    shown = text_of_page(client.get(f"/comparisons/{edition.slug}/"))
    for condition in [*edition.content["conditions"], edition.content["outcome"]]:
        assert condition["label"] in shown
        for words in condition["anchors"].values():
            assert words in shown
    for case in Edition.objects.current().of_kind("case-study"):
        assert case.title in shown


@pytest.mark.slow
def test_a_review_shows_the_elements_of_its_question(client):
    for edition in Edition.objects.current().of_kind("literature-review"):
        shown = text_of_page(client.get(f"/literature/{edition.slug}/"))
        for words in edition.content["framework_elements"].values():
            assert words in shown


def test_a_source_named_in_the_note_of_a_figure_is_a_link(client):
    page = client.get("/case-studies/wakefield-city-academies-trust/").content.decode()
    assert "(ref " not in page
    assert "[ref:" not in page
    assert "/references/pq-2018-04-23/" in page


def test_findings_named_in_the_counter_evidence_are_links(client):
    edition = Edition.objects.current().get(kind="recommendation", code="R1")
    assert "(J1-F7)" in edition.content["counter_evidence"]
    panel = client.get(f"/recommendations/{edition.slug}/").content.decode().split("What speaks against it")[1]
    assert 'href="/findings/j1-f7/"' in panel.partition("</div>")[0]


@pytest.mark.slow
def test_recommendations_in_tension_say_so_and_lead_to_each_other(client):
    editions = {each.code: each for each in Edition.objects.current().of_kind("recommendation")}
    address = {code: f"/recommendations/{edition.slug}/" for code, edition in editions.items()}
    pages = {code: client.get(address[code]) for code in editions}
    leads = {
        code: {link.get("href") for link in parse_page(page).findall(".//main//a")} for code, page in pages.items()
    }
    for code, edition in editions.items():
        for relation in edition.content.get("relations", []):
            other = relation["to"]
            assert address[other] in leads[code]
            assert address[code] in leads[other]
            if relation["type"] == "contradicts":
                assert f"In tension with {other}" in text_of_page(pages[code])


def test_a_list_says_how_many_match_and_lets_each_filter_go(client):
    address = "/recommendations/?phase=prevention&audience=regulator&audience=commissioner"
    found = Edition.objects.current().of_kind("recommendation").matching(["phase:prevention"])
    expected = found.matching_any(["audience:regulator", "audience:commissioner"]).count()
    assert f"{expected} recommendations" in text_of_page(client.get(address))
    links = hrefs(client, address)
    assert "?phase=prevention&audience=commissioner" in links
    assert "?audience=regulator&audience=commissioner" in links
