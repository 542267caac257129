"""The PRISMA 2020 flow of a review, computed from its searches and screening decisions.

Source of the boxes: Page and others (2021), The PRISMA 2020 statement, BMJ 372:n71.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from failure_lessons.types import Document, JSONObject
from failure_lessons.vocabularies.choices import ScreeningDecision, ScreeningStage

INCLUDE = ScreeningDecision.INCLUDE.value
NOT_RETRIEVED = "Report not retrieved."  # the reason that PRISMA counts apart
TITLE, FULL = ScreeningStage.TITLE_ABSTRACT.value, ScreeningStage.FULL_TEXT.value


def compute_prisma_flow(
    searches: Iterable[Document], screening: Iterable[Document], under_way: Document | None = None
) -> JSONObject:
    """Counts for each PRISMA box, from package-shaped searches and screening decisions.

    A record may be judged at both stages; the decision on the full text counts. `removed_before_screening` is what the
    searches returned beyond the records screened one by one: duplicates and results that were plainly off the subject,
    which were not logged singly. While screening is `under_way`, records not yet screened and reports not yet assessed
    have boxes of their own, and neither are removed nor included.
    """
    searches = list(searches)
    decisions: dict[str, dict[str, Document]] = {}
    for row in screening:
        decisions.setdefault(row["ref"], {})[row["stage"]] = row
    unscreened, unassessed = read_under_way(under_way)
    final = {ref: stages.get(FULL) or stages[TITLE] for ref, stages in decisions.items() if ref not in unassessed}
    at_title = [stages[TITLE] for stages in decisions.values() if TITLE in stages]
    at_full = [stages[FULL] for stages in decisions.values() if FULL in stages]
    identified = sum(search["records_found"] for search in searches)
    screened = len(decisions)
    included = [ref for ref, row in final.items() if row["decision"] == INCLUDE]
    result: JSONObject = {
        "searches": len(searches),
        "records_identified": identified,
        "removed_before_screening": max(identified - screened - unscreened, 0),
        "records_screened": screened,
        "records_excluded": sum(row["decision"] != INCLUDE for row in at_title),
        "reports_assessed": len(at_full),
        "reports_excluded": sum(row["decision"] != INCLUDE for row in at_full),
        "studies_included": len(included),
        "included_on_title_and_abstract_only": sum(FULL not in decisions[ref] for ref in included),
        "exclusion_reasons": dict(Counter(row["reason"] for row in final.values() if row["decision"] != INCLUDE)),
    }
    lost = sum(row["decision"] != INCLUDE and row["reason"] == NOT_RETRIEVED for row in at_full)
    if lost or unassessed:  # boxes of their own; where all were retrieved they would say the same as the next
        result |= {
            "reports_sought": len(at_full) + len(unassessed),
            "reports_not_retrieved": lost,
            "reports_assessed": len(at_full) - lost,
            "reports_excluded": result["reports_excluded"] - lost,
        }
    result |= {
        name: number
        for name, number in (("records_not_yet_screened", unscreened), ("reports_not_yet_assessed", len(unassessed)))
        if number
    }
    if warning := warn_of_too_many(identified, screened, unscreened):
        result["warnings"] = [warning]
    return result


def read_under_way(under_way: Document | None) -> tuple[int, frozenset[str]]:
    """How many records are not yet screened, and the keys of the reports not yet assessed."""
    told = under_way or {}
    return int(told.get("records") or 0), frozenset(told.get("reports") or ())


def warn_of_too_many(identified: int, screened: int, unscreened: int = 0) -> str:
    """What to say where more records are told of than the searches found; nothing where all is well."""
    if screened + unscreened <= identified:
        return ""
    waiting = f" and {unscreened} are not yet screened" if unscreened else ""
    return f"{screened} records were screened{waiting}, but the searches recorded found only {identified}."
