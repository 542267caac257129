"""Every form is read to the same items; what is malformed is told row by row, what is hostile is refused."""

import contextlib
import re

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from failure_lessons.bibliography.csl import flatten_text
from failure_lessons.exports.formats.bibtex import write_bibtex
from failure_lessons.exports.formats.csl import csl_json
from failure_lessons.exports.formats.ris import write_ris
from failure_lessons.files.decoding import MAX_IMPORT_BYTES, CannotReadFile, decode_text_file
from literature.importing.dates import read_date_words
from literature.importing.mending import strip_markup
from literature.importing.readers import IMPORT_FORMATS, MAX_IMPORT_RECORDS, detect_import_format, read_items
from tests.examples import examples
from tests.formats.conftest import Row, texts
from tests.literature.importing_texts import ARTICLE, FILES, REPORT

WRITERS = {"ris": write_ris, "bibtex": write_bibtex, "csl-json": csl_json}


def exported(form, *entries):
    """What our own download of these references holds."""
    rows = [
        Row("reference", "a", orjson.dumps({"schema": 1, "kind": "reference", "slug": "a", "id": "a", **each}).decode())
        for each in entries
    ]
    return b"".join(WRITERS[form](rows, "https://x")).decode()


@pytest.mark.parametrize("form", FILES)
def test_every_form_is_recognised_and_gives_the_same_items(form):
    assert detect_import_format(FILES[form]) == form
    items = read_items(FILES[form], form)
    assert not any(item.problems for item in items)
    article = {name: value for name, value in items[0].csl.items() if name in ARTICLE}
    assert article == ARTICLE
    if form != "nbib":
        assert items[0].csl["ISSN"] == "0959-8138"
        assert items[0].csl["note"] == "Read twice."
        assert [item.row for item in items] == [1, 2]
        assert items[1].csl == REPORT


# what a form cannot say of a reference, and therefore loses
LOST = {"ris": {"event-place"}, "bibtex": {"event-place", "event-title", "type"}, "csl-json": set()}


@pytest.mark.slow
@pytest.mark.parametrize("form", WRITERS)
def test_what_we_export_comes_back_as_it_was(form, shipped):
    entries = [{name: value for name, value in each.items() if name != "id"} for each in shipped["references"]]
    items = read_items(exported(form, *entries), form)
    assert len(items) == len(entries)
    for entry, item in zip(entries, items, strict=True):
        assert not item.problems
        for name in {*entry, *item.csl} - LOST[form] - {"issued", "author", "ISBN", "number", "licence"}:
            assert item.csl.get(name) == entry.get(name), name
        written = entry.get("issued", {}).get("date-parts", [[]])[0]
        came = item.csl.get("issued", {}).get("date-parts", [[]])[0]
        assert came == (written[:2] if form == "bibtex" else written)
        if form != "ris":
            assert item.csl.get("author") == entry.get("author")
        numbers = {entry.get("ISBN"), entry.get("number")} - {None}
        assert numbers >= {item.csl.get("ISBN"), item.csl.get("number")} - {None}


@pytest.mark.slow
@examples(150)
@given(title=texts(max_size=60), name=texts(max_size=20), form=st.sampled_from(list(WRITERS)))
def test_any_words_come_back_from_our_own_exports(title, name, form):
    entry = {"type": "report", "title": title, "author": [{"family": name, "given": "Ann"}]}
    item = read_items(exported(form, entry), form)[0]
    if form == "bibtex" and not flatten_text(title).isascii():
        return  # LaTeX has letters of its own for some characters
    if form == "bibtex" and re.search(r"\$.*[_^].*\$", title):
        return  # a formula comes back as letters
    title = strip_markup(flatten_text(title))  # what looks like HTML is markup to any reference program
    if flatten_text(title):
        assert item.csl.get("title", "") == flatten_text(title)
    else:
        assert [problem.field for problem in item.problems] == ["title"]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("words", "points"),
    [
        ("2019", "2019"),
        ("2019/04/12/", "2019-4-12"),
        ("2019 Apr 12", "2019-4-12"),
        ("12 April 2019", "2019-4-12"),
        ("April 2019", "2019-4"),
        ("Sept. 2018", "2018-9"),
        ("2019-04", "2019-4"),
        ("25/04/2019", "2019-4-25"),
        ("04/25/2019", "2019-4-25"),
        ("c. 1998", "1998"),
        ("[1998?]", "1998"),
        ("2019 Mar-Apr", "2019-3/2019-4"),
        ("Dec 2009 - Jan 2010", "2009-12/2010-1"),
        ("1998 Dec-1999 Jan", "1998-12/1999-1"),
        ("12–14 May 2018", "2018-5-12/2018-5-14"),
        ("2016-2017", "2016/2017"),
        ("2018-19", "2018/2019"),
        ("1999///", "1999"),
        ("20100301", "2010-3-1"),
        ("Monday 20th of August 2018", "2018-8-20"),
        ("2018-08-20T00:00:00Z", "2018-8-20"),
    ],
)
def test_dates_are_read_from_words(words, points):
    read = read_date_words(words)
    assert "/".join("-".join(map(str, point)) for point in read.points) == points
    assert not read.note
    assert read.circa == words.startswith(("c", "["))


