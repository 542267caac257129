"""Cases, their pictures, their comparison, and the truth table: what the picture says, the table says."""

import csv
import gzip
import io
import re
from functools import cache
from pathlib import Path

import html5lib
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from casestudies.models import CaseStudy, Comparison
from failure_lessons.publishing.models import Edition
from failure_lessons.publishing.services import CannotPublish, publish_record, submit_record, withdraw_record
from tests import factories

pytestmark = pytest.mark.django_db

STATIC = Path(__file__).resolve().parents[2] / "failure_lessons" / "pages" / "static" / "failure_lessons"
SVG = "{http://www.w3.org/2000/svg}"
COMPARE = "/case-studies/compare/"
SIX = "/comparisons/six-cases/"


@cache
def parse_strictly(content):
    """The elements of a page; those of the same page are taken by several tests, which only look at them."""
    return html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(content.decode())


def tree(client, address, status=200):
    page = client.get(address)
    assert page.status_code == status, address
    parsed = parse_strictly(page.content)
    ids = [element.get("id") for element in parsed.iter() if element.get("id")]
    assert len(ids) == len(set(ids)), address
    assert not [element for element in parsed.iter() if element.get("style")], address
    return parsed


def words(element):
    return " ".join(" ".join(element.itertext()).split())


def by_class(parsed, name):
    return [element for element in parsed.iter() if name in (element.get("class") or "").split()]


def drawings(parsed):
    return [element for element in parsed.find(".//main").iter() if str(element.tag) == f"{SVG}svg"]


def cases():
    return Edition.objects.current().of_kind("case-study")


def asking(*slugs, **more):
    return COMPARE + "?" + "&".join([*(f"case={slug}" for slug in slugs), *(f"{k}={v}" for k, v in more.items())])


@pytest.mark.slow
def test_every_picture_has_a_title_a_description_and_no_other_name(client):
    for address in (
        "/case-studies/hmp-birmingham/",
        "/literature/failing-schools-and-colleges/",
        "/findings/l1-f1/",
        asking("hmp-birmingham", "ridings-school-halifax"),
    ):
        pictures = drawings(tree(client, address))
        assert pictures, address
        for picture in pictures:
            assert picture.get("role") == "img"
            title, description = picture.get("aria-labelledby").split()
            assert words(picture.find(f"{SVG}title[@id='{title}']"))
            assert words(picture.find(f"{SVG}desc[@id='{description}']"))


@pytest.mark.slow
def test_the_timeline_and_its_table_name_the_same_events(client):
    for edition in cases():
        parsed = tree(client, f"/case-studies/{edition.slug}/")
        picture = by_class(parsed, "timeline")[0]
        drawn = [words(element) for element in by_class(picture, "number")]
        rows = [words(row.find("td")) for row in parsed.findall(".//table[1]//tr") if row.find("td") is not None]
        expected = [str(number) for number in range(1, len(edition.content["events"]) + 1)]
        assert sorted(drawn, key=int) == expected
        assert [row for row in rows if row.isdigit()][: len(expected)] == expected
        named = [words(title).partition(": ")[2] for title in picture.findall(f".//{SVG}g/{SVG}g/{SVG}title")]
        assert sorted(named) == sorted(" ".join(event["title"].split()) for event in edition.content["events"])


@pytest.mark.slow
def test_a_chart_and_its_table_have_the_same_figures(client):
    seen = 0
    for edition in cases():
        for article in by_class(tree(client, f"/case-studies/{edition.slug}/"), "indicator"):
            drawn = [words(element) for element in by_class(by_class(article, "chart")[0], "value")]
            periods = [words(element) for element in by_class(by_class(article, "chart")[0], "period")]
            rows = article.findall(".//tbody/tr")
            assert drawn == [words(row.find("td")) for row in rows]
            assert periods == [words(row.find("th")) for row in rows]
            assert "is better" in words(article)
            seen += 1
    assert seen == sum(len(edition.content["indicators"]) for edition in cases())


@pytest.mark.slow
def test_the_flow_and_its_table_have_the_same_numbers(client):
    for edition in Edition.objects.current().of_kind("literature-review"):
        parsed = tree(client, f"/literature/{edition.slug}/")
        drawn = [words(element).removeprefix("n = ") for element in by_class(by_class(parsed, "flow")[0], "n")]
        table = next(table for table in parsed.findall(".//table") if "PRISMA" in words(table.find("caption")))
        assert drawn == [words(row.findall("td")[-1]) for row in table.findall(".//tbody/tr")]
        prisma = edition.content["derived"]["prisma"]
        assert drawn[0] == str(prisma["records_identified"])
        assert str(prisma["studies_included"]) in drawn


