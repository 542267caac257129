"""How far raters agree on confidence: on one record, and across records."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import combinations

from failure_lessons.confidence.kappa import Agreement, measure_agreement
from failure_lessons.confidence.models import CerqualBase
from failure_lessons.vocabularies.choices import CerqualLevel, ConfidenceLevel, list_codes

RATED = (*CerqualBase.COMPONENTS, "overall")


def ordered_levels(name: str) -> list[str]:
    """The levels of a component or of the overall confidence, in their order."""
    return list_codes(ConfidenceLevel if name == "overall" else CerqualLevel)


def count_steps_apart(name: str, assessments: Iterable[CerqualBase]) -> int:
    """How many steps the raters of one record are apart at most."""
    places = [ordered_levels(name).index(getattr(each, name)) for each in assessments]
    return max(places) - min(places) if places else 0


@dataclass(frozen=True)
class RaterAgreement:
    """Two raters across all records that both rated: for each component, how many alike and weighted kappa."""

    one: str
    other: str
    parts: tuple[tuple[str, Agreement], ...]

    @property
    def total(self) -> int:
        return self.parts[0][1].total


def compare_raters(assessments: Iterable[CerqualBase], record: str) -> list[RaterAgreement]:
    """Each pair of raters. `assessments` are independent ratings with `rater` loaded; `record` is the key's column."""
    rated: dict[int, dict[str, CerqualBase]] = defaultdict(dict)
    for each in assessments:
        rated[getattr(each, record)][str(each.rater)] = each
    pairs: dict[tuple[str, str], list[tuple[CerqualBase, CerqualBase]]] = defaultdict(list)
    for raters in rated.values():
        for one, other in combinations(sorted(raters), 2):
            pairs[one, other].append((raters[one], raters[other]))
    return [
        RaterAgreement(
            one,
            other,
            tuple(
                (
                    name,
                    measure_agreement(
                        ((getattr(a, name), getattr(b, name)) for a, b in both), ordered_levels(name), weighted=True
                    ),
                )
                for name in RATED
            ),
        )
        for (one, other), both in sorted(pairs.items())
    ]
