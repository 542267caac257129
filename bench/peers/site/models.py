"""The recommendations twice: as stock models with terms and evidence, and as pages of Wagtail. The texts are the same."""

from django.db import models
from wagtail.api import APIField
from wagtail.models import Page
from wagtail.search import index

MEMBERS = ("statement", "rationale", "actions", "level", "phase", "responsible", "timescale", "measures", "resources")
MEMBERS += ("conditions", "risks", "counter_evidence", "strength", "confidence", "wording", "action_kind")


class Texts(models.Model):
    """What a recommendation says."""

    edition = models.BigIntegerField(unique=True)  # of ours, from which it was copied
    sort_key = models.TextField()
    code = models.TextField()
    statement = models.TextField()
    rationale = models.TextField()
    actions = models.JSONField()
    level = models.TextField()
    phase = models.TextField()
    responsible = models.TextField()
    timescale = models.JSONField()
    measures = models.JSONField()
    resources = models.TextField()
    conditions = models.TextField()
    risks = models.TextField()
    counter_evidence = models.TextField()
    strength = models.TextField()
    confidence = models.TextField()
    wording = models.TextField()
    action_kind = models.TextField()

    class Meta:
        abstract = True
        ordering = ["sort_key", "edition"]
        indexes = [
            models.Index(fields=["sort_key", "edition"], name="%(class)s_in_order"),
            models.Index(fields=["phase", "sort_key", "edition"], name="%(class)s_by_phase"),
        ]


class Term(models.Model):
    """An audience or a type of failure."""

    name = models.TextField()
    code = models.TextField()

    class Meta:
        ordering = ["name", "code"]
        constraints = [models.UniqueConstraint(fields=["name", "code"], name="one_of_each_term")]

    def __str__(self) -> str:
        return f"{self.name}:{self.code}"


class Recommendation(Texts):
    """As a first project with the REST framework would have it."""

    slug = models.SlugField(max_length=100, unique=True)
    title = models.TextField()
    terms = models.ManyToManyField(Term)

    def __str__(self) -> str:
        return self.title


class Evidence(models.Model):
    """A lesson, a finding or a reference that a recommendation rests on."""

    recommendation = models.ForeignKey(Recommendation, models.CASCADE, related_name="evidence")
    kind = models.TextField()
    slug = models.TextField()
    title = models.TextField()
    statement = models.TextField()

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return self.title


class RecommendationPage(Page, Texts):
    """As a site made with Wagtail would have it."""

    audiences = models.JSONField()
    failure_types = models.JSONField()
    api_fields = [APIField(name) for name in ("code", "sort_key", "audiences", "failure_types", *MEMBERS)]
    search_fields = [*Page.search_fields, index.SearchField("statement"), index.SearchField("rationale")]

    class Meta:  # pages bring an order of their own
        indexes = Texts.Meta.indexes

    def __str__(self) -> str:
        return str(self.title)
