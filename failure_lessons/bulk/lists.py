"""Which lists of the workbench can be a spreadsheet, how their rows are named, and what record a row is part of."""

from __future__ import annotations

from django.apps import apps
from django.contrib import admin
from django.contrib.admin import ModelAdmin
from django.db import models

from failure_lessons.history.recording import recorded_models
from failure_lessons.publishing.models import Publishable

NAMING_FIELDS = ("username", "code", "slug", "key")  # fields that name a row for people, the first that it has
JOINT = " / "  # between the parts of a name that has several


def spreadsheet_lists() -> dict[str, ModelAdmin[models.Model]]:
    """The lists by label, such as `literature.reference`: evidence whose admin does not say `spreadsheet = False`."""
    found = {}
    for model in recorded_models(apps):
        if admin.site.is_registered(model):
            options = admin.site.get_model_admin(model)
            if getattr(options, "spreadsheet", True):
                found[model._meta.label_lower] = options
    return found


def name_paths(model: type[models.Model]) -> list[str]:
    """The lookups that together name a row of a model: a code or key, or what is unique, or the number."""
    fields = {field.name: field for field in model._meta.concrete_fields}
    for name in NAMING_FIELDS:
        if name in fields and fields[name].unique:
            return [name]
    for constraint in model._meta.constraints:
        if isinstance(constraint, models.UniqueConstraint) and constraint.fields and constraint.condition is None:
            return [path for name in constraint.fields for path in paths_through(fields[name])]
    return ["pk"]


def paths_through(field: models.Field[object, object]) -> list[str]:
    """A field, or the name of the row it points to."""
    if field.related_model is not None:
        return [f"{field.name}__{path}" for path in name_paths(field.related_model)]
    return [field.name]


def owner_path(model: type[models.Model]) -> str | None:
    """From a row to the record whose state it shares: empty for a record itself, None where there is none."""
    if issubclass(model, Publishable):
        return ""
    for field in model._meta.concrete_fields:
        if isinstance(field, models.ForeignKey) and not field.null and field.remote_field.on_delete is models.CASCADE:
            further = owner_path(field.related_model)
            if further is not None:
                return f"{field.name}__{further}" if further else field.name
    return None


def names_by_pk(model: type[models.Model], pks: set[int]) -> dict[int, str]:
    """The names of rows by number: one query."""
    if not pks:
        return {}
    rows = model._default_manager.filter(pk__in=pks).order_by().values_list("pk", *name_paths(model))
    return {pk: JOINT.join(map(str, parts)) for pk, *parts in rows}


def pks_by_name(model: type[models.Model], names: set[str]) -> dict[str, int]:
    """The numbers of rows by name, for those that there are: one query."""
    paths = name_paths(model)
    firsts = {name.split(JOINT)[0] for name in names if "\0" not in name}
    if paths == ["pk"]:
        firsts = {first for first in firsts if first.isascii() and first.isdigit() and len(first) < 19}
    if not firsts:
        return {}
    rows = model._default_manager.filter(**{f"{paths[0]}__in": firsts}).order_by().values_list("pk", *paths)
    return {JOINT.join(map(str, parts)): pk for pk, *parts in rows}


def every_name(model: type[models.Model], most: int) -> list[str]:
    """All names, or none when there are more than `most`: one query."""
    rows = model._default_manager.order_by(*name_paths(model)).values_list(*name_paths(model))[: most + 1]
    names = [JOINT.join(map(str, parts)) for parts in rows]
    return names if len(names) <= most else []
