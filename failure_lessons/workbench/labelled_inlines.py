"""Rows of a record within its form, as a table whose fields name themselves."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import Field as DbField
from django.forms import Field, ModelForm
from django.http import HttpRequest

from failure_lessons.workbench.inlines import RowFormSet


class LabelledRows(RowFormSet):
    """Rows each of which can be deleted by a box with a name."""

    def add_fields(self, form: ModelForm, index: int | None) -> None:
        super().add_fields(form, index)
        if "DELETE" in form.fields:
            form.fields["DELETE"].widget.attrs["aria-label"] = f"Delete {form._meta.model._meta.verbose_name}"


class LabelledInline(admin.TabularInline):
    """A table of rows: a column heading is no label to a screen reader."""

    formset = LabelledRows

    def formfield_for_dbfield(
        self, db_field: DbField[object, object], request: HttpRequest, **kwargs: object
    ) -> Field | None:
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field:
            field.widget.attrs.setdefault("aria-label", str(db_field.verbose_name).capitalize())
        return field
