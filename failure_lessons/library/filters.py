"""Filters over editions, shared by page, API and download: one query string always means the same records.

A parameter is the name of a term with underscores for hyphens (`failure_type=safety` asks for `failure-type:safety`).
Values of one parameter widen (`phase=prevention&phase=resolution`: either), parameters narrow (both must hold).
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping
from decimal import Decimal
from functools import cached_property
from types import new_class
from typing import Any, Protocol, cast

import django_filters
from django import forms
from django.contrib.postgres.search import SearchQuery
from django.core.exceptions import ValidationError
from django.db import connections, models
from django.utils import timezone
from pyroaring import BitMap64

from failure_lessons.hints import format_choices, format_hint, nearest_codes, nearest_name
from failure_lessons.library.term_bitmaps import TermBitmaps
from failure_lessons.publishing.dependencies import reach_dependents
from failure_lessons.publishing.fields import Field, flatten_fields
from failure_lessons.publishing.identity import explain_name, find_records_named
from failure_lessons.publishing.models import Counts, Edition, EditionQuerySet
from failure_lessons.vocabularies.choices import EvidenceStatus, Overdue, TeamVocabulary
from failure_lessons.vocabularies.terms import labels_of_vocabulary

SLUG_PATTERN = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
YEARS = range(1800, 2101)  # of publication, for references
IDLE_DASHES = re.compile(
    r'-+(?!["\w-])|-+(?="(?!\w))|-+(?=-)'
)  # PostgreSQL stacks up each until a word follows: 33 fail
KNOWN_SLUGS = "select distinct slug from publishing_edition where kind = %s and slug = any(%s)"
known_slugs: set[tuple[str, str]] = set()  # kinds and slugs that were found: what was published once stays known
MOST_KNOWN_SLUGS = 20_000  # that a process keeps
ONE_EACH = "For several, give the parameter several times, with one of them each."
LONGEST_QUESTION = 300  # characters of free text that reach the database; nobody types more on purpose


def clean_search_text(text: str) -> str:
    """Free text as PostgreSQL can take it: no control characters, one space between words, not too long."""
    words = "".join(char if char.isprintable() else " " for char in text[: LONGEST_QUESTION * 4])
    return " ".join(words.split())[:LONGEST_QUESTION].strip()


def search_query(text: str) -> SearchQuery:
    """`text` as a query in the repository's own text search configuration, in the manner of web searches."""
    asked = IDLE_DASHES.sub(" ", clean_search_text(text))
    return SearchQuery(asked, config="evidence", search_type="websearch")


class SeveralField(forms.MultipleChoiceField):
    """Several values; an empty one asks for nothing, as when a plain form is sent with its list left at “any”."""

    def to_python(self, value: object) -> list[str]:
        return [each for each in super().to_python(value) if each]


class SlugsField(SeveralField):
    """Several slugs of records of one kind, or codes of a vocabulary that teams extend: whatever was ever published."""

    default_error_messages = {"invalid_choice": "“%(value)s” is not a code. Codes are lower case with hyphens."}

    def __init__(self, *, term: str, kind: str, **rest: Any) -> None:
        super().__init__(**rest)
        self.term, self.kind = term, kind

    def valid_value(self, value: object) -> bool:
        return bool(SLUG_PATTERN.fullmatch(str(value)))

    def validate(self, value: Iterable[str]) -> None:
        asked = [str(each) for each in value]
        if odd := next((each for each in asked if not self.valid_value(each)), ""):
            near = format_choices(nearest_codes(odd, self.every_known()))
            words = self.default_error_messages["invalid_choice"] % {"value": odd[:60]}
            near = f" {ONE_EACH}" if "," in odd else near
            raise ValidationError(f"{words}{near}", code="invalid_choice")
        super().validate(value)
        if asked and (unknown := next((each for each in asked if each not in self.known_among(asked)), "")):
            near = format_choices(nearest_codes(unknown, self.every_known()))
            raise ValidationError(f"There is no “{unknown[:60]}” here.{near}", code="invalid_choice")

    def known_among(self, codes: list[str]) -> set[str]:
        """Those of these codes that are known. One query, written out, for those that this process did not know yet."""
        if not self.kind:
            return set(labels_of_vocabulary(self.term))
        known = {code for code in codes if (self.kind, code) in known_slugs}
        if unknown := [code for code in codes if code not in known]:
            with connections[Edition.objects.db].cursor() as cursor:
                cursor.execute(KNOWN_SLUGS, [self.kind, unknown])
                found = {slug for (slug,) in cursor.fetchall()}
            if len(known_slugs) > MOST_KNOWN_SLUGS:
                known_slugs.clear()
            known_slugs.update((self.kind, slug) for slug in found)
            known |= found
        return known

    def every_known(self) -> list[str]:
        """All codes that are known: for a hint."""
        if self.kind:
            rows = Edition.objects.of_kind(self.kind).current()
            return list(rows.order_by("slug").values_list("slug", flat=True)[:20_000])
        return list(labels_of_vocabulary(self.term))


