"""Records as a data frame, for who has pandas: `pip install 'failure-lessons-client[frames]'`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from failure_lessons_client.records import Record

if TYPE_CHECKING:
    import pandas  # type: ignore[import-untyped,import-not-found,unused-ignore]


def to_dataframe(records: Iterable[Record]) -> pandas.DataFrame:
    """One row for each record, a column for each member; what the library knows of it as `edition.number` and so on."""
    import pandas  # an extra: the client works without

    rows = [
        {**record.members, **{f"edition.{name}": value for name, value in record.edition.items()}} for record in records
    ]
    return pandas.DataFrame(rows)
