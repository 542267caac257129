"""The six verbs of OAI-PMH 2.0, from arguments to elements, with every refusal the protocol knows."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple
from xml.etree import ElementTree as ET

import orjson
from django.conf import settings

from failure_lessons.feeds.oai.formats import METADATA_FORMATS, OAI_DC, OAI_DC_FORMAT, XSI
from failure_lessons.feeds.oai.records import (
    Harvest,
    HarvestItem,
    NotResumable,
    find_item,
    identifier_prefix,
    resume_harvest,
    set_names,
)
from failure_lessons.feeds.xml import add_element, format_utc_seconds, make_element, serialise_xml
from failure_lessons.publishing.addresses import site_path
from failure_lessons.publishing.ledger_head import signed_head
from failure_lessons.publishing.models import LedgerEntry

ITEMS_PER_ANSWER = 100  # records or headers of one answer
OAI_NAMESPACE = "http://www.openarchives.org/OAI/2.0/"
OAI_IDENTIFIER = "http://www.openarchives.org/OAI/2.0/oai-identifier"
SPEC = re.compile(r"[A-Za-z0-9\-_.!~*'()]+(:[A-Za-z0-9\-_.!~*'()]+)*")
MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}:\d{2}Z)?")


class CannotAnswer(Exception):
    """The request is refused: with one of the protocol's codes, and the reason in words."""

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


class Site(NamedTuple):
    """Where this is asked: the site's own address without a slash, and that of the harvesting door."""

    base: str
    address: str


Arguments = Mapping[str, str]


def identify(given: Arguments, site: Site) -> Iterable[ET.Element]:
    """What this repository is."""
    first = LedgerEntry.objects.order_by("number").first()
    yield make_element("repositoryName", settings.SITE.name)
    yield make_element("baseURL", site.address)
    yield make_element("protocolVersion", "2.0")
    yield make_element("adminEmail", settings.CONTACT_EMAIL)
    yield make_element("earliestDatestamp", format_utc_seconds(first.at) if first else "1970-01-01T00:00:00Z")
    yield make_element("deletedRecord", "persistent")
    yield make_element("granularity", "YYYY-MM-DDThh:mm:ssZ")
    description = make_element("description")
    about = add_element(description, "oai-identifier", xmlns=OAI_IDENTIFIER)
    about.set(XSI, f"{OAI_IDENTIFIER} {OAI_IDENTIFIER}.xsd")
    add_element(about, "scheme", "oai")
    add_element(about, "repositoryIdentifier", settings.REPOSITORY_DOMAIN)
    add_element(about, "delimiter", ":")
    add_element(about, "sampleIdentifier", f"{identifier_prefix()}recommendation/00000000-0000-4000-8000-000000000000")
    yield description
    if head := signed_head(LedgerEntry.objects.head()):
        yield describe_ledger_head(head, site)


def describe_ledger_head(head: Mapping[str, object], site: Site) -> ET.Element:
    """The signed head of the ledger, in Dublin Core: a schema that every harvester knows."""
    description = make_element("description")
    about = add_element(description, "oai_dc:dc")
    about.set("xmlns:oai_dc", OAI_DC)
    about.set("xmlns:dc", "http://purl.org/dc/elements/1.1/")
    about.set(XSI, f"{OAI_DC} {OAI_DC_FORMAT.schema}")
    add_element(about, "dc:title", "Head of the ledger")
    add_element(about, "dc:identifier", site.base + site_path("ledger-head"))
    add_element(about, "dc:description", orjson.dumps(head).decode())
    return description


def list_metadata_formats(given: Arguments, site: Site) -> Iterable[ET.Element]:
    """The formats there are; every record is given in each."""
    if "identifier" in given:
        require_item(given["identifier"])
    for each in METADATA_FORMATS.values():
        made = make_element("metadataFormat")
        add_element(made, "metadataPrefix", each.prefix)
        add_element(made, "schema", each.schema)
        add_element(made, "metadataNamespace", each.namespace)
        yield made


