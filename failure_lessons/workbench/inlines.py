"""Rows of a record within its form, at a price that does not grow with what else there is.

Django asks the database again for each row: whether the row is there, what its chosen records are called, whether its
constraints hold. Here rows that were read with their record are taken as they are, and a row nobody changed is not
checked again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

from django import forms
from django.contrib.admin import AdminSite
from django.contrib.admin.widgets import AutocompleteSelect, AutocompleteSelectMultiple, RelatedFieldWidgetWrapper
from django.db.models import Field, ForeignKey, ManyToManyField, Model, QuerySet, UniqueConstraint
from django.forms.models import BaseInlineFormSet, InlineForeignKeyField, ModelChoiceField, ModelMultipleChoiceField
from django.forms.utils import ErrorDict
from django.http import HttpRequest

from failure_lessons.publishing.guard import parts_may_leave

BoxAttributes = dict[str, object]
NEEDLESS = (("data-ajax--cache", "true"), ("data-ajax--type", "GET"), ("data-placeholder", ""), ("lang", "en"))
OptionGroups = list[tuple[str | None, list[dict[str, object]], int | None]]


class RowForm(forms.ModelForm):
    """A row. Unchanged, it is valid as it stands; changed, it is checked like any other.

    How its boxes are filled in stands once above all rows, and beside those of a new one; how large they are, in the
    styles: a form may have hundreds. Rules of the database that its fields state already (`required`, `choices`) are
    not asked of the database once more.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            for name, field in self.fields.items():
                field.help_text = ""
                for size in ("cols", "rows"):
                    field.widget.attrs.pop(size, None)
                widget = getattr(field.widget, "widget", field.widget)
                if isinstance(widget, KnownChoice | KnownChoices):
                    widget.known = chosen_labels(self.instance, name)

    def full_clean(self) -> None:
        if not (self.is_bound and self.instance.pk) or self.has_changed():
            super().full_clean()
            return
        self._errors = ErrorDict()
        columns = {field.name: field.attname for field in self.instance._meta.concrete_fields}
        self.cleaned_data = {
            name: field.parent_instance
            if isinstance(field, InlineForeignKeyField)
            else getattr(self.instance, columns[name])  # a key in place of a record: enough to find twins
            for name, field in self.fields.items()
            if name in columns or isinstance(field, InlineForeignKeyField)
        }

    def validate_constraints(self) -> None:
        """Uniqueness only, where the fields state the rest."""
        left_out = self._get_validation_exclusions()  # type: ignore[attr-defined]  # Django's own, not in its stubs
        for model, constraints in self.instance.get_constraints():
            for constraint in constraints:
                if isinstance(constraint, UniqueConstraint):
                    try:
                        constraint.validate(model, self.instance, exclude=left_out)
                    except forms.ValidationError as error:
                        self.add_error(None, error)


def chosen_labels(row: Model, name: str) -> dict[str, str]:
    """What the records chosen in a field are called, by key; nothing is asked where they were read with the row."""
    found = getattr(row, name)
    chosen: Iterable[Model] = found.all() if hasattr(found, "all") else [found] if found else []
    return {str(each.pk): str(each) for each in chosen}


class RowField(ModelChoiceField):
    """The hidden key of a row, looked up among those that were read."""

    def __init__(self, rows: Mapping[int, Model], hidden: ModelChoiceField) -> None:
        self.rows = rows
        super().__init__(hidden.queryset, initial=hidden.initial, required=False, widget=hidden.widget)

    def to_python(self, value: object) -> Model | None:
        if value in self.empty_values:
            return None
        row = self.rows.get(int(str(value))) if str(value).isascii() and str(value).isdigit() else None
        if row is None:
            raise forms.ValidationError("This row is no longer there: somebody removed it.", code="invalid_choice")
        return row


