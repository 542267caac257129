"""What a SKOS file would do to themes or the glossary, and the verb that does it: all of it or nothing."""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.db import transaction
from rdflib import URIRef
from rdflib.namespace import SKOS

from failure_lessons.history.audit_context import records_actor
from failure_lessons.publishing.models import Publishable
from failure_lessons.publishing.review_lock import find_review_locks
from failure_lessons.vocabularies.models import Theme
from failure_lessons.vocabularies.skos.reading import Concept, Scheme

if TYPE_CHECKING:
    from failure_lessons.accounts.models import User


@dataclass(frozen=True)
class Vocabulary:
    """What concepts become: records of `model`, with their label and note in these fields. `note` is the property.

    `origin` is the field that says where a record was taken from, where there is one.
    """

    model: type[Publishable]
    label: str
    text: str
    note: URIRef
    origin: str = ""

    def make_record(self, concept: Concept) -> Publishable:
        """A new record of a concept."""
        made = self.model(**{"slug": concept.slug, self.label: concept.label, self.text: concept.note})
        if self.origin:
            setattr(made, self.origin, f"Taken from {concept.address or 'a SKOS file'}.")
        return made


THEMES = Vocabulary(Theme, "label", "scope_note", SKOS.scopeNote)


@dataclass(frozen=True)
class ConceptRow:
    """What becomes of a concept. `action`: new, changed, same, deprecated, faulty; `changes`: field, before, after."""

    concept: Concept
    action: str
    record: Publishable | None = None
    changes: tuple[tuple[str, str, str], ...] = ()
    faults: tuple[str, ...] = ()


class CannotImportScheme(Exception):
    """Nothing was imported. `reasons` says why."""

    def __init__(self, *reasons: str) -> None:
        super().__init__(" ".join(reasons))
        self.reasons = list(reasons)


def plan_scheme(scheme: Scheme, vocabulary: Vocabulary, *, lock: bool = False) -> list[ConceptRow]:
    """What each concept would do. One query; nothing is written."""
    rows = vocabulary.model._default_manager.order_by("pk")
    here = {row.slug: row for row in (rows.select_for_update() if lock else rows)}
    holders = {getattr(row, vocabulary.label).casefold(): row.slug for row in here.values()}
    slugs = Counter(concept.slug for concept in scheme.concepts)
    labels = Counter(concept.label.casefold() for concept in scheme.concepts)
    # a label that a changed record gives up is free for another only in the next import: plain, and never wrong
    return [
        plan_concept(
            concept, vocabulary, here.get(concept.slug), holders, slugs[concept.slug], labels[concept.label.casefold()]
        )
        for concept in scheme.concepts
    ]


def plan_concept(
    concept: Concept,
    vocabulary: Vocabulary,
    record: Publishable | None,
    holders: dict[str, str],
    same_slug: int,
    same_label: int,
) -> ConceptRow:
    """What one concept would do."""
    faults = []
    if concept.is_deprecated and record is None:
        return ConceptRow(concept, "deprecated")
    if not concept.label:
        return ConceptRow(concept, "faulty", faults=("It has no skos:prefLabel in English or without a language.",))
    if not concept.note:
        faults.append("It has neither skos:scopeNote nor skos:definition in English: say what belongs under it.")
    if same_slug > 1:
        faults.append(f"Two concepts of the file would get the code “{concept.slug}”: give them a skos:notation each.")
    if same_label > 1:
        faults.append(f"Two concepts of the file are called “{concept.label}”.")
    holder = holders.get(concept.label.casefold(), concept.slug)
    if holder != concept.slug:
        faults.append(f"“{concept.label}” is here already, with the code “{holder}”: use that as its skos:notation.")
    if record is not None:
        faults += find_review_locks([record])
        if record.state == Publishable.State.WITHDRAWN:
            faults.append(f"{record} is withdrawn and cannot be changed.")
    pairs = ((vocabulary.label, concept.label), (vocabulary.text, concept.note))
    changes = (
        ()
        if record is None
        else tuple((name, getattr(record, name), value) for name, value in pairs if getattr(record, name) != value)
    )
    if record is not None and not changes:
        return ConceptRow(concept, "same", record)
    candidate = vocabulary.make_record(concept) if record is None else record
    for name, _, value in changes:
        setattr(candidate, name, value)
    try:
        # an empty note is told above, in better words
        candidate.full_clean(
            exclude=[] if concept.note else [vocabulary.text], validate_unique=False, validate_constraints=False
        )
    except ValidationError as error:
        faults += [f"{name}: {' '.join(words)}" for name, words in error.message_dict.items()]
    action = "faulty" if faults else "changed" if changes else "new"
    return ConceptRow(concept, action, candidate, changes, tuple(faults))


def fingerprint_plan(rows: list[ConceptRow]) -> str:
    """What a person agreed to: it changes when a row would do something else by now."""
    told = [(row.concept, row.action, row.changes, row.faults) for row in rows]
    return hashlib.sha256(repr(told).encode()).hexdigest()


@transaction.atomic
@records_actor
def import_scheme(
    *, scheme: Scheme, vocabulary: Vocabulary, by: User, agreed: str, note: str = ""
) -> tuple[list[Publishable], list[Publishable]]:
    """Do what `plan_scheme` told: new drafts, and changes to what is here. Returns the new and the changed records.

    Raises `CannotImportScheme` when a row is faulty, or when the plan is no longer as `agreed` (its fingerprint).
    """
    rows = plan_scheme(scheme, vocabulary, lock=True)
    if fingerprint_plan(rows) != agreed:
        raise CannotImportScheme("The vocabulary was changed since you looked: look at the rows again, then confirm.")
    faulty = [f"{row.concept.label or row.concept.address}: {' '.join(row.faults)}" for row in rows if row.faults]
    if faulty:
        raise CannotImportScheme(*faulty)
    made = [row.record for row in rows if row.action == "new" and row.record]
    changed = [row.record for row in rows if row.action == "changed" and row.record]
    for record in (*made, *changed):
        record.save()
    return made, changed
