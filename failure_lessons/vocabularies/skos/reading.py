"""From the bytes of a SKOS file to its concepts. Nothing that a file names is ever fetched.

RDF/XML with a document type is refused (entities), JSON-LD with a context elsewhere is refused, and no other
construct of the three forms makes rdflib fetch anything; a test watches the sockets.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from xml.sax import SAXParseException

from defusedxml.common import DefusedXmlException  # type: ignore[import-untyped]
from defusedxml.ElementTree import fromstring  # type: ignore[import-untyped]
from django.utils.text import slugify
from rdflib import RDF, Graph, Literal, URIRef
from rdflib.exceptions import ParserError
from rdflib.namespace import OWL, RDFS, SKOS
from rdflib.term import Node

from failure_lessons.exports.formats.rdf import parse_graph
from failure_lessons.files.decoding import CannotReadFile, decode_text_file

MAX_SKOS_BYTES = 1_000_000  # bytes
MAX_CONCEPTS = 2_000  # concepts
MAX_JSON_DEPTH = 50  # levels of a JSON-LD file
ENGLISH = ("en-gb", "en", "", "en-us")
XML_DECLARATION = re.compile(r"\A\s*<\?xml[^>]*\?>")
PARSERS = {"RDF/XML": "xml", "JSON-LD": "json-ld", "Turtle": "turtle"}
SKOS_XL = "http://www.w3.org/2008/05/skos-xl#"  # labels as records of their own, as AGROVOC and EuroVoc have them
LITERAL_FORM = URIRef(f"{SKOS_XL}literalForm")
LABEL_PROPERTIES = (SKOS.prefLabel, URIRef(f"{SKOS_XL}prefLabel"), RDFS.label)
DROPPED_PROPERTIES = (SKOS.broader, SKOS.narrower, SKOS.related, SKOS.altLabel, SKOS.exactMatch, SKOS.closeMatch)


@dataclass(frozen=True)
class Concept:
    """A concept as the file has it: its address, and the code, label and note that we would take, or nothing.

    A deprecated one is no longer used by those who keep the vocabulary.
    """

    address: str
    slug: str
    label: str
    note: str
    is_deprecated: bool = False


@dataclass(frozen=True)
class Scheme:
    """What a file holds: its concepts, its form, character set and text, and how many statements we cannot keep."""

    concepts: list[Concept]
    form: str
    encoding: str
    not_kept: int
    text: str


def read_scheme(data: bytes, *, note: URIRef) -> Scheme:
    """The concepts in `data`, whose text is taken from the property `note`, else from the other one that explains.

    Raises `CannotReadFile` with what to do.
    """
    if len(data) > MAX_SKOS_BYTES:
        raise CannotReadFile(
            f"The file has {len(data) / 1e6:.1f} MB; at most 1 MB is read. Export the scheme in parts."
        )
    text, encoding = decode_text_file(data)
    form = detect_syntax(text)
    try:
        {"RDF/XML": check_xml, "JSON-LD": check_json, "Turtle": check_turtle}[form](text)
        if form == "RDF/XML":
            text = XML_DECLARATION.sub("", text)
        graph = parse_graph(text, PARSERS[form])
    except CannotReadFile:
        raise
    except RecursionError:
        raise CannotReadFile(f"This {form} is nested too deep to be read.") from None
    except (
        ParserError,
        SAXParseException,
        SyntaxError,
        ValueError,
        LookupError,
        TypeError,
        AttributeError,
        AssertionError,
    ) as error:
        where = str(error).strip().partition("\n")[0][:200]
        raise CannotReadFile(f"This is no sound {form}; it may be cut off. {where}") from None
    concepts = concepts_of(graph, note)
    if not concepts:
        raise CannotReadFile(f"The file is sound {form}, but nothing in it is a skos:Concept.")
    if len(concepts) > MAX_CONCEPTS:
        raise CannotReadFile(f"The file has {len(concepts)} concepts; at most {MAX_CONCEPTS} are read at once.")
    not_kept = sum(1 for _, predicate, _ in graph if predicate in DROPPED_PROPERTIES)
    return Scheme(concepts, form, encoding, not_kept, text)


def detect_syntax(text: str) -> str:
    """JSON-LD, RDF/XML or Turtle, by how it begins."""
    start = text.lstrip("\ufeff \t\r\n")[:200]
    if re.match(r"\{|\[\s*[\{\]\"]", start):
        return "JSON-LD"
    if start.startswith("<?xml") or re.match(r"<!|<\w+:?\w*[\s>]", start):
        if re.match(r"<(?:!DOCTYPE\s+)?html", start, re.I):
            raise CannotReadFile("This is a web page: download the vocabulary itself, as Turtle, RDF/XML or JSON-LD.")
        return "RDF/XML"
    return "Turtle"


def check_xml(text: str) -> None:
    """No document type, hence no entities, near or far."""
    try:
        # the declared character set no longer holds: this is text by now
        fromstring(XML_DECLARATION.sub("", text), forbid_dtd=True)
    except DefusedXmlException:
        raise CannotReadFile(
            "The file has a document type (<!DOCTYPE …>), which can define entities; that is not read. Export it as "
            "Turtle, or without a document type."
        ) from None


def check_turtle(text: str) -> None:
    """Brackets nested beyond reason would exhaust the parser."""
    deep = 0
    for mark in re.findall(r"[\[\(\]\)]", text):
        deep += 1 if mark in "[(" else -1
        if deep > 500:
            raise CannotReadFile("This Turtle is nested too deep to be read.")


def check_json(text: str) -> None:
    """No context elsewhere, no import of one, not too deep."""
    waiting: list[tuple[object, int]] = [(json.loads(text), 0)]
    while waiting:
        value, depth = waiting.pop()
        if depth > MAX_JSON_DEPTH:
            raise CannotReadFile("This JSON-LD is nested too deep to be read.")
        if isinstance(value, dict):
            for name, item in value.items():
                elsewhere = [each for each in (item if isinstance(item, list) else [item]) if isinstance(each, str)]
                if name == "@import" or (name == "@context" and elsewhere):
                    address = str(elsewhere[0] if elsewhere else item)[:200]
                    raise CannotReadFile(
                        f"The file refers to a context elsewhere ({address}), and nothing is fetched. Put the context "
                        "into the file, or export it as Turtle."
                    )
                waiting.append((item, depth + 1))
        elif isinstance(value, list):
            waiting += [(item, depth + 1) for item in value]


def concepts_of(graph: Graph, note: URIRef) -> list[Concept]:
    """Every concept of the graph, by code."""
    other = SKOS.definition if note == SKOS.scopeNote else SKOS.scopeNote
    found = []
    for subject in subjects_that_are_concepts(graph):
        address = str(subject) if isinstance(subject, URIRef) else ""  # names of blank nodes change with each reading
        label = next((words for each in LABEL_PROPERTIES if (words := preferred_text(graph, subject, each))), "")
        tail = re.split(r"[/#:]", address.rstrip("/#"))[-1]
        code = next((str(each) for each in sorted(graph.objects(subject, SKOS.notation), key=str)), "")
        # a number or a code of the register's own tells nobody anything in an address of ours
        readable = (each for each in (code, tail) if re.fullmatch(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*", each))
        slug = next(readable, slugify(label))
        found.append(
            Concept(
                address,
                slug,
                label,
                preferred_text(graph, subject, note) or preferred_text(graph, subject, other),
                any(str(each).lower() in ("true", "1") for each in graph.objects(subject, OWL.deprecated)),
            )
        )
    return sorted(found, key=lambda each: (each.slug, each.label, each.address, each.note))


def subjects_that_are_concepts(graph: Graph) -> set[Node]:
    """Those that say so, and those that only stand in a scheme as one."""
    found = set(graph.subjects(RDF.type, SKOS.Concept))
    found |= set(graph.objects(None, SKOS.hasTopConcept)) | set(graph.subjects(SKOS.topConceptOf, None))
    return found | {each for each in graph.subjects(SKOS.inScheme, None) if (each, SKOS.prefLabel, None) in graph}


def preferred_text(graph: Graph, subject: Node, predicate: URIRef) -> str:
    """The text of a property: British English before other English, that before what names no language."""
    found = {
        (each.language or "").lower(): str(each).strip()
        for each in sorted(literals_of(graph, subject, predicate), key=str, reverse=True)
    }
    return next((found[tongue] for tongue in ENGLISH if found.get(tongue)), "")


def literals_of(graph: Graph, subject: Node, predicate: URIRef) -> list[Literal]:
    """The texts of a property, those among them that are kept in a node of their own."""
    found: list[Literal] = []
    for each in graph.objects(subject, predicate):
        inside = [*graph.objects(each, RDF.value), *graph.objects(each, LITERAL_FORM)]
        found += [one for one in (each, *inside) if isinstance(one, Literal)]
    return found
