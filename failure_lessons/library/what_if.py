"""What if this study is wrong: findings and sources struck out, and what lessons and recommendations still rest on.

Nothing is stored or changed. A finding falls when it is struck, when its case or review is, or when every source that
it cites is. A lesson keeps the findings that stand; it has lost its support when none that supports it is left. A
recommendation keeps the lessons that have support.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db.models import Q

from failure_lessons.publishing.dependencies import reach_dependents
from failure_lessons.publishing.models import Edition
from failure_lessons.types import Document

MOST_STRUCK = 20  # at a time
STRIKABLE = ("finding", "reference", "case-study", "literature-review")
RELATIONS = ("supports", "qualifies", "contradicts")


@dataclass(frozen=True)
class WeakenedFinding:
    """A finding that falls, or that loses some of its sources."""

    edition: Edition
    lost: tuple[str, ...]  # keys of the sources struck
    left: int  # sources that stand
    falls: bool


@dataclass(frozen=True)
class WeakenedLesson:
    """A lesson with what bears on it before and after, by relation, and the findings that fall or weaken."""

    edition: Edition
    before: tuple[tuple[str, int], ...]
    after: tuple[tuple[str, int], ...]
    fallen: tuple[str, ...]
    weaker: tuple[str, ...]

    @property
    def is_bare(self) -> bool:
        """Whether no finding that supports it is left."""
        return not dict(self.after)["supports"]


@dataclass(frozen=True)
class WeakenedRecommendation:
    """A recommendation with the lessons that keep their support, and those that lose it or some of it."""

    edition: Edition
    kept: tuple[str, ...]
    weaker: tuple[str, ...]
    bare: tuple[str, ...]

    @property
    def is_bare(self) -> bool:
        """Whether no lesson with support is left."""
        return not (self.kept or self.weaker)


@dataclass(frozen=True)
class WhatIf:
    """What was struck, what is not known, and everything that weakens."""

    struck: tuple[Edition, ...]
    unknown: tuple[str, ...]
    findings: tuple[WeakenedFinding, ...]
    lessons: tuple[WeakenedLesson, ...]
    recommendations: tuple[WeakenedRecommendation, ...]


def strike_out(asked: Sequence[str]) -> WhatIf:
    """What becomes of lessons and recommendations without the records asked for, by code, key or slug. Two queries."""
    names = list(dict.fromkeys(name.strip() for name in asked if name.strip()))[:MOST_STRUCK]
    possible = [name for name in names if name.isprintable()]
    wanted = Q(slug__in=[name.lower() for name in possible]) | Q(code__in=[name.upper() for name in possible])
    current = Edition.objects.current().defer("body", "search")
    struck = tuple(current.of_kind(*STRIKABLE).filter(wanted).order_by("kind", "sort_key", "pk")) if possible else ()
    known = {name.casefold() for each in struck for name in (each.slug, each.code) if name}
    unknown = tuple(name for name in names if name.casefold() not in known)
    if not struck:
        return WhatIf((), unknown, (), (), ())
    reached = reach_dependents([each.record_id for each in struck]).values("pk")
    owners = {each.slug for each in struck if each.kind in ("case-study", "literature-review")}
    parts = Q(code__in=[code for each in struck for code in each.content.get("findings", [])])
    among = current.of_kind("finding", "lesson", "recommendation")
    weak = Q(pk__in=reached) | Q(pk__in=[each.pk for each in struck])
    if owners:  # what rests on a case rests on its findings
        found = Edition.objects.current().of_kind("finding").filter(parts).values_list("record_id", flat=True)
        weak |= parts | Q(pk__in=reach_dependents(found).values("pk"))
    rows = list(among.filter(weak).order_by("sort_key", "pk"))
    findings = weaken_findings([each for each in rows if each.kind == "finding"], struck, owners)
    lessons = weaken_lessons([each for each in rows if each.kind == "lesson"], findings)
    recommendations = weaken_recommendations([each for each in rows if each.kind == "recommendation"], lessons)
    return WhatIf(struck, unknown, findings, lessons, recommendations)


def weaken_findings(
    rows: Iterable[Edition], struck: Sequence[Edition], owners: set[str]
) -> tuple[WeakenedFinding, ...]:
    """The findings that fall or lose sources."""
    keys = {each.slug for each in struck if each.kind == "reference"}
    own = {each.pk for each in struck}
    found = []
    for row in rows:
        cited = {source["ref"] for source in row.content["sources"]}
        lost = tuple(sorted(cited & keys))
        falls = row.pk in own or row.content["derived"]["part_of"]["slug"] in owners or not cited - keys
        if falls or lost:
            found.append(WeakenedFinding(row, lost, len(cited - keys), falls))
    return tuple(found)


def weaken_lessons(rows: Iterable[Edition], findings: Iterable[WeakenedFinding]) -> tuple[WeakenedLesson, ...]:
    """The lessons on which weakened findings bear."""
    fallen = {each.edition.code for each in findings if each.falls}
    weaker = {each.edition.code for each in findings if not each.falls}
    made = []
    for row in rows:
        evidence = row.content["evidence"]
        codes = {each["finding"] for each in evidence}
        if codes & (fallen | weaker):
            after = [each for each in evidence if each["finding"] not in fallen]
            made.append(
                WeakenedLesson(
                    row,
                    count_relations(evidence),
                    count_relations(after),
                    tuple(sorted(codes & fallen)),
                    tuple(sorted(codes & weaker)),
                )
            )
    return tuple(made)


def count_relations(evidence: Iterable[Document]) -> tuple[tuple[str, int], ...]:
    """How many findings bear in each way."""
    counts = Counter(each["relation"] for each in evidence)
    return tuple((relation, counts[relation]) for relation in RELATIONS)


def weaken_recommendations(
    rows: Iterable[Edition], lessons: Iterable[WeakenedLesson]
) -> tuple[WeakenedRecommendation, ...]:
    """The recommendations that rest on weakened lessons."""
    bare = {each.edition.code for each in lessons if each.is_bare}
    weaker = {each.edition.code for each in lessons if not each.is_bare}
    made = []
    for row in rows:
        codes = row.content["lessons"]
        if set(codes) & (bare | weaker):
            made.append(
                WeakenedRecommendation(
                    row,
                    tuple(code for code in codes if code not in bare | weaker),
                    tuple(code for code in codes if code in weaker),
                    tuple(code for code in codes if code in bare),
                )
            )
    return tuple(made)
