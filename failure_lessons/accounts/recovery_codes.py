"""Recovery codes that are shown once and kept as hashes (ASVS 5.0, 6.5.2).

django-allauth keeps a seed from which it makes its codes anew each time they are looked at. Ours have 120 bits, so that
a plain hash is enough; they are made when they are first shown, and nobody can look at them again.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
import time
from urllib.parse import quote

from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal import auth, flows
from allauth.mfa.recovery_codes.views import ViewRecoveryCodesView
from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction

CODES = 10
CODE_ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"  # 32, without those that are taken for others
CODE_LETTERS, GROUP_LETTERS = 24, 4


def make_code() -> str:
    """A new code such as `K7QD-…`: 120 random bits in six groups."""
    letters = "".join(secrets.choice(CODE_ALPHABET) for _ in range(CODE_LETTERS))
    return "-".join(re.findall("." * GROUP_LETTERS, letters))


def hash_code(code: str) -> str:
    """The hash of a code, however it was typed: in small letters, with blanks, without hyphens."""
    return hashlib.sha256("".join(filter(str.isalnum, code.upper())).encode()).hexdigest()


class HashedRecoveryCodes(auth.RecoveryCodes):
    """Ten codes of an account. The row holds the hashes of those that were not used: `{"hashes": […]}`."""

    instance: Authenticator
    fresh: tuple[str, ...] = ()  # the codes themselves, where they were made just now

    @classmethod
    def activate(cls, user: AbstractBaseUser) -> HashedRecoveryCodes:
        """The codes of an account, which are made when they are first shown."""
        row, _ = Authenticator.objects.get_or_create(
            user_id=user.pk, type=Authenticator.Type.RECOVERY_CODES, defaults={"data": {"hashes": []}}
        )
        return cls(row)

    @transaction.atomic
    def mark_as_viewed(self) -> None:
        """Make the codes, for this one look. Of two looks at once one gets them."""
        self.instance = Authenticator.objects.select_for_update().get(pk=self.instance.pk)
        if self.did_view:
            return
        self.fresh = tuple(make_code() for _ in range(CODES))
        self.instance.data = {"hashes": [hash_code(each) for each in self.fresh], "viewed_at": time.time()}
        self.instance.save(update_fields=["data"])

    def get_unused_codes(self) -> list[str]:
        """The codes, where they were made just now; else as many stars as there are codes left."""
        return list(self.fresh) or ["****" for _ in self.instance.data.get("hashes", [])]

    @transaction.atomic
    def validate_code(self, code: str) -> bool:
        """Whether this is one of the codes that are left; it is none any more."""
        self.instance = Authenticator.objects.select_for_update().get(pk=self.instance.pk)
        given, hashes = hash_code(code), self.instance.data.get("hashes", [])
        left = [each for each in hashes if not hmac.compare_digest(each, given)]
        if len(left) == len(hashes):
            return False
        self.instance.data["hashes"] = left
        self.instance.save(update_fields=["data"])
        return True


class RecoveryCodesView(ViewRecoveryCodesView):
    """The page that shows the codes once."""

    template_name = "accounts/recovery_codes.html"

    def get_context_data(self, **kwargs: object) -> dict[str, object]:
        context: dict[str, object] = super().get_context_data(**kwargs)
        lines = "".join(f"{code}\n" for code in context["unused_codes"])  # type: ignore[attr-defined]  # a list of texts
        # the file is made of what the page holds: nothing could be asked for it again
        return {**context, "file": f"data:text/plain;charset=utf-8,{quote(lines)}"}


def use_hashed_codes() -> None:
    """Put ours in place of allauth's, which has no setting for it. Called once, when Django starts."""
    auth.RecoveryCodes = flows.RecoveryCodes = HashedRecoveryCodes
