"""SKOS comes in as it goes out, is looked at first, and never makes us fetch anything."""

import json
import socket

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from rdflib import RDF
from rdflib.namespace import SKOS

from failure_lessons.exports.formats import EDITION_COLUMNS, FORMATS
from failure_lessons.exports.formats.rdf import parse_graph
from failure_lessons.files.decoding import CannotReadFile
from failure_lessons.history.models import Change
from failure_lessons.publishing.models import Edition
from failure_lessons.vocabularies.models import Theme
from failure_lessons.vocabularies.skos.reading import MAX_SKOS_BYTES, read_scheme
from failure_lessons.vocabularies.skos.services import (
    THEMES,
    CannotImportScheme,
    fingerprint_plan,
    import_scheme,
    plan_scheme,
)
from literature.admin import GLOSSARY
from literature.models import GlossaryTerm

HEAD = "@prefix skos: <http://www.w3.org/2004/02/skos/core#> .\n"
TURTLE = (
    HEAD
    + """
<https://example.org/zebras> a skos:Concept ; skos:prefLabel "Zebras"@en, "Zèbres"@fr ; skos:scopeNote "Striped."@en ;
    skos:broader <https://example.org/horses> .
<https://example.org/horses> a skos:Concept ; skos:prefLabel "Horses" ; skos:definition "Plain." .
"""
)
FORMS = ("skos", "skos-turtle", "skos-rdfxml")


@pytest.fixture
def sealed(monkeypatch):
    """No socket is opened, no name looked up, no file of the system read by a parser."""

    def refuse(*_, **__):
        raise AssertionError("the network was touched")

    for name in ("socket", "create_connection", "getaddrinfo"):
        monkeypatch.setattr(socket, name, refuse)
    monkeypatch.setattr("urllib.request.urlopen", refuse)
    monkeypatch.setattr("rdflib.parser._urlopen", refuse)


def theme_file(data):
    return read_scheme(data if isinstance(data, bytes) else data.encode(), note=SKOS.scopeNote)


def exported(name, kind):
    rows = Edition.objects.current().of_kind(kind).values_list(*EDITION_COLUMNS, named=True)
    return b"".join(FORMATS[name].write(rows, "https://lessons.example.org", kind))


@pytest.mark.slow
@pytest.mark.django_db
@pytest.mark.parametrize("name", FORMS)
@pytest.mark.parametrize(("kind", "vocabulary"), [("theme", THEMES), ("glossary-term", GLOSSARY)])
def test_what_goes_out_comes_in_and_changes_nothing(name, kind, vocabulary, sealed):
    scheme = read_scheme(exported(name, kind), note=vocabulary.note)
    rows = plan_scheme(scheme, vocabulary)
    assert len(rows) == vocabulary.model.objects.count()
    assert {row.action for row in rows} == {"same"}


@pytest.mark.slow
@pytest.mark.django_db
def test_the_three_forms_say_the_same(client):
    graphs = [
        parse_graph(exported(name, "theme").decode(), form)
        for name, form in zip(FORMS, ("json-ld", "turtle", "xml"), strict=True)
    ]
    assert set(graphs[0]) == set(graphs[1]) == set(graphs[2])
    assert len(set(graphs[0].subjects(RDF.type, SKOS.Concept))) == Theme.objects.count()
    for extension in ("skos.ttl", "skos.rdf"):
        assert client.get(f"/themes/export.{extension}").status_code == 200
        assert client.get(f"/lessons/export.{extension}").status_code == 404


@pytest.mark.django_db
def test_a_file_is_planned_then_done_whole_by_whoever_agreed(researcher):
    scheme = theme_file(TURTLE)
    assert (scheme.form, scheme.not_kept) == ("Turtle", 1)
    rows = plan_scheme(scheme, THEMES)
    assert [(row.action, row.concept.slug, row.concept.label, row.concept.note) for row in rows] == [
        ("new", "horses", "Horses", "Plain."),
        ("new", "zebras", "Zebras", "Striped."),
    ]
    assert not Theme.objects.filter(slug="zebras").exists()
    made, changed = import_scheme(scheme=scheme, vocabulary=THEMES, by=researcher, agreed=fingerprint_plan(rows))
    assert (len(made), len(changed), Theme.objects.get(slug="zebras").state) == (2, 0, "draft")
    assert Change.objects.filter(key=f"vocabularies_theme:{made[0].pk}").get().by == researcher
    again = plan_scheme(theme_file(TURTLE.replace("Striped.", "Black and white.")), THEMES)
    assert [(row.action, row.changes) for row in again] == [
        ("same", ()),
        ("changed", (("scope_note", "Striped.", "Black and white."),)),
    ]


