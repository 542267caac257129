"""The command line.

    failure-lessons recommendations --phase identification --strength strong
    failure-lessons show recommendations early-escalation
    failure-lessons changes --since 577 --json

The site is named by --site or by FAILURE_LESSONS_SITE, a token by FAILURE_LESSONS_TOKEN.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Sequence

import httpx

from failure_lessons_client.client import COLLECTIONS, Client, Damaged
from failure_lessons_client.problems import ApiProblem, Unreachable
from failure_lessons_client.records import Record


def arguments() -> argparse.ArgumentParser:
    """What can be typed."""
    parser = argparse.ArgumentParser(
        prog="failure-lessons",
        allow_abbrev=False,
        description="Read the Failure Lessons repository.",
        epilog="Filters are those of the API, such as --phase identification --audience provider-board; "
        "give one again for either of two values. --q searches words, --as_of 2026-11-25 reads as it stood.",
    )
    parser.add_argument("--site", default=os.environ.get("FAILURE_LESSONS_SITE", "http://127.0.0.1:8000"))
    parser.add_argument("--json", action="store_true", help="one JSON object a line, for programs")
    parser.add_argument("what", choices=[*COLLECTIONS, "show", "changes"], help="a collection, one record, or changes")
    parser.add_argument("which", nargs="*", help="for show: collection and slug, perhaps edition number")
    return parser


def filters_of(rest: Sequence[str]) -> dict[str, list[str]]:
    """`--phase prevention --q=staff` as filters. Raises ValueError for a filter without a value."""
    found: dict[str, list[str]] = {}
    words = list(rest)
    while words:
        name, equals, value = words.pop(0).partition("=")
        if not name.startswith("--") or (not equals and not words):
            raise ValueError(f"“{name}” is not a filter with a value; write --phase identification")
        found.setdefault(name[2:].replace("-", "_"), []).append(value if equals else words.pop(0))
    return found


def line(record: Record) -> str:
    """A record for a person."""
    return f"{record.code or record.slug:<12} {record.title}"


def run(client: Client, what: str, which: list[str], rest: list[str], as_json: bool) -> None:
    """Do what was asked and print it."""
    if what == "show":
        if len(which) not in (2, 3) or (len(which) == 3 and not which[2].isdigit()):
            raise ValueError("show takes a collection and a slug, such as: show recommendations early-escalation")
        number = int(which[2]) if len(which) == 3 else None
        record = client.record(which[0], which[1], number=number)
        print(json.dumps({**record, "edition": record.edition}, indent=None if as_json else 2, ensure_ascii=False))
        return
    if which:
        raise ValueError(f"“{which[0]}” means nothing here; filters are written --phase identification")
    filters = filters_of(rest)
    if what == "changes":
        since = filters.pop("since", ["0"])[-1]
        if filters or not since.isdigit():
            raise ValueError("changes takes --since and a revision number, nothing else")
        for change in client.changes(int(since)):
            text = json.dumps(dict(change.members), ensure_ascii=False)
            print(text if as_json else f"{change.number:>6} {change.action:<10} {change.kind} {change.slug}")
        return
    for record in client.list(what, **filters):
        print(json.dumps({**record, "edition": record.edition}, ensure_ascii=False) if as_json else line(record))


def main(words: Sequence[str] | None = None, transport: httpx.BaseTransport | None = None) -> int:
    """Exit status: 0 done, 1 the service refused or is away, 2 the command was wrong."""
    parsed, rest = arguments().parse_known_args(words)
    token = os.environ.get("FAILURE_LESSONS_TOKEN", "")
    try:
        with Client(parsed.site, token=token, transport=transport) as client:
            run(client, parsed.what, parsed.which, rest, parsed.json)
    except ValueError as error:
        print(f"failure-lessons: {error}", file=sys.stderr)
        return 2
    except (ApiProblem, Unreachable, Damaged) as error:
        print(f"failure-lessons: {error}", file=sys.stderr)
        return 1
    except BrokenPipeError:
        sys.stderr.close()  # the reader had enough, such as `head`
    return 0


if __name__ == "__main__":
    sys.exit(main())
