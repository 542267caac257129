"""Second factors: authenticator apps, passkeys, recovery codes, as django-allauth has them, with secrets encrypted."""

from __future__ import annotations

import base64
import hashlib

from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser

from failure_lessons.accounts.models import User

PURPOSE = b"failure_lessons.accounts.factors"


def make_cipher() -> MultiFernet:
    """Keys from the site's own: the newest writes, all of them read."""
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    made = (hashlib.blake2b(PURPOSE, key=key.encode()[:64], digest_size=32).digest() for key in keys)
    return MultiFernet([Fernet(base64.urlsafe_b64encode(each)) for each in made])


class FactorsAdapter(DefaultMFAAdapter):
    """Whatever differs from allauth's defaults. A copy of the database alone opens no account."""

    error_messages = {**DefaultMFAAdapter.error_messages, "incorrect_code": "That code is not right (any more)."}

    def encrypt(self, text: str) -> str:
        return make_cipher().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return make_cipher().decrypt(encrypted_text.encode()).decode()

    def generate_authenticator_name(self, user: AbstractBaseUser, type: str) -> str:  # noqa: A002  # allauth's word
        return "This device"

    def get_totp_issuer(self) -> str:
        return settings.SITE.name


def needs_factor(account: User) -> bool:
    """Whether this account has to add a factor before it goes on, by the roles that the operator has named."""
    wanted = set(settings.FACTOR_ROLES)
    if not wanted:
        return False
    held = set(account.groups.values_list("name", flat=True)) | ({"administrator"} if account.is_superuser else set())
    if "all" not in wanted and not wanted & held:
        return False
    return not Authenticator.objects.filter(user=account).exclude(type=Authenticator.Type.RECOVERY_CODES).exists()
