"""Narratives and truth tables for the templates of cases: each tag is a pure function of a document."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from django import template
from django.template.context import Context
from django.urls import reverse

from casestudies import qca, supports
from casestudies.sections import PHASE_SECTIONS
from casestudies.side_by_side import short_case_name
from casestudies.truth_table import Analysis, analyse_comparison
from failure_lessons.publishing.models import Edition
from failure_lessons.types import Document

register = template.Library()


@register.filter
def narrative_sections(record: Document) -> list[supports.NarrativeSection]:
    """The narrative of a case study, part by part."""
    return supports.list_narrative_sections(record)


@register.filter
def in_phases(parts: list[supports.NarrativeSection]) -> list[supports.NarrativeSection]:
    """Those parts of a narrative that tell a phase or the outcome."""
    return [part for part in parts if part.anchor.replace("-", "_") in PHASE_SECTIONS]


@register.filter
def source_supports(record: Document) -> dict[str, list[supports.Support]]:
    """What each source of a case study supports, by the key of the reference."""
    return supports.by_reference(record)


@register.filter
def short_title(title: str) -> str:
    """A case by the name that stands before the colon of its title."""
    return short_case_name(title)


@register.simple_tag(takes_context=True)
def analysis_of(context: Context, comparison: Document) -> Analysis:
    """The truth table of a comparison that the address asks for."""
    return analyse_comparison(comparison, context["request"].GET)


@register.simple_tag(takes_context=True)
def r_script(context: Context, table: qca.TruthTable, edition: Edition) -> str:
    """The same truth table in R, from the data of this edition of a comparison; a preview's will be its first."""
    address = reverse("comparison-data-edition", args=[edition.slug, edition.number or 1])
    return qca.truth_table_script(table, context["request"].build_absolute_uri(address))


@register.filter
def three_places(value: Fraction | None) -> str:
    """A consistency to three places, as R prints it."""
    return "–" if value is None else f"{float(value):.3f}"


@register.filter
def format_score(value: Fraction) -> str:
    """A membership as it was scored: 0.67."""
    return f"{float(value):g}"


@register.filter
def case_slugs(cases: Sequence[Document]) -> list[str]:
    """The slugs of the cases of a comparison."""
    return [case["case"] for case in cases]


@register.filter
def scored_conditions(comparison: Document) -> list[Document]:
    """What every case of a comparison is scored on: the conditions, then the outcome."""
    return [*comparison["conditions"], comparison["outcome"]]
