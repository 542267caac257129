"""What goes out comes back: every list of the shipped evidence, and whatever people write in between."""

import random

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from casestudies.models import Event
from failure_lessons.bulk import cells
from failure_lessons.bulk.columns import Loaded, columns_of
from failure_lessons.bulk.lists import pks_by_name, spreadsheet_lists
from failure_lessons.bulk.writing import TOO_LONG
from literature.models import GlossaryTerm, LiteratureReview
from recommendations.models import Recommendation
from tests.bulk.sheets import Sheet, changes_of, downloaded, staged, taken_in

pytestmark = pytest.mark.django_db
LISTS = sorted(spreadsheet_lists())


def test_the_lists_are_those_of_the_workbench():
    named = {
        "literature.reference",
        "casestudies.organisation",
        "vocabularies.theme",
        "literature.glossaryterm",
        "casestudies.casestudy",
        "casestudies.event",
        "casestudies.intervention",
        "casestudies.indicator",
        "casestudies.indicatorvalue",
        "casestudies.casefinding",
        "literature.reviewfinding",
        "recommendations.lesson",
        "recommendations.recommendation",
        "literature.screening",
    }
    assert named <= set(LISTS)
    assert not {label for label in LISTS if label.split(".")[0] in ("auth", "publishing", "partners", "bulk")}


@pytest.mark.slow
@pytest.mark.parametrize("label", LISTS)
def test_a_list_that_comes_back_as_it_went_changes_nothing(label, researcher):
    model = spreadsheet_lists()[label].model
    count = model._default_manager.count()
    upload = staged(downloaded(model._default_manager.all()), model, researcher)
    assert upload.plan["rows"] == []
    assert upload.plan["notes"] == []
    assert upload.plan["counts"]["same"] == count > 0


@pytest.mark.slow
@pytest.mark.parametrize("label", LISTS)
def test_every_cell_reads_back_as_the_value_it_was_written_from(label):
    model = spreadsheet_lists()[label].model
    columns = columns_of(model)
    rows = list(model._default_manager.all())
    loaded = Loaded(rows, columns)
    for row in rows:
        for column in columns:
            text = loaded.text(row, column)
            pks = pks_by_name(column.target, column.split_names(text)) if column.target else {}
            assert column.value(text, pks) == loaded.raw(row, column), (column.name, text)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
def test_random_edits_come_back_as_exactly_those_edits(seed, researcher):
    chance = random.Random(seed)  # noqa: S311  # edits, not secrets
    sheet, wanted = Sheet(Event.objects.all()), {}
    phases = ["Prevention", "Identification", "Management", "Resolution", "Aftermath"]
    for event in chance.sample(list(Event.objects.all()), 20):
        row = sheet.row_of(event)
        heading = chance.choice(["Title", "Description", "Date", "Phase", "Position"])
        old = str(sheet.at(row, heading).value or "")
        new = {
            "Title": f"=SUM({chance.randint(1, 9)})",
            "Description": f"“{chance.random()}”\nand <b>&amp;</b> 'x'",
            "Date": f"{chance.randint(1900, 2020)}~",
            "Phase": chance.choice([each for each in phases if each != old]),
            "Position": str(chance.randint(500, 900)),
        }[heading]
        cell = sheet.at(row, heading)
        cell.value, cell.data_type = new, "s"
        wanted[row, heading.lower()] = (old, new)
    data = sheet.bytes()
    assert changes_of(staged(data, Event, researcher)) == wanted
    taken_in(data, Event, researcher)
    again = Sheet(Event.objects.order_by("case", "position", "pk"))
    assert changes_of(staged(data, Event, researcher)) == {}
    for (_, name), (_, new) in wanted.items():
        assert new in {str(again.at(row, name.capitalize()).value) for row in range(2, again.sheet.max_row + 1)}


