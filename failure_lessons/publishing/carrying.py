"""Corrections of form, carried through to all that rests on them: the same words, over the corrected evidence."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from failure_lessons.publishing.change_kinds import ChangeKind
from failure_lessons.publishing.dependencies import find_current_dependents, map_direct_pins
from failure_lessons.publishing.models import Edition
from failure_lessons.publishing.pins import PinMeaning
from failure_lessons.publishing.planned import CarriedEdition, PlannedEdition
from failure_lessons.publishing.registry import KINDS


def carry_through(planned: Sequence[PlannedEdition], leaving: Collection[int]) -> list[CarriedEdition]:
    """The editions that corrections of form among `planned` bring along; the pins of `planned` move to them.

    At most three queries, however many there are. What is `leaving` is left out.
    """
    corrected = {each.replaces.pk: each for each in planned if each.replaces and each.change == ChangeKind.FORM}
    if not corrected:
        return []
    passed = {each.replaces.pk for each in planned if each.replaces} | set(leaving)
    reached = list(find_current_dependents(corrected, passed).defer("search"))
    pinned = map_direct_pins(edition.pk for edition in reached)
    cited = {key for pins in pinned.values() for key in pins}
    held = {edition.pk: edition for edition in Edition.objects.filter(pk__in=cited).without_text()}
    newer: dict[int, PlannedEdition | CarriedEdition] = {**corrected}
    carried = []
    for edition in sorted(reached, key=lambda edition: KINDS[edition.kind].rank):
        resting = [key for key, meaning in pinned[edition.pk].items() if meaning == PinMeaning.RESTS_ON]
        new = CarriedEdition(
            edition,
            pins=tuple(newer.get(key) or held[key] for key in resting),
            about=tuple(held[key] for key in pinned[edition.pk] if key not in resting),
            causes=tuple(newer[key] for key in resting if key in newer),
        )
        newer[edition.pk] = new
        carried.append(new)
    for each in planned:
        each.pins = tuple(newer.get(pin.pk, pin) if isinstance(pin, Edition) else pin for pin in each.pins)
        if each.replaces and each.change == ChangeKind.FORM:
            each.marked_at = each.replaces.evidence_changed_at
    return carried
