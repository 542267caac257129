"""What changes can be filtered by: the same names on the page, in the feeds and through the API."""

from __future__ import annotations

import django_filters

from failure_lessons.library.filters import CodesField, SlugTermFilter, TermFilter
from failure_lessons.publishing.ledger_queries import LedgerEntryQuerySet
from failure_lessons.publishing.models import LedgerEntry
from failure_lessons.publishing.registry import KINDS
from failure_lessons.vocabularies.choices import Audience, Phase, Sector


class ChangeKindFilter(django_filters.MultipleChoiceFilter):
    """Changes to records of any of the chosen kinds."""

    field_class = CodesField

    def filter(self, qs: LedgerEntryQuerySet, value: list[str]) -> LedgerEntryQuerySet:
        return qs.of_kind(*value) if value else qs


class ActionFilter(django_filters.MultipleChoiceFilter):
    """Changes of any of the chosen sorts."""

    field_class = CodesField

    def filter(self, qs: LedgerEntryQuerySet, value: list[str]) -> LedgerEntryQuerySet:
        return qs.filter(action__in=value) if value else qs


class ChangeFilter(django_filters.FilterSet):
    """Changes by what was done, to what kind of record, and by the terms of the edition it was done to."""

    kind = ChangeKindFilter(
        choices=[(kind.code, kind.label_plural) for kind in reversed(KINDS.values())], label="Kind of record"
    )
    action = ActionFilter(choices=LedgerEntry.Action.choices, label="What happened")
    audience = TermFilter(Audience, term="audience", label="Who it is for")
    phase = TermFilter(Phase, term="phase", label="Phase of failure")
    failure_type = SlugTermFilter(term="failure-type", label="What is failing")
    sector = TermFilter(Sector, term="sector", label="Sector of the evidence")
    theme = SlugTermFilter(term="theme", label="Theme", kind="theme")

    class Meta:
        model = LedgerEntry
        fields: list[str] = []


def choices_of(chosen: django_filters.Filter) -> list[tuple[str, str]]:
    """The codes of a filter with their words; none for terms that people add to, such as themes."""
    return [(str(code), str(words)) for code, words in chosen.extra.get("choices", ())]
