"""A reference typed by hand: people, a date, volume and pages in fields of their own, and no JSON."""

from __future__ import annotations

import re

from django import forms
from django.core.exceptions import ValidationError

from failure_lessons.dates import WORDS_HELP, NotEdtf, csl_date_of_edtf, edtf_of_csl_date, edtf_of_words
from failure_lessons.publishing.csl_names import PEOPLE_HELP, CslName, PeopleField, keep_known_names
from failure_lessons.types import JSONObject, JSONValue
from failure_lessons.validators.csl import date_fault, variable_fault

PERIODICAL = ("article-journal", "article-magazine", "article-newspaper")
IN_A_BOOK = ("chapter", "paper-conference")
SPOKEN = ("speech", "hearing", "interview", "paper-conference")
LAW = ("legal_case", "legislation", "hearing")
ONLINE = ("webpage", "post-weblog")

# CSL variables with a field of their own: what it is called, what helps, and of which types of work it tells.
VARIABLES: dict[str, tuple[str, str, tuple[str, ...]]] = {
    "volume": ("Volume", "", ("article-journal", "article-magazine", "book", "chapter", "legal_case")),
    "issue": ("Issue", "", PERIODICAL),
    "page": ("Pages", "Such as 34-56.", (*PERIODICAL, *IN_A_BOOK, "legal_case")),
    "number": ("Number", "Of a report, a paper or a command paper, such as HC 751.", ("report", *LAW, "thesis")),
    "edition": ("Edition", "", ("book", "chapter", "report", "article-newspaper")),
    "genre": ("Kind", "Such as White Paper, inspection report, PhD thesis.", ("report", "thesis", *SPOKEN, *ONLINE)),
    "publisher-place": ("Place", "Where it was published.", ("book", "report", "thesis", *IN_A_BOOK)),
    "collection-title": ("Series", "", ("book", "report", *IN_A_BOOK)),
    "event-title": ("Event", "The conference, inquiry or session.", SPOKEN),
    "authority": ("Body", "The court, parliament or committee.", LAW),
    "ISSN": ("ISSN", "", PERIODICAL),
}
SHOWN_FOR: dict[str, tuple[str, ...]] = {  # columns that tell of some types of work alone
    "container_title": (*PERIODICAL, *IN_A_BOOK, *ONLINE, "interview", "legal_case"),
    "isbn": ("book", "report", *IN_A_BOOK),
    "editor": ("book", *IN_A_BOOK),
    "accessed": (*ONLINE, "report", "article-newspaper"),
    "publisher": (
        "book",
        "report",
        "thesis",
        "manuscript",
        "legislation",
        *SPOKEN,
        "chapter",
        *ONLINE,
        "personal_communication",
    ),
}


def column_of_variable(name: str) -> str:
    """What the field of a CSL variable is called in the form."""
    return name.lower().replace("-", "_")


class PublishedField(forms.CharField):
    """A date as people write it, kept as CSL has it."""

    def prepare_value(self, value: object) -> object:
        return edtf_of_csl_date(value) if isinstance(value, dict) and not date_fault(value) else value

    def clean(self, value: object) -> JSONObject | None:
        text = str(super().clean(value) or "").strip()
        try:
            return csl_date_of_edtf(edtf_of_words(text)) if text else None
        except NotEdtf as error:
            raise ValidationError(error.in_words) from None


class OtherVariablesField(forms.CharField):
    """CSL variables without a field of their own: one a line, as `name: value`."""

    widget = forms.Textarea(attrs={"rows": 3})

    def prepare_value(self, value: object) -> object:
        if not isinstance(value, dict):
            return value
        return "\n".join(f"{name}: {text}" for name, text in list_further_texts(value).items())

    def clean(self, value: object) -> dict[str, str]:
        found: dict[str, str] = {}
        for line in str(super().clean(value) or "").splitlines():
            name, colon, text = line.partition(":")
            name, text = name.strip(), text.strip()
            if not line.strip():
                continue
            if not colon or not re.fullmatch(r"[A-Za-z][A-Za-z-]{0,59}", name) or not text:
                raise ValidationError(f"“{line.strip()[:80]}” is not like this: division: Public Law.")
            if column_of_variable(name) in SHOWN_VARIABLES:
                raise ValidationError(f"“{name}” has a field of its own above.")
            found[name] = text
        return found


