"""The verbs of vocabularies: where a term is used, and terms that a package brings."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from django.apps import apps
from django.contrib.postgres.fields import ArrayField
from django.db.models import Max

from failure_lessons.vocabularies.models import VocabularyTerm
from failure_lessons.vocabularies.term_fields import find_term_fields
from failure_lessons.vocabularies.terms import forget_terms

HIGHEST_POSITION = 32_767  # what the column holds


def count_uses(term: VocabularyTerm) -> dict[str, int]:
    """How many rows of the workbench use a term, by what they are called: one query for each field that may."""
    found: dict[str, int] = {}
    for field, base in find_term_fields(apps.get_models()):
        if base.vocabulary == term.vocabulary:
            lookup = f"{field.name}__contains" if isinstance(field, ArrayField) else field.name
            code = [term.code] if isinstance(field, ArrayField) else term.code
            if count := field.model._default_manager.filter(**{lookup: code}).count():
                options = field.model._meta
                found[str(options.verbose_name if count == 1 else options.verbose_name_plural)] = count
    return found


def describe_uses(uses: Mapping[str, int]) -> str:
    """The counts as words: “2 case studies, 1 recommendation”."""
    return ", ".join(f"{count} {noun}" for noun, count in uses.items())


def load_terms(entries: Iterable[Mapping[str, str]]) -> None:
    """Take in the terms of a package: new ones come last, known ones get the label that the package gives them."""
    for entry in entries:
        term = VocabularyTerm.objects.filter(vocabulary=entry["vocabulary"], code=entry["code"]).first()
        if term is None:
            term = VocabularyTerm(
                vocabulary=entry["vocabulary"], code=entry["code"], position=last_position(entry["vocabulary"]) + 10
            )
        told = {name: entry[name] for name in ("label", "scope_note") if entry.get(name)}
        if any(getattr(term, name) != value for name, value in told.items()):
            for name, value in told.items():
                setattr(term, name, value)
            term.save()
    forget_terms()


def last_position(vocabulary: str) -> int:
    """The place of the last term of a vocabulary."""
    last: int | None = VocabularyTerm.objects.filter(vocabulary=vocabulary).aggregate(last=Max("position"))["last"]
    return min(last or 0, HIGHEST_POSITION - 10)
