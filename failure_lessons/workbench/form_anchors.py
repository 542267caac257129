"""Places in a record's form: where a gap is mended and what a comment is about."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from django.contrib.admin import ModelAdmin
from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.http import HttpRequest
from django.urls import reverse

if TYPE_CHECKING:
    from failure_lessons.publishing.models import Record
    from failure_lessons.publishing.validation import PublicationGap


def form_anchor(model: type[models.Model], place: str) -> str:
    """The fragment that leads to a place of the form of `model`: a field, a list, or a row of one."""
    if not place:
        return ""
    if re.search(r"-\d+$", place):
        return f"#{place}"
    try:
        is_list = model._meta.get_field(place).auto_created
    except FieldDoesNotExist:  # a list of rows whose relation is named otherwise
        is_list = True
    return f"#{place}-group" if is_list else f"#id_{place}"


def form_address(record: models.Model) -> str:
    """The address of a record's form."""
    return reverse(f"admin:{record._meta.app_label}_{record._meta.model_name}_change", args=[record.pk])


def format_gap(gap: PublicationGap, within: Record) -> dict[str, str]:
    """A gap as `words`, and the `url` where it is mended: a place in the form of `within` or of the part itself."""
    here = form_anchor(type(gap.record), gap.lack.place)
    words = str(gap.lack) if gap.record.record_id == within.record_id else f"{gap.name}: {gap.lack}"
    return {"words": words, "url": form_address(gap.record) + here}


def list_form_places(options: ModelAdmin, request: HttpRequest, record: models.Model) -> list[tuple[str, str]]:
    """The places of a form, in its order, each with what the form calls it. `options` is the model's admin."""
    found = []
    skipped = set(options.get_readonly_fields(request, record))
    for _, section in options.get_fieldsets(request, record):
        for line in section["fields"]:
            for name in [line] if isinstance(line, str) else line:
                if name not in skipped:
                    own = options.form.base_fields.get(name)  # a box of the form's own, such as its sources
                    label = own.label if own and own.label else options.model._meta.get_field(name).verbose_name
                    found.append((name, str(label).capitalize()))
    for inline in options.get_inlines(request, record):
        relation = next(
            (
                each
                for each in options.model._meta.related_objects
                if each.related_model is inline.model and inline.fk_name in (None, each.field.name)
            ),
            None,
        )
        if relation is not None:
            found.append((relation.get_accessor_name(), str(inline.model._meta.verbose_name_plural).capitalize()))
    return found
