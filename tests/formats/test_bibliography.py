"""RIS, BibTeX and CSL-JSON say the same of each record, and other programs read them."""

import warnings

import bibtexparser
import orjson
import pytest
import rispy
from bibtexparser.middlewares import SeparateCoAuthors, SplitNameParts
from hypothesis import given
from hypothesis import strategies as st
from pylatexenc.latex2text import LatexNodes2Text

from failure_lessons.bibliography.csl import date_parts, flatten_text, names_in_role
from failure_lessons.exports.formats import FORMATS, EditionItem
from failure_lessons.exports.formats.csl import csl_item
from failure_lessons.validators.addresses import link_target
from tests.examples import examples
from tests.formats.conftest import BASE, NASTY, reference, row, texts


def written(name, rows):
    return b"".join(FORMATS[name].write(rows, BASE)).decode()


def from_ris(rows):
    return rispy.loads(written("ris", rows))


def from_bibtex(rows):
    library = bibtexparser.parse_string(written("bibtex", rows))
    assert not library.failed_blocks
    return library.entries


def plain(latex):
    """LaTeX as the text that it prints, by another library, which has words of its own for four characters."""
    latex = latex.replace(r"\textbraceleft{}", r"\{").replace(r"\textbraceright{}", r"\}")
    text = LatexNodes2Text(keep_comments=False, strict_latex_spaces=True).latex_to_text(latex)
    return text.replace("ˆ", "^").replace("˜", "~")


@pytest.mark.django_db
def test_every_record_comes_back_from_ris(library):
    rows = list(library)
    entries = from_ris(rows)
    assert len(entries) == len(rows)
    for each, entry in zip(rows, entries, strict=True):
        csl = csl_item(EditionItem(each, BASE))
        assert entry["title"] == csl["title"]
        assert entry.get("authors", []) == [
            name.get("literal") or ", ".join(filter(None, [name["family"], name.get("given")]))
            for name in names_in_role(csl)
        ]
        assert entry.get("year") == (str(date_parts(csl)[0][0]) if date_parts(csl) else None)
        assert entry.get("doi") == csl.get("DOI")
        assert entry.get("secondary_title") == csl.get("container-title")
        assert ";".join(entry.get("urls", [])) == csl.get("URL", "")


@pytest.mark.slow
@pytest.mark.django_db
def test_every_record_comes_back_from_bibtex(library):
    rows = list(library)
    entries = from_bibtex(rows)
    assert len({entry.key for entry in entries}) == len(rows)
    for each, entry in zip(rows, entries, strict=True):
        csl = csl_item(EditionItem(each, BASE))
        fields = {field.key: field.value for field in entry.fields}
        assert entry.key.isascii()
        assert plain(fields["title"]) == csl["title"]
        assert fields.get("year") == (str(date_parts(csl)[0][0]) if date_parts(csl) else None)
        assert fields.get("doi") == csl.get("DOI")
        assert plain(fields.get("abstract", "")) == flatten_text(csl.get("abstract", ""))
        names = [
            name.get("literal") or ", ".join(filter(None, [name["family"], name.get("given")]))
            for name in names_in_role(csl)
        ]
        assert [plain(name) for name in filter(None, fields.get("author", "").split(" and "))] == names or any(
            " and " in name for name in names
        )


def test_a_body_with_and_or_a_comma_in_its_name_stays_one_author():
    bodies = ["Comptroller and Auditor General, National Audit Office", "Marks and Spencer"]
    rows = [reference(author=[{"literal": body} for body in bodies])]
    library = bibtexparser.parse_string(
        written("bibtex", rows), append_middleware=[SeparateCoAuthors(), SplitNameParts()]
    )
    authors = library.entries[0].fields_dict["author"].value
    assert [" ".join(name.last).strip("{}") for name in authors] == bodies
    assert from_ris(rows)[0]["authors"] == bodies


@pytest.mark.parametrize("text", [text for text in NASTY if len(text) < 100], ids=lambda text: ascii(text[:12]))
def test_no_text_breaks_out_of_its_field(text):
    rows = [reference(title=text, author=[{"family": text, "given": text}], note=text, URL=f"https://x/{text}")] * 2
    entries = from_ris(rows)
    assert len(entries) == 2
    assert entries[1].get("title", "") == flatten_text(text)
    assert entries[1]["type_of_reference"] == "RPRT"
    library = bibtexparser.parse_string(written("bibtex", rows[:1]))
    assert not library.failed_blocks
    assert len(library.entries) == 1
    written_keys = {field.key for field in library.entries[0].fields}
    assert ("url" in written_keys) is bool(link_target(f"https://x/{text}"))  # what is no address is not written


@pytest.mark.slow
@examples(200)
@given(texts(max_size=60), texts(max_size=30), texts(max_size=30))
def test_any_reference_comes_back(title, name, note):
    rows = [reference(title=title, author=[{"literal": name}], note=note)]
    ris, bibtex = from_ris(rows)[0], from_bibtex(rows)[0]
    assert ris.get("title", "") == flatten_text(title)
    if flatten_text(name):
        assert ris["authors"] == [flatten_text(name)]
    assert ris.get("notes", [""]) in ([flatten_text(note)], [""])
    braces = bibtex.fields_dict["title"].value
    assert braces.count("{") == braces.count("}")
    if flatten_text(title).isascii():
        assert plain(braces) == flatten_text(title)


def test_an_edition_is_cited_as_published_at_its_own_address():
    csl = csl_item(EditionItem(row("recommendation", "act-early", 3, code="R4", title="Act early."), BASE))
    assert csl["title"] == "Act early"
    assert csl["author"] == [{"literal": "Failure Lessons"}]
    assert csl["issued"] == {"date-parts": [[2026, 11, 25]]}
    assert csl["URL"] == f"{BASE}/recommendations/act-early/v3/"
    assert (csl["genre"], csl["number"]) == ("Recommendation", "R4, edition 3")


@pytest.mark.django_db
def test_a_reference_is_its_own_source_and_leaves_our_members_behind(library):
    items = orjson.loads(written("csl-json", library.filter(kind="reference")))
    own = next(each for each in items if each["id"] == "jas2005")
    assert own["DOI"] == "10.1111/j.1467-8551.2005.00458.x"
    assert not {"schema", "kind", "slug", "licence", "derived"} & {name for each in items for name in each}


@pytest.mark.slow
@examples(150)
@given(
    st.dictionaries(
        st.sampled_from(["author", "editor", "issued", "page", "volume", "DOI", "custom"]),
        st.recursive(
            st.none() | st.booleans() | st.integers(-(2**40), 2**40) | texts(max_size=20),
            lambda inner: (
                st.lists(inner, max_size=3)
                | st.dictionaries(
                    st.sampled_from(["family", "given", "literal", "date-parts", "circa"]), inner, max_size=3
                )
            ),
            max_leaves=8,
        ),
    )
)
def test_nonsense_in_a_reference_never_stops_an_export(csl):
    rows = [reference(**csl)]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for name in ("ris", "bibtex", "csl-json", "csv"):
            assert written(name, rows)