@pytest.mark.slow
def test_a_review_shows_every_study_decision_and_level(client):
    for edition in Edition.objects.current().of_kind("literature-review"):
        shown = words(tree(client, f"/literature/{edition.slug}/"))
        content = edition.content
        for row in [*content["screening"], *content["search"], *content["appraisal"]]:
            assert (row.get("reason") or row.get("query") or row.get("note", "")) in shown
        for finding in Edition.objects.current().of_kind("finding").filter(code__in=content["findings"]):
            for component, given in finding.content["cerqual"].items():
                assert given.get("reason", "") in shown, component


@pytest.mark.slow
def test_every_source_of_a_case_says_what_it_supports(client):
    parsed = tree(client, "/case-studies/hmp-birmingham/")
    sources = [item for item in by_class(parsed, "item") if item.tag == "li"]
    anchors = {element.get("id") for element in parsed.iter()}
    assert len(sources) > 40
    for item in sources:
        assert "Supports: " in words(item)
        within = [link.get("href") for link in item.findall(".//a") if link.get("href").startswith("#")]
        assert within
        assert all(target.removeprefix("#") in anchors for target in within)


@pytest.mark.slow
def test_links_within_a_page_lead_somewhere(client):
    for address in (
        "/case-studies/hmp-birmingham/",
        "/literature/failing-schools-and-colleges/",
        SIX,
        asking("hmp-birmingham", "ridings-school-halifax"),
    ):
        parsed = tree(client, address)
        anchors = {element.get("id") for element in parsed.iter()}
        targets = [link.get("href")[1:] for link in parsed.iter("a") if link.get("href").startswith("#")]
        assert set(targets) <= anchors, address


@pytest.mark.slow
def test_pages_are_light_enough_for_a_phone(client):
    style = sum(len(gzip.compress((STATIC / name).read_bytes())) for name in ("site.css", "pictures.css"))
    for address in (
        *(f"/case-studies/{edition.slug}/" for edition in cases()),
        SIX,
        "/literature/failing-schools-and-colleges/",
        asking(*cases().values_list("slug", flat=True)),
    ):
        assert len(gzip.compress(client.get(address).content)) + style < 60_000, address


# comparing cases


@pytest.mark.slow
def test_lists_and_pages_of_cases_lead_to_their_comparison(client):
    for address in ("/case-studies/", "/case-studies/hmp-birmingham/", SIX):
        assert any(link.get("href").startswith(COMPARE) for link in tree(client, address).iter("a")), address


def test_cases_stand_side_by_side_in_the_order_asked_for(client):
    parsed = tree(client, asking("ridings-school-halifax", "hmp-birmingham", "ridings-school-halifax"))
    picture = by_class(parsed, "timeline")[0]
    assert [words(element) for element in by_class(picture, "case")] == [
        "The Ridings School, Halifax",
        "HMP Birmingham",
    ]
    shown = words(parsed)
    for slug in ("hmp-birmingham", "ridings-school-halifax"):
        content = cases().get(slug=slug).content
        for item in content["interventions"]:
            assert item["title"] in shown
        for item in content["indicators"]:
            assert item["name"] in shown
        for sentence in content["in_short"].values():
            assert sentence in shown
    assert "Inspectors found the school good in October 2008, but the decision to close was not changed" in shown
    assert "Transforming Rehabilitation:" not in words(parsed.find(".//table"))


def test_the_comparison_opens_with_the_first_six_cases(client):
    parsed = tree(client, COMPARE)
    slugs = list(cases().order_by("sort_key", "pk").values_list("slug", flat=True))[:6]
    assert len(by_class(by_class(parsed, "timeline")[0], "case")) == 6
    boxes = [box for box in parsed.iter("input") if box.get("name") == "case"]
    assert [box.get("value") for box in boxes if box.get("checked") is not None] == slugs
    assert parsed.find(".//details[@class='panel no-print']").get("open") is None


