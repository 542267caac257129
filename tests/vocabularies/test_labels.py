"""What readers see of terms: documents carry labels; pages, facets, the map, the API and packages show those."""

import copy
import json

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from casestudies.models import CaseStudy, Intervention
from failure_lessons.accounts.models import User
from failure_lessons.library import published_labels as published_labels_module
from failure_lessons.library.published_labels import published_labels, read_labels
from failure_lessons.library.term_bitmaps import read_term_bitmaps
from failure_lessons.packages.exchange import export_package, load_package
from failure_lessons.packages.format import TERMS, Package, read_package, write_package
from failure_lessons.packages.validation import InvalidPackage, known_in_workbench, read_checked
from failure_lessons.publishing.fields import flatten_fields
from failure_lessons.publishing.models import Edition
from failure_lessons.publishing.registry import KINDS
from failure_lessons.publishing.renditions import render_records
from failure_lessons.publishing.schemas import VOCABULARY_KEYWORD
from failure_lessons.publishing.services import publish_record, submit_record
from failure_lessons.vocabularies.models import VocabularyTerm
from failure_lessons.vocabularies.services import count_uses
from literature.models import LiteratureReview
from recommendations.models import Recommendation
from tests import factories
from tests.test_exchange import empty_everything

pytestmark = pytest.mark.django_db


@pytest.fixture
def term():
    return VocabularyTerm.objects.create(vocabulary="failure-type", code="data-protection", label="Personal data lost")


def publish(record, researcher, publisher):
    submit_record(record=record, by=researcher)
    publish_record(record=record, by=publisher)
    return Edition.objects.current().get(record_id=record.record_id)


@pytest.fixture
def published_case(term, researcher, publisher):
    """A published case study that uses the new term."""
    case = factories.case()
    case.failure_types = ["quality", "data-protection"]
    case.save()
    publish(case, researcher, publisher)
    return case


def test_documents_carry_the_labels_of_the_terms_they_use(term):
    case = factories.case()
    CaseStudy.objects.filter(pk=case.pk).update(failure_types=["safety", "data-protection"])
    document = json.loads(render_records([case])[0].document)
    assert document["failure_types"] == ["safety", "data-protection"]
    assert document["derived"]["labels"] == {
        "failure-type": {"data-protection": "Personal data lost", "safety": "Safety"}
    }
    review = LiteratureReview.objects.create(
        slug="r", title="T", question="Q?", review_type="rapid-review", sector="health", framework="pico"
    )
    assert json.loads(render_records([review])[0].document)["derived"]["labels"] == {"framework": {"pico": "PICo"}}


def test_every_kind_whose_records_use_terms_declares_their_labels():
    for kind in KINDS.values():
        used = VOCABULARY_KEYWORD in json.dumps([each.schema for _, each in flatten_fields(kind.fields)])
        assert used == any(each.name == "labels" for each in kind.derived), kind.code


def test_every_shipped_edition_tells_a_label_for_each_code():
    told = set()
    for edition in Edition.objects.current().of_kind("case-study", "recommendation", "literature-review"):
        content = edition.content
        labels = content["derived"]["labels"]
        assert set(labels.get("failure-type", ())) == set(content.get("failure_types", ()))
        assert set(labels.get("intervention", ())) == {item["kind"] for item in content.get("interventions", ())}
        assert set(labels.get("appraisal-tool", ())) == {item["tool"] for item in content.get("appraisal", ())}
        told |= set(labels)
    assert told == {"failure-type", "intervention", "framework", "appraisal-tool"}


def test_a_new_term_shows_on_page_facet_list_map_changes_api_csv_and_json_ld(client, published_case):
    def text_at(address):
        answer = client.get(address)
        assert answer.status_code == 200
        return (b"".join(answer.streaming_content) if answer.streaming else answer.content).decode()

    slug = published_case.slug
    assert "Personal data lost" in text_at(f"/case-studies/{slug}/")
    listed = text_at("/case-studies/?failure_type=data-protection")
    assert published_case.title in listed
    assert "Personal data lost" in listed
    assert 'value="data-protection"' in text_at("/case-studies/")
    assert "Personal data lost" in text_at("/evidence-map/?of=finding&by=failure-type")
    assert "Personal data lost" in text_at("/evidence-map/map.csv?of=finding&by=failure-type")
    assert "Personal data lost" in text_at("/changes/")
    table = text_at("/case-studies/export.csv?failure_type=data-protection")
    assert "quality; data-protection" in table
    assert "Types of failure in words" in table
    assert "Personal data lost; Quality" in table
    (record,) = json.loads(text_at("/api/v1/case-studies/?failure_type=data-protection"))["results"]
    assert record["derived"]["labels"]["failure-type"]["data-protection"] == "Personal data lost"
    (about,) = [
        each
        for each in json.loads(text_at(f"/api/v1/case-studies/{slug}/?format=jsonld"))["keywords"]
        if each["termCode"] == "data-protection"
    ]
    assert about == {
        "@type": "DefinedTerm",
        "termCode": "data-protection",
        "name": "Personal data lost",
        "inDefinedTermSet": {"@type": "DefinedTermSet", "name": "failure-type"},
    }


