"""Rows pasted from a spreadsheet: what is understood of cells, what is added, what is refused and how it is said."""

import csv
from decimal import Decimal
from pathlib import Path

import pytest
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from casestudies.models import CaseCitation, Event, Indicator, IndicatorValue
from casestudies.paste_import import cells
from casestudies.paste_import.reading import parse_paste
from casestudies.paste_import.services import CannotPaste, paste_rows
from failure_lessons.accounts.models import User
from failure_lessons.bulk.columns import form_for_field
from failure_lessons.dates import EdtfField
from failure_lessons.vocabularies.choices import EventPhase
from failure_lessons.vocabularies.models import Theme
from literature.models import Reference
from tests import factories
from tests.helpers import squeeze_html

FOLDER = Path(__file__).parent


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("2018-08-20", "2018-08-20"),
        ("2018-08-20 00:00:00", "2018-08-20"),
        ("20 August 2018", "2018-08-20"),
        ("20th Aug. 2018", "2018-08-20"),
        ("August 20, 2018", "2018-08-20"),
        ("20/08/2018", "2018-08-20"),
        ("1.9.2019", "2019-09-01"),
        ("Sept 2019", "2019-09"),
        ("2018", "2018"),
        ("about 2001", "2001~"),
        ("c. 2001", "2001~"),
        ("possibly May 2001", "2001-05?"),
        ("2016 to 2019", "2016/2019"),
        ("2016–2019", "2016/2019"),
        ("2018-19", "2018/2019"),
        ("from March 2016", "2016-03/.."),
        ("until 2019", "../2019"),
        ("1990s", "199X"),
        ("2016/2019", "2016/2019"),
    ],
)
def test_dates_are_read_in_english_and_in_edtf(typed, kept):
    assert cells.parse_date_cell(typed) == kept


@pytest.mark.parametrize(
    "typed", ["soon", "8/20/2018", "31 February 2018", "20 20 2018", "2019 to 2016", "43332", "x" * 900]
)
def test_what_is_no_date_is_refused_with_advice(typed):
    with pytest.raises(cells.CannotReadCell, match="Write 20 August 2018"):
        cells.parse_date_cell(typed)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("1,434.5", "1434.5"),
        ("1 434", "1434"),
        ("£12,000", "12000"),
        ("45%", "45"),
        ("(300)", "-300"),
        ("−5", "-5"),
        (".5", "0.5"),
    ],
)
def test_figures_may_have_separators_and_signs(typed, kept):
    assert cells.parse_figure_cell(typed) == Decimal(kept)


@pytest.mark.parametrize("typed", ["12,5", "1,23,456", "about 5", "", "1e9", "NaN", "٣", "9" * 60, "1.2.3"])
def test_what_is_no_figure_is_refused(typed):
    with pytest.raises(cells.CannotReadCell, match="not a figure"):
        cells.parse_figure_cell(typed)


def test_codes_are_read_by_label_or_code_and_hint_at_the_nearest():
    kinds = [("merger-or-takeover", "Merger or takeover"), ("closure", "Closure")]
    assert cells.parse_code_cell("Merger or takeover", kinds) == "merger-or-takeover"
    assert cells.parse_code_cell("ONSET", EventPhase.choices) == "onset"
    assert cells.parse_code_cell("after", EventPhase.choices) == "aftermath"
    with pytest.raises(cells.CannotReadCell, match="Did you mean “Resolution”"):
        cells.parse_code_cell("resolutoin", EventPhase.choices)


def test_a_cell_with_line_breaks_and_quotation_marks_is_one_cell():
    assert cells.split_table('a\t"two\nlines and ""words"""\tc\r\n\r\nd\te "quoted" part\tf') == [
        ["a", 'two\nlines and "words"', "c"],
        ["d", 'e "quoted" part', "f"],
    ]
    assert cells.split_table('a\t"an unclosed mark\nd\te') == [["a", '"an unclosed mark'], ["d", "e"]]


pytestmark = pytest.mark.django_db
EVENTS = """When\tWhat happened\tPhase\tSource
20 August 2018\tMinistry steps in\tManagement\tREF, p. 4; REF | para. 2 | very words
about 1996\tIt goes wrong\tonset\t"""


@pytest.fixture
def source():
    return factories.reference()


@pytest.fixture
def case():
    return factories.case()


@pytest.fixture
def desk(client):
    user = User.objects.create_user("pasting", password="a long enough phrase", is_staff=True)
    user.groups.set(Group.objects.filter(name="researcher"))
    client.force_login(user)
    return client