def list_further_texts(csl: JSONObject) -> dict[str, str]:
    """The texts among CSL variables that have no field of their own, and no line ends."""
    return {
        name: text
        for name, text in csl.items()
        if isinstance(text, str) and "\n" not in text and column_of_variable(name) not in SHOWN_VARIABLES
    }


VARIABLE_OF_COLUMN = {column_of_variable(name): name for name in (*VARIABLES, "editor", "accessed")}
SHOWN_VARIABLES = set(VARIABLE_OF_COLUMN)


def mark_types(field: forms.Field, name: str) -> forms.Field:
    """The field, telling the script for which types of work it is shown."""
    if name in SHOWN_FOR:
        field.widget.attrs["data-types"] = " ".join(SHOWN_FOR[name])
    if name == "container_title":
        field.label = "Journal, book or site"
    return field


def make_variable_field(name: str) -> forms.CharField:
    """The field of a CSL variable."""
    label, words, types = VARIABLES[name]
    attributes = {"data-types": " ".join(types), "class": "vTextField"}
    return forms.CharField(
        label=label, required=False, help_text=words, max_length=500, widget=forms.TextInput(attrs=attributes)
    )


class ReferenceForm(forms.ModelForm):  # type: ignore[type-arg]  # the class takes no parameters when it runs
    """A reference with a field for whatever its type usually has; what came in and has none stays as it is."""

    volume, issue, page = make_variable_field("volume"), make_variable_field("issue"), make_variable_field("page")
    number, edition, genre = make_variable_field("number"), make_variable_field("edition"), make_variable_field("genre")
    publisher_place, collection_title = make_variable_field("publisher-place"), make_variable_field("collection-title")
    event_title, authority = make_variable_field("event-title"), make_variable_field("authority")
    issn = make_variable_field("ISSN")
    author = PeopleField(label="Authors", required=False, help_text=PEOPLE_HELP)
    issued = PublishedField(label="When", required=False, help_text=WORDS_HELP)
    editor = mark_types(PeopleField(label="Editors", required=False, help_text="As for authors."), "editor")
    accessed = mark_types(
        PublishedField(label="Read on", required=False, help_text="The day on which you read it."), "accessed"
    )
    csl = OtherVariablesField(
        label="Anything else", required=False, help_text="One a line, by its name in CSL, such as division: Public Law."
    )

    def get_initial_for_field(self, field: forms.Field, field_name: str) -> object:
        """A variable that has no column stands in `csl`."""
        name = VARIABLE_OF_COLUMN.get(field_name)
        if name is None or field_name in self.initial:
            return super().get_initial_for_field(field, field_name)
        return self.instance.other_variables.get(name, "")

    def clean_author(self) -> list[CslName]:
        return keep_known_names(self.cleaned_data["author"], self.instance.author)

    def clean_editor(self) -> list[CslName]:
        return keep_known_names(self.cleaned_data["editor"], self.instance.other_variables.get("editor"))

    def clean(self) -> dict[str, object]:
        cleaned: dict[str, object] = super().clean() or {}
        if "csl" in self.fields:
            cleaned["csl"] = self.gather_variables(cleaned)
        return cleaned

    def gather_variables(self, cleaned: dict[str, object]) -> JSONObject:
        """All CSL variables again: those of the fields, those of the lines, and what neither shows, as it was."""
        known = self.instance.other_variables
        lines = cleaned.get("csl")
        lines = lines if "csl" in self.changed_data and isinstance(lines, dict) else list_further_texts(known)
        found = {name: each for name, each in known.items() if name not in list_further_texts(known)} | lines
        for column, name in VARIABLE_OF_COLUMN.items():
            if column not in self.changed_data or column not in cleaned:
                continue
            value: JSONValue = cleaned[column]
            found.pop(name, None)
            if fault := variable_fault(name, value):
                self.add_error(column, fault)
            elif value:
                found[name] = value
        return found
