"""`make bench`: one table of what each kind of request costs, beside the limits and beside peers, at two sizes in one run.

`N=200000` compares 2,000 with that size, and with Datasette as the only peer; without it 2,000 with 20,000, all peers
included (`bench.peers`). Every row is asked in turn, round by round, by two clients of one worker: a change in the
machine's speed meets all of them. What is kept is off, unless the row says so. `kept` rows are compared by the worker's
processor time.
"""

from __future__ import annotations

import datetime as dt
import os
import platform
import random
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager

from bench.api import (
    CLIENTS,
    LIST,
    PACKED,
    Server,
    address_of_database,
    collect_static_files,
    served,
    status_of,
)
from bench.peers.race import race
from bench.rows import ROUNDS, SECONDS, Row
from bench.synthetic import connect

SMALL = 2_000
PAGE = "/recommendations/"
SEARCH = "q=recovery+threshold"
DETAIL = "/recommendations/synthetic-77/"
READERS = 50
OURS = (
    ("API list, plain", LIST),
    ("API list, one filter", f"{LIST}?phase=identification"),
    ("API list, three filters", f"{LIST}?phase=identification&audience=regulator&strength=strong"),
    ("API list, newest", f"{LIST}?order=newest"),
    ("API list, strongest", f"{LIST}?order=strength"),
    ("API list, surest", f"{LIST}?order=confidence"),
    ("API search", f"/api/v1/search/?{SEARCH}"),
    ("start page", "/"),
    ("list page", PAGE),
    ("list page, two filters", f"{PAGE}?phase=identification&audience=regulator"),
    ("list page, strongest", f"{PAGE}?order=strength"),
    ("record page", DETAIL),
    ("evidence map", "/evidence-map/"),
    ("search page", f"/search/?{SEARCH}"),
)
KEPT = (("API list, kept", LIST), ("list page, kept", PAGE), ("record page, kept", DETAIL))
FIRST = [
    (name, address) for name, address in OURS if name in ("start page", "list page", "evidence map", "search page")
]
FIRST += [("list page, two filters", f"{PAGE}?phase=identification&audience=regulator"), ("record page", DETAIL)]


def list_rows(size: int) -> list[Row]:
    """What is asked at one size."""
    rows = [Row("bitmaps, all counts", "bitmaps", "/")]
    for name, address in OURS:
        if address.startswith(LIST):  # beside the least that gives the same records
            rows.append(Row(name.replace("API list", "bare psycopg2"), "bare", f"/{address.removeprefix(LIST)}"))
        rows.append(Row(name, "working", address))
    return rows + [Row(name, "keeping", address, PACKED) for name, address in KEPT]


