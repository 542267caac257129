"""A reference typed by hand: no JSON, no invented value, and nothing lost that the form does not show."""

import pytest
from django.urls import reverse

from literature.models import Reference
from tests.helpers import squeeze_html
from tests.workbench.forms import browser_data

pytestmark = pytest.mark.django_db
ADD = "admin:literature_reference_add"
EMPTY = {"type": "report", "title": "A report", "slug": "by-hand-2018"}


@pytest.fixture
def desk(person, browser_of):
    return browser_of(person("amara", "researcher"))


def stored(desk, **values):
    answer = desk.post(reverse(ADD), {**EMPTY, **values})
    assert answer.status_code == 302, answer.context["errors"] if answer.context else answer
    return Reference.objects.get(slug="by-hand-2018")


@pytest.mark.slow
def test_a_journal_article_is_typed_in_fields_of_its_own(desk):
    made = stored(
        desk,
        type="article-journal",
        author='Liebling, Alison\nvan der Berg, Jan, Jr\n\nOfsted\n"Health, Education and Skills Board"',
        issued="20 August 2018",
        container_title="Public Administration",
        volume="12",
        issue="3",
        page="34-56",
        issn="1467-9299",
        editor="Price, David",
        accessed="28 Nov 2026",
        csl="division: Public Law\nlanguage: en",
    )
    assert made.author == [
        {"family": "Liebling", "given": "Alison"},
        {"family": "van der Berg", "given": "Jan", "suffix": "Jr"},
        {"literal": "Ofsted"},
        {"literal": "Health, Education and Skills Board"},
    ]
    assert made.issued == {"date-parts": [[2018, 8, 20]]}
    assert made.csl == {
        "volume": "12",
        "issue": "3",
        "page": "34-56",
        "ISSN": "1467-9299",
        "editor": [{"family": "Price", "given": "David"}],
        "accessed": {"date-parts": [[2026, 11, 28]]},
        "division": "Public Law",
        "language": "en",
    }


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("2016", {"date-parts": [[2016]]}),
        ("Aug 2018", {"date-parts": [[2018, 8]]}),
        ("about 2001", {"date-parts": [[2001]], "circa": True}),
        ("2016 to 2019", {"date-parts": [[2016], [2019]]}),
        ("", None),
    ],
)
def test_a_date_is_what_one_says_and_no_more(said, kept, desk):
    assert stored(desk, issued=said).issued == kept


@pytest.mark.slow
@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("issued", "soon", "date"),
        ("issued", "30 February 2018", ""),
        ("issued", "from 2016", "between"),
        ("author", "Allen, R, B, C", "more than three parts"),
        ("author", ", Rebecca", "no family name"),
        ("author", '""', "is no name"),
        ("author", '[{"family": "Allen"}]', "is no name"),
        ("author", "2016", "is no name"),
        ("author", '"Health Board", London', "between two quotation marks"),
        ("author", "x" * 201 + ", A", "at most 200"),
        ("csl", "volume: 3", "a field of its own"),
        ("csl", "no colon", "is not like this"),
        ("issn", "1234-5678", ""),
        ("volume", "x" * 501, "500"),
    ],
)
def test_what_cannot_be_read_is_told_at_its_field_and_stays(field, value, words, desk):
    answer = desk.post(reverse(ADD), {**EMPTY, field: value})
    errors = answer.context["adminform"].form.errors
    assert list(errors) == [field]
    assert words in str(errors[field])
    assert answer.context["adminform"].form[field].value() == value
    assert not Reference.objects.filter(slug="by-hand-2018").exists()


@pytest.mark.slow
def test_what_the_form_does_not_show_and_what_nobody_touched_stays(desk):
    names = [{"family": "Berg", "given": "Jan", "non-dropping-particle": "van der"}, {"literal": "Ofsted, London"}]
    csl = {
        "translator": [{"family": "Roe", "given": "Ann"}],
        "original-date": {"date-parts": [[1999]]},
        "volume": "3",
        "division": "Law",
    }
    made = Reference.objects.create(
        slug="kept-2018", type="book", title="Kept", author=names, issued={"date-parts": [[2018]], "season": 1}, csl=csl
    )
    address = reverse("admin:literature_reference_change", args=[made.pk])
    page = desk.get(address)
    fields = {name: values[0].replace("\r\n", "\n") for name, values in browser_data(page).items()}
    assert fields["author"] == 'van der Berg, Jan\n"Ofsted, London"'
    assert (fields["issued"], fields["volume"], fields["csl"]) == ("2018", "3", "division: Law")
    assert desk.post(address, fields).status_code == 302
    made.refresh_from_db()
    assert (made.author, made.issued, made.csl) == (names, {"date-parts": [[2018]], "season": 1}, csl)
    desk.post(address, {**fields, "volume": "", "author": f"{fields['author']}\nNew, Nora"})
    made.refresh_from_db()
    assert made.author == [*names, {"family": "New", "given": "Nora"}]
    assert made.csl == {name: value for name, value in csl.items() if name != "volume"}


def test_the_form_says_which_fields_tell_of_which_type(desk):
    page = squeeze_html(desk.get(reverse(ADD)))
    assert 'data-types="article-journal article-magazine article-newspaper"' in page
    assert "JSON" not in page
    assert "Journal, book or site" in page
    assert "reference_form" in page
