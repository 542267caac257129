"""Citations in forms: typed as lines, of a statement at a time."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from django import forms
from django.db.models import Model, TextChoices

from failure_lessons.dates import validate_edtf
from failure_lessons.hints import format_hint, nearest_name
from failure_lessons.vocabularies.choices import ReadAs, ReadExtent
from literature.models import Reference
from literature.statements import CitationBase

READINGS: dict[str, type[TextChoices]] = {"read_as": ReadAs, "read_extent": ReadExtent}  # by the column of a citation
CitationValues = dict[str, object]  # of a citation, by column


class LinesField(forms.CharField):
    """Rows typed as lines, their parts divided by `|`."""

    widget = forms.Textarea(attrs={"rows": 4, "cols": 60})

    @staticmethod
    def rows(text: str) -> list[list[str]]:
        """The parts of each line that is not empty."""
        return [[part.strip() for part in line.split("|")] for line in text.splitlines() if line.strip()]


class ElementsField(LinesField):
    """Texts by name, one a line: `setting: schools in England`. Cleans to `{"setting": …}`.

    A line without a name goes on with the one before it.
    """

    def prepare_value(self, value: object) -> object:
        """The lines of what is stored; what was typed stays as it was."""
        if not isinstance(value, dict):
            return value
        return "\n".join(f"{name.replace('_', ' ')}: {' '.join(str(text).split())}" for name, text in value.items())

    def clean(self, value: str | None) -> dict[str, str]:
        found: dict[str, str] = {}
        errors, name = [], ""
        for number, line in enumerate((super().clean(value) or "").splitlines(), start=1):
            named, colon, text = line.partition(":")
            if colon and re.fullmatch(r"\s*[^\W\d][\w -]{0,39}", named):
                name = "_".join(re.split(r"[\s_-]+", named.strip().lower()))
                if name in found:
                    errors.append(f"Line {number}: “{named.strip()}” stands there twice.")
                found[name] = text.strip()
            elif line.strip() and not name:
                errors.append(f"Line {number}: begin with the name of an element, such as setting: schools in England.")
            elif line.strip():
                found[name] = f"{found[name]} {line.strip()}"
        empty = [name for name, text in found.items() if not text]
        errors += [f"Say what “{name.replace('_', ' ')}” is, or take the line out." for name in empty]
        if errors:
            raise forms.ValidationError(errors)
        return found

    def has_changed(self, initial: object, data: object) -> bool:
        """Whether it means something else than what is stored."""
        try:
            return self.clean(str(data or "")) != (initial or {})
        except forms.ValidationError:
            return True


class SourcesField(LinesField):
    """Citations, one a line: `key | locator | very words | whose words | what was read | day`. Cleans to their values.

    What was read is a code of `ReadAs` and one of `ReadExtent`, in any order: `abstract, whole`. With `parts_before` as
    many parts stand before the key, and are handed on as `before`.
    """

    PARTS = ("key", "locator", "quotation", "speaker", "read", "read_on")
    HELP = (
        "One a line: key | page | very words | whose words | what was read | day. Only the key is needed; - holds an "
        "empty place."
    )

    def __init__(
        self, *, parts_before: int = 0, label: str = "Sources", help_text: str = HELP, required: bool = False
    ) -> None:
        self.parts_before = parts_before
        super().__init__(required=required, label=label, help_text=help_text)
        self.widget.attrs["data-sources"] = ""  # a reference is found beside the box

    def clean(self, value: str | None) -> list[CitationValues]:
        rows = self.rows(super().clean(value) or "")
        keys = {row[self.parts_before] for row in rows if len(row) > self.parts_before}
        known = {reference.slug: reference for reference in Reference.objects.filter(slug__in=keys)}
        cleaned, errors = [], []
        for number, row in enumerate(rows, start=1):
            try:
                cleaned.append(self.clean_row(row, known))
            except forms.ValidationError as error:
                errors += [f"Line {number}: {message}" for message in error.messages]
        if errors:
            raise forms.ValidationError(errors)
        return cleaned

    def clean_row(self, row: list[str], known: Mapping[str, Reference]) -> CitationValues:
        """One citation. Raises `ValidationError` with what is wrong in it."""
        before, row = row[: self.parts_before], row[self.parts_before :]
        if len(row) > len(self.PARTS):
            raise forms.ValidationError(f"there are more than {len(self.PARTS)} parts from the key on.")
        parts = {name: "" if part == "-" else part for name, part in zip(self.PARTS, row, strict=False)}
        key = parts.pop("key", "")
        if key not in known:
            near = nearest_name(key, Reference.objects.values_list("slug", flat=True))
            raise forms.ValidationError(
                f"there is no reference with the key “{key}”.{format_hint(near, 'Add the reference first.')}"
            )
        for name, called in (("locator", "a locator"), ("speaker", "whose words they are")):
            if len(parts.get(name, "")) > 200:
                raise forms.ValidationError(f"{called} has at most 200 characters.")
        if day := parts.get("read_on"):
            validate_edtf(day)
        reading = name_readings(parts.pop("read", ""))
        return {"reference": known[key], **parts, **reading, **({"before": before} if self.parts_before else {})}


def name_readings(text: str) -> dict[str, str]:
    """What was read of a source and how much of it, from two codes or one, by column."""
    found: dict[str, str] = {}
    for code in filter(None, (part.strip().lower().replace(" ", "-") for part in text.split(","))):
        name = next((name for name, codes in READINGS.items() if code in codes.values), "")
        if not name:
            choices = [str(each) for codes in READINGS.values() for each in codes.values]
            hint = format_hint(nearest_name(code, choices), f"Use {', '.join(choices)}.")
            raise forms.ValidationError(f"“{code}” does not say what was read.{hint}")
        found[name] = code
    return found


def source_line(citation: CitationBase, *before: str) -> str:
    """A citation as `SourcesField` reads it; `-` holds the place of a part that is not there."""
    read = ", ".join(filter(None, [citation.read_as, citation.read_extent]))
    parts = [citation.locator, citation.quotation, citation.speaker, read, citation.read_on]
    while parts and not parts[-1]:
        parts.pop()
    return " | ".join([*before, citation.reference.slug, *(part or "-" for part in parts)])


class SourcedForm(forms.ModelForm):  # type: ignore[type-arg]  # the class takes no parameters when it runs
    """A form for a statement with citations. Subclasses declare `sources`, a `SourcesField`."""

    cited_as = "citations"  # how the statement calls its citations

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.initial["sources"] = "\n".join(
                source_line(each) for each in getattr(self.instance, self.cited_as).all()
            )

    def _save_m2m(self) -> None:
        super()._save_m2m()  # type: ignore[misc]
        if "sources" not in self.changed_data:
            return
        citations = getattr(self.instance, self.cited_as)
        citations.all().delete()
        model: type[Model] = citations.model
        model._default_manager.bulk_create(
            model(**{citations.field.name: self.instance}, position=position, **values)
            for position, values in enumerate(self.cleaned_data["sources"])
        )
