"""SKOS in Turtle and RDF/XML: the JSON-LD of `jsonld.skos`, said in other forms. There is one mapping."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from rdflib import Graph

from failure_lessons.exports.formats.jsonld import write_skos
from failure_lessons.publishing.rows import EditionRow


def serialise_skos(rows: Iterable[EditionRow], base: str, kind: str, form: str) -> bytes:
    """The graph of these concepts, in a form that rdflib writes."""
    return parse_graph(b"".join(write_skos(rows, base, kind)).decode(), "json-ld").serialize(
        format=form, encoding="utf-8"
    )


def parse_graph(text: str, form: str) -> Graph:
    """The statements of a text in a form that rdflib reads; those of named graphs in JSON-LD are left out.

    Trusted text, or text that `failure_lessons.vocabularies.skos.reading` has looked through.
    """
    graph = Graph(bind_namespaces="none")
    graph.parse(data=text, format=form, publicID="urn:file:")
    return graph


def write_turtle(rows: Iterable[EditionRow], base: str, kind: str = "") -> Iterator[bytes]:
    """Themes or glossary terms as SKOS in Turtle. A vocabulary is small: it is written as one block."""
    yield serialise_skos(rows, base, kind, "turtle")


def write_rdfxml(rows: Iterable[EditionRow], base: str, kind: str = "") -> Iterator[bytes]:
    """Themes or glossary terms as SKOS in RDF/XML."""
    yield serialise_skos(rows, base, kind, "xml")
