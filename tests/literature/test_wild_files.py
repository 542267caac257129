"""Files as other programs really write them: each gives the right values, and whatever was mended or lost is said.

The inputs are our own, in the shape of public ones.
"""

import calendar
import json
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from failure_lessons.files.decoding import CannotReadFile, decode_text_file
from literature.duplicates import LIKELY_SAME_WORK, ComparedWork, work_similarity
from literature.importing.readers import detect_import_format, read_items
from tests.examples import examples

FOLDER = Path(__file__).parent / "wild"
REFERENCES = sorted(path.name for path in FOLDER.iterdir() if path.suffix != ".json" or path.name.startswith("C"))


def read_wild(name):
    text, _ = decode_text_file((FOLDER / name).read_bytes())
    return read_items(text, detect_import_format(text))


def shown(csl, name):
    """A value as the table below writes it."""
    value = csl.get(name, "")
    if name == "author":
        return [
            each["literal"] if "literal" in each else f"{each['family']}|{each.get('given', '')}"
            for each in value or []
        ]
    if name == "issued":
        return "/".join("-".join(map(str, point)) for point in value["date-parts"]) if value else ""
    return value


# file: the values of its first record (of its second after a 2)
RIGHT = {
    "R01-wos-day.ris": {"issued": "2019-12-10"},
    "R02-endnote-day.ris": {"issued": "2020-4-15"},
    "R04-ebsco-y1.ris": {"issued": "2020-11"},
    "R05-ebsco-compact-date.ris": {"issued": "2010-3-1"},
    "R07-isi-url.ris": {"issued": "2016", "title": "Contract failure in probation", "URL": ""},
    "R08-two-urls-lines.ris": {"URL": "https://app.example.org/details/1143865007"},
    "R10-url-no-scheme.ris": {"URL": "http://www.example.org/odi/"},
    "R12-doi-label.ris": {"DOI": "10.9999/Sf.2008.70.3.8.669"},
    "R14-doi-html.ris": {"DOI": "10.9999/2047-0000-3-19"},
    "R21-sp-range-ep.ris": {"page": "123-130"},
    "R23-particle-caps.ris": {"author": ["Van Der Meer|Anna", "De La Torre|JM", "Hill Jones Obe|Margaret"]},
    "R24-no-comma.ris": {"author": ["Smith|J", "Jones|AB"]},
    "R28-gen.ris": {"type": "report"},
    "R30-book-bt.ris": {"title": "Mistakes and masters"},
    "R31-book-series.ris": {"collection-title": "Inquiry paperbacks", "container-title": ""},
    "R35-c7-article-number.ris": {"page": "e0257214"},
    "R36-html-title.ris": {"title": "Sightings of Ursus arctos & others: H2O"},
    "R37-tab-ris.ris": {"title": "Tabs after the dash"},
    "R41-long-title.ris": {"issued": "2014"},
    "N01-range.nbib": {"issued": "1998-12/1999-1"},
    "N03-eric.nbib": {"title": "Tests of formative assessment", "author": ["van Dale|Marie"]},
    "T01-export.enw": {
        "title": "Tagged by EndNote",
        "author": ["Hill|Peter", "Dale|Ann"],
        "issued": "2019",
        "DOI": "10.1000/enw.1",
        "container-title": "Journal of Inquiry",
        "page": "12-24",
    },
    "E01-isi-url.xml": {"title": "Learning late"},
    "E05-nd.xml": {"title": "Undated", "issued": ""},
    "C01-crossref.json": {
        "title": "From a DOI by content negotiation",
        "type": "article-journal",
        "issued": "2019-4",
        "author": ["Hill|Peter"],
    },
    "C02-undated.json": {"title": "Undated report", "issued": ""},
    "C05-edtf.json": {"issued": "2010-3/2010-4"},
    "B01-others.bib": {"author": ["Moor|Diane", "Hill|Peter"]},
    "B03-concat.bib": {
        "author": ["Hill|Peter", "Dale|Ann"],
        "container-title": "Journal of Inquiry, Series B",
        "issued": "2010-1-10",
    },
    "B04-crossref.bib": {"container-title": "The whole book", "issued": "2004", "publisher": "Sage"},
    "B05-howpub-url.bib": {"URL": "https://www.example.org/h", "publisher": ""},
    "B06-href.bib": {"title": "A package", "URL": "https://www.example.org"},
    "B07-dup-field.bib": {"title": "Twice the same field"},
    "B09-empty-key.bib": {"title": "Entry without a key", "author": ["Hill|Y.", "Dale|L."]},
    "B11-subtitle.bib": {"title": "Slow disasters: How warnings fade"},
    "B13-math.bib": {"title": "Effects of CO2 and PM2.5 in classrooms, 10th year"},
    "B16-nd.bib": {"title": "Undated", "issued": ""},
    "B20-url-noscheme.bib": {"title": "No scheme", "URL": "http://citeseer.example.edu/article/hill96.html"},
    "B21-mendeley-types.bib": {"title": "Mendeley doubles", "DOI": "10.1000/m_1"},
    "S01-scopus.csv": {"author": ["Hill|Peter", "Dale|Patience T."], "page": "12-24"},
    "S02-pubmed.csv": {"author": ["Hill|P", "Dale|A", "Okafor|N"], "container-title": "J Inq"},
    "S04-covidence.csv": {"issued": "2019-4", "author": ["Hill|P.", "Dale|A."]},
    "S05-lens.csv": {"author": ["Hill|Peter", "Dale|Ann"], "issue": "2", "page": "12-24", "issued": "2020-11-22"},
    "S07-multiline.csv": {"title": "Learning from inquests", "abstract": "Background\nMethods\nResults"},
    "S08-sep.csv": {"title": "Learning", "author": ["Hill|Peter"]},
    "S10-hyphen-title.csv": {"title": "Learning", "abstract": "- First point\n- second point"},
    "S11-zotero.csv": {"issued": "2019-4-12"},
    "S13-pop.csv": {"author": ["Hill|P", "Dale|A"], "container-title": "Journal of Inquiry"},
    "S14-jabref.csv": {"author": ["Hill|Peter", "Dale|Ann", "Okafor|Ngozi"], "page": "21-24"},
}
SECOND = {
    "R17-missing-er.ris": {"title": "*"},
    "S02-pubmed.csv": {"author": ["Hill|P", "Dale|A"]},
    "S10-hyphen-title.csv": {"title": "@risk: children online", "abstract": "=> as follows"},
}
# forms that are not read, and the advice that is given
NAMED = {"T03-ovid.txt": "RIS", "T04-medline.xml": "nbib"}


