"""JSON-LD: records in schema.org's words for search engines and FAIR tools, and vocabularies in SKOS."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import orjson
from django.conf import settings

from failure_lessons.bibliography.csl import date_parts, names_in_role
from failure_lessons.exports.formats.cited_versions import Pin, with_pins
from failure_lessons.exports.formats.rows import LICENCE, PUBLISHER, EditionItem, in_blocks, iterate_items
from failure_lessons.publishing.addresses import list_path, record_path, site_path
from failure_lessons.publishing.responsibility import authors_of
from failure_lessons.publishing.rows import EditionRow
from failure_lessons.types import JSONObject, JSONValue
from failure_lessons.validators.addresses import link_target

CONTEXT = "https://schema.org"
SCHEMA_SOURCE_TYPES = {
    "article-journal": "ScholarlyArticle",
    "article-magazine": "Article",
    "article-newspaper": "NewsArticle",
    "book": "Book",
    "chapter": "Chapter",
    "legislation": "Legislation",
    "manuscript": "Manuscript",
    "paper-conference": "ScholarlyArticle",
    "post-weblog": "BlogPosting",
    "report": "Report",
    "thesis": "Thesis",
    "webpage": "WebPage",
    "personal_communication": "Message",
}
SCHEMA_RELATIONS = {"cites": "citation", "holds": "hasPart", "is-based-on": "isBasedOn", "is-about": "about"}
SKOS = {
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "dct": "http://purl.org/dc/terms/",
    "ConceptScheme": "skos:ConceptScheme",
    "Concept": "skos:Concept",
    "prefLabel": {"@id": "skos:prefLabel", "@language": "en-GB"},
    "definition": {"@id": "skos:definition", "@language": "en-GB"},
    "scopeNote": {"@id": "skos:scopeNote", "@language": "en-GB"},
    "notation": "skos:notation",
    "inScheme": {"@id": "skos:inScheme", "@type": "@id"},
    "topConceptOf": {"@id": "skos:topConceptOf", "@type": "@id"},
    "title": {"@id": "dct:title", "@language": "en-GB"},
    "license": {"@id": "dct:license", "@type": "@id"},
    "modified": {"@id": "dct:modified", "@type": "http://www.w3.org/2001/XMLSchema#date"},
}


def schema_type(item: EditionItem) -> str:
    """The schema.org type of what an edition describes."""
    return (
        SCHEMA_SOURCE_TYPES.get(item.content.get("type", ""), "CreativeWork")
        if item.kind.is_source
        else item.kind.schema_type
    )


def jsonld_object(item: EditionItem, pins: Sequence[Pin] = ()) -> JSONObject:
    """An edition as a schema.org object, without its `@context`."""
    type_ = schema_type(item)
    about: JSONObject = {"@type": type_, "@id": item.permanent, "url": item.page, "name": item.title}
    if item.description:
        about["description"] = item.description
    if item.kind.is_source:
        return about | jsonld_of_source(item)
    if type_ == "DefinedTerm":
        return about | {"termCode": item.row.slug, "inDefinedTermSet": item.base + list_path(item.row.kind)}
    if type_ == "Organization":
        schemes = item.content.get("identifiers", {})
        return about | (
            {"identifier": [property_value(scheme, code) for scheme, code in schemes.items()]} if schemes else {}
        )
    return about | jsonld_of_edition(item) | jsonld_relations(item, pins)


def jsonld_name(name: JSONObject) -> JSONObject:
    """A person or a body."""
    if name.get("literal"):
        return {"@type": "Organization", "name": name["literal"]}
    return {"@type": "Person", "familyName": name["family"], "givenName": name.get("given", "")}


def jsonld_of_source(item: EditionItem) -> JSONObject:
    """What a reference adds: the source's own authors, date and place; of ours is only this description of it."""
    csl = item.content
    authors = [jsonld_name(name) for name in names_in_role(csl)]
    issued = ["-".join(f"{number:02}" for number in part) for part in date_parts(csl)]
    same = [f"https://doi.org/{csl['DOI']}"] if csl.get("DOI") else []
    parts = {
        "author": authors,
        "datePublished": "/".join(issued),
        "isPartOf": csl.get("container-title") and {"@type": "CreativeWork", "name": csl["container-title"]},
        "publisher": csl.get("publisher") and {"@type": "Organization", "name": csl["publisher"]},
        "sameAs": [*same, *filter(None, [link_target(csl.get("URL"))])],
        "license": csl.get("licence"),
        "pagination": csl.get("page"),
        "isbn": csl.get("ISBN"),
        "sdPublisher": publisher_object(item.base),
        "sdDatePublished": item.published.isoformat(),
        "sdLicense": LICENCE,
    }
    return {name: value for name, value in parts.items() if value}


