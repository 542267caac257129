"""Bodies: schools, trusts, prisons, regulators, departments; classes of them; and who followed whom."""

from __future__ import annotations

import pgtrigger
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from casestudies.identifiers import validate_ods, validate_ror, validate_urn
from failure_lessons.constraints import Rule, Unique
from failure_lessons.dates import EdtfField
from failure_lessons.publishing.models import Publishable


class Organisation(Publishable):
    """A school, trust, prison, force, regulator, department or other body that a case is about."""

    slug = models.SlugField(max_length=120, unique=True, help_text="Part of the address. Never change it.")
    name = models.CharField(max_length=200)
    type = models.CharField(max_length=100, help_text="In plain words, such as academy trust or inspectorate.")
    place = models.CharField(max_length=200, blank=True)
    urn = models.CharField(
        "URN",
        max_length=6,
        blank=True,
        help_text="Unique reference number of an English school, six digits.",
        validators=[validate_urn],
    )
    ods = models.CharField(
        "ODS code",
        max_length=10,
        blank=True,
        help_text="Code of an NHS body.",
        validators=[validate_ods],
    )
    ror = models.CharField(
        "ROR",
        max_length=9,
        blank=True,
        help_text="Research Organization Registry, such as 04h699437.",
        validators=[validate_ror],
    )

    is_class = models.BooleanField(
        "a class of bodies",
        default=False,
        help_text="Not one body but a class of them, such as integrated care boards: each can be asked.",
    )
    former_names = ArrayField(models.CharField(max_length=200), default=list, blank=True)
    start_edtf = EdtfField("from", blank=True, help_text="Since when it has existed, where that is known.")
    end_edtf = EdtfField("to", blank=True, help_text="Until when it existed.")
    note = models.TextField(blank=True, help_text="What a reader should know of it, such as what was not looked up.")

    IDENTIFIERS = ("urn", "ods", "ror")

    class Meta:
        ordering = ["name", "pk"]
        constraints = [
            Rule(condition=~Q(name=""), name="an_organisation_has_a_name"),
            *(
                Unique(fields=[scheme], condition=~Q(**{scheme: ""}), name=f"a_{scheme}_belongs_to_one_organisation")
                for scheme in ("urn", "ods", "ror")
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Succession(models.Model):
    """What one body had to do passed on to another: both names stay, and so does what was asked of the first."""

    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="successors")
    position = models.PositiveSmallIntegerField(default=0)
    successor = models.ForeignKey(Organisation, models.PROTECT, related_name="predecessors")
    date = EdtfField("on", blank=True, help_text="The day, month or year. Empty: not known, or only planned.")
    note = models.TextField(blank=True)
    reference = models.ForeignKey(
        "literature.Reference", models.PROTECT, null=True, blank=True, related_name="successions"
    )
    locator = models.CharField(max_length=200, blank=True)
    quotation = models.TextField(blank=True, help_text="Word for word, at most forty words.")

    class Meta:
        ordering = ["organisation", "position", "pk"]
        constraints = [
            Unique(fields=["organisation", "successor"], name="a_body_succeeds_another_once"),
            Rule(condition=~Q(organisation=models.F("successor")), name="no_body_succeeds_itself"),
            Rule(
                condition=Q(reference__isnull=False) | Q(locator="", quotation=""),
                name="words_on_a_succession_have_a_source",
            ),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="a_succession_has_no_circle",
                operation=pgtrigger.Insert | pgtrigger.Update,
                when=pgtrigger.Before,
                func="""
                    if exists (
                        with recursive later as (
                            select new.successor_id as body
                            union
                            select s.successor_id
                            from casestudies_succession s join later on s.organisation_id = later.body
                            where s.id is distinct from new.id
                        )
                        select from later where body = new.organisation_id
                    ) then
                        raise exception 'a body would succeed itself in a circle'
                            using errcode = 'check_violation', constraint = 'a_succession_has_no_circle';
                    end if;
                    return new;
                """,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.organisation_id} passed to {self.successor_id}"


class Membership(models.Model):
    """A body belongs to a class of bodies, from one date to another."""

    body_class = models.ForeignKey(
        Organisation, models.CASCADE, related_name="members", limit_choices_to={"is_class": True}
    )
    position = models.PositiveSmallIntegerField(default=0)
    member = models.ForeignKey(
        Organisation, models.PROTECT, related_name="classes", limit_choices_to={"is_class": False}
    )
    start_edtf = EdtfField("from", blank=True)
    end_edtf = EdtfField("to", blank=True)

    class Meta:
        ordering = ["body_class", "position", "pk"]
        constraints = [
            Unique(fields=["body_class", "member"], name="a_body_belongs_to_a_class_once"),
            Rule(condition=~Q(body_class=models.F("member")), name="no_class_belongs_to_itself"),
        ]

    def __str__(self) -> str:
        return f"{self.member_id} in {self.body_class_id}"


class OrganisationsApart(models.Model):
    """Two organisations that look alike and are two: somebody looked."""

    first = models.ForeignKey(Organisation, models.CASCADE, related_name="+")
    second = models.ForeignKey(Organisation, models.CASCADE, related_name="+")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["pk"]
        verbose_name_plural = "organisations apart"
        constraints = [
            Unique(fields=["first", "second"], name="two_organisations_are_set_apart_once"),
            Rule(condition=Q(first__lt=models.F("second")), name="two_organisations_are_kept_in_one_order"),
        ]

    def __str__(self) -> str:
        return f"{self.first_id} and {self.second_id}"
