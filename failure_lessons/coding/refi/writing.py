"""Themes, documents, quotations and codings as a REFI-QDA codebook or project.

Texts leave with LF at the end of their lines, which every program counts as one character. A theme that never was a
code in another program has the GUID of its record.
"""

from __future__ import annotations

import datetime as dt
import io
import re
import uuid
import zipfile
from collections import defaultdict
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

from django.conf import settings
from django.db.models import Prefetch, QuerySet
from django.utils import timezone

from failure_lessons.coding.models import Code, Coding, Quotation, SourceDocument
from failure_lessons.coding.refi.reading import CODEBOOK, PROJECT
from failure_lessons.vocabularies.models import Theme

ORIGIN = settings.SITE.name
PEOPLE = uuid.UUID("5b0f6a0e-6c38-5c6c-9d0a-0f5f2a1c7f10")  # the namespace of coders' GUIDs
NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
SAME_DAY = (1980, 1, 1, 0, 0, 0)  # of every part of the archive


def codebook_file() -> bytes:
    """Every theme as the code it came from, or as a code of its own."""
    root = Element("CodeBook", {"xmlns": CODEBOOK, "origin": ORIGIN})
    write_codes(SubElement(root, "Codes"))
    return serialize_xml(root)


def serialize_xml(root: Element) -> bytes:
    """XML as bytes."""
    ElementTree.indent(root)
    return bytes(ElementTree.tostring(root, encoding="utf-8", xml_declaration=True))


def add_description(parent: Element, text: str) -> None:
    """A description, where there is one."""
    if text:
        SubElement(parent, "Description").text = NOT_XML.sub("\ufffd", text)


def write_codes(top: Element) -> dict[int, uuid.UUID]:
    """All codes below `top`; gives the GUID of the code that stands for each theme."""
    children: dict[int | None, list[Code]] = defaultdict(list)
    guids: dict[int, uuid.UUID] = {}
    for code in Code.objects.order_by("position", "pk"):
        children[code.parent_id].append(code)
        guids.setdefault(code.theme_id, code.guid)
    waiting = [(top, code) for code in reversed(children[None])]
    while waiting:
        parent, code = waiting.pop()
        facts = {
            "guid": str(code.guid),
            "name": NOT_XML.sub("\ufffd", code.name),
            "isCodable": "true" if code.codable else "false",
        }
        element = SubElement(parent, "Code", facts | ({"color": code.colour} if code.colour else {}))
        add_description(element, code.description)
        waiting += [(element, child) for child in reversed(children[code.pk])]
    for theme in Theme.objects.exclude(pk__in=list(guids)).exclude(state=Theme.State.WITHDRAWN, codings=None):
        element = SubElement(top, "Code", {"guid": str(theme.record_id), "name": theme.label, "isCodable": "true"})
        add_description(element, theme.scope_note)
        guids[theme.pk] = theme.record_id
    return guids


def coder_guid(name: str) -> str:
    """The GUID by which a coder is known in a project."""
    return str(uuid.uuid5(PEOPLE, name))


def format_timestamp(at: dt.datetime) -> str:
    """A moment as the standard writes it."""
    return at.astimezone(dt.UTC).isoformat().replace("+00:00", "Z")


def project_file(documents: QuerySet[SourceDocument]) -> bytes:
    """These documents with their kept texts, and what was quoted and coded in them."""
    now = timezone.now()
    root = Element(
        "Project", {"xmlns": PROJECT, "name": ORIGIN, "origin": ORIGIN, "creationDateTime": format_timestamp(now)}
    )
    users = SubElement(root, "Users")
    guids = write_codes(SubElement(SubElement(root, "CodeBook"), "Codes"))
    sources = SubElement(root, "Sources")
    texts: dict[str, str] = {}
    names: set[str] = set()
    codings = Coding.objects.select_related("code").order_by("pk")
    quotations = Quotation.objects.select_related("made_by").order_by("start", "pk")
    rows = documents.select_related("file", "attached_by").defer("file__data").order_by("pk")
    for document in rows.prefetch_related(Prefetch("quotations", quotations), Prefetch("quotations__codings", codings)):
        name = f"{document.guid}.txt"
        texts[name] = document.file.text
        source = SubElement(
            sources,
            "TextSource",
            {
                "guid": str(document.guid),
                "name": NOT_XML.sub("\ufffd", document.name),
                "plainTextPath": f"internal://{name}",
            },
        )
        add_description(source, document.note)
        for each in document.quotations.all():
            write_selection(source, each, guids, names)
    for name in sorted(names):
        SubElement(users, "User", {"guid": coder_guid(name), "name": name})
    if not names:
        root.remove(users)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        put_archive_entry(archive, "project.qde", serialize_xml(root))
        for name, text in texts.items():
            put_archive_entry(archive, f"sources/{name}", text.encode("utf-8"))
    return out.getvalue()


def put_archive_entry(archive: zipfile.ZipFile, name: str, data: bytes) -> None:
    """A part of the archive, without the hour at which it was made."""
    entry = zipfile.ZipInfo(name, SAME_DAY)
    entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
    archive.writestr(entry, data)


def write_selection(source: Element, quotation: Quotation, guids: dict[int, uuid.UUID], names: set[str]) -> None:
    """A quotation with its codings; `names` takes whoever made them."""
    maker = quotation.made_by.get_username()
    names.add(maker)
    element = SubElement(
        source,
        "PlainTextSelection",
        {
            "guid": str(quotation.guid),
            "name": NOT_XML.sub("\ufffd", " ".join(quotation.exact.split())[:60]),
            "startPosition": str(quotation.start),
            "endPosition": str(quotation.end),
            "creatingUser": coder_guid(maker),
            "creationDateTime": format_timestamp(quotation.made_at),
        },
    )
    add_description(element, quotation.note)
    for each in quotation.codings.all():
        names.add(each.coder)
        target = each.code.guid if each.code else guids.get(each.theme_id)
        if target:
            coding = SubElement(
                element,
                "Coding",
                {
                    "guid": str(each.guid),
                    "creatingUser": coder_guid(each.coder),
                    "creationDateTime": format_timestamp(each.coded_at),
                },
            )
            SubElement(coding, "CodeRef", {"targetGUID": str(target)})
