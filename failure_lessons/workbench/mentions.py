"""Colleagues named in a comment with @, and who is told of it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

from failure_lessons.accounts.models import User
from failure_lessons.workbench.models import Comment
from failure_lessons.workbench.notices import edit_address, select_recipients, send_notices
from failure_lessons.workbench.task_models import ENDED_BY_EDITIONS, Task

if TYPE_CHECKING:
    from failure_lessons.publishing.models import Publishable

# not within an address, and without the full stop that ends a sentence
MENTION = re.compile(r"(?<![\w.@+-])@([\w.+-]*\w(?:@[\w.-]*\w)?)")
MOST_NAMES = 20  # in one comment


def find_named_people(text: str, model: type[Publishable]) -> tuple[list[User], list[str]]:
    """The people whom a comment names and who may see records of this kind; and names that are nobody's of these."""
    names = list(dict.fromkeys(name.casefold() for name in MENTION.findall(text)))[:MOST_NAMES]
    if not names:
        return [], []
    permission = f"{model._meta.app_label}.view_{model._meta.model_name}"
    people = {
        person.get_username().casefold(): person
        for person in User.objects.filter(is_active=True, is_staff=True)
        if person.get_username().casefold() in names and person.has_perm(permission)
    }
    return list(people.values()), [name for name in names if name not in people]


def find_listeners(comment: Comment, record: Publishable) -> set[int]:
    """Whom a comment concerns unasked: who writes, reviews or submitted the record, and who spoke in its thread."""
    thread = comment.parent
    concerned: Iterable[int | None] = [
        record.submitted_by_id,
        *Task.objects.about([record]).open().filter(job__in=ENDED_BY_EDITIONS).values_list("person", flat=True),
        *([thread.by_id, *thread.replies.values_list("by", flat=True)] if thread else []),
    ]
    return {pk for pk in concerned if pk is not None}


def tell_of_comment(*, comment: Comment, record: Publishable, named: Iterable[User]) -> list[str]:
    """Notices for those whom a comment names or concerns, but its author; returns who they are."""
    names = {person.pk for person in named}
    wanted = (names | find_listeners(comment, record)) - {comment.by_id}
    people = list(select_recipients(User.objects.filter(pk__in=wanted)).order_by("username"))
    about = [f"On “{comment.words}”:", ""] if comment.words else []
    if comment.parent:
        about = [f"{comment.parent.by} had written: {comment.parent.text}", ""]
    lines = [*about, comment.text, "", str(record), f"{edit_address(record)}#comments"]
    deed = "answered" if comment.parent else "commented"
    for person in people:
        heading = f"{comment.by} {'named you' if person.pk in names else deed}: {record}"
        send_notices([person], "commented", heading, lines)
    return [str(person) for person in people]