def test_events_come_with_their_sources_after_those_that_are_there(case, source, researcher):
    assert paste_rows(case=case, what="events", text=EVENTS.replace("REF", source.slug), by=researcher) == 2
    added = list(case.events.all())[1:]
    assert [(e.date, e.phase, e.title, str(e.earliest)) for e in added] == [
        ("2018-08-20", "management", "Ministry steps in", "2018-08-20"),
        ("1996~", "onset", "It goes wrong", "1996-01-01"),
    ]
    assert [(c.reference, c.locator, c.quotation) for c in added[0].citations.all()] == [
        (source, "p. 4", ""),
        (source, "para. 2", "very words"),
    ]


def test_the_same_rows_pasted_twice_are_added_once(case, source, researcher):
    text = EVENTS.replace("REF", source.slug)
    paste_rows(case=case, what="events", text=text, by=researcher)
    assert [row.here for row in parse_paste(case=case, what="events", text=text).rows] == [True, True]
    assert paste_rows(case=case, what="events", text=text, by=researcher) == 0
    assert case.events.count() == 3


def test_one_faulty_row_keeps_all_out(case, researcher):
    with pytest.raises(CannotPaste) as refusal:
        paste_rows(
            case=case, what="events", text="2018\tonset\tGood\nsoon\tonset\tBad\n2018\t\tNo phase", by=researcher
        )
    assert refusal.value.reasons[0].startswith("Row 2: Date: “soon” is not a date")
    assert refusal.value.reasons[1] == "Row 3: Phase is empty."
    assert case.events.count() == 1


def test_figures_of_one_indicator_stand_under_each_other(case, source, researcher):
    text = f"Roll\tpupils\tHigher\t2018-19\t1,104\tJanuary\t\t{source.slug}\n\t\t\t2019-20\t986\nExclusions\tper 100\tlower\t2018-19\t7.5"
    paste_rows(case=case, what="indicators", text=text, by=researcher)
    paste_rows(
        case=case,
        what="indicators",
        text=f"Indicator\tPeriod\tValue\tSources\nroll\t2020-21\t901\t{source.slug}",
        by=researcher,
    )
    roll = Indicator.objects.get(case=case, name="Roll")
    assert [(p.period, p.value) for p in roll.points.all()] == [("2018-19", 1104), ("2019-20", 986), ("2020-21", 901)]
    assert (roll.unit, roll.better, roll.citations.count()) == ("pupils", "higher", 1)
    assert IndicatorValue.objects.get(indicator__case=case, indicator__name="Exclusions").value == Decimal("7.5")


def test_findings_are_numbered_on_and_carry_themes(case, source, researcher):
    theme = Theme.objects.first()
    text = f"Code\tPhase\tStatement\tThemes\tSources\nZ7-F1\tIdentification\tOne.\t{theme.label}\t{source.slug}\n\tprevention\tTwo.\t\t"
    case.findings.all().delete()
    paste_rows(case=case, what="findings", text=text, by=researcher)
    found = list(case.findings.all())
    assert [(f.code, f.slug) for f in found] == [("Z7-F1", "z7-f1"), ("Z7-F2", "z7-f2")]
    assert list(found[0].themes.all()) == [theme]


def test_a_code_of_another_case_is_refused(case, researcher):
    other = factories.case().findings.get()
    with pytest.raises(CannotPaste, match="belongs to another case"):
        paste_rows(case=case, what="findings", text=f"{other.code}\tprevention\tOne.", by=researcher)


def test_citations_go_to_the_statement_they_name(case, source, researcher):
    text = f"Summary\t{source.slug}\tp. 3\nIt began\t{source.slug}\n{case.findings.get().code}\t{source.slug}\t\tvery words"
    assert paste_rows(case=case, what="citations", text=text, by=researcher) == 3
    assert CaseCitation.objects.get(section__case=case).locator == "p. 3"
    assert CaseCitation.objects.filter(event__case=case, reference=source).exists()
    with pytest.raises(CannotPaste, match="Did you mean “it began”"):
        paste_rows(case=case, what="citations", text=f"It begann\t{source.slug}", by=researcher)


def test_an_unknown_key_gets_the_nearest(case, researcher):
    known = Reference.objects.create(slug="ofsted-2019", type="report", title="R")
    row = parse_paste(case=case, what="events", text=f"2018\tonset\tX\t\t{known.slug[:-1]}").rows[0]
    assert row.problems == ["There is no reference with the key “ofsted-201”. Did you mean “ofsted-2019”?"]


def test_the_number_of_queries_does_not_grow_with_the_rows(case, source, researcher):
    def cost(start, many):
        text = "\n".join(f"{start + n}\tonset\tEvent {n}\t\t{source.slug}" for n in range(many))
        with CaptureQueriesContext(connection) as asked:
            paste_rows(case=case, what="events", text=text, by=researcher)
        return len(asked)

    assert cost(1000, 3) == cost(1500, 200)


