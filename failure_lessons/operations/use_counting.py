"""Counting how the site is used, from its access logs: by a worker, never in a request.

Each log is read on from where it was left: the place and the counts are stored in one transaction, so that nothing is
counted twice, whatever a log is called meanwhile and however often it is read.
"""

from __future__ import annotations

import datetime as dt
import gzip
import hashlib
import logging
import re
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import BinaryIO, NamedTuple, cast
from urllib.parse import urlsplit

from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django.db.models import Sum
from django.urls import Resolver404, resolve
from django.utils import timezone

from failure_lessons.library.filters import clean_search_text
from failure_lessons.library.search import find_exact, find_results, understand
from failure_lessons.library.search_scope import SearchScope
from failure_lessons.operations.log_lines import LoggedRequest, read_log_line
from failure_lessons.operations.models import LONGEST_SOUGHT, LogRead, UseCount, VainSearch
from failure_lessons.publishing.models import Edition
from failure_lessons.publishing.registry import KINDS

log = logging.getLogger(__name__)
LONGEST_LINE = 64 * 1024  # bytes; a longer one tells of no request of ours
OLDEST = dt.timedelta(days=400)  # older lines are not counted
MOST_LOOKED_UP = 500  # different searches of one log that are tried again; of the rest only the number is kept
FEW_ASKED = 3  # words that fewer asked for are forgotten
FEW_ASKED_KEPT = dt.timedelta(days=30)
GZIP = b"\x1f\x8b"
# Words that may say who somebody is: an e-mail address, a long number, a link.
PERSONAL = re.compile(r"@|\d[\d\s./-]{5,}\d|https?:|www\.", re.IGNORECASE)
UseDeed = UseCount.Deed
OPENED = frozenset({"detail", "edition"})
EMBED_PATTERNS = frozenset({"embed", "embed-edition", "comparison-embed", "evidence-map-embed"})
TAKEN = frozenset(
    {"export", "cite", "cite-edition", "sources", "sources-edition", "chart", "chart-edition", "comparison-chart"}
    | {
        "brief-word",
        "brief-pdf",
        "brief-slides",
        "download",
        "download-newest",
        "evidence-map-csv",
        "evidence-map-chart",
    }
)


class UseKey(NamedTuple):
    """What is counted together."""

    day: dt.date
    deed: str
    kind: str
    slug: str


class LogSum(NamedTuple):
    """What one reading of one log gave."""

    lines: int
    counted: int


@cache
def names_of_files() -> frozenset[str]:
    """The patterns of addresses at which a file is taken away."""
    tables = {
        table.route(code, of)
        for code, kind in KINDS.items()
        for table in kind.part_tables
        for of in ("", "edition", "all")
    }
    files = {name for kind in KINDS.values() for file in kind.files for name in (file.route, f"{file.route}-edition")}
    return TAKEN | tables | files


def count_use_of(paths: Iterable[Path]) -> Iterator[tuple[Path, LogSum | None]]:
    """Count each of these logs; None for one that cannot be read."""
    for path in paths:
        try:
            yield path, count_log(path)
        except (OSError, EOFError, zlib.error) as error:
            log.warning("The log %s cannot be read: %s.", path.name, error)
            yield path, None


def count_log(path: Path) -> LogSum:
    """Count what a log, or a compressed one, says beyond what was counted of it already."""
    with open_log(path) as lines:
        first = lines.readline(LONGEST_LINE)
        if not first.endswith(b"\n"):
            return LogSum(0, 0)  # nothing whole in it yet
        with transaction.atomic():
            name = hashlib.sha256(first.partition(b"[")[2] or first).hexdigest()
            LogRead.objects.get_or_create(first_line=name, defaults={"read_at": timezone.now()})
            place = LogRead.objects.select_for_update().get(first_line=name)
            lines.seek(place.read_to)
            counts: Counter[UseKey] = Counter()
            sought: Counter[tuple[dt.date, str]] = Counter()
            read, number = place.read_to, 0
            for line, end in whole_lines(lines, place.read_to):
                read, number = end, number + 1
                if (request := read_log_line(line)) is not None:
                    count_logged_request(request, counts, sought)
            counts.update(find_vain(sought))
            store_counts(keep_published(counts))
            LogRead.objects.filter(pk=place.pk).update(read_to=read, read_at=timezone.now())
    return LogSum(number, sum(counts.values()))


def open_log(path: Path) -> BinaryIO:
    """A log to read, compressed or not."""
    with path.open("rb") as file:
        packed = file.read(2) == GZIP
    return cast(BinaryIO, gzip.open(path, "rb")) if packed else path.open("rb")


