"""From package entries to records: case studies and comparisons."""

from __future__ import annotations

from decimal import Decimal

from casestudies.fields import BODY_FIELDS, CASE_FIELDS, COMPARISON_FIELDS, ORGANISATION_FIELDS
from casestudies.models import (
    Actor,
    Anchor,
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
from casestudies.sections import CaseSection
from failure_lessons.packages.loading import PrimaryKeys, number_positions, upsert_record
from failure_lessons.publishing.fields import values_of
from failure_lessons.publishing.registry import Entry
from literature.loaders import build_citations, build_looked_for, load_findings


def load_organisation(entry: Entry) -> Organisation:
    """An organisation, by its slug."""
    return upsert_record(Organisation, {"slug": entry["slug"]}, values_of(ORGANISATION_FIELDS, entry))


def load_body(entry: Entry, keys: PrimaryKeys) -> Organisation:
    """An organisation, or a class of them, with everything but what it says of others (`load_links_of_bodies`)."""
    values = values_of(BODY_FIELDS, entry) | {"is_class": bool(entry.get("is_class"))}
    record = upsert_record(Organisation, {"slug": entry["slug"]}, values)
    keys["organisation"][record.slug] = record.pk
    return record


def load_links_of_bodies(entries: list[Entry]) -> None:
    """Successions and members, once all organisations are there."""
    keys = PrimaryKeys()
    for entry in entries:
        here = keys["organisation"][entry["slug"]]
        Succession.objects.filter(organisation_id=here).delete()
        Membership.objects.filter(body_class_id=here).delete()
    for entry in entries:
        here = keys["organisation"][entry["slug"]]
        links = []
        for item in entry.get("successors", []):
            source = (item.get("sources") or [{}])[0]
            links.append(
                Succession(
                    organisation_id=here,
                    successor_id=keys["organisation"][item["body"]],
                    date=item.get("date") or "",
                    note=item.get("note") or "",
                    reference_id=keys["reference"][source["ref"]] if source else None,
                    locator=source.get("locator") or "",
                    quotation=source.get("quotation") or "",
                )
            )
        Succession.objects.bulk_create(number_positions(links))
        Membership.objects.bulk_create(
            number_positions(
                [
                    Membership(
                        body_class_id=here,
                        member_id=keys["organisation"][item["body"]],
                        start_edtf=item.get("start") or "",
                        end_edtf=item.get("end") or "",
                    )
                    for item in entry.get("members", [])
                ]
            )
        )


def section_texts(entry: Entry) -> dict[str, str]:
    """The narrative by section name."""
    texts = {name: entry.get(name) for name in ("summary", "context", "selection_rationale")} | entry.get("phases", {})
    return {str(name): texts[name] for name in CaseSection.values if texts.get(name)}


def load_case(entry: Entry, keys: PrimaryKeys) -> CaseStudy:
    """A case study with everything in it."""
    case = upsert_record(CaseStudy, {"slug": entry["slug"]}, values_of(CASE_FIELDS, entry))
    for part in (Quote, Section, Event, Actor, Intervention, Indicator, Involvement, CaseLookedFor):
        part._default_manager.filter(case=case).delete()
    CaseLookedFor.objects.bulk_create(build_looked_for(CaseLookedFor, {"case": case}, entry, keys))
    organisations = {item["slug"]: load_organisation(item) for item in entry.get("organisations", [])}
    Involvement.objects.bulk_create(
        number_positions([Involvement(case=case, organisation=organisation) for organisation in organisations.values()])
    )
    actors = Actor.objects.bulk_create(
        number_positions(
            [
                Actor(
                    case=case,
                    name=item["name"],
                    role=item["role"],
                    part_played=item.get("part_played", ""),
                    organisation=organisations.get(item.get("organisation", "")),
                )
                for item in entry.get("actors", [])
            ]
        )
    )
    text_sources, in_short = entry.get("text_sources", {}), entry.get("in_short", {})
    sections = Section.objects.bulk_create(
        number_positions(
            [
                Section(case=case, name=name, text=text, in_short=in_short.get(name) or "")
                for name, text in section_texts(entry).items()
            ]
        )
    )
    events = Event.objects.bulk_create(
        number_positions(
            [
                Event(
                    case=case,
                    date=item["date"],
                    phase=item["phase"],
                    title=item["title"],
                    description=item.get("description", ""),
                )
                for item in entry.get("events", [])
            ]
        )
    )
    interventions = Intervention.objects.bulk_create(
        number_positions(
            [
                Intervention(
                    case=case,
                    kind=item["kind"],
                    title=item["title"],
                    description=item.get("description", ""),
                    start_edtf=item.get("start") or "",
                    end_edtf=item.get("end") or "",
                    led_by=item.get("led_by", ""),
                    effect=item.get("effect", ""),
                )
                for item in entry.get("interventions", [])
            ]
        )
    )
    indicators = Indicator.objects.bulk_create(
        number_positions(
            [
                Indicator(
                    case=case,
                    name=item["name"],
                    unit=item["unit"],
                    definition=item.get("definition", ""),
                    better=item["better"],
                    comparator=item.get("comparator") or "",
                )
                for item in entry.get("indicators", [])
            ]
        )
    )
    figures = IndicatorValue.objects.bulk_create(
        point
        for indicator, item in zip(indicators, entry.get("indicators", []), strict=True)
        for point in number_positions(
            [
                IndicatorValue(
                    indicator=indicator,
                    period=point["period"],
                    value=Decimal(str(point["value"])),
                    comparator=None if point.get("comparator") is None else Decimal(str(point["comparator"])),
                    note=point.get("note") or "",
                )
                for point in item.get("values", [])
            ]
        )
    )
    findings = load_findings(CaseFinding, {"case": case}, entry.get("findings", []), keys)
    made: list[CaseCitation] = []
    for section in sections:
        made += build_citations(CaseCitation, {"section": section}, text_sources.get(section.name, []), keys)
    for target, rows, items in (
        ("event", events, entry.get("events", [])),
        ("actor", actors, entry.get("actors", [])),
        ("intervention", interventions, entry.get("interventions", [])),
        ("indicator", indicators, entry.get("indicators", [])),
        ("figure", figures, [point for item in entry.get("indicators", []) for point in item.get("values", [])]),
    ):
        for row, item in zip(rows, items, strict=True):
            made += build_citations(CaseCitation, {target: row}, item.get("sources", []), keys)
    for item in entry.get("findings", []):
        made += build_citations(CaseCitation, {"finding": findings[item["code"]]}, item.get("sources", []), keys)
    CaseCitation.objects.bulk_create(made)
    Quote.objects.bulk_create(
        number_positions(
            [
                Quote(
                    case=case,
                    reference_id=keys["reference"][item["ref"]],
                    quotation=item["text"],
                    speaker_role=item.get("speaker_role", ""),
                    **{name: item.get(name) or "" for name in Quote.DETAILS},
                )
                for item in entry.get("quotes", [])
            ]
        )
    )
    return case


def load_comparison(entry: Entry, keys: PrimaryKeys) -> Comparison:
    """A comparison with its anchors and scores."""
    comparison = upsert_record(Comparison, {"slug": entry["slug"]}, values_of(COMPARISON_FIELDS, entry))
    comparison.conditions.all().delete()
    definitions = [(item, False) for item in entry["conditions"]] + [(entry["outcome"], True)]
    conditions = {
        condition.key: condition
        for condition in Condition.objects.bulk_create(
            number_positions(
                [
                    Condition(
                        comparison=comparison,
                        key=item["key"],
                        label=item["label"],
                        definition=item["definition"],
                        is_outcome=is_outcome,
                    )
                    for item, is_outcome in definitions
                ]
            )
        )
    }
    Anchor.objects.bulk_create(
        Anchor(condition=conditions[item["key"]], score=Decimal(score), text=text)
        for item, _ in definitions
        for score, text in item["anchors"].items()
    )
    cases = dict(CaseStudy.objects.values_list("slug", "pk"))
    findings = dict(CaseFinding.objects.values_list("code", "pk"))
    through = Calibration.findings.through
    for position, item in enumerate(entry["cases"]):
        for key, value in item["values"].items():
            calibration = Calibration.objects.create(
                condition=conditions[key],
                case_id=cases[item["case"]],
                position=position,
                score=Decimal(str(value["score"])),
                reason=value["reason"],
            )
            through._default_manager.bulk_create(
                through(calibration_id=calibration.pk, casefinding_id=findings[code])
                for code in value.get("findings", [])
            )
    return comparison