@pytest.mark.parametrize(
    ("words", "points"),
    [
        ("12/04/2019", "2019"),  # which is the month, nobody knows
        ("2019/99/99", "2019"),
        ("Spring 2018", "2018"),
        ("2018 Vol 3", "2018"),
        ("Marketing 2018", "2018"),
        ("March 2018, Issue 4", "2018-3"),
        ("2016 (reprinted 2018)", ""),
        ("in press", ""),
        ("n.d.", ""),
        ("199X", ""),
        ("123456", ""),
    ],
)
def test_what_is_not_understood_of_a_date_is_left_out_and_said(words, points):
    read = read_date_words(words)
    assert "/".join("-".join(map(str, point)) for point in read.points) == points
    assert words in read.note


@pytest.mark.parametrize(
    ("form", "text", "field", "words"),
    [
        ("ris", "TY  - JOUR\nAU  - Smith, A\nER  - \n", "title", "no title"),
        ("bibtex", "@article{a, title = {Cut off", "entry", "not closed"),
        ("bibtex", "@article{a, title = {" + "{" * 200 + "A" + "}" * 200 + "}}", "title", "no title"),
        ("csl-json", '["A"]', "item", "curly"),
        ("csl-json", '[{"title": {"a": 1}}]', "title", "no title"),
        ("csl-json", '[{"title": "A"}, {"title": "B"', "item", "cut off here"),
        (
            "endnote",
            "<xml><records><record><titles><title>A</title></titles></record><record>",
            "record",
            "cut off here",
        ),
        ("csv", 'Title,Year\n"=HYPERLINK(""http://x"")",2001\n', "title", "no title"),
        ("csv", 'Title,Year\nA,2001\n"open,2002\n', "row", "quotation mark"),
    ],
)
def test_a_fault_names_its_field_and_says_what_to_do(form, text, field, words):
    with_problems = [item for item in read_items(text, form) if item.problems]
    assert with_problems[0].problems[0].field == field
    assert words in with_problems[0].problems[0].reason
    assert with_problems[0].row >= 1


@pytest.mark.parametrize(
    ("form", "text", "words"),
    [
        ("ris", "TY  - JOUR\nTI  - Cut off\nAU  - Smith, A", "cut off"),
        ("ris", "TY  - JOUR\nTI  - A\nDO  - nonsense\nER  - \n", "DOI was left out"),
        ("ris", "TY  - JOUR\nTI  - A\nUR  - javascript:alert(1)\nER  - \n", "address was left out"),
        ("ris", f"TY  - JOUR\nTI  - {'x ' * 300}\nER  - \n", "599 characters were shortened to 500"),
        ("ris", "TY  - JOUR\nTI  - A\nPY  - in press\nER  - \n", "no year"),
        ("ris", "TY  - JOUR\nDO  - 10.1000/a\nER  - \n", "There is no title"),
        ("ris", "TY  - JOUR\nTI  - A\nQQ  - lost\nER  - \n", "not read: QQ"),
        ("bibtex", "@article{a, title = {A}, title = {B}}", "twice"),
        ("bibtex", "@article{a, title = {A}, strange = {B}}", "not read: strange"),
        ("csl-json", '[{"title": "A", "author": 7}]', "could not be read as names"),
        ("csl-json", '[{"title": "A", "issued": {"date-parts": [["x"]]}}]', "no year"),
        ("csl-json", '[{"title": "A", "license": [{"start": 1}]}]', "Not kept, for no reference holds it: license"),
        ("nbib", "PMID- 1\nTI  - Cut off", "whole"),
        ("csv", "Title,Year\nA,2001,2002\n", "3 cells"),
        ("csv", "Title,Mood\nA,good\n", "not read: Mood"),
    ],
)
def test_what_cannot_be_kept_is_left_out_said_and_refuses_no_record(form, text, words):
    item = read_items(text, form)[0]
    assert not item.problems
    assert item.csl["title"]
    assert any(words in note for note in item.notes), item.notes