@pytest.mark.django_db
def test_one_faulty_concept_and_nothing_is_done(researcher):
    published = Theme.objects.filter(state="published").first()
    text = (
        TURTLE
        + f"""
    <urn:a> a skos:Concept ; skos:prefLabel "No note" .
    <urn:b> a skos:Concept ; skos:scopeNote "No label." .
    <urn:c> a skos:Concept ; skos:prefLabel "{published.label}" ; skos:notation "other" ; skos:scopeNote "Taken." .
    <urn:d> a skos:Concept ; skos:prefLabel "{"Long " * 30}" ; skos:scopeNote "Too long." .
    """
    )
    rows = plan_scheme(theme_file(text), THEMES)
    faults = " ".join(words for row in rows for words in row.faults)
    for words in ("say what belongs under it", "no skos:prefLabel", "use that as its skos:notation", "at most 100"):
        assert words in faults
    with pytest.raises(CannotImportScheme):
        import_scheme(scheme=theme_file(text), vocabulary=THEMES, by=researcher, agreed=fingerprint_plan(rows))
    assert not Theme.objects.filter(slug="zebras").exists()


@pytest.mark.django_db
def test_what_changed_since_it_was_looked_at_is_looked_at_again(researcher):
    scheme = theme_file(TURTLE)
    agreed = fingerprint_plan(plan_scheme(scheme, THEMES))
    Theme.objects.create(slug="zebras", label="Zebras", scope_note="Mine.")
    with pytest.raises(CannotImportScheme, match="look at the rows again"):
        import_scheme(scheme=scheme, vocabulary=THEMES, by=researcher, agreed=agreed)
    assert Theme.objects.get(slug="zebras").scope_note == "Mine."


@pytest.mark.django_db
def test_a_withdrawn_record_and_one_in_review_are_left_alone():
    Theme.objects.create(slug="zebras", label="Zebras", scope_note="Mine.", state="in-review")
    Theme.objects.create(slug="horses", label="Horses", scope_note="Mine.", state="withdrawn")
    assert [row.action for row in plan_scheme(theme_file(TURTLE), THEMES)] == ["faulty", "faulty"]


@pytest.mark.django_db
def test_terms_of_the_glossary_say_where_they_are_from(researcher):
    scheme = read_scheme(TURTLE.encode(), note=SKOS.definition)
    import_scheme(
        scheme=scheme, vocabulary=GLOSSARY, by=researcher, agreed=fingerprint_plan(plan_scheme(scheme, GLOSSARY))
    )
    assert GlossaryTerm.objects.get(slug="zebras").source_note == "Taken from https://example.org/zebras."


RDF_XML = """<?xml version="1.0" encoding="{encoding}"?>
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:skos="http://www.w3.org/2004/02/skos/core#">
<skos:Concept rdf:about="urn:x:cafe"><skos:prefLabel>Café</skos:prefLabel><skos:scopeNote>Crème.</skos:scopeNote></skos:Concept>
</rdf:RDF>"""


@pytest.mark.parametrize("encoding", ["utf-8", "iso-8859-1", "utf-16"])
def test_character_sets_are_told_apart(encoding, sealed):
    scheme = theme_file(RDF_XML.format(encoding=encoding).encode(encoding))
    assert [(each.slug, each.label, each.note) for each in scheme.concepts] == [("cafe", "Café", "Crème.")]


def jsonld(**more):
    return json.dumps(
        {"@context": {"skos": str(SKOS)}, "@id": "urn:x:a", "@type": "skos:Concept", "skos:prefLabel": "A", **more}
    )


