"""Ours and each peer asked for the same, in turn, round by round; a table of answers a second and of the ratios."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, replace
from operator import attrgetter
from pathlib import Path

import psycopg2
import psycopg2.errors

from bench.api import (
    LIST,
    Server,
    address_of_database,
    collect_static_files,
    environment_of_site,
    served,
    started,
    status_of,
)
from bench.drill_cluster import find_free_port
from bench.peers.tables import ARRAYS, FACETS, fill_tables
from bench.rows import CLIENTS, ROUNDS, SECONDS, Row
from bench.synthetic import connect
from failure_lessons.local.install import INSTALL_FOLDER, PEERS_LOCK
from failure_lessons.local.release import keep_tools

FOLDER = INSTALL_FOLDER / "var" / "peers"
MOST_PAGES = 20_000  # of which a peer in Django is filled; beyond it Datasette alone
TABLE = "/recommendations/recommendations.json?_size=25&_shape=objects&_labels=off&_sort=sort_key"
STOCK, PAGES = "/recommendations/", "/api/v2/pages/?type=site.RecommendationPage&fields=*&limit=25"
COUNTED = f"{LIST}?count=exact"
SINGLE, SEVERAL = ",".join(FACETS), ",".join(ARRAYS.values())
COUNT_SINGLE = "".join(f"&_facet={name}" for name in FACETS)
COUNT_SEVERAL = "".join(f"&_facet_array={name}" for name in ARRAYS)
ASKED = "recovery+threshold"
SETTINGS = {  # of Datasette: nothing is left out because time ran out, and nothing is proposed that nobody asked for
    "sql_time_limit_ms": 60_000,
    "facet_time_limit_ms": 60_000,
    "default_facet_size": 100,
    "suggest_facets": "off",
    "default_cache_ttl": 0,
}
SHIPPED_THREADS = {"THREADS": "4"}  # of a worker, as in deploy/gunicorn.conf.py; Datasette has as many of its own
SHIPPED = {
    "SHIPPED_SETTINGS": "1",
    "WEB_WORKERS": "1",
}  # ours starts as it is served: it reads terms and frequent words
PATIENCE = {"DATABASE_LIMITS_READER": "60/60/60"}  # of ours: as shipped, what takes longer than 2 s is refused
# What is asked of whom. Whoever cannot do it is left out. Each answers with 25 whole recommendations in one order and
# with the number of all, unless the row says otherwise. Searches ask for other words each time, except “asked before”.
ROWS = {
    "list of 25": {
        "ours": COUNTED,
        "Datasette": TABLE,
        "stock DRF": STOCK,
        "Wagtail": f"{PAGES}&order=sort_key",
    },
    "list of 25, not counted": {"ours": LIST, "Datasette": f"{TABLE}&_nocount=1"},
    "with all they rest on": {"ours": f"{COUNTED}&include=evidence", "stock DRF": "/recommendations-with-evidence/"},
    "one filter": {
        "ours": f"{COUNTED}&phase=identification",
        "Datasette": f"{TABLE}&phase=identification",
        "stock DRF": f"{STOCK}?phase=identification",
        "Wagtail": f"{PAGES}&order=sort_key&phase=identification",
    },
    "four facets": {"ours": f"{COUNTED}&facets={SINGLE}", "Datasette": f"{TABLE}{COUNT_SINGLE}"},
    "filter and four facets": {
        "ours": f"{COUNTED}&facets={SINGLE}&phase=identification",
        "Datasette": f"{TABLE}{COUNT_SINGLE}&phase=identification",
    },
    "a facet of a list": {"ours": f"{COUNTED}&facets={SEVERAL}", "Datasette": f"{TABLE}{COUNT_SEVERAL}"},
    "five facets, one record": {
        "ours": f"{COUNTED}&limit=1&facets={SINGLE},{SEVERAL}",
        "Datasette": "/recommendations/terms.json?_size=1&_shape=objects&_labels=off&_facet=term",
    },
    "search, in list order": {
        "ours": f"{COUNTED}&q={{words}}",
        "Datasette": f"{TABLE}&_search={{words}}",
        "stock DRF": f"{STOCK}?search={{words}}",
    },
    "search, best first": {
        "ours": "/api/v1/search/?kind=recommendation&limit=25&q={words}",
        "Wagtail": f"{PAGES}&search_operator=and&search={{words}}",
    },
    "search page, with facets": {"ours": "/search/?q={words}", "Datasette": f"{TABLE}&_search={{words}}"},
    "asked before, in list order": {"ours": f"{COUNTED}&q={ASKED}", "Datasette": f"{TABLE}&_search={ASKED}"},
    "asked before, with facets": {"ours": f"/search/?q={ASKED}", "Datasette": f"{TABLE}&_search={ASKED}"},
}


@dataclass(frozen=True)
class Place:
    """Where the recommendations of one size lie: ours, and the peers' copies."""

    size: int

    @property
    def source(self) -> str:
        return address_of_database(f"failure_lessons_synthetic_{self.size}")

    @property
    def copy(self) -> str:
        return address_of_database(f"failure_lessons_peers_{self.size}")

    @property
    def file(self) -> Path:
        return FOLDER / str(self.size) / "recommendations.db"  # Datasette calls a database as its file


