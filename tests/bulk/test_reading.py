"""Hostile, broken and careless files: each gets a clear answer, and nothing is kept or changed."""

import contextlib
import io
import struct
import zipfile

import openpyxl
import pytest

from casestudies.models import Organisation
from failure_lessons.bulk.models import Upload
from failure_lessons.bulk.reading import read_table
from failure_lessons.files.decoding import CannotReadFile
from failure_lessons.history.models import Change
from tests.bulk.sheets import changes_of, downloaded, faults_of, made, staged

HEAD = ["Slug", "Name", "Type"]
BODY = ["a-school", "A school", "school"]


def with_parts(data, change=(), add=()):
    """A workbook with some parts rewritten or added."""
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as target:
        for member in source.infolist():
            content = source.read(member)
            for name, rewrite in change:
                content = rewrite(content) if member.filename == name else content
            target.writestr(member.filename, content)
        for name, content in add:
            target.writestr(name, content)
    return file.getvalue()


def edited(change):
    """A small workbook that openpyxl saves after a change."""
    book = openpyxl.load_workbook(io.BytesIO(made(HEAD, BODY)))
    change(book.worksheets[0])
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def sheet_xml(body):
    """A small workbook whose sheet has these rows of XML."""
    rows = f"<sheetData>{body}</sheetData>".encode()
    replace = lambda xml: xml.split(b"<sheetData>")[0] + rows + xml.split(b"</sheetData>")[1]  # noqa: E731
    return with_parts(made(HEAD, BODY), change=[("xl/worksheets/sheet1.xml", replace)])


def text_cell(place, text):
    return f'<c r="{place}" t="inlineStr"><is><t>{text}</t></is></c>'


HEADINGS = f'<row r="1">{text_cell("A1", "Slug")}{text_cell("B1", "Name")}</row>'
DOCTYPE = b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>'


def shared_bomb():
    """One long text in many cells."""
    rows = "".join(f'<row r="{n}"><c r="A{n}" t="s"><v>0</v></c></row>' for n in range(2, 1002))
    strings = f"<sst><si><t>{'x' * 900_000}</t></si></sst>".encode()
    data = sheet_xml(HEADINGS + rows)
    return with_parts(data, change=[("xl/sharedStrings.xml", lambda xml: strings)])


def lying_about_size():
    """A member that says it holds ten bytes and holds 300 million."""
    data = bytearray(with_parts(made(HEAD, BODY), add=[("xl/media/x.bin", b"0" * 300_000_000)]))
    with zipfile.ZipFile(io.BytesIO(bytes(data))) as archive:
        member = archive.getinfo("xl/media/x.bin")
    for place in (data.find(b"xl/media/x.bin"), data.rfind(b"xl/media/x.bin")):
        start = place - (30 if data[place - 30 : place - 26] == b"PK\x03\x04" else 46)
        offset = 22 if data[start : start + 4] == b"PK\x03\x04" else 24
        data[start + offset : start + offset + 4] = struct.pack("<I", 10)
    assert member.file_size > 10
    return bytes(data)