class RecordsField(SeveralField):
    """Several records of any kind, by code, by slug, or by `kind:slug` where two kinds have the same."""

    def valid_value(self, value: object) -> bool:
        return True  # each is looked up in `validate`

    def validate(self, value: Iterable[str]) -> None:
        asked = [str(each) for each in value]
        found = find_records_named(asked) if asked else {}
        for name in asked:
            if fault := explain_name(name, found.get(name, ())):
                raise ValidationError(fault, code="unknown")


class CodesField(SeveralField):
    """Several codes of one vocabulary, with a message that helps."""

    def validate(self, value: Iterable[str]) -> None:
        codes = [str(code) for code, _ in list(self.choices)]  # type: ignore[arg-type]  # a list once built
        for code in value:
            if not self.valid_value(code):
                hint = format_hint(nearest_name(str(code), codes), f"Use one of: {', '.join(codes)}.")
                if "," in str(code):
                    hint = f" {ONE_EACH} Use any of: {', '.join(codes)}."
                raise ValidationError(f"“{str(code)[:60]}” is not one of the choices.{hint}", code="invalid_choice")


class BitmapFilter(Protocol):
    """Every filter here finds current editions in two ways: by `filter`, as rows, and by this, as a bitmap to count."""

    def find_keys(self, bitmaps: TermBitmaps, value: Any) -> BitMap64: ...


class CountedTerms:
    """A filter whose choices are the terms of one name: beside each stands how many editions carry it."""

    term: str

    def list_choices(self, bitmaps: TermBitmaps) -> Mapping[str, BitMap64]:
        """Each term that can be chosen, with the editions that carry it."""
        return bitmaps.terms_named(self.term)

    def find_keys(self, bitmaps: TermBitmaps, value: list[str]) -> BitMap64:
        """The editions that carry at least one of the chosen."""
        choices = self.list_choices(bitmaps)
        return BitMap64.union(BitMap64(), *(choices.get(f"{self.term}:{code}", BitMap64()) for code in value))


class TermFilter(CountedTerms, django_filters.MultipleChoiceFilter):
    """Editions that carry at least one of the chosen terms of one name."""

    field_class = CodesField

    def __init__(self, vocabulary: type[models.TextChoices], *, term: str, label: str, **extra: object) -> None:
        self.term = term
        self.vocabulary = vocabulary
        super().__init__(choices=vocabulary.choices, label=label, required=False, **extra)

    def filter(self, qs: EditionQuerySet, value: list[str]) -> EditionQuerySet:
        return qs.matching_any(f"{self.term}:{code}" for code in value) if value else qs


