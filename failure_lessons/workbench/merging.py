"""The pages of merging: likely pairs, and two records side by side."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Generic, NamedTuple, TypeVar

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Model
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import URLPattern

from failure_lessons.accounts.models import User
from failure_lessons.accounts.signed_in import signed_in_user
from failure_lessons.publishing.merging import (
    CannotMerge,
    MergeResult,
    count_pointers,
    find_merge_obstacles,
    merge_records,
    remember_apart,
)
from failure_lessons.publishing.models import Publishable
from failure_lessons.workbench.parts import AdminPart

Merged = TypeVar("Merged", bound=Publishable)
PAIRS_ON_PAGE = 50  # on a page


class Pair(NamedTuple):
    """Two records, by their keys, that may be one; how alike from 0 to 100, and why."""

    one: int
    other: int
    likeness: int
    reason: str


class MergePages(AdminPart, Generic[Merged]):
    """A way to make one of two records. Subclasses name what is compared and how.

    `merge_fields` are chosen side by side, `apart` is the model that remembers pairs which are two things.
    """

    merge_fields: tuple[str, ...] = ()
    apart: type[Model]

    def likely_pairs(self) -> Iterable[Pair]:
        """Likely pairs, the most alike first."""
        raise NotImplementedError

    def field_in_words(self, record: Merged, name: str) -> str:
        """A field as a person reads it."""
        return str(getattr(record, name) or "")

    def told_by(self, record: Merged) -> str:
        """A line that helps to tell a record from others."""
        raise NotImplementedError

    def merge(self, *, keep: Merged, lose: Merged, values: Mapping[str, object], by: User, note: str) -> MergeResult:
        """The verb."""
        return merge_records(fields=self.merge_fields, keep=keep, lose=lose, values=values, by=by, note=note)

    def urls(self) -> list[URLPattern]:
        return [
            self.make_path("duplicates/", self.duplicates_view, self.name_page("duplicates")),
            self.make_path("<int:keep>/merge/<int:lose>/", self.merge_view, self.name_page("merge")),
        ]

    def has_merge_permission(self, request: HttpRequest) -> bool:
        """Merging changes one record and deletes another."""
        return self.admin.has_change_permission(request) and self.admin.has_delete_permission(request)

    def list_context(self, request: HttpRequest) -> dict[str, object]:
        """Where the likely pairs are, for those who may merge."""
        return {"duplicates": self.page_url("duplicates") if self.has_merge_permission(request) else ""}

    def duplicates_view(self, request: HttpRequest) -> HttpResponse:
        """Likely pairs; a POST remembers that a pair is two things."""
        if not self.has_merge_permission(request):
            raise PermissionDenied
        if request.method == "POST":
            return self.set_apart(request)
        apart = set(self.apart._default_manager.values_list("first", "second"))
        pairs = [pair for pair in self.likely_pairs() if tuple(sorted(pair[:2])) not in apart]
        page = Paginator(pairs, PAIRS_ON_PAGE).get_page(request.GET.get("page"))
        found = self.model._default_manager.in_bulk([key for pair in page for key in pair[:2]])
        context = {
            **self.page_context(request),
            "title": "Likely duplicates",
            "page": page,
            "list": self.page_url("changelist"),
            "pairs": [
                {
                    "both": [
                        {
                            "record": found[key],
                            "about": self.told_by(found[key]),
                            "url": self.page_url("change", key),
                        }
                        for key in pair[:2]
                    ],
                    "likeness": pair.likeness,
                    "reason": pair.reason,
                    "merge": self.page_url("merge", *pair[:2]),
                }
                for pair in page
            ],
        }
        return render(request, "admin/publishing/duplicates.html", context)

    def set_apart(self, request: HttpRequest) -> HttpResponse:
        """Remember that a pair is two things."""
        by = signed_in_user(request)
        chosen = [request.POST.get(name, "") for name in ("one", "other")]
        if not all(each.isascii() and each.isdigit() and len(each) < 18 for each in chosen):
            raise PermissionDenied
        one, other = (get_object_or_404(self.model, pk=int(each)) for each in chosen)
        try:
            remember_apart(one=one, other=other, pairs=self.apart, by=by)
        except CannotMerge as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, f"Remembered: {one.slug} and {other.slug} are two.")
        return HttpResponseRedirect(self.page_url("duplicates"))

    def merge_view(self, request: HttpRequest, keep: int, lose: int) -> HttpResponse:
        """Side by side; choose field by field; then one of them goes."""
        kept, lost = (get_object_or_404(self.model, pk=key) for key in (keep, lose))
        if not self.has_merge_permission(request):
            raise PermissionDenied
        reasons = find_merge_obstacles(kept, lost)
        if request.method == "POST" and not reasons:
            values = {
                name: getattr(lost, name)
                for name in self.merge_fields
                if request.POST.get(f"field-{name}") == "lose" and values_differ(kept, lost, name)
            }
            note = request.POST.get("note", "").strip()[:2000]
            try:
                merged = self.merge(keep=kept, lose=lost, values=values, by=signed_in_user(request), note=note)
            except CannotMerge as refusal:
                reasons = refusal.reasons
            else:
                self.admin.log_change(request, kept, f"Merged {lost.slug} into it.")
                messages.success(request, f"{lost.slug} is now part of {kept.slug}: {merged.sentence()}.")
                return HttpResponseRedirect(self.page_url("change", keep))
        context = {
            **self.page_context(request),
            "keep": kept,
            "lose": lost,
            "reasons": reasons,
            "title": f"Merge two {self.opts.verbose_name_plural}",
            "pointing": [count_pointers(kept), count_pointers(lost)],
            "note": request.POST.get("note", ""),
            "other_way": self.page_url("merge", lose, keep),
            "list": self.page_url("changelist"),
            "duplicates": self.page_url("duplicates"),
            "fields": [
                {
                    "name": name,
                    "label": str(self.model._meta.get_field(name).verbose_name).capitalize(),
                    "keep": self.field_in_words(kept, name),
                    "lose": self.field_in_words(lost, name),
                    "differs": values_differ(kept, lost, name),
                    "takes_other": request.POST.get(f"field-{name}", "" if getattr(kept, name) else "lose") == "lose",
                }
                for name in self.merge_fields
                if getattr(kept, name) or getattr(lost, name)
            ],
        }
        status = 409 if reasons and request.method == "POST" else 200
        return render(request, "admin/publishing/merge.html", context, status=status)


def values_differ(one: Model, other: Model, name: str) -> bool:
    """Whether there is anything to choose."""
    return bool(getattr(one, name) != getattr(other, name))
