"""The words, where the claim stands: each statement opens the sentence it rests on, with its place and the way there."""

import re
from urllib.parse import unquote

import pytest

from failure_lessons.bibliography.names import name_references
from failure_lessons.bibliography.quoting import NO_PAGES, describe_place, locate_words, nest_quotation_marks
from failure_lessons.library.traceability import measure_traceability
from failure_lessons.publishing.models import Edition
from failure_lessons.publishing.registry import KINDS
from literature.documents import CitedNames
from tests.helpers import parse_page

pytestmark = pytest.mark.django_db

WEB = {"type": "webpage", "URL": "https://example.org/a"}
PAGES_OF_STATEMENTS = ("case-study", "literature-review", "lesson", "recommendation", "finding")


def shipped_pages(crawl, *kinds):
    for edition in Edition.objects.current().of_kind(*kinds).order_by("kind", "pk"):
        yield edition, crawl.answers[f"/{KINDS[edition.kind].address}/{edition.slug}/"].tree


def text_of(element):
    return " ".join("".join(f"{text} " if text.strip() else " " for text in element.itertext()).split())


def test_where_public_statements_end():
    """The table of the findings: every finding, and 95 of 100 statements but parts played, reach words."""
    rows = {row.code: row for row in measure_traceability().rows}
    expected = {"case-finding": 50, "review-finding": 21, "event": 114, "intervention": 46, "indicator": 29}
    assert {code: rows[code].total for code in expected} == expected
    assert rows["case-finding"].quoted == 50
    assert rows["review-finding"].quoted == 21
    assert rows["synthesis"].quoted == rows["synthesis"].total == 3
    told = [row for row in rows.values() if row.code != "part-played"]
    assert sum(row.quoted for row in told) >= 0.95 * sum(row.total for row in told)
    assert rows["part-played"].none == rows["part-played"].total == 40


def test_the_meter_is_the_same_on_its_page_and_in_the_api(client):
    meter = measure_traceability()
    data = client.get("/api/v1/traceability/").json()
    assert data["statements"] == {
        "total": meter.whole.total,
        "quoted": meter.whole.quoted,
        "placed": meter.whole.placed,
        "linked": meter.whole.linked,
        "none": meter.whole.none,
    }
    page = text_of(parse_page(client.get("/about/traceability/")).find(".//main"))
    assert f"{meter.whole.quoted} of {meter.whole.total} statements" in page
    for each in data["sorts"]:
        if each["total"]:
            assert f"{each['label']} {each['total']} {each['quoted']} {each['placed']}" in page


@pytest.mark.slow
def test_every_statement_of_a_case_opens_its_words_in_place(crawl):
    for edition, page in shipped_pages(crawl, "case-study"):
        content = edition.content
        shown = text_of(page)
        for part in ("events", "interventions", "indicators"):
            for item in content[part]:
                for source in item["sources"]:
                    if source.get("quotation"):
                        assert nest_quotation_marks(source["quotation"]) in shown.replace("&", "&"), item
        folded = page.findall(".//details[@class='rests']")
        statements = len(content["findings"]) + len(content["interventions"]) + len(content["indicators"])
        assert len(folded) >= statements + len(content["phases"])
        assert shown.count("No source yet.") == len(content["actors"])


@pytest.mark.slow
def test_no_page_says_no_page_given_of_a_web_page_nor_shows_a_key_in_its_text(crawl):
    for edition, page in shipped_pages(crawl, *PAGES_OF_STATEMENTS):
        shown = text_of(page.find(".//main"))
        assert "[ref:" not in shown, edition.slug
        for anchor in page.iterfind(".//main//a[@href]"):
            where, _, key = anchor.get("href").strip("/").rpartition("/")
            assert where != "references" or text_of(anchor) != key, f"{edition.slug} calls a source {key}"
        for item in page.findall(".//ul[@class='sources words']/li"):
            if "no page given" in text_of(item):
                key = item.find("a").get("href").strip("/").split("/")[-1]
                assert Edition.objects.current().get(kind="reference", slug=key).content["type"] not in ("webpage",)


