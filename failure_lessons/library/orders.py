"""The orders of lists, and cursors: where an edition stands in a sorted list."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import orjson
from django.db.models import BooleanField, Case, Expression, F, Func, IntegerField, Q, Value, When
from django.db.models.functions import Coalesce
from django.db.models.lookups import GreaterThanOrEqual, LessThanOrEqual

from failure_lessons.publishing.models import EditionQuerySet
from failure_lessons.publishing.registry import Kind
from failure_lessons.vocabularies.choices import ConfidenceLevel, Strength


def rank_by_term(term: str, codes: Iterable[str]) -> Case:
    """The place of an edition's `term:code` in the order of `codes`, 0 first; editions without the term last."""
    listed = list(codes)
    places = [When(terms__contains=[f"{term}:{code}"], then=Value(place)) for place, code in enumerate(listed)]
    return Case(*places, default=Value(len(listed)), output_field=IntegerField())


def days_to(column: str) -> Coalesce:
    """A day as a number that grows with it, those without one last: a cursor can hold it."""
    number = Func(F(column), template="(%(expressions)s - date '2000-01-01')", output_field=IntegerField())
    return Coalesce(number, Value(2**31 - 1))


@dataclass(frozen=True)
class SortKey:
    """A value to sort by: a column, or an annotation where `expression` is given."""

    name: str
    expression: Expression | None = None
    falling: bool = False


class SortedRow(Protocol):
    """An edition of a sorted list: it has a kind and a key, and whatever the list was sorted by."""

    @property
    def kind(self) -> str: ...
    @property
    def pk(self) -> int: ...


Place = list[str | int]  # where an edition stands in a sorted list: what the list was sorted by, and the key


@dataclass(frozen=True)
class Order:
    """A way to sort a list: a code for addresses, words for people, and what to sort by before the primary key."""

    code: str
    label: str
    keys: tuple[SortKey, ...]

    def sort(self, editions: EditionQuerySet, *, backwards: bool = False) -> EditionQuerySet:
        """The editions in this order, with whatever a cursor needs."""
        computed = {key.name: key.expression for key in self.keys if key.expression is not None}
        return editions.annotate(**computed).order_by(
            *("-" * (key.falling != backwards) + key.name for key in self.keys), "-pk" if backwards else "pk"
        )

    def turned_round(self) -> Order:
        """The same the other way round, the last first."""
        keys = tuple(replace(key, falling=not key.falling) for key in self.keys)
        return replace(self, code=f"-{self.code}", keys=keys)

    def place(self, edition: SortedRow) -> Place:
        """Where an edition of a sorted list stands: the values it was sorted by."""
        return [*(getattr(edition, key.name) for key in self.keys), edition.pk]

    def condition_beyond(self, place: Sequence[object], *, backwards: bool = False) -> Q:
        """A condition: stands after this place in the order, or before it.

        PostgreSQL begins to read an index at a row of values, and reads it from the start for alternatives: so it is
        told the row, all keys of which rise or fall together, and then the alternatives that settle what is equal.
        """
        columns = Func(*(F(key.name) for key in self.keys), function="row", output_field=BooleanField())
        values = Func(*map(Value, place[:-1]), function="row", output_field=BooleanField())
        falls = self.keys[0].falling != backwards
        begin = LessThanOrEqual(columns, values) if falls else GreaterThanOrEqual(columns, values)
        condition, equal = Q(), Q()
        for key, value in zip((*self.keys, SortKey("pk")), place, strict=True):
            condition |= equal & Q(**{f"{key.name}__{'lt' if key.falling != backwards else 'gt'}": value})
            equal &= Q(**{key.name: value})
        return Q(begin) & condition


SORT_KEY = SortKey("sort_key")
STANDARD = Order("standard", "Code or title", (SORT_KEY,))
ORDERS: dict[str, Order] = {
    order.code: order
    for order in (
        STANDARD,
        Order("newest", "Newest first", (SortKey("revision", falling=True),)),
        Order("published", "Oldest first", (SortKey("revision"),)),
        Order(
            "strength", "Strongest first", (SortKey("by_strength", rank_by_term("strength", Strength.values)), SORT_KEY)
        ),
        Order(
            "confidence",
            "Surest first",
            (SortKey("by_confidence", rank_by_term("confidence", ConfidenceLevel.values)), SORT_KEY),
        ),
        Order("longest-wait", "Longest wait first", (SortKey("by_due_day", days_to("due_on")), SORT_KEY)),
    )
}


def orders_of(kind: Kind) -> dict[str, Order]:
    """The orders that a page offers for a kind, the standard one first."""
    return {code: ORDERS[code] for code in ("standard", "newest", *kind.orders)}


def directed_orders_of(kind: Kind) -> dict[str, Order]:
    """Every order that can be asked for: those of pages, by the day of publication, and each the other way round."""
    forwards = {code: ORDERS[code] for code in ("standard", "published", *kind.orders)}
    return orders_of(kind) | forwards | {f"-{code}": order.turned_round() for code, order in forwards.items()}


def cursor_of(order: Order, edition: SortedRow) -> str:
    """A cursor at this edition: it is good for lists of its kind in this order."""
    place = [edition.kind, order.code, *order.place(edition)]
    return base64.urlsafe_b64encode(orjson.dumps(place)).decode().rstrip("=")


def place_of(kind: str, order: Order, cursor: str) -> Place:
    """The place at which a cursor of this kind and order stands. Raises `ValueError` for anything else."""
    place: Place
    try:
        known, code, *place = orjson.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (ValueError, TypeError, binascii.Error):
        raise ValueError(cursor) from None
    keys = (*order.keys, SortKey("pk"))
    if (known, code) != (kind, order.code) or len(place) != len(keys):
        raise ValueError(cursor)
    for key, value in zip(keys, place, strict=True):
        if key.name == SORT_KEY.name:
            sound = isinstance(value, str) and "\0" not in value
        else:
            sound = type(value) is int and abs(value) < 2**63
        if not sound:
            raise ValueError(cursor)
    return place
