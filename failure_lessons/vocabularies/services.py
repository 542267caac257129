"""The verbs of vocabularies: where a term is used, and terms that a package brings."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from django.apps import apps
from django.contrib.postgres.fields import ArrayField
from django.db.models import JSONField, Max
from django.db.models.functions import Cast

from failure_lessons.publishing.models import Edition, EditionQuerySet
from failure_lessons.publishing.registry import KINDS
from failure_lessons.vocabularies.term_fields import find_term_fields
from failure_lessons.vocabularies.terms import forget_terms, stored_terms

if TYPE_CHECKING:
    from failure_lessons.vocabularies.models import VocabularyTerm

HIGHEST_POSITION = 32_767  # what the column holds


def count_uses(term: VocabularyTerm) -> dict[str, int]:
    """What uses a term, and how often: rows of the workbench by what they are called, and editions.

    One query for each field that may, and one for editions.
    """
    found: dict[str, int] = {}
    for field, base in find_term_fields(apps.get_models()):
        if base.vocabulary == term.vocabulary:
            lookup = f"{field.name}__contains" if isinstance(field, ArrayField) else field.name
            code = [term.code] if isinstance(field, ArrayField) else term.code
            if count := field.model._default_manager.filter(**{lookup: code}).count():
                options = field.model._meta
                found[str(options.verbose_name if count == 1 else options.verbose_name_plural)] = count
    if count := editions_with(term).count():
        found["published edition" if count == 1 else "published editions"] = count
    return found


def editions_with(term: VocabularyTerm) -> EditionQuerySet:
    """The editions that tell a label of the term, replaced and withdrawn ones included: each may be read or cited."""
    kinds = [
        kind.code
        for kind in KINDS.values()
        if any(each.name == "labels" and term.vocabulary in each.schema["properties"] for each in kind.derived)
    ]
    editions = Edition.objects.of_kind(*kinds).annotate(whole=Cast("document", JSONField()))
    return editions.filter(**{f"whole__derived__labels__{term.vocabulary}__has_key": term.code})


def describe_uses(uses: Mapping[str, int]) -> str:
    """The counts as words: “2 case studies, 1 recommendation”."""
    return ", ".join(f"{count} {noun}" for noun, count in uses.items())


def load_terms(entries: Iterable[Mapping[str, str]]) -> Counter[str]:
    """Take in the terms of a package: new ones come last, known ones get the label that the package gives them.

    Says how many were `created`, `changed` and `unchanged`.
    """
    done: Counter[str] = Counter()
    terms = {(term.vocabulary, term.code): term for term in stored_terms()}
    last = dict(stored_terms().values_list("vocabulary").annotate(Max("position")).order_by())
    for entry in entries:
        vocabulary, code = entry["vocabulary"], entry["code"]
        told = {name: entry[name] for name in ("label", "scope_note") if entry.get(name)}
        term = terms.get((vocabulary, code))
        if term and all(getattr(term, name) == value for name, value in told.items()):
            done["unchanged"] += 1
        elif term:
            done["changed"] += 1
            stored_terms().filter(pk=term.pk).update(**told)
        else:
            done["created"] += 1
            last[vocabulary] = min(last.get(vocabulary, 0) + 10, HIGHEST_POSITION)
            stored_terms().create(vocabulary=vocabulary, code=code, position=last[vocabulary], **told)
    forget_terms()
    return done
