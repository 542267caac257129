"""`make bench`: 304 and kept answers against a WSGI "ok", and an export of 100,000 findings against `COPY … TO STDOUT`.

As in `bench.api_list`: the same server for both sides, asked in turn, from the synthetic database; ratios, not figures.
"""

from __future__ import annotations

import http.client
import io
import os
import socket
import statistics
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import psycopg2
from django.conf import settings

from bench.api_list import ADDRESS, CALLS, CLIENTS, report, served, settings_url
from bench.synthetic import connect

ROUNDS = 7
FINDINGS = 100_000
EXPORT = "/api/v1/findings/?format=ndjson"


def application(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    """The least that a server can do."""
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", "2")])
    return [b"ok"]


def ask(port: int, status: int, headers: dict[str, str], address: str = ADDRESS) -> Any:
    """One request on a connection of its own; the answer's headers."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request("GET", address, headers=headers)
    answer = connection.getresponse()
    answer.read()
    connection.close()
    if answer.status != status:
        raise RuntimeError(f"status {answer.status}")
    return answer.headers


def rate(call: Callable[[], Any]) -> float:
    """Calls a second."""
    started = time.perf_counter()
    with ThreadPoolExecutor(CLIENTS) as pool:
        list(pool.map(lambda _: call(), range(CALLS)))
    return CALLS / (time.perf_counter() - started)


def fill() -> None:
    """Findings for the export, straight into the table: as long as the shipped ones, marked as invented."""
    database = settings.DATABASES["default"]
    with psycopg2.connect(
        dbname=database["NAME"], user=database["USER"], password=database["PASSWORD"] or None,
        host=database["HOST"] or None, port=database["PORT"] or None,
    ) as connection, connection.cursor() as cursor:  # fmt: skip
        cursor.execute("select count(*) from publishing_edition where kind = 'finding'")
        there = cursor.fetchone()[0]
        cursor.execute(
            """
            insert into publishing_edition (kind, slug, code, record_id, number, revision, title, summary, body, document,
                sha256, terms, sort_key, note, submitted_by_id, published_by_id, published_at, withdrawal_reason)
            select 'finding', 'syn-f' || n, 'SYN-F' || n, gen_random_uuid(), 1, 100000000 + n, 'Invented', '', '',
                '{"schema":1,"kind":"finding","slug":"syn-f' || n || '","code":"SYN-F' || n || '","statement":"'
                || repeat('An invented statement for measurement. ', 25) || '"}',
                lpad(to_hex(n), 64, '0'), '{}', 'syn-f' || lpad(n::text, 6, '0'), '', a.id, b.id, now(), ''
            from generate_series(%s + 1, %s) n,
                (select min(id) id from failure_lessons_user) a, (select max(id) id from failure_lessons_user) b
            """,
            [there, FINDINGS],
        )
        cursor.execute("select count(*) from publishing_edition where kind = 'finding'")
    with connection, connection.cursor() as cursor:
        cursor.execute("analyze publishing_edition")


def copied(url: str) -> float:
    """Megabytes a second of the documents by COPY."""
    with psycopg2.connect(url) as connection, connection.cursor() as cursor:
        held = io.BytesIO()
        started = time.perf_counter()
        cursor.copy_expert(
            "copy (select document from publishing_edition where kind = 'finding' and superseded_at is null"
            " and withdrawn_at is null order by sort_key, id) to stdout", held,
        )  # fmt: skip
        return FINDINGS / (time.perf_counter() - started)


def exported(port: int) -> float:
    """Findings a second through the API."""
    blocks = []
    with socket.create_connection(("127.0.0.1", port), timeout=120) as connection:
        started = time.perf_counter()
        connection.sendall(f"GET {EXPORT} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n".encode())
        while block := connection.recv(1 << 20):
            blocks.append(block)
        seconds = time.perf_counter() - started
    if (records := b"".join(blocks).count(b'"edition":{"number"')) != FINDINGS:
        raise RuntimeError(f"{records} records")
    return FINDINGS / seconds


def largest_worker(port: int) -> float:
    """The most memory, in megabytes, that a process serving this port has ever used."""
    sizes = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if f"127.0.0.1:{port}" in (process / "cmdline").read_text():
                status = (process / "status").read_text()
                sizes += [int(line.split()[1]) / 1024 for line in status.splitlines() if line.startswith("VmHWM")]
        except OSError:
            continue
    return max(sizes, default=0.0)


def main() -> None:
    """Measure in turn."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "failure_lessons.settings")
    url = os.environ.get("DATABASE_URL") or settings_url()
    connect()
    fill()
    with served("failure_lessons.wsgi", url) as ours, served("bench.api_kept:application", url) as plain:
        tag = ask(ours, 200, {})["ETag"]
        ok = partial(ask, plain, 200, {})
        kept, unchanged = partial(ask, ours, 200, {}), partial(ask, ours, 304, {"If-None-Match": tag})
        rate(ok), rate(kept)
        report("Kept answer against “ok”", [(rate(kept), rate(ok)) for _ in range(ROUNDS)])
        report("304 against “ok”        ", [(rate(unchanged), rate(ok)) for _ in range(ROUNDS)])
        before = largest_worker(ours)
        pairs = [(exported(ours), copied(url)) for _ in range(5)]
        report("Export against COPY     ", pairs)
        print(f"Memory of the largest process: {before:.0f} MB before the exports, {largest_worker(ours):.0f} MB after; "
              f"median export {FINDINGS / statistics.median(each[0] for each in pairs):.1f} s")  # fmt: skip


if __name__ == "__main__":
    main()
