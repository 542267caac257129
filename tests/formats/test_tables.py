"""Tables that open in any spreadsheet and run in none."""

import csv
import io
import re
import tracemalloc

import openpyxl
import pytest
from hypothesis import given

from failure_lessons.exports.formats import FORMATS
from failure_lessons.exports.formats.tables import columns_of_kind
from failure_lessons.files.cells import CUT, LONGEST_CELL, neutralise_formula
from tests.examples import examples
from tests.formats.conftest import BASE, NASTY, row, texts
from tests.helpers import SHIPPED_KINDS


def written(name, rows, kind=""):
    return b"".join(FORMATS[name].write(rows, BASE, kind))


def table(rows, kind="lesson"):
    """The CSV read back, as dictionaries."""
    text = written("csv", rows, kind).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline=""), strict=True))


def sheet(rows, kind="lesson"):
    """The workbook read back by another library: headings, then cells."""
    book = openpyxl.load_workbook(io.BytesIO(written("xlsx", rows, kind)))
    return list(book.active.iter_rows())


@pytest.mark.slow
@pytest.mark.parametrize("kind", [*SHIPPED_KINDS, ""])
@pytest.mark.django_db
def test_csv_and_xlsx_hold_the_same_cells_of_every_record(kind, library):
    rows = list(library.filter(kind=kind) if kind else library)
    lines = table(rows, kind)
    head, *cells = sheet(rows, kind)
    assert [cell.value for cell in head] == list(lines[0]) == [column.heading for column in columns_of_kind(kind)]
    assert len(lines) == len(cells) == len(rows) > 0
    for line, record in zip(lines, cells, strict=True):
        for said, cell in zip(line.values(), record, strict=True):
            assert cell.data_type in ("s", "n", "inlineStr")
            assert cell.hyperlink is None
            whole = "" if cell.value is None else str(cell.value)
            assert said in (whole, f"'{whole}")


@pytest.mark.django_db
def test_a_recommendation_can_be_read_in_its_row(library):
    line = next(each for each in table(library.filter(kind="recommendation"), "recommendation") if each["Code"] == "R1")
    assert line["Audience"] == "national-policymaker; regulator; provider-board"
    assert line["Timescale in months"] == "12"
    assert line["Strength"] == "conditional"
    assert line["Permanent address"].startswith(f"{BASE}/recommendations/")
    assert line["Permanent address"].endswith("/v1/")
    assert re.fullmatch("[0-9a-f]{64}", line["SHA-256"])


@pytest.mark.slow
@pytest.mark.parametrize("text", NASTY, ids=lambda text: ascii(text[:12]))
def test_no_text_is_taken_for_a_formula(text):
    said = table([row(title=text)])[0]["Title"]
    assert not re.match(r"[\s\u200f\ufeff\u202e]*[=+\-@＝]|[\t\r\n]", said)
    assert sheet([row(title=text)])[1][1].data_type != "f"


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        ("-5", "-5"),
        ("-5.25", "-5.25"),
        (-5, -5),
        ("=1", "'=1"),
        ("+44", "'+44"),
        ("-5-2", "'-5-2"),
        ("a=1", "a=1"),
        ("- a dash", "'- a dash"),
        ("'=1", "'=1"),
        (None, None),
        ("", ""),
    ],
)
def test_negative_numbers_stay_numbers_and_the_rest_is_quoted(cell, said):
    assert neutralise_formula(cell) == said


@examples(150)
@given(texts(), texts())
def test_any_text_comes_back_from_csv(title, statement):
    lines = table([row(title=title, statement=statement)] * 2)
    assert len(lines) == 2
    for name, text in (("Title", title), ("Statement", statement)):
        said = lines[0][name]
        kept = re.sub("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ufdd0-\ufdef\ufffe\uffff]", "", text)
        if len(kept) > LONGEST_CELL // 2:
            assert said.endswith(CUT)
        else:
            assert said in (kept, f"'{kept}")


@pytest.mark.slow
@examples(60)
@given(texts())
def test_any_text_makes_a_workbook_that_opens(title):
    cell = sheet([row(title=title)])[1][1]
    assert cell.data_type != "f"
    assert len((cell.value or "").encode("utf-16-le")) // 2 <= LONGEST_CELL


def test_a_long_cell_is_cut_with_a_word_about_it_and_never_through_a_character():
    said = table([row(title="🧑" * 40_000)])[0]["Title"]
    assert said.endswith(CUT)
    assert set(said.removesuffix(CUT)) == {"🧑"}
    assert len(said.encode("utf-16-le")) // 2 <= LONGEST_CELL


def test_an_empty_list_still_has_its_headings():
    assert table([]) == []
    assert written("csv", [], "lesson").startswith(b"\xef\xbb\xbfCode,Title,Statement")
    assert [cell.value for cell in sheet([])[0]][:2] == ["Code", "Title"]


@pytest.mark.slow
@pytest.mark.parametrize("name", ["csv", "ndjson", "xlsx", "ris"])
def test_thousands_of_records_are_never_held_at_once(name):
    rows = (row(slug=f"lesson-{number}", title="A lesson " * 20, statement="Words. " * 100) for number in range(3_000))
    tracemalloc.start()
    try:
        size = sum(len(block) for block in FORMATS[name].write(rows, BASE, "lesson"))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert size > 50_000
    assert peak < 2_000_000