def list_sets(given: Arguments, site: Site) -> Iterable[ET.Element]:
    """The sets there are, in one answer."""
    if "resumptionToken" in given:
        raise CannotAnswer("badResumptionToken", "The sets come in one answer; there is no token for them.")
    for spec, name in set_names():
        made = make_element("set")
        add_element(made, "setSpec", spec)
        add_element(made, "setName", name)
        yield made


def get_record(given: Arguments, site: Site) -> Iterable[ET.Element]:
    """One record as it stands."""
    require_known_format(given["metadataPrefix"])
    yield build_record(require_item(given["identifier"]), given["metadataPrefix"], site)


def list_identifiers(given: Arguments, site: Site) -> Iterable[ET.Element]:
    """Headers of records."""
    return list_items("ListIdentifiers", given, lambda item, _: build_header(item))


def list_records(given: Arguments, site: Site) -> Iterable[ET.Element]:
    """Records with their metadata."""
    return list_items("ListRecords", given, lambda item, name: build_record(item, name, site))


class Verb(NamedTuple):
    """A verb: how it is answered, and which arguments it needs and allows."""

    answer: Callable[[Arguments, Site], Iterable[ET.Element]]
    required: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    alone: str = ""  # an argument that is given without any other


OAI_VERBS = {
    "Identify": Verb(identify),
    "ListMetadataFormats": Verb(list_metadata_formats, optional=("identifier",)),
    "ListSets": Verb(list_sets, alone="resumptionToken"),
    "GetRecord": Verb(get_record, required=("identifier", "metadataPrefix")),
    "ListIdentifiers": Verb(
        list_identifiers, required=("metadataPrefix",), optional=("from", "until", "set"), alone="resumptionToken"
    ),
    "ListRecords": Verb(
        list_records, required=("metadataPrefix",), optional=("from", "until", "set"), alone="resumptionToken"
    ),
}


def respond(arguments: Sequence[tuple[str, str]], site: Site) -> bytes:
    """The answer to a request with these arguments, as they came: a document, whatever was asked."""
    root = make_element("OAI-PMH", xmlns=OAI_NAMESPACE)
    root.set(XSI, f"{OAI_NAMESPACE} {OAI_NAMESPACE}OAI-PMH.xsd")
    add_element(root, "responseDate", format_utc_seconds(LedgerEntry.objects.settled_at()))
    request = add_element(root, "request", site.address)
    try:
        name, given = parse_arguments(arguments)
        for key, value in (("verb", name), *given.items()):
            request.set(key, value)
        answered = make_element(name)
        answered.extend(list(OAI_VERBS[name].answer(given, site)))
        root.append(answered)
    except CannotAnswer as refusal:
        if refusal.code in {"badVerb", "badArgument"}:
            request.attrib.clear()
        add_element(root, "error", refusal.reason, code=refusal.code)
    return serialise_xml(root)


def parse_arguments(arguments: Sequence[tuple[str, str]]) -> tuple[str, dict[str, str]]:
    """The verb and its arguments, checked by the protocol's rules."""
    verbs = [value for name, value in arguments if name == "verb"]
    if len(verbs) != 1 or verbs[0] not in OAI_VERBS:
        raise CannotAnswer("badVerb", f"Give one `verb`, which is one of: {', '.join(OAI_VERBS)}.")
    verb = OAI_VERBS[verbs[0]]
    given: dict[str, str] = {}
    for name, value in arguments:
        if name == "verb":
            continue
        if name not in (*verb.required, *verb.optional, verb.alone) or not name:
            allowed = [each for each in (*verb.required, *verb.optional, verb.alone) if each]
            some = f"takes: {', '.join(allowed)}" if allowed else "takes no other argument"
            raise CannotAnswer("badArgument", f"{verbs[0]} has no argument `{name[:80]}`; it {some}.")
        if name in given:
            raise CannotAnswer("badArgument", f"`{name}` was given more than once.")
        if value != "".join(char for char in value if char.isprintable()):
            raise CannotAnswer("badArgument", f"`{name}` holds characters that cannot be printed.")
        given[name] = value
    if verb.alone and verb.alone in given:
        if len(given) > 1:
            raise CannotAnswer("badArgument", f"`{verb.alone}` is given alone.")
        return verbs[0], given
    for name in verb.required:
        if name not in given:
            raise CannotAnswer("badArgument", f"{verbs[0]} needs `{name}`.")
    return verbs[0], given


