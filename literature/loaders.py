"""From package entries to records: references, themes, glossary terms and literature reviews.

Each loader takes an entry already validated, finds or makes its record, and rewrites it whole.
"""

from __future__ import annotations

from typing import Any

from failure_lessons.packages.loading import M, PrimaryKeys, cerqual_values, number_positions, upsert_record
from failure_lessons.publishing.registry import Entry
from failure_lessons.vocabularies.choices import ScreeningDecision
from failure_lessons.vocabularies.models import Theme
from literature.models import (
    Appraisal,
    EligibilityCriterion,
    FindingBase,
    GlossaryTerm,
    LiteratureReview,
    Reference,
    ReviewCitation,
    ReviewFinding,
    ReviewFindingAssessment,
    Screening,
    Search,
)

OWN_COLUMNS = {
    "id",
    "type",
    "title",
    "author",
    "issued",
    "container-title",
    "publisher",
    "DOI",
    "ISBN",
    "URL",
    "abstract",
    "note",
    "licence",
}


def load_theme(entry: Entry, keys: PrimaryKeys) -> Theme:
    """A theme."""
    theme = upsert_record(Theme, {"slug": entry["slug"]}, {"label": entry["label"], "scope_note": entry["scope_note"]})
    keys["theme"][theme.slug] = theme.pk
    return theme


def reference_columns(entry: Entry) -> dict[str, Any]:
    """The columns of a reference, by name, from a CSL-JSON item."""
    return {
        "type": entry["type"],
        "title": entry["title"],
        "author": entry.get("author", []),
        "issued": entry.get("issued"),
        "container_title": entry.get("container-title", ""),
        "publisher": entry.get("publisher", ""),
        "doi": entry.get("DOI", ""),
        "isbn": entry.get("ISBN", ""),
        "url": entry.get("URL", ""),
        "abstract": entry.get("abstract", ""),
        "note": entry.get("note", ""),
        "licence": entry.get("licence", ""),
        "csl": {name: value for name, value in entry.items() if name not in OWN_COLUMNS},
    }


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
            "term": entry["term"],
            "definition": entry["definition"],
            "reference_id": keys["reference"][entry["ref"]] if entry.get("ref") else None,
            "source_note": entry.get("source_note", ""),
        },
    )


def load_findings(
    model: type[FindingBase], owner: dict[str, Any], entries: list[Entry], keys: PrimaryKeys
) -> dict[str, Any]:
    """Findings of one case or review, by code. A finding keeps its identity by its code; those no longer named go."""
    found: dict[str, Any] = {}
    model._default_manager.filter(**owner).exclude(code__in=[entry["code"] for entry in entries]).delete()
    for position, entry in enumerate(entries):
        values = {
            **owner,
            "slug": entry["code"].lower(),
            "statement": entry["statement"],
            "explanation": entry.get("explanation", ""),
            "phase": entry["phase"],
            "position": position,
        }
        if "relevance_to_nhs" in {field.name for field in model._meta.fields}:
            values["relevance_to_nhs"] = entry.get("relevance_to_nhs", "")
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


def build_citations(model: type[M], target: dict[str, Any], sources: list[Entry], keys: PrimaryKeys) -> list[M]:
    """Citations of one statement, unsaved."""
    return number_positions(
        [
            model(
                **target,
                reference_id=keys["reference"][item["ref"]],
                locator=item.get("locator") or "",
                quotation=item.get("quotation") or "",
            )
            for item in sources
        ]
    )


def load_review(entry: Entry, keys: PrimaryKeys) -> LiteratureReview:
    """A literature review with its findings."""
    review = upsert_record(
        LiteratureReview,
        {"slug": entry["slug"]},
        {
            "title": entry["title"],
            "question": entry["question"],
            "review_type": entry["review_type"],
            "framework": entry.get("framework", ""),
            "framework_elements": entry.get("framework_elements", {}),
            "sector": entry["sector"],
            "synthesis": entry.get("synthesis", ""),
        },
    )
    for part in (Search, EligibilityCriterion, Screening, Appraisal):
        part.objects.filter(review=review).delete()
    Search.objects.bulk_create(
        number_positions([Search(review=review, **search) for search in entry.get("search", [])])
    )
    EligibilityCriterion.objects.bulk_create(
        number_positions(
            [
                EligibilityCriterion(review=review, decision=decision, text=text)
                for decision in ScreeningDecision.values
                for text in entry.get("eligibility", {}).get(decision, [])
            ]
        )
    )
    for model, name in ((Screening, "screening"), (Appraisal, "appraisal")):
        rows: list[Any] = [
            model(
                review=review,
                reference_id=keys["reference"][row["ref"]],
                **{key: value or "" for key, value in row.items() if key != "ref"},
            )
            for row in entry.get(name, [])
        ]
        model._default_manager.bulk_create(number_positions(rows))
    findings = load_findings(ReviewFinding, {"review": review}, entry.get("findings", []), keys)
    made: list[ReviewCitation] = []
    ReviewFindingAssessment.objects.filter(finding__in=findings.values(), agreed=True).delete()
    for item in entry.get("findings", []):
        finding = findings[item["code"]]
        made += build_citations(ReviewCitation, {"finding": finding}, item.get("sources", []), keys)
        if item.get("cerqual"):
            ReviewFindingAssessment.objects.create(finding=finding, agreed=True, **cerqual_values(item["cerqual"]))
    ReviewCitation.objects.bulk_create(made)
    return review