class SlugTermFilter(CountedTerms, django_filters.MultipleChoiceFilter):
    """As `TermFilter`, for terms that people add to over time.

    `kind` is the kind of the records that they are, such as themes, and `most` how many of them a form can bear (the
    most frequent ones). Without a kind the term's name is that of a vocabulary that teams extend.
    """

    field_class = SlugsField

    def __init__(self, *, term: str, label: str, kind: str = "", most: int = 60, **extra: object) -> None:
        self.term = term
        self.kind = kind
        self.most = most
        super().__init__(label=label, required=False, term=term, kind=kind, **extra)

    def filter(self, qs: EditionQuerySet, value: list[str]) -> EditionQuerySet:
        return qs.matching_any(f"{self.term}:{slug}" for slug in value) if value else qs


class RestsOnFilter(django_filters.MultipleChoiceFilter):
    """Editions that rest on any edition of these records, however far down: the question against the arrows."""

    field_class = RecordsField

    def filter(self, qs: EditionQuerySet, value: list[str]) -> EditionQuerySet:
        if not value:
            return qs
        records = {record for found in find_records_named(value).values() for _, record in found}
        return qs.filter(pk__in=reach_dependents(records).order_by().values("pk"))

    def find_keys(self, bitmaps: TermBitmaps, value: list[str]) -> BitMap64:
        return BitMap64(self.filter(Edition.objects.current(), value).order_by().values_list("pk", flat=True))


class EvidenceFilter(TermFilter):
    """Editions whose evidence has changed since, or has not: no term says so, as terms never change."""

    def __init__(self, **extra: object) -> None:
        super().__init__(EvidenceStatus, term="evidence", label="Evidence", **extra)

    def filter(self, qs: EditionQuerySet, value: list[str]) -> EditionQuerySet:
        return qs.filter(evidence_status__in=value) if value else qs  # type: ignore[misc]  # annotated by judged()


class PlainNumberField(forms.DecimalField):
    """A whole number in the digits that programs write."""

    def clean(self, value: object) -> object:
        if value and not re.fullmatch("[0-9]+", str(value).strip()):
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        return super().clean(value)


class PlainDayField(forms.DateField):
    """A day as 2027-05-31: `strptime` would also take other digits, and months without their nought."""

    def clean(self, value: object) -> object:
        if value and not re.fullmatch("[0-9]{4}-[0-9]{2}-[0-9]{2}", str(value).strip()):
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        return super().clean(value)


class YearFilter(django_filters.NumberFilter):
    """Editions whose term `year:…` is this year or later, or this year or earlier."""

    field_class = PlainNumberField

    def __init__(self, *, until: bool, label: str) -> None:
        self.until = until
        wrong = f"A year is a number from {YEARS[0]} to {YEARS[-1]}."
        super().__init__(
            label=label,
            required=False,
            min_value=YEARS[0],
            max_value=YEARS[-1],
            decimal_places=0,
            error_messages=dict.fromkeys(("invalid", "min_value", "max_value", "max_decimal_places"), wrong),
        )

    def filter(self, qs: EditionQuerySet, value: Decimal | None) -> EditionQuerySet:
        if value is None:
            return qs
        return qs.matching_any(self.list_years(value))

    def list_years(self, value: Decimal) -> list[str]:
        """The terms of these years."""
        years = range(YEARS[0], int(value) + 1) if self.until else range(int(value), YEARS[-1] + 1)
        return [f"year:{year}" for year in years]

    def find_keys(self, bitmaps: TermBitmaps, value: Decimal) -> BitMap64:
        return bitmaps.keys_of_any(self.list_years(value))


class OverdueFilter(TermFilter):
    """Editions on which somebody owes an answer since a day before the question's, or not: the clock says, no term."""

    def __init__(self, **extra: object) -> None:
        super().__init__(Overdue, term="overdue", label="Overdue", **extra)

    def filter(self, qs: EditionQuerySet, value: list[str]) -> EditionQuerySet:
        if len(set(value)) != 1:
            return qs
        today = self.parent.day
        late, in_time = models.Q(due_on__lt=today), models.Q(due_on__gte=today) | models.Q(due_on=None)
        return qs.filter(late if value[0] == Overdue.YES else in_time)

    def list_choices(self, bitmaps: TermBitmaps) -> Mapping[str, BitMap64]:
        late = bitmaps.keys_before("due_on", self.parent.day)
        return {f"overdue:{Overdue.YES}": late, f"overdue:{Overdue.NO}": bitmaps.everything - late}


