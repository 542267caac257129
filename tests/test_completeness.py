"""Nothing that a record holds is lost on its way: from package to workbench, document, page, API, table, filter and back.

Each test goes through every field of every kind by the registry. What is lost fails by its name, unless it stands below
in `EXCEPTIONS` with the reason, or in the declaration of the field as the reason why tables have no column for it.
"""

import copy
import csv
import html
import io
import re

import pytest
from django.contrib import admin
from django.db import transaction

from failure_lessons.exports.formats.tables import write_csv
from failure_lessons.library.list_query import filters_of
from failure_lessons.packages.exchange import export_package
from failure_lessons.packages.format import write_package
from failure_lessons.packages.validation import read_checked
from failure_lessons.publishing.fields import flatten_fields, list_attributes, value_at
from failure_lessons.publishing.models import Edition, Publishable
from failure_lessons.publishing.registry import KINDS, SOURCES
from failure_lessons.publishing.schemas import VOCABULARY_KEYWORD
from failure_lessons.vocabularies.labels import known_labels
from recommendations.consultations.models import ConsultationRound
from tests.conftest import publish_shipped
from tests.full_records import build_package
from tests.test_exchange import empty_everything

pytestmark = pytest.mark.django_db

# Members of package entries that no record keeps: (kind, path) and why.
NOT_KEPT = {
    ("literature-review", "findings.relevance_to_nhs"): "Only findings of cases say what they mean for the NHS.",
    ("case-study", "findings.cerqual"): "Only findings of reviews have their confidence assessed.",
}
# What the page of a record does not show: (kind, path, or what it begins with) and why.
ELSEWHERE = "The page of the organisation has it."
NOT_CITED = "The page cites the work in the Harvard manner, which leaves it out; CSL-JSON, RIS and BibTeX have it."
NOT_ON_PAGE = {
    ("case-study", "organisations.identifiers"): ELSEWHERE,
    ("organisation", "is_class"): "The page says it in words.",
    **dict.fromkeys(
        (("literature-review", f"extraction_form.{name}") for name in ("key", "required")),
        "For programs, and for extractors.",
    ),
    ("literature-review", "extraction_form.kind"): "The answers show it.",
    (
        "literature-review",
        "characteristics.values.field",
    ): "It is the key of the question, whose name heads the column.",
    ("literature-review", "characteristics.values.not_reported"): "The page says it in words.",
    ("recommendation", "timescale.months"): "The label says it in words; the number is for programs.",
    **{
        ("reference", name): NOT_CITED
        for name in (
            *("ISSN", "PMCID", "PMID", "archive", "authority", "chair", "chapter-number", "collection-title"),
            *(
                "container-author",
                "contributor",
                "event-date",
                "event-place",
                "interviewer",
                "jurisdiction",
                "language",
            ),
            *("medium", "original-date", "publisher-place", "section", "submitted", "title-short", "version"),
        )
    },
}
CODED = {"enum", VOCABULARY_KEYWORD}  # what the schema of a code says
# Coded fields by which lists cannot be narrowed: (kind, path) and why.
NO_FILTER = {
    ("literature-review", "framework"): "It says how the question was put, not what was found.",
}
# Members that answers of the API do not have: (kind, name) and why.
NOT_IN_API = {
    ("reference", "edition"): "The edition of ours stands under this name; `?format=csl-json` has the work's."
}
# Columns of models that no field declares: (model, column) and why.
BY_HAND = {
    ("LiteratureReview", "unscreened"): "Told with the records that wait here, as what is under way.",
    **dict.fromkeys(
        (("ConsultationRound", name) for name in ("rules", "follows", "opens_at", "closes_at")),
        "Told in words, or as a slug or a day.",
    ),
    **dict.fromkeys(
        (("ConsultationRound", name) for name in ("results", "interpretation", "limits", *ConsultationRound.CONDUCT)),
        "The report has them.",
    ),
    **dict.fromkeys(
        (("ConsultationRound", name) for name in ("stage", "stage_reason", "closed_at", "reported_at")),
        "How far it has come: of the workbench alone.",
    ),
    ("ConsultationRound", "template"): "What it was set up from: of the workbench alone.",
    ("ConsultationRound", "created_by"): "Who set it up: of the workbench alone.",
    ("Reference", "csl"): "All members of a CSL item that have no column of their own.",
    ("GlossaryTerm", "reference"): "Its key is the field `ref`.",
    ("LiteratureReview", "search_due"): "The first day of `search_again_by`, for the queue of the workbench.",
    ("ReviewFinding", "review"): "What it is part of.",
    ("CaseFinding", "case"): "What it is part of.",
    ("Organisation", "is_class"): "Documents leave it out where it is no class.",
    ("SourceRecommendation", "case"): "Its slug is the field `case`.",
    ("SourceRecommendation", "review"): "Its slug is the field `review`.",
    ("SourceRecommendation", "made_by"): "Its slug stands in the field `made_by`.",
    ("SourceRecommendation", "made_by_role"): "It stands in the field `made_by`.",
    ("SourceRecommendation", "earliest"): "Computed from `made_on`, for the rules of the database.",
    ("SourceRecommendation", "deadline_day"): "A day: it stands in the field `deadline`.",
    ("SourceRecommendation", "set_size"): "It stands in the field `set`.",
    ("SourceRecommendation", "set_counts"): "They stand in the field `set`.",
    ("SourceRecommendation", "set_note"): "It stands in the field `set`.",
    ("FollowUp", "source_recommendation"): "Its code is the field of that name.",
    ("FollowUp", "recommendation"): "Its code is the field of that name.",
    ("Departure", "at"): "When a reason was given: of the workbench alone.",
    ("Departure", "by"): "Who gave a reason: of the workbench alone.",
}


