"""What values mean is checked once, and every door asks."""

import io
import json
import re
from urllib.parse import urljoin, urlsplit

import pytest
from django.core.exceptions import ValidationError
from django.template import Context, Template
from django.urls import reverse
from docx import Document
from hypothesis import given
from hypothesis import strategies as st

from failure_lessons.packages.validation import InvalidPackage, read_checked
from failure_lessons.publishing.models import Edition
from failure_lessons.publishing.services import publish_record, submit_record
from failure_lessons.validators.addresses import link_target
from failure_lessons.validators.csl import date_fault, normalise_date, variable_fault
from failure_lessons.validators.identifiers import compare_doi, is_isbn, is_issn, normalise_doi
from failure_lessons.validators.text import UNWANTED, clean_texts, is_visible, normalise_text
from literature.evidence_profile import make_profile_docx
from literature.importing.items import make_item
from literature.models import LiteratureReview, Reference
from tests import factories
from tests.conftest import EVIDENCE
from tests.partners.conftest import Api, make_partner

# member of a reference, a value that means nothing, and one that is close and sound
UNSOUND = [
    ("URL", "javascript:alert(1)", "https://example.org/"),
    ("URL", "//evil.example/", "http://example.org/"),
    ("URL", "ftp://example.org/a", "https://example.org/a?b=c#d"),
    ("DOI", "not a doi", "10.1000/xyz"),
    ("DOI", "https://doi.org/10.1000/xyz", "10.1000/xyz"),
    ("ISBN", "9780306406158", "9780306406157"),
    ("ISBN", "12", "0-306-40615-2"),
    ("ISSN", "1471-9038", "1471-9037"),
    ("issued", {"date-parts": [[2019, 13, 45]]}, {"date-parts": [[2019, 12, 31]]}),
    ("issued", {"date-parts": [[2019, 2, 30]]}, {"date-parts": [[2019, 2, 28]]}),
    ("issued", {"date-parts": [[2019, 0]]}, {"date-parts": [[2019]]}),
    ("issued", {"date-parts": [[0]]}, {"date-parts": [[1]]}),
    ("issued", {"date-parts": [[99999999999]]}, {"date-parts": [[9999]]}),
    ("issued", {"date-parts": [[2020], [2019]]}, {"date-parts": [[2019], [2019, 5]]}),
    ("accessed", {"date-parts": [[2021, 2, 29]]}, {"date-parts": [[2020, 2, 29]]}),
    ("title", "  ", "A title"),
    ("title", "\u200b\u2060", "العنوان"),
    ("title", "A\u0007B", "A\tB"),
    ("title", "A\u000bB", "🙂"),
    ("note", "A\ufffeB", "A\nB"),
    ("author", [{"family": "\u200b"}], [{"family": "Li"}]),
    ("editor", [{"family": "A\u0007"}], [{"literal": "Ofsted"}]),
    ("publisher", "x" * 301, "x" * 300),
    ("volume", "x" * 5001, "x" * 5000),
]
ids = [f"{name}-{number}" for number, (name, _, _) in enumerate(UNSOUND)]
COLUMNS = {"URL": "url", "DOI": "doi", "ISBN": "isbn"}


def reference_of(**more):
    return {"id": "sound-or-not", "type": "report", "title": "A report", **more}


def model_of(name, value):
    names = {field.name for field in Reference._meta.fields}
    column = COLUMNS.get(name, name)
    values = {column: value} if column in names else {"csl": {name: value}}
    return Reference(**{"slug": "sound-or-not", "type": "report", "title": "A report", **values})


@pytest.mark.django_db
@pytest.mark.parametrize(("name", "bad", "good"), UNSOUND, ids=ids)
def test_the_model_refuses_it_for_forms_sheets_pasting_and_merging(name, bad, good):
    model_of(name, good).clean_fields()
    if bad != "  ":  # a form takes blanks away before the model sees them
        with pytest.raises(ValidationError):
            model_of(name, bad).clean_fields()


@pytest.mark.slow
@pytest.mark.django_db
@pytest.mark.parametrize(("name", "bad", "good"), UNSOUND, ids=ids)
def test_partners_are_told_the_member(name, bad, good):
    api = Api(make_partner("meaning"))
    answer = api("post", "/references/?dry_run=true", reference_of(**{name: bad}))
    assert answer.status_code == 422, answer.content
    assert answer.json()["errors"][0]["pointer"].startswith(f"/{name}")
    answer = api("post", "/references/?dry_run=true", reference_of(**{name: good}))
    assert answer.status_code == 201, answer.content