@pytest.mark.slow
def test_a_link_to_words_names_words_of_the_quotation(crawl):
    fragments = 0
    for _, page in shipped_pages(crawl, "case-study", "literature-review"):
        for item in page.findall(".//ul[@class='sources words']/li"):
            for anchor in item.findall("a"):
                address, _, words = anchor.get("href").partition("#:~:text=")
                if words:
                    fragments += 1
                    assert address.startswith("http")
                    quoted = text_of(item.find("blockquote"))
                    plain = str.maketrans("“”‘’", "\"\"''")
                    assert unquote(words).translate(plain) in quoted.translate(plain)
    assert fragments > 500


@pytest.mark.slow
def test_two_sources_on_a_page_never_carry_the_same_name(crawl):
    for edition, page in shipped_pages(crawl, "case-study", "literature-review", "lesson", "recommendation"):
        names = {}
        for item in page.findall(".//ul[@class='sources words']/li"):
            anchor = item.find("a")
            if "/references/" in anchor.get("href"):
                names.setdefault(text_of(anchor).split(", ")[0], set()).add(anchor.get("href"))
        assert {name: found for name, found in names.items() if len(found) > 1} == {}, edition.slug


def test_every_why_explanation_and_synthesis_cites_within_the_text():
    for kind, member in (
        ("recommendation", "rationale"),
        ("lesson", "explanation"),
        ("literature-review", "synthesis"),
    ):
        for edition in Edition.objects.current().of_kind(kind):
            assert re.search(r"\((?:[A-Z]+[0-9]+(?:-F[0-9]+)?)", edition.content[member]), edition.slug


@pytest.mark.parametrize(
    ("text", "nested"),
    [
        ('the label of "failing" here', "the label of ‘failing’ here"),
        ("characterised as “failing” can", "characterised as ‘failing’ can"),
        ("He said ‘stop “now” please’ and went", "He said ‘stop “now” please’ and went"),
        ("It's the trust's day", "It's the trust's day"),
        ("“All of it”", "‘All of it’"),
    ],
)
def test_quotation_marks_nest(text, nested):
    assert nest_quotation_marks(text).replace("“stop ‘now’ please”", "‘stop “now” please’") == nested


def test_a_place_is_told_by_what_the_source_is():
    assert describe_place("", WEB) == NO_PAGES
    assert describe_place("", {"type": "report", "URL": "https://example.org/a.pdf"}) == "no page given"
    assert describe_place("", WEB | {"page": "3"}) == "no page given"
    assert describe_place("para. 12", WEB) == "para. 12"


def test_words_are_linked_where_a_browser_can_find_them():
    said = locate_words({"quotation": "Staff said “no more” and then went home early that day."}, WEB)
    assert said.address == "https://example.org/a#:~:text=and%20then%20went%20home%20early%20that%20day"
    assert not locate_words({"quotation": "Two words"}, WEB).at_words
    assert not locate_words(
        {"quotation": "the words that stand in a file"}, WEB | {"URL": "https://x.org/a.PDF"}
    ).at_words
    assert not locate_words({"quotation": "words that somebody else wrote", "read_as": "summary"}, WEB).at_words
    assert locate_words({}, WEB | {"archive_location": "https://web.archive.org/x"}).archived


def test_works_of_one_author_and_year_get_letters_in_order_of_date_and_title():
    def work(title, *day):
        return {"author": [{"literal": "Tes"}], "issued": {"date-parts": [[1996, *day]]}, "title": title}

    named = name_references(
        {"x": work("B", 11), "y": work("A", 10), "z": {**work("C"), "author": [{"literal": "BBC"}]}}
    )
    assert named == {"x": "Tes 1996b", "y": "Tes 1996a", "z": "BBC 1996"}
    many = name_references({f"k{number:02}": work(f"T{number:02}") for number in range(28)})
    assert (many["k25"], many["k26"], many["k27"]) == ("Tes 1996z", "Tes 1996aa", "Tes 1996ab")


def test_a_document_says_what_its_text_cites():
    edition = Edition.objects.current().of_kind("recommendation").get(code="R7")
    assert edition.content["derived"]["cited"]["bbc-2014-waits"].endswith("2014")
    assert CitedNames([]).of({"text": "Nothing [ref: unknown]."}) == {}
