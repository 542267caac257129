"""How harvesting wraps the metadata formats: simple Dublin Core and DataCite."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from xml.etree import ElementTree as ET

from failure_lessons.exports.formats.datacite import datacite_xml
from failure_lessons.exports.formats.dublin_core import dublin_core
from failure_lessons.exports.formats.rows import PUBLISHER
from failure_lessons.feeds.xml import add_element, make_element
from failure_lessons.publishing.models import Edition

XSI = "{http://www.w3.org/2001/XMLSchema-instance}schemaLocation"
OAI_DATACITE = "http://schema.datacite.org/oai/oai-1.1/"
OAI_DC = "http://www.openarchives.org/OAI/2.0/oai_dc/"


@dataclass(frozen=True)
class MetadataFormat:
    """One metadata format: its prefix, where its schema is, and how an edition is written in it."""

    prefix: str
    schema: str
    namespace: str
    write: Callable[[Edition, str], ET.Element]


def oai_dc(edition: Edition, base: str) -> ET.Element:
    """Dublin Core as OAI-PMH wraps it."""
    root = make_element("oai_dc:dc")
    root.set("xmlns:oai_dc", OAI_DC)
    root.set("xmlns:dc", "http://purl.org/dc/elements/1.1/")
    root.set(XSI, f"{OAI_DC} {OAI_DC_FORMAT.schema}")
    for name, value in dublin_core(edition, base):
        add_element(root, f"dc:{name}", value)
    return root


def oai_datacite(edition: Edition, base: str) -> ET.Element:
    """DataCite as DataCite's own harvesting wraps it."""
    root = make_element("oai_datacite", xmlns=OAI_DATACITE)
    root.set(XSI, f"{OAI_DATACITE} {OAI_DATACITE_FORMAT.schema}")
    add_element(root, "schemaVersion", "4.5")
    add_element(root, "datacentreSymbol", PUBLISHER)
    add_element(root, "payload").append(datacite_xml(edition, base))
    return root


OAI_DC_FORMAT = MetadataFormat("oai_dc", "http://www.openarchives.org/OAI/2.0/oai_dc.xsd", OAI_DC, oai_dc)
OAI_DATACITE_FORMAT = MetadataFormat(
    "oai_datacite", "http://schema.datacite.org/oai/oai-1.1/oai.xsd", OAI_DATACITE, oai_datacite
)
METADATA_FORMATS = {each.prefix: each for each in (OAI_DC_FORMAT, OAI_DATACITE_FORMAT)}
