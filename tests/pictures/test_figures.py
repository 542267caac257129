"""Figures taken away: files that stand alone, pages to embed, and nothing offered that is not there."""

import csv
import io
import re
from functools import cache

import pytest
from django.conf import settings
from lxml import etree
from PIL import Image
from pptx import Presentation

from casestudies.figures import figures_of_comparison
from failure_lessons.charts.figures import FIGURE_LISTS
from failure_lessons.charts.standalone import STYLE, write_svg
from failure_lessons.library.record_context import record_context
from failure_lessons.publishing.models import Edition
from failure_lessons.publishing.registry import KINDS
from failure_lessons.publishing.services import publish_record, submit_record, withdraw_record
from tests import factories
from tests.examples import some_of
from tests.helpers import parse_page

pytestmark = pytest.mark.django_db
SVG = "{http://www.w3.org/2000/svg}"
CASE = "/case-studies/hmp-birmingham/"
COMPARE = "/case-studies/compare/charts/"


def figures_of(edition):
    known = FIGURE_LISTS[edition.kind]
    return list(known.build(record_context(edition)["record"] if known.resolved else edition.content))


@cache
def shipped_editions():
    return [edition for kind in FIGURE_LISTS for edition in Edition.objects.current().of_kind(kind)]


def read_csv(answer):
    assert answer.status_code == 200
    return list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))


@pytest.mark.slow
def test_every_figure_of_the_library_stands_alone_as_svg_and_can_do_nothing(client):
    kinds = set()
    for edition in shipped_editions():
        for figure in figures_of(edition):
            root = etree.fromstring(write_svg(figure, edition.title, ("Source: a & b <c>.",)))
            kinds.add((edition.kind, figure.form))
            assert [child.tag for child in root[:3]] == [f"{SVG}title", f"{SVG}desc", f"{SVG}style"], figure.name
            assert (root[0].text, root[1].text) == (figure.title, figure.picture.words)
            allowed = {"svg", "title", "desc", "style", "rect", "text", "tspan", "g", "path", "circle", "polyline"}
            assert {etree.QName(each).localname for each in root.iter()} <= allowed
            names = {name for each in root.iter() for name in each.attrib}
            assert not [name for name in names if name.startswith("on") or "href" in name or name == "style"]
            words = " ".join("".join(root.itertext()).split())
            assert "Source: a & b <c>." in words
            assert " ".join(edition.title.split()[:3]) in words
            assert float(root.get("width")) > figure.picture.width
    assert {kind for kind, _ in kinds} == set(FIGURE_LISTS)


def test_a_standing_figure_has_the_colours_of_the_pages():
    folder = settings.BASE_DIR / "failure_lessons/pages/static/failure_lessons"
    site = "".join((folder / name).read_text() for name in ("site.css", "pictures.css"))
    light = site.replace(" ", "")
    assert {colour for colour in re.findall(r"#[0-9a-f]{6}", STYLE) if colour not in light} == set()
    assert "url(" not in STYLE
    assert "@" not in STYLE


@pytest.mark.slow
def test_a_page_offers_every_figure_of_its_record_and_no_other(client):
    for kind in FIGURE_LISTS:
        for edition in some_of(Edition.objects.current().of_kind(kind), 3):
            page = parse_page(client.get(f"/{KINDS[kind].address}/{edition.slug}/"))
            offered = {each.get("href") for each in page.iter("a") if "/charts/" in (each.get("href") or "")}
            start = f"/{KINDS[kind].address}/{edition.slug}/v{edition.number}/charts/"
            names = [figure.name for figure in figures_of(edition)]
            assert offered == {f"{start}{name}.{extension}" for name in names for extension in ("svg", "png", "csv")}
            for figure in figures_of(edition):
                assert f"/embed/{KINDS[kind].address}/{edition.slug}/v{edition.number}/{figure.name}/" in str(
                    etree.tostring(page)
                )