def whole_lines(lines: BinaryIO, start: int) -> Iterator[tuple[bytes, int]]:
    """Each line with the place where it ends. One that is cut is left for another time, a very long one passed by."""
    place, within = start, False
    while True:
        try:
            part = lines.readline(LONGEST_LINE)
        except (EOFError, zlib.error, gzip.BadGzipFile):
            return  # a compressed log that was cut: what was whole is counted
        if not part or (not part.endswith(b"\n") and len(part) < LONGEST_LINE):
            return
        place += len(part)
        ended = part.endswith(b"\n")
        if ended:
            yield (b"" if within else part), place
        within = not ended


def count_logged_request(request: LoggedRequest, counts: Counter[UseKey], sought: Counter[tuple[dt.date, str]]) -> None:
    """Add what a reader did; robots, refusals and everything else a site is asked for are left out."""
    if request.robot or request.method != "GET" or request.status not in (200, 304):
        return
    day = timezone.localtime(request.at).date()
    if not timezone.localdate() - OLDEST <= day <= timezone.localdate() + dt.timedelta(days=1):
        return
    try:
        found = resolve(request.path.removeprefix(urlsplit(settings.SITE_URL).path.rstrip("/")))
    except (Resolver404, ValueError):
        return
    name, about = found.url_name or "", found.kwargs
    if name == "search":
        if words := clean_search_text(request.words):
            counts[UseKey(day, UseDeed.SEARCHED, "", "")] += 1
            sought[day, " ".join(words.casefold().split())] += 1
        return
    deed = (
        UseDeed.OPENED
        if name in OPENED
        else UseDeed.EMBEDDED
        if name in EMBED_PATTERNS
        else UseDeed.TAKEN
        if name in names_of_files()
        else ""
    )
    if deed:
        counts[UseKey(day, deed, kinds_by_address().get(about.get("address", ""), ""), about.get("slug", ""))] += 1


@cache
def kinds_by_address() -> dict[str, str]:
    """The codes of kinds by their part of an address."""
    return {kind.address: code for code, kind in KINDS.items()}


def keep_published(counts: Counter[UseKey]) -> Counter[UseKey]:
    """The same, by record only where there is such a record: what else an address says is nobody's name. One query."""
    asked = {key.slug for key in counts if key.slug}
    known = set(Edition.objects.filter(slug__in=asked).values_list("kind", "slug"))
    kept: Counter[UseKey] = Counter()
    for key, number in counts.items():
        kept[key if (key.kind, key.slug) in known else key._replace(slug="")] += number
    return kept


def find_vain(sought: Counter[tuple[dt.date, str]]) -> Counter[UseKey]:
    """Which of these searches find nothing today, by day; their words are stored if they are short and plain."""
    vain: Counter[UseKey] = Counter()
    finds: dict[str, bool] = {}
    for (day, words), number in sought.most_common():
        if words not in finds and len(finds) < MOST_LOOKED_UP:
            finds[words] = finds_something(words)
        if finds.get(words, True):
            continue
        vain[UseKey(day, UseDeed.IN_VAIN, "", "")] += number
        if len(words) <= LONGEST_SOUGHT and not PERSONAL.search(words):
            add_number("operations_vainsearch", "words, day", (words, day), number)
    return vain


def finds_something(words: str) -> bool:
    """Whether the search of the site finds a record for these words."""
    try:
        with transaction.atomic():
            scope = SearchScope(None)
            understood = understand(words, scope)
            if find_exact(words, scope) or find_results(scope, understood):
                return True
            mended = understood.spelt.mend_text(words)
            return bool(mended) and bool(find_results(scope, understand(mended, scope)))
    except DatabaseError:  # too long for the database: one such question must not stop the counting of all others
        return True


def store_counts(counts: Counter[UseKey]) -> None:
    """Add the counts to what is stored, in one order, so that two workers never wait for each other."""
    for key in sorted(counts):
        add_number("operations_usecount", "day, deed, kind, slug", key, counts[key])


def add_number(table: str, columns: str, values: tuple[str | dt.date, ...], number: int) -> None:
    """Add to the row of these values, which is made if it is missing."""
    places = ", ".join(["%s"] * (len(values) + 1))
    with connection.cursor() as cursor:
        cursor.execute(
            f"insert into {table} ({columns}, number) values ({places})"
            f" on conflict ({columns}) do update set number = {table}.number + excluded.number",
            [*values, number],
        )


def forget_rare_words() -> int:
    """Forget the words that few asked for a month ago, and all words of long ago; says how many rows went."""
    today = timezone.localdate()
    often = (
        VainSearch.objects.values("words").annotate(times=Sum("number")).filter(times__gte=FEW_ASKED).values("words")
    )
    rare = VainSearch.objects.filter(day__lt=today - FEW_ASKED_KEPT).exclude(words__in=often)
    gone = rare.delete()[0]
    return gone + VainSearch.objects.filter(day__lt=today - OLDEST).delete()[0]
