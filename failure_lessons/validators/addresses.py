"""Addresses on the web: nothing else is stored as an address, and nothing else is ever written as a link."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator

from failure_lessons.validators.text import UNWANTED

SCHEMES = ("http", "https")
check_address = URLValidator(schemes=list(SCHEMES))


def link_target(address: object) -> str:
    """The address where a link may lead there, with its scheme and host; otherwise an empty text.

    For the ways out, which also meet what was stored before it was checked.
    """
    text = str(address or "").strip()
    if UNWANTED.search(text) or any(each.isspace() for each in text):
        return ""
    try:
        parts = urlsplit(text)
    except ValueError:
        return ""
    return text if parts.scheme.lower() in SCHEMES and parts.netloc else ""


def address_fault(text: str) -> str:
    """What is wrong with an address; empty when nothing is."""
    try:
        check_address(text)
    except ValidationError:
        return f"“{text[:60]}” is not a web address that begins with http:// or https://."
    return ""


def validate_address(text: str) -> None:
    """For fields of addresses."""
    if text and (words := address_fault(text)):
        raise ValidationError(words, code="address")