HOSTILE = {
    "xxe": ('<?xml version="1.0"?><!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]><r>&x;</r>', "document type"),
    "an entity elsewhere": ('<!DOCTYPE r SYSTEM "http://example.org/x.dtd"><r/>', "document type"),
    "a billion laughs": (
        '<?xml version="1.0"?><!DOCTYPE r [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]><r>&b;</r>',
        "document type",
    ),
    "a context elsewhere": (
        json.dumps({"@context": "https://example.org/c.jsonld", "@id": "urn:a"}),
        "nothing is fetched",
    ),
    "a context elsewhere in a list": (
        json.dumps({"@context": [{}, "https://example.org/c"], "@id": "urn:a"}),
        "nothing is fetched",
    ),
    "a context elsewhere, deep": (jsonld(x=[{"y": {"@context": "http://example.org/c"}}]), "nothing is fetched"),
    "an import of a context": (
        json.dumps({"@context": {"@version": 1.1, "@import": "http://example.org/c"}}),
        "nothing is fetched",
    ),
    "deep json": ('{"a":' * 200 + "1" + "}" * 200, "too deep"),
    "json too deep for its own parser": ("[" * 100_000, "deep|sound"),
    "deep turtle": (HEAD + "<urn:a> <urn:b> " + "[ <urn:b> " * 20_000, "too deep"),
    "cut off turtle": (TURTLE[:-40], "cut off"),
    "cut off xml": (RDF_XML[:200], "cut off"),
    "cut off json": (jsonld()[:-20], "cut off"),
    "prose": ("Dear all, please find attached.", "no sound Turtle"),
    "a web page": ("<!DOCTYPE html><html></html>", "web page"),
    "nothing": ("   ", "empty"),
    "no concept": (HEAD + '<urn:a> skos:prefLabel "A" .', "nothing in it is a skos:Concept"),
    "NUL": (TURTLE + "\0", "NUL"),
    "huge": ("#" * (MAX_SKOS_BYTES + 1), "at most 1 MB"),
    "a zip": ("PK\x03\x04xxxx", "zip"),
    "too many": (HEAD + "".join(f"<urn:{n}> a skos:Concept .\n" for n in range(2001)), "2001 concepts"),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_and_broken_files_get_a_clear_answer(name, sealed):
    text, words = HOSTILE[name]
    with pytest.raises(CannotReadFile, match=words):
        theme_file(text)


def test_imports_of_ontologies_and_see_also_are_not_followed(sealed):
    text = TURTLE + "<urn:o> <http://www.w3.org/2002/07/owl#imports> <http://example.org/other.ttl> ."
    assert len(theme_file("@base <http://example.org/> .\n" + text).concepts) == 2


@pytest.mark.django_db
def test_a_steward_looks_then_imports_on_the_page(person, browser_of, sealed):
    desk = browser_of(person("somebody", "steward"))
    address = reverse("admin:vocabularies_theme_skos")
    assert address in desk.get(reverse("admin:vocabularies_theme_changelist")).content.decode()
    assert desk.get(address).status_code == 200
    page = desk.post(address, {"file": SimpleUploadedFile("zebras.ttl", TURTLE.encode())})
    assert "2 new, 0 changed" in page.content.decode()
    assert not Theme.objects.filter(slug="zebras").exists()
    desk.post(address, {"text": page.context["text"].replace("\n", "\r\n"), "agreed": page.context["agreed"]})
    assert Theme.objects.filter(slug="zebras").exists()
    refused = desk.post(address, {"text": HOSTILE["xxe"][0], "agreed": "x"})
    assert (refused.status_code, "document type" in refused.content.decode()) == (422, True)
    assert desk.post(address, {}).status_code == 200


@pytest.mark.django_db
@pytest.mark.parametrize("role", ["reviewer", "publisher", "partner"])
def test_others_may_not_import(role, person, browser_of):
    desk = browser_of(person("somebody", role))
    for name in ("vocabularies_theme", "literature_glossaryterm"):
        address = reverse(f"admin:{name}_skos")
        assert (desk.get(address).status_code, desk.post(address, {"text": TURTLE}).status_code) == (403, 403)
