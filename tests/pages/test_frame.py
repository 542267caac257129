"""What is the same on every page is written once, and never shown to a reader whose links take something along."""

import datetime as dt
import re

import pytest
from django.template import RequestContext, Template
from django.template.defaultfilters import truncatewords

from failure_lessons.pages.brief.selection import Pick, Selection
from failure_lessons.pages.templatetags.cards import first_words, written_cards
from failure_lessons.publishing.models import Edition
from failure_lessons.publishing.registry import KINDS

pytestmark = pytest.mark.django_db


def menu(client, address):
    """The menu and the footer of a page."""
    page = client.get(address).content.decode()
    return " ".join(re.findall(r'<nav class="(?:sections|columns)".*?</nav>', page, re.DOTALL))


def test_the_frame_takes_along_what_each_reader_brought_and_nothing_of_others(client):
    token = Selection(picks=(Pick("R4", 1),)).token
    plain = menu(client, "/lessons/")
    assert 'href="/recommendations/"' in plain
    brought = menu(client, f"/lessons/?brief={token}")
    assert f'href="/recommendations/?brief={token}"' in brought
    past = menu(client, "/lessons/?as_of=2030-01-01")
    assert 'href="/recommendations/?as_of=2030-01-01"' in past
    assert "brief=" not in past
    assert menu(client, "/lessons/") == plain
    assert "brief=" not in plain + past


def test_the_frame_marks_the_section_that_each_page_is_of(client):
    for _ in range(2):
        for address, name in (("/lessons/", "Lessons"), ("/recommendations/", "Recommendations"), ("/about/", "About")):
            (current,) = re.findall(r'aria-current="true"[^>]*>([^<]+)<', menu(client, address))
            assert current == name


@pytest.mark.parametrize(
    "text", ["", "one", "one two three", "one  two\n three four", "a–b c… “d” e", "<b>x</b> y z w"]
)
def test_a_text_is_cut_as_django_cuts_it(text):
    assert first_words(text, 3) == truncatewords(text, 3)


KEPT = "{% load cards %}{% card_items items address titles %}"
EACH = """{% for item in items %}<li>{% include "_components/card.html" with item=item address=address titles=titles only %}</li>
{% endfor %}"""
LABELS = {("failure-type", "safety"): "People were hurt"}


def write_cards(template, items, rf, where="/lessons/?phase=prevention&theme=staff", titles=LABELS):
    context = {"items": items, "address": KINDS[items[0].kind].address, "titles": titles}
    return Template(template).render(RequestContext(rf.get(where), context)).strip()


@pytest.mark.parametrize("kind", KINDS)
def test_a_card_that_is_kept_is_the_one_that_is_written_each_time(kind, rf):
    items = list(Edition.objects.current().of_kind(kind)[:30])
    if not items:
        pytest.skip("none is shipped")
    for _ in range(2):
        assert write_cards(KEPT, items, rf) == write_cards(EACH, items, rf)


def test_whatever_a_card_shows_makes_it_another(rf):
    shown = {
        "kind": "case-study",
        "slug": "one",
        "code": "C1",
        "number": 1,
        "title": "A title",
        "summary": "A summary.",
        "terms": ["sector:education", "failure-type:safety"],
    }
    others = {
        "kind": "recommendation",
        "slug": "two",
        "code": "",
        "number": 2,
        "title": "Another <title>",
        "summary": "",
        "terms": ["sector:criminal-justice"],
        "evidence_changed_at": dt.datetime(2026, 11, 30, tzinfo=dt.UTC),
    }
    first = write_cards(KEPT, [Edition(pk=1, **shown)], rf)
    for name, value in others.items():
        changed = [Edition(pk=1, **{**shown, name: value})]
        assert write_cards(KEPT, changed, rf) == write_cards(EACH, changed, rf) != first, name
    for titles in ({}, {("failure-type", "safety"): "Harm"}):
        assert write_cards(KEPT, [Edition(pk=1, **shown)], rf, titles=titles) != first
    assert write_cards(KEPT, [Edition(**shown)], rf) != first  # a draft is offered to no brief
    assert write_cards(KEPT, [Edition(pk=1, **shown)], rf) == first


def test_each_card_leads_back_to_its_own_page(rf):
    items = list(Edition.objects.current().of_kind("lesson")[:3])
    for where in ("/lessons/", '/lessons/?q="><b>&phase=prevention', "/"):
        cards = write_cards(KEPT, items, rf, where)
        assert cards == write_cards(EACH, items, rf, where)
        assert "<b>" not in cards


def test_cards_are_kept_up_to_a_bound(rf, monkeypatch):
    monkeypatch.setattr(written_cards, "most", 3)
    written_cards.texts.clear()
    items = list(Edition.objects.current().of_kind("finding")[:8])
    assert write_cards(KEPT, items, rf) == write_cards(EACH, items, rf)
    assert len(written_cards.texts) == 3


def test_a_reader_with_a_brief_never_gets_or_leaves_a_card_of_others(client):
    token = Selection(picks=(Pick("R4", 1),)).token
    plain = client.get("/recommendations/").content.decode()
    brought = client.get(f"/recommendations/?brief={token}").content.decode()
    assert f"brief={token}" in brought
    assert client.get("/recommendations/").content.decode() == plain
    assert "brief=" not in plain
