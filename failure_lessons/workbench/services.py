"""The verbs of comments: say something about a record under way, and settle it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

from failure_lessons.workbench.models import Comment

if TYPE_CHECKING:
    from failure_lessons.accounts.models import User
    from failure_lessons.publishing.models import Publishable

UNDER_WAY = ("draft", "in-review")
LONGEST_COMMENT = 4000  # characters of a comment


class CannotComment(Exception):
    """The comment is not taken; the message says why."""


@transaction.atomic
def add_comment(*, record: Publishable, by: User, text: str, place: str = "") -> Comment:
    """Say something about a record, or about one `place` in it (a field or a list of its form).

    Raises `CannotComment` when it says nothing or too much, or when the record is neither a draft nor in review.
    """
    text = text.replace("\0", "").strip()
    if not text:
        raise CannotComment("Write the comment first.")
    if len(text) > LONGEST_COMMENT:
        raise CannotComment(f"A comment has at most {LONGEST_COMMENT} characters; this one has {len(text)}.")
    state = type(record)._default_manager.filter(pk=record.pk).values_list("state", flat=True).first()
    if state not in UNDER_WAY:
        raise CannotComment("Comments are for what is under way: drafts and records in review.")
    return Comment.objects.create(
        record_id=record.record_id, model=record._meta.label_lower, place=place, text=text, by=by, at=timezone.now()
    )


@transaction.atomic
def resolve_comment(*, comment: Comment, by: User) -> None:
    """Settle a comment. Whoever settles it first is named; a second time changes nothing."""
    Comment.objects.open().filter(pk=comment.pk).update(resolved_at=timezone.now(), resolved_by=by)
    comment.refresh_from_db()
