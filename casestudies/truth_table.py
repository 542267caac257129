"""The truth table that a query string asks for: which conditions, which cut-offs, and what is wrong with them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.http import QueryDict

from casestudies import qca
from casestudies.side_by_side import echo_safely, short_case_name
from failure_lessons.publishing.models import Edition
from failure_lessons.types import Document

TRUTH_TABLE_PARAMETERS = {"condition", "cutoff", "lower", "as_of"}


@dataclass(frozen=True)
class Analysis:
    """A truth table, the question it answers, and the faults of that question (then the table answers the default)."""

    table: qca.TruthTable
    picked: tuple[str, ...]  # keys of the conditions used
    messages: tuple[str, ...]
    titles: Mapping[str, str]  # short names of the cases by slug

    @property
    def cutoff(self) -> str:
        return f"{float(self.table.cutoff):g}"

    @property
    def lower(self) -> str:
        return "" if self.table.lower is None else f"{float(self.table.lower):g}"


def analyse_comparison(comparison: Document, query: QueryDict) -> Analysis:
    """The truth table of a comparison document for a query string such as `?condition=a&condition=b&cutoff=0.75`."""
    every = [condition["key"] for condition in comparison.get("conditions") or []]
    asked = list(dict.fromkeys(filter(None, query.getlist("condition"))))
    messages = [f"“{echo_safely(name)}” means nothing here." for name in sorted(query.keys() - TRUTH_TABLE_PARAMETERS)]
    messages += [f"“{echo_safely(key)}” is no condition of this comparison." for key in asked if key not in every]
    upper, lower = qca.DEFAULT_CUTOFF, None
    try:
        upper = qca.parse_cutoff(query.get("cutoff", "").strip() or "0.8")
        lower = qca.parse_cutoff(text) if (text := query.get("lower", "").strip()) else None
        qca.check_cutoff_order(upper, lower)
    except qca.CannotCompare as error:
        messages.append(str(error))
    if messages:
        upper, lower, asked = qca.DEFAULT_CUTOFF, None, []
    picked = tuple(key for key in every if key in asked or not asked)
    titles = {
        case["case"]: short_case_name(case.get("title") or case["case"]) for case in comparison.get("cases") or []
    }
    return Analysis(qca.truth_table(comparison, picked, upper, lower), picked, tuple(messages), titles)


def check_analysis(comparison: Document, query: QueryDict) -> tuple[str, ...]:
    """What is wrong with the question that a query string asks of a comparison."""
    return analyse_comparison(comparison, query).messages


def build_data(edition: Edition, record: Document | None, address: str) -> bytes:
    """The scores of a comparison as R's QCA reads them."""
    return qca.table_csv(edition.content).encode()
