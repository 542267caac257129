"""CSL names as a column of a model and in forms, where people and bodies are typed one a line."""

from __future__ import annotations

from django import forms
from django.core.exceptions import ValidationError
from django.db import models

from failure_lessons.types import JSONValue
from failure_lessons.validators.csl import names_fault, validate_names

CslName = dict[str, str]
FAMILY_PARTS = ("dropping-particle", "non-dropping-particle", "family")
PEOPLE_HELP = (
    "One a line. A person: Allen, Rebecca. A body: Ofsted; in quotation marks if its name has a comma. In the order of "
    "the work."
)


def format_person(name: CslName) -> str:
    """A name as a line: “Family, Given, Suffix”, or a body."""
    if literal := name.get("literal", ""):
        return f'"{literal.replace(chr(34), chr(34) * 2)}"' if "," in literal or literal.startswith('"') else literal
    family = " ".join(filter(None, [name.get("non-dropping-particle"), name.get("family")]))
    given = " ".join(filter(None, [name.get("given"), name.get("dropping-particle")]))
    return ", ".join([family, given, name["suffix"]] if name.get("suffix") else [family, given]).rstrip()


def parse_person(line: str) -> CslName:
    """The name that a line writes. Raises `ValidationError` where it says neither a person nor a body."""
    if line[0] in "[{" or not any(character.isalpha() for character in line):
        raise ValidationError(f"“{line[:80]}” is no name. A person: Allen, Rebecca. A body: Ofsted.")
    if line.startswith('"'):
        if not line.endswith('"'):
            raise ValidationError(f"“{line[:80]}”: a body stands alone on its line, between two quotation marks.")
        return {"literal": line[1:-1].replace('""', '"').strip()}
    parts = [part.strip() for part in line.split(",")]
    if len(parts) == 1:
        return {"literal": line}
    if len(parts) > 3:
        raise ValidationError(
            f"“{line[:80]}” has more than three parts. One person a line, Allen, Rebecca; a body in quotation marks."
        )
    if not parts[0]:
        raise ValidationError(f"“{line[:80]}” has no family name. Write Allen, Rebecca, or a body alone.")
    named = zip(("family", "given", "suffix"), parts, strict=False)
    return {part: words for part, words in named if words}


def spell_name(name: CslName) -> str:
    """A name as people read it: “Given Family”, a body as it is."""
    parts = ("given", *FAMILY_PARTS, "suffix")
    return name.get("literal") or " ".join(filter(None, [name.get(part) for part in parts]))


def keep_known_names(names: list[CslName], known: JSONValue) -> list[CslName]:
    """These names; one that reads as it did is as it was, with parts that a line does not tell apart."""
    before = {format_person(name): name for name in known if isinstance(name, dict)} if isinstance(known, list) else {}
    return [before.get(format_person(name), name) for name in names]


class PeopleField(forms.CharField):
    """Names, one a line, as CSL keeps them. With scripts each has boxes of its own."""

    widget = forms.Textarea(attrs={"rows": 4, "data-people": ""})

    def prepare_value(self, value: object) -> object:
        if isinstance(value, list):
            return "\n".join(format_person(name) for name in value if isinstance(name, dict))
        return value

    def clean(self, value: object) -> list[CslName]:
        lines = [line.strip() for line in str(super().clean(value) or "").splitlines()]
        names = [parse_person(line) for line in lines if line]
        if fault := names_fault(list(names)):
            raise ValidationError(fault)
        return names


class NamesListField(models.JSONField):
    """A list of CSL names: `[{"family": "Allen", "given": "Rebecca"}, {"literal": "Ofsted"}]`."""

    default_validators = [validate_names]

    def formfield(self, **kwargs: object) -> forms.Field | None:
        return PeopleField(required=False, help_text=f"{self.help_text} {PEOPLE_HELP}")

    def save_form_data(self, instance: models.Model, data: list[CslName]) -> None:
        """What a form says; of a name that reads as it did, also the parts that a line does not tell apart."""
        setattr(instance, self.name, keep_known_names(data, getattr(instance, self.name)))
