"""DataCite metadata 4.6, ready for a deposit. We mint no DOI: an edition is identified by its permanent address."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from xml.etree import ElementTree

import orjson

from failure_lessons.bibliography.csl import date_parts, names_in_role
from failure_lessons.exports.formats.cited_versions import Pin, with_pins
from failure_lessons.exports.formats.rows import LICENCE, LICENCE_NAME, PUBLISHER, EditionItem, in_blocks
from failure_lessons.files.cells import NO_XML
from failure_lessons.publishing.addresses import record_path, site_path
from failure_lessons.publishing.responsibility import authors_of
from failure_lessons.publishing.rows import EditionRow
from failure_lessons.types import JSONObject
from failure_lessons.validators.addresses import link_target

DATACITE_NAMESPACE = "http://datacite.org/schema/kernel-4"
LOCATION = f"{DATACITE_NAMESPACE} https://schema.datacite.org/meta/kernel-4.6/metadata.xsd"
INSTANCE = "http://www.w3.org/2001/XMLSchema-instance"
DATACITE_SOURCE_TYPES = {
    "article-journal": "JournalArticle",
    "book": "Book",
    "chapter": "BookChapter",
    "paper-conference": "ConferencePaper",
    "report": "Report",
    "thesis": "Dissertation",
    "manuscript": "Preprint",
}
DATACITE_RELATIONS = {
    "cites": "References",
    "holds": "HasPart",
    "is-based-on": "IsDerivedFrom",
    "is-about": "Documents",
}
UNAVAILABLE = ":unav"  # DataCite's own word for a required value that nobody knows


def datacite_metadata(item: EditionItem, pins: Sequence[Pin] = ()) -> JSONObject:
    """An edition in DataCite's JSON. A reference describes the source itself."""
    own = datacite_of_source(item) if item.kind.is_source else datacite_of_edition(item, pins)
    return {
        **own,
        "titles": [{"title": item.title, "lang": "en-GB"}],
        "version": str(item.row.number),
        **(
            {"descriptions": [{"description": item.description, "descriptionType": "Abstract", "lang": "en-GB"}]}
            if item.description
            else {}
        ),
        "schemaVersion": DATACITE_NAMESPACE,
    }


def datacite_of_edition(item: EditionItem, pins: Sequence[Pin]) -> JSONObject:
    """What we published ourselves."""
    content = item.content
    subjects = content.get("themes") or content.get("derived", {}).get("themes") or []
    part_of = content.get("derived", {}).get("part_of")
    whole = item.base + (record_path(part_of["kind"], part_of["slug"]) if part_of else site_path("home"))
    return {
        "identifiers": [{"identifier": item.permanent, "identifierType": "URL"}],
        "creators": [datacite_creator(name) for name in authors_of(content) or [{"literal": PUBLISHER}]],
        "publisher": {"name": PUBLISHER},
        "publicationYear": str(item.published.year),
        "types": {"resourceTypeGeneral": item.kind.datacite_type, "resourceType": item.kind.label},
        "subjects": [{"subject": slug, "valueUri": item.base + record_path("theme", slug)} for slug in subjects],
        "dates": [{"date": item.published.isoformat(), "dateType": "Issued"}],
        "language": "en-GB",
        "alternateIdentifiers": alternate_identifiers(item),
        "relatedIdentifiers": [
            related_identifier(item.page, "IsVersionOf"),
            related_identifier(whole, "IsPartOf"),
            *(related_pin(pin, item) for pin in pins),
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


def datacite_of_source(item: EditionItem) -> JSONObject:
    """A source: its own authors, publisher and date, and where we describe it."""
    csl = item.content
    doi, url = csl.get("DOI"), link_target(csl.get("URL"))
    identifiers = [{"identifier": doi, "identifierType": "DOI"}] if doi else []
    identifiers += [{"identifier": url, "identifierType": "URL"}] if url and not doi else []
    issued = date_parts(csl)
    house = csl.get("publisher") or csl.get("container-title") or UNAVAILABLE
    return {
        "identifiers": identifiers or [{"identifier": item.permanent, "identifierType": "URL"}],
        "creators": [datacite_creator(name) for name in names_in_role(csl)]
        or [{"name": house, "nameType": "Organizational"}],
        "publisher": {"name": house},
        # where nobody knows the year, DataCite asks for that of the registration
        "publicationYear": f"{issued[0][0] if issued else item.published.year:04}",
        "types": {
            "resourceTypeGeneral": DATACITE_SOURCE_TYPES.get(csl.get("type", ""), "Text"),
            "resourceType": csl.get("type", "document"),
        },
        "dates": [{"date": "/".join("-".join(f"{n:02}" for n in part) for part in issued), "dateType": "Issued"}]
        if issued
        else [],
        "alternateIdentifiers": alternate_identifiers(item),
        "relatedIdentifiers": [related_identifier(item.permanent, "IsDescribedBy")],
        "rightsList": [{"rights": csl["licence"]}] if csl.get("licence") else [],
    }


def datacite_creator(name: dict[str, str]) -> dict[str, str]:
    """An author."""
    if name.get("literal"):
        return {"name": name["literal"], "nameType": "Organizational"}
    given = name.get("given", "")
    whole = {"name": ", ".join(filter(None, [name["family"], given])), "nameType": "Personal"}
    return whole | {"familyName": name["family"]} | ({"givenName": given} if given else {})


def alternate_identifiers(item: EditionItem) -> list[dict[str, str]]:
    """The code of the record and the hash of the edition."""
    code = [{"alternateIdentifier": item.code, "alternateIdentifierType": f"{PUBLISHER} code"}] if item.code else []
    return [*code, {"alternateIdentifier": item.row.sha256, "alternateIdentifierType": "SHA-256"}]


def related_identifier(address: str, relation: str, type_: str = "URL") -> dict[str, str]:
    """One related identifier."""
    return {"relatedIdentifier": address, "relatedIdentifierType": type_, "relationType": relation}


def related_pin(pin: Pin, item: EditionItem) -> dict[str, str]:
    """A pin; a source is named by its DOI where it has one."""
    relation = DATACITE_RELATIONS[pin.relation(item.row.kind)]
    return (
        related_identifier(pin.doi, relation, "DOI")
        if pin.doi
        else related_identifier(pin.address(item.base), relation)
    )


def write_datacite(rows: Iterable[EditionRow], base: str, kind: str = "") -> Iterator[bytes]:
    """One JSON array of DataCite records."""

    def pieces() -> Iterator[bytes]:
        yield b"["
        for place, (item, pins) in enumerate(with_pins(rows, base)):
            yield b",\n" if place else b"\n"
            yield orjson.dumps(datacite_metadata(item, pins))
        yield b"\n]\n"

    return in_blocks(pieces())


def write_datacite_alone(row: EditionRow, base: str) -> bytes:
    """One edition as a DataCite record of its own."""
    return b"".join(orjson.dumps(datacite_metadata(item, pins)) for item, pins in with_pins([row], base))


def datacite_xml(edition: EditionRow, base: str, pins: Sequence[Pin] = ()) -> ElementTree.Element:
    """The same as a DataCite `resource` element, for OAI-PMH."""
    about = datacite_metadata(EditionItem(edition, base), pins)
    resource = ElementTree.Element(
        "resource", {"xmlns": DATACITE_NAMESPACE, "xmlns:xsi": INSTANCE, "xsi:schemaLocation": LOCATION}
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
