"""DataCite metadata 4.6, ready for a deposit. We mint no DOI: an edition is identified by its permanent address."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any
from xml.etree import ElementTree

import orjson

from failure_lessons.exports.formats.cited_versions import Pin, with_pins
from failure_lessons.exports.formats.csl import date, people
from failure_lessons.exports.formats.rows import LICENCE, LICENCE_NAME, PUBLISHER, Item, Row, in_blocks
from failure_lessons.files.cells import NO_XML
from failure_lessons.publishing.registry import KINDS

NAMESPACE = "http://datacite.org/schema/kernel-4"
LOCATION = f"{NAMESPACE} https://schema.datacite.org/meta/kernel-4.6/metadata.xsd"
INSTANCE = "http://www.w3.org/2001/XMLSchema-instance"
SOURCES = {
    "article-journal": "JournalArticle",
    "book": "Book",
    "chapter": "BookChapter",
    "paper-conference": "ConferencePaper",
    "report": "Report",
    "thesis": "Dissertation",
    "manuscript": "Preprint",
}
RELATIONS = {"cites": "References", "holds": "HasPart", "is-based-on": "IsDerivedFrom"}
UNAVAILABLE = ":unav"  # DataCite's own word for a required value that nobody knows


def metadata(item: Item, pins: Sequence[Pin] = ()) -> dict[str, Any]:
    """An edition in DataCite's JSON. A reference describes the source itself."""
    own = sourced(item) if item.kind.is_source else edited(item, pins)
    return {
        **own,
        "titles": [{"title": item.title, "lang": "en-GB"}],
        "version": str(item.row.number),
        **(
            {"descriptions": [{"description": item.description, "descriptionType": "Abstract", "lang": "en-GB"}]}
            if item.description
            else {}
        ),
        "schemaVersion": NAMESPACE,
    }


def edited(item: Item, pins: Sequence[Pin]) -> dict[str, Any]:
    """What we published ourselves."""
    content = item.content
    subjects = content.get("themes") or content.get("derived", {}).get("themes") or []
    part_of = content.get("derived", {}).get("part_of")
    whole = f"{item.base}/{KINDS[part_of['kind']].address}/{part_of['slug']}/" if part_of else f"{item.base}/"
    return {
        "identifiers": [{"identifier": item.permanent, "identifierType": "URL"}],
        "creators": [{"name": PUBLISHER, "nameType": "Organizational"}],
        "publisher": {"name": PUBLISHER},
        "publicationYear": str(item.published.year),
        "types": {"resourceTypeGeneral": item.kind.datacite_type, "resourceType": item.kind.label},
        "subjects": [{"subject": slug, "valueUri": f"{item.base}/themes/{slug}/"} for slug in subjects],
        "dates": [{"date": item.published.isoformat(), "dateType": "Issued"}],
        "language": "en-GB",
        "alternateIdentifiers": alternates(item),
        "relatedIdentifiers": [
            related(item.page, "IsVersionOf"),
            related(whole, "IsPartOf"),
            *(pinned(pin, item) for pin in pins),
        ],
        "rightsList": [
            {
                "rights": LICENCE_NAME,
                "rightsUri": LICENCE,
                "rightsIdentifier": "CC-BY-4.0",
                "rightsIdentifierScheme": "SPDX",
            }
        ],
    }


def sourced(item: Item) -> dict[str, Any]:
    """A source: its own authors, publisher and date, and where we describe it."""
    csl = item.content
    doi, url = csl.get("DOI"), csl.get("URL")
    identifiers = [{"identifier": doi, "identifierType": "DOI"}] if doi else []
    identifiers += [{"identifier": url, "identifierType": "URL"}] if url and not doi else []
    issued = date(csl)
    house = csl.get("publisher") or csl.get("container-title") or UNAVAILABLE
    return {
        "identifiers": identifiers or [{"identifier": item.permanent, "identifierType": "URL"}],
        "creators": [creator(name) for name in people(csl)] or [{"name": house, "nameType": "Organizational"}],
        "publisher": {"name": house},
        # where nobody knows the year, DataCite asks for that of the registration
        "publicationYear": f"{issued[0][0] if issued else item.published.year:04}",
        "types": {
            "resourceTypeGeneral": SOURCES.get(csl.get("type", ""), "Text"),
            "resourceType": csl.get("type", "document"),
        },
        "dates": [{"date": "/".join("-".join(f"{n:02}" for n in part) for part in issued), "dateType": "Issued"}]
        if issued
        else [],
        "alternateIdentifiers": alternates(item),
        "relatedIdentifiers": [related(item.permanent, "IsDescribedBy")],
        "rightsList": [{"rights": csl["licence"]}] if csl.get("licence") else [],
    }


