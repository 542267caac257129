"""A case study as the template of a new one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.text import slugify

from casestudies.models import Actor, CasePart, CaseStudy, Event, Indicator, Intervention, Involvement, Section
from failure_lessons.history.audit_context import records_actor

if TYPE_CHECKING:
    from collections.abc import Collection

    from failure_lessons.accounts.models import User

CLONEABLE_PARTS: dict[str, tuple[str, type[CasePart], tuple[str, ...], tuple[str, ...]]] = {
    # what a person chooses: its label, the rows, what of them is structure, and what is text
    "sections": ("Sections of the narrative", Section, ("name",), ("text", "in_short")),
    "events": ("Timeline", Event, ("date", "phase", "title"), ("description",)),
    "actors": ("Actors", Actor, ("name", "role", "organisation_id"), ("part_played",)),
    "interventions": (
        "Interventions",
        Intervention,
        ("kind", "title", "start_edtf", "end_edtf", "led_by"),
        ("description", "effect"),
    ),
    "indicators": (
        "Indicators, without their figures",
        Indicator,
        ("name", "unit", "better"),
        ("definition", "comparator"),
    ),
    "involvements": ("Organisations", Involvement, ("organisation_id",), ()),
}
TO_WRITE = "To be written."  # a section without its text still needs one


class CannotClone(Exception):
    """No case was made; the message says what to change."""


@transaction.atomic
@records_actor
def clone_case(
    *, case: CaseStudy, title: str, by: User, parts: Collection[str] = (), texts: bool = False, note: str = ""
) -> CaseStudy:
    """A new draft with the sector and types of failure of `case` and the `parts` chosen, with or without their texts.

    Never copied: what tells a record (its id, slug and editions), findings with their codes, figures, quotations and
    sources, for they are evidence of the other case. Queries do not grow with the rows.
    """
    title = " ".join(title.split())
    if not title or "\x00" in title or len(title) > 300:
        raise CannotClone("Give the new case a title of at most 300 characters.")
    if unknown := sorted(set(parts) - set(CLONEABLE_PARTS)):
        raise CannotClone(f"There is no part called “{unknown[0][:40]}”.")
    made = CaseStudy.objects.create(
        title=title,
        slug=free_case_slug(title),
        sector=case.sector,
        start_edtf=case.start_edtf,
        end_edtf=case.end_edtf,
        failure_types=case.failure_types,
    )
    for name in parts:
        _, model, structure, words = CLONEABLE_PARTS[name]
        rows = []
        for row in model._default_manager.filter(case=case):
            values = {column: getattr(row, column) for column in (*structure, *(words if texts else ()))}
            if model is Section and not texts:
                values["text"] = TO_WRITE
            rows.append(model(case=made, position=row.position, **values))
        model._default_manager.bulk_create(rows)
    return made


def free_case_slug(title: str) -> str:
    """A slug that no case has."""
    stem = slugify(title)[:70].strip("-") or "case"
    taken = {*CaseStudy.objects.filter(slug__startswith=stem).values_list("slug", flat=True), "compare"}
    return next(
        slug
        for number in range(1, len(taken) + 3)
        if (slug := stem if number == 1 else f"{stem}-{number}") not in taken
    )