@pytest.mark.slow
def test_the_first_phase_has_one_name_in_menu_map_narrative_timeline_comparison_and_tables(client):
    told = ["/case-studies/hmp-birmingham/", "/case-studies/hmp-birmingham/v1/", COMPARE, "/evidence-map/", "/"]
    told += ["/embed/case-studies/hmp-birmingham/timeline/", f"{COMPARE}charts/slide.svg", f"{COMPARE}charts/slide.csv"]
    told += ["/case-studies/hmp-birmingham/charts/timeline.csv", "/case-studies/export.csv"]
    for address in told:
        answer = client.get(address)
        page = (answer.getvalue() if answer.streaming else answer.content).decode()
        assert re.search(r"\b[Pp]revention\b", page), address
        assert not re.search(r"Warning signs(\s*<| in short)|\bOnset\b|from the onset", page), address


@pytest.mark.slow
def test_the_lanes_and_their_table_name_the_same_phases(client):
    for scale in ("onset", "calendar"):
        parsed = tree(client, asking("hmp-birmingham", "transforming-rehabilitation", scale=scale))
        drawn = [words(element) for element in by_class(by_class(parsed, "timeline")[0], "lane-name")]
        table = next(each for each in parsed.findall(".//table") if "First and last" in words(each.find("caption")))
        assert drawn == [words(by_class(row, "phase-name")[0]) for row in table.findall(".//tbody/tr")]
        counted = sum(int(words(row.findall("td")[3])) for row in table.findall(".//tbody/tr"))
        both = cases().filter(slug__in=["hmp-birmingham", "transforming-rehabilitation"])
        assert counted == sum(len(edition.content["events"]) for edition in both)


@pytest.mark.parametrize(
    ("query", "words_expected"),
    [
        ("case=hmp-birmingham", "choose at least one more"),
        ("case=hmp-birmingham&case=hmp-birmingham", "choose at least one more"),
        ("case=hmp-birmingham&case=never-was", "There is no case “never-was”"),
        ("case=hmp-birmingham&case=%00", "There is no case"),
        ("case=hmp-birmingham&case=" + "x" * 5000, "There is no case"),
        ("&".join(f"case=c{number}" for number in range(7)), "7 cases are too many"),
        ("case=hmp-birmingham&case=ridings-school-halifax&scale=weeks", "no time scale"),
        ("cas=hmp-birmingham", "means nothing here"),
        ("case=<script>&case=hmp-birmingham", "There is no case"),
    ],
)
def test_a_bad_choice_gets_a_clear_message_and_the_form(query, words_expected, client):
    parsed = tree(client, f"{COMPARE}?{query}", status=400)
    alert = next(element for element in parsed.iter() if element.get("role") == "alert")
    assert words_expected in words(alert)
    assert [box for box in parsed.iter("input") if box.get("name") == "case"]
    assert not drawings(parsed)


@pytest.mark.slow
def test_drafts_and_withdrawn_cases_cannot_be_compared(client, researcher, publisher):
    gone, draft = factories.case(title="Gone case"), factories.case(title="Secret draft")
    submit_record(record=gone, by=researcher)
    publish_record(record=gone, by=publisher)
    assert client.get(asking("hmp-birmingham", gone.slug)).status_code == 200
    withdraw_record(record=gone, by=publisher, note="A source was false.")
    for case, said in ((gone, "was withdrawn"), (draft, "There is no case")):
        shown = words(tree(client, asking("hmp-birmingham", case.slug), status=400))
        assert said in shown
        assert case.title not in shown


def test_comparing_costs_the_same_for_two_cases_and_for_six(client):
    slugs = list(cases().values_list("slug", flat=True))
    counts = []
    for some in (slugs[:2], slugs[:6]):
        with CaptureQueriesContext(connection) as captured:
            assert client.get(asking(*some)).status_code == 200
        counts.append(len(captured))
    assert counts == [2, 2]


def test_a_poor_case_can_be_shown_and_compared(client, researcher, publisher):
    case = factories.case(title="Poor case")
    submit_record(record=case, by=researcher)
    publish_record(record=case, by=publisher)
    tree(client, f"/case-studies/{case.slug}/")
    tree(client, asking(case.slug, "hmp-birmingham"))


def test_no_case_can_take_the_address_of_the_comparison(researcher, publisher):
    case = factories.case(title="Compare")
    case.slug = "compare"
    case.save()
    submit_record(record=case, by=researcher)
    with pytest.raises(CannotPublish, match="choose another slug"):
        publish_record(record=case, by=publisher)


