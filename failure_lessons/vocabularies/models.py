"""The themes that tie the evidence together."""

from __future__ import annotations

from django.db import models

from failure_lessons.constraints import Rule
from failure_lessons.publishing.models import Publishable


class Theme(Publishable):
    """A controlled term that cuts across cases, with a note on what it covers."""

    slug = models.SlugField(
        max_length=60, unique=True, help_text="The code used in addresses and exports. Never change it."
    )
    label = models.CharField(max_length=100, unique=True, help_text="What readers see, in sentence case.")
    scope_note = models.TextField(help_text="What belongs under this theme, and what belongs elsewhere.")

    class Meta:
        ordering = ["label", "pk"]
        constraints = [
            Rule(condition=~models.Q(scope_note=""), name="a_theme_has_a_scope_note"),
        ]

    def __str__(self) -> str:
        return self.label
