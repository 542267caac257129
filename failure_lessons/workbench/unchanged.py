"""What counts as a change of a form: another value once cleaned. A form sent back as it came writes nothing.

A browser ends lines in its own way and sends choices in the order of the page; a field strips blanks. None of that is
a change, and a value that nobody changed is left as it stands, down to its line ends.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib.admin import ModelAdmin
from django.contrib.admin.options import InlineModelAdmin
from django.core.exceptions import FieldDoesNotExist
from django.db.models import Model
from django.forms.boundfield import BoundField
from django.http import HttpRequest
from django.utils.functional import cached_property

from failure_lessons.types import JSONArray

if TYPE_CHECKING:
    Form = forms.ModelForm
    Admin = ModelAdmin
else:
    Form = Admin = object  # they are mixed into forms and admins of any sort


def normalise_lines(text: str) -> str:
    """Text whose lines end in one way."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def field_changed(bound: BoundField) -> bool:
    """Whether what was sent means something else than what was shown."""
    field, sent = bound.field, bound.data
    if not bound._has_changed():  # type: ignore[attr-defined]  # Django's own, not in its stubs
        return False
    if isinstance(field.widget, forms.MultiWidget) or isinstance(
        field, forms.FileField | forms.ModelMultipleChoiceField
    ):
        return True
    shown = field.prepare_value(bound.initial)
    if isinstance(sent, str) and (shown is None or isinstance(shown, str)):
        before, after = normalise_lines(shown or ""), normalise_lines(sent)
        if before == after or (getattr(field, "strip", True) and before.strip() == after.strip()):
            return False
    try:
        return bool(field.clean(shown) != field.clean(sent))
    except (forms.ValidationError, TypeError, ValueError, AttributeError):
        return True  # one of the two cannot be cleaned: whoever sent it is told so


class CleanedForm(Form):
    """Mixed into a form of a record: what nobody changed stays as it stands, and lines end in one way."""

    @cached_property
    def changed_data(self) -> list[str]:
        return [name for name, bound in self._bound_items() if field_changed(bound)]  # type: ignore[attr-defined]

    def _clean_form(self) -> None:
        cleaned = self.cleaned_data
        for name, value in cleaned.items():
            if isinstance(value, str):
                cleaned[name] = normalise_lines(value)
        if self.instance.pk:
            for name in cleaned.keys() - set(self.changed_data):
                try:
                    column = self._meta.model._meta.get_field(name)
                except FieldDoesNotExist:
                    continue
                if column.concrete and not column.is_relation:
                    cleaned[name] = getattr(self.instance, column.attname)
        super()._clean_form()  # type: ignore[misc]  # Django's own, not in its stubs


def cleaned_form(form: type[forms.ModelForm]) -> type[forms.ModelForm]:
    """The form class, comparing cleaned values."""
    if issubclass(form, CleanedForm):
        return form
    return type(form.__name__, (CleanedForm, form), {"__module__": form.__module__, "__doc__": form.__doc__})


class UnchangedStays(Admin):
    """Mixed into an admin: what nobody changed is not written, neither in its tables nor in a log."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.form = cleaned_form(self.form)

    def get_inline_instances(self, request: HttpRequest, obj: Model | None = None) -> list[InlineModelAdmin]:
        inlines = super().get_inline_instances(request, obj)
        for inline in inlines:
            inline.form = cleaned_form(inline.form)
        return inlines

    def save_model(self, request: HttpRequest, obj: Model, form: forms.ModelForm, change: bool) -> None:
        if not change or form.has_changed():
            super().save_model(request, obj, form, change)

    def save_related(
        self, request: HttpRequest, form: forms.ModelForm, formsets: list[forms.BaseModelFormSet], change: bool
    ) -> None:
        rows_changed = any(formset.has_changed() for formset in formsets)
        super().save_related(request, form, formsets, change)
        if change and rows_changed and not form.has_changed() and hasattr(form.instance, "edited_at"):
            form.instance.save(update_fields=["edited_at"])

    def log_change(self, request: HttpRequest, obj: Model, message: str | JSONArray) -> Any:
        return super().log_change(request, obj, message) if message else None
