"""The filters of a list and their choices, each with how many records it would give: for pages and API alike."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from django.db import models

from failure_lessons.library.filters import EditionFilter, SlugTermFilter, TermFilter
from failure_lessons.library.list_query import readable_editions
from failure_lessons.library.published_labels import published_labels
from failure_lessons.library.term_bitmaps import TermBitmaps
from failure_lessons.library.titles import titles_of_kind
from failure_lessons.publishing.models import Counts, Edition

Titles = Mapping[tuple[str, str], str]


@dataclass(frozen=True)
class Choice:
    """One value of a facet, and how many records it would give."""

    code: str
    label: str
    count: int
    picked: bool


@dataclass(frozen=True)
class Facet:
    """One filter of a form. Within it choices widen; `more` counts those that had no room."""

    name: str
    label: str
    choices: list[Choice]
    more: int = 0

    @property
    def chosen(self) -> int:
        """How many choices are picked."""
        return sum(choice.picked for choice in self.choices)


def titles_for(filters: EditionFilter, bitmaps: TermBitmaps, moment: dt.datetime | None) -> Titles:
    """What the terms of filters are called, by term and code: titles of records, and labels of vocabularies.

    Now they are kept for as long as they stay the same; at a moment of the past, one query where terms name records.
    """
    named = [each for each in filters.term_filters().values() if isinstance(each, SlugTermFilter)]
    labels = published_labels(bitmaps) if any(not each.kind for each in named) else {}
    kinds = {each.kind: each.term for each in named if each.kind}
    if not kinds:
        return labels
    if moment is None:
        found = {
            (term, slug): title for kind, term in kinds.items() for slug, title in titles_of_kind(bitmaps, kind).items()
        }
        return {**labels, **found}
    rows = readable_editions(Edition.objects.of_kind(*kinds), moment).values_list("kind", "slug", "title")
    return {**labels, **{(kinds[kind], slug): title for kind, slug, title in rows}}


def labels_of(each: TermFilter | SlugTermFilter, titles: Titles) -> dict[str, str]:
    """The choices of a filter, by code, in the order to show them in."""
    if isinstance(each, TermFilter):
        return dict(labels_in(each.vocabulary))
    named = {slug: title for (term, slug), title in titles.items() if term == each.term}
    return dict(sorted(named.items(), key=lambda pair: pair[1].casefold()))


@cache
def labels_in(vocabulary: type[models.TextChoices]) -> dict[str, str]:
    """The codes of a vocabulary with their labels, in its order."""
    return {str(code): str(label) for code, label in vocabulary.choices}


def build_facets(filters: EditionFilter, counts: Counts, titles: Titles) -> list[Facet]:
    """Every filter of the form. Choices that would give nothing are left out unless they are picked."""
    given = filters.picked_codes
    return [build_facet(name, each, given, counts, titles) for name, each in filters.term_filters().items()]


def build_facet(
    name: str, each: TermFilter | SlugTermFilter, given: Mapping[str, list[str]], counts: Counts, titles: Titles
) -> Facet:
    """One filter of the form; `given` are the codes that were chosen, by term."""
    picked = given.get(each.term, [])
    labels = labels_of(each, titles)
    labels.update({code: code for code in picked if code not in labels})
    choices = [
        Choice(code, label, counts.by_term.get(f"{each.term}:{code}", 0), code in picked)
        for code, label in labels.items()
    ]
    choices = [choice for choice in choices if choice.count or choice.picked]
    room = each.most if isinstance(each, SlugTermFilter) and each.kind else len(choices)
    if len(choices) > room:
        ranked = sorted(choices, key=lambda choice: (not choice.picked, -choice.count))[:room]
        return Facet(name, str(each.label), [choice for choice in choices if choice in ranked], len(choices) - room)
    return Facet(name, str(each.label), choices)
