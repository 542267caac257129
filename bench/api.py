"""`python -m bench.api`: the API against the least that could do the same, as ratios in one run.

| what                            | against                                             | bar  |
|---------------------------------|-----------------------------------------------------|------|
| a list page of 25, worked out   | the same answer from bare psycopg2 (`bench.bare`)   | 1/2  |
| the same page kept, packed      | a WSGI function that says “ok”                      | 1/2  |
| 304 to who holds it already     | the same                                            | 1/2  |
| an export of 100,000 findings   | `COPY … TO STDOUT`                                  | 1/3  |

Both sides run under gunicorn with one worker, and are asked in turn, round by round, so that a change in the machine's
speed cancels out. Beside the throughput stands the processor time of the worker process, as the kernel counts it: other
people's work on the machine disturbs it little, but it leaves out the database's share, which both sides wait for.
"""

from __future__ import annotations

import io
import os
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import psycopg2
from django.conf import settings

from bench.drill_cluster import ROOT, find_free_port
from bench.synthetic import connect

ROUNDS, CALLS, CLIENTS = 9, 500, 2
FINDINGS = 100_000
LIST, EXPORT = "/api/v1/recommendations/", "/api/v1/findings/?format=ndjson"
MOST_MEMORY = 100  # MB
IDLE_SECONDS = 3  # without work, after which a server is taken to have read what it needs
BACKENDS = "select pid from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()"
PACKED = "Accept-Encoding: gzip, deflate, br\r\n"  # as httpx, requests and browsers ask by themselves


