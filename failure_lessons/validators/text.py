"""Text that people can see and every format can hold."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import fields, is_dataclass, replace
from typing import TypeVar, cast

from django.core.exceptions import ValidationError

from failure_lessons.types import JSONValue

T = TypeVar("T")

# Controls but tab and line ends, halves of letters, and what is no character: XML, Word and PDF hold none of them
UNWANTED = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")
BREAKS = {"\x0b": "\n", "\x0c": "\n", "\x1c": " ", "\x1d": " ", "\x1e": " ", "\x1f": " "}  # Word's own line end first
BLANK_LETTERS = "\u115f\u1160\u2800\u3164\uffa0"  # letters by name, blank to the eye
INVISIBLE = {"Cc", "Cf", "Cs", "Cn", "Mn", "Me", "Zs", "Zl", "Zp"}


def normalise_text(text: str) -> tuple[str, str]:
    """The text without what no format can hold, and a note that says what went; breaks and separators stay as such."""
    found = sorted(set(UNWANTED.findall(text)))
    if not found:
        return text, ""
    names = ", ".join(f"U+{ord(each):04X}" for each in found)
    clean = UNWANTED.sub(lambda match: BREAKS.get(match[0], ""), text)
    return clean, f"Characters that no text needs were taken out: {names}."


def is_visible(text: str) -> bool:
    """Whether there is anything to see in it."""
    return any(unicodedata.category(each) not in INVISIBLE and each not in BLANK_LETTERS for each in text)


def text_fault(text: str) -> str:
    """What is wrong with a text that is not empty, with what to do; empty when nothing is."""
    if match := UNWANTED.search(text):
        return f"It holds the character U+{ord(match[0]):04X}, which no text needs. Remove it."
    return "" if is_visible(text) else "It holds nothing that can be seen. Write something, or leave it empty."


def validate_text(text: str) -> None:
    """For every field of text."""
    if text and (words := text_fault(text)):
        raise ValidationError(words, code="text")


def validate_texts(value: JSONValue) -> None:
    """For every field of JSON: all its texts and names, at any depth."""
    waiting = [value]
    while waiting:
        item = waiting.pop()
        if isinstance(item, str):
            validate_text(item)
        elif isinstance(item, list):
            waiting += item
        elif isinstance(item, dict):
            waiting += [*item, *item.values()]


def clean_texts(value: T) -> T:
    """The same with every text in it fit for any format, at any depth: for the ways out, whatever is stored."""
    cleaned: object = value
    if isinstance(value, str):
        cleaned = normalise_text(value)[0]
    elif isinstance(value, dict):
        cleaned = {name: clean_texts(item) for name, item in value.items()}
    elif isinstance(value, tuple) and not hasattr(value, "_fields"):
        cleaned = tuple(map(clean_texts, value))
    elif isinstance(value, list):
        cleaned = [*map(clean_texts, value)]
    elif is_dataclass(value) and not isinstance(value, type):
        mine = {each.name: clean_texts(getattr(value, each.name)) for each in fields(value) if each.init}
        cleaned = replace(value, **mine)
    return cast("T", cleaned)
