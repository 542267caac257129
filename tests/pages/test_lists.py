"""Lists: live counts that are right after each choice, chips, orders, pages, addresses to share, and downloads."""

import csv
import io
import json
import random
import re

import openpyxl
import pytest
from django.http import QueryDict
from hypothesis import given
from hypothesis import strategies as st

from casestudies.models import CaseStudy
from failure_lessons.library.list_query import filters_of, parse_list_query
from failure_lessons.publishing.models import Edition
from failure_lessons.publishing.registry import KINDS
from failure_lessons.publishing.services import publish_record, submit_record
from tests.examples import examples
from tests.helpers import count_queries, parse_page, text_of

pytestmark = pytest.mark.django_db

SOME = {
    "reference": "type=report&year_from=2000",
    "finding": "part_of=case-study&phase=management",
    "theme": "q=staff",
    "recommendation": "phase=prevention&phase=management&order=strength",
    "lesson": "evidence=unchanged",
    "case-study": "sector=education",
    "glossary-term": "q=school",
}


def tree(client, address):
    return parse_page(client.get(address))


def counts_on(page):
    """The counts beside the choices of a page, by field and value."""
    return {
        (box.get("name"), box.get("value")): int(re.search(r"\((\d+)\)$", text_of(label))[1])
        for label in page.findall(".//label[@class='choice']")
        for box in label.findall("input")
    }


def slugs_on(page, kind):
    return [
        link.get("href").partition("?")[0].rstrip("/").rpartition("/")[2]
        for link in page.findall(".//ul[@class='grid']//h3/a")
        if link.get("href").startswith(f"/{KINDS[kind].address}/")
    ]


def all_slugs(client, kind, query):
    """The slugs of every page of a list, by its own links."""
    found, address = [], f"/{KINDS[kind].address}/?{query}"
    while address:
        page = tree(client, address)
        found += slugs_on(page, kind)
        following = page.findall(".//a[@rel='next']")
        address = f"/{KINDS[kind].address}/{following[0].get('href')}" if following else ""
    return found


def values_of(kind):
    """What each filter of a kind can be asked for, from the editions themselves."""
    terms = {term for edition in Edition.objects.current().of_kind(kind) for term in edition.terms}
    filters = filters_of(KINDS[kind]).term_filters()
    found = {
        name: sorted(term.partition(":")[2] for term in terms if term.partition(":")[0] == each.term)
        for name, each in filters.items()
    }
    return {name: values for name, values in found.items() if values}


def expected(kind, picked, field, code):
    """Independently, over documents in memory: how many records a choice would give beside what else is picked."""
    filters = filters_of(KINDS[kind]).term_filters()

    def holds(edition, name, codes):
        return not codes or any(f"{filters[name].term}:{each}" in edition.terms for each in codes)

    return sum(
        f"{filters[field].term}:{code}" in edition.terms
        and all(holds(edition, name, codes) for name, codes in picked.items() if name != field)
        for edition in Edition.objects.current().of_kind(kind)
    )


@pytest.mark.slow
@examples(12)
@given(data=st.data())
def test_every_count_is_what_a_recount_gives(client, data):
    kind = data.draw(st.sampled_from(["recommendation", "lesson", "finding", "case-study", "reference"]))
    known = values_of(kind)
    names = data.draw(st.lists(st.sampled_from(sorted(known)), max_size=3, unique=True))
    picked = {
        name: data.draw(st.lists(st.sampled_from(known[name]), min_size=1, max_size=3, unique=True)) for name in names
    }
    query = "&".join(f"{name}={code}" for name, codes in picked.items() for code in codes)
    page = tree(client, f"/{KINDS[kind].address}/?{query}")
    shown = counts_on(page)
    assert shown or not known
    for (name, code), count in shown.items():
        if name != "evidence":
            assert count == expected(kind, picked, name, code), (name, code)
            assert count or code in picked[name]
    for name, codes in known.items():
        more = name == "organisation"  # only the most frequent have room
        assert more or {code for field, code in shown if field == name} >= {
            code for code in codes if expected(kind, picked, name, code)
        }
    total = int(text_of(page.find(".//*[@id='count']")).split()[0])
    assert (
        total == len(all_slugs(client, kind, query)) == parse_list_query(KINDS[kind], QueryDict(query)).editions.count()
    )


@pytest.mark.slow
def test_a_choice_gives_as_many_records_as_its_count_said(client):
    before = counts_on(tree(client, "/recommendations/?phase=prevention&q=board"))
    for (name, code), count in before.items():
        if name not in ("phase", "evidence"):
            page = tree(client, f"/recommendations/?phase=prevention&q=board&{name}={code}")
            assert text_of(page.find(".//*[@id='count']")).split()[0] == str(count)


@pytest.mark.slow
def test_changed_evidence_is_a_choice_with_a_right_count(client, researcher, publisher):
    assert ("evidence", "changed") not in counts_on(tree(client, "/lessons/"))
    case = CaseStudy.objects.get(slug="hmp-birmingham")
    finding = case.findings.first()
    finding.statement += " Again."
    finding.save()
    submit_record(record=case, by=researcher)
    publish_record(record=case, by=publisher)
    changed = Edition.objects.current().of_kind("lesson").exclude(evidence_changed_at=None)
    shown = counts_on(tree(client, "/lessons/"))
    assert shown["evidence", "changed"] == changed.count() > 0
    assert shown["evidence", "unchanged"] == 12 - changed.count()
    assert sorted(all_slugs(client, "lesson", "evidence=changed")) == sorted(changed.values_list("slug", flat=True))


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_a_list_costs_at_most_five_queries_whatever_is_asked(kind, client):
    client.get(f"/{KINDS[kind].address}/")  # a process reads what was published once
    for query in ("", SOME.get(kind, "q=staff"), f"{SOME.get(kind, 'q=staff')}&as_of=2026-11-30"):
        assert count_queries(client.get, f"/{KINDS[kind].address}/?{query}") <= 5


