"""What is the same on every page is written once, and never shown to a reader whose links take something along."""

import re

import pytest
from django.template.defaultfilters import truncatewords

from failure_lessons.pages.brief.selection import Pick, Selection
from failure_lessons.pages.templatetags.cards import first_words

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
