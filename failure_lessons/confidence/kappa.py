"""How far two raters agree, beyond what chance alone would give.

Sources: Cohen (1960), A coefficient of agreement for nominal scales, Educational and Psychological Measurement
20(1):37-46; Cohen (1968), Weighted kappa, Psychological Bulletin 70(4):213-220, with the linear weights of Cicchetti
and Allison (1971).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Agreement:
    """Two raters' ratings of the same things.

    `table[row][column]` counts what the first rater put in the category `row` and the second in `column`. `observed`
    and `expected` are proportions (of weighted agreement, when weighted). `kappa` is None where it has no meaning:
    nothing was rated, or both put everything into one category, so that chance alone explains it all.
    """

    categories: tuple[str, ...]
    table: tuple[tuple[int, ...], ...]
    observed: float | None
    expected: float | None
    kappa: float | None

    @property
    def total(self) -> int:
        return sum(map(sum, self.table))

    @property
    def agreed(self) -> int:
        """How many were put into the same category by both."""
        return sum(row[place] for place, row in enumerate(self.table))

    @property
    def why_no_kappa(self) -> str:
        """Why there is no kappa, in a sentence; empty where there is one."""
        if self.kappa is not None:
            return ""
        if not self.total:
            return "Nothing has been rated by both yet."
        return "Both put everything into one category, so kappa has no meaning here."


def measure_agreement(
    pairs: Iterable[tuple[str, str]], categories: Sequence[str], *, weighted: bool = False
) -> Agreement:
    """The agreement of two raters from their pairs of ratings.

    `categories` are in their order; `weighted` gives half-misses their part (linear weights), for ordered categories.
    """
    counts = Counter(pairs)
    table = tuple(tuple(counts[row, column] for column in categories) for row in categories)
    total, last = sum(map(sum, table)), len(categories) - 1
    if not total:
        return Agreement(tuple(categories), table, None, None, None)
    rows = [sum(row) for row in table]
    columns = [sum(column) for column in zip(*table, strict=True)]
    observed = expected = 0.0
    for i in range(len(categories)):
        for j in range(len(categories)):
            weight = 1 - abs(i - j) / last if weighted and last else float(i == j)
            observed += weight * table[i][j] / total
            expected += weight * rows[i] * columns[j] / total**2
    kappa = None if abs(1 - expected) < 1e-12 else (observed - expected) / (1 - expected)
    return Agreement(tuple(categories), table, observed, expected, kappa)