class DayFilter(django_filters.DateFilter):
    """Editions of which a day is this one or later; with `before`, lies before it. Days are those of London."""

    field_class = PlainDayField

    def __init__(self, *, column: str, label: str, before: bool = False) -> None:
        self.column, self.before = column, before
        wrong = "A day is written 2027-05-31."
        super().__init__(label=label, required=False, input_formats=["%Y-%m-%d"], error_messages={"invalid": wrong})

    def filter(self, qs: EditionQuerySet, value: dt.date | None) -> EditionQuerySet:
        if value is None:
            return qs
        timed = isinstance(Edition._meta.get_field(self.column), models.DateTimeField)
        bound = timezone.make_aware(dt.datetime.combine(value, dt.time.min)) if timed else value
        return qs.filter(**{f"{self.column}__{'lt' if self.before else 'gte'}": bound})

    def find_keys(self, bitmaps: TermBitmaps, value: dt.date) -> BitMap64:
        if self.column == "published_at":
            rows = self.filter(Edition.objects.current(), value).order_by().values_list("pk", flat=True)
            question = (self.column, self.before, value)
            return bitmaps.keep_answer(question, bitmaps.everything, lambda: BitMap64(rows))
        dated = BitMap64.union(BitMap64(), *bitmaps.terms_named(self.column).values())
        earlier = bitmaps.keys_before(self.column, value)
        return earlier if self.before else dated - earlier


class TextFilter(django_filters.CharFilter):
    """Editions whose words match, by PostgreSQL full text search."""

    def __init__(self, *, label: str) -> None:
        told = {"max_length": f"A question has at most {LONGEST_QUESTION} characters."}
        super().__init__(label=label, required=False, strip=True, max_length=LONGEST_QUESTION, error_messages=told)

    def filter(self, qs: EditionQuerySet, value: str) -> EditionQuerySet:
        return qs.filter(search=search_query(value)) if value and clean_search_text(value) else qs

    def find_keys(self, bitmaps: TermBitmaps, value: str) -> BitMap64:
        return bitmaps.find_matches(search_query(value)) if clean_search_text(value) else bitmaps.everything


