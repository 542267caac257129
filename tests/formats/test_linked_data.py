"""JSON-LD, SKOS, DataCite and Dublin Core."""

import datetime as dt
import re
from xml.etree import ElementTree

import orjson
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from failure_lessons.exports.formats import EDITION_COLUMNS, FORMATS, formats_of
from failure_lessons.exports.formats.cited_versions import Pin, pins_among, pins_of
from failure_lessons.exports.formats.datacite import datacite_xml
from failure_lessons.exports.formats.dublin_core import dublin_core
from failure_lessons.publishing.dependencies import list_evidence
from failure_lessons.publishing.models import Edition, EditionCitation
from tests.formats.conftest import BASE, NASTY, reference, row

pytestmark = pytest.mark.django_db


def read(name, rows, kind=""):
    return orjson.loads(b"".join(FORMATS[name].write(rows, BASE, kind)))


def test_every_record_is_a_schema_org_thing_with_its_permanent_address(library):
    graph = read("jsonld", library)
    assert graph["@context"] == "https://schema.org"
    assert len(graph["@graph"]) == library.count()
    for node in graph["@graph"]:
        assert re.fullmatch(rf"{BASE}/[a-z-]+/[a-z0-9-]+/v1/", node["@id"])
        assert node["name"]
        assert node["@type"]


def test_a_recommendation_says_what_it_is_based_on_in_the_editions_it_pins(library):
    node = read("jsonld", library.filter(code="R1"))["@graph"][0]
    lesson = Edition.objects.current().get(code="LS4")
    assert [each["@id"] for each in node["isBasedOn"]] == [f"{BASE}/lessons/{lesson.slug}/v1/"]
    assert node["license"] == "https://creativecommons.org/licenses/by/4.0/"
    assert node["additionalType"] == f"{BASE}/recommendations/"
    assert node["version"] == 1


def test_a_case_holds_its_findings_and_cites_its_sources(library):
    node = read("jsonld", library.filter(kind="case-study", slug="hmp-birmingham"))["@graph"][0]
    findings = Edition.objects.current().of_kind("finding").matching(["case:hmp-birmingham"]).count()
    assert len(node["hasPart"]) == findings
    assert all("/references/" in each["@id"] for each in node["citation"])
    part = read("jsonld", library.filter(slug="j1-f1"))["@graph"][0]
    assert part["isPartOf"]["@id"].startswith(f"{BASE}/case-studies/")


def test_a_reference_claims_no_licence_of_ours_for_somebody_elses_work(library):
    node = read("jsonld", library.filter(slug="jas2005"))["@graph"][0]
    assert node["@type"] == "ScholarlyArticle"
    assert "license" not in node
    assert node["sdLicense"] == "https://creativecommons.org/licenses/by/4.0/"
    assert "https://doi.org/10.1111/j.1467-8551.2005.00458.x" in node["sameAs"]


def test_themes_are_a_concept_scheme(library):
    graph = read("skos", library.filter(kind="theme"), "theme")["@graph"]
    scheme, *concepts = graph
    assert scheme["@type"] == "ConceptScheme"
    assert len(concepts) == library.filter(kind="theme").count()
    assert {each["inScheme"] for each in concepts} == {scheme["@id"]}
    assert all(each["prefLabel"] and each["scopeNote"] for each in concepts)
    assert FORMATS["skos"] in formats_of("theme")
    assert FORMATS["skos"] not in formats_of("lesson")


def test_datacite_has_every_required_property(library):
    for record in read("datacite", library):
        assert record["identifiers"][0]["identifier"]
        assert record["creators"][0]["name"]
        assert record["titles"][0]["title"]
        assert record["publisher"]["name"]
        assert re.fullmatch(r"\d{4}", record["publicationYear"])
        assert record["types"]["resourceTypeGeneral"]
        assert record["schemaVersion"] == "http://datacite.org/schema/kernel-4"


def test_datacite_names_sources_by_doi_where_they_have_one(library):
    pin = EditionCitation.objects.filter(cites__document__contains='"DOI"').select_related("edition", "cites").first()
    record = read("datacite", library.filter(pk=pin.edition_id))[0]
    expected = {
        "relatedIdentifier": pin.cites.content["DOI"],
        "relatedIdentifierType": "DOI",
        "relationType": "References",
    }
    assert expected in record["relatedIdentifiers"]


def test_pins_cost_one_query_for_two_hundred_records():
    rows = list(Edition.objects.current().order_by("pk").values_list(*EDITION_COLUMNS, named=True)[:190])
    for some in (rows[:3], rows):
        with CaptureQueriesContext(connection) as captured:
            read("datacite", some)
        assert len(captured) == 1


def test_pins_of_a_page_are_those_of_a_list():
    case = Edition.objects.current().get(kind="case-study", slug="hmp-birmingham")
    assert sorted(pins_among(list_evidence(case))) == sorted(pins_of([case])[case.pk])
    recommendation = Edition.objects.current().get(code="R1")
    direct = pins_among(list_evidence(recommendation))
    assert {pin.kind for pin in direct} == {"lesson", "reference"}  # what its policy context cites


def test_a_withdrawn_pin_keeps_its_address_and_says_no_more():
    gone = Edition(
        kind="reference",
        slug="gone",
        number=2,
        title="Secret",
        document='{"DOI":"10.1/x"}',
        withdrawn_at=dt.datetime.now(dt.UTC),
    )
    gone.direct = True
    assert pins_among([gone]) == [Pin("reference", "gone", 2)]


@pytest.mark.parametrize("text", NASTY, ids=lambda text: ascii(text[:12]))
def test_any_text_makes_well_formed_xml(text):
    item = reference(title=text, abstract=text, author=[{"literal": text}], publisher=text, licence=text)
    xml = ElementTree.tostring(datacite_xml(item, BASE), encoding="utf-8")
    assert ElementTree.fromstring(xml).tag == "{http://datacite.org/schema/kernel-4}resource"  # noqa: S314
    pairs = ElementTree.Element("dc")
    for name, value in dublin_core(item, BASE):
        ElementTree.SubElement(pairs, name).text = value
    assert ElementTree.fromstring(ElementTree.tostring(pairs)).tag == "dc"  # noqa: S314


def test_dublin_core_of_an_edition():
    item = row(
        "recommendation", "act-early", 3, code="R4", title="Act early", statement="Act.", derived={"themes": ["t"]}
    )
    pairs = dublin_core(item, BASE, [Pin("lesson", "l", 2), Pin("reference", "s", 1)])
    assert ("identifier", f"{BASE}/recommendations/act-early/v3/") in pairs
    assert ("identifier", "R4") in pairs
    assert ("relation", f"{BASE}/lessons/l/v2/") in pairs
    assert ("source", f"{BASE}/references/s/v1/") in pairs
    assert ("date", "2026-11-25") in pairs
    assert {name for name, _ in pairs} <= {
        "title",
        "creator",
        "subject",
        "description",
        "publisher",
        "contributor",
        "date",
        "type",
        "format",
        "identifier",
        "source",
        "language",
        "relation",
        "coverage",
        "rights",
    }