@pytest.fixture(scope="module")
def full_package(own_library, django_db_blocker, tmp_path_factory):
    """Of the full records, and the library of this module holds nothing but them, published."""
    folder = tmp_path_factory.mktemp("full")
    write_package(folder, build_package())
    package = read_checked(folder)
    with django_db_blocker.unblock(), transaction.atomic():
        empty_everything()
        publish_shipped(package)
    return package


@pytest.fixture
def full_library(full_package):
    """The package that the library came from, of the test's own."""
    return copy.deepcopy(full_package)


def full_editions():
    """The current edition of the full record of each kind; of findings all."""
    return list(Edition.objects.current().exclude(slug="zq-first").order_by("kind", "slug"))


def leaves_of(value, path=""):
    """Every value that is no list and no object, with its path (lists add nothing to it)."""
    if isinstance(value, dict):
        for name, each in value.items():
            yield from leaves_of(each, f"{path}.{name}" if path else name)
    elif isinstance(value, list):
        for each in value:
            yield from leaves_of(each, path)
    else:
        yield path, value


def entries_by_kind(package):
    """The entries of a package as (kind, entry), findings and organisations for themselves."""
    for kind in KINDS.values():
        if kind.member:
            yield from ((kind.code, entry) for entry in package[kind.member.name])


def missing_leaves(entry, content):
    """Paths of the values of an entry that a document does not have at the same place."""
    have = set(leaves_of(content))
    return sorted({path for path, value in leaves_of(entry) if (path, value) not in have})


@pytest.mark.slow
def test_every_value_of_a_package_is_in_a_document(full_library):
    documents = {(each.kind, each.slug): each.content for each in Edition.objects.current()}
    lost = []
    for kind, entry in entries_by_kind(full_library):
        findings = entry.pop("findings", []) if kind in ("case-study", "literature-review") else []
        slug = entry[KINDS[kind].member.key]
        lost += [(kind, path) for path in missing_leaves(entry, documents[kind, slug])]
        for finding in findings:
            lost += [
                (kind, f"findings.{path}")
                for path in missing_leaves(finding, documents["finding", finding["code"].lower()])
            ]
    lost = {(kind, path) for kind, path in lost if not is_excepted(kind, path, NOT_KEPT)}
    assert not lost, f"These fields of packages reach no document: {sorted(lost)}"