def test_the_code_to_embed_is_text_to_copy_and_no_frame(client):
    for address in (CASE, "/case-studies/compare/"):
        page = parse_page(client.get(address))
        assert not list(page.iter("iframe"))
        codes = [each.text for each in page.iter("code") if each.text and each.text.startswith("<iframe ")]
        assert codes
        assert all('src="http://testserver/embed/' in code and "</iframe>" in code for code in codes)


def test_the_table_of_a_figure_says_what_its_picture_says(client):
    for figure in figures_of(Edition.objects.get(kind="case-study", slug="hmp-birmingham")):
        head, *rows = read_csv(client.get(f"{CASE}charts/{figure.name}.csv"))
        assert head == [*figure.columns, "Of", "Source"]
        assert [row[: len(figure.columns)] for row in rows] == [
            ["" if cell is None else str(cell) for cell in row] for row in figure.rows
        ]
        assert all("Case study edition 1" in row[-1] and "/case-studies/hmp-birmingham/v1/" in row[-1] for row in rows)
        for point in figure.rows if figure.form == "chart" else ():
            assert str(point[0]) in figure.picture.words


def test_an_indicator_names_its_sources_below_its_chart(client):
    svg = etree.fromstring(client.get(f"{CASE}charts/indicator-2.svg").content)
    words = " ".join("".join(each.itertext()) for each in svg.iter(f"{SVG}text"))
    assert "Source: IRP 2019." in words or re.search(r"Source: [A-Z].*20\d\d", words)


@pytest.mark.slow
def test_a_png_is_the_picture_at_twice_its_size(client):
    for address in (f"{CASE}charts/timeline.png", "/R8", f"{COMPARE}slide.png"):
        if address == "/R8":
            slug = Edition.objects.current().get(code="R8").slug
            address = f"/recommendations/{slug}/charts/chain.png"
        answer = client.get(address)
        assert answer["Content-Type"] == "image/png"
        image = Image.open(io.BytesIO(answer.content))
        svg = etree.fromstring(client.get(address.replace(".png", ".svg")).content)
        assert image.width == pytest.approx(float(svg.get("width")) * 2, abs=2)
        assert len(image.convert("RGB").getcolors(1_000_000)) > 20, "nothing was drawn"


@pytest.mark.slow
def test_only_a_page_to_embed_may_be_framed_and_it_has_no_form_cookie_or_script(client):
    client.cookies["sessionid"] = "somebody"
    for address in ("/embed/case-studies/hmp-birmingham/timeline/", "/embed/case-studies/compare/slide/"):
        answer = client.get(address)
        assert "X-Frame-Options" not in answer.headers
        policy = answer["Content-Security-Policy"]
        assert "frame-ancestors *" in policy
        assert "form-action 'none'" in policy
        assert not answer.cookies
        assert "Cookie" not in answer.get("Vary", "")
        assert {each.tag for each in parse_page(answer).iter()} & {"form", "input", "script", "iframe"} == set()
    for address in (CASE, f"{CASE}charts/timeline.svg", "/embed/case-studies/hmp-birmingham/no-such/"):
        answer = client.get(address)
        assert answer["X-Frame-Options"] == "DENY"
        assert "frame-ancestors 'none'" in answer["Content-Security-Policy"]


def test_a_file_is_kept_compared_and_read_by_programs_elsewhere(client):
    for address in (f"{CASE}charts/indicator-1.svg", f"{CASE}v1/charts/indicator-1.csv", f"{COMPARE}slide.svg"):
        answer = client.get(address)
        assert answer["Access-Control-Allow-Origin"] == "*"
        assert answer["Cache-Control"] == "no-cache"
        assert client.get(address, headers={"If-None-Match": answer["ETag"]}).status_code == 304
        head = client.head(address)
        assert (head.status_code, head.content, head["ETag"]) == (200, b"", answer["ETag"])
    assert client.get(f"{CASE}charts/timeline.svg")["Content-Disposition"].startswith("inline")
    assert client.get(f"{CASE}charts/timeline.csv")["Content-Disposition"].startswith("attachment")


