"""Comments in the admin: colleagues talk about a record on the page where it is edited."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import URLPattern

from failure_lessons.accounts.signed_in import signed_in_user
from failure_lessons.workbench.form_anchors import form_address, form_anchor, list_form_places
from failure_lessons.workbench.mentions import find_named_people, tell_of_comment
from failure_lessons.workbench.models import Comment
from failure_lessons.workbench.parts import AdminPart
from failure_lessons.workbench.services import (
    UNDER_WAY,
    CannotComment,
    add_comment,
    list_rows_of,
    reply_to_comment,
    resolve_comment,
    stands_there,
)
from failure_lessons.workbench.task_pages import colleagues_of_page

if TYPE_CHECKING:
    from failure_lessons.publishing.models import Publishable

COMMENTS_SHOWN = 200  # comments on one page
ROWS_OFFERED = 100  # rows of each part that a comment can be about
LONGEST_ROW_NAME = 60  # of a row, which is told in full where it stands


@dataclass
class Remark:
    """A comment as its record's form shows it: what its place is called and where that is, and what was answered."""

    comment: Comment
    place: str
    url: str
    resolve: str
    reply: str
    has_words: bool  # whether the words that it is about still stand there
    replies: list[Comment] = field(default_factory=list)


@dataclass(frozen=True)
class PlaceOfForm:
    """A place that a comment can be about, and its rows as (value, name)."""

    name: str
    label: str
    rows: list[tuple[str, str]]