def test_a_record_that_was_cut_off_does_not_spoil_the_next():
    items = read_items("TY  - JOUR\nTI  - One\nTY  - JOUR\nTI  - Two\nER  - \n", "ris")
    assert [item.faulty for item in items] == [False, False]
    assert "cut off" in items[0].notes[0]
    assert [item.line for item in items] == [1, 3]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("form", "text", "words"),
    [
        (
            "endnote",
            '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><xml><records><record>&e;</record></records></xml>',
            "entities",
        ),
        ("endnote", '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;">]><xml>&b;</xml>', "entities"),
        ("endnote", "<xml><records><record><titles>", "well-formed"),
        ("csl-json", '[{"title": "A"', "not JSON"),
        ("csl-json", "[" * 100_000, "not JSON"),
        ("csl-json", "7", "list"),
        ("ris", "no record", "no record"),
        ("csv", "Name,Year\nA,2001\n", "Title"),
        ("ris", "TY  - JOUR\nTI  - A\nER  - \n" * (MAX_IMPORT_RECORDS + 1), "more than 5,000"),
    ],
)
def test_a_file_that_cannot_be_read_says_why(form, text, words):
    with pytest.raises(CannotReadFile, match=words):
        read_items(text, form)


@pytest.mark.parametrize(
    ("data", "character_set"),
    [
        ("TY  - JOUR\nTI  - Café".encode(), "UTF-8"),
        ("TY  - JOUR\nTI  - Café".encode("utf-8-sig"), "UTF-8, marked"),
        ("TY  - JOUR\nTI  - Café".encode("utf-16"), "UTF-16, marked"),
        ("TY  - JOUR\nTI  - Café".encode("utf-16-le"), "UTF-16, by"),
        ("TY  - JOUR\nTI  - Café".encode("utf-16-be"), "UTF-16, by"),
        ("TY  - JOUR\nTI  - Café".encode("cp1252"), "Windows-1252"),
        ("TY  - JOUR\nTI  - Café".encode("latin-1") + b"\x81", "Latin-1"),
        ('<?xml version="1.0" encoding="ISO-8859-1"?><x>Café</x>'.encode("latin-1"), "ISO-8859-1, as"),
    ],
)
def test_the_character_set_is_found_and_said(data, character_set):
    text, name = decode_text_file(data)
    assert "Café" in text
    assert name.startswith(character_set)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"x" * (MAX_IMPORT_BYTES + 1), "10.0 MB"),
        (b"PK\x03\x04rest", "zip"),
        (b"%PDF-1.7", "PDF"),
        (b"TY  - \x00JOUR", "NUL"),
        (b"", "empty"),
        (b" \n ", "empty"),
        (b"\xff\xfea", "cut off"),
    ],
)
def test_what_is_no_text_is_refused(data, words):
    with pytest.raises(CannotReadFile, match=words):
        decode_text_file(data)


@examples(150)
@given(texts(max_size=200), st.sampled_from(list(IMPORT_FORMATS)))
def test_nonsense_never_stops_a_reader(text, form):
    for prefix in (
        "",
        "TY  - JOUR\nTI  - ",
        "@book{a, title={",
        "PMID- 1\nTI  - ",
        "<xml><record>",
        '[{"title": "',
        "Title\n",
    ):
        with contextlib.suppress(CannotReadFile):
            assert read_items(prefix + text, form)
