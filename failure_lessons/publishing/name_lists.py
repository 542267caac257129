"""CSL names as a column of a model, and in its form, where they are typed one a line."""

from __future__ import annotations

from django import forms
from django.db import models

from failure_lessons.types import Document, JSONObject
from failure_lessons.validators.csl import validate_names

FAMILY_PARTS = ("dropping-particle", "non-dropping-particle", "family")


def format_name(name: Document) -> str:
    """A CSL name as people type it: “Family, Given”, a body as it is."""
    family = " ".join(filter(None, [name.get(part) for part in FAMILY_PARTS]))
    return str(name.get("literal") or ", ".join(filter(None, [family, name.get("given"), name.get("suffix")])))


def spell_name(name: Document) -> str:
    """A CSL name as people read it: “Given Family”, a body as it is."""
    parts = ("given", *FAMILY_PARTS, "suffix")
    return str(name.get("literal") or " ".join(filter(None, [name.get(part) for part in parts])))


class NamesField(forms.CharField):
    """CSL names: “Family, Given” is a person, a line without a comma a body."""

    widget = forms.Textarea(attrs={"rows": 2})

    def prepare_value(self, value: object) -> object:
        return "\n".join(format_name(name) for name in value) if isinstance(value, list) else value

    def to_python(self, value: object) -> list[JSONObject]:  # type: ignore[override]
        if isinstance(value, list):
            return value
        return [read_name(line) for line in split_lines(value)]

    def has_changed(self, initial: object, data: object) -> bool:
        return split_lines(self.prepare_value(initial or [])) != split_lines(data)


def split_lines(value: object) -> list[str]:
    """The lines that hold something."""
    return [line.strip() for line in str(value or "").splitlines() if line.strip()]


def read_name(line: str) -> JSONObject:
    """A line as a CSL name. Raises `ValidationError` where there is no family name."""
    family, comma, given = (part.strip() for part in line.partition(","))
    if comma and not family:
        raise forms.ValidationError(f"“{line}” has no family name: write “Family, Given”, or a body without a comma.")
    if not comma:
        return {"literal": family}
    return {"family": family, "given": given} if given else {"family": family}


class NamesListField(models.JSONField):
    """A list of CSL names: `[{"family": "Allen", "given": "Rebecca"}, {"literal": "Ofsted"}]`."""

    default_validators = [validate_names]

    def formfield(self, **kwargs: object) -> forms.Field | None:
        return NamesField(
            required=False, help_text=f"{self.help_text} One a line: “Family, Given”; a body without a comma."
        )
