"""Fields that hold codes of a vocabulary that teams extend: of a model, and of its form."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from django import forms
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db import models

from failure_lessons.publishing.schemas import LONGEST_CODE
from failure_lessons.vocabularies.terms import describe_unknown_term, labels_of_vocabulary, offered_terms


class TermField(models.CharField):  # type: ignore[type-arg]  # the class takes no parameters when it runs
    """The code of a term. A retired one stays valid where it was chosen.

    The database keeps the rule too: `vocabularies.rules` puts a trigger on each table that has such a field.
    """

    def __init__(self, *args: Any, vocabulary: str, **options: Any) -> None:
        self.vocabulary = str(vocabulary)
        options.setdefault("max_length", LONGEST_CODE)
        super().__init__(*args, **options)

    def deconstruct(self) -> tuple[str, str, Sequence[object], dict[str, object]]:
        name, path, args, options = super().deconstruct()
        return name, path, args, {**options, "vocabulary": self.vocabulary}

    def validate(self, value: object, model_instance: models.Model | None) -> None:
        super().validate(value, model_instance)
        if value and value not in (known := labels_of_vocabulary(self.vocabulary)):
            raise ValidationError(describe_unknown_term(str(value), known), code="invalid_choice")

    def formfield(self, **options: Any) -> forms.Field | None:
        options |= {"form_class": TermChoiceField, "vocabulary": self.vocabulary, "widget": forms.Select}
        return super(models.CharField, self).formfield(**options)


def find_term_fields(
    models_to_search: Iterable[type[models.Model]],
) -> Iterator[tuple[models.Field[object, object], TermField]]:
    """Every field that holds codes of terms, with the `TermField` that it is or is a list of."""
    for model in models_to_search:
        for field in model._meta.concrete_fields:
            base = field.base_field if isinstance(field, ArrayField) else field
            if isinstance(base, TermField):
                yield field, base


class TermChoiceField(forms.ChoiceField):
    """One term: those that are not retired, and the one that was chosen before."""

    def __init__(self, *, vocabulary: str, max_length: int | None = None, **options: Any) -> None:
        super().__init__(**options)
        self.vocabulary = str(vocabulary)

    def get_bound_field(self, form: forms.BaseForm, field_name: str) -> forms.BoundField:
        """The field within a form, which knows what was chosen before."""
        chosen = form.get_initial_for_field(self, field_name)
        self.choices = [("", "---------"), *offered_terms(self.vocabulary, [str(chosen or "")])]
        return super().get_bound_field(form, field_name)

    def validate(self, value: str) -> None:
        refuse_unoffered(self, [value] if value else [])
        super().validate(value)


class TermsChoiceField(forms.MultipleChoiceField):
    """Several terms as boxes: those that are not retired, and those that were chosen before."""

    widget = forms.CheckboxSelectMultiple

    def __init__(self, *, vocabulary: str, **options: Any) -> None:
        super().__init__(**options)
        self.vocabulary = str(vocabulary)

    def get_bound_field(self, form: forms.BaseForm, field_name: str) -> forms.BoundField:
        """The field within a form, which knows what was chosen before."""
        self.choices = offered_terms(self.vocabulary, form.get_initial_for_field(self, field_name) or [])
        return super().get_bound_field(form, field_name)

    def validate(self, value: list[str]) -> None:
        refuse_unoffered(self, value)
        super().validate(value)


def refuse_unoffered(field: TermChoiceField | TermsChoiceField, codes: Iterable[str]) -> None:
    """Refuse what the form does not offer, with the code that may be meant."""
    offered = [str(code) for code, _ in list(field.choices) if code]  # type: ignore[arg-type]  # a list once built
    for code in codes:
        if code not in offered:
            raise ValidationError(describe_unknown_term(str(code), offered), code="invalid_choice")
