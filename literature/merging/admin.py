"""The pages of merging: likely pairs, and two references side by side."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import URLPattern, path, reverse

from failure_lessons.publishing.admin import PublishableAdmin
from literature.citing import people, year
from literature.duplicates import likely_pairs
from literature.importing.preview import works
from literature.merging.verbs import FIELDS, CannotMerge, merge_references, obstacles, pointers, set_apart
from literature.models import NotDuplicate, Reference

PAIRS = 50  # on a page


def worded(reference: Reference, name: str) -> str:
    """A field as a person reads it."""
    value = getattr(reference, name)
    if name == "author":
        return "; ".join(people({"author": value}))
    if name == "issued":
        parts = ((value or {}).get("date-parts") or [[]])[0]
        return "-".join(f"{part:02}" for part in parts) if len(parts) > 1 else year({"issued": value}) if value else ""
    if name == "csl":
        return "; ".join(f"{each}: {value[each]}" for each in sorted(value))
    return reference.get_type_display() if name == "type" else str(value or "")


def citing(reference: Reference) -> int:
    """How many rows point to a reference."""
    return sum(field.model._default_manager.filter(**{field.name: reference}).count() for field in pointers())


class MergingAdmin(PublishableAdmin):
    """References, with a way to make one of two."""

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("duplicates/", view(self.duplicates_view), name="literature_reference_duplicates"),
            path("<int:keep>/merge/<int:lose>/", view(self.merge_view), name="literature_reference_merge"),
            *super().get_urls(),
        ]

    def has_merge_permission(self, request: HttpRequest) -> bool:
        """Merging changes one reference and deletes another."""
        return self.has_change_permission(request) and self.has_delete_permission(request)

    def duplicates_view(self, request: HttpRequest) -> HttpResponse:
        """Likely pairs; a POST remembers that a pair is two works."""
        if not self.has_merge_permission(request):
            raise PermissionDenied
        by: Any = request.user
        if request.method == "POST":
            chosen = [request.POST.get(name, "") for name in ("one", "other")]
            if not all(each.isascii() and each.isdigit() and len(each) < 18 for each in chosen):
                raise PermissionDenied
            one, other = (get_object_or_404(Reference, pk=int(each)) for each in chosen)
            try:
                set_apart(one=one, other=other, by=by)
            except CannotMerge as refusal:
                messages.error(request, str(refusal))
            else:
                messages.success(request, f"Remembered: {one.slug} and {other.slug} are two works.")
            return HttpResponseRedirect(reverse("admin:literature_reference_duplicates"))
        apart = set(NotDuplicate.objects.values_list("first", "second"))
        pairs = [
            (work, match)
            for work, match in likely_pairs(works())
            if tuple(sorted((work.key.pk, match.work.key.pk))) not in apart
        ]
        page = Paginator(pairs, PAIRS).get_page(request.GET.get("page"))
        keys = [key for work, match in page for key in (work.key.pk, match.work.key.pk)]
        found = Reference.objects.in_bulk(keys)
        context = {
            **self.admin_site.each_context(request), "opts": self.opts, "title": "Likely duplicates", "page": page,
            "pairs": [
                {
                    "one": found[match.work.key.pk], "other": found[work.key.pk], "likeness": match.likeness,
                    "reason": match.reason, "who": [
                        f"{'; '.join(people({'author': each.author})[:3]) or each.publisher} "
                        f"{year({'issued': each.issued})}"
                        for each in (found[match.work.key.pk], found[work.key.pk])
                    ],
                }
                for work, match in page
            ],
        }  # fmt: skip
        return render(request, "admin/literature/duplicates.html", context)

    def merge_view(self, request: HttpRequest, keep: int, lose: int) -> HttpResponse:
        """Side by side; choose field by field; then one of them goes."""
        kept, lost = get_object_or_404(Reference, pk=keep), get_object_or_404(Reference, pk=lose)
        if not self.has_merge_permission(request):
            raise PermissionDenied
        by: Any = request.user
        reasons = obstacles(kept, lost)
        if request.method == "POST" and not reasons:
            values = {
                name: getattr(lost, name)
                for name in FIELDS
                if request.POST.get(f"field-{name}") == "lose" and differs(kept, lost, name)
            }
            try:
                merged = merge_references(
                    keep=kept, lose=lost, values=values, by=by, note=request.POST.get("note", "").strip()[:2000]
                )
            except CannotMerge as refusal:
                reasons = refusal.reasons
            else:
                self.log_change(request, kept, f"Merged {lost.slug} into it.")
                messages.success(request, f"{lost.slug} is now part of {kept.slug}: {merged.sentence()}.")
                return HttpResponseRedirect(reverse("admin:literature_reference_change", args=[keep]))
        context = {
            **self.admin_site.each_context(request), "opts": self.opts, "title": "Merge two references", "keep": kept,
            "lose": lost, "reasons": reasons, "citing": [citing(kept), citing(lost)],
            "note": request.POST.get("note", ""),
            "fields": [
                {
                    "name": name, "label": str(Reference._meta.get_field(name).verbose_name).capitalize(),  # type: ignore[union-attr]
                    "keep": worded(kept, name), "lose": worded(lost, name), "differs": differs(kept, lost, name),
                    "takes_other": request.POST.get(f"field-{name}", "" if getattr(kept, name) else "lose") == "lose",
                }
                for name in FIELDS
                if getattr(kept, name) or getattr(lost, name)
            ],
        }  # fmt: skip
        return render(
            request, "admin/literature/merge.html", context, status=409 if reasons and request.method == "POST" else 200
        )


def differs(one: Reference, other: Reference, name: str) -> bool:
    """Whether there is anything to choose."""
    return bool(getattr(one, name) != getattr(other, name))
