"""What cases and reviews have alike: statements, and the references that they point to."""

from __future__ import annotations

from django.core.validators import RegexValidator
from django.db import models

from failure_lessons.publishing.models import Record
from failure_lessons.vocabularies.choices import Phase


class CitationBase(models.Model):
    """A statement's pointer to a reference: where in it, and optionally its very words."""

    reference = models.ForeignKey("literature.Reference", models.PROTECT, related_name="%(class)ss")
    locator = models.CharField(
        max_length=200, blank=True, help_text="Page, paragraph or section, such as “para. 12”. Empty: no page given."
    )
    quotation = models.TextField(blank=True, help_text="Word for word, at most forty words.")
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        abstract = True


class FindingBase(Record):
    """One thing that a case or a review shows: a sentence, its explanation, its phase and its themes."""

    FIXED = (*Record.FIXED, "slug", "case", "review")

    slug = models.SlugField(max_length=40, unique=True, editable=False)
    code = models.CharField(
        max_length=20,
        unique=True,
        validators=[RegexValidator(r"\A[A-Z]+[0-9]+-F[0-9]+\Z", "Write a code such as E1-F3.")],
        help_text="Such as E1-F3. Never change it after publication.",
    )
    statement = models.TextField(help_text="One sentence.")
    explanation = models.TextField(blank=True)
    phase = models.CharField(max_length=20, choices=Phase.choices)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.code} {self.statement[:80]}"

    def clean(self) -> None:
        self.slug = self.code.lower()
        super().clean()


class ReviewPart(models.Model):
    """Something that belongs to one literature review, in a given order."""

    review = models.ForeignKey("literature.LiteratureReview", models.CASCADE, related_name="%(class)ss")
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        abstract = True
        ordering = ["review", "position", "pk"]
