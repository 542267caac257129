"""The glossary: words that readers may not share."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from failure_lessons.constraints import Rule
from failure_lessons.publishing.models import Publishable


class GlossaryTerm(Publishable):
    """A word our readers may not share, and what we mean by it."""

    slug = models.SlugField(max_length=80, unique=True)
    term = models.CharField(max_length=100, unique=True)
    definition = models.TextField()
    reference = models.ForeignKey(
        "literature.Reference",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="glossary_terms",
        help_text="Where the definition comes from.",
    )
    source_note = models.TextField(blank=True, help_text="What to know about the source, or why there is none.")

    class Meta:
        ordering = ["term", "pk"]
        constraints = [
            Rule(
                condition=Q(reference__isnull=False) | ~Q(source_note=""),
                name="a_term_names_its_source_or_says_why_not",
            ),
        ]

    def __str__(self) -> str:
        return self.term
