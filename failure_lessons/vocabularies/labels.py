"""What codes are called."""

from __future__ import annotations

from functools import cache

from django.db import models

from failure_lessons.publishing.registry import KINDS
from failure_lessons.vocabularies import choices


@cache
def known_labels() -> dict[str, str]:
    """Every code with its label, and again as `Vocabulary:code` for the few that two vocabularies name differently."""
    found = {kind.code: kind.label_plural for kind in KINDS.values()}
    for name in dir(choices):
        kind = getattr(choices, name)
        if isinstance(kind, type) and issubclass(kind, models.TextChoices) and kind is not models.TextChoices:
            for code, label in kind.choices:
                found.setdefault(str(code), str(label))
                found[f"{name}:{code}"] = str(label)
    return found
