"""Every form is read to the same items; what is malformed is told row by row, what is hostile is refused."""

import contextlib

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from failure_lessons.bibliography.csl import flatten_text
from failure_lessons.exports.formats.bibtex import write_bibtex
from failure_lessons.exports.formats.csl import csl_json
from failure_lessons.exports.formats.ris import write_ris
from failure_lessons.files.decoding import MAX_IMPORT_BYTES, CannotReadFile, decode_text_file
from literature.importing.items import parse_date_words
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


@examples(150)
@given(title=texts(max_size=60), name=texts(max_size=20), form=st.sampled_from(list(WRITERS)))
def test_any_words_come_back_from_our_own_exports(title, name, form):
    entry = {"type": "report", "title": title, "author": [{"family": name, "given": "Ann"}]}
    item = read_items(exported(form, entry), form)[0]
    if form == "bibtex" and not flatten_text(title).isascii():
        return  # LaTeX has letters of its own for some characters
    if flatten_text(title):
        assert item.csl.get("title", "") == flatten_text(title)
    else:
        assert [problem.field for problem in item.problems] == ["title"]


@pytest.mark.parametrize(
    ("words", "parts"),
    [
        ("2019", [2019]),
        ("2019/04/12/", [2019, 4, 12]),
        ("2019 Apr 12", [2019, 4, 12]),
        ("12 April 2019", [2019, 4, 12]),
        ("April 2019", [2019, 4]),
        ("2019-04", [2019, 4]),
        ("12/04/2019", [2019, 4, 12]),
        ("c. 1998", [1998]),
        ("2019 Mar-Apr", [2019, 3]),
        ("2019/99/99", [2019]),
        ("1999///", [1999]),
    ],
)
def test_dates_are_read_from_words(words, parts):
    assert parse_date_words(words)["date-parts"] == [parts]


def test_a_date_without_a_year_is_none():
    assert parse_date_words("in press") is None
    assert parse_date_words("123456") is None


@pytest.mark.parametrize(
    ("form", "text", "field", "words"),
    [
        ("ris", "TY  - JOUR\nTI  - Cut off\nAU  - Smith, A", "ER", "cut off"),
        ("ris", "TY  - JOUR\nAU  - Smith, A\nER  - \n", "title", "no title"),
        ("ris", "TY  - JOUR\nTI  - A\nDO  - nonsense\nER  - \n", "DOI", "not a DOI"),
        ("ris", "TY  - JOUR\nTI  - A\nUR  - javascript:alert(1)\nER  - \n", "URL", "not a web address"),
        ("ris", f"TY  - JOUR\nTI  - {'x' * 600}\nER  - \n", "title", "600 characters"),
        ("ris", "TY  - JOUR\nTI  - A\nPY  - in press\nER  - \n", "issued", "no year"),
        ("bibtex", "@article{a, title = {Cut off", "entry", "not closed"),
        ("bibtex", "@article{a, title = {A}, title = {B}}", "title", "twice"),
        ("bibtex", "@article{a, title = {" + "{" * 200 + "A" + "}" * 200 + "}}", "title", "nested too deeply"),
        ("csl-json", '[{"title": "A", "author": 7}]', "author", "Names"),
        ("csl-json", '["A"]', "item", "curly"),
        ("csl-json", '[{"title": {"a": 1}}]', "title", "Text"),
        ("csl-json", '[{"title": "A", "issued": {"date-parts": [["x"]]}}]', "issued", "no year"),
        ("nbib", "PMID- 1\nTI  - Cut off", "SO", "cut off"),
        ("csv", 'Title,Year\n"=HYPERLINK(""http://x"")",2001\n', "title", "formula"),
        ("csv", "Title,Year\nA,2001,2002\n", "row", "3 cells"),
        ("csv", 'Title,Year\nA,2001\n"open,2002\n', "row", "quotation mark"),
    ],
)
def test_a_fault_names_its_field_and_says_what_to_do(form, text, field, words):
    with_problems = [item for item in read_items(text, form) if item.problems]
    assert with_problems[0].problems[0].field == field
    assert words in with_problems[0].problems[0].reason
    assert with_problems[0].row >= 1


def test_a_record_that_was_cut_off_does_not_spoil_the_next():
    items = read_items("TY  - JOUR\nTI  - One\nTY  - JOUR\nTI  - Two\nER  - \n", "ris")
    assert [item.faulty for item in items] == [True, False]
    assert [item.line for item in items] == [1, 3]


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
