"""From package entries to records: references, glossary terms and literature reviews.

Each loader takes an entry already validated, finds or makes its record, and rewrites it whole.
"""

from __future__ import annotations

from typing import Any, TypeVar

from django.utils import timezone

from failure_lessons.packages.loading import Columns, M, PrimaryKeys, cerqual_values, number_positions, upsert_record
from failure_lessons.publishing.fields import values_of, write_rows
from failure_lessons.publishing.guard import parts_may_leave
from failure_lessons.publishing.registry import Entry
from failure_lessons.vocabularies.choices import ScreeningDecision
from literature.extraction_fields import ANSWER_MEMBERS
from literature.fields import FINDING_FIELDS, GLOSSARY_FIELDS, REFERENCE_FIELDS
from literature.models import (
    Appraisal,
    Candidate,
    EligibilityCriterion,
    GlossaryTerm,
    LiteratureReview,
    Reference,
    ReviewCitation,
    ReviewFinding,
    ReviewFindingAssessment,
    ReviewLookedFor,
    Screening,
    StudyCharacteristics,
)
from literature.review_fields import REVIEW_FIELDS
from literature.statements import CitationBase, FindingBase

F = TypeVar("F", bound=FindingBase)


def reference_columns(entry: Entry) -> Columns:
    """The columns of a reference, by name, from a CSL-JSON item."""
    own = {each.name for each in REFERENCE_FIELDS if each.attribute}
    values = values_of(REFERENCE_FIELDS, entry)
    del values["slug"]
    return {**values, "csl": {name: value for name, value in entry.items() if name not in own}}


def load_reference(entry: Entry, keys: PrimaryKeys) -> Reference:
    """A CSL-JSON item."""
    reference = upsert_record(Reference, {"slug": entry["id"]}, reference_columns(entry))
    keys["reference"][reference.slug] = reference.pk
    return reference


def load_term(entry: Entry, keys: PrimaryKeys) -> GlossaryTerm:
    """A glossary term."""
    return upsert_record(
        GlossaryTerm,
        {"slug": entry["slug"]},
        {
            **values_of(GLOSSARY_FIELDS, entry),
            "reference_id": keys["reference"][entry["ref"]] if entry.get("ref") else None,
        },
    )


def load_findings(model: type[F], owner: Columns, entries: list[Entry], keys: PrimaryKeys) -> dict[str, F]:
    """Findings of one case or review, by code. A finding keeps its identity by its code; those no longer named go."""
    found: dict[str, F] = {}
    columns = {field.name for field in model._meta.fields}  # findings of reviews say nothing of the NHS
    with parts_may_leave():
        model._default_manager.filter(**owner).exclude(code__in=[entry["code"] for entry in entries]).delete()
    for position, entry in enumerate(entries):
        plain = {name: value for name, value in values_of(FINDING_FIELDS, entry).items() if name in columns}
        values = {**plain, **owner, "slug": entry["code"].lower(), "position": position}
        # of either kind: the base of both has no table of themes or citations
        finding: Any = upsert_record(model, {"code": entry["code"]}, values)
        finding.citations.all().delete()
        finding.themes.clear()
        finding.themes.through._default_manager.bulk_create(
            finding.themes.through(
                **{finding.themes.source_field_name + "_id": finding.pk, "theme_id": keys["theme"][theme]}
            )
            for theme in entry.get("themes", [])
        )
        found[entry["code"]] = finding
    return found


def build_citations(model: type[M], target: Columns, sources: list[Entry], keys: PrimaryKeys) -> list[M]:
    """Citations of one statement, unsaved."""
    return number_positions(
        [
            model(
                **target,
                reference_id=keys["reference"][item["ref"]],
                **{name: item.get(name) or "" for name in CitationBase.DETAILS},
            )
            for item in sources
        ]
    )