def application(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    """The least that a server can do."""
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", "2")])
    return [b"ok"]


@dataclass(frozen=True)
class Server:
    """A gunicorn with one worker."""

    port: int
    worker: int
    database: str = ""  # the address of one that nobody else asks, if what it computes counts too

    def ask(self, address: str = LIST, status: int = 200, headers: str = "") -> bytes:
        """One request on a connection of its own; the whole answer. A benchmark of errors would be fast."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=120) as connection:
            connection.sendall(
                f"GET {address} HTTP/1.1\r\nHost: 127.0.0.1\r\n{headers}Connection: close\r\n\r\n".encode()
            )
            blocks = []
            while block := connection.recv(1 << 20):
                blocks.append(block)
        answer = b"".join(blocks)
        if int(answer[9:12]) != status:
            raise RuntimeError(f"{address}: {answer[:300]!r}")
        return answer

    def processor_of_each(self) -> dict[int, float]:
        """Seconds that the worker has computed in all its threads, and its database where that counts, by process."""
        processes = [self.worker]
        if self.database:
            with closing(psycopg2.connect(self.database)) as connection, connection.cursor() as cursor:
                cursor.execute(BACKENDS)
                processes += [pid for (pid,) in cursor]
        threads = {each: Path(f"/proc/{each}/task").glob("*/schedstat") for each in processes}
        return {each: sum(int(file.read_text().split()[0]) for file in files) / 1e9 for each, files in threads.items()}

    def processor(self) -> float:
        """Seconds that the worker has computed."""
        return self.processor_of_each()[self.worker]

    def computed_since(self, before: dict[int, float]) -> float:
        """Seconds computed since then. A connection that ended meanwhile took its count along."""
        return sum(seconds - before.get(each, 0) for each, seconds in self.processor_of_each().items())

    def wait_until_idle(self) -> None:
        """Until it and its database compute nearly nothing for a while: all that it reads when it starts is read."""
        still = 0
        while still < IDLE_SECONDS:
            before = self.processor_of_each()
            time.sleep(1)
            still = still + 1 if self.computed_since(before) < 0.02 else 0

    def memory(self) -> float:
        """The most memory, in MB, that the worker has held at once."""
        return status_of(self.worker, "VmHWM")

    def rate(self, call: Callable[[], Any]) -> tuple[float, float]:
        """Calls a second, and calls for each second of the worker's processor time."""
        started, computed = time.perf_counter(), self.processor()
        with ThreadPoolExecutor(CLIENTS) as pool:
            list(pool.map(lambda _: call(), range(CALLS)))
        return CALLS / (time.perf_counter() - started), CALLS / (self.processor() - computed)


def status_of(process: int, name: str) -> float:
    """A size in MB from what the kernel knows about a process."""
    lines = Path(f"/proc/{process}/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith(f"{name}:"))


@contextmanager
def started(
    command: Iterable[object], port: int, environment: dict[str, str], ready: str, says: int | None = None
) -> Iterator[Server]:
    """A server, once it answers at the address `ready`. What it starts first is the worker, or it is that itself."""
    with subprocess.Popen([*map(str, command)], env=environment, stdout=says, stderr=says) as process:
        try:
            for _ in range(300):
                try:
                    Server(port, 0).ask(ready)
                    break
                except OSError:
                    time.sleep(0.1)
            children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
            yield Server(port, int(children[0]) if children else process.pid)
        finally:
            process.terminate()


def environment_of_site(database: str = "") -> dict[str, str]:
    """What ours runs with, over this database (otherwise that of the settings): as in production."""
    return {
        **os.environ,
        "DATABASE_URL": database or address_of_database(),
        "DEBUG": "0",
        "SECRET_KEY": "bench",
        "LOG_LEVEL": "ERROR",
        "ALLOWED_HOSTS": "127.0.0.1",
        "DJANGO_SETTINGS_MODULE": "failure_lessons.settings",
        "PYTHONWARNINGS": "ignore",
        "SECURE_SSL_REDIRECT": "0",
        "QUOTA_ANONYMOUS": "900000000/60",  # requests are counted as in production, but never used up
    }


def collect_static_files() -> None:
    """Pages name their styles as production does, by what is in them: put these below var/ for the servers to come."""
    os.environ["STATIC_ROOT"] = str(ROOT / "var" / "bench" / "static")
    command = [sys.executable, "manage.py", "collectstatic", "--noinput", "--verbosity=0"]
    subprocess.run(command, env=environment_of_site(), check=True, cwd=ROOT)


@contextmanager
def served(
    application: str, database: str = "", *, python: str | Path = sys.executable, ready: str = LIST, **more: str
) -> Iterator[Server]:
    """An application under gunicorn, on a free port, over this database (otherwise that of the settings)."""
    port = find_free_port()
    command = [
        python,
        "-m",
        "gunicorn",
        application,
        f"--bind=127.0.0.1:{port}",
        "--log-level=error",
        "--timeout=120",  # without threads, reading the terms of a million on a busy machine would be taken for death
        *(
            ["--config=deploy/gunicorn.conf.py"]
            if more.get("SHIPPED_SETTINGS")
            else ["--workers=1", f"--threads={more.get('THREADS', '1')}"]
        ),
    ]
    with started(command, port, environment_of_site(database) | more, ready) as server:
        yield server


def address_of_database(name: str = "") -> str:
    """The address of a database beside that of the settings, or of that one."""
    database = settings.DATABASES["default"]
    host = str(database["HOST"]).replace("/", "%2F")
    secret = f":{database['PASSWORD']}" if database["PASSWORD"] else ""
    port = f":{database['PORT']}" if database["PORT"] else ""
    return f"postgresql://{database['USER']}{secret}@{host}{port}/{name or database['NAME']}"


def report(name: str, bar: float, ours: list[tuple[float, float]], plain: list[tuple[float, float]]) -> bool:
    """Print medians and ratios; whether the bar is met."""
    figures = []
    for place in (0, 1):
        ratio = statistics.median(mine[place] / theirs[place] for mine, theirs in zip(ours, plain, strict=True))
        figures.append((statistics.median(x[place] for x in ours), statistics.median(x[place] for x in plain), ratio))
    (mine, theirs, ratio), (own, other, by_time) = figures
    met = ratio >= bar
    print(
        f"{name:34} {mine:8.0f} against {theirs:8.0f} a second: {ratio:.2f}, bar {bar:.2f} {'met' if met else 'NOT MET'}"
        f"   (by processor time {1e6 / own:.0f} against {1e6 / other:.0f} µs: {by_time:.2f})",
        flush=True,
    )
    return met


def compare(name: str, ours: Server, call: Callable[[], Any], plain: Server, other: Callable[[], Any]) -> bool:
    """Ask two servers in turn."""
    ours.rate(call), plain.rate(other)  # warm
    pairs = [(ours.rate(call), plain.rate(other)) for _ in range(ROUNDS)]
    return report(name, 0.5, [each[0] for each in pairs], [each[1] for each in pairs])


def fill() -> None:
    """Findings for the export, straight into the table: as long as the shipped ones, marked as invented."""
    with psycopg2.connect(address_of_database()) as connection, connection.cursor() as cursor:
        cursor.execute("select count(*) from publishing_edition where kind = 'recommendation'")
        if (count := cursor.fetchone()[0]) < 20_000:
            raise SystemExit(f"Only {count} recommendations there: run `make synthetic N=20000` first.")
        cursor.execute("select count(*) from publishing_edition where kind = 'finding'")
        there = cursor.fetchone()[0]
        cursor.execute(
            """
            insert into publishing_edition (kind, slug, code, record_id, number, revision, title, summary, body, document,
                sha256, terms, sort_key, note, change, submitted_by_id, published_by_id, published_at, withdrawal_reason)
            select 'finding', 'syn-f' || n, 'SYN-F' || n, gen_random_uuid(), 1, 100000000 + n, 'Invented', '', '',
                '{"schema":1,"kind":"finding","slug":"syn-f' || n || '","code":"SYN-F' || n || '","statement":"'
                || repeat('An invented statement for measurement. ', 25) || '"}',
                lpad(to_hex(n), 64, '0'), '{}', 'syn-f' || lpad(n::text, 6, '0'), '', '', a.id, b.id, now(), ''
            from generate_series(%s + 1, %s) n,
                (select min(id) id from accounts_user) a, (select max(id) id from accounts_user) b
            """,
            [there, FINDINGS],
        )
        cursor.execute("analyze publishing_edition")


def copied(connection: Any) -> tuple[float, float]:
    """Findings a second by COPY, and for each second of our own processor time."""
    started, computed = time.perf_counter(), time.process_time()
    with connection.cursor() as cursor:
        cursor.copy_expert(
            "copy (select document from publishing_edition where kind = 'finding' and superseded_at is null"
            " and withdrawn_at is null order by sort_key, id) to stdout",
            io.BytesIO(),
        )
    return FINDINGS / (time.perf_counter() - started), FINDINGS / (time.process_time() - computed)


def exported(server: Server) -> tuple[float, float]:
    """Findings a second through the API, and for each second of the worker's processor time."""
    started, computed = time.perf_counter(), server.processor()
    answer = server.ask(EXPORT)
    seconds, computing = time.perf_counter() - started, server.processor() - computed
    if (records := answer.count(b'"edition":{"number"')) != FINDINGS:
        raise RuntimeError(f"{records} records")
    return FINDINGS / seconds, FINDINGS / computing


def main() -> None:
    """Measure everything; exit 1 when a bar is not met."""
    connect(20_000)
    fill()
    print(f"{ROUNDS} rounds of {CALLS} calls by {CLIENTS} clients, in turn; {FINDINGS} findings")
    with ExitStack() as servers:
        start = servers.enter_context
        working = start(served("failure_lessons.wsgi", ANSWERS_KEPT="0"))
        keeping = start(served("failure_lessons.wsgi", ANSWERS_KEPT="1"))
        bare, ok = start(served("bench.bare")), start(served("bench.api"))
        head = keeping.ask().partition(b"\r\n\r\n")[0].decode()
        tag = next(line.partition(": ")[2] for line in head.splitlines() if line.lower().startswith("etag:"))
        unchanged = partial(keeping.ask, status=304, headers=f"If-None-Match: {tag}\r\n")
        met = [
            compare("List page of 25 against bare", working, working.ask, bare, bare.ask),
            compare("Kept answer against “ok”", keeping, partial(keeping.ask, headers=PACKED), ok, ok.ask),
            compare("304 against “ok”", keeping, unchanged, ok, ok.ask),
        ]
    with served("failure_lessons.wsgi") as fresh, psycopg2.connect(address_of_database()) as connection:
        copied(connection), fresh.ask()
        before = fresh.memory()
        pairs = [(exported(fresh), copied(connection)) for _ in range(5)]
        met.append(report("Export against COPY", 1 / 3, [each[0] for each in pairs], [each[1] for each in pairs]))
        most = fresh.memory()
        met.append(most - before < MOST_MEMORY)
        print(
            f"{'Memory that the exports added':34} {most - before:.0f} MB to the {before:.0f} MB of the process; "
            f"bar {MOST_MEMORY} MB {'met' if met[-1] else 'NOT MET'}"
        )
    sys.exit(not all(met))


if __name__ == "__main__":
    main()
