"""Comments in the admin: colleagues talk about a record on the page where it is edited."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse

from failure_lessons.workbench.form_anchors import form_address, form_anchor, list_form_places
from failure_lessons.workbench.models import Comment
from failure_lessons.workbench.services import UNDER_WAY, CannotComment, add_comment, resolve_comment

if TYPE_CHECKING:
    from failure_lessons.accounts.models import User
    from failure_lessons.publishing.models import Publishable

COMMENTS_SHOWN = 200  # comments on one page


class CommentedAdmin(admin.ModelAdmin):
    """An admin for a record that colleagues comment on. Whoever may see the record may comment."""

    def get_urls(self) -> list[URLPattern]:
        name = f"{self.opts.app_label}_{self.opts.model_name}"
        return [
            path("<int:pk>/comments/", self.admin_site.admin_view(self.comment_view), name=f"{name}_comment"),
            path(
                "<int:pk>/comments/<int:number>/resolve/",
                self.admin_site.admin_view(self.resolve_view),
                name=f"{name}_resolve",
            ),
            *super().get_urls(),
        ]

    def comments_context(self, request: HttpRequest, record: Publishable) -> dict[str, Any]:
        """What the change form shows of the talk about a record."""
        where = list_form_places(self, request, record)
        names = dict(where)
        rows = list(Comment.objects.about(record).select_related("by", "resolved_by").order_by("-pk")[:COMMENTS_SHOWN])[
            ::-1
        ]
        name = f"admin:{self.opts.app_label}_{self.opts.model_name}"
        shown: list[dict[str, Any]] = [
            {
                "comment": each,
                "place": names.get(each.place, each.place),
                "url": form_anchor(self.model, each.place),
                "resolve": reverse(f"{name}_resolve", args=[record.pk, each.pk]),
            }
            for each in rows
        ]
        return {
            "open_remarks": [each for each in shown if each["comment"].resolved_at is None],
            "resolved_remarks": [each for each in shown if each["comment"].resolved_at is not None],
            "comment_places": where,
            "comment_url": reverse(f"{name}_comment", args=[record.pk]) if record.state in UNDER_WAY else "",
        }

    def get_visible_record(self, request: HttpRequest, pk: int) -> Any:
        """The record, for somebody who sends something about it."""
        record = get_object_or_404(self.model, pk=pk)
        if request.method != "POST" or not self.has_view_permission(request, record):
            raise PermissionDenied
        return record

    def comment_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Take a comment."""
        record = self.get_visible_record(request, pk)
        place = request.POST.get("place", "")
        try:
            if place and place not in dict(list_form_places(self, request, record)):
                raise CannotComment("Choose a place from the list.")
            add_comment(record=record, by=cast("User", request.user), text=request.POST.get("text", ""), place=place)
        except CannotComment as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, "Your comment is there for your colleagues. Readers never see it.")
        return HttpResponseRedirect(form_address(record) + "#comments")

    def resolve_view(self, request: HttpRequest, pk: int, number: int) -> HttpResponse:
        """Settle a comment."""
        record = self.get_visible_record(request, pk)
        resolve_comment(
            comment=get_object_or_404(Comment.objects.about(record), pk=number), by=cast("User", request.user)
        )
        messages.success(request, "Resolved.")
        return HttpResponseRedirect(form_address(record) + "#comments")
