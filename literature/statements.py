"""What cases and reviews have alike: statements, and the references that they point to."""

from __future__ import annotations

from typing import ClassVar

from django.core.validators import RegexValidator
from django.db import models

from failure_lessons.dates import EdtfField
from failure_lessons.publishing.models import Record
from failure_lessons.vocabularies.choices import Phase, ReadAs, ReadExtent
from failure_lessons.vocabularies.models import Theme

LAST_POSITION = 32767  # the highest position there is: rows that share it stand as they were made


class CitationBase(models.Model):
    """A statement's pointer to a reference: where in it, its very words, whose they are and how they were read."""

    DETAILS: ClassVar[tuple[str, ...]] = (
        "locator",
        "quotation",
        "speaker",
        "read_as",
        "read_extent",
        "read_on",
    )  # beside the reference

    reference = models.ForeignKey("literature.Reference", models.PROTECT, related_name="%(class)ss")
    locator = models.CharField(
        max_length=200, blank=True, help_text="Page, paragraph or section, such as “para. 12”. Empty: no page given."
    )
    quotation = models.TextField(blank=True, help_text="Word for word, at most forty words.")
    speaker = models.CharField(
        "whose words", max_length=200, blank=True, help_text="Whose words these are, where they are not the author's."
    )
    read_as = models.CharField(max_length=20, blank=True, choices=ReadAs.choices, help_text="What was read of it.")
    read_extent = models.CharField(
        "how much", max_length=10, blank=True, choices=ReadExtent.choices, help_text="How much of that was read."
    )
    read_on = EdtfField("read on", blank=True, help_text="Day on which it was read.")
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        abstract = True

    def entry(self) -> dict[str, str]:
        """The citation in package form, its reference named by key."""
        return {"ref": self.reference.slug} | {name: getattr(self, name) for name in self.DETAILS}


class LookedForBase(models.Model):
    """A researcher's word that something was looked for and not found: the map may then say so."""

    phase = models.CharField(max_length=20, choices=Phase.choices)
    theme = models.ForeignKey(Theme, models.PROTECT, related_name="+")
    how = models.TextField(help_text="Which search, or what was read from end to end.")
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        abstract = True
        verbose_name = "looked for, and not found"
        verbose_name_plural = "looked for, and not found"

    def __str__(self) -> str:
        return f"{self.theme} in {self.get_phase_display().lower()}"

    def entry(self) -> dict[str, str]:
        """The declaration in package form."""
        return {"phase": self.phase, "theme": self.theme.slug, "how": self.how}


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
