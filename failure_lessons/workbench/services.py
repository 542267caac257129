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
LONGEST_WORDS_QUOTED = 500  # characters of what it is about


class CannotComment(Exception):
    """The comment is not taken; the message says why."""


@transaction.atomic
def add_comment(
    *, record: Publishable, by: User, text: str, place: str = "", row: int | None = None, words: str = ""
) -> Comment:
    """Say something about a record, a `place` in it (a field or a part), a `row` of that, or `words` that stand there.

    Raises `CannotComment` when it says nothing or too much, when the record is neither a draft nor in review, or when
    there is no such row or the words do not stand there.
    """
    text = clean_comment(record, text)
    words = " ".join(words.replace("\0", "").split())
    if len(words) > LONGEST_WORDS_QUOTED:
        raise CannotComment(f"Name at most {LONGEST_WORDS_QUOTED} characters of the words that it is about.")
    if row is not None and not find_row(record, place, row):
        raise CannotComment("That row is no longer there: choose the place again.")
    if words and not stands_there(record, place, row, words):
        raise CannotComment("These words do not stand there: copy them from the place that you chose.")
    made = Comment(record_id=record.record_id, model=record._meta.label_lower, place=place, row=row, words=words)
    made.text, made.by, made.at = text, by, timezone.now()
    made.save()
    return made


@transaction.atomic
def reply_to_comment(*, comment: Comment, record: Publishable, by: User, text: str) -> Comment:
    """Answer a comment; whoever answers an answer answers what that answered."""
    text = clean_comment(record, text)
    if comment.resolved_at is not None:
        raise CannotComment("This comment was resolved meanwhile: add a new one.")
    return Comment.objects.create(
        record_id=comment.record_id,
        model=comment.model,
        parent=comment.parent or comment,
        text=text,
        by=by,
        at=timezone.now(),
    )


def clean_comment(record: Publishable, text: str) -> str:
    """A comment without what no database keeps. Raises `CannotComment` when it cannot be taken."""
    text = text.replace("\0", "").strip()
    if not text:
        raise CannotComment("Write the comment first.")
    if len(text) > LONGEST_COMMENT:
        raise CannotComment(f"A comment has at most {LONGEST_COMMENT} characters; this one has {len(text)}.")
    state = type(record)._default_manager.filter(pk=record.pk).values_list("state", flat=True).first()
    if state not in UNDER_WAY:
        raise CannotComment("Comments are for what is under way: drafts and records in review.")
    return text


def list_rows_of(record: models.Model, place: str) -> list[models.Model]:
    """The rows of a part of a record; none where the place is a field."""
    part = getattr(record, place, None) if place else None
    return list(part.all()) if isinstance(part, models.Manager) else []


def find_row(record: models.Model, place: str, number: int) -> models.Model | None:
    """The row with this number in a part of a record."""
    return next((row for row in list_rows_of(record, place) if row.pk == number), None)


def stands_there(record: models.Model, place: str, row: int | None, words: str) -> bool:
    """Whether words stand in a place of a record: in that field, that row, any row of the part, or anywhere in it."""
    found = find_row(record, place, row) if row is not None else None
    within: list[models.Model] = [found] if found else list_rows_of(record, place) or [record]
    own = getattr(record, place, None) if place and within == [record] else None
    texts = [own] if isinstance(own, str) else [text for each in within for text in vars(each).values()]
    return any(words in " ".join(text.split()) for text in texts if isinstance(text, str))


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
