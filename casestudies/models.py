"""What happened: case studies with their narrative, events, actors, interventions, indicators and findings."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from casestudies.comparisons import (  # tables of this app
    Anchor as Anchor,
)
from casestudies.comparisons import (
    Calibration as Calibration,
)
from casestudies.comparisons import (
    Comparison as Comparison,
)
from casestudies.comparisons import (
    Condition as Condition,
)
from casestudies.organisations import Membership as Membership  # tables of this app
from casestudies.organisations import Organisation as Organisation
from casestudies.organisations import OrganisationsApart as OrganisationsApart
from casestudies.organisations import Succession as Succession
from casestudies.sections import PHASE_SECTIONS, CaseSection
from failure_lessons.constraints import Rule, Unique, exactly_one_set
from failure_lessons.dates import EdtfBoundField, EdtfField
from failure_lessons.publishing.models import Publishable
from failure_lessons.publishing.responsibility import Responsibility
from failure_lessons.vocabularies.choices import (
    ActorRole,
    Better,
    EventPhase,
    Phase,
    TeamVocabulary,
    list_codes,
    list_sectors,
)
from failure_lessons.vocabularies.models import Theme
from failure_lessons.vocabularies.term_fields import TermField
from failure_lessons.vocabularies.terms import labels_of_vocabulary
from literature.statements import CitationBase, FindingBase, LookedForBase


class CaseStudy(Responsibility, Publishable):
    """An account of one failure in a public service: how it was seen, managed and resolved."""

    slug = models.SlugField(max_length=80, unique=True, help_text="Part of the address. Never change it.")
    title = models.CharField(max_length=300)
    sector = models.CharField(max_length=20, choices=list_sectors)
    start_edtf = EdtfField("from", help_text="When the account begins.")
    end_edtf = EdtfField("to", blank=True, help_text="When it ends. Empty: still going on.")
    failure_types = ArrayField(
        TermField(vocabulary=TeamVocabulary.FAILURE_TYPE), default=list, help_text="What failed."
    )
    organisations = models.ManyToManyField(Organisation, through="Involvement", related_name="cases")

    class Meta:
        ordering = ["title", "pk"]
        verbose_name_plural = "case studies"
        constraints = [
            Rule(condition=~Q(title=""), name="a_case_study_has_a_title"),
            Rule(condition=~Q(sector=""), name="a_case_study_has_a_sector"),
        ]

    def __str__(self) -> str:
        return self.title


class CasePart(models.Model):
    """Something that belongs to one case study, in a given order."""

    case = models.ForeignKey(CaseStudy, models.CASCADE, related_name="%(class)ss")
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        abstract = True
        ordering = ["case", "position", "pk"]


class Involvement(CasePart):
    """An organisation's place in a case."""

    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="involvements")

    class Meta(CasePart.Meta):
        verbose_name = "organisation"
        constraints = [
            Unique(fields=["case", "organisation"], name="an_organisation_is_in_a_case_once"),
        ]

    def __str__(self) -> str:
        return str(self.organisation)


class Section(CasePart):
    """One part of the narrative, with the sources behind it."""

    name = models.CharField(max_length=20, choices=CaseSection.choices)
    text = models.TextField(help_text="Markdown. Cite within the text as [ref: key].")
    in_short = models.CharField(
        "in one sentence",
        max_length=300,
        blank=True,
        help_text="What a reader must know who reads nothing else. Each phase and the outcome need it.",
    )

    class Meta(CasePart.Meta):
        constraints = [
            Unique(fields=["case", "name"], name="a_case_has_each_section_once"),
        ]

    def __str__(self) -> str:
        return self.get_name_display()

    @property
    def lacks_sentence(self) -> bool:
        """Whether it tells a phase or the outcome and does not say in one sentence what it was."""
        return self.name in PHASE_SECTIONS and bool(self.text) and not self.in_short

    @property
    def summary_line(self) -> str:
        """The row as a form shows it when it is closed."""
        return f"{self} · {len(self.text.split()):,} words"


class Event(CasePart):
    """Something dated on the timeline."""

    date = EdtfField()
    earliest = EdtfBoundField(source="date", bound="earliest")
    latest = EdtfBoundField(source="date", bound="latest")
    phase = models.CharField(max_length=20, choices=EventPhase.choices)
    title = models.CharField(max_length=200)
    description = models.TextField(blank=True)

    class Meta(CasePart.Meta):
        constraints = [
            Rule(condition=~Q(title=""), name="an_event_has_a_title"),
            Rule(condition=Q(phase__in=list_codes(EventPhase)), name="an_event_has_a_phase"),
        ]

    def __str__(self) -> str:
        return f"{self.date} {self.title}"

    @property
    def summary_line(self) -> str:
        """The row as a form shows it when it is closed."""
        return f"{self.date} · {self.get_phase_display()} · {self.title}"


class Actor(CasePart):
    """A body or group, and the part it played."""

    name = models.CharField(max_length=200)
    role = models.CharField(max_length=30, choices=ActorRole.choices)
    part_played = models.TextField(blank=True)
    organisation = models.ForeignKey(
        Organisation,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="parts_played",
        help_text="The organisation this is, where it has a record of its own.",
    )

    def __str__(self) -> str:
        return f"{self.name} ({self.get_role_display()})"


