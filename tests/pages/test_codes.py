"""Addresses that people say, and what is looked for unasked."""

import pytest

from failure_lessons.publishing.models import Edition
from failure_lessons.urls import urlpatterns
from tests.helpers import parse_page

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("said", ["R8", "r8", "R8/", "LS4", "ls4/", "E1-F3", "e1-f3", "L3-F6"])
def test_a_code_leads_to_its_record_in_any_case(said, client):
    edition = Edition.objects.current().get(code=said.strip("/").upper())
    answer = client.get(f"/{said}?as_of=2030-01-01")
    assert answer["Location"] == f"{edition.get_absolute_url()}?as_of=2030-01-01"
    assert client.get(f"/api/v1/{said}", follow=True).json()["code"] == edition.code


@pytest.mark.parametrize("said", ["R999", "XX1", "r8x", "R8-F1"])
def test_what_was_never_published_is_not_found(said, client):
    assert client.get(f"/{said}").status_code == 404
    answer = client.get(f"/api/v1/{said}")
    assert answer.status_code == 404
    assert answer["Content-Type"].startswith("application/problem+json")


def test_the_site_map_names_every_page_that_stands_alone(client):
    named = client.get("/sitemap/pages.xml").content.decode()
    for path in ("evidence-map", "case-studies/compare", "changes", "corrections", "downloads", "accessibility", "api"):
        assert f"<loc>http://testserver/{path}/</loc>" in named, path
    assert len(urlpatterns) > 30


@pytest.mark.parametrize(
    ("path", "start"), [("/favicon.ico", b"\x00\x00\x01\x00"), ("/apple-touch-icon.png", b"\x89PNG")]
)
def test_icons_are_where_browsers_look(path, start, client):
    answer = client.get(path)
    assert answer.content.startswith(start)
    assert not answer.cookies


def test_every_page_has_a_card_for_social_media_that_is_there(client):
    for path in ("/", "/recommendations/", "/about/"):
        tree = parse_page(client.get(path))
        (card,) = [meta.get("content") for meta in tree.iter("meta") if meta.get("property") == "og:image"]
        assert card.startswith("http://testserver/static/")