@pytest.mark.parametrize("name", RIGHT)
def test_a_file_of_another_program_gives_the_right_values(name):
    item = read_wild(name)[0]
    assert not item.problems
    assert {field: shown(item.csl, field) for field in RIGHT[name]} == RIGHT[name]


@pytest.mark.parametrize("name", SECOND)
def test_its_second_record_too(name):
    items = read_wild(name)
    assert not any(item.problems for item in items)
    for field, value in SECOND[name].items():
        assert value in ("*", shown(items[1].csl, field))


@pytest.mark.parametrize("name", NAMED)
def test_a_form_that_is_not_read_is_named_with_what_to_choose(name):
    with pytest.raises(CannotReadFile, match=NAMED[name]):
        read_wild(name)


def test_every_file_is_tried():
    assert set(REFERENCES) == {*RIGHT, *SECOND, *NAMED}


@pytest.mark.parametrize("pair", json.loads((FOLDER / "U-pairs.json").read_text()), ids=lambda pair: pair["case"])
def test_one_work_in_two_databases_is_found(pair):
    likeness, _ = work_similarity(ComparedWork(1, pair["a"]), ComparedWork(2, pair["b"]))
    assert (likeness >= LIKELY_SAME_WORK) == pair["same"], likeness


TEXTS = {name: decode_text_file((FOLDER / name).read_bytes())[0] for name in (*RIGHT, *SECOND)}
PEOPLE = re.compile(r"(?:Hill|Dale|Okafor|Moor), (?:Peter|Ann|Ngozi|Diane|P\.|A\.)")
SCRAPS = [
    "\n",
    "",
    " ",
    ",",
    ";",
    "{",
    "}",
    '"',
    "&amp;",
    "<i>",
    "and ",
    "2019",
    "n.d.",
    "\x00",
    "“",
    "TY  - JOUR\n",
    "=A1",
    "[",
    "\t",
]


@st.composite
def damaged_files(draw):
    """A file of another program in which pieces are missing, doubled, in another place, or strange."""
    name = draw(st.sampled_from(sorted(TEXTS)))
    text = TEXTS[name]
    for _ in range(draw(st.integers(1, 6))):
        start = draw(st.integers(0, max(0, len(text) - 1)))
        end = start + draw(st.integers(0, 40))
        piece = draw(st.sampled_from([*SCRAPS, text[start:end] * 2, text[end : end + 30]]))
        text = text[:start] + piece + text[end:]
    return name, text


@pytest.mark.slow
@examples(300, in_trials=2000)
@given(damaged_files())
def test_no_damage_stops_a_reader_invents_a_date_or_makes_a_body_of_a_person(damaged):
    name, text = damaged
    try:
        items = read_items(text, detect_import_format(TEXTS[name]))
    except CannotReadFile:
        return
    text = re.sub(r"\x00|<i>|&amp;", "", text)
    for item in items:
        assert item.problems or item.csl.get("title")
        for year, *rest in item.csl.get("issued", {}).get("date-parts", []):
            assert str(year) in text or str(year)[2:] in text
            for month in rest[:1]:
                spelt = calendar.month_abbr[month].casefold()
                assert spelt in text.casefold() or re.search(rf"(?<!\d)0?{month}(?!\d)|\d{{4}}{month:02}", text)
        for person in item.csl.get("author", []):
            assert not PEOPLE.fullmatch(person.get("literal", ""))
