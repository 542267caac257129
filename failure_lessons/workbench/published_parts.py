"""Own pages of parts, such as findings: what was published is not deleted there."""

from __future__ import annotations

from collections.abc import Sequence

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from failure_lessons.publishing.guard import STAYS
from failure_lessons.publishing.models import Record


class PublishedPartsStay(admin.ModelAdmin):
    """The admin of a part: both ways of deleting show the reason in place of the button."""

    def get_deleted_objects(
        self, objs: Sequence[Record] | QuerySet[Record], request: HttpRequest
    ) -> tuple[list[str], dict[str, int], set[str], list[str]]:
        deleted, counts, missing, protected = super().get_deleted_objects(objs, request)
        return deleted, counts, missing, [*protected, *(f"{each}. {STAYS}" for each in objs if each.was_published())]