# the truth table


def rows(parsed):
    table = next(table for table in parsed.findall(".//table") if table.get("class") == "truth")
    return table.findall(".//tbody/tr")


def test_every_case_stands_in_a_row_that_leads_to_its_scores(client):
    parsed = tree(client, SIX)
    anchors = {element.get("id") for element in parsed.iter()}
    linked = [link.get("href")[1:] for row in rows(parsed) for link in row.iter("a")]
    assert sorted(linked) == sorted(f"reasons-{edition.slug}" for edition in cases())
    assert set(linked) <= anchors
    assert "6 cases are few" in words(parsed)


def test_fewer_conditions_bring_contradictions_to_light(client):
    parsed = tree(client, f"{SIX}?condition=control_transferred&condition=monitoring_after_exit")
    third = next(row for row in rows(parsed) if words(row.find("th")) == "3")
    assert "Contradictory: these cases disagree." in words(third)
    assert "0.746" in words(third)  # (0.67 + 0.33) / (0.67 + 0.67)
    assert "0.663" in words(third)
    assert {link.get("href") for link in third.iter("a")} == {
        "#reasons-hackney-learning-trust",
        "#reasons-wakefield-city-academies-trust",
    }
    assert 'conditions = "CONTROL_TRANSFERRED, MONITORING_AFTER_EXIT"' in words(parsed.find(".//pre"))


def test_the_cut_off_changes_what_counts(client):
    address = f"{SIX}?condition=control_transferred&condition=monitoring_after_exit"
    outs = [words(row.findall("td")[3]) for row in rows(tree(client, f"{address}&cutoff=0.7&lower=0.6"))]
    assert outs == ["C", "1", "1", "0"]


@pytest.mark.slow
@pytest.mark.parametrize(
    "query",
    [
        "cutoff=2",
        "cutoff=abc",
        "cutoff=%00",
        "lower=0.9",
        "condition=nonsense",
        "condition=%00",
        "condition=" + "x" * 5000,
        "nonsense=1",
        "cutoff=" + "9" * 5000,
    ],
)
def test_a_senseless_question_is_answered_with_what_would_make_sense(query, client):
    parsed = tree(client, f"{SIX}?{query}", status=400)
    assert any(element.get("role") == "alert" for element in parsed.iter())
    assert len(rows(parsed)) == 6


@pytest.mark.slow
@pytest.mark.parametrize("query", ["", "?condition=control_transferred", "?cutoff=0.9"])
def test_the_comparison_stays_cheap(query, client):
    with CaptureQueriesContext(connection) as captured:
        assert client.get(f"{SIX}{query}").status_code == 200
    assert len(captured) <= 5  # one for what readers sent in about it, one for the head of the ledger


def test_the_data_is_what_r_reads(client):
    answer = client.get(f"{SIX}data.csv")
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert 'filename="six-cases-v1.csv"' in answer["Content-Disposition"]
    header, *lines = csv.reader(io.StringIO(answer.content.decode()))
    content = Edition.objects.current().get(kind="comparison").content
    assert header == ["CASE", *(condition["key"].upper() for condition in [*content["conditions"], content["outcome"]])]
    assert [line[0] for line in lines] == [case["case"] for case in content["cases"]]
    assert all(0 <= float(score) <= 1 for line in lines for score in line[1:])
    assert client.get(f"{SIX}v1/data.csv").content == answer.content


def test_data_of_nothing_and_of_what_was_withdrawn(client, publisher):
    assert client.get("/comparisons/never-was/data.csv").status_code == 404
    assert client.get(f"{SIX}v9/data.csv").status_code == 404
    withdraw_record(record=Comparison.objects.get(), by=publisher, note="Scored wrongly.")
    for tail in ("", "v1/", "data.csv", "v1/data.csv"):
        answer = client.get(f"{SIX}{tail}")
        assert answer.status_code == 410
        assert "Scored wrongly." in answer.content.decode()


def test_a_preview_of_a_comparison_has_its_table_too(client, django_user_model):
    client.force_login(django_user_model.objects.create_superuser("boss"))
    assert len(rows(tree(client, "/preview/comparisons/six-cases/"))) == 6
    assert CaseStudy.objects.exists()