def build_looked_for(model: type[M], owner: Columns, entry: Entry, keys: PrimaryKeys) -> list[M]:
    """What was looked for and not found, unsaved."""
    return number_positions(
        [
            model(**owner, phase=each["phase"], theme_id=keys["theme"][each["theme"]], how=each["how"])
            for each in entry.get("looked_for", [])
        ]
    )


def create_review_parts(model: type[M], review: LiteratureReview, rows: list[Entry], keys: PrimaryKeys) -> None:
    """What a review says of references one by one, in its order."""
    parts = [
        model(
            review=review,
            reference_id=keys["reference"][row["ref"]],
            **{key: "" if value is None else value for key, value in row.items() if key != "ref"},
        )
        for row in rows
    ]
    model._default_manager.bulk_create(number_positions(parts))


def load_screening_under_way(review: LiteratureReview, entry: Entry, keys: PrimaryKeys) -> None:
    """What was not decided yet where the review comes from: its reports wait here too, its other records are counted.

    Records that wait here already are not counted twice.
    """
    told = entry.get("screening_under_way") or {}
    review.candidates.filter(added_by=None).delete()
    waiting = [
        Candidate(
            review=review, reference_id=keys["reference"][ref], origin="Evidence package", added_at=timezone.now()
        )
        for ref in told.get("reports") or []
    ]
    Candidate.objects.bulk_create(waiting, ignore_conflicts=True)
    here = Candidate.objects.not_screened().filter(review=review).count()
    review.unscreened = max((told.get("records") or 0) - here, 0)
    review.save(update_fields=["unscreened"])


def read_answer(answer: Entry) -> Entry:
    """An answer about a study as the workbench keeps it: what it has, and nothing empty."""
    has = [name for name in ANSWER_MEMBERS if answer.get(name) or (name == "number" and answer.get(name) is not None)]
    return {name: answer[name] for name in has}


def load_review(entry: Entry, keys: PrimaryKeys) -> LiteratureReview:
    """A literature review with its findings."""
    review = upsert_record(LiteratureReview, {"slug": entry["slug"]}, values_of(REVIEW_FIELDS, entry))
    write_rows(REVIEW_FIELDS, review, entry)
    for part in (EligibilityCriterion, Screening, Appraisal, ReviewLookedFor, StudyCharacteristics):
        part._default_manager.filter(review=review).delete()
    ReviewLookedFor.objects.bulk_create(build_looked_for(ReviewLookedFor, {"review": review}, entry, keys))
    EligibilityCriterion.objects.bulk_create(
        number_positions(
            [
                EligibilityCriterion(review=review, decision=decision, text=text)
                for decision in ScreeningDecision.values
                for text in entry.get("eligibility", {}).get(decision, [])
            ]
        )
    )
    create_review_parts(Screening, review, entry.get("screening", []), keys)
    load_screening_under_way(review, entry, keys)
    create_review_parts(Appraisal, review, entry.get("appraisal", []), keys)
    characteristics = [
        {"ref": each["ref"], "values": {answer["field"]: read_answer(answer) for answer in each["values"]}}
        for each in entry.get("characteristics", [])
    ]
    create_review_parts(StudyCharacteristics, review, characteristics, keys)
    findings = load_findings(ReviewFinding, {"review": review}, entry.get("findings", []), keys)
    review.synthesis_citations.all().delete()
    made = build_citations(ReviewCitation, {"synthesis_of": review}, entry.get("synthesis_sources", []), keys)
    ReviewFindingAssessment.objects.filter(finding__in=findings.values(), agreed=True).delete()
    for item in entry.get("findings", []):
        finding = findings[item["code"]]
        made += build_citations(ReviewCitation, {"finding": finding}, item.get("sources", []), keys)
        if item.get("cerqual"):
            ReviewFindingAssessment.objects.create(finding=finding, agreed=True, **cerqual_values(item["cerqual"]))
    ReviewCitation.objects.bulk_create(made)
    return review