@pytest.mark.django_db
@pytest.mark.parametrize(("name", "bad", "good"), UNSOUND, ids=ids)
def test_a_package_is_told_the_member(name, bad, good, tmp_path):
    manifest = json.loads((EVIDENCE / "package.json").read_text())
    (tmp_path / "package.json").write_text(json.dumps(manifest))
    (tmp_path / "references.json").write_text(json.dumps([reference_of(**{name: good})]))
    read_checked(tmp_path)
    (tmp_path / "references.json").write_text(json.dumps([reference_of(**{name: bad})]))
    with pytest.raises(InvalidPackage) as refusal:
        read_checked(tmp_path)
    assert refusal.value.problems[0].path.startswith(f"/0/{name}")


@pytest.mark.parametrize(("name", "bad", "good"), UNSOUND, ids=ids)
def test_an_import_mends_it_with_a_note_or_refuses_the_row(name, bad, good):
    item = make_item(1, reference_of(**{name: bad}))
    kept = item.csl.get(name)
    assert item.faulty or kept != bad
    assert item.faulty or item.notes or name in ("DOI", "title", "author", "editor")
    assert item.faulty or not variable_fault(name, kept)


@pytest.mark.django_db
def test_a_review_whose_elements_are_a_list_is_refused():
    review = LiteratureReview(slug="x", title="X", question="Y?", review_type="scoping", sector="education")
    for odd in (["public services"], "setting", {"setting": ["a"]}, {"setting": {"a": "b"}}, {"setting": "\u0007"}):
        review.framework_elements = odd
        with pytest.raises(ValidationError, match="framework_elements"):
            review.clean_fields(exclude=["review_type", "framework"])


@pytest.mark.slow
@pytest.mark.django_db
@pytest.mark.parametrize("value", ["2016", '"HM Prison"', '["Liebling"]', '{"family": "X"}', '["a"]', "[[2016]]"])
@pytest.mark.parametrize("name", ["author", "issued", "csl"])
def test_the_form_refuses_odd_json_beside_the_field(name, value, client, person):
    client.force_login(person("amara", "researcher"))
    if (name, value) in (("issued", "2016"), ("author", '"HM Prison"')):
        pytest.skip("a year, and a body in quotation marks")
    sent = {"slug": "odd-json", "type": "report", "title": "Odd"}
    answer = client.post(reverse("admin:literature_reference_add"), {**sent, name: value})
    assert answer.status_code == 200, (name, value)
    assert name in answer.context["adminform"].form.errors


@pytest.mark.django_db
def test_what_is_pasted_into_a_form_is_cleaned_with_a_note(client, person):
    client.force_login(person("amara", "researcher"))
    sent = {"slug": "pasted", "type": "report", "title": "A\x07 title"}
    answer = client.post(reverse("admin:literature_reference_add"), {**sent, "note": "One\x0btwo\ufffe"}, follow=True)
    row = Reference.objects.get(slug="pasted")
    assert (row.title, row.note) == ("A title", "One\ntwo")
    assert "U+0007" in answer.content.decode()


@pytest.mark.django_db
def test_one_doi_is_one_reference_however_it_is_written(client):
    factories.reference(doi="10.5555/ABC")
    with pytest.raises(ValidationError, match=r"(?i)doi"):
        Reference(slug="other", type="report", title="Other", doi="10.5555/abc").validate_constraints()
    assert compare_doi("https://doi.org/10.5555/ABC") == compare_doi("doi:10.5555/abc") == "10.5555/abc"


@given(text=st.text())
def test_cleaned_text_is_clean_and_cleaning_again_changes_nothing(text):
    clean, note = normalise_text(text)
    assert not UNWANTED.search(clean)
    assert normalise_text(clean) == (clean, "")
    assert bool(note) == (clean != text)
    clean.encode()


@given(parts=st.lists(st.lists(st.integers(-3, 10_000), min_size=1, max_size=3), min_size=1, max_size=2))
def test_a_mended_date_is_in_the_calendar(parts):
    if all(1 <= part[0] <= 9999 for part in parts):
        mended, note = normalise_date({"date-parts": parts})
        assert not date_fault(mended)
        assert bool(note) == (mended["date-parts"] != parts)