@pytest.mark.slow
@pytest.mark.parametrize("what", ["events", "interventions", "indicators", "findings", "citations"])
@pytest.mark.parametrize(
    "text",
    [
        "\t",
        "x",
        "a\tb\tc\td\te\tf\tg\th\ti\tj",
        '"',
        "=1+1\t@x",
        "Date\tDate\tPhase\n1\t2\t3",
        "é" * 70_000,
        "\n" * 5000 + "x\ty",
    ],
)
def test_whatever_is_pasted_is_answered_in_words(what, text, desk, case):
    address = reverse("admin:casestudies_casestudy_paste", args=[case.pk, what])
    for button in ({}, {"_add": "1"}):
        answer = desk.post(address, {"text": text, **button})
        assert answer.status_code == 422
    assert case.events.count() == 1


def test_the_page_shows_what_was_understood_then_adds_it(desk, case, source):
    address = reverse("admin:casestudies_casestudy_paste", args=[case.pk, "events"])
    text = EVENTS.replace("REF", source.slug)
    looked = desk.post(address, {"text": text})
    page = squeeze_html(looked)
    assert looked.status_code == 200
    assert "<td>2018-08-20<small>from “20 August 2018”</small></td>" in page
    assert "Add 2 rows" in page
    assert Event.objects.filter(case=case).count() == 1
    answer = desk.post(address, {"text": text, "_add": "1"})
    assert answer.status_code == 302
    assert answer["Location"].endswith("/change/#events-group")
    assert Event.objects.filter(case=case).count() == 3


def test_a_faulty_text_is_given_back_as_it_was(desk, case):
    address = reverse("admin:casestudies_casestudy_paste", args=[case.pk, "events"])
    page = desk.post(address, {"text": "soon\tonset\t<b>Bold</b>", "_add": "1"}).content.decode()
    assert "soon\tonset\t&lt;b&gt;Bold&lt;/b&gt;</textarea>" in page
    assert "is not a date we can read" in page
    assert "<b>Bold" not in page


def test_nul_is_taken_out_and_strangers_are_refused(desk, client, case):
    address = reverse("admin:casestudies_casestudy_paste", args=[case.pk, "events"])
    cleaned = desk.post(address, {"text": "2018\tonset\tA\x00"})
    assert cleaned.status_code == 200
    assert "\x00" not in cleaned.content.decode()
    assert desk.get(address.replace("events", "nothing")).status_code == 404
    reader = User.objects.create_user("looks", password="x", is_staff=True)
    reader.groups.set(Group.objects.filter(name="reviewer"))
    client.force_login(reader)
    assert client.post(address, {"text": "2018\tonset\tA", "_add": "1"}).status_code == 403


def test_a_published_case_asks_why(desk):
    from_library = Event.objects.filter(case__slug="hmp-birmingham").first().case
    address = reverse("admin:casestudies_casestudy_paste", args=[from_library.pk, "events"])
    before = from_library.events.count()
    data = {"text": "2030\taftermath\tLater", "_add": "1"}
    assert desk.post(address, data).status_code == 422
    assert from_library.events.count() == before
    assert desk.post(address, {**data, "reason": "News."}).status_code == 302
    assert from_library.events.count() == before + 1


@pytest.mark.parametrize(
    "row",
    list(csv.DictReader((FOLDER / "dates.tsv").read_text().splitlines(), delimiter="\t")),
    ids=lambda row: row["typed"],
)
def test_dates_as_people_and_excel_write_them_are_read_the_same_in_forms_cells_and_sheets(row):
    right = row["right EDTF"]
    assert cells.parse_date_cell(row["typed"]) == right
    assert EdtfField().formfield().clean(row["typed"]) == right
    assert form_for_field(EdtfField()).read(row["typed"]) == right


@pytest.mark.parametrize(
    ("typed", "question"),
    [
        ("5/6/2018", "5 June or 6 May"),
        ("05-06-18", "5 June or 6 May"),
        ("August", "which year"),
        ("sept", "which year"),
    ],
)
def test_a_date_that_may_be_two_asks_which(typed, question):
    with pytest.raises(cells.CannotReadCell, match=question):
        cells.parse_date_cell(typed)
    with pytest.raises(ValidationError, match=question):
        EdtfField().formfield().clean(typed)


def test_quotation_marks_at_the_beginning_of_a_copied_cell_stay():
    rows = cells.split_table((FOLDER / "paste-quotes.tsv").read_text())
    assert rows[1][2] == "“Unfit” say inspectors".replace("“", '"').replace("”", '"')
    assert cells.split_table('"one\ntwo"\t"say ""no"""\t"Unfit"\tx"y"\n') == [
        ["one\ntwo", 'say "no"', '"Unfit"', 'x"y"']
    ]
