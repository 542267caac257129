"""Following by mail: what was asked is done by the worker, which tells each follower what changed, once.

Nobody is told anything before the address was confirmed by a button on a page; a link merely opened does nothing.
Links are signed at sending (`outbox`), so that no secret of them is kept anywhere.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence

from django.conf import settings
from django.core import signing
from django.db import transaction
from django.utils import timezone

from failure_lessons.feeds.changes import LedgerChange, wrap_revisions
from failure_lessons.intake.models import Following, FollowRequest, HowOften
from failure_lessons.intake.services import PURPOSES
from failure_lessons.intake.targets import CannotFollowThis, Target, find_target
from failure_lessons.library.list_query import CannotAsk
from failure_lessons.outbox.models import LINK_SALT, Message
from failure_lessons.outbox.services import queue_message
from failure_lessons.publishing.ledger_queries import LedgerEntryQuerySet
from failure_lessons.publishing.models import Edition, LedgerEntry

UNCONFIRMED = dt.timedelta(days=7)  # after which an address that nobody confirmed is forgotten
MOST_ASKED = 3  # mails that ask one address to confirm, a day
MOST_FOLLOWED = 100  # things that one address follows
MOST_TOLD = 20  # changes in one mail
MORNING = 7  # o'clock in London: from then on daily and weekly mail goes out
DAYS = {HowOften.DAILY: 1, HowOften.WEEKLY: 7}
CONFIRM_PURPOSE, TELL_PURPOSE = "following-confirm", "following-told"


def read_link(secret: str, act: str) -> tuple[uuid.UUID, str] | None:
    """Which following a link is for, and the title it was made with; None for anything else."""
    days = UNCONFIRMED if act == FollowRequest.Act.CONFIRM else None
    try:
        said, key, title = signing.loads(secret, salt=LINK_SALT, max_age=days)
        return (uuid.UUID(key), str(title)) if said == act else None
    except (signing.BadSignature, ValueError, TypeError):
        return None


def do_requests(now: dt.datetime | None = None) -> int:
    """Do what was asked, the oldest first. Returns how many requests there were."""
    moment, number = now or timezone.now(), 0
    while True:
        with transaction.atomic():
            request = FollowRequest.objects.select_for_update(skip_locked=True).first()
            if request is None:
                return number
            if request.act == FollowRequest.Act.FOLLOW:
                begin_following(request, moment)
            elif request.act == FollowRequest.Act.CONFIRM:
                confirm_following(request.following, moment)
            else:
                leave_following(request.following)
            request.delete()
            number += 1


def begin_following(request: FollowRequest, now: dt.datetime) -> None:
    """Note what somebody wants to follow, and ask the address whether that is so; not more often than is decent."""
    try:
        target = find_target(request.address)
    except CannotFollowThis:
        return
    email = request.email.lower()
    if Following.objects.filter(email=email).count() >= MOST_FOLLOWED:
        return
    row, _ = Following.objects.get_or_create(
        email=email,
        address=target.address,
        defaults={
            "record": target.record,
            "title": target.title,
            "how_often": request.how_often,
            "asked_at": now,
            "told_at": now,
        },
    )
    asked = Message.objects.filter(purpose=CONFIRM_PURPOSE, recipient=email, created_at__gt=now - dt.timedelta(days=1))
    if row.confirmed_at or asked.count() >= MOST_ASKED:
        return
    Following.objects.filter(pk=row.pk).update(how_often=request.how_often, asked_at=now)
    ask_to_confirm(row, target, now)


def ask_to_confirm(row: Following, target: Target, now: dt.datetime) -> None:
    """The first mail. It holds no word that somebody typed: it may go to an address that is not theirs."""
    queue_message(
        purpose=CONFIRM_PURPOSE,
        recipient=row.email,
        subject=f"Do you want to follow this on {settings.SITE.name}?",
        lines=[
            "Somebody, perhaps you, asked that this address be told when something changes:",
            "",
            target.plain,
            "",
            "If you want that, open this page and press the button. The link holds for a week.",
            "{link}",
            "",
            "If you did not ask for it, do nothing: you will hear no more of it.",
        ],
        link="/follow/confirm/{secret}/",
        signs=[FollowRequest.Act.CONFIRM, str(row.pk), target.title],
        now=now,
    )


def confirm_following(key: uuid.UUID | None, now: dt.datetime) -> None:
    """From now on this follower is told."""
    head = LedgerEntry.objects.head()
    Following.objects.filter(pk__in=[key], confirmed_at=None).update(
        confirmed_at=now, told_at=now, seen_revision=head.number if head else 0, seen_day=timezone.localdate(now)
    )


def leave_following(key: uuid.UUID | None) -> None:
    """Forget a following, and the mail that was sent for it where the address follows nothing else."""
    row = Following.objects.filter(pk__in=[key]).first()
    if row is None:
        return
    row.delete()
    if not Following.objects.filter(email=row.email).exists():
        ours = Message.objects.filter(recipient__iexact=row.email, purpose__startswith=PURPOSES[1])
        ours.exclude(state=Message.State.SENDING).delete()


def is_due(row: Following, now: dt.datetime) -> bool:
    """Whether this follower is told now, by the clock of London."""
    if row.how_often == HowOften.AT_ONCE:
        return True
    here = timezone.localtime(now)
    days = (here.date() - timezone.localdate(row.told_at)).days
    return here.hour >= MORNING and days >= DAYS[HowOften(row.how_often)]


def tell_followers(now: dt.datetime | None = None) -> int:
    """Tell everybody who is due what changed and what became overdue since. Returns how many mails were written."""
    moment = now or timezone.now()
    head = LedgerEntry.objects.head()
    if head is None:
        return 0
    behind = Following.objects.behind(head.number, timezone.localdate(moment))
    keys = [row.pk for row in behind if is_due(row, moment)]
    return sum(tell_follower(key, head.number, moment) for key in keys)


@transaction.atomic
def tell_follower(key: uuid.UUID, revision: int, now: dt.datetime) -> bool:
    """Write the mail to one follower, in the transaction that notes what they have seen."""
    day = timezone.localdate(now)
    rows = Following.objects.behind(revision, day).select_for_update(skip_locked=True)
    row = rows.filter(pk=key).first()
    if row is None:
        return False
    changes, overdue = list_news(row, revision), list_overdue(row, day)
    Following.objects.filter(pk=key).update(seen_revision=revision, seen_day=day, told_at=now)
    if not (changes or overdue):
        return False
    queue_message(
        purpose=TELL_PURPOSE,
        recipient=row.email,
        subject=f"{'Changed' if changes else 'Overdue'}: {row.title}",
        lines=describe_news(row, changes, overdue),
        link="/follow/leave/{secret}/",
        signs=[FollowRequest.Act.LEAVE, str(row.pk), row.title],
        leaves=True,
        now=now,
    )
    return True


def list_news(row: Following, revision: int) -> list[LedgerChange]:
    """What changed since the follower was told, the newest first; one more than is told says that there is more."""
    try:
        rows = find_changes(row)
    except (CannotFollowThis, CannotAsk):  # a vocabulary has changed: what was asked for means nothing any more
        return []
    found = rows.after(row.seen_revision).up_to(revision).with_headlines().order_by("-number")
    return wrap_revisions(found[: MOST_TOLD + 1])


def list_overdue(row: Following, day: dt.date) -> list[Edition]:
    """Dossiers that became overdue since the follower was told, without a publication: each of their days once."""
    try:
        target = Target("", "", "", record=row.record) if row.record else find_target(row.address)
        rows = target.list_awaited(day)
    except (CannotFollowThis, CannotAsk):
        return []
    late = rows.filter(due_on__gte=row.seen_day, due_on__lt=day).without_text()
    return list(late.order_by("due_on", "sort_key", "pk")[: MOST_TOLD + 1])


def find_changes(row: Following) -> LedgerEntryQuerySet:
    """The changes of the library that a follower wants to hear of; of a record, its withdrawal too."""
    return LedgerEntry.objects.of_record(row.record) if row.record else find_target(row.address).list_changes()


def describe_news(row: Following, changes: Sequence[LedgerChange], overdue: Sequence[Edition]) -> list[str]:
    """The mail's lines."""
    lines = [f"You follow: {row.title}", f"{settings.SITE_URL}{row.address}", ""]
    for each in overdue[:MOST_TOLD]:
        lines.append(f"Overdue: {each.title}")
        lines += [f"  An answer was due by {each.due_on:%-d %B %Y}, and we know of none."]
        lines += [f"  {settings.SITE_URL}{each.get_absolute_url()}", ""]
    for change in changes[:MOST_TOLD]:
        lines.append(f"{change.words}: {change.title}")
        if note := " ".join(change.note.split()):
            lines.append(f"  {note}")
        lines += [f"  {settings.SITE_URL}{change.page_path}", ""]
    if len(overdue) > MOST_TOLD:
        lines += [f"More is overdue: see {settings.SITE_URL}/follow-up/overdue/", ""]
    if len(changes) > MOST_TOLD:
        lines += [f"There is more: see {settings.SITE_URL}/changes/", ""]
    return [*lines, "To leave, open this page and press the button:", "{link}"]


def forget_unconfirmed(now: dt.datetime | None = None) -> int:
    """Forget addresses that nobody confirmed. Returns how many followings."""
    return Following.objects.stale((now or timezone.now()) - UNCONFIRMED).delete()[0]