class EditionFilter(django_filters.FilterSet):
    """What every kind can be filtered by. Subclasses add one filter for each term their kind carries."""

    q = TextFilter(label="Words")
    rests_on = RestsOnFilter(label="Rests on", required=False)
    published_from = DayFilter(column="published_at", label="This edition published on or after")
    published_before = DayFilter(column="published_at", label="This edition published before", before=True)
    day: dt.date  # of the question, in London: what is overdue then
    kind = ""  # of the editions

    class Meta:
        model = Edition
        fields: list[str] = []

    @classmethod
    def term_filters(cls) -> dict[str, TermFilter | SlugTermFilter]:
        """The filters that stand for terms, by parameter name."""
        return {
            name: declared
            for name, declared in cls.base_filters.items()
            if isinstance(declared, TermFilter | SlugTermFilter)
        }

    @classmethod
    def are_standing(cls, names: Iterable[str]) -> bool:
        """Whether nothing published can change what these parameters mean: a term, a year, a day, a word stays so."""
        standing = TermFilter | SlugTermFilter | YearFilter | DayFilter | TextFilter
        return all(isinstance(cls.base_filters.get(name), standing) for name in names)

    @classmethod
    def day_filters(cls) -> list[str]:
        """The parameters that take a day."""
        return [name for name, declared in cls.base_filters.items() if isinstance(declared, DayFilter)]

    @property
    def picked_codes(self) -> dict[str, list[str]]:
        """The chosen codes, by the name of their term."""
        given = self.form.cleaned_data
        return {each.term: given[name] for name, each in self.term_filters().items() if given[name]}

    def find_keys_of_each(self, bitmaps: TermBitmaps) -> dict[str, BitMap64]:
        """The current editions that answer to each filter in use."""
        given = {name: value for name, value in self.form.cleaned_data.items() if value}
        return {
            name: cast("BitmapFilter", self.filters[name]).find_keys(bitmaps, value) for name, value in given.items()
        }

    def narrow_keys(self, bitmaps: TermBitmaps, scope: BitMap64) -> BitMap64:
        """Those of these current editions that answer to every filter."""
        return BitMap64.intersection(scope, *self.find_keys_of_each(bitmaps).values())

    @cached_property
    def given(self) -> tuple[tuple[str, str], ...]:
        """What is chosen, by parameter, in a form that can be compared."""
        return tuple((name, str(value)) for name, value in self.form.cleaned_data.items() if value)

    @cached_property
    def are_of_terms(self) -> bool:
        """Whether the bitmaps alone know what answers: it takes no query."""
        given = [self.filters[name] for name, value in self.form.cleaned_data.items() if value]
        return all(isinstance(each, TermFilter | SlugTermFilter | YearFilter) for each in given)

    def count_choices(self, bitmaps: TermBitmaps, scope: BitMap64) -> Counts:
        """How many of these current editions answer, and how many each further choice would give.

        A further choice under the same name widens: it is counted among those that answer to everything but that.
        """
        found = self.find_keys_of_each(bitmaps)
        whole = BitMap64.intersection(scope, *found.values())
        by_term: dict[str, int] = {}
        for name in self.term_filters():
            beside = [keys for other, keys in found.items() if other != name]
            answering = BitMap64.intersection(scope, *beside) if name in found else whole
            by_term |= bitmaps.count_terms(answering, self.filters[name].list_choices(bitmaps))
        return Counts(len(whole), by_term)

    def count_among(self, bitmaps: TermBitmaps, editions: BitMap64) -> Counts:
        """The same of the list's kind among some editions, as a snapshot knows them."""
        return self.count_choices(bitmaps, bitmaps.keys_of(f"kind:{self.kind}") & editions)

    def count_choices_in_rows(self) -> Counts:
        """The same for the filtered editions as rows, as they stood at a moment in the past: one query."""
        given = self.form.cleaned_data
        beside = {}
        for name, each in self.term_filters().items():
            if given[name]:
                rows = self.queryset.all()
                for other, value in given.items():
                    if other != name:
                        rows = self.filters[other].filter(rows, value)
                beside[each.term] = rows
        whole: EditionQuerySet = self.qs
        return whole.count_terms(beside)


def ends_of_spans(filterset: type[EditionFilter]) -> list[str]:
    """The filters that take one value: the years and days at which something begins or ends."""
    return [name for name, each in filterset.base_filters.items() if isinstance(each, YearFilter | DayFilter)]


def declare_filter(
    name: str, fields: Iterable[Field], order: str = "", **own: django_filters.Filter
) -> type[EditionFilter]:
    """The filter of a kind: what its fields offer and its `own`; those that `order` names first, in this order."""
    offered: dict[str, django_filters.Filter] = {
        each.term.replace("-", "_"): SlugTermFilter(
            term=each.term,
            label=each.label,
            kind="" if isinstance(each.vocabulary, TeamVocabulary) else each.vocabulary,
            most=each.most,
        )
        if isinstance(each.vocabulary, str)
        else TermFilter(each.vocabulary, term=each.term, label=each.label)
        for _, each in flatten_fields(fields)
        if each.term and each.vocabulary
    } | own
    names = [*order.split(), *(each for each in offered if each not in order.split())]
    for place, each in enumerate(names):
        offered[each].creation_counter = place  # the order in which django-filter puts them
    return new_class(
        name, (EditionFilter,), exec_body=lambda body: body.update({each: offered[each] for each in names})
    )
