"""How references, glossary terms, reviews and their findings become documents."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from django.db.models import Prefetch, Q, QuerySet

from failure_lessons.bibliography.csl import date_parts, names_in_role
from failure_lessons.bibliography.inline import inline_keys
from failure_lessons.bibliography.names import name_references
from failure_lessons.publishing.fields import entry_of, terms_of
from failure_lessons.publishing.models import Record
from failure_lessons.publishing.registry import register_source
from failure_lessons.publishing.renditions import MissingItem, RecordKey, Rendition, drop_empty_values, natural_sort_key
from failure_lessons.types import JSONObject, JSONValue
from failure_lessons.vocabularies.choices import ScreeningDecision
from failure_lessons.vocabularies.models import Theme
from failure_lessons.vocabularies.terms import TermLabels
from literature import prisma
from literature.fields import GLOSSARY_FIELDS
from literature.models import (
    Appraisal,
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
from literature.screening.flow import find_screening_under_way
from literature.statements import FindingBase
from literature.studies import list_excluded_studies, list_included_studies, list_unassessed_studies

TO_COMPLETE = "To be completed:"  # begins the title of a draft of which only a DOI is known


def references_named(texts: Iterable[str]) -> QuerySet[Reference]:
    """The references cited inline in these texts."""
    return Reference.objects.filter(slug__in=inline_keys(list(texts)))


class CitedNames:
    """Author and year of the references that the texts of many entries name by key: one query, and none for none."""

    def __init__(self, texts: Iterable[object]) -> None:
        keys = inline_keys(list(texts))
        rows = Reference.objects.filter(slug__in=keys) if keys else ()
        self.references = {row.slug: reference_entry(row) for row in rows}

    def of(self, entry: JSONObject) -> dict[str, str]:
        """What each reference is called in the running text of an entry: the derived field `cited`."""
        keys = sorted(inline_keys(entry) & self.references.keys()) if self.references else []
        return name_references({key: self.references[key] for key in keys})


def reference_keys(entry: JSONObject, sources: Iterable[JSONObject]) -> frozenset[RecordKey]:
    """Everything an entry cites: its listed sources and the references named in its text."""
    return frozenset(RecordKey("reference", key) for key in {item["ref"] for item in sources} | inline_keys(entry))


def finding_terms(finding: FindingBase, themes: Iterable[str], sector: str) -> set[str]:
    """Terms that every finding carries."""
    return {f"phase:{finding.phase}", f"sector:{sector}", *(f"theme:{theme}" for theme in themes)}


def looked_for_terms(entry: JSONObject) -> set[str]:
    """The terms by which the map finds what was looked for and not found."""
    return {f"looked-for:{each['phase']}.{each['theme']}" for each in entry["looked_for"]}


def year_of(issued: JSONObject | None) -> int | None:
    """The year of a CSL date."""
    parts = date_parts({"issued": issued})
    return parts[0][0] if parts else None


def csl_author_names(author: JSONValue) -> list[str]:
    """Family or literal names of CSL authors."""
    return [name.get("family") or name["literal"] for name in names_in_role({"author": author})]


def reference_entry(reference: Reference) -> JSONObject:
    """The CSL-JSON item, with `licence` beside it."""
    return {
        "id": reference.slug,
        "type": reference.type,
        "title": reference.title,
        "author": reference.author,
        "issued": reference.issued,
        "container-title": reference.container_title,
        "publisher": reference.publisher,
        **reference.other_variables,
        "DOI": reference.doi,
        "ISBN": reference.isbn,
        "URL": reference.url,
        "abstract": reference.abstract,
        "note": reference.note,
        "licence": reference.licence,
    }


@register_source(Reference, "reference")
def render_references(rows: QuerySet[Reference]) -> Iterator[Rendition]:
    """References: CSL-JSON items."""
    for reference in rows:
        year = year_of(reference.issued)
        names = csl_author_names(reference.author)
        first = (names or [reference.publisher or reference.title])[0]
        yield Rendition(
            record=reference,
            kind="reference",
            slug=reference.slug,
            title=reference.title,
            summary=", ".join(
                dict.fromkeys(filter(None, [*names, reference.container_title, reference.publisher, str(year or "")]))
            ),
            body=" ".join([reference.abstract, reference.doi, reference.slug]),
            entry=reference_entry(reference),
            sort_key=f"{first.casefold()} {year or 9999} {reference.slug}",
            terms=frozenset({f"type:{reference.type}", *([f"year:{year}"] if year else [])}),
            missing=(MissingItem("Only its DOI is known: give its title, authors and year.", "title"),)
            if reference.title.startswith(TO_COMPLETE)
            else (),
        )


@register_source(
    GlossaryTerm,
    "glossary-term",
    companions=lambda rows: Reference.objects.filter(glossary_terms__in=rows).distinct(),
)
def render_terms(rows: QuerySet[GlossaryTerm]) -> Iterator[Rendition]:
    """Glossary terms, with the reference their definition comes from."""
    for term in rows.select_related("reference"):
        key = term.reference.slug if term.reference else None
        entry = entry_of(GLOSSARY_FIELDS, term, {"ref": key})
        yield Rendition(
            record=term,
            kind="glossary-term",
            slug=term.slug,
            title=term.term,
            summary=term.definition,
            entry=entry,
            sort_key=term.term.casefold(),
            rests_on=reference_keys(entry, [{"ref": key}] if key else []),
        )


def review_companions(rows: QuerySet[LiteratureReview]) -> Iterator[Record]:
    """What a review publishes along with itself: every reference it includes, appraises or cites, and its themes.

    What it screened and left out stays a matter of the review: `derived.screened_out` of its document.
    """
    numbers = rows.order_by().values("pk")
    findings = ReviewFinding.objects.filter(review__in=numbers).order_by().values_list("explanation")
    texts = [text for (text,) in rows.order_by().values_list("synthesis").union(findings, all=True)]
    kept = Screening.objects.keeping().filter(review__in=numbers)
    cited = ReviewCitation.objects.filter(Q(finding__review__in=numbers) | Q(synthesis_of__in=numbers))
    appraised = Appraisal.objects.filter(review__in=numbers)
    wanted = Q(slug__in=inline_keys(texts))
    for those in (kept, appraised, cited):
        wanted |= Q(pk__in=those.order_by().values("reference"))
    yield from Reference.objects.filter(wanted)
    looked_for = ReviewLookedFor.objects.filter(review__in=numbers).order_by().values("theme")
    yield from Theme.objects.filter(Q(review_findings__review__in=numbers) | Q(pk__in=looked_for)).distinct()


def screening_rows(review: LiteratureReview) -> list[JSONObject]:
    """The decisions of a review in package form, in their order."""
    return [
        {"ref": each.reference.slug, "stage": each.stage, "decision": each.decision, "reason": each.reason}
        for each in review.screenings.all()
    ]


def describe_screened_out(review: LiteratureReview, entry: JSONObject) -> dict[str, JSONObject]:
    """The CSL-JSON items of the records that a review screened and does not include, by key."""
    keys = {each.screening["ref"] for each in (*list_excluded_studies(entry), *list_unassessed_studies(entry))}
    references = {each.reference.slug: each.reference for each in review.screenings.all()}
    return {key: drop_empty_values(reference_entry(each)) for key, each in references.items() if key in keys}


def characteristics_rows(review: LiteratureReview, own: JSONObject) -> list[JSONObject]:
    """What was agreed about each study that is still included, its answers in the order of the form."""
    keys = [each.key for each in review.extraction_form.all()]
    rows = {each.reference.slug: each.values for each in review.characteristics.all()}
    kept = {study.screening["ref"] for study in list_included_studies(own)} if rows else set()
    return [
        {"ref": ref, "values": [{"field": key, **values[key]} for key in keys if values.get(key)]}
        for ref, values in rows.items()
        if ref in kept
    ]


def review_entry(review: LiteratureReview, under_way: JSONObject) -> JSONObject:
    """A review in package form, but for its findings, which are named by code; `under_way` is what is to be decided."""
    appraisal = [
        {
            "ref": appraisal.reference.slug,
            "tool": appraisal.tool,
            "judgement": appraisal.judgement,
            "note": appraisal.note,
        }
        for appraisal in review.appraisals.all()
    ]
    criteria = list(review.eligibility_criteria.all())
    decided: JSONObject = {"screening": screening_rows(review), "screening_under_way": under_way}
    codes = [finding.code for finding in review.findings.all()]
    own: JSONObject = {
        "eligibility": {
            "include": [c.text for c in criteria if c.decision == ScreeningDecision.INCLUDE],
            "exclude": [c.text for c in criteria if c.decision == ScreeningDecision.EXCLUDE],
        },
        **decided,
        "appraisal": appraisal,
        "characteristics": characteristics_rows(review, decided),
        "synthesis_sources": [citation.entry() for citation in review.synthesis_citations.all()],
        "looked_for": [each.entry() for each in review.looked_for.all()],
        "findings": codes,
    }
    return entry_of(REVIEW_FIELDS, review, own)


FINDING_PARTS: tuple[str | Prefetch[str], ...] = (
    "themes",
    Prefetch("citations", ReviewCitation.objects.select_related("reference")),
    Prefetch("assessments", ReviewFindingAssessment.objects.filter(agreed=True)),
)


def read_reviews(rows: QuerySet[LiteratureReview], screenings: QuerySet[Screening]) -> list[LiteratureReview]:
    """Reviews with everything their documents hold, and these of their decisions."""
    read = rows.prefetch_related(
        "searches",
        "eligibility_criteria",
        Prefetch("screenings", screenings.select_related("reference")),
        Prefetch("appraisals", Appraisal.objects.select_related("reference")),
        "extraction_form",
        Prefetch("characteristics", StudyCharacteristics.objects.select_related("reference")),
        Prefetch("findings", ReviewFinding.objects.prefetch_related(*FINDING_PARTS)),
        Prefetch("looked_for", ReviewLookedFor.objects.select_related("theme")),
        Prefetch("synthesis_citations", ReviewCitation.objects.select_related("reference")),
    )
    return list(read)


def review_rendition(review: LiteratureReview, entry: JSONObject, derived: JSONObject | None = None) -> Rendition:
    """The rendition of a review with what is computed of it."""
    kept: list[JSONObject] = [dict(study.screening) for study in list_included_studies(entry)]
    return Rendition(
        record=review,
        kind="literature-review",
        slug=review.slug,
        title=review.title,
        summary=review.question,
        body=review.synthesis,
        entry=entry,
        derived=derived or {},
        sort_key=review.title.casefold(),
        terms=frozenset(terms_of(REVIEW_FIELDS, entry) | looked_for_terms(entry)),
        rests_on=reference_keys(entry, [*kept, *entry["appraisal"], *entry["synthesis_sources"]])
        | {RecordKey("finding", code.lower()) for code in entry["findings"]},
        missing=tuple(
            MissingItem(message, place)
            for lacks, message, place in (
                (not entry["findings"], "It has no findings.", "findings"),
                (not entry["search"], "It records no search.", "searches"),
                (not review.synthesis, "It has no synthesis.", "synthesis"),
            )
            if lacks
        ),
    )


def outline_reviews(rows: QuerySet[LiteratureReview]) -> Iterator[Rendition]:
    """Reviews and their findings, with no decisions but those that include a study: there may be thousands."""
    for review in read_reviews(rows, Screening.objects.keeping()):
        yield review_rendition(review, review_entry(review, {}))
        yield from finding_renditions(list(review.findings.all()))


@register_source(
    LiteratureReview,
    "literature-review",
    parts=lambda rows: ReviewFinding.objects.filter(review__in=rows),
    companions=review_companions,
    outline=outline_reviews,
)
def render_reviews(rows: QuerySet[LiteratureReview]) -> Iterator[Rendition]:
    """Reviews, with their PRISMA 2020 flow computed."""
    labels = TermLabels()
    reviews = read_reviews(rows, Screening.objects.all())
    under_way = find_screening_under_way(reviews)
    entries = [(review, review_entry(review, under_way.get(review.pk, {}))) for review in reviews]
    cited = CitedNames(entry for _, entry in entries)
    for review, entry in entries:
        derived: JSONObject = {
            "prisma": prisma.compute_prisma_flow(entry["search"], entry["screening"], entry["screening_under_way"]),
            "screened_out": describe_screened_out(review, entry),
            "labels": labels.of(REVIEW_FIELDS, entry),
            "cited": cited.of(entry),
        }
        yield review_rendition(review, entry, derived)


@register_source(ReviewFinding, "finding")
def render_review_findings(rows: QuerySet[ReviewFinding]) -> Iterator[Rendition]:
    """What reviews found, with its sources and the agreed confidence."""
    yield from finding_renditions(list(rows.select_related("review").prefetch_related(*FINDING_PARTS)))


def finding_renditions(findings: Sequence[ReviewFinding]) -> Iterator[Rendition]:
    """Findings of reviews that were read with their parts."""
    cited = CitedNames([finding.statement, finding.explanation] for finding in findings)
    for finding in findings:
        themes = sorted(theme.slug for theme in finding.themes.all())
        sources = [citation.entry() for citation in finding.citations.all()]
        agreed = list(finding.assessments.all())
        entry: JSONObject = {
            "code": finding.code,
            "statement": finding.statement,
            "explanation": finding.explanation,
            "phase": finding.phase,
            "themes": themes,
            "sources": sources,
            "cerqual": agreed[0].entry() if agreed else None,
        }
        terms = finding_terms(finding, themes, finding.review.sector) | {"part-of:literature-review"}
        yield finding_rendition(
            finding,
            entry,
            sources,
            terms | ({f"confidence:{agreed[0].overall}"} if agreed else set()),
            {
                "part_of": {"kind": "literature-review", "slug": finding.review.slug, "title": finding.review.title},
                "sector": finding.review.sector,
                "cited": cited.of(entry),
                "authors": finding.review.authors,
            },
            (MissingItem("It has no agreed confidence assessment.", "assessments"),) if not agreed else (),
        )


def finding_rendition(
    finding: FindingBase,
    entry: JSONObject,
    sources: list[JSONObject],
    terms: set[str],
    derived: JSONObject,
    missing: tuple[MissingItem, ...] = (),
) -> Rendition:
    """The rendition of a finding, of a case or of a review alike."""
    if not sources:
        missing = (*missing, MissingItem("It cites no source.", "citations"))
    return Rendition(
        record=finding,
        kind="finding",
        slug=finding.slug,
        code=finding.code,
        title=finding.statement,
        summary=finding.explanation,
        body=entry.get("relevance_to_nhs", ""),
        entry=entry,
        derived=derived,
        sort_key=natural_sort_key(finding.code),
        terms=frozenset(terms),
        rests_on=reference_keys(entry, sources),
        missing=missing,
    )
