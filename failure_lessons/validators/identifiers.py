"""Identifiers of works, checked without asking anybody: their form, and a check digit where they have one."""

from __future__ import annotations

import re

from django.core.exceptions import ValidationError

DOI = re.compile(r"10\.\d{4,9}(?:\.\d+)*/\S+", re.ASCII)
DOI_RESOLVER = re.compile(r"\A\s*(?:(?:https?://)?(?:dx\.|www\.)?doi\.org/|doi:\s*)", re.IGNORECASE)
ISBN_DIVIDER = re.compile(r"[,;]\s*|\s+(?=97[89]|\d[\d-]{8,})")


def normalise_doi(text: str) -> tuple[str, str]:
    """A DOI without its resolver and blanks around it, and a note where that changed it."""
    bare = DOI_RESOLVER.sub("", text).strip()
    return bare, "" if bare == text.strip() else f"The DOI was taken out of “{text.strip()[:80]}”."


def compare_doi(text: object) -> str:
    """What two spellings of one DOI have in common."""
    return normalise_doi(str(text or ""))[0].casefold()


def doi_fault(text: str) -> str:
    """What is wrong with a DOI; empty when nothing is."""
    if DOI.fullmatch(text):
        return ""
    near = normalise_doi(text)[0]
    if near != text and DOI.fullmatch(near):
        return f"Write only the DOI itself: {near[:200]}."
    return f"“{text[:60]}” is not a DOI, which begins with 10. and has a slash."


def validate_doi(text: str) -> None:
    """For the field of a DOI."""
    if text and (words := doi_fault(text)):
        raise ValidationError(words, code="doi")


def is_isbn(text: str) -> bool:
    """Whether this is an ISBN of 10 or 13 digits whose check digit is right."""
    digits = re.sub(r"[\s-]", "", text).upper()
    if re.fullmatch(r"[0-9]{9}[0-9X]", digits):
        return sum((10 - n) * (10 if d == "X" else int(d)) for n, d in enumerate(digits)) % 11 == 0
    if re.fullmatch(r"97[89][0-9]{10}", digits):
        return sum(int(d) * (3 if n % 2 else 1) for n, d in enumerate(digits)) % 10 == 0
    return False


def split_isbns(text: str) -> list[str]:
    """The ISBNs in a text: bound, paperback and electronic ones often stand together."""
    return [text.strip()] if is_isbn(text) else [part for part in ISBN_DIVIDER.split(text.strip()) if part]


def compare_isbn(text: object) -> str:
    """What the forms of ten and of thirteen digits of one ISBN have in common: the first of those that stand there."""
    digits = re.sub(r"[^\dX]", "", str(text or "").upper())
    return digits[3:12] if len(digits) in (13, 26) else digits[:9] if len(digits) in (10, 23) else ""


def isbn_fault(text: str) -> str:
    """What is wrong with one or several ISBNs; empty when nothing is."""
    wrong = [part for part in split_isbns(text) if not is_isbn(part)]
    if not wrong and text.strip():
        return ""
    return f"“{(wrong or [text])[0][:40]}” is not an ISBN: its check digit does not fit. Copy it again from the work."


def validate_isbn(text: str) -> None:
    """For the field of an ISBN."""
    if text and (words := isbn_fault(text)):
        raise ValidationError(words, code="isbn")


def is_issn(text: str) -> bool:
    """Whether this is an ISSN whose check digit is right."""
    digits = text.replace("-", "").upper()
    if not re.fullmatch(r"[0-9]{4}-?[0-9]{3}[0-9Xx]", text):
        return False
    return sum((8 - n) * (10 if d == "X" else int(d)) for n, d in enumerate(digits)) % 11 == 0


def issn_fault(text: str) -> str:
    """What is wrong with one or several ISSNs; empty when nothing is."""
    wrong = [part for part in re.split(r"[\s,;]+", text.strip()) if not is_issn(part)]
    return f"“{wrong[0][:40]}” is not an ISSN such as 1471-9037: its check digit does not fit." if wrong else ""
