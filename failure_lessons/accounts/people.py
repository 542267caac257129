"""The verbs about people: invite, change roles, vouch, end and reopen an account, hand over its open work."""

from __future__ import annotations

import datetime as dt
import re
import secrets
from collections.abc import Collection, Sequence

from allauth.mfa.models import Authenticator
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from failure_lessons.accounts.models import PasswordLink, User
from failure_lessons.accounts.services import send_password_link
from failure_lessons.outbox.services import queue_message

MANAGE = "accounts.manage_people"
PARTNER = "partner"  # programs that read and send by API; nobody signs in by such an account
ADMINISTRATOR = "administrator"  # no group: a superuser
ALWAYS_GIVEN = {"researcher", "steward", PARTNER}  # a steward may give these: nothing of theirs reaches readers alone
NEW_SESSIONS = "sessions_ended_at"


class CannotManage(Exception):
    """This is not done to that account. `reasons` holds every reason, in sentences."""

    def __init__(self, reasons: Sequence[str]) -> None:
        super().__init__(" ".join(reasons))
        self.reasons = list(reasons)


def roles_to_give(by: User) -> QuerySet[Group]:
    """The roles that this person may give: what they have, and those that decide over nothing."""
    groups = Group.objects.order_by("name")
    if by.is_superuser:
        return groups
    if not by.has_perm(MANAGE):
        return groups.none()
    return groups.filter(name__in=ALWAYS_GIVEN) | groups.filter(user=by)


def is_vouched(account: User) -> bool:
    """Whether somebody beside its inviter knows who stands behind this account."""
    inviter = account.invited_by
    return inviter is None or inviter.is_superuser or account.vouched_by_id is not None


def may_vouch(by: User, account: User) -> bool:
    """Whether this person may say that they know who it is: neither is the other's invitation."""
    return (
        not is_vouched(account)
        and by.pk not in (account.pk, account.invited_by_id)
        and by.invited_by_id != account.invited_by_id
        and by.invited_by_id != account.pk
        and is_vouched(by)
        and (by.has_perm(MANAGE) or by.has_perm("publishing.publish_record"))
    )


def reasons_against_managing(account: User, by: User) -> list[str]:
    """Why this person may not change that account."""
    if not by.has_perm(MANAGE):
        return ["Only stewards and administrators manage people."]
    if account.pk == by.pk:
        return ["You cannot change your own account here; somebody else does."]
    if account.is_superuser and not by.is_superuser:
        return ["Only an administrator changes an administrator."]
    return []


def refuse_managing(*reasons: str) -> None:
    """Stop if there is any reason."""
    if reasons:
        raise CannotManage(reasons)


def refuse_roles(names: Collection[str], by: User) -> list[Group]:
    """The groups with these names. Stops at one that this person may not give."""
    groups = list(roles_to_give(by).filter(name__in=names).distinct())
    missing = set(names) - {group.name for group in groups}
    refuse_managing(*(f"You cannot give the role “{name}”: you do not have it." for name in sorted(missing)))
    return groups


def make_username(email: str) -> str:
    """A name that is free, from the part of the address before the @."""
    start = re.sub(r"[^\w.+-]", "", email.partition("@")[0].lower())[:40] or "person"
    name = start
    while User.objects.filter(username__iexact=name).exists():
        name = f"{start}-{secrets.token_hex(2)}"
    return name


@transaction.atomic
def invite_person(
    *, email: str, roles: Collection[str], by: User, name: str = "", now: dt.datetime | None = None
) -> User:
    """Make an account and send its owner a link, with which they choose a password. A partner signs in nowhere."""
    email = email.strip()
    if not by.has_perm(MANAGE):
        refuse_managing("Only stewards and administrators invite people.")
    try:
        validate_email(email)
    except ValidationError:
        refuse_managing(f"“{email}” is no e-mail address.")
    if not roles:
        refuse_managing("Choose a role.")
    if PARTNER in roles and len(roles) > 1:
        refuse_managing("A partner's account is for programs: it has no other role.")
    if User.objects.filter(email__iexact=email).exists():
        refuse_managing(f"There is an account with the address {email} already.")
    groups = refuse_roles(roles, by)
    first, _, last = name.strip().partition(" ")
    account = User(username=make_username(email), email=email, first_name=first[:150], last_name=last[:150])
    account.is_staff = PARTNER not in roles
    account.invited_by = by
    account.set_unusable_password()
    account.save()
    account.groups.set(groups)
    if account.is_staff:
        send_password_link(account=account, purpose=PasswordLink.Purpose.INVITED, by=by, now=now)
    return account