def require_known_format(name: str) -> None:
    """Refuse a metadata format nobody knows."""
    if name not in METADATA_FORMATS:
        raise CannotAnswer("cannotDisseminateFormat", f"There are the formats {' and '.join(METADATA_FORMATS)}.")


def require_item(identifier: str) -> HarvestItem:
    """The record of an identifier."""
    item = find_item(identifier)
    if item is None:
        raise CannotAnswer("idDoesNotExist", f"Identifiers here look like {identifier_prefix()}recommendation/UUID.")
    return item


def parse_datestamp(name: str, text: str) -> dt.datetime:
    """The moment that `from` or `until` names, in UTC."""
    try:
        if not MOMENT.fullmatch(text):
            raise ValueError(text)
        return dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC)
    except ValueError:
        words = f"`{name}` is a day such as 2026-11-25 or a time such as 2026-11-25T09:30:00Z."
        raise CannotAnswer("badArgument", words) from None


def start_harvest(verb: str, given: Arguments) -> Harvest:
    """The list that a first request asks for, pinned to the newest revision."""
    require_known_format(given["metadataPrefix"])
    spec = given.get("set", "")
    if "set" in given and not SPEC.fullmatch(spec):
        raise CannotAnswer("badArgument", "`set` is a set such as kind:recommendation; ListSets names them all.")
    lengths = {len(given[name]) for name in ("from", "until") if name in given}
    start = parse_datestamp("from", given["from"]) if "from" in given else None
    last = parse_datestamp("until", given["until"]) if "until" in given else None
    if len(lengths) > 1:
        raise CannotAnswer("badArgument", "`from` and `until` are both days or both times.")
    if start and last and start > last:
        raise CannotAnswer("badArgument", "`from` is later than `until`.")
    end = None
    if last and last < dt.datetime.max.replace(tzinfo=dt.UTC) - dt.timedelta(days=2):  # beyond that: without end
        end = last + (dt.timedelta(days=1) if lengths == {10} else dt.timedelta(seconds=1))
    head = LedgerEntry.objects.head()
    harvest = Harvest(verb, given["metadataPrefix"], spec, start, end, head.number if head else 0)
    return replace(harvest, size=harvest.all_items().count())


def list_items(verb: str, given: Arguments, write: Callable[[HarvestItem, str], ET.Element]) -> Iterable[ET.Element]:
    """A part of a list, and the token for the next one."""
    token = given.get("resumptionToken")
    try:
        harvest = resume_harvest(verb, token) if token is not None else start_harvest(verb, given)
    except NotResumable:
        words = "This token is not valid here. Start again without it."
        raise CannotAnswer("badResumptionToken", words) from None
    items, more = harvest.next_part(ITEMS_PER_ANSWER)
    if not items:
        raise CannotAnswer("noRecordsMatch", "No record changed in that time, or is in that set.")
    made = [write(item, harvest.prefix) for item in items]
    if more or token is not None:
        onwards = replace(harvest, position=items[-1].revision.number, delivered=harvest.delivered + len(items))
        made.append(
            make_element(
                "resumptionToken",
                onwards.make_token() if more else "",
                completeListSize=str(harvest.size),
                cursor=str(harvest.delivered),
            )
        )
    return made


def build_header(item: HarvestItem) -> ET.Element:
    """Who a record is, when it changed, and where it belongs."""
    made = make_element("header", **({"status": "deleted"} if item.is_deleted else {}))
    add_element(made, "identifier", item.identifier)
    add_element(made, "datestamp", format_utc_seconds(item.datestamp))
    for spec in item.sets:
        add_element(made, "setSpec", spec)
    return made


def build_record(item: HarvestItem, name: str, site: Site) -> ET.Element:
    """A record in a format; of a deleted one the header alone."""
    made = make_element("record")
    made.append(build_header(item))
    if not item.is_deleted:
        add_element(made, "metadata").append(METADATA_FORMATS[name].write(item.edition, site.base))
    return made
