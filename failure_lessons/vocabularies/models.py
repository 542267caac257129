"""The themes that tie the evidence together, and the terms of the vocabularies that teams extend."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.core.validators import RegexValidator
from django.db import models

from failure_lessons.constraints import Rule, Unique
from failure_lessons.publishing.models import Publishable
from failure_lessons.publishing.schemas import LONGEST_CODE, SLUG_EXPRESSION
from failure_lessons.vocabularies.choices import TeamVocabulary, list_codes


class Theme(Publishable):
    """A controlled term that cuts across cases, with a note on what it covers."""

    slug = models.SlugField(
        max_length=60, unique=True, help_text="The code used in addresses and exports. Never change it."
    )
    label = models.CharField(max_length=100, unique=True, help_text="What readers see, in sentence case.")
    scope_note = models.TextField(help_text="What belongs under this theme, and what belongs elsewhere.")
    alt_labels = ArrayField(
        models.CharField(max_length=80),
        default=list,
        blank=True,
        verbose_name="also called",
        help_text="Other words that readers use for it: a search for one of them finds what stands under the theme.",
    )

    class Meta:
        ordering = ["label", "pk"]
        constraints = [
            Rule(condition=~models.Q(scope_note=""), name="a_theme_has_a_scope_note"),
        ]

    def __str__(self) -> str:
        return self.label


class VocabularyTerm(models.Model):
    """A term of a vocabulary that teams extend: what failed, what was done, a framework, a tool of appraisal.

    A steward's record of the workbench. Readers meet it in documents, which carry code and label. The database keeps
    that codes in use exist, that a used term stays and that a code never changes (`vocabularies.rules`).
    """

    vocabulary = models.CharField(max_length=20, choices=TeamVocabulary.choices)
    code = models.SlugField(
        max_length=LONGEST_CODE,
        help_text="Stands in addresses, documents and exports, and never changes: lower case, digits, hyphens.",
        validators=[RegexValidator(r"\A[a-z0-9]+(-[a-z0-9]+)*\Z", "Write lower-case letters, digits and hyphens.")],
    )
    label = models.CharField(
        max_length=100,
        help_text="What readers see, in sentence case. What is published keeps the label that it was published with, "
        "until it is published anew.",
    )
    scope_note = models.TextField(blank=True, help_text="What belongs under this term, and what belongs elsewhere.")
    position = models.PositiveSmallIntegerField(default=100, help_text="Its place in forms, the lowest first.")
    retired = models.BooleanField(
        default=False, help_text="Forms no longer offer it. Where it was chosen it stays, and stays valid."
    )

    class Meta:
        ordering = ["vocabulary", "position", "code"]
        constraints = [
            Unique(fields=["vocabulary", "code"], name="a_vocabulary_has_a_code_once"),
            Unique(fields=["vocabulary", "label"], name="a_vocabulary_has_a_label_once"),
            Rule(condition=~models.Q(label=""), name="a_term_of_a_vocabulary_has_a_label"),
            Rule(condition=models.Q(code__regex=SLUG_EXPRESSION), name="a_code_is_lower_case_with_hyphens"),
            Rule(condition=models.Q(vocabulary__in=list_codes(TeamVocabulary)), name="a_term_is_in_a_known_vocabulary"),
        ]

    def __str__(self) -> str:
        return f"{self.label} ({self.get_vocabulary_display().lower()})"