class Intervention(CasePart):
    """Something done about the failure, and its effect."""

    kind = TermField(vocabulary=TeamVocabulary.INTERVENTION)
    title = models.CharField(max_length=200)
    description = models.TextField(blank=True)
    start_edtf = EdtfField("from", blank=True)
    end_edtf = EdtfField("to", blank=True)
    led_by = models.CharField(max_length=200, blank=True)
    effect = models.TextField(blank=True, help_text="What followed, as far as the sources say.")

    class Meta(CasePart.Meta):
        constraints = [
            Rule(condition=~Q(title=""), name="an_intervention_has_a_title"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def summary_line(self) -> str:
        """The row as a form shows it when it is closed."""
        period = "/".join(filter(None, [self.start_edtf, self.end_edtf]))
        kind = labels_of_vocabulary(TeamVocabulary.INTERVENTION).get(self.kind, self.kind)
        return " · ".join(filter(None, [period, kind, self.title]))


class Indicator(CasePart):
    """A measured quantity followed over time."""

    name = models.CharField(max_length=200)
    unit = models.CharField(max_length=100)
    definition = models.TextField(blank=True)
    better = models.CharField(max_length=10, choices=Better.choices)
    comparator = models.CharField(
        "compared with", max_length=200, blank=True, help_text="What figures beside these tell of, such as: England."
    )

    class Meta(CasePart.Meta):
        constraints = [
            Unique(fields=["case", "name"], name="a_case_has_each_indicator_once"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def summary_line(self) -> str:
        """The row as a form shows it when it is closed."""
        return f"{self.name} · {self.unit}"


class IndicatorValue(models.Model):
    """One figure of an indicator's series."""

    indicator = models.ForeignKey(Indicator, models.CASCADE, related_name="points")
    position = models.PositiveSmallIntegerField(default=0)
    period = models.CharField(
        max_length=30, help_text="As the source gives it: a date, or a school or financial year such as 2021-22."
    )
    value = models.DecimalField(max_digits=20, decimal_places=6)
    comparator = models.DecimalField(
        "compared with", max_digits=20, decimal_places=6, null=True, blank=True, help_text="The same figure elsewhere."
    )
    note = models.TextField(blank=True, help_text="Cite within the note as [ref: key].")

    class Meta:
        ordering = ["indicator", "position", "pk"]
        constraints = [
            Unique(fields=["indicator", "period"], name="an_indicator_has_one_value_a_period"),
        ]

    def __str__(self) -> str:
        return f"{self.period}: {self.value.normalize():f}"


class CaseFinding(FindingBase):
    """What a case study shows."""

    case = models.ForeignKey(CaseStudy, models.CASCADE, related_name="findings")
    relevance_to_nhs = models.TextField("relevance to the NHS", blank=True)
    themes = models.ManyToManyField(Theme, related_name="case_findings", blank=True)

    class Meta:
        ordering = ["case", "position", "pk"]
        constraints = [
            Rule(condition=~Q(statement=""), name="a_case_finding_has_a_statement"),
            Rule(condition=Q(phase__in=list_codes(Phase)), name="a_case_finding_has_a_phase"),
        ]


class CaseCitation(CitationBase):
    """What one statement of a case study rests on.

    A section, event, intervention, part played by an actor, indicator, one figure of it, or finding.
    """

    # each statement that cites, with the way from it to its case
    PATHS: ClassVar[dict[str, str]] = {
        "section": "case",
        "event": "case",
        "intervention": "case",
        "actor": "case",
        "indicator": "case",
        "figure": "indicator__case",
        "finding": "case",
    }
    TARGETS = tuple(PATHS)

    section = models.ForeignKey(Section, models.CASCADE, null=True, blank=True, related_name="citations")
    event = models.ForeignKey(Event, models.CASCADE, null=True, blank=True, related_name="citations")
    intervention = models.ForeignKey(Intervention, models.CASCADE, null=True, blank=True, related_name="citations")
    actor = models.ForeignKey(Actor, models.CASCADE, null=True, blank=True, related_name="citations")
    indicator = models.ForeignKey(Indicator, models.CASCADE, null=True, blank=True, related_name="citations")
    figure = models.ForeignKey(IndicatorValue, models.CASCADE, null=True, blank=True, related_name="citations")
    finding = models.ForeignKey(CaseFinding, models.CASCADE, null=True, blank=True, related_name="citations")

    class Meta:
        ordering = ["position", "pk"]
        constraints = [
            Rule(
                condition=exactly_one_set(
                    *("section", "event", "intervention", "actor", "indicator", "figure", "finding")
                ),
                name="a_case_citation_belongs_to_one_statement",
            ),
        ]

    def __str__(self) -> str:
        return f"cites {self.reference_id}"


class Quote(CitationBase):
    """Somebody's very words about the case."""

    DETAILS: ClassVar[tuple[str, ...]] = ("locator", "read_as", "read_extent", "read_on")
    case = models.ForeignKey(CaseStudy, models.CASCADE, related_name="quotes")
    speaker = None  # type: ignore[assignment]  # who speaks is said by role
    speaker_role = models.CharField(max_length=200, blank=True, help_text="Who speaks, by role rather than by name.")

    class Meta:
        ordering = ["case", "position", "pk"]
        constraints = [
            Rule(condition=~Q(quotation=""), name="a_quote_has_words"),
        ]

    def __str__(self) -> str:
        return self.quotation[:80]


class CaseLookedFor(LookedForBase):
    """What was looked for in a case and not found."""

    case = models.ForeignKey(CaseStudy, models.CASCADE, related_name="looked_for")

    class Meta(LookedForBase.Meta):
        ordering = ["case", "position", "pk"]
        constraints = [
            Unique(fields=["case", "phase", "theme"], name="a_case_says_once_that_it_looked"),
            Rule(condition=~Q(how=""), name="a_case_says_how_it_looked"),
        ]
