"""What is no password: words of this site, few characters again and again, and what was stolen elsewhere."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib.auth.password_validation import CommonPasswordValidator
from django.core.checks import CheckMessage, Error, Info
from django.core.exceptions import ValidationError

if TYPE_CHECKING:
    from django.contrib.auth.base_user import AbstractBaseUser

SITE_WORDS = ("failure", "lessons", "leicester", "university", "workbench", "password", "admin", "welcome", "nhs")
LEAST_OWN = 8  # characters beside those words and figures
LEAST_DIFFERENT = 5
LEAST_STEPS = 3  # different steps from character to character: 123456789012 has two
LOOKALIKES = str.maketrans("0134578@$!", "oleastbasi")
HASH_LENGTH = 40


class SiteWordsValidator:
    """A password has something of its own beside the words of this site."""

    def validate(self, password: str, user: object = None) -> None:
        named = f"{settings.REPOSITORY_DOMAIN} {settings.SITE.name}".lower()
        words = (*SITE_WORDS, *re.findall(r"[a-z]{3,}", named))
        rest = password.lower().translate(LOOKALIKES)
        for word in sorted(words, key=len, reverse=True):
            rest = rest.replace(word, " ")
        own = re.sub(r"[\W\d_]", "", rest)
        if (
            (len(own) < LEAST_OWN and len(rest) < len(password))
            or len(set(password.lower())) < LEAST_DIFFERENT
            or len(list_steps(password)) < LEAST_STEPS
        ):
            raise ValidationError(self.get_help_text(), code="password_of_this_site")

    def get_help_text(self) -> str:
        return "Your password can’t be made of words of this site, or of few characters again and again."


def list_steps(password: str) -> set[int]:
    """The differences between neighbouring characters."""
    return {ord(after) - ord(before) for before, after in pairwise(password)}


class CommonPairsValidator(CommonPasswordValidator):
    """A password is no common one and not two of them: of Django's 20,000 only 187 have the length that we ask."""

    def validate(self, password: str, user: AbstractBaseUser | None = None) -> None:
        super().validate(password)
        words = password.lower().strip()
        if any(words[:cut] in self.passwords and words[cut:] in self.passwords for cut in range(1, len(words))):
            raise ValidationError(self.get_help_text(), code="password_is_two_common_ones")

    def get_help_text(self) -> str:
        return "Your password can’t be a commonly used one, or two of them."


class BreachedValidator:
    """A password is none of those in the operator's list, which is searched in place: it may have many gigabytes."""

    def validate(self, password: str, user: object = None) -> None:
        wanted = hashlib.sha1(password.encode(), usedforsecurity=False).hexdigest().upper().encode()
        if is_in_sorted_file(Path(settings.BREACHED_PASSWORDS), wanted):
            raise ValidationError(self.get_help_text(), code="password_was_stolen")

    def get_help_text(self) -> str:
        return "Your password can’t be one that was stolen from some other site."


def is_in_sorted_file(path: Path, wanted: bytes) -> bool:
    """Whether a line of a sorted file begins with this hash: halves the file until the place is found."""
    with path.open("rb") as file:
        low, high = 0, file.seek(0, os.SEEK_END)
        while low < high:
            middle = (low + high) // 2
            file.seek(middle)
            if middle:
                file.readline()  # the rest of a line
            line = file.readline()[:HASH_LENGTH].upper()
            if line == wanted:
                return True
            if not line or line > wanted:
                high = middle
            else:
                low = middle + 1
        file.seek(0)
        return file.readline()[:HASH_LENGTH].upper() == wanted


def check_passwords(**_: object) -> Sequence[CheckMessage]:
    """Which passwords are refused, so that an operator knows."""
    if not settings.BREACHED_PASSWORDS:
        words = "New passwords are compared with Django's list of 20,000 common ones, and with pairs of them."
        hint = "Set BREACHED_PASSWORDS to a file of stolen ones (docs/people.md)."
        return [Info(words, hint=hint, id="accounts.I001")]
    if not Path(settings.BREACHED_PASSWORDS).is_file():
        words = f"BREACHED_PASSWORDS names no file ({settings.BREACHED_PASSWORDS}): nobody can choose a password."
        return [Error(words, hint="Correct the path, or leave it empty for Django's list.", id="accounts.E001")]
    return [Info(f"New passwords are compared with {settings.BREACHED_PASSWORDS}.", id="accounts.I002")]