@pytest.mark.slow
@given(
    value=st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.sampled_from(["family", "literal", "date-parts", "circa", "season", "x"]), inner)
        ),
    )
)
def test_any_json_is_judged_without_breaking(value):
    for name in ("author", "issued", "DOI", "ISBN", "ISSN", "URL", "volume"):
        assert isinstance(variable_fault(name, value), str)


def test_numbers_with_check_digits():
    assert is_isbn("978-0-306-40615-7")
    assert is_isbn("080442957X")
    assert not is_isbn("978-0-306-40615-8")
    assert is_issn("0378-5955")
    assert is_issn("2434561X")
    assert not is_issn("0378-5954")
    assert normalise_doi(" https://dx.doi.org/10.1000/a ")[0] == "10.1000/a"
    assert not is_visible("\u200b\u3164 \u2800")
    assert is_visible("é")


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)",
        "//evil.example/",
        "data:text/html,x",
        " https:///x",
        "https:x",
        "http://[",
        "\x01http://a/",
        "",
    ],
)
def test_nothing_but_an_address_is_written_as_a_link(address):
    assert link_target(address) == ""


@pytest.mark.parametrize(
    "target", ["//evil.example/", "javascript:alert(1)", "/\\evil.example", "ftp://a/", "\\\\evil"]
)
def test_a_text_links_to_no_other_site_but_by_http(target):
    html = Template("{% load evidence %}{% prose text %}").render(Context({"text": f"[x](<{target}>) [y](/a/)"}))
    led = {urlsplit(urljoin("https://ours.example/b/", link)) for link in re.findall(r'href="([^"]*)"', html)}
    assert {each.netloc for each in led} == {"ours.example"}, html
    assert 'href="/a/"' in html


@pytest.fixture
def odd_reference(researcher, publisher):
    """A published reference from before anything was checked."""
    row = factories.reference(title="Odd\x0b\x07title\ufffe", url="javascript:alert(1)", note="A\x07", abstract="B\x0c")
    case = factories.case(title="Case\x07\x0b \u202e\u0600")
    case.sections.update(text="C\x07\ufffe")
    for finding in case.findings.all():
        finding.citations.update(reference=row)
    submit_record(record=case, by=researcher)
    publish_record(record=case, by=publisher, note="N\x07")
    return Edition.objects.get(record_id=row.record_id), Edition.objects.get(record_id=case.record_id)


@pytest.mark.slow
@pytest.mark.django_db
def test_no_way_out_is_broken_by_what_is_stored_already(odd_reference, client):
    _reference, case = odd_reference
    for each in odd_reference:
        base = each.get_absolute_url()
        tails = ["", "history/", "feed.atom", "cite.ris", "cite.bib", "cite.csl.json", "linkset.json"]
        for address in [f"{base}{tail}" for tail in tails]:
            answer = client.get(address)
            assert answer.status_code == 200, address
            assert b"javascript:" not in b"".join(answer), address
    for name in ("", "brief.pdf", "brief.docx"):
        address = f"/brief/{name}?r={case.get_absolute_url().strip('/')}.1&title=T%07"
        assert client.get(address, follow=True).status_code == 200
    for kind in ("references", "case-studies"):
        for form in ("csv", "ris", "bibtex", "xlsx", "jsonld", "datacite-json", "csl-json"):
            answer = client.get(f"/api/v1/{kind}/", {"format": form})
            assert answer.status_code in (200, 400, 406), form
            b"".join(answer)
    for verb in ("oai_dc", "oai_datacite"):
        assert client.get(f"/oai?verb=ListRecords&metadataPrefix={verb}&set=kind:reference").status_code == 200


def test_a_profile_is_made_of_any_text():
    record = {"title": "T\x07", "question": "Q\x0b\ufffe", "findings": []}
    words = Document(io.BytesIO(make_profile_docx(record, edition="E\x07", address="https://example.org/")))
    assert any("Q" in each.text for each in words.paragraphs)


def test_cleaning_reaches_every_depth():
    assert clean_texts({"a": ["x\x07", ("y\ufffe", 3, None)]}) == {"a": ["x", ("y", 3, None)]}
