"""From package entries to source recommendations and dossiers."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from casestudies.models import CaseStudy
from failure_lessons.packages.loading import PrimaryKeys, number_positions, upsert_record
from failure_lessons.publishing.fields import values_of
from failure_lessons.publishing.registry import Entry
from failure_lessons.vocabularies.choices import AssessmentStatus
from literature.loaders import build_citations
from literature.models import LiteratureReview
from recommendations.follow_up.models import (
    Action,
    Addressee,
    Assessment,
    DueDate,
    FollowUp,
    FollowUpCitation,
    Judgement,
    Look,
    Reminder,
    Reply,
    Response,
    Series,
    SeriesValue,
    SourceRecommendation,
)
from recommendations.follow_up.source_fields import SOURCE_RECOMMENDATION_FIELDS
from recommendations.models import Recommendation


def parse_day(text: str | None) -> dt.date | None:
    """A day of an entry."""
    return dt.date.fromisoformat(text) if text else None


def parse_known_day(text: str) -> dt.date:
    """A day that an entry has to have."""
    return dt.date.fromisoformat(text)


def load_source_recommendation(entry: Entry, keys: PrimaryKeys) -> SourceRecommendation:
    """What somebody else recommended, with its sources."""
    deadline, taken = entry.get("deadline") or {}, entry.get("set") or {}
    values = values_of(SOURCE_RECOMMENDATION_FIELDS, entry) | {
        "case": CaseStudy.objects.get(slug=entry["case"]) if entry.get("case") else None,
        "review": LiteratureReview.objects.get(slug=entry["review"]) if entry.get("review") else None,
        "made_by_id": keys["organisation"][entry["made_by"]["body"]],
        "made_by_role": entry["made_by"].get("role") or "",
        "deadline_said": deadline.get("said") or "",
        "deadline_day": parse_day(deadline.get("day")),
        "set_size": taken.get("size"),
        "set_counts": taken.get("counts") or [],
        "set_note": taken.get("note") or "",
    }
    record = upsert_record(SourceRecommendation, {"code": entry["code"]}, values)
    record.citations.all().delete()
    FollowUpCitation.objects.bulk_create(
        build_citations(FollowUpCitation, {"source_recommendation": record}, entry["sources"], keys)
    )
    return record


class CannotMoveDate(ValueError):
    """A package would take away a due date that was said, or say another in its place."""


def load_dossier(entry: Entry, keys: PrimaryKeys) -> FollowUp:
    """A dossier with everything in it. Actions keep their due dates, which are only added."""
    source, ours = entry.get("source_recommendation"), entry.get("recommendation")
    values = {
        "source_recommendation": SourceRecommendation.objects.get(code=source) if source else None,
        "recommendation": Recommendation.objects.get(code=ours) if ours else None,
    }
    dossier = upsert_record(FollowUp, {"slug": entry["slug"]}, values)
    for part in (Response, Judgement, Look, Series, Reply, Addressee, Assessment):
        part._default_manager.filter(dossier=dossier).delete()
    load_addressees(dossier, entry, keys)
    cited = load_statements(dossier, entry, keys)
    cited += load_actions(dossier, entry, keys)
    cited += load_assessments(dossier, entry, keys)
    cited += load_series(dossier, entry, keys)
    FollowUpCitation.objects.bulk_create(cited)
    Look.objects.bulk_create(
        number_positions(
            [
                Look(dossier=dossier, day=parse_known_day(item["day"]), where=item["where"], found=item["found"])
                for item in entry.get("looks", [])
            ]
        )
    )
    Reply.objects.bulk_create(
        number_positions(
            [
                Reply(
                    dossier=dossier,
                    body_id=keys["organisation"][item["body"]],
                    day=parse_known_day(item["day"]),
                    text=item["words"],
                )
                for item in entry.get("replies", [])
            ]
        )
    )
    return dossier


def load_addressees(dossier: FollowUp, entry: Entry, keys: PrimaryKeys) -> None:
    """Who was asked, and the letters that followed."""
    items = entry.get("addressees", [])
    made = Addressee.objects.bulk_create(
        number_positions(
            [
                Addressee(
                    dossier=dossier,
                    body_id=keys["organisation"][item["body"]],
                    role=item.get("role") or "",
                    asked_day=parse_day((item.get("asked") or {}).get("day")),
                    asked_how=(item.get("asked") or {}).get("how") or "",
                    answer_said=(item.get("answer_due") or {}).get("said") or "",
                    answer_due=parse_day((item.get("answer_due") or {}).get("day")),
                )
                for item in items
            ]
        )
    )
    Reminder.objects.bulk_create(
        Reminder(addressee=addressee, number=letter["number"], day=parse_known_day(letter["day"]), how=letter["how"])
        for addressee, item in zip(made, items, strict=True)
        for letter in item.get("reminders", [])
    )


def said_by(item: Entry, keys: PrimaryKeys) -> dict[str, object]:
    """Who says something, and when."""
    return {
        "body_id": keys["organisation"][item["body"]],
        "role": item.get("role") or "",
        "date": item["date"],
    }


def load_statements(dossier: FollowUp, entry: Entry, keys: PrimaryKeys) -> list[FollowUpCitation]:
    """Responses and judgements of others, and their citations, unsaved."""
    said, judged = entry.get("responses", []), entry.get("judgements", [])
    responses = Response.objects.bulk_create(
        number_positions(
            [
                Response(
                    dossier=dossier,
                    **said_by(item, keys),
                    code=item["code"],
                    received_day=parse_day(item.get("received")),
                    stance=item["position"],
                    says=item["says"],
                )
                for item in said
            ]
        )
    )
    judgements = Judgement.objects.bulk_create(
        number_positions([Judgement(dossier=dossier, **said_by(item, keys), says=item["says"]) for item in judged])
    )
    cited: list[FollowUpCitation] = []
    for name, rows, items in (("response", responses, said), ("judgement", judgements, judged)):
        for row, item in zip(rows, items, strict=True):
            cited += build_citations(FollowUpCitation, {name: row}, item["sources"], keys)
    return cited


def load_actions(dossier: FollowUp, entry: Entry, keys: PrimaryKeys) -> list[FollowUpCitation]:
    """What bodies say that they did; the citations come back unsaved."""
    items = entry.get("actions", [])
    dossier.actions.exclude(code__in=[item["code"] for item in items]).delete()
    cited: list[FollowUpCitation] = []
    for position, item in enumerate(items):
        values = {**said_by(item, keys), "claimed": item["claimed"], "what": item["what"], "position": position}
        action = upsert_record(Action, {"dossier": dossier, "code": item["code"]}, values)
        action.citations.all().delete()
        cited += build_citations(FollowUpCitation, {"action": action}, item["sources"], keys)
        cited += add_due_dates(action, item.get("due_dates", []), keys)
    return cited


def add_due_dates(action: Action, items: list[Entry], keys: PrimaryKeys) -> list[FollowUpCitation]:
    """The due dates that are new; those that were said have to stand as they were."""
    here = list(action.due_dates.all())
    wanted = [(parse_known_day(item["day"]), item.get("said_on") or "", item.get("reason") or "") for item in items]
    if [(due.day, due.said_on, due.reason) for due in here] != wanted[: len(here)]:
        raise CannotMoveDate(f"The due dates of {action.code} were said before: add the new one after them.")
    cited: list[FollowUpCitation] = []
    for position, (day, said_on, reason) in enumerate(wanted):
        if position >= len(here):
            due = DueDate.objects.create(action=action, position=position, day=day, said_on=said_on, reason=reason)
        else:
            due = here[position]
            due.citations.all().delete()
        cited += build_citations(FollowUpCitation, {"due_date": due}, items[position].get("sources", []), keys)
    return cited


def load_assessments(dossier: FollowUp, entry: Entry, keys: PrimaryKeys) -> list[FollowUpCitation]:
    """What was judged, the oldest first; the citations come back unsaved."""
    items = entry.get("assessments", [])
    rows = Assessment.objects.bulk_create(
        number_positions(
            [
                Assessment(
                    dossier=dossier,
                    status=AssessmentStatus(item["status"]),
                    implementation=item["implementation"],
                    effect=item["effect"],
                    basis=item["basis"],
                    reason=item["reason"],
                    overtaken_by=item.get("overtaken_by") or "",
                    known_to=item["known_to"],
                    day=parse_known_day(item["assessed"]["day"]),
                    look_again_by=parse_day(item.get("look_again_by")),
                )
                for item in items
            ]
        )
    )
    cited: list[FollowUpCitation] = []
    for row, item in zip(rows, items, strict=True):
        cited += build_citations(FollowUpCitation, {"assessment": row}, item["sources"], keys)
    return cited


def load_series(dossier: FollowUp, entry: Entry, keys: PrimaryKeys) -> list[FollowUpCitation]:
    """Indicators and their figures; the citations come back unsaved."""
    cited: list[FollowUpCitation] = []
    for position, item in enumerate(entry.get("series", [])):
        series = Series.objects.create(
            dossier=dossier,
            position=position,
            measure=item.get("measure") or "",
            name=item["name"],
            unit=item["unit"],
            definition=item.get("definition") or "",
            better=item["better"],
        )
        points = SeriesValue.objects.bulk_create(
            number_positions(
                [
                    SeriesValue(
                        series=series,
                        period=point["period"],
                        value=Decimal(str(point["value"])),
                        moment=point["moment"],
                        note=point.get("note") or "",
                    )
                    for point in item["values"]
                ]
            )
        )
        for row, point in zip(points, item["values"], strict=True):
            cited += build_citations(FollowUpCitation, {"point": row}, point["sources"], keys)
    return cited