def jsonld_of_edition(item: EditionItem) -> JSONObject:
    """What every record that we wrote adds."""
    content = item.content
    derived = content.get("derived", {})
    part_of = derived.get("part_of")
    whole = item.base + (record_path(part_of["kind"], part_of["slug"]) if part_of else site_path("home"))
    themes = content.get("themes") or derived.get("themes") or []
    parts = {
        "additionalType": item.base + list_path(item.row.kind),
        "genre": item.kind.label,
        "identifier": [
            *([property_value("code", item.code)] if item.code else []),
            property_value("sha256", item.row.sha256),
        ],
        "version": item.row.number,
        "datePublished": item.published.isoformat(),
        "dateModified": item.published.isoformat(),
        "inLanguage": "en-GB",
        "license": LICENCE,
        "isAccessibleForFree": True,
        "creator": [jsonld_name(name) for name in authors_of(content)] or publisher_object(item.base),
        "publisher": publisher_object(item.base),
        "isPartOf": {"@id": whole},
        "about": [{"@id": item.base + record_path("theme", slug)} for slug in themes],
        "audience": [{"@type": "Audience", "audienceType": code} for code in content.get("audiences", [])],
        "keywords": [
            {"@type": "DefinedTerm", "termCode": code, "name": label, "inDefinedTermSet": term_set_object(vocabulary)}
            for vocabulary, labels in derived.get("labels", {}).items()
            for code, label in labels.items()
        ],
    }
    return {name: value for name, value in parts.items() if value}


def jsonld_relations(item: EditionItem, pins: Sequence[Pin]) -> JSONObject:
    """What the edition cites, holds and is based on, in the very editions it pins."""
    found: dict[str, list[dict[str, str]]] = {}
    for pin in pins:
        what = {"@id": pin.address(item.base)} | ({"name": pin.title} if pin.title else {})
        found.setdefault(SCHEMA_RELATIONS[pin.relation(item.row.kind)], []).append(what)
    return found


def property_value(scheme: str, code: str) -> dict[str, str]:
    """An identifier with the scheme it belongs to."""
    return {"@type": "PropertyValue", "propertyID": scheme, "value": code}


def term_set_object(vocabulary: str) -> dict[str, str]:
    """The vocabulary that a term belongs to."""
    return {"@type": "DefinedTermSet", "name": vocabulary}


def publisher_object(base: str) -> dict[str, str]:
    """Who publishes the editions."""
    return {"@type": "Organization", "name": PUBLISHER, "url": base + site_path("home")}


def jsonld_document(item: EditionItem, pins: Sequence[Pin] = ()) -> JSONObject:
    """One edition as a JSON-LD document."""
    return {"@context": CONTEXT, **jsonld_object(item, pins)}


def repository_dataset(base: str, modified: str = "") -> JSONObject:
    """The whole repository as a dataset, for the home page. `modified` is the day of the latest change."""
    about = {
        "@context": CONTEXT,
        "@type": "Dataset",
        "@id": base + site_path("home"),
        "url": base + site_path("home"),
        "name": PUBLISHER,
        "description": f"{settings.SITE.purpose}: literature reviews, case studies, findings, lessons and "
        "recommendations, each with its sources.",
        "keywords": [
            *("organisational failure", "public services", settings.SITE.service.removeprefix("the ")),
            *(label.lower() for _, label in settings.SITE.sectors),
        ],
        "inLanguage": "en-GB",
        "license": LICENCE,
        "isAccessibleForFree": True,
        "creator": publisher_object(base),
        "publisher": publisher_object(base),
        "distribution": [
            {
                "@type": "DataDownload",
                "name": "REST API",
                "contentUrl": base + site_path("api-root"),
                "encodingFormat": "application/json",
            }
        ],
    }
    return about | ({"dateModified": modified} if modified else {})


def write_jsonld(rows: Iterable[EditionRow], base: str, kind: str = "") -> Iterator[bytes]:
    """One JSON-LD document with a graph of all records."""
    return write_graph(CONTEXT, (jsonld_object(item, pins) for item, pins in with_pins(rows, base)))


def write_jsonld_alone(row: EditionRow, base: str) -> bytes:
    """One edition as a JSON-LD document of its own."""
    return b"".join(orjson.dumps(jsonld_document(item, pins)) for item, pins in with_pins([row], base))


def write_skos(rows: Iterable[EditionRow], base: str, kind: str = "") -> Iterator[bytes]:
    """Themes or glossary terms as SKOS concepts in their concept scheme."""

    def nodes() -> Iterator[JSONObject]:
        schemes: set[str] = set()
        for item in iterate_items(rows, base):
            scheme = base + list_path(item.row.kind)
            if scheme not in schemes:
                schemes.add(scheme)
                title = f"{PUBLISHER}: {item.kind.label_plural.lower()}"
                yield {"@id": scheme, "@type": "ConceptScheme", "title": title, "license": LICENCE}
            note = "scopeNote" if item.row.kind == "theme" else "definition"
            yield {
                "@id": item.page,
                "@type": "Concept",
                "prefLabel": item.title,
                "notation": item.row.slug,
                "inScheme": scheme,
                "topConceptOf": scheme,
                "modified": item.published.isoformat(),
                **({note: item.description} if item.description else {}),
            }

    return write_graph(SKOS, nodes())


def write_graph(context: JSONValue, nodes: Iterable[JSONObject]) -> Iterator[bytes]:
    """A JSON-LD document around many nodes."""

    def pieces() -> Iterator[bytes]:
        yield b'{"@context":' + orjson.dumps(context) + b',"@graph":['
        for place, node in enumerate(nodes):
            yield b",\n" if place else b"\n"
            yield orjson.dumps(node)
        yield b"\n]}\n"

    return in_blocks(pieces())
