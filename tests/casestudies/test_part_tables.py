"""Events, interventions, figures, quotations and scores leave as tables, of one record and of all."""

import csv
import io

import openpyxl
import pytest

from failure_lessons.publishing.models import Edition
from failure_lessons.publishing.registry import KINDS
from tests.helpers import count_queries

pytestmark = pytest.mark.django_db
CASE = "/case-studies/hmp-birmingham/"
TABLES = [(kind, table) for kind in KINDS.values() for table in kind.part_tables]


def rows_of(client, address):
    """A CSV as dictionaries."""
    return list(csv.DictReader(io.StringIO(client.get(address).content.decode("utf-8-sig"))))


def test_the_events_of_a_case_are_those_of_its_document(client):
    document = Edition.objects.current().get(kind="case-study", slug="hmp-birmingham").content
    rows = rows_of(client, f"{CASE}events.csv")
    assert [(row["Date (EDTF)"], row["Event"]) for row in rows] == [(e["date"], e["title"]) for e in document["events"]]
    assert {row["Permanent address"] for row in rows} == {f"http://testserver{CASE}v1/"}


def test_every_figure_is_a_row(client):
    rows = rows_of(client, f"{CASE}indicators.csv")
    found = {(row["Indicator"], row["Period"]): float(row["Value"]) for row in rows}
    document = Edition.objects.current().get(kind="case-study", slug="hmp-birmingham").content
    figures = {(i["name"], point["period"]): point["value"] for i in document["indicators"] for point in i["values"]}
    assert found == figures
    assert all(row["Sources"] for row in rows)


def test_every_quoted_word_of_a_case_is_taken(client):
    case = Edition.objects.current().get(kind="case-study", slug="hmp-birmingham")
    statements = [source for each in KINDS["case-study"].statements(case.content) for source in each.sources]
    quoted = sorted(source["quotation"] for source in statements if source.get("quotation"))
    assert sorted(row["Words"] for row in rows_of(client, f"{CASE}quotations.csv")) == quoted


def test_scores_leave_with_anchor_and_reason(client):
    rows = rows_of(client, "/comparisons/scores.csv")
    assert len(rows) == 6 * 7
    assert all(row["Reason"] and row["Anchor"] and row["Findings"] for row in rows)


@pytest.mark.slow
@pytest.mark.parametrize(("kind", "table"), TABLES, ids=lambda each: getattr(each, "name", ""))
def test_all_is_one_after_the_other_and_the_workbook_holds_the_same(client, kind, table):
    slugs = list(Edition.objects.current().of_kind(kind.code).order_by("sort_key", "pk").values_list("slug", flat=True))
    every = rows_of(client, f"/{kind.address}/{table.name}.csv")
    assert every or table.name == "characteristics"  # no review that is shipped extracted data
    assert every == [row for slug in slugs for row in rows_of(client, f"/{kind.address}/{slug}/{table.name}.csv")]
    data = client.get(f"/{kind.address}/{table.name}.xlsx").content
    head, *lines = openpyxl.load_workbook(io.BytesIO(data)).active.iter_rows(values_only=True)
    assert list(head) == list(every[0] if every else head)
    assert len(lines) == len(every)
    assert count_queries(client.get, f"/{kind.address}/{table.name}.csv") == 1


@pytest.mark.slow
def test_pages_lead_to_the_tables(client):
    page, listed = (client.get(address).content.decode() for address in (CASE, "/case-studies/"))
    for table in KINDS["case-study"].part_tables:
        for extension in ("csv", "xlsx"):
            assert f'href="{CASE}v1/{table.name}.{extension}"' in page
            assert f'href="/case-studies/{table.name}.{extension}"' in listed
    assert client.get(f"{CASE}events.json").status_code == 404
    assert client.get("/case-studies/no-such-case/events.csv").status_code == 404