def test_what_is_no_figure_is_not_found_and_what_is_no_moment_is_refused(client):
    for address in ("charts/timeline.gif", "charts/indicator-99.svg", "v9/charts/timeline.svg"):
        assert client.get(f"{CASE}{address}").status_code == 404, address
    assert client.get(f"{COMPARE}nothing.svg").status_code == 404
    assert client.get(f"{COMPARE}timeline.pptx").status_code == 404
    assert client.get(f"{CASE}charts/timeline.svg?as_of=never").status_code == 400
    assert client.get(f"{COMPARE}slide.svg?as_of=never").status_code == 400
    assert client.get(f"{COMPARE}slide.svg?case=hmp-birmingham").status_code == 400
    assert client.get(f"{CASE}charts/timeline.svg?as_of=1990-01-01").status_code == 404


@pytest.mark.slow
@pytest.mark.ignore_template_errors
def test_a_figure_stands_as_it_stood_and_is_withdrawn_with_its_record(client, researcher, publisher):
    case = factories.case(title="A case: first")
    submit_record(record=case, by=researcher)
    publish_record(record=case, by=publisher, note="First.")
    first = Edition.objects.current().get(record_id=case.record_id)
    case.title = "A case: second"
    case.save()
    submit_record(record=case, by=researcher)
    publish_record(record=case, by=publisher, note="Second.")
    page = f"/case-studies/{case.slug}/"
    name = figures_of(first)[0].name
    at = f"{first.published_at:%Y-%m-%dT%H:%M:%S.%fZ}"
    assert b"A case: first" in client.get(f"{page}charts/{name}.svg?as_of={at}").content
    assert b"A case: first" in client.get(f"{page}v1/charts/{name}.svg").content
    assert b"A case: second" in client.get(f"{page}charts/{name}.svg").content
    withdraw_record(record=case, by=publisher, note="A source was false.")
    for address in (f"{page}charts/{name}.svg", f"{page}v1/charts/{name}.png", f"/embed{page}{name}/"):
        answer = client.get(address)
        assert answer.status_code == 410, address
        assert b"A case: second" not in answer.content or address.startswith(page)
    assert "frame-ancestors *" in client.get(f"/embed{page}{name}/")["Content-Security-Policy"]


def test_six_cases_fit_a_slide_with_its_numbers_in_the_notes(client):
    deck = Presentation(io.BytesIO(client.get(f"{COMPARE}slide.pptx").content))
    (slide,) = deck.slides
    assert slide.shapes.title.text == "Six cases on one timeline: years from the start"
    (picture,) = [shape for shape in slide.shapes if shape.shape_type == 13]
    assert picture.top + picture.height <= deck.slide_height * 0.88
    assert picture._element._nvXxPr.cNvPr.get("descr").startswith("Years from the first event")
    notes = slide.notes_slide.notes_text_frame.text
    rows = read_csv(client.get(f"{COMPARE}timeline.csv"))[1:]
    assert len(notes.splitlines()) == len(rows) > 20
    assert all(row[0] in notes and row[3] in notes for row in rows)
    assert "edition 1" in " ".join(shape.text_frame.text for shape in slide.shapes if shape.has_text_frame)


def test_on_a_slide_a_place_means_a_phase():
    cases = [edition.content for edition in Edition.objects.current().of_kind("case-study")]
    for aligned in (True, False):
        slide = figures_of_comparison(cases, aligned=aligned)["slide"].picture
        places = {}
        for lane in slide.lanes:
            for stage in lane.stages:
                places.setdefault(stage.phase, set()).add(round(stage.y - lane.y))
        assert sorted(len(found) for found in places.values()) == [1] * 5
        assert len(set.union(*places.values())) == 5
        assert slide.width >= 1.7 * slide.height, "too high for a slide"


@pytest.mark.slow
def test_the_compare_page_and_its_figures_stand_as_they_stood(client):
    before = client.get("/case-studies/compare/?as_of=1990-01-01")
    assert before.status_code == 200
    assert "No case study has been published" in before.content.decode()
    page = parse_page(client.get("/case-studies/compare/"))
    links = [each.get("href") for each in page.iter("a") if "/compare/charts/" in (each.get("href") or "")]
    assert len(links) == 7
    assert all("as_of=" in link and client.get(link).status_code == 200 for link in links)
