"""How a value stands in a cell as text, and how the text becomes the value again.

Whatever has a readable form that reads back as the same value is written in it; everything else is written as JSON, so
that no value is ever lost on the way.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any, NoReturn

from django.core.exceptions import ValidationError

from failure_lessons.dates import NotEdtf, csl_date_of_edtf, edtf_of_csl_date, edtf_of_words
from failure_lessons.hints import format_hint, nearest_name
from failure_lessons.publishing.csl_names import format_person, parse_person
from failure_lessons.types import JSONObject, JSONValue

DIVIDER = "; "
YES, NO = "yes", "no"


class CannotUse(ValueError):
    """The text of a cell is no value for its column; the message says what to write."""


@dataclass(frozen=True)
class CellForm:
    """A way to write values: `write` and `read` undo each other; `advice` tells people what to type."""

    write: Callable[[Any], str]
    read: Callable[[str], object]
    advice: str


def as_json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def from_json(text: str, kinds: tuple[type, ...], what: str) -> JSONValue:
    """JSON of one of these kinds."""
    try:
        value = json.loads(text, parse_constant=refuse_constant)
    except (ValueError, RecursionError):
        raise CannotUse(f"This is not {what}.") from None
    if (
        not isinstance(value, kinds)
        or "\0" in text
        or "\\u0000" in text
        or re.search(r"\\ud[89a-f]", text, re.IGNORECASE)
    ):
        raise CannotUse(f"This is not {what}.")
    return value


def refuse_constant(name: str) -> NoReturn:
    raise ValueError(name)


def readable_form(
    write: Callable[[Any], str], read: Callable[[str], object], advice: str, kinds: tuple[type, ...]
) -> CellForm:
    """A readable form where it reads back as the same, else JSON."""

    def written(value: object) -> str:
        if value in (None, [], {}):
            return ""
        try:
            text = write(value)
            if understood(text) == value:
                return text
        except (CannotUse, KeyError, TypeError, ValueError, AttributeError, IndexError):
            pass  # it has more to say than the readable form can
        return as_json(value)

    def understood(text: str) -> object:
        text = text.strip()
        if text.startswith(("[", "{")):
            return from_json(text, kinds, f"JSON of the right kind. {advice}")
        return read(text)

    return CellForm(written, understood, advice)


def same_text(text: str) -> str:
    """A text as it comes back from a program that has line ends of its own."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


TEXT_FORM = CellForm(str, str, "Text.")


def read_words_of_date(text: str) -> str:
    """The EDTF of a date as people and Excel write it."""
    try:
        return edtf_of_words(text) if text.strip() else ""
    except NotEdtf as error:
        raise CannotUse(str(error)) from None


DATE_FORM = CellForm(str, read_words_of_date, "A date: 20 August 2018, Aug-18, 2018, about 2018, 2016 to 2019.")
LINES_FORM = readable_form(
    "\n".join,
    lambda text: [line.strip() for line in text.splitlines() if line.strip()],
    "One a line (in Excel: Alt and Enter).",
    (list,),
)


def yes_or_no(text: str) -> bool:
    known = {YES: True, NO: False, "true": True, "false": False, "1": True, "0": False}
    if text.strip().lower() not in known:
        raise CannotUse(f"Write {YES} or {NO}.")
    return known[text.strip().lower()]


BOOLEAN_FORM = CellForm(lambda value: YES if value else NO, yes_or_no, f"{YES} or {NO}.")


def plain_number(value: Decimal | int | None) -> str:
    """A number without an exponent or zeros at its end."""
    return f"{Decimal(value).normalize():f}" if value is not None else ""


def parse_decimal(text: str) -> Decimal | None:
    try:
        number = Decimal(text.strip().replace(",", "")) if text.strip() else None
    except InvalidOperation:
        raise CannotUse("Write a number such as 34.5.") from None
    if number is not None and not number.is_finite():
        raise CannotUse("Write a number such as 34.5.")
    return number


def parse_cell_integer(text: str) -> int | None:
    number = parse_decimal(text)
    if number is not None and (number != int(number) or abs(number) > 2**62):
        raise CannotUse("Write a whole number.")
    return None if number is None else int(number)


