"""What is asked of each body, counted over the dossiers of the library: every count is that of a list."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from django.db import connections
from django.db.models import Q

from failure_lessons.library.list_query import readable_editions
from failure_lessons.publishing.models import Edition

# What is counted of a body's dossiers: words for readers, and what narrows the list to them.
BODY_COUNTS: dict[str, tuple[str, tuple[tuple[str, str], ...]]] = {
    "made": ("Asked of it", ()),
    "answered": ("Answered", (("answer", "answered"), ("answer", "late"))),
    "late": ("Answered after the day", (("answer", "late"),)),
    "accepted": ("Accepted", (("position", "accepted"),)),
    "done": ("Judged done", (("implementation", "done"), ("implementation", "done-differently"))),
    "overdue": ("Overdue", (("overdue", "yes"),)),
    "none-found": ("No answer found by us", (("answer", "none-found"),)),
    "not-asked": ("Asked of nobody yet", (("answer", "not-asked"),)),
}


@dataclass(frozen=True)
class BodyCount:
    """How many dossiers of a body are in one state, and the query string of the list that holds them."""

    code: str
    label: str
    number: int
    query: str


@dataclass(frozen=True)
class BodyLine:
    """A body of the table."""

    slug: str
    name: str
    counts: tuple[BodyCount, ...]


@dataclass(frozen=True)
class PassedOn:
    """A duty that came from another body, or went to one: that body, and the day in EDTF, which may be empty."""

    slug: str
    name: str
    date: str
    note: str


def condition_of(pairs: tuple[tuple[str, str], ...]) -> tuple[str, list[list[str]]]:
    """The SQL condition that a count stands for, over the terms of an edition."""
    if not pairs:
        return "true", []
    if pairs == (("overdue", "yes"),):
        return "due_on < %s", []
    return "terms && %s", [[f"{name}:{code}" for name, code in pairs]]


def count_by_body(
    day: dt.date, moment: dt.datetime | None = None, *, body: str = "", as_of: str = ""
) -> list[BodyLine]:
    """Every body that was asked, or is to be, with its counts on a day in London; those asked most often first.

    Two queries. With `body`, that one alone. `as_of` is how the reader asked for the moment: lists are asked likewise.
    """
    rows = readable_editions(Edition.objects.of_kind("follow-up"), moment)
    if body:
        rows = rows.matching([f"body:{body}"])
    inner, inner_values = rows.order_by().values("terms", "due_on").query.sql_with_params()
    parts: list[str] = []
    values: list[dt.date | list[str]] = []
    for _, pairs in BODY_COUNTS.values():
        condition, wanted = condition_of(pairs)
        parts.append(condition)
        values += wanted if "%s" not in condition or wanted else [day]
    names = [f"c{place}" for place in range(len(parts))]
    told = ", ".join(f"({part}) {name}" for part, name in zip(parts, names, strict=True))
    counts = ", ".join(f"count(*) filter (where {name})" for name in names)
    # what holds of a dossier is asked once, and not again for each of its bodies: that is what `offset 0` is for
    sql = f"""select substr(body, 6), {counts} from
              (select terms, {told} from ({inner}) whole offset 0) e cross join lateral unnest(terms) body
              where starts_with(body, 'body:') group by body order by 2 desc, 1"""
    with connections[rows.db].cursor() as cursor:
        cursor.execute(sql, [*values, *inner_values])
        counted = [row for row in cursor.fetchall() if not body or row[0] == body]
    called = names_of_bodies([row[0] for row in counted], moment)
    return [line_of_body(slug, called.get(slug, slug), numbers, as_of) for slug, *numbers in counted]


def line_of_body(slug: str, name: str, numbers: list[int], as_of: str) -> BodyLine:
    """A body with its counts, each with its list."""
    then = [("as_of", as_of)] if as_of else []
    counts = (
        BodyCount(code, label, number, urlencode([("body", slug), *pairs, *then]))
        for (code, (label, pairs)), number in zip(BODY_COUNTS.items(), numbers, strict=True)
    )
    return BodyLine(slug, name, tuple(counts))


def names_of_bodies(slugs: list[str], moment: dt.datetime | None) -> Mapping[str, str]:
    """What bodies are called. One query."""
    rows = readable_editions(Edition.objects.of_kind("organisation"), moment).filter(slug__in=slugs)
    return dict(rows.values_list("slug", "title"))


def list_passed_on(body: Edition, moment: dt.datetime | None) -> tuple[list[PassedOn], list[PassedOn]]:
    """From whom duties came to a body, and to whom they went, as the records of organisations tell. One query."""
    went = successors_of(body)
    rows = readable_editions(Edition.objects.of_kind("organisation"), moment)
    before = rows.filter(~Q(pk=body.pk), document__contains=f'"body":"{body.slug}"').order_by("sort_key", "pk")
    came = [
        PassedOn(each.slug, each.title, link.date, link.note)
        for each in before.defer("body", "search")
        for link in successors_of(each)
        if link.slug == body.slug
    ]
    return came, went


def successors_of(body: Edition) -> list[PassedOn]:
    """To whom the duties of a body went, as its record says."""
    document = body.content
    names = document.get("derived", {}).get("names", {})
    return [
        PassedOn(link["body"], names.get(link["body"], link["body"]), link.get("date", ""), link.get("note", ""))
        for link in document.get("successors", [])
    ]
