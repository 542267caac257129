"""The command line.

    failure-lessons recommendations --phase identification --strength strong
    failure-lessons show recommendations early-escalation
    failure-lessons search "whistleblowing in prisons" --kind finding
    failure-lessons references --format ris --output library.ris
    failure-lessons changes --since 577 --json
    eval "$(failure-lessons --completion bash)"

The site is named by --site or by FAILURE_LESSONS_SITE, a token by FAILURE_LESSONS_TOKEN.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import httpx

from failure_lessons_client.calls import COLLECTIONS
from failure_lessons_client.client import Client
from failure_lessons_client.completion import SCRIPTS, VERBS, PrintCandidates, PrintScript
from failure_lessons_client.exchange import own_version
from failure_lessons_client.problems import ApiProblem, Damaged, NotTheApi, Unreachable
from failure_lessons_client.records import Record


def arguments() -> argparse.ArgumentParser:
    """What can be typed."""
    parser = argparse.ArgumentParser(
        prog="failure-lessons",
        allow_abbrev=False,
        description="Read the Failure Lessons repository.",
        epilog="Filters are those of the API, such as --phase identification --audience provider-board; "
        "give one again for either of two values. --q searches words, --as-of 2026-11-25 reads as it stood.",
    )
    parser.add_argument("--site", default=os.environ.get("FAILURE_LESSONS_SITE", "http://127.0.0.1:8000"))
    parser.add_argument("--version", action="version", version=f"failure-lessons {own_version()}")
    parser.add_argument(
        "--completion", action=PrintScript, choices=list(SCRIPTS), help="print what makes a shell complete this command"
    )
    parser.add_argument("--complete", action=PrintCandidates, nargs=argparse.REMAINDER, help=argparse.SUPPRESS)
    parser.add_argument("--output", help="with --format: the file to write, instead of printing")
    parser.add_argument("--json", action="store_true", help="one JSON object a line, for programs")
    parser.add_argument("what", choices=[*COLLECTIONS, *VERBS], help="a collection, or what to do")
    parser.add_argument("which", nargs="*", help="for show: collection and slug or code, perhaps edition number")
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
    """A record for a person: its name, or the members that were asked for."""
    if record.slug:
        return f"{record.code or record.slug:<12} {record.title}"
    return "  ".join(str(value) for value in record.values())


def in_json(record: Record, indent: int | None = None) -> str:
    """A record for a program."""
    whole = {**record, **({"edition": record.edition} if record.edition else {})}
    return json.dumps(whole, ensure_ascii=False, indent=indent)


def run(client: Client, what: str, which: list[str], rest: list[str], as_json: bool, output: str = "") -> None:
    """Do what was asked and print it."""
    if which and what not in ("show", "search"):
        raise ValueError(f"“{which[0]}” means nothing here; filters are written --phase identification")
    filters = filters_of(rest)
    if output and "format" not in filters:
        raise ValueError("--output goes with --format, such as --format csv --output lessons.csv")
    if what == "show":
        show(client, which, filters, as_json)
    elif what == "search":
        if len(which) != 1:
            raise ValueError('search takes its words in quotation marks, such as: search "staff shortages"')
        for found in client.search(which[0], **filters):
            name = found["code"] or found["slug"]
            print(
                json.dumps(found, ensure_ascii=False) if as_json else f"{found['kind']:<18} {name:<12} {found['title']}"
            )
    elif what == "changes":
        since = filters.pop("since", ["0"])[-1]
        if not since.isdigit():
            raise ValueError("changes takes --since and a revision number")
        for change in client.changes(int(since), **filters):
            text = json.dumps(dict(change.members), ensure_ascii=False)
            print(text if as_json else f"{change.number:>6} {change.action:<10} {change.kind} {change.slug}")
    elif form := filters.pop("format", [""])[-1]:
        write_table(client.table(what, form, **filters), output)
    else:
        for record in client.list(what, **filters):
            print(in_json(record) if as_json else line(record))


def show(client: Client, which: list[str], filters: Mapping[str, list[str]], as_json: bool) -> None:
    """One record."""
    if len(which) not in (2, 3) or (len(which) == 3 and not which[2].isdigit()):
        raise ValueError("show takes a collection and a slug or code, such as: show recommendations R4")
    number = int(which[2]) if len(which) == 3 else None
    print(in_json(client.record(which[0], which[1], number=number, **filters), None if as_json else 2))


def write_table(content: bytes, output: str) -> None:
    """A file, or bytes for the next program in the pipe."""
    if output:
        Path(output).write_bytes(content)
    else:
        sys.stdout.buffer.write(content)
        sys.stdout.flush()


def main(words: Sequence[str] | None = None, transport: httpx.BaseTransport | None = None) -> int:
    """Exit status: 0 done, 1 the service refused or is away, 2 the command was wrong."""
    parsed, rest = arguments().parse_known_args(words)
    token = os.environ.get("FAILURE_LESSONS_TOKEN", "")
    try:
        with Client(parsed.site, token=token, transport=transport) as client:
            run(client, parsed.what, parsed.which, rest, parsed.json, parsed.output or "")
    except ValueError as error:
        print(f"failure-lessons: {error}", file=sys.stderr)
        return 2
    except BrokenPipeError:
        sys.stderr.close()  # the reader had enough, such as `head`
    except (ApiProblem, Unreachable, NotTheApi, Damaged, OSError) as error:
        print(f"failure-lessons: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