def creator(name: dict[str, str]) -> dict[str, str]:
    """An author."""
    if name.get("literal"):
        return {"name": name["literal"], "nameType": "Organizational"}
    given = name.get("given", "")
    whole = {"name": ", ".join(filter(None, [name["family"], given])), "nameType": "Personal"}
    return whole | {"familyName": name["family"]} | ({"givenName": given} if given else {})


def alternates(item: Item) -> list[dict[str, str]]:
    """The code of the record and the hash of the edition."""
    code = [{"alternateIdentifier": item.code, "alternateIdentifierType": "Failure Lessons code"}] if item.code else []
    return [*code, {"alternateIdentifier": item.row.sha256, "alternateIdentifierType": "SHA-256"}]


def related(address: str, relation: str, type_: str = "URL") -> dict[str, str]:
    """One related identifier."""
    return {"relatedIdentifier": address, "relatedIdentifierType": type_, "relationType": relation}


def pinned(pin: Pin, item: Item) -> dict[str, str]:
    """A pin; a source is named by its DOI where it has one."""
    relation = RELATIONS[pin.relation(item.row.kind)]
    return related(pin.doi, relation, "DOI") if pin.doi else related(pin.address(item.base), relation)


def datacite(rows: Iterable[Row], base: str, kind: str = "") -> Iterator[bytes]:
    """One JSON array of DataCite records."""

    def pieces() -> Iterator[bytes]:
        yield b"["
        for place, (item, pins) in enumerate(with_pins(rows, base)):
            yield b",\n" if place else b"\n"
            yield orjson.dumps(metadata(item, pins))
        yield b"\n]\n"

    return in_blocks(pieces())


def alone(row: Row, base: str) -> bytes:
    """One edition as a DataCite record of its own."""
    return b"".join(orjson.dumps(metadata(item, pins)) for item, pins in with_pins([row], base))


def datacite_xml(edition: Row, base: str, pins: Sequence[Pin] = ()) -> ElementTree.Element:
    """The same as a DataCite `resource` element, for OAI-PMH."""
    about = metadata(Item(edition, base), pins)
    resource = ElementTree.Element(
        "resource", {"xmlns": NAMESPACE, "xmlns:xsi": INSTANCE, "xsi:schemaLocation": LOCATION}
    )

    def add(parent: ElementTree.Element, name: str, text: str = "", **attributes: str) -> ElementTree.Element:
        element = ElementTree.SubElement(
            parent, name, {key.replace("_", ":"): value for key, value in attributes.items()}
        )
        element.text = NO_XML.sub("", text) or None
        return element

    first = about["identifiers"][0]
    add(resource, "identifier", first["identifier"], identifierType=first["identifierType"])
    creators = add(resource, "creators")
    for each in about["creators"]:
        element = add(creators, "creator")
        add(element, "creatorName", each["name"], nameType=each["nameType"])
        for name in ("givenName", "familyName"):
            if each.get(name):
                add(element, name, each[name])
    titles = add(resource, "titles")
    for each in about["titles"]:
        add(titles, "title", each["title"], xml_lang=each["lang"])
    add(resource, "publisher", about["publisher"]["name"])
    add(resource, "publicationYear", about["publicationYear"])
    types = about["types"]
    add(resource, "resourceType", types["resourceType"], resourceTypeGeneral=types["resourceTypeGeneral"])
    if about.get("subjects"):
        subjects = add(resource, "subjects")
        for each in about["subjects"]:
            add(subjects, "subject", each["subject"], valueURI=each["valueUri"])
    if about["dates"]:
        dates = add(resource, "dates")
        for each in about["dates"]:
            add(dates, "date", each["date"], dateType=each["dateType"])
    if about.get("language"):
        add(resource, "language", about["language"])
    alternates = add(resource, "alternateIdentifiers")
    for each in about["alternateIdentifiers"]:
        add(
            alternates,
            "alternateIdentifier",
            each["alternateIdentifier"],
            alternateIdentifierType=each["alternateIdentifierType"],
        )
    relations = add(resource, "relatedIdentifiers")
    for each in about["relatedIdentifiers"]:
        add(
            relations,
            "relatedIdentifier",
            each["relatedIdentifier"],
            relatedIdentifierType=each["relatedIdentifierType"],
            relationType=each["relationType"],
        )
    add(resource, "version", about["version"])
    if about["rightsList"]:
        rights = add(resource, "rightsList")
        for each in about["rightsList"]:
            add(rights, "rights", each["rights"], **({"rightsURI": each["rightsUri"]} if "rightsUri" in each else {}))
    if about.get("descriptions"):
        descriptions = add(resource, "descriptions")
        for each in about["descriptions"]:
            add(descriptions, "description", each["description"], descriptionType="Abstract", xml_lang=each["lang"])
    return resource
