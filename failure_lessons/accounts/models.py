"""People who work in the repository, and the themes that tie its evidence together."""

from __future__ import annotations

from django.contrib.auth.models import AbstractUser
from django.db import models


class User(AbstractUser):
    """Somebody who signs in to the workbench."""

    notices = models.BooleanField(
        "e-mail notices",
        default=True,
        help_text="Be told by e-mail what waits for review, and what became of what one submitted.",
    )
