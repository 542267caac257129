"""SKOS in Turtle and RDF/XML: the JSON-LD of `jsonld.skos`, said in other forms. There is one mapping."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from rdflib import Graph

from failure_lessons.exports.formats.jsonld import skos
from failure_lessons.exports.formats.rows import Row


def rewritten(rows: Iterable[Row], base: str, kind: str, form: str) -> bytes:
    """The graph of these concepts, in a form that rdflib writes."""
    return parsed(b"".join(skos(rows, base, kind)).decode(), "json-ld").serialize(format=form, encoding="utf-8")


def parsed(text: str, form: str) -> Graph:
    """The statements of a text in a form that rdflib reads; those of named graphs in JSON-LD are left out.

    Trusted text, or text that `failure_lessons.vocabularies.skos.reading` has looked through.
    """
    graph = Graph(bind_namespaces="none")
    graph.parse(data=text, format=form, publicID="urn:file:")
    return graph


def turtle(rows: Iterable[Row], base: str, kind: str = "") -> Iterator[bytes]:
    """Themes or glossary terms as SKOS in Turtle. A vocabulary is small: it is written as one block."""
    yield rewritten(rows, base, kind, "turtle")


def rdfxml(rows: Iterable[Row], base: str, kind: str = "") -> Iterator[bytes]:
    """Themes or glossary terms as SKOS in RDF/XML."""
    yield rewritten(rows, base, kind, "xml")
