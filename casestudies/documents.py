"""How case studies, their findings, organisations and comparisons become documents."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from django.db.models import Prefetch, Q, QuerySet, prefetch_related_objects

from casestudies.fields import BODY_FIELDS, CASE_FIELDS, COMPARISON_FIELDS, ORGANISATION_FIELDS
from casestudies.models import (
    Actor,
    Calibration,
    CaseCitation,
    CaseFinding,
    CaseLookedFor,
    CaseStudy,
    Comparison,
    Condition,
    Event,
    Indicator,
    IndicatorValue,
    Intervention,
    Involvement,
    Membership,
    Organisation,
    Quote,
    Section,
    Succession,
)
from casestudies.sections import PHASE_SECTIONS, CaseSection
from failure_lessons.bibliography.inline import inline_keys, without_citations
from failure_lessons.publishing.fields import entry_of, terms_of
from failure_lessons.publishing.models import Record
from failure_lessons.publishing.registry import register_source
from failure_lessons.publishing.renditions import MissingItem, RecordKey, Rendition, join_sentences
from failure_lessons.types import JSONObject
from failure_lessons.vocabularies.models import Theme
from failure_lessons.vocabularies.terms import TermLabels
from literature.documents import (
    TO_COMPLETE,
    CitedNames,
    finding_rendition,
    finding_terms,
    looked_for_terms,
    reference_keys,
)
from literature.models import Reference


def json_number(value: Decimal) -> int | float:
    """A figure as JSON shows it: 34, not 34.0."""
    return int(value) if value == value.to_integral_value() else float(value)


def organisation_companions(rows: QuerySet[Organisation]) -> QuerySet[Reference]:
    """The references that tell of successions."""
    return Reference.objects.filter(successions__organisation__in=rows).distinct()


@register_source(Organisation, "organisation", companions=organisation_companions)
def render_organisations(rows: QuerySet[Organisation]) -> Iterator[Rendition]:
    """Organisations and classes of them, with those that followed."""
    for each in rows.prefetch_related(
        Prefetch("successors", Succession.objects.select_related("successor", "reference")),
        Prefetch("members", Membership.objects.select_related("member")),
    ):
        successors = [
            {
                "body": link.successor.slug,
                "date": link.date,
                "note": link.note,
                "sources": [{"ref": link.reference.slug, "locator": link.locator, "quotation": link.quotation}]
                if link.reference
                else [],
            }
            for link in each.successors.all()
        ]
        members = [
            {"body": link.member.slug, "start": link.start_edtf, "end": link.end_edtf} for link in each.members.all()
        ]
        entry = entry_of(
            BODY_FIELDS, each, {"is_class": each.is_class or None, "successors": successors, "members": members}
        )
        names = {
            **{link.successor.slug: link.successor.name for link in each.successors.all()},
            **{link.member.slug: link.member.name for link in each.members.all()},
        }
        yield Rendition(
            record=each,
            kind="organisation",
            slug=each.slug,
            title=each.name,
            summary=", ".join(filter(None, [each.type, each.place])),
            body=" ".join(each.former_names),
            entry=entry,
            derived={"names": names},
            sort_key=each.name.casefold(),
            rests_on=frozenset(
                RecordKey("reference", source["ref"]) for link in successors for source in link["sources"]
            ),
        )


CitingRow = Section | Event | Intervention | Actor | Indicator | IndicatorValue | CaseFinding


def case_companions(rows: QuerySet[CaseStudy]) -> Iterator[Record]:
    """What a case study publishes along with itself: the references it cites, its organisations, its themes."""
    cited = Q(pk__in=Quote.objects.filter(case__in=rows).order_by().values("reference"))
    for target, way in CaseCitation.PATHS.items():  # each on its own: to plan a join of all takes ten times as long
        of_one_sort = CaseCitation.objects.filter(**{f"{target}__{way}__in": rows})
        cited |= Q(pk__in=of_one_sort.order_by().values("reference"))
    texts = Section.objects.filter(case__in=rows).values_list("text").order_by()
    texts = texts.union(
        IndicatorValue.objects.filter(indicator__case__in=rows).values_list("note").order_by(),
        CaseFinding.objects.filter(case__in=rows).values_list("explanation").order_by(),
        Event.objects.filter(case__in=rows).values_list("description").order_by(),
        Intervention.objects.filter(case__in=rows).values_list("description").order_by(),
        all=True,
    ).order_by()  # Django 6.1 would sort the whole as its first part is sorted
    yield from Reference.objects.filter(cited | Q(slug__in=inline_keys([text for (text,) in texts])))
    yield from Organisation.objects.filter(involvements__case__in=rows).distinct()
    looked_for = CaseLookedFor.objects.filter(case__in=rows).order_by().values("theme")
    yield from Theme.objects.filter(Q(case_findings__case__in=rows) | Q(pk__in=looked_for)).distinct()


def with_sources(path: str) -> Prefetch[str]:
    """Prefetch citations with their references."""
    return Prefetch(path, CaseCitation.objects.select_related("reference"))


def read_whole(cases: list[CaseStudy]) -> None:
    """Read everything that belongs to these cases, each kind of part in one query, and all citations in one.

    What was read before is not read again.
    """
    fresh = [case for case in cases if "events" not in getattr(case, "_prefetched_objects_cache", {})]
    if not fresh:
        return
    prefetch_related_objects(
        fresh,
        "sections",
        "events",
        "interventions",
        "indicators__points",
        "findings__themes",
        "looked_for__theme",
        Prefetch("involvements", Involvement.objects.select_related("organisation")),
        Prefetch("actors", Actor.objects.select_related("organisation")),
        Prefetch("quotes", Quote.objects.select_related("reference")),
    )
    rows = {
        target: {row.pk: row for case in fresh for row in citing_rows(case, target)} for target in CaseCitation.TARGETS
    }
    own = Q(pk__in=[])
    for target, found in rows.items():
        own |= Q(**{f"{target}__in": list(found)})
    cited: dict[tuple[str, int], list[CaseCitation]] = {}
    for citation in CaseCitation.objects.filter(own).select_related("reference"):
        target = next(name for name in CaseCitation.TARGETS if getattr(citation, f"{name}_id"))
        cited.setdefault((target, getattr(citation, f"{target}_id")), []).append(citation)
    for target, found in rows.items():
        for pk, row in found.items():
            citations = row.citations.all()
            # Django can fetch one relation at a time; five of the same table are one query, put where it would
            citations.__dict__ |= {"_result_cache": cited.get((target, pk), []), "_prefetch_done": True}
            row.__dict__.setdefault("_prefetched_objects_cache", {})["citations"] = citations


def citing_rows(case: CaseStudy, target: str) -> list[CitingRow]:
    """The statements of a case that citations can belong to, of one kind."""
    if target == "figure":
        return [point for indicator in case.indicators.all() for point in indicator.points.all()]
    return list(getattr(case, f"{target}s").all())


def to_complete(case: CaseStudy) -> set[str]:
    """Keys of the references it cites of which nothing but a DOI is known."""
    rows = (row for target in CaseCitation.TARGETS for row in citing_rows(case, target))
    cited = (citation.reference for row in rows for citation in row.citations.all())
    return {reference.slug for reference in cited if reference.title.startswith(TO_COMPLETE)}


def case_entry(case: CaseStudy) -> JSONObject:
    """A case study in package form, but for its findings, which are named by code."""
    sections = {section.name: section for section in case.sections.all()}
    texts = {name: section.text for name, section in sections.items()}
    own: JSONObject = {
        "organisations": [entry_of(ORGANISATION_FIELDS, link.organisation) for link in case.involvements.all()],
        "summary": texts.get(CaseSection.SUMMARY),
        "context": texts.get(CaseSection.CONTEXT),
        "phases": {str(name): texts.get(name) for name in PHASE_SECTIONS},
        "in_short": {str(name): sections[name].in_short for name in PHASE_SECTIONS if name in sections and texts[name]},
        "selection_rationale": texts.get(CaseSection.SELECTION_RATIONALE),
        "events": [
            {
                "date": event.date,
                "phase": event.phase,
                "title": event.title,
                "description": event.description,
                "sources": [citation.entry() for citation in event.citations.all()],
            }
            for event in case.events.all()
        ],
        "actors": [
            {
                "name": actor.name,
                "role": actor.role,
                "part_played": actor.part_played,
                "organisation": actor.organisation and actor.organisation.slug,
                "sources": [citation.entry() for citation in actor.citations.all()],
            }
            for actor in case.actors.all()
        ],
        "interventions": [
            {
                "kind": intervention.kind,
                "title": intervention.title,
                "description": intervention.description,
                "start": intervention.start_edtf,
                "end": intervention.end_edtf,
                "led_by": intervention.led_by,
                "effect": intervention.effect,
                "sources": [citation.entry() for citation in intervention.citations.all()],
            }
            for intervention in case.interventions.all()
        ],
        "indicators": [
            {
                "name": indicator.name,
                "unit": indicator.unit,
                "definition": indicator.definition,
                "better": indicator.better,
                "comparator": indicator.comparator,
                "sources": [citation.entry() for citation in indicator.citations.all()],
                "values": [
                    {
                        "period": point.period,
                        "value": json_number(point.value),
                        "comparator": None if point.comparator is None else json_number(point.comparator),
                        "note": point.note,
                        "sources": [citation.entry() for citation in point.citations.all()],
                    }
                    for point in indicator.points.all()
                ],
            }
            for indicator in case.indicators.all()
        ],
        "quotes": [
            {
                "text": quote.quotation,
                "speaker_role": quote.speaker_role,
                **quote.entry(),
            }
            for quote in case.quotes.all()
        ],
        "text_sources": {
            name: [citation.entry() for citation in section.citations.all()] for name, section in sections.items()
        },
        "looked_for": [each.entry() for each in case.looked_for.all()],
        "findings": [finding.code for finding in case.findings.all()],
    }
    return entry_of(CASE_FIELDS, case, own)


@register_source(
    CaseStudy,
    "case-study",
    parts=lambda rows: CaseFinding.objects.filter(case__in=rows),
    companions=case_companions,
)
def render_cases(rows: QuerySet[CaseStudy]) -> Iterator[Rendition]:
    """Case studies, whole but for their findings, which are named by code."""
    cases = list(rows)
    read_whole(cases)
    entries = [(case, case_entry(case)) for case in cases]
    labels, cited = TermLabels(), CitedNames(entry for _, entry in entries)
    for case, entry in entries:
        points = [point for each in entry["indicators"] for point in each["values"]]
        listed = [*entry["events"], *entry["actors"], *entry["interventions"], *entry["indicators"], *points]
        sources = [item for each in listed for item in each["sources"]]
        sources += [item for items in entry["text_sources"].values() for item in items] + entry["quotes"]
        yield Rendition(
            record=case,
            kind="case-study",
            slug=case.slug,
            title=case.title,
            summary=without_citations(entry["summary"] or ""),
            body=join_sentences(
                [
                    entry["context"] or "",
                    *(text or "" for text in entry["phases"].values()),
                    *(event["title"] for event in entry["events"]),
                    *(intervention["title"] for intervention in entry["interventions"]),
                    *(organisation["name"] for organisation in entry["organisations"]),
                ]
            ),
            entry=entry,
            derived={"labels": labels.of(CASE_FIELDS, entry), "cited": cited.of(entry)},
            sort_key=case.title.casefold(),
            terms=frozenset(
                terms_of(CASE_FIELDS, entry)
                | looked_for_terms(entry)
                | {
                    *(f"theme:{theme.slug}" for finding in case.findings.all() for theme in finding.themes.all()),
                    *(f"organisation:{organisation['slug']}" for organisation in entry["organisations"]),
                    *(f"intervention:{intervention['kind']}" for intervention in entry["interventions"]),
                }
            ),
            rests_on=reference_keys(entry, sources)
            | {RecordKey("finding", code.lower()) for code in entry["findings"]},
            missing=tuple(
                MissingItem(message, place)
                for lacks, message, place in (
                    (not entry["summary"], "It has no summary.", "sections"),
                    (not entry["events"], "Its timeline is empty.", "events"),
                    (not entry["findings"], "It has no findings.", "findings"),
                    *(
                        (
                            section.lacks_sentence,
                            f"“{section}” is not told in one sentence as well.",
                            f"sections-{row}",
                        )
                        for row, section in enumerate(case.sections.all())
                    ),
                    (not case.failure_types, "It names no type of failure.", "failure_types"),
                    *(
                        (True, f"It cites {key}, of which only the DOI is known: complete it.", "")
                        for key in sorted(to_complete(case))
                    ),
                    (case.slug == "compare", "Its address is where cases are compared: choose another slug.", "slug"),
                    *(
                        (not item["sources"], f"{word} “{item[name]}” cites no source.", f"{place}-{row}")
                        for word, name, place in (
                            ("Event", "title", "events"),
                            ("Intervention", "title", "interventions"),
                            ("Indicator", "name", "indicators"),
                        )
                        for row, item in enumerate(entry[place])
                    ),
                )
                if lacks
            ),
        )


@register_source(CaseFinding, "finding")
def render_case_findings(rows: QuerySet[CaseFinding]) -> Iterator[Rendition]:
    """What cases show, with their sources."""
    findings = list(rows.select_related("case").prefetch_related("themes", with_sources("citations")))
    cited = CitedNames([finding.statement, finding.explanation, finding.relevance_to_nhs] for finding in findings)
    for finding in findings:
        themes = sorted(theme.slug for theme in finding.themes.all())
        sources = [citation.entry() for citation in finding.citations.all()]
        entry: JSONObject = {
            "code": finding.code,
            "statement": finding.statement,
            "phase": finding.phase,
            "explanation": finding.explanation,
            "relevance_to_nhs": finding.relevance_to_nhs,
            "themes": themes,
            "sources": sources,
        }
        case = finding.case
        yield finding_rendition(
            finding,
            entry,
            sources,
            finding_terms(finding, themes, case.sector)
            | {"part-of:case-study", f"case:{case.slug}", *(f"failure-type:{code}" for code in case.failure_types)},
            {
                "part_of": {"kind": "case-study", "slug": case.slug, "title": case.title},
                "sector": case.sector,
                "cited": cited.of(entry),
                "authors": case.authors,
            },
        )


def condition_entry(condition: Condition) -> JSONObject:
    """A condition with its anchors, best score first."""
    return {
        "key": condition.key,
        "label": condition.label,
        "definition": condition.definition,
        "anchors": {str(json_number(anchor.score)): anchor.text for anchor in condition.anchors.all()},
    }


@register_source(Comparison, "comparison")
def render_comparisons(rows: QuerySet[Comparison]) -> Iterator[Rendition]:
    """Comparisons: conditions, outcome and the score of each case."""
    calibrations = Calibration.objects.select_related("case").prefetch_related("findings").order_by("position", "pk")
    for comparison in rows.prefetch_related("conditions__anchors", Prefetch("conditions__calibrations", calibrations)):
        conditions = list(comparison.conditions.all())
        outcome = [condition for condition in conditions if condition.is_outcome]
        scores: dict[str, JSONObject] = {}
        for condition in conditions:
            for calibration in condition.calibrations.all():
                scores.setdefault(calibration.case.slug, {})[condition.key] = {
                    "score": json_number(calibration.score),
                    "reason": calibration.reason,
                    "findings": sorted(finding.code for finding in calibration.findings.all()),
                }
        own: JSONObject = {
            "conditions": [condition_entry(condition) for condition in conditions if not condition.is_outcome],
            "outcome": condition_entry(outcome[0]) if outcome else None,
            "cases": [{"case": slug, "values": values} for slug, values in scores.items()],
        }
        entry = entry_of(COMPARISON_FIELDS, comparison, own)
        codes = {code for values in scores.values() for value in values.values() for code in value["findings"]}
        yield Rendition(
            record=comparison,
            kind="comparison",
            slug=comparison.slug,
            title=comparison.title,
            summary=comparison.notes[0] if comparison.notes else "",
            body=" ".join(condition.definition for condition in conditions),
            entry=entry,
            sort_key=comparison.title.casefold(),
            rests_on=frozenset(
                {RecordKey("case-study", slug) for slug in scores}
                | {RecordKey("finding", code.lower()) for code in codes}
            ),
            missing=() if outcome else (MissingItem("It has no outcome.", "conditions"),),
        )