def is_excepted(kind, path, exceptions):
    """Whether a path, or an object in which it stands, is excepted."""
    parts = path.split(".")
    return any((kind, ".".join(parts[:length])) in exceptions for length in range(1, len(parts) + 1))


def words_of(page):
    """The text of a page as readers see it, and what its links and attributes say."""
    body = page[page.index("<main") : page.index("</main")]
    return html.unescape(" ".join(re.sub(r"<[^>]*>", " ", body).split())), html.unescape(body)


# codes whose labels stand within sentences, in lower case; a page says “at once” of much else than a label “At once”
WITHIN_SENTENCES = ("read_as", "outcome.key", "screening.stage", "type")


def is_shown(path, value, text, source, titles):
    """Whether a page shows a value: itself, as the label of a code, or as the title or address of a record."""
    if isinstance(value, int | float):
        return bool(re.search(rf"(?<!\d){value}(?!\d)", text))
    names = {value, value.replace("_", " "), known_labels().get(value, value), *titles.get(value, ())}
    names |= {label for code, label in known_labels().items() if code.endswith(f":{value}")}
    if len(names) > 1 and not path.endswith(WITHIN_SENTENCES):
        return any(name in text for name in names) or value in source
    return any(name.lower() in text.lower() for name in names) or value in source


def record_titles():
    """What records are called, by slug and by code."""
    return {
        name: (edition.title, edition.code)
        for edition in Edition.objects.current()
        for name in (edition.slug, edition.code)
        if name
    }


@pytest.mark.slow
def test_every_value_of_a_document_is_on_its_page(full_library, client):
    lost, titles = [], record_titles()
    for edition in full_editions():
        page = client.get(f"/{KINDS[edition.kind].address}/{edition.slug}/")
        assert page.status_code == 200, edition.slug
        text, source = words_of(page.content.decode())
        content = {name: each for name, each in edition.content.items() if name not in ("schema", "kind", "derived")}
        labels = edition.content.get("derived", {}).get("labels", {})
        names = titles | {code: (label,) for told in labels.values() for code, label in told.items()}
        lost += [
            (edition.kind, path) for path, value in leaves_of(content) if not is_shown(path, value, text, source, names)
        ]
    lost = {(kind, path) for kind, path in lost if not is_excepted(kind, path, NOT_ON_PAGE)}
    assert not lost, f"These fields are on no page: {sorted(lost)}"


@pytest.mark.slow
def test_every_member_of_a_document_is_in_the_answers_of_the_api(full_library, client):
    for edition in full_editions():
        kind = KINDS[edition.kind]
        for address in (f"/api/v1/{kind.api_address}/{edition.slug}/", f"/api/v1/{kind.api_address}/?order=standard"):
            answer = client.get(address).json()
            found = answer if "slug" in answer else next(r for r in answer["results"] if r["slug"] == edition.slug)
            lost = sorted(
                name
                for name, value in edition.content.items()
                if found.get(name) != value and (edition.kind, name) not in NOT_IN_API
            )
            assert not lost, f"{address} does not answer with {lost}"


@pytest.mark.slow
def test_every_field_of_a_document_is_in_tables_or_says_why_not(full_library):
    lost = []
    for edition in full_editions():
        kind = KINDS[edition.kind]
        rows = Edition.objects.filter(pk=edition.pk)
        text = b"".join(write_csv(rows, "https://example.org", kind.code)).decode("utf-8-sig")
        (row,) = csv.DictReader(io.StringIO(text))
        for path, field in (*flatten_fields(kind.fields), *flatten_fields(kind.derived, "derived.")):
            value = value_at(edition.content, path)
            if not field.columns:
                if not (field.members or field.column):
                    lost.append((kind.code, f"{path}: give it a column, or in words why not"))
            elif value not in (None, "", [], {}):
                cells = "; ".join(row[column.heading] for column in field.columns)
                inside = [str(each) for _, each in leaves_of(value)]
                plain = not any(isinstance(each, dict) for each in (value if isinstance(value, list) else [value]))
                if not (all if plain else any)(each.lower() in cells.lower() for each in inside):
                    lost.append((kind.code, path))
    assert not lost, f"These fields are in no table: {sorted(lost)}"


