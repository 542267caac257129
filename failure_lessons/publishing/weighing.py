"""What kind of change a new edition is: what its author says, held against what differs."""

from __future__ import annotations

import re
import uuid
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import orjson

from failure_lessons.publishing.change_kinds import ChangeKind
from failure_lessons.publishing.diff import EditionChange, diff_documents
from failure_lessons.publishing.fields import flatten_fields
from failure_lessons.publishing.models import Edition
from failure_lessons.publishing.pins import PinMeaning
from failure_lessons.publishing.planned import Pinned, PlannedEdition
from failure_lessons.publishing.registry import KINDS
from failure_lessons.publishing.renditions import RecordKey
from failure_lessons.publishing.validation import belongs_to

OF_FORM = {"locator", "quotation"}  # where in a source, and in which of its words: the statement rests on the same
SAME_SOURCE_AGAIN = re.compile(r".+ \(\d+\)$")  # a further place in a source that is cited there already


@dataclass(frozen=True)
class Claim:
    """What people say about the change: by record, and whether they confirm that changed words say the same."""

    kinds: Mapping[uuid.UUID, ChangeKind | None]
    says_the_same: bool = False

    def kind_for(self, owner: uuid.UUID) -> ChangeKind | None:
        """What is said of a record (and its parts); what goes along is of form if all of it is."""
        if owner in self.kinds:
            return self.kinds[owner]
        return ChangeKind.FORM if set(self.kinds.values()) == {ChangeKind.FORM} else None


NOTHING_SAID = Claim({})


class Weights:
    """Weighs the editions of a plan, in the order of dependence. Three queries, however many there are."""

    def __init__(self, planned: Sequence[PlannedEdition], pinned: Mapping[int, Mapping[int, str]]) -> None:
        self.replaced = [each for each in planned if each.replaces]
        before = {each.replaces.pk for each in self.replaced if each.replaces}
        self.documents = dict(Edition.objects.filter(pk__in=before).values_list("pk", "document"))
        self.pinned = {
            key: {cites for cites, meaning in pinned[key].items() if meaning == PinMeaning.RESTS_ON} for key in before
        }
        moved = {
            pin.record_id
            for each in self.replaced
            for pin in each.pins
            if isinstance(pin, Edition) and each.replaces and pin.pk not in self.pinned[each.replaces.pk]
        }
        self.history: dict[uuid.UUID, list[tuple[int, int, str]]] = {}
        told = Edition.objects.filter(record_id__in=moved).order_by("number") if moved else Edition.objects.none()
        for record, key, number, change in told.values_list("record_id", "pk", "number", "change"):
            self.history.setdefault(record, []).append((key, number, change))

    def changes_of(self, planned: PlannedEdition) -> list[EditionChange]:
        """What differs in its words."""
        if planned.replaces is None:
            return []
        old = orjson.loads(self.documents[planned.replaces.pk])
        return list(diff_documents(old, orjson.loads(planned.rendition.document)))

    def other_evidence(self, planned: PlannedEdition) -> Iterator[str]:
        """The titles of what it newly rests on, or rests on in an edition that is more than a correction of form."""
        if planned.replaces is None:
            return
        before = self.pinned[planned.replaces.pk]
        for pin in planned.pins:
            if not self.is_as_before(pin, before):
                yield f"“{pin.title}”"

    def is_as_before(self, pin: Pinned, before: Collection[int]) -> bool:
        """Whether a pin is one of those before, or has moved by corrections of form alone."""
        if not isinstance(pin, Edition):
            return pin.replaces is not None and pin.replaces.pk in before and pin.change == ChangeKind.FORM
        if pin.pk in before:
            return True
        passed = [change for key, number, change in self.history[pin.record_id] if number <= pin.number]
        start = next((place for place, (key, *_) in enumerate(self.history[pin.record_id]) if key in before), None)
        return start is not None and all(change == ChangeKind.FORM for change in passed[start + 1 :])

    def weigh_planned(self, planned: PlannedEdition) -> ChangeKind:
        """The least that it is, by what differs."""
        changes = self.changes_of(planned)
        if any(is_conclusive(planned.rendition.kind, change) for change in changes):
            return ChangeKind.CONCLUSION
        if any(not is_of_form(change) for change in changes) or any(self.other_evidence(planned)):
            return ChangeKind.EVIDENCE
        return ChangeKind.FORM


def is_conclusive(kind: str, change: EditionChange) -> bool:
    """Whether a difference is in what the record concludes, as its fields declare."""
    if change.nature == "confidence":
        return True
    for path, each in flatten_fields(KINDS[kind].fields):
        steps = tuple(path.split("."))
        if each.concludes and change.path[: len(steps)] == steps:
            return each.concludes == "whole" or change.path[-1] == each.concludes
    return False


def is_of_form(change: EditionChange) -> bool:
    """Whether a difference is in where or in which words a source says it."""
    return change.path[-1] in OF_FORM or (
        SAME_SOURCE_AGAIN.match(change.path[-1]) is not None
        and isinstance(change.value, dict)
        and change.value.keys() <= {"ref", *OF_FORM}
    )


def is_prose(change: EditionChange) -> bool:
    """Whether two people can judge that the new words say the same, which of a rating or a code nobody can."""
    return change.nature == "words" and " " in f"{change.before}{change.after}".strip()


def weigh_all(
    planned: Sequence[PlannedEdition], pinned: Mapping[int, Mapping[int, str]], claim: Claim
) -> Iterator[str]:
    """Give each edition of a plan its kind of change. Yields every reason why what is said of it cannot be so."""
    weights = Weights(planned, pinned)
    ids: dict[RecordKey, uuid.UUID] = {each.rendition.key: each.record_id for each in planned}
    asked = set(claim.kinds)
    for each in weights.replaced:
        least = weights.weigh_planned(each)
        said = claim.kind_for(ids.get(belongs_to(each.rendition), each.record_id))
        each.change = least
        if said == ChangeKind.FORM:
            each.change = ChangeKind.FORM
            yield from describe_more_than_form(each, weights, claim.says_the_same)
        elif said and each.record_id in asked and said.weight > least.weight:
            each.change = said


def describe_more_than_form(planned: PlannedEdition, weights: Weights, says_the_same: bool) -> Iterator[str]:
    """Why this is more than the correction of form that somebody calls it."""
    name = planned.rendition.name
    conclusive = [each for each in weights.changes_of(planned) if is_conclusive(planned.rendition.kind, each)]
    coded = [each for each in conclusive if not is_prose(each)]
    if coded:
        yield (
            f"{name}: a correction of form cannot change its {name_places(coded)}. Choose "
            "“Changed conclusion”, or undo that."
        )
    elif conclusive and not says_the_same:
        yield (
            f"{name}: the words of its {name_places(conclusive)} change. Compare both, and confirm that they say the "
            "same; or choose “Changed conclusion”."
        )
    if evidence := list(weights.other_evidence(planned)):
        yield (
            f"{name}: it would rest on {', '.join(evidence[:5])} as it now is, which is more than a correction of "
            "form. Choose “New evidence”."
        )


def name_places(changes: Iterable[EditionChange]) -> str:
    """Where the differences are, in words."""
    return " and ".join(dict.fromkeys(each.path[0].replace("_", " ") for each in changes))
