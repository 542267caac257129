"""Identifiers of organisations, checked without asking anybody: their form, and a checksum where they have one."""

from __future__ import annotations

import re

from django.core.exceptions import ValidationError

CROCKFORD = "0123456789abcdefghjkmnpqrstvwxyz"  # base 32 without the letters taken for others: i, l, o, u


def tidy_identifier(scheme: str, text: str) -> str:
    """An identifier without what people paste along: the address of its register, blanks, the wrong case."""
    text = re.sub(r"\s+", "", text)
    if scheme == "ror":
        return re.sub(r"\A(?:https?://)?(?:www\.)?ror\.org/", "", text.lower()).rstrip("/")
    return text.upper() if scheme == "ods" else re.sub(r"\AURN:?", "", text, flags=re.I)


def identifier_fault(scheme: str, text: str) -> str:
    """What is wrong with an identifier, with what to do; empty when nothing is."""
    return {"urn": urn_fault, "ods": ods_fault, "ror": ror_fault}[scheme](text)


def urn_fault(text: str) -> str:
    """Six digits, the first of them not nought. A URN has no checksum."""
    if re.fullmatch(r"[1-9][0-9]{5}", text):
        return ""
    if text.isascii() and text.isdigit():
        return (
            f"“{text[:40]}” has {len(text)} digits; a URN has six, the first not 0. See Get Information about Schools."
        )
    return f"“{text[:40]}” is no URN: write the six digits of Get Information about Schools."


def ods_fault(text: str) -> str:
    """Three to ten capitals and digits. An ODS code has no checksum."""
    if re.fullmatch(r"[A-Z0-9]{3,10}", text):
        return ""
    if re.fullmatch(r"[A-Za-z0-9]{3,10}", text):
        return f"Write the ODS code “{text}” in capitals: {text.upper()}."
    return f"“{text[:40]}” is no ODS code: it has three to ten capitals and digits, such as RWE."


def ror_fault(text: str) -> str:
    """Nine characters from 0: six in Crockford's base 32, then two digits that check them (ISO 7064, mod 97-10)."""
    if not re.fullmatch(rf"0[{CROCKFORD}]{{6}}[0-9]{{2}}", text):
        near = tidy_identifier("ror", text)
        if near != text and not ror_fault(near):
            return f"Write only the end of the address, in small letters: {near}."
        return f"“{text[:60]}” is no ROR: it has nine characters, from 0, ending in two digits, such as 04h699437."
    if int(text[7:]) != ror_check(text[1:7]):
        return f"The ROR “{text}” is mistyped: its last two digits do not fit the rest. Copy it again from ror.org."
    return ""


def ror_check(body: str) -> int:
    """The two digits that belong to six characters."""
    number = 0
    for letter in body:
        number = number * 32 + CROCKFORD.index(letter)
    return 98 - number * 100 % 97


def validate_identifier(scheme: str, text: str) -> None:
    """Raise `ValidationError` with what is wrong."""
    if text and (words := identifier_fault(scheme, text)):
        raise ValidationError(words)


def validate_urn(text: str) -> None:
    """For the field of a URN."""
    validate_identifier("urn", text)


def validate_ods(text: str) -> None:
    """For the field of an ODS code."""
    validate_identifier("ods", text)


def validate_ror(text: str) -> None:
    """For the field of a ROR."""
    validate_identifier("ror", text)
