"""The evidence map: every number is a list of that length, and an empty cell claims no search that nobody made."""

import csv
import io
import itertools
from urllib.parse import quote

import pytest
from django.http import QueryDict

from casestudies.models import CaseLookedFor, Section
from failure_lessons.library.evidence_map import MAP_ROWS, MAPPED_KINDS, MOST_MARKS, evidence_map
from failure_lessons.library.list_query import parse_list_query
from failure_lessons.publishing.registry import KINDS
from failure_lessons.publishing.services import withdraw_record
from failure_lessons.vocabularies.choices import Phase, Sector
from tests import factories
from tests.helpers import count_queries, parse_page, submit_and_publish
from tests.test_exchange import empty_everything

pytestmark = pytest.mark.django_db

DRAWN = [
    (of, by, sectors)
    for of, by in itertools.product(MAPPED_KINDS, MAP_ROWS)
    for sectors in ((), ("health", "education"))
    if (of, by) != ("lesson", "failure-type")
]


def cell_of(drawing, row, phase):
    (line,) = [line for line in drawing.rows if line.code == row]
    return line.cells[Phase.values.index(phase)]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("of", "by", "sectors"),
    [pytest.param(*each, marks=pytest.mark.trials if each[2] and each[1] != "theme" else ()) for each in DRAWN],
)
def test_every_number_is_the_length_of_the_list_it_leads_to(of, by, sectors, client):
    query = f"?of={of}&by={by}" + "".join(f"&sector={code}" for code in sectors)
    tree = parse_page(client.get(f"/evidence-map/{query}"))
    links = tree.findall(".//table//a")
    assert len(links) >= 5 * 3
    filled, faults = 0, []
    for place, link in enumerate(links):
        number = link.find("strong")
        shown = int(number.text) if number is not None else 0
        filled += bool(shown)
        address, _, asked = link.get("href").partition("?")
        # what the list counts; and now and then the list itself
        found = parse_list_query(KINDS[of], QueryDict(asked)).editions.count()
        if place % 12 == 0:
            answer = client.get(link.get("href"))
            found = answer.context["total"] if answer.status_code == 200 else answer.status_code
        if (address, found) != (f"/{KINDS[of].address}/", shown):
            faults.append(f"{link.get('href')}: {found} in place of {shown}")
    assert not faults, "\n".join(faults)
    assert filled > 5


def test_the_mix_in_a_cell_adds_up_and_every_level_has_a_mark():
    for of, by, sectors in DRAWN:
        for row in evidence_map(of, by, sectors).rows:
            for cell in row.cells:
                assert sum(level.count for level in cell.levels) == cell.count
                assert {mark.shape for mark in cell.marks} == {level.shape for level in cell.levels}
                assert len(cell.marks) <= MOST_MARKS + len(cell.levels)


@pytest.mark.slow
def test_an_empty_cell_claims_no_search_whatever_else_is_published():
    theme = factories.theme()
    case = factories.case()  # its finding belongs to identification
    case.findings.get().themes.add(theme)
    Section.objects.create(case=case, name="management", text="What was done.", in_short="Much was done.")
    submit_and_publish(case)
    drawing = evidence_map()
    assert cell_of(drawing, theme.slug, "identification").state == "found"
    assert {cell_of(drawing, theme.slug, str(phase)).state for phase in Phase if phase != "identification"} == {"none"}


@pytest.mark.slow
def test_looked_is_said_where_a_researcher_declares_it_and_nowhere_else(client):
    theme, case = factories.theme(), factories.case()  # a case of education
    CaseLookedFor.objects.create(case=case, theme=theme, phase="prevention", how="Read every report to the end.")
    submit_and_publish(case)
    drawing = evidence_map(sectors=["education"])
    assert cell_of(drawing, theme.slug, "prevention").state == "looked"
    assert cell_of(drawing, theme.slug, "management").state == "none"
    health = evidence_map(sectors=["health"])
    assert cell_of(health, theme.slug, "prevention").state == "none"
    assert "Looked, none" in " ".join(client.get("/evidence-map/").content.decode().split())
    assert "Read every report to the end." in client.get(f"/case-studies/{case.slug}/").content.decode()


def test_the_shipped_library_declares_no_search_and_so_claims_none(client):
    page = " ".join(client.get("/evidence-map/").content.decode().split())
    assert "No finding here" in page
    assert evidence_map().looked == 0


def test_nothing_is_counted_from_drafts_or_from_what_was_withdrawn(publisher):
    theme = factories.theme()
    draft = factories.case()
    draft.findings.get().themes.add(theme)
    before = evidence_map()
    assert theme.slug not in {row.code for row in before.rows}
    submit_and_publish(draft)
    assert cell_of(evidence_map(), theme.slug, "identification").count == 1
    withdraw_record(record=draft, by=publisher, note="Wrong.")
    gone = cell_of(evidence_map(), theme.slug, "identification")
    assert (gone.count, gone.state) == (0, "none")


@pytest.mark.slow
def test_an_empty_library_has_an_empty_map():
    empty_everything()
    drawing = evidence_map(by="sector")
    assert (drawing.found, drawing.looked, drawing.total) == (0, 0, 0)
    assert drawing.none == len(Sector) * len(Phase)


@pytest.mark.slow
def test_a_map_costs_the_same_however_much_there_is(client):
    client.get("/evidence-map/")  # the first after a publication reads what was published
    few = count_queries(client.get, "/evidence-map/")
    for _ in range(3):
        case = factories.case()
        case.findings.get().themes.add(factories.theme())
        submit_and_publish(case)
    assert client.get("/evidence-map/").status_code == 200
    assert count_queries(client.get, "/evidence-map/") == few <= 4


def test_the_download_holds_the_cells_of_the_page(client):
    answer = client.get("/evidence-map/map.csv?of=recommendation&by=sector&sector=health")
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    drawing = evidence_map("recommendation", "sector", ["health"])
    assert [int(row["count"]) for row in rows] == [cell.count for line in drawing.rows for cell in line.cells]
    for row in rows:
        assert int(row["count"]) == sum(int(value) for name, value in row.items() if name.startswith("strength:"))
        assert client.get(row["list"].removeprefix("http://testserver")).context["total"] == int(row["count"])


@pytest.mark.slow
def test_the_download_is_never_a_formula(client):
    submit_and_publish(factories.case())
    theme = factories.theme(label="=1+1")
    case = factories.case()
    case.findings.get().themes.add(theme)
    submit_and_publish(case)
    rows = csv.DictReader(io.StringIO(client.get("/evidence-map/map.csv").content.decode("utf-8-sig")))
    assert "'=1+1" in {row["label"] for row in rows}


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("of=findings", "Did you mean “finding”?"),
        ("of=reference", "Use one of: finding, lesson, recommendation, follow-up."),
        ("by=themes", "Did you mean “theme”?"),
        ("sector=eduction", "Did you mean “education”?"),
        ("phase=prevention", "means nothing here"),
        ("of=lesson&by=failure-type", "Lessons do not record what failed"),
        ("sector=%00", "is not something"),
        ("of=" + "x" * 5000, "is not something"),
        ("sector=" + quote("<script>alert(1)</script>"), "is not something"),
    ],
)
def test_what_the_map_cannot_draw_gets_words_that_help_and_a_map_all_the_same(query, words, client):
    answer = client.get(f"/evidence-map/?{query}")
    assert answer.status_code == 400
    assert words in answer.content.decode()
    assert answer.context["map"].total > 0
    assert "<script>alert" not in answer.content.decode()
    assert client.get(f"/evidence-map/map.csv?{query}").status_code == 400
