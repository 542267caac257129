"""Comments in the admin: colleagues talk about a record on the page where it is edited."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import URLPattern

from failure_lessons.accounts.signed_in import signed_in_user
from failure_lessons.workbench.form_anchors import form_address, form_anchor, list_form_places
from failure_lessons.workbench.models import Comment
from failure_lessons.workbench.parts import AdminPart
from failure_lessons.workbench.services import UNDER_WAY, CannotComment, add_comment, resolve_comment

if TYPE_CHECKING:
    from failure_lessons.publishing.models import Publishable

COMMENTS_SHOWN = 200  # comments on one page


class CommentPages(AdminPart):
    """What colleagues say about a record. Whoever may see the record may comment."""

    def urls(self) -> list[URLPattern]:
        return [
            self.make_path("<int:pk>/comments/", self.comment_view, self.name_page("comment")),
            self.make_path("<int:pk>/comments/<int:number>/resolve/", self.resolve_view, self.name_page("resolve")),
        ]

    def form_context(self, request: HttpRequest, record: Publishable) -> dict[str, object]:
        """What the change form shows of the talk about a record."""
        where = list_form_places(self.admin, request, record)
        names = dict(where)
        rows = list(Comment.objects.about(record).select_related("by", "resolved_by").order_by("-pk")[:COMMENTS_SHOWN])[
            ::-1
        ]
        shown: list[tuple[Comment, dict[str, object]]] = [
            (
                each,
                {
                    "comment": each,
                    "place": names.get(each.place, each.place),
                    "url": form_anchor(self.model, each.place),
                    "resolve": self.page_url("resolve", record.pk, each.pk),
                },
            )
            for each in rows
        ]
        return {
            "open_remarks": [remark for each, remark in shown if each.resolved_at is None],
            "resolved_remarks": [remark for each, remark in shown if each.resolved_at is not None],
            "comment_places": where,
            "comment_url": self.page_url("comment", record.pk) if record.state in UNDER_WAY else "",
        }

    def get_visible_record(self, request: HttpRequest, pk: int) -> Publishable:
        """The record, for somebody who sends something about it."""
        record: Publishable = get_object_or_404(self.model, pk=pk)
        if request.method != "POST" or not self.admin.has_view_permission(request, record):
            raise PermissionDenied
        return record

    def comment_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Take a comment."""
        record = self.get_visible_record(request, pk)
        place = request.POST.get("place", "")
        try:
            if place and place not in dict(list_form_places(self.admin, request, record)):
                raise CannotComment("Choose a place from the list.")
            add_comment(record=record, by=signed_in_user(request), text=request.POST.get("text", ""), place=place)
        except CannotComment as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, "Your comment is there for your colleagues. Readers never see it.")
        return HttpResponseRedirect(form_address(record) + "#comments")

    def resolve_view(self, request: HttpRequest, pk: int, number: int) -> HttpResponse:
        """Settle a comment."""
        record = self.get_visible_record(request, pk)
        resolve_comment(comment=get_object_or_404(Comment.objects.about(record), pk=number), by=signed_in_user(request))
        messages.success(request, "Resolved.")
        return HttpResponseRedirect(form_address(record) + "#comments")
