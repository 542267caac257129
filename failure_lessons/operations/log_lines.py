"""Lines of access logs: what was asked for, when, and whether a robot said that it was one.

Two forms are read: the combined format that gunicorn, nginx and Apache write, and our own lines of JSON
(`LOG_REQUESTS=1`), which hold no query and so no search. A line that is neither is nobody's request. The address of
whoever asked is not read.
"""

from __future__ import annotations

import datetime as dt
import re
from typing import NamedTuple
from urllib.parse import parse_qs, unquote, urlsplit

import orjson

COMBINED = re.compile(
    rb'[^\[]{0,600}\[(?P<time>[^\]]{20,40})\] "(?P<method>[A-Z]{3,7}) (?P<target>[^" ]{1,9000}) HTTP/[\d.]{1,3}" '
    rb'(?P<status>\d{3}) (?:\d+|-)(?: "(?:[^"\\]|\\.)*" "(?P<agent>(?:[^"\\]|\\.)*)")?\s*$'
)
# What programs call themselves. Whoever hides that it is one is counted as a reader.
ROBOT = re.compile(
    rb"bot\b|bot[/;_-]|crawl|spider|slurp|scrap|archiver|fetch|monitor|uptime|preview|feed|headless|lighthouse|curl|wget"
    rb"|python|java/|okhttp|go-http|libwww|perl|ruby|node|axios|httpx|httpclient|scrapy|facebookexternalhit|zotero|gptbot",
    re.IGNORECASE,
)
OUR_LOGGER = "failure_lessons.requests"


class LoggedRequest(NamedTuple):
    """One request that a log tells of; `words` are what a search asked for."""

    at: dt.datetime
    method: str
    path: str
    status: int
    words: str
    robot: bool


def is_robot(agent: bytes) -> bool:
    """Whether a browser's name is that of a program; who gives none is one."""
    return agent in (b"", b"-") or ROBOT.search(agent) is not None


def read_log_line(line: bytes) -> LoggedRequest | None:
    """The request of a line; None where the line tells of none."""
    try:
        return read_json_line(line) if line.startswith(b"{") else read_combined_line(line)
    except (ValueError, KeyError, TypeError, OverflowError):
        return None


def read_combined_line(line: bytes) -> LoggedRequest | None:
    """A line in the combined or the common format."""
    found = COMBINED.match(line)
    if found is None:
        return None
    at = dt.datetime.strptime(found["time"].decode("ascii"), "%d/%b/%Y:%H:%M:%S %z")
    parts = urlsplit(found["target"].decode("latin-1"))
    words = parse_qs(parts.query, max_num_fields=50).get("q", [""])[0]
    agent = found["agent"] if found["agent"] is not None else b"not logged"
    return LoggedRequest(
        at, found["method"].decode(), unquote(parts.path), int(found["status"]), words, is_robot(agent)
    )


def read_json_line(line: bytes) -> LoggedRequest | None:
    """A line of our own log; lines about anything else say nothing here."""
    said = orjson.loads(line)
    if said["logger"] != OUR_LOGGER:
        return None
    at = dt.datetime.fromisoformat(said["time"])
    if at.tzinfo is None:
        raise ValueError("A time without its zone.")
    return LoggedRequest(at, str(said["method"]), str(said["path"]), int(said["status"]), "", said.get("robot") is True)