FILES = {
    "zip bomb": (lambda: with_parts(made(HEAD, BODY), add=[("xl/media/x.bin", b"0" * 300_000_000)]), "Unpacked"),
    "many parts": (lambda: with_parts(made(HEAD), add=[(f"x/{n}", b"") for n in range(2100)]), "parts"),
    "path traversal": (lambda: with_parts(made(HEAD, BODY), add=[("../../etc/passwd", b"x")]), "lead out of it"),
    "absolute path": (lambda: with_parts(made(HEAD, BODY), add=[("/etc/passwd", b"x")]), "lead out of it"),
    "windows path": (lambda: with_parts(made(HEAD, BODY), add=[("C:\\x", b"x")]), "lead out of it"),
    "XXE": (
        lambda: with_parts(
            made(HEAD, BODY),
            change=[("xl/worksheets/sheet1.xml", lambda xml: xml.replace(b"?>\n", b"?>\n" + DOCTYPE, 1))],
        ),
        "declares entities",
    ),
    "XXE in texts": (
        lambda: with_parts(
            made(HEAD, BODY), change=[("xl/sharedStrings.xml", lambda xml: xml.replace(b"?>\n", b"?>\n" + DOCTYPE, 1))]
        ),
        "declares entities",
    ),
    "UTF-16 XML": (
        lambda: with_parts(
            made(HEAD, BODY),
            change=[("xl/worksheets/sheet1.xml", lambda xml: xml.decode().replace("UTF-8", "UTF-16").encode("utf-16"))],
        ),
        "not in UTF-8",
    ),
    "a far corner": (
        lambda: sheet_xml(HEADINGS + f'<row r="1048576">{text_cell("XFD1048576", "x")}</row>'),
        "row 1,048,576",
    ),
    "a far column": (lambda: sheet_xml(HEADINGS + f'<row r="2">{text_cell("XFD2", "x")}</row>'), "column XFD"),
    "too many rows": (lambda: made(HEAD, *[BODY] * 20_001), "At most 20,000 rows"),
    "shared bomb": (shared_bomb, "so many cells"),
    "merged cells": (lambda: edited(lambda sheet: sheet.merge_cells("A2:B2")), "A2:B2"),
    "truncated": (lambda: made(HEAD, BODY)[:-300], "cut off or damaged"),
    "truncated early": (lambda: made(HEAD, BODY)[:60], "cut off or damaged"),
    "broken XML": (
        lambda: with_parts(made(HEAD, BODY), change=[("xl/worksheets/sheet1.xml", lambda xml: xml[:-40])]),
        "damaged",
    ),
    "a Word file": (
        lambda: with_parts(b"PK\x05\x06" + b"\0" * 18, add=[("word/document.xml", b"<x/>")]),
        "not an Excel workbook",
    ),
    "old Excel": (lambda: b"\xd0\xcf\x11\xe0" + b"\0" * 600, "old Excel"),
    "a PDF": (lambda: b"%PDF-1.7 ...", "PDF"),
    "100 MB": (lambda: b"PK" + b"\0" * 100_000_000, "100.0 MB"),
    "empty": (lambda: b"", "empty"),
    "NUL in CSV": (lambda: b"Slug,Name\na,b\0c\n", "NUL"),
    "cut-off UTF-16": (lambda: "Slug,Name\na,b\n".encode("utf-16")[:-1], "cut off"),
    "headings only": (lambda: made(HEAD), "no rows"),
    "an empty first row": (lambda: made([], HEAD, BODY), "first row is empty"),
    "a title above": (lambda: made(["Our schools"], HEAD, BODY), "stand in row 2"),
    "two heading rows": (lambda: made(HEAD, HEAD, BODY), "Row 2 repeats the headings"),
    "no heading known": (lambda: made(["Foo", "Bar"], ["x", "y"]), "None of the headings"),
    "a heading twice": (lambda: made(["Slug", "Name", "name"], BODY), "Two columns"),
    "a name and its field": (lambda: made(["URN", "urn"], ["1", "2"]), "Two columns"),
    "another list": (lambda: made(["Record (leave as it is)", "Name"], ["event:3@9", "x"]), "another list (event)"),
    "a heading by formula": (lambda: edited(lambda sheet: sheet.cell(1, 2, '="Name"')), "heading is a formula"),
}


@pytest.mark.slow
@pytest.mark.django_db
@pytest.mark.parametrize("name", FILES)
def test_a_file_that_cannot_be_read_is_told_why_and_nothing_is_kept(name, researcher):
    make, answer = FILES[name]
    before = Change.objects.count(), Organisation.objects.count()
    with pytest.raises(CannotReadFile) as refusal:
        staged(make(), Organisation, researcher)
    assert answer in str(refusal.value)
    assert not Upload.objects.exists()
    assert (Change.objects.count(), Organisation.objects.count()) == before


@pytest.mark.slow
def test_a_part_that_lies_about_its_size_is_not_unpacked():
    assert read_table(lying_about_size()).rows == [(2, BODY)]  # a part that nobody needs is not even opened


