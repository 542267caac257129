"""The verbs of comments: say something about a record under way, and settle it."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.db import models, transaction
from django.utils import timezone

from failure_lessons.workbench.models import Comment, KeptWords

if TYPE_CHECKING:
    from failure_lessons.accounts.models import User
    from failure_lessons.publishing.models import Publishable
    from failure_lessons.workbench.form_merge import KeptField

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


def keep_words(
    *, record_id: uuid.UUID, form: models.Model, fields: Iterable[KeptField], by: User, now: dt.datetime | None = None
) -> list[KeptWords]:
    """Keep what somebody wrote where somebody else's words stand, until they have dealt with it."""
    return KeptWords.objects.bulk_create(
        KeptWords(
            record_id=record_id,
            model=form._meta.label_lower,
            row=form.pk,
            place=each.place[:120],
            label=each.label[:300],
            words=each.words,
            theirs=each.theirs,
            author=by,
            at=now or timezone.now(),
        )
        for each in fields
    )


def settle_words(*, words: KeptWords, by: User, now: dt.datetime | None = None) -> None:
    """Say that one has dealt with one's own kept words."""
    KeptWords.objects.waiting_for(by).filter(pk=words.pk).update(settled_at=now or timezone.now())
