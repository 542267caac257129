"""Vocabularies of others as they are really written: labels and notes in nodes, concepts by their place, deprecated ones."""

from pathlib import Path

import pytest
from rdflib.namespace import SKOS

from failure_lessons.vocabularies.skos.reading import read_scheme
from failure_lessons.vocabularies.skos.services import THEMES, plan_scheme

WILD = Path(__file__).parent / "skos"
PREFIXES = """@prefix skos: <http://www.w3.org/2004/02/skos/core#> . @prefix e: <http://example.org/v/> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> . @prefix owl: <http://www.w3.org/2002/07/owl#> . """


@pytest.mark.parametrize(
    ("name", "label", "note"),
    [("K01", "Whistleblowing", ""), ("K02", "Whistleblowing", ""), ("K11", "W", "A note")],
)
def test_a_concept_of_the_wild_has_its_label_and_note(name, label, note):
    (concept,) = read_scheme((WILD / f"{name}.ttl").read_bytes(), note=SKOS.scopeNote).concepts
    assert (concept.label, concept.note, concept.is_deprecated) == (label, note, False)


@pytest.mark.parametrize(
    "turtle",
    [
        'e:1 skos:topConceptOf e:s ; skos:prefLabel "Fear"@en .',
        'e:1 skos:inScheme e:s ; skos:prefLabel "Fear"@en .',
        'e:1 a skos:Concept ; rdfs:label "Fear"@en .',
        'e:1 a skos:Concept ; rdfs:label "Angst"@en ; skos:prefLabel "Fear"@en .',
    ],
)
def test_a_concept_is_known_by_its_place_and_its_best_label(turtle):
    (concept,) = read_scheme((PREFIXES + turtle).encode(), note=SKOS.scopeNote).concepts
    assert concept.label == "Fear"


@pytest.mark.django_db
def test_a_deprecated_concept_is_told_and_not_offered_as_new():
    rows = plan_scheme(read_scheme((WILD / "K17.ttl").read_bytes(), note=SKOS.scopeNote), THEMES)
    assert {row.concept.label: row.action for row in rows} == {"Old": "deprecated", "New": "faulty"}  # New has no note