@transaction.atomic
def invite_again(*, account: User, by: User, now: dt.datetime | None = None) -> None:
    """Send the link once more, to the same address; the older ones end."""
    refuse_managing(*reasons_against_managing(account, by))
    if account.has_usable_password() or not account.is_active or not account.is_staff:
        refuse_managing(f"{account} does not wait for an invitation.")
    PasswordLink.objects.filter(account=account, used_at=None).update(used_at=now or timezone.now())
    send_password_link(account=account, purpose=PasswordLink.Purpose.INVITED, by=by, now=now)


@transaction.atomic
def change_roles(*, account: User, roles: Collection[str], by: User) -> None:
    """Give and take roles. What is taken may be any; what is given has to be one's own to give."""
    row = User.objects.select_for_update().get(pk=account.pk)
    refuse_managing(*reasons_against_managing(row, by))
    held = set(row.groups.values_list("name", flat=True))
    given = set(roles) - held
    if (PARTNER in roles) == row.is_staff:
        refuse_managing("A partner's account is for programs, and stays one; invite the person anew.")
    refuse_roles(given, by)
    row.groups.set(Group.objects.filter(name__in=set(roles)))
    end_sessions(account=row, by=by)


@transaction.atomic
def vouch_for(*, account: User, by: User) -> None:
    """Say that one knows who stands behind an account: from then on its inviter does not count as that person."""
    row = User.objects.select_for_update().get(pk=account.pk)
    if not may_vouch(by, row):
        refuse_managing("Somebody else than the inviter says so: a steward or publisher whom others know.")
    row.vouched_by = by
    row.save(update_fields=["vouched_by"])


@transaction.atomic
def end_sessions(*, account: User, by: User, now: dt.datetime | None = None) -> None:
    """Sign an account out everywhere, at once."""
    if account.pk != by.pk:
        refuse_managing(*reasons_against_managing(account, by))
    account.sessions_ended_at = now or timezone.now()
    account.save(update_fields=[NEW_SESSIONS])


@transaction.atomic
def remove_factors(*, account: User, by: User, now: dt.datetime | None = None) -> None:
    """Take every factor from somebody who has lost them. They are told, and sign in with their password."""
    refuse_managing(*reasons_against_managing(account, by))
    Authenticator.objects.filter(user=account).delete()
    end_sessions(account=account, by=by, now=now)
    lines = ["A steward has taken your second factors away, because you could not use them any more.", ""]
    lines += ["If you did not ask for that, tell a steward or administrator at once."]
    queue_message(
        purpose="account-changed", recipient=account.email, subject="Your factors were taken away", lines=lines, now=now
    )


@transaction.atomic
def close_account(*, account: User, by: User, successor: User | None = None, now: dt.datetime | None = None) -> None:
    """Somebody leaves: their sessions, links and tokens end; `successor` takes over what they had under way."""
    now = now or timezone.now()
    row = User.objects.select_for_update().get(pk=account.pk)
    refuse_managing(*reasons_against_managing(row, by))
    if successor is not None and (successor.pk == row.pk or not successor.is_active or not successor.is_staff):
        refuse_managing("Hand the work over to somebody who works here.")
    row.is_active = False
    row.successor = successor
    row.sessions_ended_at = now
    row.save(update_fields=["is_active", "successor", NEW_SESSIONS])
    PasswordLink.objects.filter(account=row, used_at=None).update(used_at=now)


@transaction.atomic
def reopen_account(*, account: User, by: User) -> None:
    """Somebody comes back: with the roles that this person may give, and a password chosen anew if there was none."""
    row = User.objects.select_for_update().get(pk=account.pk)
    refuse_managing(*reasons_against_managing(row, by))
    if row.erased_at:
        refuse_managing("This account was erased; invite the person anew.")
    refuse_roles(set(row.groups.values_list("name", flat=True)), by)
    row.is_active = True
    row.successor = None
    row.save(update_fields=["is_active", "successor"])