def test_what_only_the_workbench_knows_reaches_no_reader(client, term):
    for address in ("/case-studies/", "/changes/", "/evidence-map/?of=finding&by=failure-type"):
        page = client.get(address).content.decode()
        assert "data-protection" not in page
        assert "Personal data lost" not in page
    assert client.get("/api/v1/case-studies/?failure_type=data-protection").json()["results"] == []


@pytest.mark.slow
def test_a_better_label_shows_only_once_published_anew(client, term, published_case, researcher, publisher):
    address = f"/case-studies/{published_case.slug}/"
    VocabularyTerm.objects.filter(pk=term.pk).update(label="Data breach")
    for where in (address, "/case-studies/"):
        assert "Personal data lost" in client.get(where).content.decode()
        assert "Data breach" not in client.get(where).content.decode()
    published_case.refresh_from_db()
    publish(published_case, researcher, publisher)
    for where in (address, "/case-studies/", "/evidence-map/?of=finding&by=failure-type"):
        assert "Data breach" in client.get(where).content.decode()
        assert "Personal data lost" not in client.get(where).content.decode()
    assert "Personal data lost" in client.get(f"{address}v1/").content.decode()
    compared = client.get(reverse("compare", args=["case-studies", published_case.slug, 1, 2])).content.decode()
    assert "1 fact was changed" in compared
    assert "<del>Personal data lost</del>" in compared


def test_a_term_that_only_an_edition_uses_stays(client, term, published_case, person, browser_of):
    CaseStudy.objects.filter(pk=published_case.pk).update(failure_types=["quality"])
    assert count_uses(term) == {"published edition": 1}
    desk = browser_of(person("somebody", "steward"))
    address = reverse("admin:vocabularies_vocabularyterm_delete", args=[term.pk])
    answer = desk.post(address, {"post": "yes"}, follow=True).content.decode()
    assert "stays, because it is used: 1 published edition. Retire it" in answer
    assert VocabularyTerm.objects.filter(pk=term.pk).exists()


@pytest.fixture
def bitmaps_held(db):
    """What a process holds from its start (deploy/gunicorn.conf.py)."""
    return read_term_bitmaps()


def test_labels_cost_one_query_until_the_next_publication_and_are_read_anew_after_each_change(
    bitmaps_held, published_case, django_assert_num_queries
):
    for most in (5, 1):  # to read what was published; to see that nothing was
        with django_assert_num_queries(most, exact=False):
            assert published_labels()["failure-type", "data-protection"] == "Personal data lost"
    empty_everything()
    assert published_labels() == {}


def test_labels_that_were_read_are_not_read_again(published_case, researcher, publisher, monkeypatch):
    before, asked = published_labels(), []
    monkeypatch.setattr(published_labels_module, "read_labels", lambda keys: asked.append(keys) or read_labels(keys))
    CaseStudy.objects.filter(pk=published_case.pk).update(title="Told once more")
    published_case.refresh_from_db()
    publish(published_case, researcher, publisher)
    assert published_labels() == before
    assert [len(keys) for keys in asked] == [1]


def test_terms_of_many_documents_cost_one_query():
    def queries_for(records):
        with CaptureQueriesContext(connection) as asked:
            render_records(records)
        return [each["sql"] for each in asked.captured_queries if "vocabularyterm" in each["sql"]]

    recommendations = list(Recommendation.objects.all())
    assert len(queries_for(recommendations[:1])) == len(queries_for(recommendations)) == 1


