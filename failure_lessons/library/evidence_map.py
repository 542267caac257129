"""The evidence map: how much is published on each phase of failure, by theme, type of failure or sector.

Counted from the bitmaps of the current revision. Every number leads to a list that holds exactly that many records.

An empty cell says *no finding here* and no more, unless somebody declared that they looked: a case study or review may
say which theme was looked for in which phase, how, and that nothing was found. Then it says *looked, none found*.
Nothing is inferred from what happens to be published.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from django.db import models
from django.http import QueryDict
from django.urls import reverse
from pyroaring import BitMap64

from failure_lessons.hints import format_hint, nearest_name
from failure_lessons.library.list_query import ParameterError
from failure_lessons.library.published_labels import published_labels
from failure_lessons.library.term_bitmaps import TermBitmaps, read_term_bitmaps
from failure_lessons.library.titles import titles_of_kind
from failure_lessons.publishing.registry import KINDS, Kind
from failure_lessons.vocabularies.choices import AnswerState, ConfidenceLevel, Phase, Sector, Strength

MAPPED_KINDS = tuple(code for code, kind in KINDS.items() if kind.map_grade)
MAP_ROWS = {"theme": "Theme", "failure-type": "What failed", "sector": "Sector"}
GRADES: dict[str, type[models.TextChoices]] = {
    "strength": Strength,
    "confidence": ConfidenceLevel,
    "answer": AnswerState,
}
NOT_BY = {  # what records of a kind do not carry, in words, and by what they are drawn instead
    ("lesson", "failure-type"): ("Lessons do not record what failed. This is their map by theme.", "theme"),
    ("follow-up", "theme"): ("What is followed carries no themes. This is its map by what failed.", "failure-type"),
}
UNGRADED = "ungraded"
MOST_MARKS = 12  # the most marks that one cell draws
A_ROW = 6  # marks side by side
MARK_STEP = 14  # from one mark to the next, in units of the drawing


@dataclass(frozen=True)
class MapLevel:
    """How many records of a cell have one strength or confidence. `shape` numbers its mark, highest level first."""

    code: str
    label: str
    shape: str
    count: int


@dataclass(frozen=True)
class CellMark:
    """One mark of a cell's drawing."""

    x: int
    y: int
    shape: str