@contextmanager
def publishing(size: int) -> Iterator[subprocess.Popen[str]]:
    """A program that publishes a recommendation whenever it is asked to."""
    command = [sys.executable, "-m", "bench.publishing", str(size)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as program:
        yield program
        program.stdin.close()  # type: ignore[union-attr]  # both are pipes


def publish_one(program: subprocess.Popen[str]) -> float:
    """Publish one record; the seconds it took."""
    program.stdin.write("\n")  # type: ignore[union-attr]  # both are pipes
    program.stdin.flush()  # type: ignore[union-attr]
    return float(program.stdout.readline())  # type: ignore[union-attr]


def time_call(server: Server, address: str) -> float:
    """The milliseconds of one answer."""
    started = time.perf_counter()
    server.ask(address)
    return 1000 * (time.perf_counter() - started)


def measure_publishing(servers: dict[tuple[int, str], Server], sizes: list[int], rounds: int) -> None:
    """One publication at each size in turn, and after each the first and the third answer of a page."""
    took: dict[int, list[float]] = {size: [] for size in sizes}
    firsts: dict[tuple[int, str], list[tuple[float, float]]] = {}
    with ExitStack() as stack:
        programs = {size: stack.enter_context(publishing(size)) for size in sizes}
        for size in sizes:
            publish_one(programs[size])
        for number in range(rounds * len(FIRST)):
            name, address = FIRST[number % len(FIRST)]
            for size in sizes:
                server = servers[size, "working"]
                server.ask(address)
                took[size].append(1000 * publish_one(programs[size]))
                first = time_call(server, address)
                server.ask(address)
                firsts.setdefault((size, name), []).append((first, time_call(server, address)))
    medians = {size: statistics.median(times) for size, times in took.items()}
    small, large = sizes
    print(
        f"\npublish one record: {medians[small]:.1f} ms and {medians[large]:.1f} ms: {medians[large] / medians[small]:.2f}"
    )
    for name, _ in FIRST:
        first, usual = (statistics.median(pair[place] for pair in firsts[large, name]) for place in (0, 1))
        print(f"first {name:24} after a publication {first:7.1f} ms, then {usual:7.1f} ms: {first / usual:.2f}")


def measure_readers(size: int) -> None:
    """Fifty readers at once with the settings of the server that we ship."""
    addresses = [address for _, address in (*OURS, *KEPT)]
    with served("failure_lessons.wsgi", address_of_size(size), SHIPPED_SETTINGS="1") as server:
        for address in addresses:
            server.ask(address)
        server.wait_until_idle()  # until the workers have read what they count by and the frequent words
        dice, times, wrong = random.Random(1), [], []  # whom to ask next, not a secret

        def read(_: int) -> None:
            try:
                times.append(time_call(server, dice.choice(addresses)))
            except (RuntimeError, OSError) as error:
                wrong.append(error)

        started = time.perf_counter()
        with ThreadPoolExecutor(READERS) as pool:
            list(pool.map(read, range(2_000)))
        seconds = time.perf_counter() - started
    cuts = statistics.quantiles(times, n=20)
    print(
        f"\n{READERS} readers, {size} recommendations, 2 workers of 4 threads, kept answers on: {len(wrong)} errors, "
        f"{len(times) / seconds:.0f} answers a second, p50 {statistics.median(times):.0f} ms, p95 {cuts[-1]:.0f} ms "
        f"({cuts[-1] / statistics.median(times):.1f} times)"
    )


def address_of_size(size: int) -> str:
    """The address of the synthetic database of a size."""
    return address_of_database(f"failure_lessons_synthetic_{size}")


def start_servers(stack: ExitStack, size: int) -> dict[tuple[int, str], Server]:
    """Ours and the limits over the database of one size."""
    database = address_of_size(size)
    start = stack.enter_context
    return {
        (size, "bare"): start(served("bench.bare", database)),
        (size, "bitmaps"): start(served("bench.bitmaps", database)),
        (size, "working"): start(served("failure_lessons.wsgi", database, ANSWERS_KEPT="0")),
        (size, "keeping"): start(served("failure_lessons.wsgi", database, ANSWERS_KEPT="1")),
    }


def print_table(sizes: list[int], rows: dict[int, list[Row]], nothing: Row) -> None:
    """The medians, and the ratios by round."""
    small, large = sizes
    print(f"{'':28}{small:>12,}{large:>12,}   cost at {large:,} / at {small:,}   of its limit, at {large:,}")
    print(
        f"{nothing.name:28}{statistics.median(nothing.rates):12.1f}{'':12}   {statistics.median(nothing.computed):.2f} ms"
    )
    limits = {row.name: row for row in rows[large]}
    for first, second in zip(rows[small], rows[large], strict=True):
        grown = first.compare_rates(second)
        if second.server == "keeping":
            limit = statistics.median(a / b for a, b in zip(nothing.computed, second.computed, strict=True))
            beside = f"{limit:.2f} of “ok” by processor time"
        elif second.address.startswith(LIST):
            bare, plain = limits[second.name.replace("API list", "bare psycopg2")], limits["API list, plain"]
            beside = (
                f"{second.compare_rates(bare):.2f} of bare; cost {plain.compare_rates(second):.2f} of the plain one"
            )
        elif second.address.startswith(PAGE):
            data = limits["API list, plain"]
            beside = f"{second.compare_rates(data):.2f} of the API’s list"
        else:
            beside = ""
        print(
            f"{first.name:28}{statistics.median(first.rates):12.1f}{statistics.median(second.rates):12.1f}"
            f"   {grown:.2f}   {statistics.median(second.computed):6.2f} ms   {beside}"
        )


def main() -> None:
    """Measure, and print."""
    large = int(os.environ.get("N", "20000"))
    sizes = [SMALL, large]
    for size in sizes:
        subprocess.run([sys.executable, "-m", "bench.synthetic", str(size)], check=True, stdout=subprocess.DEVNULL)
    connect(large)
    collect_static_files()
    print(
        f"{dt.datetime.now(dt.UTC):%d %B %Y}, {platform.machine()}, {os.cpu_count()} processors, load {os.getloadavg()[0]:.1f}"
    )
    print(f"answers a second, medians of {ROUNDS} rounds of {SECONDS} s by {CLIENTS} clients, one worker each\n")
    with ExitStack() as stack:
        ok = stack.enter_context(served("bench.api", address_of_size(SMALL)))
        servers: dict[tuple[int, str], Server] = {}
        for size in sizes:
            servers |= start_servers(stack, size)
        nothing = Row("WSGI “ok”", "ok", "/")
        rows = {size: list_rows(size) for size in sizes}
        for size in sizes:
            for each in rows[size]:
                for _ in range(3):  # warm
                    servers[size, each.server].ask(each.address, headers=each.headers)
        for _ in range(ROUNDS):
            nothing.ask(ok)
            for first, second in zip(rows[SMALL], rows[large], strict=True):
                first.ask(servers[SMALL, first.server])
                second.ask(servers[large, second.server])
        print_table(sizes, rows, nothing)
        for size in sizes:
            held = status_of(servers[size, "working"].worker, "VmRSS")
            print(f"memory of a worker at {size:,}: {held:.0f} MB")
        measure_publishing(servers, sizes, rounds=3)
    race(large)
    measure_readers(large)


if __name__ == "__main__":
    main()
