"""XML that is always well-formed, for feeds and harvesting."""

from __future__ import annotations

import datetime as dt
import re
from xml.etree import ElementTree as ET

UNWRITABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # what XML 1.0 cannot hold


def replace_unwritable(text: str) -> str:
    """The text with what XML cannot hold replaced by the replacement character."""
    return UNWRITABLE.sub("\ufffd", text)


def make_element(name: str, text: str = "", /, **attributes: str) -> ET.Element:
    """An element. Names are written as they are given, prefixes and `xmlns` attributes included."""
    made = ET.Element(name, {key: replace_unwritable(value) for key, value in attributes.items()})
    if text:
        made.text = replace_unwritable(text)
    return made


def add_element(parent: ET.Element, name: str, text: str = "", /, **attributes: str) -> ET.Element:
    """A new last child of `parent`."""
    made = make_element(name, text, **attributes)
    parent.append(made)
    return made


def format_utc_seconds(moment: dt.datetime) -> str:
    """A moment in UTC, to the second, such as 2026-11-25T09:30:00Z."""
    return moment.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def serialise_xml(root: ET.Element) -> bytes:
    """The document, in UTF-8."""
    written: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return written