@dataclass(frozen=True)
class MapCell:
    """One phase of one row. `state` is `found`, `looked` (somebody says so, and found none) or `none`."""

    phase: str
    phase_label: str
    count: int
    levels: tuple[MapLevel, ...]
    state: str
    address: str
    marks: tuple[CellMark, ...]
    shade: int

    @property
    def height(self) -> int:
        """Height of the drawing, in its units."""
        return MARK_STEP * -(-len(self.marks) // A_ROW)


@dataclass(frozen=True)
class Line:
    """A row or a column as a whole. `total` counts records, each once, so it may be less than the sum of the cells."""

    code: str
    label: str
    total: int
    address: str
    cells: tuple[MapCell, ...] = ()


@dataclass(frozen=True)
class Map:
    """The whole map."""

    of: Kind
    by: str
    by_label: str
    grading: str
    sectors: tuple[str, ...]
    phases: tuple[Line, ...]
    rows: tuple[Line, ...]
    scale: tuple[MapLevel, ...]
    total: int
    address: str
    a_mark_is: int

    def count_of(self, state: str) -> int:
        """How many cells are in a state."""
        return sum(cell.state == state for row in self.rows for cell in row.cells)

    @property
    def found(self) -> int:
        return self.count_of("found")

    @property
    def looked(self) -> int:
        return self.count_of("looked")

    @property
    def none(self) -> int:
        return self.count_of("none")


def choose_grading(of: str) -> tuple[str, type[models.TextChoices]]:
    """The term by which records of a kind are graded, and its codes, highest first."""
    grade = KINDS[of].map_grade
    return grade, GRADES[grade]


def evidence_map(of: str = "finding", by: str = "theme", sectors: Iterable[str] = ()) -> Map:
    """The map of the current editions of one kind, a phase a column: bits are counted, no rows.

    `of` is one of `MAPPED_KINDS`, `by` one of `MAP_ROWS`, `sectors` codes of which a record must carry at least one.
    Lessons carry no type of failure: a map of them by it is empty.
    """
    chosen = tuple(dict.fromkeys(sectors))
    bitmaps = read_term_bitmaps()
    within = bitmaps.keys_of_any(f"sector:{code}" for code in chosen) if chosen else bitmaps.everything
    mapped = within & bitmaps.keys_of(f"kind:{of}")
    term, scale = choose_grading(of)
    counts = bitmaps.keep_counts(("map", of, by, chosen), lambda: count_cells(bitmaps, mapped, by, term))
    totals = bitmaps.count_terms(mapped, bitmaps.terms_named("phase")) | bitmaps.count_terms(
        mapped, bitmaps.terms_named(by)
    )
    looked = find_looked(bitmaps, within) if by == "theme" else set()
    labels = row_labels(bitmaps, by, chosen, {row for _, row in counts})
    narrowing = [("sector", code) for code in chosen]
    home = reverse("list", args=[KINDS[of].address])
    largest = max((sum(levels.values()) for levels in counts.values()), default=0)
    a_mark_is = max(1, -(-largest // MOST_MARKS))

    def address(*parts: tuple[str, str]) -> str:
        parameters = [(name.replace("-", "_"), code) for name, code in parts]
        if "sector" not in dict(parts):
            parameters += narrowing
        return f"{home}?{urlencode(parameters)}" if parameters else home

    def cell(phase: Phase, row: str) -> MapCell:
        found = counts.get((phase.value, row), {})
        levels = count_levels(found, scale)
        count = sum(found.values())
        return MapCell(
            phase=phase.value,
            phase_label=str(phase.label),
            count=count,
            levels=levels,
            state="found" if count else "looked" if f"{phase.value}.{row}" in looked else "none",
            address=address(("phase", phase.value), (by, row)),
            marks=draw_marks(levels, a_mark_is),
            shade=-(-4 * count // largest) if count else 0,
        )

    return Map(
        of=KINDS[of],
        by=by,
        by_label=MAP_ROWS[by],
        grading=term,
        sectors=chosen,
        phases=tuple(
            Line(p.value, str(p.label), totals.get(f"phase:{p.value}", 0), address(("phase", p.value))) for p in Phase
        ),
        rows=tuple(
            Line(
                row, label, totals.get(f"{by}:{row}", 0), address((by, row)), tuple(cell(phase, row) for phase in Phase)
            )
            for row, label in labels.items()
        ),
        scale=count_levels({str(code): 0 for code in (*scale.values, UNGRADED)}, scale),
        total=sum(totals.get(f"phase:{phase.value}", 0) for phase in Phase),
        address=address(),
        a_mark_is=a_mark_is,
    )


def count_levels(found: Mapping[str, int], scale: type[models.TextChoices]) -> tuple[MapLevel, ...]:
    """Counts by level, highest first, what is not graded last."""
    names = {**{str(code): str(label) for code, label in scale.choices}, UNGRADED: "Not graded"}
    shapes = {code: UNGRADED if code == UNGRADED else f"level-{place}" for place, code in enumerate(names)}
    return tuple(MapLevel(code, label, shapes[code], found[code]) for code, label in names.items() if code in found)


def draw_marks(levels: Iterable[MapLevel], a_mark_is: int) -> tuple[CellMark, ...]:
    """The marks of a cell: one for so many records of a level, and at least one for a level that is there."""
    shapes = [level.shape for level in levels for _ in range(-(-level.count // a_mark_is))]
    return tuple(
        CellMark(
            x=MARK_STEP * (place % A_ROW) + MARK_STEP // 2, y=MARK_STEP * (place // A_ROW) + MARK_STEP // 2, shape=shape
        )
        for place, shape in enumerate(shapes)
    )


def count_cells(bitmaps: TermBitmaps, mapped: BitMap64, by: str, term: str) -> dict[tuple[str, str], dict[str, int]]:
    """How many of these editions carry each phase with each code of `by`, by their level of `term`; no empty cells."""
    levels = {code_of_term(level): keys & mapped for level, keys in bitmaps.terms_named(term).items()}
    levels[UNGRADED] = mapped - BitMap64.union(BitMap64(), *levels.values())
    counts = {}
    for phase, in_phase in bitmaps.terms_named("phase").items():
        for row, in_row in bitmaps.terms_named(by).items():
            if cell := mapped & in_phase & in_row:
                found = {level: cell.intersection_cardinality(keys) for level, keys in levels.items()}
                counts[code_of_term(phase), code_of_term(row)] = {
                    level: count for level, count in found.items() if count
                }
    return counts


def code_of_term(term: str) -> str:
    """What stands after the name of a term."""
    return term.partition(":")[2]


def find_looked(bitmaps: TermBitmaps, within: BitMap64) -> set[str]:
    """What case studies and reviews declare to have looked for and not found, as `phase.theme`."""
    declaring = within & bitmaps.keys_of_any(["kind:case-study", "kind:literature-review"])
    return {code_of_term(term) for term in bitmaps.count_terms(declaring, bitmaps.terms_named("looked-for"))}


def row_labels(bitmaps: TermBitmaps, by: str, sectors: tuple[str, ...], carried: set[str]) -> dict[str, str]:
    """The rows in their order: every code there is, whether or not anything carries it."""
    if by == "theme":
        labels = dict(titles_of_kind(bitmaps, "theme"))
        return labels | {code: code for code in sorted(carried - set(labels))}
    if by == "failure-type":
        labels = {code: label for (vocabulary, code), label in published_labels(bitmaps).items() if vocabulary == by}
        return dict(sorted(labels.items(), key=lambda pair: pair[1].casefold()))
    return {str(code): str(label) for code, label in Sector.choices if not sectors or code in sectors}


@dataclass(frozen=True)
class MapQuery:
    """What an address asks the map for, with what could not be understood, in words for the reader."""

    of: str
    by: str
    sectors: tuple[str, ...]
    faults: tuple[ParameterError, ...]

    @property
    def messages(self) -> tuple[str, ...]:
        """What is wrong with it, in words."""
        return tuple(fault.text for fault in self.faults)

    @property
    def query(self) -> str:
        """The same question as part of an address."""
        return urlencode([("of", self.of), ("by", self.by), *(("sector", code) for code in self.sectors)])

    @classmethod
    def read(cls, query: QueryDict) -> MapQuery:
        """From the parameters `of`, `by` and any number of `sector`."""
        faults = []

        def chosen(name: str, value: str, codes: Iterable[str], how: str = "") -> bool:
            known = list(codes)
            if value in known:
                return True
            hint = format_hint(nearest_name(value, known), f"Use one of: {', '.join(known)}.")
            words = f"“{value[:60]}” is not something the map can be drawn {how or name}.{hint}"
            faults.append(ParameterError(name, words, "of=finding&by=theme"))
            return False

        for stranger in query:
            if stranger not in ("of", "by", "sector"):
                words = f"“{stranger[:60]}” means nothing here. Use of, by and sector."
                faults.append(ParameterError(stranger[:80], words, "of=finding&by=theme"))
        of = query.get("of") or "finding"
        by = query.get("by") or ("failure-type" if of == "follow-up" else "theme")
        of = of if chosen("of", of, MAPPED_KINDS) else "finding"
        by = by if chosen("by", by, MAP_ROWS) else "theme"
        if (of, by) in NOT_BY:
            words, by = NOT_BY[of, by]
            faults.append(ParameterError("by", words, urlencode({"of": of, "by": by})))
        asked = [value for value in query.getlist("sector") if value]
        return cls(
            of, by, tuple(value for value in asked if chosen("sector", value, Sector.values, "for")), tuple(faults)
        )