DECIMAL_FORM = CellForm(plain_number, parse_decimal, "A number.")
INTEGER_FORM = CellForm(plain_number, parse_cell_integer, "A whole number.")


def write_day(day: dt.date | None) -> str:
    return day.isoformat() if day else ""


def parse_cell_day(text: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text.strip()) if text.strip() else None
    except ValueError:
        raise CannotUse("Write a day such as 2027-05-31.") from None


DAY_FORM = CellForm(write_day, parse_cell_day, "A day such as 2027-05-31.")


def format_authors(names: list[dict[str, str]]) -> str:
    return DIVIDER.join(map(format_person, names))


def parse_authors(text: str) -> list[dict[str, str]]:
    try:
        return [parse_person(part.strip()) for part in text.split(";") if part.strip()]
    except ValidationError as error:
        raise CannotUse(error.messages[0]) from None


def require_csl_names(form: CellForm) -> CellForm:
    """Authors have to be CSL names, however they are written."""

    def checked(text: str) -> object:
        value = form.read(text)
        names = value if isinstance(value, list) else [None]
        if not all(isinstance(name, dict) and name and all_text(name) for name in names):
            raise CannotUse(form.advice)
        return value

    return CellForm(form.write, checked, form.advice)


def all_text(name: JSONObject) -> bool:
    return all(isinstance(part, str | bool) for part in name.values())


AUTHORS_ADVICE = "Family, Given; Family, Given. A body: Ofsted; in quotation marks if its name has a comma."
AUTHORS_FORM = require_csl_names(readable_form(format_authors, parse_authors, AUTHORS_ADVICE, (list,)))


def csl_date(text: str) -> JSONObject | None:
    """A date as people write it, as CSL has it."""
    try:
        return csl_date_of_edtf(read_words_of_date(text)) if text else None
    except NotEdtf as error:
        raise CannotUse(str(error)) from None


ISSUED_FORM = readable_form(
    edtf_of_csl_date, csl_date, "An EDTF date: 2018-08-20, 2018-08, 2018 or 2018~ (about).", (dict,)
)


def names_and_values(value: JSONObject) -> str:
    return "\n".join(f"{name}: {each}" for name, each in value.items())


def read_names_and_values(text: str) -> dict[str, str]:
    found = {}
    for line in text.splitlines():
        name, colon, value = line.partition(":")
        if line.strip() and not (colon and name.strip()):
            raise CannotUse("Write one a line, as name: value.")
        if line.strip():
            found[name.strip()] = value.strip()
    return found


NAME_VALUE_FORM = readable_form(names_and_values, read_names_and_values, "One a line, as name: value.", (dict,))


def choices_form(
    choices: Iterable[tuple[object, object]], several: bool, still_valid: Iterable[tuple[str, str]] = ()
) -> CellForm:
    """One choice, or several with semicolons between, by the names that readers see; codes are understood too.

    What is `still_valid` is understood as well, and not offered: terms that were retired.
    """
    choices = list(choices)
    offered = ", ".join(str(label) for code, label in choices if code not in ("", None))
    choices += still_valid
    labels = {str(code): str(label) for code, label in choices if code not in ("", None)}
    codes = {code.casefold(): code for code in labels} | {label.casefold(): code for code, label in labels.items()}
    advice = "One of: " if not several else f"Any of these, with “{DIVIDER.strip()}” between: "
    advice += f"{offered}."

    def read_one(text: str) -> str:
        code = codes.get(text.strip().casefold())
        if code is None:
            near = nearest_name(text.strip(), codes)
            hint = format_hint(labels[codes[near]] if near else "")
            raise CannotUse(f"“{text.strip()[:60]}” is not a choice.{hint} {advice}")
        return code

    def read(text: str) -> list[str] | str:
        if several:
            return [read_one(part) for part in text.split(";") if part.strip()]
        return read_one(text) if text.strip() else ""

    def write(value: str | list[str]) -> str:
        return DIVIDER.join(labels.get(each, each) for each in ([value] if isinstance(value, str) else value))

    return CellForm(write, read, advice)