class CommentPages(AdminPart):
    """What colleagues say about a record. Whoever may see the record may comment."""

    def urls(self) -> list[URLPattern]:
        return [
            self.make_path("<int:pk>/comments/", self.comment_view, self.name_page("comment")),
            self.make_path("<int:pk>/comments/<int:number>/reply/", self.reply_view, self.name_page("reply")),
            self.make_path("<int:pk>/comments/<int:number>/resolve/", self.resolve_view, self.name_page("resolve")),
        ]

    def form_context(self, request: HttpRequest, record: Publishable) -> dict[str, object]:
        """What the change form shows of the talk about a record."""
        under_way = record.state in UNDER_WAY
        places = self.list_places(request, record)
        remarks = self.list_remarks(record, places)
        return {
            "open_remarks": [remark for remark in remarks if remark.comment.resolved_at is None],
            "resolved_remarks": [remark for remark in remarks if remark.comment.resolved_at is not None],
            "comment_places": places,
            "comment_url": self.page_url("comment", record.pk) if under_way else "",
            "colleagues": [each.get_username() for each in colleagues_of_page(request)] if under_way else [],
        }

    def list_places(self, request: HttpRequest, record: Publishable) -> list[PlaceOfForm]:
        """The fields and parts of the form, each part with its rows."""
        return [
            PlaceOfForm(
                name,
                label,
                [
                    (f"{name}:{row.pk}", str(row)[:LONGEST_ROW_NAME])
                    for row in list_rows_of(record, name)[:ROWS_OFFERED]
                ],
            )
            for name, label in list_form_places(self.admin, request, record)
        ]

    def list_remarks(self, record: Publishable, places: list[PlaceOfForm]) -> list[Remark]:
        """The newest comments on a record with their answers, the oldest of them first."""
        known = {place.name: place for place in places}
        threads = Comment.objects.about(record).filter(parent=None).select_related("by", "resolved_by")
        shown = list(threads.order_by("-pk")[:COMMENTS_SHOWN])[::-1]
        answers: dict[int | None, list[Comment]] = defaultdict(list)
        for answer in Comment.objects.filter(parent__in=shown).select_related("by"):
            answers[answer.parent_id].append(answer)
        found = []
        for each in shown:
            place = known.get(each.place)
            value = f"{each.place}:{each.row}"
            rows = [row for row, _ in place.rows] if place else []
            label = place.label if place else each.place
            anchor = form_anchor(self.model, each.place)
            if each.row is not None and place:
                label = f"{label}: {dict(place.rows).get(value, 'a row that is gone')}"
                anchor = f"#{each.place}-{rows.index(value)}" if value in rows else anchor
            found.append(
                Remark(
                    each,
                    label,
                    anchor,
                    self.page_url("resolve", record.pk, each.pk),
                    self.page_url("reply", record.pk, each.pk) if record.state in UNDER_WAY else "",
                    not each.words or stands_there(record, each.place, each.row, each.words),
                    answers[each.pk],
                )
            )
        return found

    def get_record_of_post(self, request: HttpRequest, pk: int) -> Publishable:
        """The record, for somebody who sends something about it."""
        if request.method != "POST":
            raise PermissionDenied
        return self.get_visible_record(request, pk)

    def comment_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Take a comment. What cannot be taken comes back with what was written."""
        record = self.get_record_of_post(request, pk)
        place, _, row = request.POST.get("place", "").partition(":")
        try:
            if place and place not in dict(list_form_places(self.admin, request, record)):
                raise CannotComment("Choose a place from the list.")
            if row and not (row.isascii() and row.isdigit() and len(row) < 18):
                raise CannotComment("Choose a place from the list.")
            comment = add_comment(
                record=record,
                by=signed_in_user(request),
                text=request.POST.get("text", ""),
                place=place,
                row=int(row) if row else None,
                words=request.POST.get("words", ""),
            )
        except CannotComment as refusal:
            return self.show_refused(request, record, str(refusal))
        self.say_who_is_told(request, record, comment, "Your comment is there for your colleagues.")
        return HttpResponseRedirect(form_address(record) + "#comments")

    def reply_view(self, request: HttpRequest, pk: int, number: int) -> HttpResponse:
        """Take an answer to a comment."""
        record = self.get_record_of_post(request, pk)
        asked = get_object_or_404(Comment.objects.about(record), pk=number)
        try:
            made = reply_to_comment(
                comment=asked, record=record, by=signed_in_user(request), text=request.POST.get("text", "")
            )
        except CannotComment as refusal:
            return self.show_refused(request, record, str(refusal), asked)
        self.say_who_is_told(request, record, made, "Your answer is there for your colleagues.")
        return HttpResponseRedirect(form_address(record) + "#comments")

    def show_refused(
        self, request: HttpRequest, record: Publishable, reason: str, answers: Comment | None = None
    ) -> HttpResponse:
        """What was written, to be mended and sent again."""
        context = {
            **self.page_context(request),
            "title": "Comment",
            "original": record,
            "reason": reason,
            "answers": answers,
            "comment_places": self.list_places(request, record),
            "comment_url": request.path,
            "colleagues": [each.get_username() for each in colleagues_of_page(request)],
            "sent": {name: request.POST.get(name, "") for name in ("place", "words", "text")},
            "change_url": form_address(record),
        }
        return render(request, "admin/workbench/comment.html", context, status=422)

    def say_who_is_told(self, request: HttpRequest, record: Publishable, comment: Comment, done: str) -> None:
        """Tell those whom a comment concerns, and its author whom it reached."""
        named, unknown = find_named_people(comment.text, type(record))
        told = tell_of_comment(comment=comment, record=record, named=named)
        who = f" Told of it: {', '.join(told)}." if told else ""
        messages.success(request, f"{done} Readers never see it.{who}")
        if unknown:
            names = ", ".join(f"@{name}" for name in unknown)
            messages.warning(
                request, f"Nobody who may see this record is called {names}: nobody was told for that name."
            )

    def resolve_view(self, request: HttpRequest, pk: int, number: int) -> HttpResponse:
        """Settle a comment."""
        record = self.get_record_of_post(request, pk)
        resolve_comment(
            comment=get_object_or_404(Comment.objects.about(record).filter(parent=None), pk=number),
            by=signed_in_user(request),
        )
        messages.success(request, "Resolved.")
        return HttpResponseRedirect(form_address(record) + "#comments")
