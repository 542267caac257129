"""Notices by e-mail: tasks, comments, what waits for review, and what became of what one submitted.

Whoever calls a verb on behalf of a person calls these in the same transaction. The verbs themselves do not, since the
loader and scripts use them for hundreds of records that nobody wants mail about. A notice is a message of the outbox,
one for each person: it is there if, and only if, the work it tells of was done.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from django.conf import settings
from django.db.models import QuerySet

from failure_lessons.accounts.models import User
from failure_lessons.outbox.services import queue_for_the_day, queue_message
from failure_lessons.publishing.addresses import site_path
from failure_lessons.workbench.models import Comment

if TYPE_CHECKING:
    from failure_lessons.publishing.models import Publishable

BACKEND = "django.contrib.auth.backends.ModelBackend"
MOST_NAMED = 50  # records named in one message


def edit_address(record: Publishable) -> str:
    """Where a record is edited, in full."""
    name = f"admin:{record._meta.app_label}_{record._meta.model_name}_change"
    return settings.SITE_URL + site_path(name, record.pk)


def select_recipients(people: QuerySet[User]) -> QuerySet[User]:
    """Those of them who can sign in, have an address and want notices."""
    return people.filter(is_active=True, is_staff=True).exclude(notices=User.Notices.NONE).exclude(email="")


def find_reviewers() -> Iterable[User]:
    """Everybody who may return or publish a record."""
    found = {
        person.pk: person
        for permission in ("publishing.review_record", "publishing.publish_record")
        for person in select_recipients(User.objects.with_perm(permission, backend=BACKEND))
    }
    return found.values()


def tell_reviewers(*, records: Sequence[Publishable], by: User, note: str = "") -> None:
    """These records were submitted."""
    if not records:
        return
    what = str(records[0]) if len(records) == 1 else f"{len(records)} records"
    lines = [f"{by} submitted {'this' if len(records) == 1 else 'these'} for review:", ""]
    lines += [f"{record}\n{edit_address(record)}\n" for record in records[:MOST_NAMED]]
    if len(records) > MOST_NAMED:
        lines.append(f"and {len(records) - MOST_NAMED} more.")
    if note:
        lines += ["", f"They say: {note}"]
    send_notices(
        [person for person in find_reviewers() if person.pk != by.pk], "submitted", f"For review: {what}", lines
    )


def tell_author(*, record: Publishable, author: User | None, by: User, deed: str, note: str = "") -> None:
    """Their record was returned, published, corrected or withdrawn (`deed`, such as “Returned”), and why."""
    if author is not None and not author.is_active:
        author = author.successor  # who has taken over
    if author is None or author.pk == by.pk or not select_recipients(User.objects.filter(pk=author.pk)).exists():
        return
    lines = [f"{deed} by {by}: {record}", edit_address(record)]
    if note:
        lines += ["", note]
    if remarks := list(Comment.objects.about(record).open().select_related("by")[:MOST_NAMED]):
        lines += ["", "Comments that wait for you:"]
        lines += [f"- {remark.by}{f' on {remark.place}' if remark.place else ''}: {remark.text}" for remark in remarks]
    send_notices([author], "decided", f"{deed}: {record}", lines)


def send_notices(people: Sequence[User], purpose: str, subject: str, lines: Sequence[str]) -> None:
    """One message each in the outbox, or a place in their mail of the day: there if the transaction ends well."""
    footer = [
        "",
        "On the first page of the workbench you choose whether you get these at once, once a day or never:",
        settings.SITE_URL + site_path("admin:index"),
    ]
    for person in people:
        if person.notices == User.Notices.DAILY:
            queue_for_the_day(
                purpose="daily", recipient=person.email, subject=subject, lines=list(lines), footer=footer
            )
        else:
            queue_message(purpose=purpose, recipient=person.email, subject=subject, lines=[*lines, *footer])
