"""What is kept of a person: export it, erase it, and forget what is old.

A person's name and address stand in one row, and the ledger and the history keep its number. So erasing empties that
row and deletes what hangs on it: who left is “person-12” wherever their name was shown, and no hash changes.
"""

from __future__ import annotations

import datetime as dt
import logging

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from allauth.usersessions.models import UserSession
from django.apps import apps
from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import ManyToOneRel
from django.utils import timezone

from failure_lessons.accounts.models import Limit, PasswordLink, SignIn, User
from failure_lessons.accounts.people import reasons_against_managing, refuse_managing
from failure_lessons.outbox.models import Message
from failure_lessons.types import JSONObject

log = logging.getLogger(__name__)

KEEP_SIGN_INS = dt.timedelta(days=180)
ACCOUNT_FIELDS = ("username", "first_name", "last_name", "email", "notices", "date_joined", "last_login", "is_active")
HANGING_ON = (SignIn, PasswordLink)  # of ours, with the account in `account`
OF_LIBRARIES = (UserSession, Authenticator, SocialAccount, EmailAddress)  # with the account in `user`


def export_account(*, account: User) -> JSONObject:
    """Everything that is kept of a person, in words and numbers: what they wrote is named by table and number."""
    wrote: JSONObject = {}
    for relation in User._meta.get_fields(include_hidden=True):
        if not isinstance(relation, ManyToOneRel):
            continue
        model = relation.related_model
        if isinstance(model, str) or model in (*HANGING_ON, *OF_LIBRARIES):
            continue
        rows = model._default_manager.filter(**{relation.field.name: account}).order_by("pk")
        if found := [str(number) for number in rows.values_list("pk", flat=True)]:
            wrote[f"{model._meta.label} ({relation.field.name})"] = found
    return {
        "account": {name: str(getattr(account, name)) for name in ACCOUNT_FIELDS},
        "roles": sorted(account.groups.values_list("name", flat=True)),
        "sign_ins": [
            {"at": each.at.isoformat(), "address": each.address, "browser": each.browser, "outcome": each.outcome}
            for each in account.sign_ins.all()
        ],
        "sessions": [
            {"begun": each.created_at.isoformat(), "address": each.ip, "browser": each.user_agent}
            for each in UserSession.objects.filter(user=account)
        ],
        "factors": [str(each.type) for each in Authenticator.objects.filter(user=account)],
        "mail": [
            {"at": each.created_at.isoformat(), "subject": str(each.context.get("subject", ""))}
            for each in Message.objects.filter(recipient__iexact=account.email or "-")
        ],
        "wrote": wrote,
    }


@transaction.atomic
def erase_account(*, account: User, by: User, now: dt.datetime | None = None) -> None:
    """Take the name, the address and all that hangs on them out of the account of somebody who left."""
    row = User.objects.select_for_update().get(pk=account.pk)
    refuse_managing(*reasons_against_managing(row, by))
    if row.is_active:
        refuse_managing("Close the account first: whoever works here cannot be erased.")
    name, email = row.username, row.email
    for model in HANGING_ON:
        model._default_manager.filter(account=row).delete()
    for library in OF_LIBRARIES:
        library._default_manager.filter(user=row).delete()
    if email:
        Message.objects.filter(recipient__iexact=email).exclude(state=Message.State.SENDING).delete()
    row.username = f"person-{row.pk}"
    row.first_name = row.last_name = row.email = ""
    row.last_login = None
    row.set_unusable_password()
    row.erased_at = now or timezone.now()
    row.save()
    row.groups.clear()
    for config in apps.get_app_configs():  # rooms that keep a user name as text put another in its place
        if hasattr(config, "rename_account"):
            config.rename_account(name, row.username)
    log.info("Account %s was erased by account %s", row.pk, by.pk)


def forget_people_data(now: dt.datetime | None = None) -> dict[str, int]:
    """Delete what is kept for a limited time. Returns how many of each."""
    now = now or timezone.now()
    sessions = Session.objects.filter(expire_date__lt=now).delete()[0]
    alive = Session.objects.values("session_key")
    return {
        "sessions": sessions,
        "browsers": UserSession.objects.exclude(session_key__in=alive).delete()[0],
        "sign-ins": SignIn.objects.filter(at__lt=now - KEEP_SIGN_INS).delete()[0],
        "links": PasswordLink.objects.filter(expires_at__lt=now - KEEP_SIGN_INS).delete()[0],
        "counts": Limit.objects.filter(expires__lt=now).delete()[0],
    }