def test_a_needed_part_that_lies_about_its_size_ends_where_it_said(monkeypatch):
    rows = "".join(f'<row r="{n}">{text_cell(f"A{n}", "x" * 90)}</row>' for n in range(2, 4000))
    data = bytearray(sheet_xml(HEADINGS + rows))
    name = b"xl/worksheets/sheet1.xml"
    for mark, offset, back in ((b"PK\x03\x04", 22, 30), (b"PK\x01\x02", 24, 46)):
        place = data.find(name) if mark == b"PK\x03\x04" else data.rfind(name)
        assert data[place - back : place - back + 4] == mark
        data[place - back + offset : place - back + offset + 4] = struct.pack("<I", 500)
    with pytest.raises(CannotReadFile):
        read_table(bytes(data))


@pytest.mark.slow
@pytest.mark.parametrize("last", [100_000, pytest.param(1_000_000, marks=pytest.mark.trials)])
def test_any_number_of_empty_rows_are_nothing(last):
    styled = "".join(f'<row r="{n}" s="1"><c r="A{n}" s="1"/></row>' for n in range(3, last))
    data = sheet_xml(f'{HEADINGS}<row r="2">{text_cell("A2", "a-school")}</row>{styled}')
    assert read_table(data).rows == [(2, ["a-school", ""])]


@pytest.mark.django_db
def test_formula_cells_make_their_rows_faulty(researcher):
    upload = staged(edited(lambda sheet: sheet.cell(2, 2, "=1+1")), Organisation, researcher)
    assert faults_of(upload) == {2: [("", "Cell B2 is a formula. Write its value: copy, then paste as values.")]}


@pytest.mark.django_db
def test_the_sheet_that_is_read_is_the_first_in_the_book_whatever_its_part_is_called(researcher):
    book = openpyxl.load_workbook(io.BytesIO(made(HEAD, BODY)))
    hidden = book.create_sheet("Formulas")
    hidden["A1"] = "=1"
    book.move_sheet("Formulas", -1)
    hidden["A1"], hidden["B1"], hidden["A2"], hidden["B2"] = "Slug", "Name", "b-school", "=1"
    file = io.BytesIO()
    book.save(file)
    assert faults_of(staged(file.getvalue(), Organisation, researcher))[2][0][1].startswith("Cell B2 is a formula")


@pytest.mark.django_db
def test_a_nul_that_excel_can_write_makes_its_row_faulty(researcher):
    upload = staged(sheet_xml(f'{HEADINGS}<row r="2">{text_cell("B2", "A_x0000_B")}</row>'), Organisation, researcher)
    assert "NUL" in faults_of(upload)[2][0][1]


@pytest.mark.django_db
@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "latin-1", "utf-16"])
@pytest.mark.parametrize("between", [",", ";", "\t"])
def test_csv_is_read_in_the_character_sets_that_programs_write(codec, between, researcher):
    text = between.join(HEAD) + "\r\n" + between.join(["ecole", '"École, ""une"""', "school"]) + "\r\n"
    upload = staged(text.encode(codec), Organisation, researcher, "liste.csv")
    assert changes_of(upload)[2, "name"] == ("", 'École, "une"')
    assert not faults_of(upload)


@pytest.mark.slow
def test_numbers_and_dates_are_read_as_a_person_would_write_them():
    table = read_table(edited(lambda sheet: (sheet.cell(2, 1, 7.0), sheet.cell(2, 2, 0.1), sheet.cell(2, 3, True))))
    assert table.rows == [(2, ["7", "0.1", "yes"])]


@pytest.mark.django_db
def test_a_broken_quote_in_csv_is_told(researcher):
    with pytest.raises(CannotReadFile, match="cannot be read"):
        staged(b'Slug,Name\na,"b\n', Organisation, researcher)


@pytest.mark.django_db
def test_any_cut_of_a_real_list_is_refused_and_never_a_crash(researcher):
    data = downloaded(Organisation.objects.all())
    for end in range(4, len(data), len(data) // 40):
        with pytest.raises(CannotReadFile):
            staged(data[:end], Organisation, researcher)


@pytest.mark.slow
@pytest.mark.django_db
def test_any_flipped_byte_of_a_real_list_is_refused_or_read(researcher):
    data = bytearray(downloaded(Organisation.objects.all()))
    for place in range(0, len(data), len(data) // 60):
        data[place] ^= 0x55
        with contextlib.suppress(CannotReadFile):  # told; anything else would be a crash
            staged(bytes(data), Organisation, researcher)
        data[place] ^= 0x55
