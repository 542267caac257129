"""What ratings on a scale from 1 to 9 come to: everything is worked out of a histogram, so from one row of counts.

Percentiles are interpolated linearly, as PostgreSQL's `percentile_cont` does. The constants of the disagreement index
are those from which the published example (BMJ Open 2012;2:e001431) follows: its text prints 2.5 for 2.35.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate

SCALE = range(1, 10)
BANDS = {"low": range(1, 4), "middle": range(4, 7), "high": range(7, 10)}
IPR_AT_SYMMETRY = 2.35  # the interpercentile range at which a panel that leans to no side disagrees
CORRECTION = 1.5  # how much wider it may be for each point that the panel leans to one side
CENTRE = 5


@dataclass(frozen=True)
class Distribution:
    """How often each value from 1 to 9 was given."""

    counts: tuple[int, ...]

    @classmethod
    def of_ratings(cls, ratings: Iterable[int]) -> Distribution:
        """Of single ratings. Raises `ValueError` where one lies off the scale."""
        counts = [0] * len(SCALE)
        for each in ratings:
            if each not in SCALE:
                raise ValueError(f"{each} does not lie on the scale from 1 to 9.")
            counts[each - 1] += 1
        return cls(tuple(counts))

    @classmethod
    def sum_of(cls, parts: Iterable[Distribution]) -> Distribution:
        """Of several groups together."""
        rows = [each.counts for each in parts]
        return cls(tuple(map(sum, zip(*rows, strict=True))) if rows else (0,) * len(SCALE))

    @cached_property
    def n(self) -> int:
        return sum(self.counts)

    @cached_property
    def reached(self) -> list[int]:
        """How many ratings are at most 1, 2, … 9."""
        return list(accumulate(self.counts))

    def rating_at(self, place: int) -> int:
        """The rating at this place, counted from 0, when all stand in order."""
        return next(value for value, reached in zip(SCALE, self.reached, strict=True) if reached > place)

    def percentile(self, fraction: float) -> float:
        """Linear interpolation between the two nearest ratings."""
        place = fraction * (self.n - 1)
        below = int(place)
        low, high = self.rating_at(below), self.rating_at(min(below + 1, self.n - 1))
        return low + (high - low) * (place - below)

    def share(self, band: str) -> float:
        """Which part of all ratings lies in a band."""
        return self.count_in(band) / self.n

    def count_in(self, band: str) -> int:
        return sum(self.counts[value - 1] for value in BANDS[band])

    @property
    def median(self) -> float:
        return self.percentile(0.5)

    @property
    def interquartile(self) -> float:
        return self.percentile(0.75) - self.percentile(0.25)

    @property
    def band(self) -> str:
        """The band in which the median lies; empty where it lies between two, which is never rounded."""
        return next((name for name, values in BANDS.items() if values[0] <= self.median <= values[-1]), "")

    @property
    def disagreement_index(self) -> float:
        """The range between the 30th and 70th percentiles, by the range that would be disagreement. More than 1 is."""
        low, high = self.percentile(0.3), self.percentile(0.7)
        return (high - low) / (IPR_AT_SYMMETRY + CORRECTION * abs(CENTRE - (low + high) / 2))

    def disagrees_by_classic_rule(self) -> bool:
        """A third of the panel at either end: three of 8 to 10, four of 11 to 13, five of 14 to 16."""
        least = (self.n + 1) // 3
        return self.count_in("low") >= least and self.count_in("high") >= least

    def describe(self) -> dict[str, float | int | str | list[int]]:
        """All figures, for a page, a file and the API alike."""
        low, high = self.percentile(0.3), self.percentile(0.7)
        return {
            "n": self.n,
            "median": self.median,
            "band": self.band or "between bands",
            "q1": self.percentile(0.25),
            "q3": self.percentile(0.75),
            "p30": low,
            "p70": high,
            "ipr": high - low,
            "ipras": IPR_AT_SYMMETRY + CORRECTION * abs(CENTRE - (low + high) / 2),
            "di": self.disagreement_index,
            "share_1_3": self.share("low"),
            "share_4_6": self.share("middle"),
            "share_7_9": self.share("high"),
            "counts": list(self.counts),
        }


def band_of(value: int) -> str:
    """The band of one rating."""
    return next(name for name, values in BANDS.items() if value in values)


def compare_rounds(pairs: Sequence[tuple[int, int]]) -> dict[str, float | int]:
    """Stability: of people who rated in both rounds, how many stayed in the same band, and how far the median moved."""
    if not pairs:
        return {"n": 0}
    before, after = (Distribution.of_ratings(values) for values in zip(*pairs, strict=True))
    same = sum(band_of(old) == band_of(new) for old, new in pairs)
    changed = sum(old != new for old, new in pairs)
    return {
        "n": len(pairs),
        "same_band": same / len(pairs),
        "changed": changed / len(pairs),
        "shift_of_median": after.median - before.median,
    }


def compare_leavers(first: Mapping[str, int], second: Iterable[str], least: int) -> dict[str, float | int]:
    """First ratings of those who left against those who stayed; nothing where either are fewer than `least`.

    `first` holds ratings by pseudonym, `second` the pseudonyms that rated again. Who leaves because they are few makes
    agreement look greater than it is.
    """
    again = set(second)
    stayed = Distribution.of_ratings(value for who, value in first.items() if who in again)
    left = Distribution.of_ratings(value for who, value in first.items() if who not in again)
    if min(stayed.n, left.n) < least:
        return {}
    return {"left": left.n, "left_median": left.median, "stayed": stayed.n, "stayed_median": stayed.median}
