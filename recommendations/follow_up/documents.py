"""How source recommendations and dossiers become documents."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from itertools import chain

from django.conf import settings
from django.db.models import Prefetch, Q, QuerySet
from django.utils.text import Truncator

from casestudies.documents import json_number
from casestudies.models import Organisation, Succession
from failure_lessons.dates import parse_edtf
from failure_lessons.publishing.fields import entry_of, terms_of
from failure_lessons.publishing.models import Record
from failure_lessons.publishing.registry import register_source
from failure_lessons.publishing.renditions import MissingItem, RecordKey, Rendition, join_sentences, natural_sort_key
from failure_lessons.types import JSONObject, JSONValue
from failure_lessons.vocabularies.choices import OPEN_STATES, AnswerState, AssessmentStatus, FollowedSort
from literature.documents import reference_keys
from literature.models import Reference
from recommendations.documents import LESSON_EVIDENCE, sector_of
from recommendations.follow_up.fields import (
    FOLLOW_UP_DERIVED,
    FOLLOW_UP_FIELDS,
)
from recommendations.follow_up.models import (
    Action,
    Addressee,
    Assessment,
    DueDate,
    FollowUp,
    FollowUpCitation,
    Judgement,
    Reply,
    Response,
    Series,
    SeriesValue,
    SourceRecommendation,
)
from recommendations.follow_up.source_fields import SOURCE_RECOMMENDATION_DERIVED, SOURCE_RECOMMENDATION_FIELDS
from recommendations.models import Lesson

TITLE_LENGTH = 140
TAKEN_SLUGS = ("overdue", "bodies")  # pages of their own below /follow-up/
WITH_CITATIONS = Prefetch("citations", FollowUpCitation.objects.select_related("reference"))


def isoformat_day(day: dt.date | None) -> str | None:
    """A day in a document."""
    return day.isoformat() if day else None


def list_sources(statement: object) -> list[JSONObject]:
    """Where a statement was read."""
    return [each.entry() for each in statement.citations.all()]  # type: ignore[attr-defined]


def sources_within(value: JSONValue) -> Iterator[JSONObject]:
    """Every source in an entry, at any depth."""
    if isinstance(value, dict):
        if "ref" in value:
            yield value
        yield from chain.from_iterable(map(sources_within, value.values()))
    elif isinstance(value, list):
        yield from chain.from_iterable(map(sources_within, value))


def title_of(source: SourceRecommendation) -> str:
    """The beginning of what was asked, with a capital: it stands alone, and is no quotation."""
    return Truncator(source.text[:1].upper() + source.text[1:]).chars(TITLE_LENGTH)


def source_companions(rows: QuerySet[SourceRecommendation]) -> Iterator[Record]:
    """What is published along with source recommendations: references and the bodies that made them."""
    yield from Reference.objects.filter(followupcitations__source_recommendation__in=rows).distinct()
    yield from Organisation.objects.filter(recommendations_made__in=rows).distinct()


@register_source(SourceRecommendation, "source-recommendation", companions=source_companions)
def render_source_recommendations(rows: QuerySet[SourceRecommendation]) -> Iterator[Rendition]:
    """What others recommended."""
    for each in rows.select_related("case", "review", "made_by").prefetch_related(WITH_CITATIONS):
        title = title_of(each)
        own: JSONObject = {
            "case": each.case and each.case.slug,
            "review": each.review and each.review.slug,
            "made_by": {"body": each.made_by.slug, "role": each.made_by_role},
            "deadline": {"said": each.deadline_said, "day": isoformat_day(each.deadline_day)},
            "set": {"size": each.set_size, "counts": each.set_counts, "note": each.set_note},
            "sources": list_sources(each),
        }
        entry = entry_of(SOURCE_RECOMMENDATION_FIELDS, each, own)
        place = each.case or each.review
        derived: JSONObject = {
            "title": title,
            "sectors": [place.sector] if place else [],
            "names": {each.made_by.slug: each.made_by.name},
        }
        about = {RecordKey("organisation", each.made_by.slug)}
        if place:
            about.add(RecordKey("case-study" if each.case else "literature-review", place.slug))
        yield Rendition(
            record=each,
            kind="source-recommendation",
            slug=each.slug,
            code=each.code,
            title=title,
            summary=", ".join(filter(None, [each.made_by.name, parse_edtf(each.made_on).english])),
            body=each.text,
            entry=entry,
            derived=derived,
            sort_key=natural_sort_key(each.code),
            terms=frozenset(
                terms_of((*SOURCE_RECOMMENDATION_FIELDS, *SOURCE_RECOMMENDATION_DERIVED), {**entry, **derived})
            ),
            rests_on=reference_keys(entry, entry["sources"]),
            about=frozenset(about),
            missing=() if entry["sources"] else (MissingItem("It names no source.", "citations"),),
        )


DOSSIER_PARTS = (
    "looks",
    Prefetch("addressees", Addressee.objects.select_related("body").prefetch_related("reminders")),
    Prefetch("responses", Response.objects.select_related("body").prefetch_related(WITH_CITATIONS)),
    Prefetch(
        "actions",
        Action.objects.select_related("body").prefetch_related(
            WITH_CITATIONS, Prefetch("due_dates", DueDate.objects.prefetch_related(WITH_CITATIONS))
        ),
    ),
    Prefetch("judgements", Judgement.objects.select_related("body").prefetch_related(WITH_CITATIONS)),
    Prefetch("assessments", Assessment.objects.prefetch_related(WITH_CITATIONS)),
    Prefetch(
        "seriess",
        Series.objects.prefetch_related(Prefetch("points", SeriesValue.objects.prefetch_related(WITH_CITATIONS))),
    ),
    Prefetch("replys", Reply.objects.select_related("body")),
    Prefetch(
        "recommendation__grounds__lesson",
        Lesson.objects.prefetch_related(Prefetch("evidence", LESSON_EVIDENCE)),
    ),
)


def statement_entry(statement: Response | Action | Judgement) -> JSONObject:
    """Who says something, and when."""
    return {"body": statement.body.slug, "role": statement.role, "date": statement.date}


def addressee_entry(each: Addressee) -> JSONObject:
    """Who was asked; the proof stays in the workbench."""
    return {
        "body": each.body.slug,
        "role": each.role,
        "asked": {"day": isoformat_day(each.asked_day), "how": each.asked_how},
        "answer_due": {"said": each.answer_said, "day": isoformat_day(each.answer_due)},
        "reminders": [
            {"number": letter.number, "day": isoformat_day(letter.day), "how": letter.how}
            for letter in each.reminders.all()
        ],
    }


def action_entry(each: Action) -> JSONObject:
    """What a body says that it did."""
    return {
        "code": each.code,
        **statement_entry(each),
        "claimed": each.claimed,
        "what": each.what,
        "due_dates": [
            {"day": isoformat_day(due.day), "said_on": due.said_on, "reason": due.reason, "sources": list_sources(due)}
            for due in each.due_dates.all()
        ],
        "sources": list_sources(each),
    }


def assessment_entry(each: Assessment) -> JSONObject:
    """What we judge."""
    return {
        "status": each.status,
        "implementation": each.implementation,
        "effect": each.effect,
        "basis": list(each.basis),
        "reason": each.reason,
        "overtaken_by": each.overtaken_by,
        "known_to": each.known_to,
        "assessed": {"day": isoformat_day(each.day)},
        "look_again_by": isoformat_day(each.look_again_by),
        "sources": list_sources(each),
    }


def series_entry(each: Series) -> JSONObject:
    """An indicator with its figures."""
    return {
        "measure": each.measure,
        "name": each.name,
        "unit": each.unit,
        "definition": each.definition,
        "better": each.better,
        "values": [
            {
                "period": point.period,
                "value": json_number(point.value),
                "moment": point.moment,
                "note": point.note,
                "sources": list_sources(point),
            }
            for point in each.points.all()
        ],
    }


def lanes_of(dossier: FollowUp) -> JSONObject:
    """Everything that stands in a dossier."""
    source, ours = dossier.source_recommendation, dossier.recommendation
    return {
        "source_recommendation": source and source.code,
        "recommendation": ours and ours.code,
        "addressees": [addressee_entry(each) for each in dossier.addressees.all()],
        "looks": [
            {"day": isoformat_day(each.day), "where": each.where, "found": each.found} for each in dossier.looks.all()
        ],
        "responses": [
            {
                "code": each.code,
                **statement_entry(each),
                "received": isoformat_day(each.received_day),
                "position": each.stance,
                "says": each.says,
                "sources": list_sources(each),
            }
            for each in dossier.responses.all()
        ],
        "actions": [action_entry(each) for each in dossier.actions.all()],
        "judgements": [
            {**statement_entry(each), "says": each.says, "sources": list_sources(each)}
            for each in dossier.judgements.all()
        ],
        "assessments": [assessment_entry(each) for each in dossier.assessments.all()],
        "series": [series_entry(each) for each in dossier.seriess.all()],
        "replies": [
            {"body": each.body.slug, "day": isoformat_day(each.day), "words": each.text}
            for each in dossier.replys.all()
        ],
    }


class Successions:
    """Who took over from whom, read once."""

    def __init__(self) -> None:
        self.links: dict[int, list[Succession]] = {}
        for link in Succession.objects.select_related("successor", "organisation").exclude(date=""):
            self.links.setdefault(link.organisation_id, []).append(link)

    def after(self, bodies: Iterable[int]) -> list[Succession]:
        """The successions from these bodies on, each once; what is only planned has no date and is none."""
        found: list[Succession] = []
        todo, seen = list(bodies), set()
        while todo:
            body = todo.pop(0)
            if body not in seen:
                seen.add(body)
                found += self.links.get(body, [])
                todo += [link.successor_id for link in self.links.get(body, [])]
        return found


def owed_days(dossier: FollowUp, passed: Iterable[Succession]) -> list[dt.date]:
    """The days by which answers were asked for, of those who owe one: neither they nor their successors answered."""
    heirs: dict[int, set[int]] = {}
    for link in passed:
        heirs.setdefault(link.organisation_id, set()).add(link.successor_id)
    answered = {each.body_id for each in dossier.responses.all()}
    owed = []
    for each in dossier.addressees.all():
        line, todo = set(), [each.body_id]
        while todo:
            body = todo.pop()
            if body not in line:
                line.add(body)
                todo += heirs.get(body, ())
        # a class is asked member by member: an answer of one leaves the others owing
        if each.answer_due and not line & answered:
            owed.append(each.answer_due)
    return owed


def answer_state(dossier: FollowUp, owed: list[dt.date]) -> str:
    """Where the answer stands, as far as no clock has to be asked."""
    asked = [each for each in dossier.addressees.all() if each.asked_day]
    days = {each.body_id: each.answer_due for each in asked if each.answer_due}
    responses = list(dossier.responses.all())
    if owed:
        return AnswerState.AWAITED
    if responses:
        late = any(
            each.body_id in days
            and (each.received_day or parse_edtf(each.date).earliest or dt.date.min) > days[each.body_id]
            for each in responses
        )
        return AnswerState.LATE if late else AnswerState.ANSWERED
    if asked:
        return AnswerState.AWAITED
    return AnswerState.NONE_FOUND if dossier.looks.all() else AnswerState.NOT_ASKED


def failure_types_of(dossier: FollowUp) -> list[str]:
    """What failed: in the case in which others recommended it, or what our recommendation is about."""
    source, ours = dossier.source_recommendation, dossier.recommendation
    found = source.case.failure_types if source and source.case else ours.failure_types if ours else []
    return sorted(found)


def derive_dossier(dossier: FollowUp, successions: Successions) -> tuple[JSONObject, dt.date | None, dt.date | None]:
    """What is computed beside a dossier, the day of the earliest answer that is owed, and that of our next look."""
    source, ours = dossier.source_recommendation, dossier.recommendation
    asked = [each.body for each in dossier.addressees.all()]
    passed = successions.after(body.pk for body in asked)
    owed = owed_days(dossier, passed)
    due_on = min(owed, default=None)
    standing = {each.status: each for each in dossier.assessments.all()}
    current, provisional = standing.get(AssessmentStatus.CURRENT), standing.get(AssessmentStatus.PROVISIONAL)
    judged = current or provisional
    look = judged.look_again_by if judged and judged.implementation in OPEN_STATES else None
    named = {
        *asked,
        *(link.successor for link in passed),
        *(each.body for part in (dossier.responses, dossier.actions, dossier.judgements) for each in part.all()),
        *(each.body for each in dossier.replys.all()),
    }
    place = (source.case or source.review) if source else None
    lessons = [ground.lesson for ground in ours.grounds.all()] if ours else []
    sectors = {sector_of(item) for lesson in lessons for item in lesson.evidence.all()}
    bodies = dict.fromkeys([*(body.slug for body in asked), *(link.successor.slug for link in passed)])
    derived: JSONObject = {
        "title": title_of(source) if source else ours and ours.title,
        "sort": FollowedSort.OTHERS if source else FollowedSort.OURS,
        "made": f"{source.made_by.name}, {parse_edtf(source.made_on).english}" if source else settings.SITE.name,
        "made_on": source and source.made_on,
        "answer": answer_state(dossier, owed),
        "positions": sorted({each.stance for each in dossier.responses.all()}),
        "implementation": current and current.implementation,
        "effect": current and current.effect,
        "provisional": provisional and provisional.implementation,
        "due_on": isoformat_day(due_on),
        "look_again_on": isoformat_day(look),
        "bodies": list(bodies),
        "passed_on": [
            {"from": link.organisation.slug, "to": link.successor.slug, "date": link.date} for link in passed
        ],
        "phase": source.phase if source else ours and ours.phase,
        "failure_types": failure_types_of(dossier),
        "sectors": [place.sector] if place else sorted(sectors),
        "case": source.case.slug if source and source.case else None,
        "names": {body.slug: body.name for body in sorted(named, key=lambda body: body.slug)},
    }
    return derived, due_on, look


def follow_up_companions(rows: QuerySet[FollowUp]) -> Iterator[Record]:
    """What is published along with dossiers: the references they cite and the bodies they name."""
    cited = Q()
    for path in ("response", "action", "judgement", "assessment", "due_date__action", "point__series"):
        cited |= Q(**{f"followupcitations__{path}__dossier__in": rows})
    yield from Reference.objects.filter(cited).distinct()
    named = Q(asked__dossier__in=rows) | Q(responses__dossier__in=rows) | Q(claimed_actions__dossier__in=rows)
    named |= Q(judgements__dossier__in=rows) | Q(replies__dossier__in=rows)
    yield from Organisation.objects.filter(named).distinct()


@register_source(FollowUp, "follow-up", companions=follow_up_companions)
def render_dossiers(rows: QuerySet[FollowUp]) -> Iterator[Rendition]:
    """Dossiers. They rest on what they cite, and are about the recommendation: its new words do not change them."""
    successions = Successions()
    related = (
        *("source_recommendation__case", "source_recommendation__review", "source_recommendation__made_by"),
        "recommendation",
    )
    for each in rows.select_related(*related).prefetch_related(*DOSSIER_PARTS):
        source, ours = each.source_recommendation, each.recommendation
        entry = entry_of(FOLLOW_UP_FIELDS, each, lanes_of(each))
        derived, due_on, look = derive_dossier(each, successions)
        followed = source or ours
        about = {RecordKey("source-recommendation", source.slug)} if source else set()
        about |= {RecordKey("recommendation", ours.slug)} if ours else set()
        about |= {RecordKey("case-study", derived["case"])} if derived["case"] else set()
        yield Rendition(
            record=each,
            kind="follow-up",
            slug=each.slug,
            title=str(derived["title"]),
            summary=", ".join(derived["names"].get(addressed["body"], "") for addressed in entry["addressees"]),
            body=join_sentences(
                [
                    str(derived["made"]),
                    *(item["says"] for item in (*entry["responses"], *entry["judgements"])),
                    *(item["what"] for item in entry["actions"]),
                    *(item["reason"] for item in entry["assessments"]),
                ]
            ),
            entry=entry,
            derived=derived,
            sort_key=natural_sort_key(f"{derived['sort']} {followed.code if followed else ''}"),
            terms=frozenset(terms_of((*FOLLOW_UP_FIELDS, *FOLLOW_UP_DERIVED), {**entry, **derived})),
            rests_on=reference_keys(entry, sources_within(entry)),
            about=frozenset(about),
            missing=tuple(
                MissingItem(words, place)
                for lacks, words, place in (
                    (not entry["addressees"], "It does not say who was asked, or is to be asked.", "addressees"),
                    (
                        bool(source) and not entry["responses"] and not entry["looks"],
                        "It has no response, and does not say where one was looked for.",
                        "looks",
                    ),
                    (
                        each.slug in TAKEN_SLUGS,
                        "Its address is that of another page: choose another slug.",
                        "slug",
                    ),
                )
                if lacks
            ),
            due_on=due_on,
            look_again_on=look,
        )
