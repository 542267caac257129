"""An edition published while screening goes on: at every door, what is not decided yet is named for what it is."""

import csv
import io

import pytest
from django.test import Client

from failure_lessons.packages.exchange import export_package, load_package
from failure_lessons.publishing.models import Edition
from literature.models import Candidate, LiteratureReview, Screening
from literature.package_checks import check_screening_under_way
from literature.prisma import compute_prisma_flow
from literature.screening.services import add_candidates
from tests import factories
from tests.helpers import submit_and_publish, text_of_page
from tests.literature.test_records import FULL, TITLE, vote

pytestmark = pytest.mark.django_db
SLUG = "failing-schools-and-colleges"
ADDRESS = f"/literature/{SLUG}/"


@pytest.fixture
def before():
    """The flow of a shipped review."""
    return Edition.objects.current().get(kind="literature-review", slug=SLUG).content["derived"]["prisma"]


@pytest.fixture
def under_way(before, ann, ben):
    """The same published anew with six more records: one assessed, one that waits for its full text, one left out."""
    review = LiteratureReview.objects.get(slug=SLUG)
    records = [factories.reference(f"Zebra {place}") for place in range(6)]
    add_candidates(review=review, references=records, by=ann, origin="A test")
    for record, decision in ((records[0], "include"), (records[1], "include"), (records[2], "exclude")):
        for person in (ann, ben):
            vote(review, record, person, decision)
    for person in (ann, ben):
        vote(review, records[0], person, stage=FULL)
    submit_and_publish(review, note="While screening goes on.")
    return Edition.objects.current().get(kind="literature-review", slug=SLUG)


def test_what_is_not_decided_is_neither_removed_nor_included_and_the_numbers_add_up(under_way, before):
    flow = under_way.content["derived"]["prisma"]
    grown = {name: flow[name] - before.get(name, 0) for name in flow if isinstance(flow[name], int)}
    assert {name: number for name, number in grown.items() if number} == {
        "removed_before_screening": -6,
        "records_not_yet_screened": 3,
        "records_screened": 3,
        "records_excluded": 1,
        "reports_sought": before["reports_assessed"] + 2,
        "reports_not_yet_assessed": 1,
        "reports_assessed": 1,
        "studies_included": 1,
    }
    assert_adds_up(flow)
    waiting = under_way.content["screening_under_way"]["reports"]
    assert not under_way.cites.filter(slug__in=waiting).exists()
    assert not Edition.objects.filter(kind="reference", slug__in=waiting).exists()


def assert_adds_up(flow):
    found, removed = flow["records_identified"], flow["removed_before_screening"]
    assert found - removed == flow["records_screened"] + flow.get("records_not_yet_screened", 0)
    sought = flow.get("reports_sought", flow["reports_assessed"])
    only = flow["included_on_title_and_abstract_only"]
    assert flow["records_screened"] - flow["records_excluded"] == sought + only
    lost, waiting = flow.get("reports_not_retrieved", 0), flow.get("reports_not_yet_assessed", 0)
    assert sought == flow["reports_assessed"] + lost + waiting
    assert flow["studies_included"] == flow["reports_assessed"] - flow["reports_excluded"] + only


@pytest.mark.slow
def test_page_picture_and_table_say_that_screening_was_under_way(under_way):
    browser = Client()
    shown = text_of_page(browser.get(ADDRESS))
    said = "Screening was under way at this edition: 3 records were not yet screened, and 1 reports not yet assessed"
    assert said in shown
    assert "so far" in shown
    assert "1 record kept on title and abstract" in shown
    rows = csv.DictReader(io.StringIO(browser.get(f"{ADDRESS}charts/prisma-flow.csv").content.decode("utf-8-sig")))
    steps = {row["Step"]: row["Records"] for row in rows}
    assert (steps["Records not yet screened"], steps["Reports not yet assessed"]) == ("3", "1")
    assert "Studies included so far" in steps
    picture = browser.get(f"{ADDRESS}charts/prisma-flow.svg").content.decode()
    assert "Screening was under way at this edition." in picture
    assert "Records not yet screened" in picture
    assert browser.get(f"{ADDRESS}charts/prisma-flow.png").status_code == 200
    assert "under way" not in text_of_page(browser.get(f"{ADDRESS}v1/"))


@pytest.mark.slow
def test_a_package_carries_it_and_gives_the_same_document_where_nothing_waited(under_way, django_user_model):
    package = export_package()
    review = LiteratureReview.objects.get(slug=SLUG)
    by, publisher = (django_user_model.objects.create_user(name) for name in ("one-who-loads", "one-who-publishes"))
    assert load_package(package, by=by, publisher=publisher).editions == []  # here, where the records wait
    for model in (Candidate, Screening):
        model.objects.filter(review=review).delete()
    loaded = load_package(package, by=by, publisher=publisher, overwrite=True)  # and where they never did
    assert loaded.editions == []
    review.refresh_from_db()
    assert review.unscreened == 3
    waits = Candidate.objects.not_assessed().get(review=review)
    assert waits.reference.slug in under_way.content["screening_under_way"]["reports"]


def test_a_package_that_says_of_a_decided_report_that_it_waits_is_refused():
    rows = [{"ref": ref, "stage": TITLE, "decision": "include", "reason": "Fits."} for ref in "ab"]
    rows.append({"ref": "b", "stage": FULL, "decision": "include", "reason": "Fits."})
    entry = {"screening": rows, "screening_under_way": {"reports": ["a"]}}
    assert not list(check_screening_under_way(entry))
    entry["screening_under_way"]["reports"] = ["a", "a", "b", "c"]
    assert [path[-1] for path, _ in check_screening_under_way(entry)] == [1, 2, 3]


def test_a_flow_with_nothing_decided_removes_nothing_that_waits():
    flow = compute_prisma_flow([{"records_found": 5000}], [], {"records": 4990})
    assert (flow["removed_before_screening"], flow["records_not_yet_screened"]) == (10, 4990)
    flow = compute_prisma_flow([{"records_found": 5}], [], {"records": 6})
    assert "6 are not yet screened" in flow["warnings"][0]