def fill_peers(python: Path, place: Place) -> None:
    """Make the copies where they are missing, and bring them up to what ours holds."""
    place.file.parent.mkdir(parents=True, exist_ok=True)
    held = {str(place.file): fill_tables(place.file, place.source)}
    if place.size <= MOST_PAGES:
        admin = psycopg2.connect(place.source)
        admin.autocommit = True
        name = place.copy.rpartition("/")[2]
        with admin.cursor() as cursor, suppress(psycopg2.errors.DuplicateDatabase):
            cursor.execute(f"create database {name}")
        admin.close()
        command = [python, "-m", "bench.peers.site.fill", place.source]
        held[name] = int(subprocess.check_output(command, env=environment_of_peers(place), text=True))
    with psycopg2.connect(place.source) as connection, connection.cursor() as cursor:
        cursor.execute(
            "select count(*) from publishing_edition where kind = 'recommendation' and superseded_at is null"
            " and withdrawn_at is null"
        )
        [count] = cursor.fetchone()
    if strange := {name: number for name, number in held.items() if number != count}:
        raise SystemExit(f"Ours holds {count} recommendations, but {strange}: remove these, to be filled anew.")


def environment_of_peers(place: Place) -> dict[str, str]:
    """What the Django project of the peers runs with."""
    told = {"DATABASE_URL": place.copy, "DJANGO_SETTINGS_MODULE": "bench.peers.site.settings"}
    return {**os.environ, **told, "PYTHONWARNINGS": "ignore"}


@contextmanager
def start_runners(size: int) -> Iterator[dict[str, Server]]:
    """Ours and every peer of this size, filled and answering."""
    python, place = keep_tools(FOLDER / "environment", PEERS_LOCK), Place(size)
    fill_peers(python, place)
    port = find_free_port()
    datasette = [python, "-m", "datasette", "serve", place.file, "--host=127.0.0.1", f"--port={port}"]
    for name, value in SETTINGS.items():
        datasette += ["--setting", name, str(value)]
    with ExitStack() as stack:
        start = stack.enter_context
        runners = {
            "ours": replace(
                start(served("failure_lessons.wsgi", place.source, ANSWERS_KEPT="0", **SHIPPED, **PATIENCE)),
                database=place.source,
            ),
            "Datasette": start(started(datasette, port, environment_of_site(), TABLE, says=subprocess.DEVNULL)),
        }
        if size <= MOST_PAGES:
            site = served(
                "bench.peers.site.wsgi", python=python, ready=STOCK, **SHIPPED_THREADS, **environment_of_peers(place)
            )
            runners["stock DRF"] = runners["Wagtail"] = replace(start(site), database=place.copy)
        yield runners


MEASURES = (
    ("answers a second", Row.compare_rates, attrgetter("rates")),
    ("ms of processor time", Row.compare_costs, attrgetter("computed")),  # with the database's
)


def print_race(size: int, runners: dict[str, Server], rows: dict[str, dict[str, Row]]) -> None:
    """Both measures of each row, behind those of a peer how many times as good ours is; and where a peer is ahead."""
    behind = []
    for measure, compare, figures_of in MEASURES:
        print(f"\n{f'{size:,}: {measure}':32}" + "".join(f"{name:>18}" for name in runners))
        for name, asked in rows.items():
            figures = {runner: f"{statistics.median(figures_of(row)):.1f}" for runner, row in asked.items()}
            for runner in [*asked][1:]:
                ratio = compare(asked["ours"], asked[runner])
                figures[runner] += f" ({ratio:.2f})"
                if ratio < 1:
                    behind.append(f"{runner} is ahead in “{name}” by {measure}: {1 / ratio:.2f} times as good")
            print(f"{name:32}" + "".join(f"{figures.get(runner, '–'):>18}" for runner in runners))
    memory = [f"{status_of(server.worker, 'VmRSS'):.0f} MB" for server in runners.values()]
    print(f"{'memory of a worker':32}" + "".join(f"{held:>18}" for held in memory))
    print("\n".join(behind) or "Ours is ahead of every peer in every row it has.")


def race(size: int) -> None:
    """Measure, and print."""
    with start_runners(size) as runners:
        rows = {
            name: {runner: Row(name, runner, address) for runner, address in asked.items() if runner in runners}
            for name, asked in ROWS.items()
        }
        for server in runners.values():  # a server is started once and answers for days: that is what is compared
            server.wait_until_idle()
        entries = [row for asked in rows.values() if len(asked) > 1 for row in asked.values()]
        for row in entries:
            for _ in range(3):  # warm
                row.ask_once(runners[row.server])
        for _ in range(ROUNDS):
            for row in entries:
                row.ask(runners[row.server])
        print_race(size, runners, {name: asked for name, asked in rows.items() if len(asked) > 1})


def main() -> None:
    """The race alone, over a synthetic database of N=20000."""
    size = int(os.environ.get("N", "20000"))
    subprocess.run([sys.executable, "-m", "bench.synthetic", str(size)], check=True, stdout=subprocess.DEVNULL)
    connect(size)
    collect_static_files()
    print(f"medians of {ROUNDS} rounds of {SECONDS} s by {CLIENTS} clients, one worker each")
    race(size)