@pytest.mark.slow
def test_cases_side_by_side_show_a_new_kind_of_intervention(client, researcher, publisher):
    VocabularyTerm.objects.create(vocabulary="intervention", code="twinning", label="Twinning of schools")
    cases = [factories.case(), factories.case()]
    for case in cases:
        row = Intervention.objects.create(case=case, kind="twinning", title="Paired")
        row.citations.create(reference=factories.reference())
        publish(case, researcher, publisher)
    address = "/case-studies/compare/?" + "&".join(f"case={case.slug}" for case in cases)
    assert "Twinning of schools" in client.get(address).content.decode()
    assert "Twinning of schools" in client.get(f"/case-studies/{cases[0].slug}/").content.decode()


@pytest.mark.slow
def test_a_term_from_its_steward_to_an_empty_library(client, person, browser_of, researcher, publisher, tmp_path):
    desk = browser_of(person("somebody", "steward"))
    sent = {"vocabulary": "failure-type", "label": "Personal data lost", "code": "data-protection", "position": "80"}
    assert desk.post(reverse("admin:vocabularies_vocabularyterm_add"), sent).status_code == 302
    case = factories.case()
    CaseStudy.objects.filter(pk=case.pk).update(failure_types=["data-protection"])
    before = publish(case, researcher, publisher)
    assert "Personal data lost" in client.get(f"/case-studies/{case.slug}/").content.decode()
    package = export_package()
    package.members = {name: package[name] for name in ("vocabulary-terms", "references", "case-studies")}
    package.members["case-studies"] = [each for each in package["case-studies"] if each["slug"] == case.slug]
    write_package(tmp_path / "p", package)
    empty_everything()
    assert not VocabularyTerm.objects.exists()
    load_package(read_checked(tmp_path / "p"), by=User.objects.create_user("loader"))
    assert VocabularyTerm.objects.get(code="data-protection").label == "Personal data lost"
    assert render_records([CaseStudy.objects.get(slug=case.slug)])[0].sha256 == before.sha256


# packages


@pytest.mark.slow
def test_the_shipped_evidence_brings_the_terms_it_uses(shipped):
    assert export_package()[TERMS] == shipped[TERMS]


@pytest.mark.slow
def test_a_package_with_an_unknown_code_is_refused_with_a_pointer_and_a_hint(shipped, tmp_path):
    package = Package(shipped.manifest, copy.deepcopy(shipped.members))
    package["case-studies"][0]["failure_types"] = ["quality", "goverance"]
    package["case-studies"][1]["interventions"][0]["kind"] = "leadership-changes"
    write_package(tmp_path / "p", package)
    with pytest.raises(InvalidPackage) as refused:
        read_checked(tmp_path / "p", known_in_workbench())
    first, second = sorted(refused.value.problems, key=lambda each: each.path)
    assert (first.path, first.code) == ("/failure_types/1", "unknown-code")
    assert "Did you mean “governance”?" in first.message
    assert second.path == "/interventions/0/kind"
    assert "Did you mean “leadership-change”?" in second.message


@pytest.mark.slow
@pytest.mark.parametrize(
    ("terms", "words"),
    [
        ([{"vocabulary": "phase", "code": "later", "label": "Later"}], "not a known code"),
        ([{"vocabulary": "framework", "code": "Pico Two", "label": "PICO 2"}], "not written as it should be"),
        ([{"vocabulary": "framework", "code": "two"}], "label"),
        ([{"vocabulary": "framework", "code": "two", "label": "A"}] * 2, "code “two” stands in framework 2 times"),
    ],
)
def test_terms_of_a_package_are_checked(shipped, tmp_path, terms, words):
    write_package(tmp_path / "p", Package(shipped.manifest, {**shipped.members, TERMS: terms}))
    with pytest.raises(InvalidPackage, match=words):
        read_checked(tmp_path / "p", known_in_workbench())


@pytest.mark.slow
def test_a_package_reads_back_as_it_was_written_and_its_terms_come_last(shipped, tmp_path):
    terms = [*shipped[TERMS], {"vocabulary": "framework", "code": "eclipse", "label": "ECLIPSE", "scope_note": "Care."}]
    write_package(tmp_path / "p", Package(shipped.manifest, {**shipped.members, TERMS: terms}))
    assert read_package(tmp_path / "p")[TERMS] == terms
    report = load_package(read_checked(tmp_path / "p"), by=User.objects.create_user("loader"))
    assert (report.created[TERMS], report.changed[TERMS], report.unchanged[TERMS]) == (1, 0, len(shipped[TERMS]))
    found = VocabularyTerm.objects.filter(vocabulary="framework").last()
    assert (found.code, found.label, found.scope_note, found.position) == ("eclipse", "ECLIPSE", "Care.", 30)
