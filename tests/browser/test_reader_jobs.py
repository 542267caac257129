"""What readers come for, in a real browser: early warning found by search, a chart and its numbers, sources, paper."""

import csv
import io
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from unicodedata import normalize

import pytest
from PIL import Image
from pypdf import PdfReader

from failure_lessons.publishing.models import Edition
from tests.browser.faults import open_all
from tests.examples import is_trial

A4 = {"prefer_css_page_size": True, "format": "A4"}


@pytest.fixture
def page(reader):
    made = reader.new_page()
    yield made
    made.close()


def keep(page, link):
    """What a reader has after following a link to a file."""
    with page.expect_download() as waited:
        link.click()
    return waited.value.suggested_filename, waited.value.path().read_bytes()


def test_a_non_executive_finds_early_warning_by_search_on_a_phone(site, page):
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{site}/search/")
    page.locator("main input[name=q]").fill("what should our board do about early warning")
    page.keyboard.press("Enter")
    page.wait_for_url("**q=what**")
    first = page.locator("main .result a, main article a").evaluate_all("all => all.slice(0, 12).map(a => a.innerText)")
    right = {edition.code for edition in Edition.objects.current().filter(terms__contains=["theme:early-warning"])}
    assert any(code in " ".join(first) for code in right | {"R5", "R6", "R7"}), first


def test_an_analyst_takes_a_chart_as_png_and_svg_and_the_indicators_as_csv(site, page):
    page.goto(f"{site}/case-studies/hmp-birmingham/")
    box = page.locator(".indicator details.take-away").nth(1)
    box.locator("summary").click()
    name, png = keep(page, box.get_by_role("link", name="PNG"))
    assert name == "hmp-birmingham-v1-indicator-2.png"
    assert Image.open(io.BytesIO(png)).width > 900
    name, svg = keep(page, box.get_by_role("link", name="SVG"))
    assert name.endswith(".svg")
    assert b"Drug tests showing illicit drug use" in svg
    name, table = keep(page, page.locator(".downloads a[href$='/indicators.csv']"))
    rows = list(csv.DictReader(io.StringIO(table.decode("utf-8-sig"))))
    case = Edition.objects.current().get(kind="case-study", slug="hmp-birmingham").content
    assert len(rows) == sum(len(each["values"]) for each in case["indicators"]) > 5
    # the slide of all six, two clicks from the list of cases
    page.goto(f"{site}/case-studies/")
    page.locator("main a[href='/case-studies/compare/']").first.click()
    box = page.locator("details.take-away").nth(1)
    box.locator("summary").click()
    name, slide = keep(page, box.get_by_role("link", name="PowerPoint"))
    assert (name, slide[:2]) == ("cases-slide.pptx", b"PK")


def test_an_academic_takes_the_sources_of_one_record_to_a_reference_manager(site, page):
    slug = Edition.objects.current().get(code="R8").slug
    page.goto(f"{site}/recommendations/{slug}/")
    name, ris = keep(page, page.locator("a[href$='/sources.ris']"))
    assert name == f"{slug}-v1-sources.ris"
    assert ris.count(b"ER  -") > 5


@pytest.fixture
def elsewhere(tmp_path):
    """Another site, on a port of its own, that serves the files of a folder: the folder and its address."""
    serve = partial(SimpleHTTPRequestHandler, directory=tmp_path)
    with ThreadingHTTPServer(("127.0.0.1", 0), serve) as server:
        Thread(target=server.serve_forever, args=[0.05], daemon=True).start()
        yield tmp_path, f"http://localhost:{server.server_port}"
        server.shutdown()


def test_a_figure_stands_in_a_frame_of_another_site_and_a_page_does_not(site, browser, elsewhere):
    folder, other = elsewhere
    address = f"{site}/embed/case-studies/hmp-birmingham/indicator-2/"
    frames = f"<iframe src='{address}'></iframe><iframe src='{site}/case-studies/'></iframe>"
    (folder / "page.html").write_text(f"<!doctype html><title>Elsewhere</title>{frames}")
    page = browser.new_page()
    page.goto(f"{other}/page.html", wait_until="load")
    page.wait_for_timeout(300)
    urls = [frame.url for frame in page.frames]
    assert page.frame(url=address).locator("h1").inner_text() == "Drug tests showing illicit drug use"
    assert f"{site}/case-studies/" not in urls
    page.close()


@pytest.mark.parametrize("query", ["", "?of=recommendation"])
def test_the_map_prints_on_one_sheet_with_its_grid(query, site, page):
    page.goto(f"{site}/evidence-map/{query}")
    (sheet,) = PdfReader(io.BytesIO(page.pdf(**A4))).pages
    words = sheet.extract_text()
    assert "Prevention" in words
    assert "All themes" in words


def test_every_case_prints_on_at_most_eight_pages_and_loses_no_statement(site, page):
    longest_first = sorted(Edition.objects.current().of_kind("case-study"), key=lambda each: -len(each.document))
    for edition in longest_first if is_trial() else longest_first[:1]:
        page.goto(f"{site}/case-studies/{edition.slug}/")
        sheets = PdfReader(io.BytesIO(page.pdf(**A4))).pages
        assert 3 < len(sheets) <= 8, edition.slug
        written = normalize("NFKC", " ".join(sheet.extract_text() for sheet in sheets))  # fi may be one letter
        words = "".join(written.split())
        own = Edition.objects.current().of_kind("finding").filter(code__in=edition.content["findings"])
        told = [finding.content["statement"] for finding in own]
        told += [event["title"] for event in edition.content["events"]]
        told += [item["title"] for item in edition.content["interventions"]]
        lost = [text for text in told if "".join(text.split())[:24] not in words]
        assert not lost, edition.slug


def test_sentences_in_tables_wrap_on_a_phone(site, page):
    page.set_viewport_size({"width": 390, "height": 844})
    reviews = Edition.objects.current().of_kind("literature-review").values_list("slug", flat=True)
    for path in ("/comparisons/six-cases/", "/case-studies/compare/", f"/literature/{reviews[0]}/", "/developers/"):
        page.goto(f"{site}{path}")
        open_all(page)
        cut = page.evaluate(
            """() => [...document.querySelectorAll('main :is(td, th, caption)')].filter(cell =>
            cell.innerText.trim().length > 60 && cell.checkVisibility()
            && cell.getBoundingClientRect().right > 391).map(cell => cell.innerText.slice(0, 60))"""
        )
        assert cut == [], path
