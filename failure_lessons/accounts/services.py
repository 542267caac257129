"""The verbs of accounts: note a sign-in, send a link for a password, choose the password."""

from __future__ import annotations

import datetime as dt
import logging

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from failure_lessons.accounts.client_address import text_of_client
from failure_lessons.accounts.models import PasswordLink, SignIn, User
from failure_lessons.outbox.models import Message
from failure_lessons.outbox.services import queue_message

log = logging.getLogger(__name__)

INVITED, FORGOTTEN = PasswordLink.Purpose.INVITED, PasswordLink.Purpose.FORGOTTEN
LIFETIMES = {INVITED: dt.timedelta(days=7), FORGOTTEN: dt.timedelta(hours=2)}
SUBJECTS = {
    INVITED: f"You are invited to the workbench of {settings.SITE.name}",
    FORGOTTEN: f"Choose a new password for {settings.SITE.name}",
}
OPENINGS = {
    INVITED: "{by} invites you to work on {site} as {name}. Choose a password here, within 7 days:",
    FORGOTTEN: "Somebody, probably you, asked for a new password for {name}. Choose it here, within 2 hours:",
}
CLOSINGS = {
    INVITED: "If you do not know what this is about, do nothing: the link ends by itself.",
    FORGOTTEN: "If it was not you, do nothing: your password stays as it is. The link opens once.",
}
LONGEST_TYPED = 64
SECRET_PLACE = "SECRET"  # noqa: S105  # where the outbox puts the secret into the address


class CannotChoose(Exception):
    """The link opens nothing any more."""


def note_sign_in(
    *,
    request: HttpRequest,
    account: User | None,
    outcome: SignIn.Outcome,
    way: SignIn.Way = SignIn.Way.PASSWORD,
    now: dt.datetime | None = None,
) -> SignIn:
    """Write down a sign-in or an attempt at one. What was typed is not kept: it may be a password in the wrong box."""
    address = text_of_client(request)
    log.info("Sign-in of account %s from %s: %s", account.pk if account else "unknown", address, outcome)
    return SignIn.objects.create(
        account=account,
        at=now or timezone.now(),
        address=address,
        browser=request.headers.get("User-Agent", "").replace("\0", "")[:200],
        way=way,
        outcome=outcome,
    )


@transaction.atomic
def send_password_link(
    *, account: User, purpose: PasswordLink.Purpose, by: User | None = None, now: dt.datetime | None = None
) -> PasswordLink:
    """Write a mail with a link by which this account chooses a password. The secret is made when the mail leaves."""
    now = now or timezone.now()
    path = reverse("choose_password", args=[SECRET_PLACE]).replace(SECRET_PLACE, "{secret}")
    opening = OPENINGS[purpose].format(
        by=by.get_full_name() or by if by else "A steward", name=account.get_username(), site=settings.SITE.name
    )
    message = queue_message(
        purpose=f"password-{purpose}",
        recipient=account.email,
        subject=SUBJECTS[purpose],
        lines=[opening, "", "{link}", "", CLOSINGS[purpose]],
        link=path,
        now=now,
    )
    return PasswordLink.objects.create(
        account=account, purpose=purpose, message=message, made_at=now, expires_at=now + LIFETIMES[purpose]
    )


def find_link(secret: str, now: dt.datetime) -> QuerySet[PasswordLink]:
    """The link that this secret opens now."""
    return PasswordLink.objects.open(now).sent_in(Message.objects.holding_secret(secret[:LONGEST_TYPED]))


@transaction.atomic
def choose_password(*, secret: str, password: str, now: dt.datetime | None = None) -> User:
    """Set the password of whoever holds this secret. It opens once, and so ends all other links of that account."""
    now = now or timezone.now()
    link = find_link(secret, now).select_for_update(of=("self",)).first()
    if link is None:
        raise CannotChoose
    account = link.account
    PasswordLink.objects.open(now).filter(account=account).update(used_at=now)
    account.set_password(password)  # every session of theirs ends with the old one
    account.save(update_fields=["password"])
    return account
