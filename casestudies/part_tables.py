"""What cases and comparisons list, as rows to take away: events, interventions, indicators, quotations, scores."""

from __future__ import annotations

from collections.abc import Iterator

from casestudies.supports import SECTIONS
from failure_lessons.publishing.registry import PartTable
from failure_lessons.types import Document, JSONArray

PartCells = tuple[object, ...]


def cite_sources(sources: JSONArray | None) -> list[str]:
    """Each source by its key, with the place in it where that is told."""
    return [", ".join(filter(None, [each["ref"], each.get("locator")])) for each in sources or []]


def list_events(case: Document) -> Iterator[PartCells]:
    """The events in the order of the document."""
    for each in case.get("events") or []:
        yield (
            each["date"],
            each["phase"],
            each["title"],
            each.get("description"),
            cite_sources(each.get("sources")),
        )


def list_interventions(case: Document) -> Iterator[PartCells]:
    """What was done, in the order of the document."""
    for each in case.get("interventions") or []:
        told = [each.get(name) for name in ("start", "end", "led_by", "description", "effect")]
        yield each["kind"], each["title"], *told, cite_sources(each.get("sources"))


def list_figures(case: Document) -> Iterator[PartCells]:
    """Every figure of every indicator: a long table, as R and pandas like it."""
    for each in case.get("indicators") or []:
        told = (each["name"], each["unit"], each["better"], each.get("definition"))
        against = each.get("comparator")
        for point in each.get("values") or []:
            sources = cite_sources(point.get("sources") or each.get("sources"))
            yield *told, point["period"], point["value"], point.get("note"), sources, against, point.get("comparator")


def list_quoting_parts(case: Document) -> Iterator[tuple[str, str, JSONArray]]:
    """Each part that can quote: what sort it is, what it is called, and its sources."""
    for name, sources in (case.get("text_sources") or {}).items():
        yield "narrative", SECTIONS.get(name, name), sources
    for member, sort, title in (
        ("events", "event", "title"),
        ("interventions", "intervention", "title"),
        ("indicators", "indicator", "name"),
        ("actors", "part played", "name"),
    ):
        for each in case.get(member) or []:
            points = [source for point in each.get("values") or [] for source in point.get("sources") or []]
            yield sort, each[title], [*(each.get("sources") or []), *points]
    for each in case.get("quotes") or []:
        yield "quotation", "", [{**each, "quotation": each["text"], "speaker": each.get("speaker_role")}]


def list_quotations(case: Document) -> Iterator[PartCells]:
    """All words quoted in a case, with the part that rests on them."""
    for sort, title, sources in list_quoting_parts(case):
        for each in sources:
            if each.get("quotation"):
                names = ("quotation", "speaker", "ref", "locator", "read_as", "read_extent", "read_on")
                yield sort, title, *(each.get(name) for name in names)


def list_scores(comparison: Document) -> Iterator[PartCells]:
    """Every case on every condition and on the outcome, with the anchor's words and the reason."""
    outcome = comparison["outcome"]
    for case in comparison.get("cases") or []:
        for each in [*(comparison.get("conditions") or []), outcome]:
            value = case["values"].get(each["key"])
            if value:
                role = "outcome" if each is outcome else "condition"
                anchor = each.get("anchors", {}).get(f"{value['score']:g}")
                told = (case["case"], role, each["key"], each["label"], value["score"], anchor)
                yield *told, value["reason"], value.get("findings")


CASE_TABLES = (
    PartTable(
        name="events",
        label="Events",
        columns=("Date (EDTF)", "Phase", "Event", "Description", "Sources"),
        rows=list_events,
    ),
    PartTable(
        name="interventions",
        label="Interventions",
        columns=("Kind", "Intervention", "Start", "End", "Led by", "Description", "Effect", "Sources"),
        rows=list_interventions,
    ),
    PartTable(
        name="indicators",
        label="Indicators",
        columns=(
            "Indicator",
            "Unit",
            "Better",
            "Definition",
            "Period",
            "Value",
            "Note",
            "Sources",
            "Compared with",
            "Value there",
        ),
        rows=list_figures,
    ),
    PartTable(
        name="quotations",
        label="Quotations",
        columns=("Part", "Statement", "Words", "Whose words", "Source", "Place", "Read as", "Read extent", "Read on"),
        rows=list_quotations,
    ),
)
SCORE_TABLE = PartTable(
    name="scores",
    label="Scores with reasons",
    columns=("Case", "Role", "Key", "Condition", "Score", "Anchor", "Reason", "Findings"),
    rows=list_scores,
)
