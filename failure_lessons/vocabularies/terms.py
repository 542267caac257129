"""The terms of the vocabularies that teams extend, as the workbench knows them: read at once, kept for one request."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, NamedTuple

from django.apps import apps
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse

from failure_lessons.hints import format_hint, nearest_name
from failure_lessons.publishing.fields import Field
from failure_lessons.publishing.schemas import find_terms
from failure_lessons.types import Document

if TYPE_CHECKING:
    from failure_lessons.vocabularies.models import VocabularyTerm


class Term(NamedTuple):
    """A term: its code, what readers see, and whether it is offered no longer."""

    code: str
    label: str
    retired: bool


TermsByVocabulary = dict[str, list[Term]]
# None outside `keep_terms`; within it a dictionary, empty until the terms are asked for
KEPT: ContextVar[TermsByVocabulary | None] = ContextVar("vocabulary_terms", default=None)


@contextmanager
def keep_terms() -> Iterator[None]:
    """Within it terms are read once, until `forget_terms`: a form with a hundred rows asks for them a hundred times."""
    token = KEPT.set({})
    try:
        yield
    finally:
        KEPT.reset(token)


def forget_terms() -> None:
    """Read the terms anew: they were changed."""
    if kept := KEPT.get():
        kept.clear()


class KeepTermsMiddleware:
    """A page reads the terms once."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with keep_terms():
            return self.get_response(request)


def stored_terms() -> QuerySet[VocabularyTerm]:
    """All terms. The model by its name, because models import this module for their fields, and packages for export."""
    return apps.get_model("vocabularies.VocabularyTerm")._default_manager.all()


def terms_by_vocabulary() -> TermsByVocabulary:
    """Every term, retired ones included, in the order in which a steward put them: one query a request."""
    kept = KEPT.get()
    if kept:
        return kept
    found: TermsByVocabulary = {} if kept is None else kept
    rows = stored_terms().order_by("vocabulary", "position", "code")
    for vocabulary, code, label, retired in rows.values_list("vocabulary", "code", "label", "retired"):
        found.setdefault(vocabulary, []).append(Term(code, label, retired))
    return found


def list_terms(vocabulary: str) -> list[Term]:
    """The terms of a vocabulary, retired ones included."""
    return terms_by_vocabulary().get(vocabulary, [])


def labels_of_vocabulary(vocabulary: str) -> dict[str, str]:
    """What the terms of a vocabulary are called, by code, retired ones included."""
    return {each.code: each.label for each in list_terms(vocabulary)}


def offered_terms(vocabulary: str, chosen: Iterable[str] = ()) -> list[tuple[str, str]]:
    """What a form offers, as code and label: terms that are not retired, and those that were chosen already."""
    kept = set(chosen)
    return [(each.code, each.label) for each in list_terms(vocabulary) if not each.retired or each.code in kept]


class TermLabels:
    """What terms are called, read once for many documents."""

    def __init__(self) -> None:
        self.labels = {
            (vocabulary, term.code): term.label for vocabulary, terms in terms_by_vocabulary().items() for term in terms
        }

    def of(self, fields: Iterable[Field], entry: Document) -> dict[str, dict[str, str]]:
        """The labels of the terms that an entry uses, by vocabulary and code: the derived field `labels`."""
        found: dict[str, dict[str, str]] = {}
        for field in fields:
            for _, vocabulary, code in find_terms(field.schema, entry.get(field.name)):
                found.setdefault(vocabulary, {})[code] = self.labels.get((vocabulary, code), code)
        return {vocabulary: dict(sorted(labels.items())) for vocabulary, labels in found.items()}


def describe_unknown_term(code: str, known: Iterable[str]) -> str:
    """That a code is none of these, and which one may be meant."""
    codes = list(known)
    otherwise = f"Use one of: {', '.join(codes)}." if codes else "Nothing says which codes there are."
    hint = format_hint(nearest_name(code.replace(" ", "-"), codes), otherwise)
    return f"“{code[:60]}” is not a known code.{hint}"
