"""Pages about the site itself: the way in, and what we promise about it."""

import re
from pathlib import Path

import pytest
from django.conf import settings as configured
from django.contrib.staticfiles import finders

from casestudies.models import CaseStudy
from failure_lessons.publishing.models import LedgerEntry
from failure_lessons.publishing.services import correct_record, publish_record, submit_record, withdraw_record
from tests import factories
from tests.helpers import count_queries, parse_page

pytestmark = pytest.mark.django_db

# parts that are shown by a page and make no sense in the gallery
# each makes sense on the pages alone that have what it shows: a list, a record, a map, a moment in the past
SHOWN_ELSEWHERE = {
    f"_components/{name}.html"
    for name in (
        "about",
        "as_of",
        "change",
        "chips",
        "cite",
        "downloads",
        "live",
        "map_mark",
        "moment",
        "notes",
        "part_tables",
    )
}


def tree_of(client, address):
    return parse_page(client.get(address))


@pytest.mark.slow
def test_every_cell_of_the_home_page_leads_to_as_many_recommendations(client):
    cells = [
        (link.get("href"), int(re.match(r"\d+", "".join(link.itertext()))[0]))
        for link in tree_of(client, "/").findall(".//table//td//a")
    ]
    assert len(cells) > 12
    for address, count in cells:
        told = " ".join("".join(tree_of(client, address).find(".//*[@id='count']").itertext()).split())
        assert told in (f"{count} recommendations", f"{count} recommendation"), address


@pytest.mark.slow
def test_the_home_form_leads_to_recommendations_without_a_script(client):
    form = next(f for f in tree_of(client, "/").findall(".//main//form") if f.get("action") == "/recommendations/")
    names = {select.get("name"): [o.get("value") for o in select.findall("option")] for select in form.iter("select")}
    assert set(names) == {"audience", "phase"}
    for audience in names["audience"]:
        for phase in names["phase"]:
            page = client.get(form.get("action"), {"audience": audience, "phase": phase}, follow=True)
            assert page.status_code == 200


@pytest.mark.slow
def test_the_home_page_costs_the_same_however_much_there_is(client, researcher, publisher):
    """Asked first after a publication, which is dearest."""

    def publish_more(times):
        for _ in range(times):
            case = factories.case()
            lesson = factories.lesson(case.findings.get())
            recommendation = factories.recommendation(lesson, strength="strong")
            for record in (case, lesson, recommendation):
                submit_record(record=record, by=researcher)
                publish_record(record=record, by=publisher)

    client.get("/")
    publish_more(1)
    before = count_queries(client.get, "/")
    publish_more(4)
    assert count_queries(client.get, "/") == before <= 7


@pytest.mark.slow
def test_the_home_page_says_what_was_published_last(client, researcher, publisher):
    case = CaseStudy.objects.get(slug="hmp-birmingham")
    case.title = "A title that was changed this minute"
    case.save()
    submit_record(record=case, by=researcher)
    publish_record(record=case, by=publisher, note="A clearer title.")
    lately = client.get("/").content.decode().split('id="lately"')[1]
    assert "A title that was changed this minute" in lately
    assert "A clearer title." in lately
    assert "/case-studies/hmp-birmingham/v2/" in lately


@pytest.mark.slow
def test_a_library_without_a_recommendation_says_so(client, monkeypatch):
    monkeypatch.setattr("failure_lessons.publishing.models.EditionQuerySet.current", lambda self: self.none())
    monkeypatch.setattr("failure_lessons.pages.pages.LedgerEntry.objects", LedgerEntry.objects.none())
    page = client.get("/").content.decode()
    assert "No recommendation has been published yet." in page
    assert "No case study has been published yet." in page