@pytest.mark.slow
def test_every_term_that_a_field_declares_finds_the_record(full_library, client):
    lost = []
    for edition in full_editions():
        kind = KINDS[edition.kind]
        for path, field in (*flatten_fields(kind.fields), *flatten_fields(kind.derived, "derived.")):
            values = value_at(edition.content, field.term_at or path) if field.term else None
            for code in values if isinstance(values, list) else [values] if values else []:
                parameter = field.term.replace("-", "_")
                if f"{field.term}:{code}" not in edition.terms or parameter not in filters_of(kind).base_filters:
                    lost.append((kind.code, path))
                else:
                    answer = client.get(f"/api/v1/{kind.api_address}/?{parameter}={code}").json()
                    assert edition.slug in [each["slug"] for each in answer["results"]], (kind.code, parameter)
    assert not lost, f"These fields declare a term that no record has or no filter offers: {sorted(lost)}"


def test_every_coded_field_is_a_filter():
    lost = {
        (kind.code, path)
        for kind in KINDS.values()
        for path, field in (*flatten_fields(kind.fields), *flatten_fields(kind.derived, "derived."))
        if CODED & (field.schema.keys() | field.schema.get("items", {}).keys()) and not field.term
    }
    assert lost == set(NO_FILTER), (
        f"Give these coded fields a term, or say in NO_FILTER why not: {lost ^ set(NO_FILTER)}"
    )


@pytest.mark.slow
def test_export_and_load_into_an_empty_database_keeps_every_field(full_library, tmp_path):
    before = {(each.kind, each.slug): each.content for each in Edition.objects.current()}
    write_package(tmp_path / "out", export_package())
    empty_everything()
    publish_shipped(read_checked(tmp_path / "out"))
    after = {(each.kind, each.slug): each.content for each in Edition.objects.current()}
    assert after.keys() == before.keys()
    lost = [(kind, path) for (kind, slug), entry in before.items() for path in missing_leaves(entry, after[kind, slug])]
    assert not lost, f"These fields do not come back: {sorted(set(lost))}"
    assert after == before


def own_columns(model):
    """The columns of a model that hold something its author wrote."""
    common = {column.name for column in Publishable._meta.fields} | {"record", "position"}
    return {
        column.name
        for column in model._meta.fields
        if column.name not in common and not column.primary_key and not column.auto_created
    }


def test_every_column_of_a_model_is_declared_as_a_field():
    lost = []
    for model, source in SOURCES.items():
        fields = KINDS[source.kind].fields
        declared = set(list_attributes(fields)) | {"slug"}
        lost += [(model.__name__, name) for name in own_columns(model) - declared]
        for field in fields:
            if field.rows and hasattr(model, field.attribute):
                rows = getattr(model, field.attribute).rel
                known = set(list_attributes(field.rows)) | {rows.field.name}
                lost += [(rows.related_model.__name__, name) for name in own_columns(rows.related_model) - known]
    lost = set(lost) - set(BY_HAND)
    assert not lost, f"These columns are declared nowhere: {sorted(lost)}"


@pytest.mark.slow
def test_every_field_has_a_place_in_the_form(rf, admin_user):
    lost = []
    for model, source in SOURCES.items():
        if model in admin.site._registry:
            request = rf.get("/")
            request.user = admin_user
            form = admin.site._registry[model].get_form(request)
            editable = {column.name for column in model._meta.fields if column.editable}
            wanted = set(list_attributes(KINDS[source.kind].fields)) & editable
            lost += [(model.__name__, name) for name in wanted - set(form.base_fields)]
    assert not lost, f"These fields have no place in the form: {sorted(lost)}"
