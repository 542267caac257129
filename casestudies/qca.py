"""The truth table of a comparison, as R's package QCA (Dușa) defines it: `truthTable(data, outcome, incl.cut)`.

Every score is a membership from 0 to 1. A row of the table is a combination of conditions, present (1) or absent (0).
A case's membership in a row is the least of its memberships in the conditions, a condition counted as 1 - score where
it is absent. A case belongs to the row in which its membership is above 0.5; there is exactly one such row unless some
condition is scored exactly 0.5, and then there is none: such a case is listed as `undecided` and belongs to no row.

With X the memberships of all cases in a row and Y those in the outcome:

- consistency (R: `incl`) = sum min(X, Y) / sum X
- PRI = (sum min(X, Y) - sum min(X, Y, 1 - Y)) / (sum X - sum min(X, Y, 1 - Y))
- OUT = 1 where consistency reaches the cut-off, otherwise 0; with a second, lower cut-off, C where consistency reaches
  only that one. Combinations without a case are remainders (`?`): counted, not listed.

A row is contradictory where some of its cases show the outcome and others do not: membership in the outcome above 0.5,
or not. The arithmetic is exact (fractions), so that a consistency equal to the cut-off reaches it.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from failure_lessons.files.cells import open_csv
from failure_lessons.types import Document

CROSSOVER_POINT = Fraction(1, 2)
DEFAULT_CUTOFF = Fraction(4, 5)
RESERVED = {"TRUE", "FALSE", "NULL", "NA", "CASE", "OUT"}  # words of R, and columns that the data or the table has


class CannotCompare(ValueError):
    """The parameter makes no sense. The message says what would."""


@dataclass(frozen=True)
class TruthTableColumn:
    """A condition, or the outcome, with the name its column has in R."""

    key: str
    label: str
    name: str


@dataclass(frozen=True)
class CaseMembership:
    """A case in a row: its membership in the row and in the outcome."""

    case: str
    membership: Fraction
    outcome: Fraction

    @property
    def shows_outcome(self) -> bool:
        """More in the outcome than out of it."""
        return self.outcome > CROSSOVER_POINT


@dataclass(frozen=True)
class TruthTableRow:
    """One observed combination. `number` is its place among all combinations, as in R: binary value + 1."""

    number: int
    present: tuple[bool, ...]
    members: tuple[CaseMembership, ...]
    consistency: Fraction
    pri: Fraction | None
    out: str

    @property
    def n(self) -> int:
        return len(self.members)

    @property
    def contradictory(self) -> bool:
        """Its cases disagree about the outcome."""
        return len({member.shows_outcome for member in self.members}) == 2

    @property
    def deviant(self) -> tuple[str, ...]:
        """Cases without the outcome in a row that is counted as leading to it."""
        return tuple(member.case for member in self.members if not member.shows_outcome) if self.out == "1" else ()


@dataclass(frozen=True)
class TruthTable:
    """The observed rows, by number; the cases that could not be placed; how many combinations no case shows."""

    conditions: tuple[TruthTableColumn, ...]
    outcome: TruthTableColumn
    rows: tuple[TruthTableRow, ...]
    cutoff: Fraction
    lower: Fraction | None
    undecided: tuple[str, ...]  # scored exactly 0.5 on a condition
    unscored: tuple[str, ...]  # not scored on everything

    @property
    def n(self) -> int:
        """Cases in the table."""
        return sum(row.n for row in self.rows)

    @property
    def combinations(self) -> int:
        return int(2 ** len(self.conditions))

    @property
    def remainders(self) -> int:
        """Combinations that no case shows."""
        return self.combinations - len(self.rows)

    @property
    def contradictions(self) -> int:
        return sum(row.contradictory for row in self.rows)


def exact_score(score: object) -> Fraction:
    """A score as written: 0.33 is 33/100."""
    return Fraction(str(score))


def parse_cutoff(text: str) -> Fraction:
    """A cut-off from an address, above 0 and up to 1. Raises `CannotCompare`."""
    if re.fullmatch(r"(0?\.\d{1,4}|[01](\.\d{0,4})?)", text, re.ASCII) and 0 < Fraction(text.rstrip(".")) <= 1:
        return Fraction(text.rstrip("."))
    raise CannotCompare("A cut-off is a number above 0 and up to 1, such as 0.8.")


def r_names(keys: Iterable[str]) -> list[str]:
    """Column names for R: upper case, letters, digits and underscores, starting with a letter, no two the same."""
    names: list[str] = []
    for key in keys:
        name = re.sub(r"[^A-Z0-9_]", "_", key.upper())
        if not name[:1].isalpha():
            name = f"X{name}"
        while name in names or name in RESERVED:
            name += "_"
        names.append(name)
    return names


def comparison_columns(comparison: Document) -> list[TruthTableColumn]:
    """The conditions in order, then the outcome."""
    scored = [*comparison.get("conditions", []), comparison["outcome"]]
    return [
        TruthTableColumn(each["key"], each["label"], name)
        for each, name in zip(scored, r_names(each["key"] for each in scored), strict=True)
    ]


def scores_by_case(comparison: Document, keys: Sequence[str]) -> tuple[dict[str, list[Fraction]], list[str]]:
    """Scores by case, in the order of `keys`; and the cases that lack one."""
    found: dict[str, list[Fraction]] = {}
    lacking: list[str] = []
    for case in comparison.get("cases", []):
        values = case["values"]
        if all(key in values for key in keys):
            found[case["case"]] = [exact_score(values[key]["score"]) for key in keys]
        else:
            lacking.append(case["case"])
    return found, lacking


def row_membership(values: Sequence[Fraction], present: Sequence[bool]) -> Fraction:
    """Membership in a combination of conditions."""
    return min(value if there else 1 - value for value, there in zip(values, present, strict=True))


def row_number(present: Sequence[bool]) -> int:
    """The place of a combination among all, the first condition counting most: binary value + 1."""
    return int("".join(str(int(there)) for there in present) or "0", 2) + 1


def row_outcome(consistency: Fraction, upper: Fraction, lower: Fraction | None) -> str:
    """OUT of a row."""
    if consistency >= upper:
        return "1"
    return "C" if lower is not None and consistency >= lower else "0"


def check_cutoff_order(upper: Fraction, lower: Fraction | None) -> None:
    """Raises `CannotCompare` where the cut-offs stand the wrong way round."""
    if lower is not None and lower > upper:
        raise CannotCompare("The second cut-off must not be higher than the first.")


def truth_table(
    comparison: Document,
    keys: Iterable[str] | None = None,
    cutoff: Fraction = DEFAULT_CUTOFF,
    lower: Fraction | None = None,
) -> TruthTable:
    """The truth table of a comparison document on the conditions `keys`, or on all. Raises `CannotCompare`."""
    check_cutoff_order(cutoff, lower)
    *conditions, outcome = comparison_columns(comparison)
    if keys is not None:
        wanted = set(keys)
        conditions = [condition for condition in conditions if condition.key in wanted]
    found, lacking = scores_by_case(comparison, [condition.key for condition in (*conditions, outcome)])
    if not conditions:
        return TruthTable((), outcome, (), cutoff, lower, (), (*found, *lacking))
    undecided = [case for case, values in found.items() if CROSSOVER_POINT in values[:-1]]
    corners: dict[tuple[bool, ...], list[str]] = {}
    for case, values in found.items():
        if case not in undecided:
            corners.setdefault(tuple(value > CROSSOVER_POINT for value in values[:-1]), []).append(case)
    rows = []
    for present, cases in corners.items():
        x = {case: row_membership(values[:-1], present) for case, values in found.items()}
        y = {case: values[-1] for case, values in found.items()}
        whole = sum(x.values(), Fraction())
        both = sum((min(x[case], y[case]) for case in found), Fraction())
        either_way = sum((min(x[case], y[case], 1 - y[case]) for case in found), Fraction())
        consistency = both / whole  # whole > 0: the row has a case
        pri = (both - either_way) / (whole - either_way) if whole > either_way else None
        members = tuple(CaseMembership(case, x[case], y[case]) for case in cases)
        rows.append(
            TruthTableRow(
                row_number(present), present, members, consistency, pri, row_outcome(consistency, cutoff, lower)
            )
        )
    rows.sort(key=lambda row: row.number)
    return TruthTable(tuple(conditions), outcome, tuple(rows), cutoff, lower, tuple(undecided), tuple(lacking))


def table_csv(comparison: Document) -> str:
    """The scores as R reads them: `read.csv(file, row.names = 1)`. Cases that lack a score are left out."""
    out = io.StringIO(newline="")
    table = open_csv(out)
    table.writerow(["CASE", *(column.name for column in comparison_columns(comparison))])
    for case, values in scores_by_case(comparison, [column.key for column in comparison_columns(comparison)])[
        0
    ].items():
        table.writerow([case, *(f"{float(value):g}" for value in values)])
    return out.getvalue()


def truth_table_script(table: TruthTable, address: str) -> str:
    """The same table in R, from the data at `address`."""
    upper = f"{float(table.cutoff):g}"
    cut = upper if table.lower is None else f"c({upper}, {float(table.lower):g})"
    conditions = ", ".join(column.name for column in table.conditions)
    return (
        "library(QCA)\n"
        f'cases <- read.csv("{address}", row.names = 1)\n'
        f'truthTable(cases, outcome = "{table.outcome.name}", conditions = "{conditions}",\n'
        f"           incl.cut = {cut}, show.cases = TRUE)\n"
    )
