"""Add pasted rows to a case, all or none."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from django.db import models, transaction
from django.db.models import Max

from casestudies.models import CaseCitation, CaseFinding, CaseStudy, Event, Indicator, IndicatorValue, Intervention
from casestudies.paste_import.reading import PastedRow, own_values, parse_paste
from failure_lessons.history.audit_context import records_actor
from failure_lessons.packages.loading import Columns
from failure_lessons.publishing.review_lock import find_review_locks

if TYPE_CHECKING:
    from failure_lessons.accounts.models import User

FAR = 1000  # after every citation that a form numbers


class CannotPaste(Exception):
    """Nothing was added; the text has to be mended first. `reasons` says where."""

    def __init__(self, reasons: Iterable[str]) -> None:
        self.reasons = list(reasons)
        super().__init__(" ".join(self.reasons))


@transaction.atomic
@records_actor
def paste_rows(*, case: CaseStudy, what: str, text: str, by: User, note: str = "") -> int:
    """Add the rows of `text` after those the case has, in one transaction. Says how many were added.

    The text is read again while the case is held, so what is added fits the case as it is now. Rows that the case has
    already are left alone. Queries do not grow with the rows but for one more in every 500.
    """
    held = CaseStudy.objects.select_for_update().get(pk=case.pk)
    if locks := find_review_locks([held]):
        raise CannotPaste(locks)
    reading = parse_paste(case=held, what=what, text=text)
    if reading.problems or reading.faulty:
        raise CannotPaste(
            [*reading.problems, *(f"Row {row.number}: {' '.join(row.problems)}" for row in reading.faulty)]
        )
    ADD[what](held, reading.fresh)
    held.save(update_fields=["edited_at"])
    return len(reading.fresh)


def next_position(rows: models.Manager[models.Model]) -> int:
    """The position after the last."""
    last: int | None = rows.aggregate(last=Max("position"))["last"]
    return 0 if last is None else last + 1


def create_case_citations(pairs: Iterable[tuple[str, models.Model, list[Columns]]]) -> None:
    """Citations of statements: target, row and what `cells.sources` found."""
    CaseCitation.objects.bulk_create(
        [
            CaseCitation(
                **{target: row},
                reference=item["reference"],
                locator=item["locator"],
                quotation=item["quotation"],
                position=position,
            )
            for target, row, items in pairs
            for position, item in enumerate(items)
        ],
        batch_size=500,
    )


def add_events(case: CaseStudy, rows: list[PastedRow]) -> None:
    start = next_position(case.events)
    made = Event.objects.bulk_create(
        [Event(case=case, position=start + place, **own_values(row)) for place, row in enumerate(rows)], batch_size=500
    )
    create_case_citations(
        ("event", event, row.values.get("sources", [])) for event, row in zip(made, rows, strict=True)
    )


def add_interventions(case: CaseStudy, rows: list[PastedRow]) -> None:
    start = next_position(case.interventions)
    made = Intervention.objects.bulk_create(
        [Intervention(case=case, position=start + place, **own_values(row)) for place, row in enumerate(rows)],
        batch_size=500,
    )
    create_case_citations(
        ("intervention", each, row.values.get("sources", [])) for each, row in zip(made, rows, strict=True)
    )


def add_indicators(case: CaseStudy, rows: list[PastedRow]) -> None:
    """Figures, each to its indicator; indicators that are new are made of their first row."""
    known = {each.name.casefold(): each for each in case.indicators.all()}
    first: dict[str, PastedRow] = {}
    for row in rows:
        if row.values["indicator"].casefold() not in known:
            first.setdefault(row.values["indicator"].casefold(), row)
    start = next_position(case.indicators)
    for each in Indicator.objects.bulk_create(
        [
            Indicator(
                case=case,
                position=start + place,
                name=row.values["indicator"],
                unit=row.values["unit"],
                better=row.values["better"],
                definition=row.values.get("definition", ""),
            )
            for place, row in enumerate(first.values())
        ]
    ):
        known[each.name.casefold()] = each
    places = dict(
        IndicatorValue.objects.filter(indicator__in=known.values())
        .order_by()
        .values_list("indicator")
        .annotate(last=Max("position"))
    )
    points, cited = [], []
    for row in rows:
        indicator = known[row.values["indicator"].casefold()]
        place = places[indicator.pk] = places.get(indicator.pk, -1) + 1
        points.append(
            IndicatorValue(
                indicator=indicator,
                position=place,
                period=row.values["period"],
                value=row.values["value"],
                note=row.values.get("note", ""),
            )
        )
        cited.append((indicator, row.values.get("sources", [])))
    IndicatorValue.objects.bulk_create(points, batch_size=500)
    seen = {
        (each.indicator_id, each.reference_id, each.locator)
        for each in CaseCitation.objects.filter(indicator__in=known.values())
    }
    fresh: dict[Indicator, list[Columns]] = {}
    for indicator, items in cited:
        for item in items:
            mark = (indicator.pk, item["reference"].pk, item["locator"])
            if mark not in seen:
                seen.add(mark)
                fresh.setdefault(indicator, []).append(item)
    create_case_citations(("indicator", indicator, items) for indicator, items in fresh.items())


def add_findings(case: CaseStudy, rows: list[PastedRow]) -> None:
    start = next_position(case.findings)
    made = CaseFinding.objects.bulk_create(
        [
            CaseFinding(case=case, position=start + place, slug=row.values["code"].lower(), **own_values(row, "themes"))
            for place, row in enumerate(rows)
        ],
        batch_size=500,
    )
    through = CaseFinding.themes.through
    through._default_manager.bulk_create(
        through(casefinding_id=finding.pk, theme_id=theme.pk)
        for finding, row in zip(made, rows, strict=True)
        for theme in row.values["themes"]
    )
    create_case_citations(
        ("finding", finding, row.values.get("sources", [])) for finding, row in zip(made, rows, strict=True)
    )


def add_citations(case: CaseStudy, rows: list[PastedRow]) -> None:
    """Citations, each after those its statement has."""
    CaseCitation.objects.bulk_create(
        [
            CaseCitation(
                **{row.values["target"]: row.values["row"]},
                reference=row.values["reference"],
                locator=row.values.get("locator", ""),
                quotation=row.values.get("quotation", ""),
                position=FAR + place,
            )
            for place, row in enumerate(rows)
        ],
        batch_size=500,
    )


ADD: dict[str, Callable[[CaseStudy, list[PastedRow]], None]] = {
    "events": add_events,
    "interventions": add_interventions,
    "indicators": add_indicators,
    "findings": add_findings,
    "citations": add_citations,
}
