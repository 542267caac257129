"""`python -m bench.bundles`: what it costs to take records away, at 2,000 and at N=20000 recommendations in one run.

A few records, as a brief or with all they rest on, may cost 1.25 times as much beside a large library as beside a small
one. The files of the whole library may cost as much for each edition, and no more memory. A file is made by a process of
its own, so that its memory is its own; what the database computes for it counts.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

from django.db import connection, transaction

from bench.api import Server, collect_static_files, served, status_of
from bench.rows import ROUNDS, Row
from bench.synthetic import connect
from bench.table import SMALL, address_of_size

PICKED = "r=SYN7.1&r=SYN77.1&r=SYN177.1"
FEW_RECORDS = (
    ("brief, as page", f"/brief/?{PICKED}"),
    ("brief, one page", f"/brief/?{PICKED}&pages=1"),
    ("brief, as PDF", f"/brief/brief.pdf?{PICKED}"),
    ("brief, as Word", f"/brief/brief.docx?{PICKED}"),
    ("a record with its evidence", "/api/v1/recommendations/synthetic-77/?include=evidence"),
)
MOST_GROWTH = 1.25  # of what a few records cost, and of what an edition costs in the whole library
MOST_MORE = 20  # MB that the process holds beside the large library, where it reads it in parts


def measure_few(sizes: list[int]) -> bool:
    """Ask for the same records beside both libraries in turn; whether all stay flat."""
    met = True
    with ExitStack() as stack:
        servers: dict[int, Server] = {}
        for size in sizes:
            database = address_of_size(size)
            server = stack.enter_context(served("failure_lessons.wsgi", database, ANSWERS_KEPT="0"))
            servers[size] = replace(server, database=database)
        for name, address in FEW_RECORDS:
            rows = [Row(name, str(size), address) for size in sizes]
            for size, row in zip(sizes, rows, strict=True):
                row.ask_once(servers[size])  # warm
            for _ in range(ROUNDS):
                for size, row in zip(sizes, rows, strict=True):
                    row.ask(servers[size])
            small, large = rows
            grown = small.compare_costs(large)
            costs = [statistics.median(row.computed) for row in rows]
            met &= grown <= MOST_GROWTH
            print(f"{name:32}{costs[0]:10.1f} ms{costs[1]:10.1f} ms   {grown:.2f}", flush=True)
    return met


def make_file(size: int, name: str) -> None:
    """Make a file of the whole library, and print what that took: microseconds for each edition, and MB held at most."""
    connect(size)
    from failure_lessons.downloads.build import FILES  # the registry of kinds is there once Django is set up
    from failure_lessons.publishing.models import Edition

    [make] = [make for file, _, _, make in FILES if file == name]
    with tempfile.TemporaryDirectory() as folder, transaction.atomic():
        count = Edition.objects.current().count()
        server = Server(0, os.getpid(), address_of_size(size))
        before = server.processor_of_each()
        make(Path(folder) / name, "https://example.org", 1)
        print(1e6 * server.computed_since(before) / count, status_of(os.getpid(), "VmHWM"))


def measure_whole(sizes: list[int]) -> bool:
    """Make each file of the whole library at both sizes; whether an edition costs as much, and memory stays flat."""
    from failure_lessons.downloads.build import FILES  # as above

    met = True
    for name, *_ in FILES[:-1]:  # the last is the head of the ledger, one entry
        found = []
        for size in sizes:
            said = subprocess.check_output([sys.executable, "-m", "bench.bundles", str(size), name], text=True)
            found.append([float(each) for each in said.split()])
        (cost, held), (more, most) = found
        met &= more / cost <= MOST_GROWTH and most - held <= MOST_MORE
        print(f"{name:32}{cost:10.0f} µs{more:10.0f} µs   {more / cost:.2f}{held:10.0f} MB{most:6.0f} MB", flush=True)
    return met


def main() -> None:
    """Measure everything; exit 1 when a bar is not met."""
    sizes = [SMALL, int(os.environ.get("N", "20000"))]
    for size in sizes:
        subprocess.run([sys.executable, "-m", "bench.synthetic", str(size)], check=True, stdout=subprocess.DEVNULL)
    connect(sizes[1])
    connection.close()
    collect_static_files()
    print(f"processor time beside {sizes[0]:,} and {sizes[1]:,} recommendations, the database's included; its ratio")
    few, whole = measure_few(sizes), measure_whole(sizes)
    print("All as flat as wanted." if few and whole else "NOT FLAT")
    sys.exit(not (few and whole))


if __name__ == "__main__":
    if len(sys.argv) > 1:
        make_file(int(sys.argv[1]), sys.argv[2])
    else:
        main()