class RowFormSet(BaseInlineFormSet):
    """The rows of one kind: those read with the record, where they were."""

    def get_queryset(self) -> QuerySet[Model]:
        accessor = self.fk.remote_field.get_accessor_name()
        if accessor in getattr(self.instance, "_prefetched_objects_cache", {}):
            read: QuerySet[Model] = getattr(self.instance, accessor).all()
            return read
        return super().get_queryset()

    def delete_existing(self, obj: Model, commit: bool = True) -> None:
        """A row taken out in the form of its record, which is the one place where a published part may leave."""
        with parts_may_leave():
            super().delete_existing(obj, commit)

    def add_fields(self, form: forms.ModelForm, index: int | None) -> None:
        super().add_fields(form, index)
        hidden = form.fields.get("id")
        if isinstance(hidden, ModelChoiceField):
            if not hasattr(self, "read"):
                self.read = {row.pk: row for row in self.get_queryset()} if self.instance.pk else {}
            form.fields["id"] = RowField(self.read, hidden)


class KnownOptions:
    """A select that is filled as one types, and knows what is chosen without asking (`known`: label by key)."""

    known: Mapping[str, str] = {}
    is_required: bool
    allow_multiple_selected: bool

    def build_attrs(self, base_attrs: BoxAttributes, extra_attrs: BoxAttributes | None = None) -> BoxAttributes:
        """Without what says what is so anyway: it would stand in each row."""
        built: BoxAttributes = super().build_attrs(base_attrs, extra_attrs)  # type: ignore[misc]
        return {name: value for name, value in built.items() if (name, value) not in NEEDLESS}

    def optgroups(self, name: str, value: list[str], attrs: dict[str, object] | None = None) -> OptionGroups:
        chosen = [str(each) for each in value if each not in (None, "")]
        if not set(chosen) <= self.known.keys():
            every: OptionGroups = super().optgroups(name, value, attrs)  # type: ignore[misc]
            return every
        options = [("", "", False)] if not self.is_required and not self.allow_multiple_selected else []
        options += [(key, self.known[key], True) for key in chosen]
        made = [
            self.create_option(name, key, label, is_chosen, index)  # type: ignore[attr-defined]
            for index, (key, label, is_chosen) in enumerate(options)
        ]
        return [(None, made, 0)]


class KnownChoice(KnownOptions, AutocompleteSelect):  # type: ignore[misc]
    """One record."""


class KnownChoices(KnownOptions, AutocompleteSelectMultiple):  # type: ignore[misc]
    """Several records."""


class RowsInline:
    """For an inline of the admin: rows that are shown closed, each under a line that says what it is."""

    form: type[forms.ModelForm] = RowForm
    formset: type[BaseInlineFormSet] = RowFormSet
    template = "admin/workbench/rows.html"
    extra = 0
    autocomplete_fields: ClassVar[list[str] | tuple[str, ...]] = ()
    admin_site: AdminSite

    def formfield_for_dbfield(
        self, db_field: Field[object, object], request: HttpRequest, **kwargs: object
    ) -> forms.Field | None:
        """Without links that open windows beside each box: what is chosen here is made on a page of its own."""
        made: forms.Field | None = super().formfield_for_dbfield(db_field, request, **kwargs)  # type: ignore[misc]
        if made is not None and isinstance(made.widget, RelatedFieldWidgetWrapper):
            made.widget = made.widget.widget
        return made

    def formfield_for_foreignkey(
        self, db_field: ForeignKey[object, object], request: HttpRequest, **kwargs: object
    ) -> ModelChoiceField | None:
        if db_field.name in self.autocomplete_fields:
            kwargs.setdefault("widget", KnownChoice(db_field, self.admin_site))
        made: ModelChoiceField | None = super().formfield_for_foreignkey(  # type: ignore[misc]
            db_field, request, **kwargs
        )
        return made

    def formfield_for_manytomany(
        self, db_field: ManyToManyField[Model, Model], request: HttpRequest, **kwargs: object
    ) -> ModelMultipleChoiceField | None:
        if db_field.name in self.autocomplete_fields:
            kwargs.setdefault("widget", KnownChoices(db_field, self.admin_site))
        made: ModelMultipleChoiceField | None = super().formfield_for_manytomany(  # type: ignore[misc]
            db_field, request, **kwargs
        )
        return made
