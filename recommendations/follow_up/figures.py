"""The figures of a dossier: everything dated in three lanes, and the series of its measures."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from failure_lessons.charts.figures import Figure, indicator_figures, timeline_figure
from failure_lessons.charts.timeline import Timeline, draw_timeline
from failure_lessons.types import Document, JSONObject
from failure_lessons.vocabularies.choices import ClaimedState, Implementation, Position
from recommendations.follow_up.sentences import body_name, label_of

LANES = (
    ("asked", "What was asked"),
    ("said", "What the body says"),
    ("judged", "What others and we judge"),
)


def list_figures_of_dossier(record: Document) -> Iterator[Figure]:
    """The timeline, if anything is dated, and a chart for each series."""
    picture = draw_dossier(record)
    if picture.events:
        yield timeline_figure(picture, "Timeline in three lanes", dict(LANES))
    yield from indicator_figures("measure", record.get("series") or [])


def draw_dossier(record: Document) -> Timeline:
    """Everything dated in a dossier, in three lanes."""
    return draw_timeline({"events": list(dossier_events(record))}, LANES)


def dossier_events(record: Document) -> Iterable[JSONObject]:
    """Everything dated in a dossier, as events."""
    derived = record["derived"]
    if derived.get("made_on"):
        yield event("asked", derived["made_on"], "Recommended", str(derived["made"]))
    for each in record.get("addressees", []):
        name = body_name(record, each["body"])
        if each.get("asked"):
            yield event("asked", each["asked"]["day"], "Asked by us", f"{name}, {each['asked']['how']}")
        for letter in each.get("reminders", []):
            yield event("asked", letter["day"], f"Letter {letter['number']}", name)
        if each.get("answer_due", {}).get("day"):
            yield event("asked", each["answer_due"]["day"], "Answer due", name)
    for each in record.get("responses", []):
        name = body_name(record, each["body"])
        yield event("said", each["date"], str(Position(each["position"]).label), f"{name}: {each['says']}")
    for each in record.get("actions", []):
        name = body_name(record, each["body"])
        yield event("said", each["date"], f"Says: {label_of(ClaimedState, each['claimed'])}", f"{name}: {each['what']}")
        for due in each.get("due_dates", []):
            yield event("said", due["day"], "Action due", f"{each['what']} {due.get('reason', '')}".strip())
    for each in record.get("judgements", []):
        yield event("judged", each["date"], body_name(record, each["body"]), each["says"])
    for each in record.get("assessments", []):
        title = f"We judge{' (provisional)' if each['status'] == 'provisional' else ''}"
        yield event("judged", each["assessed"]["day"], title, label_of(Implementation, each["implementation"]))
    for each in record.get("looks", []):
        yield event("judged", each["day"], "We looked", f"{each['where']}: {each['found']}")


def event(lane: str, date: str, title: str, description: str) -> JSONObject:
    """An event as timelines take it."""
    return {"phase": lane, "date": date, "title": title, "description": description}