def test_text_that_looks_like_a_formula_is_text_on_the_way_out_and_back(researcher):
    term = GlossaryTerm.objects.first()
    GlossaryTerm.objects.filter(pk=term.pk).update(
        definition='=HYPERLINK("http://x.example","x")', source_note="+1 _x0041_\r\n@a "
    )
    sheet = Sheet(GlossaryTerm.objects.filter(pk=term.pk))
    cell = sheet.at(2, "Definition")
    assert (cell.data_type, cell.value) == ("s", '=HYPERLINK("http://x.example","x")')
    assert staged(downloaded(GlossaryTerm.objects.all()), GlossaryTerm, researcher).plan["rows"] == []


def test_a_text_too_long_for_a_cell_stays_as_it_is(researcher):
    review = LiteratureReview.objects.first()
    LiteratureReview.objects.filter(pk=review.pk).update(synthesis="long 😀 " * 6000)
    sheet = Sheet(LiteratureReview.objects.all()).write(review, Question="Another question?")
    assert sheet.at(sheet.row_of(review), "Synthesis").value == TOO_LONG
    taken_in(sheet.bytes(), LiteratureReview, researcher)
    review.refresh_from_db()
    assert (review.question, review.synthesis) == ("Another question?", "long 😀 " * 6000)


@pytest.mark.parametrize("lines", [["one", "two"], ["one\nwith a break", "two"], [" edge "], ["[a]"], ["", "x"], []])
def test_a_list_of_texts_survives_whatever_is_in_it(lines):
    assert cells.LINES_FORM.read(cells.LINES_FORM.write(lines)) == lines


@pytest.mark.parametrize(
    "names",
    [
        [{"family": "Allen", "given": "Rebecca"}, {"literal": "Ofsted"}],
        [{"literal": "Department for Education, London"}],
        [{"family": "Berg", "given": "Ann", "non-dropping-particle": "van den"}],
        [{"family": "O; Neil", "given": "X"}],
    ],
)
def test_authors_are_readable_where_that_says_everything(names):
    assert cells.AUTHORS_FORM.read(cells.AUTHORS_FORM.write(names)) == names


names = st.dictionaries(st.sampled_from(["family", "given", "literal", "suffix"]), st.text(max_size=8), min_size=1)


@given(st.lists(names, max_size=3))
def test_any_authors_read_back_as_they_were(value):
    written = cells.AUTHORS_FORM.write(value)
    assert "\\u0000" in written or cells.AUTHORS_FORM.read(written) == value


@given(st.lists(st.text(max_size=12), max_size=4))
def test_any_lines_read_back_as_they_were(value):
    written = cells.LINES_FORM.write(value)
    assert "\0" in written or "\\u0000" in written or cells.LINES_FORM.read(written) == value


def test_a_sheet_offers_choices_locks_its_key_and_explains_itself():
    sheet = Sheet(Recommendation.objects.all())
    rules = {str(rule.sqref).split(":")[0]: rule for rule in sheet.sheet.data_validations.dataValidation}
    place = sheet.headings.index("Strength")
    letter = openpyxl.utils.get_column_letter(place + 1)
    assert rules[f"{letter}2"].type == "list"
    offered = [cell.value for cell in sheet.book["Choices"][openpyxl.utils.get_column_letter(place)] if cell.value]
    assert offered == ["Strength", "Strong", "Conditional", "For consideration"]
    assert sheet.book["Choices"].sheet_state == "hidden"
    assert sheet.sheet.protection.sheet
    assert sheet.at(2, 0).protection.locked
    assert not sheet.at(2, 1).protection.locked
    helped = {row[0].value: row[2].value for row in sheet.book["Help"].iter_rows()}
    assert helped["Owner"] == "The body or post that must act."
    assert set(sheet.headings) <= set(helped)


def test_no_sheet_lets_anybody_write_state_record_id_or_editions():
    for options in spreadsheet_lists().values():
        names = {column.name for column in columns_of(options.model)}
        assert not names & {"id", "state", "record_id", "submitted_by", "submitted_sha256", "edited_at", "review_note"}