@pytest.mark.slow
def test_corrections_and_withdrawals_are_listed_with_their_notes(client, researcher, publisher):
    assert "Nothing has been corrected or withdrawn so far." in client.get("/corrections/").content.decode()
    case = CaseStudy.objects.get(slug="hmp-birmingham")
    case.title += " (corrected)"
    case.save()
    submit_record(record=case, by=researcher)
    correct_record(record=case, by=publisher, note="The year in the title was wrong.")
    gone = factories.case(title="A case that went")
    submit_record(record=gone, by=researcher)
    publish_record(record=gone, by=publisher)
    withdraw_record(record=gone, by=publisher, note="A source was forged.")
    page = client.get("/corrections/").content.decode()
    assert page.index("A source was forged.") < page.index("The year in the title was wrong.")
    assert "/case-studies/hmp-birmingham/v2/" in page
    assert client.get("/case-studies/hmp-birmingham/compare/1..2/").status_code == 200
    assert 'href="/case-studies/hmp-birmingham/compare/1..2/"' in page
    assert f'href="/case-studies/{gone.slug}/"' in page
    assert "first evidence package" not in page, "an ordinary publication is no correction"


def test_the_gallery_is_for_developers_alone(client, settings):
    settings.LAPTOP = False
    assert client.get("/components/").status_code == 404
    settings.LAPTOP = True
    assert client.get("/components/").status_code == 200


def test_the_gallery_shows_every_component(client, settings):
    settings.LAPTOP = True
    shown = {template.name for template in client.get("/components/").templates}
    files = Path(configured.BASE_DIR, "templates", "_components").glob("*.html")
    assert {f"_components/{file.name}" for file in files} - SHOWN_ELSEWHERE <= shown


def test_each_component_says_what_it_accepts():
    for file in Path(configured.BASE_DIR, "templates", "_components").glob("*.html"):
        text = file.read_text(encoding="utf-8")
        comment = re.match(
            r"(?:\{% load [\w ]+ %\}\s*)*(?:\{#.*?#\}|\{% comment %\}.*?\{% endcomment %\})", text, re.DOTALL
        )
        assert comment, file.name
        assert "Accepts" in comment[0], file.name


def test_the_stylesheet_stands_alone_and_heeds_the_reader():
    css = Path(finders.find("failure_lessons/site.css")).read_text(encoding="utf-8")
    assert "url(" not in css
    assert "@import" not in css
    for wish in ("prefers-color-scheme: dark", "prefers-reduced-motion", "forced-colors: active", "@media print"):
        assert wish in css
    used = set(re.findall(r"var\((--[a-z0-9-]+)", css))
    assert used <= set(re.findall(r"(--[a-z0-9-]+):", css))


def colours(css, scheme):
    """The tokens of a scheme that are plain colours."""
    light, dark = css.split("@media (prefers-color-scheme: dark)", 1)
    found = dict(re.findall(r"(--[a-z-]+): (#[0-9a-f]{6})", light))
    return (
        {**found, **dict(re.findall(r"(--[a-z-]+): (#[0-9a-f]{6})", dark.split("}", 1)[0]))}
        if scheme == "dark"
        else found
    )


def luminance(colour):
    parts = (int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5))
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_pair_of_colours_that_meets_is_legible(scheme):
    tokens = colours(Path(finders.find("failure_lessons/site.css")).read_text(encoding="utf-8"), scheme)
    papers = ("--paper", "--tint", "--good-tint", "--warn-tint", "--bad-tint")
    pairs = [(ink, paper, 4.5) for ink in ("--ink", "--soft", "--link", "--visited") for paper in papers]
    pairs += [(ink, f"{ink}-tint", 4.5) for ink in ("--good", "--warn", "--bad")]
    pairs += [(ink, "--paper", 4.5) for ink in ("--good", "--warn", "--bad")]
    pairs += [
        ("--brand-ink", "--brand", 4.5),
        ("--deep-ink", "--deep", 4.5),
        ("--deep-soft", "--deep", 4.5),
        ("--focus-ink", "--focus", 4.5),
        ("--ink", "--mark", 4.5),
        ("--edge", "--paper", 3),
        ("--brand", "--paper", 3),
        ("--accent", "--deep", 3),
    ]
    for one, other, least in pairs:
        bright, dim = sorted((luminance(tokens[one]), luminance(tokens[other])), reverse=True)
        assert (bright + 0.05) / (dim + 0.05) >= least, (scheme, one, other)
