"""The metadata formats of harvesting: simple Dublin Core and DataCite."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from xml.etree import ElementTree as ET

from failure_lessons.markup import add, element, serialised
from failure_lessons.publishing.kinds import KINDS
from failure_lessons.publishing.models import Edition

XSI = "{http://www.w3.org/2001/XMLSchema-instance}schemaLocation"
DATACITE = "http://datacite.org/schema/kernel-4"
DATACITE_XSD = "https://schema.datacite.org/meta/kernel-4.5/metadata.xsd"
OAI_DATACITE = "http://schema.datacite.org/oai/oai-1.1/"
OAI_DC = "http://www.openarchives.org/OAI/2.0/oai_dc/"
LICENCE = "https://creativecommons.org/licenses/by/4.0/"
PUBLISHER = "Failure Lessons"
TYPES = {"reference": "Text", "organisation": "Other"}  # everything else is a text of ours too, but of a named kind


def page_of(edition: Edition, base: str) -> str:
    """The permanent address of an edition."""
    return f"{base}/{KINDS[edition.kind].address}/{edition.slug}/v{edition.number}/"


def dublin_core(edition: Edition, base: str) -> list[tuple[str, str]]:
    """The edition in simple Dublin Core: element names without prefix, each with a value."""
    found = [
        ("title", f"{edition.code} {edition.title}".strip()),
        ("creator", PUBLISHER),
        *(("subject", term.partition(":")[2].replace("-", " ")) for term in edition.terms if term[:6] == "theme:"),
        ("description", edition.summary),
        ("publisher", PUBLISHER),
        ("date", f"{edition.published_at:%Y-%m-%d}"),
        ("type", KINDS[edition.kind].label),
        ("format", "text/html"),
        ("identifier", page_of(edition, base)),
        ("language", "en"),
        ("rights", LICENCE),
    ]
    return [(name, value) for name, value in found if value]


def datacite_xml(edition: Edition, base: str) -> str:
    """The edition in the DataCite schema, kernel 4."""
    root = element("resource", xmlns=DATACITE)
    root.set(XSI, f"{DATACITE} {DATACITE_XSD}")
    add(root, "identifier", page_of(edition, base), identifierType="URL")
    creator = add(add(root, "creators"), "creator")
    add(creator, "creatorName", PUBLISHER, nameType="Organizational")
    add(add(root, "titles"), "title", f"{edition.code} {edition.title}".strip())
    add(root, "publisher", PUBLISHER)
    add(root, "publicationYear", f"{edition.published_at:%Y}")
    add(root, "resourceType", KINDS[edition.kind].label, resourceTypeGeneral=TYPES.get(edition.kind, "Text"))
    add(add(root, "dates"), "date", f"{edition.published_at:%Y-%m-%d}", dateType="Issued")
    add(root, "language", "en")
    add(root, "version", str(edition.number))
    add(add(root, "rightsList"), "rights", "CC BY 4.0", rightsURI=LICENCE)
    if edition.summary:
        add(add(root, "descriptions"), "description", edition.summary, descriptionType="Abstract")
    return serialised(root).decode()


@dataclass(frozen=True)
class Format:
    """One metadata format: its prefix, where its schema is, and how an edition is written in it."""

    prefix: str
    schema: str
    namespace: str
    write: Callable[[Edition, str], ET.Element]


def oai_dc(edition: Edition, base: str) -> ET.Element:
    """Dublin Core as OAI-PMH wraps it."""
    root = element("oai_dc:dc")
    root.set("xmlns:oai_dc", OAI_DC)
    root.set("xmlns:dc", "http://purl.org/dc/elements/1.1/")
    root.set(XSI, f"{OAI_DC} {OAI_DC_FORMAT.schema}")
    for name, value in dublin_core(edition, base):
        add(root, f"dc:{name}", value)
    return root


def oai_datacite(edition: Edition, base: str) -> ET.Element:
    """DataCite as DataCite's own harvesting wraps it."""
    root = element("oai_datacite", xmlns=OAI_DATACITE)
    root.set(XSI, f"{OAI_DATACITE} {OAI_DATACITE_FORMAT.schema}")
    add(root, "schemaVersion", "4.5")
    add(root, "datacentreSymbol", PUBLISHER)
    add(root, "payload").append(grafted(datacite_xml(edition, base)))
    return root


def grafted(text: str) -> ET.Element:
    """Another document's root, with its one namespace as the default within it."""
    root = ET.fromstring(text)  # noqa: S314  # written by ourselves a line ago
    namespace = root.tag[1:].partition("}")[0] if root.tag.startswith("{") else ""
    for each in root.iter():
        if isinstance(each.tag, str) and each.tag.startswith(f"{{{namespace}}}"):
            each.tag = each.tag.partition("}")[2]
    if namespace:
        root.set("xmlns", namespace)
    return root


OAI_DC_FORMAT = Format("oai_dc", "http://www.openarchives.org/OAI/2.0/oai_dc.xsd", OAI_DC, oai_dc)
OAI_DATACITE_FORMAT = Format(
    "oai_datacite", "http://schema.datacite.org/oai/oai-1.1/oai.xsd", OAI_DATACITE, oai_datacite
)
FORMATS = {each.prefix: each for each in (OAI_DC_FORMAT, OAI_DATACITE_FORMAT)}
