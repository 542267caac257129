"""Which groups a report may show, so that nobody can subtract their way to a group that is too small.

There is one division of groups for a whole report, made by the least number over all items and rounds: with several,
one table minus another would tell of the people between them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

GroupCounts = Mapping[str, int]


def divide_groups(tables: Iterable[GroupCounts], least: int) -> list[tuple[str, ...]]:
    """The groups that are shown together, each of at least `least` people in every one of the tables.

    A table has the number of people by group. One with fewer than `least` in all is not shown, and so says nothing.
    """
    shown = [table for table in tables if sum(table.values()) >= least]
    names = sorted({name for table in shown for name in table})
    parts: list[tuple[str, ...]] = [(name,) for name in names]

    def count_least(part: Sequence[str]) -> int:
        return min(sum(table.get(name, 0) for name in part) for table in shown)

    while small := [part for part in parts if count_least(part) < least]:
        if len(parts) == 1:
            return []
        # all small ones together; a single one takes the smallest other along, or the total would give it away
        joined = small if len(small) > 1 else [small[0], min((p for p in parts if p != small[0]), key=count_least)]
        parts = [part for part in parts if part not in joined] + [tuple(sorted(sum(joined, ())))]
    return sorted(parts)


def sum_by_part(counts: GroupCounts, parts: Iterable[tuple[str, ...]]) -> dict[tuple[str, ...], int]:
    """The number of people in each shown part."""
    return {part: sum(counts.get(name, 0) for name in part) for part in parts}