def test_chips_take_one_choice_away_and_leave_the_rest(client):
    page = tree(client, "/recommendations/?phase=prevention&phase=management&strength=strong&q=board&order=strength")
    chips = {text_of(link): link.get("href") for link in page.findall(".//ul[@aria-label='Filters in force']//a")}
    assert (
        chips["Remove the filter Phase of failure: Prevention ×"]
        == "?phase=management&strength=strong&q=board&order=strength"
    )
    assert (
        chips["Remove the filter Words: board ×"] == "?phase=prevention&phase=management&strength=strong&order=strength"
    )
    assert chips["Clear all filters"] == "."
    assert len(chips) == 5


def test_an_address_says_nothing_that_means_nothing(client):
    answer = client.get("/recommendations/?q=&audience=&phase=prevention&order=standard&phase=prevention")
    assert answer.status_code == 302
    assert answer["Location"] == "/recommendations/?phase=prevention"
    assert client.get("/recommendations/?q=")["Location"] == "/recommendations/"
    assert client.get("/recommendations/?phase=prevention").status_code == 200


def test_orders_are_links_that_keep_the_filters(client):
    page = tree(client, "/recommendations/?phase=prevention")
    links = {text_of(link): link.get("href") for link in page.findall(".//p[@id='sort']/a")}
    assert links["Strongest first"] == "?phase=prevention&order=strength"
    assert list(links) == ["Code or title", "Newest first", "Strongest first", "Surest first"]
    assert list(tree(client, "/references/").findall(".//p[@id='sort']/a")) != []


def test_pages_lead_both_ways(client):
    first = tree(client, "/references/")
    following = first.find(".//a[@rel='next']").get("href")
    second = tree(client, f"/references/{following}")
    preceding = second.find(".//a[@rel='prev']").get("href")
    back = tree(client, f"/references/{preceding}")
    assert slugs_on(back, "reference") == slugs_on(first, "reference")
    assert not set(slugs_on(second, "reference")) & set(slugs_on(first, "reference"))


def test_years_bound_references(client):
    found = all_slugs(client, "reference", "year_from=2016&year_to=2017")
    years = {
        edition.slug: {int(term[5:]) for term in edition.terms if term.startswith("year:")}
        for edition in Edition.objects.current().of_kind("reference")
    }
    assert sorted(found) == sorted(slug for slug, those in years.items() if those & {2016, 2017})
    assert found
    for wrong in ("year_from=soon", "year_from=99999", "year_to=2016.5", "year_from=-1"):
        answer = client.get(f"/references/?{wrong}")
        assert answer.status_code == 400
        assert "A year is a number from 1800 to 2100." in answer.content.decode()


def exported(client, kind, extension, query):
    answer = client.get(f"/{KINDS[kind].address}/export.{extension}?{query}")
    assert answer.status_code == 200, (kind, extension, query)
    return b"".join(answer.streaming_content)


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_a_download_holds_exactly_what_all_pages_show(kind, client):
    for query in ("", SOME.get(kind, "q=staff"), f"{SOME.get(kind, 'q=staff')}&as_of=2026-11-30"):
        shown = all_slugs(client, kind, query)
        records = [record["slug"] for record in json.loads(exported(client, kind, "json", query))]
        assert records == shown
        rows = list(csv.reader(io.StringIO(exported(client, kind, "csv", query).decode("utf-8-sig"))))
        assert len(rows) == len(shown) + 1
        sheet = openpyxl.load_workbook(io.BytesIO(exported(client, kind, "xlsx", query)), read_only=True).worksheets[0]
        assert sum(1 for row in sheet.iter_rows(values_only=True) if any(row)) == len(shown) + 1
        assert exported(client, kind, "ris", query).count(b"TY  - ") == len(shown)


def test_the_links_of_a_list_are_its_downloads(client):
    page = tree(client, "/references/?type=report&order=newest")
    links = [link.get("href") for link in page.findall(".//p[@class='downloads']/a")]
    assert len(links) == 6
    for link in links:
        assert client.get(f"/references/{link}").status_code == 200
        assert link.endswith("?type=report&order=newest")


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("export.exe", 404),
        ("export.csv?phse=x", 400),
        ("export.csv?as_of=never", 400),
        ("export.csv?q=%00", 400),
        ("export.csv?after=x", 200),
        ("export.skos.jsonld", 404),
    ],
)
def test_odd_downloads_get_an_answer(address, status, client):
    assert client.get(f"/recommendations/{address}").status_code == status


def test_a_list_is_one_body_with_and_without_scripts(client):
    address = "/recommendations/?phase=prevention"
    assert client.get(address).content == client.get(address, headers={"HX-Request": "true"}).content


@pytest.mark.slow
def test_random_walks_through_choices_never_end_in_nothing(client):
    dice = random.Random(7)  # noqa: S311  # walks, not secrets
    for _ in range(5):
        query = ""
        for _ in range(4):
            choices = sorted(
                key for key, count in counts_on(tree(client, f"/recommendations/?{query}")).items() if count
            )
            name, code = dice.choice(choices)
            if f"{name}={code}" not in query:
                query += f"&{name}={code}" if query else f"{name}={code}"
            assert all_slugs(client, "recommendation", query), query
