"""The drill keeps every promise: nothing lost, nothing half done, no step back, and the seconds that the docs state."""

import os
import random
import re
import subprocess
from pathlib import Path

import pytest

from bench.drill import pick_victims, run_drill
from bench.drill_cluster import FILES, PROGRAMS, find_missing_programs
from tests.helpers import open_to_all

PAGE = Path(__file__).resolve().parents[2] / "docs" / "more-than-one-machine.md"
KILLS = int(os.environ.get("KILLS", "6"))  # `make drill` makes twenty; the bar names that many


@pytest.mark.trials
@pytest.mark.timeout(1500)
@pytest.mark.skipif(bool(find_missing_programs()), reason=f"needs {', '.join(find_missing_programs())}")
def test_nothing_is_lost_and_readers_are_served_within_the_stated_seconds(tmp_path):
    open_to_all(tmp_path)  # PostgreSQL runs under another account
    figures = run_drill(tmp_path, KILLS, seed=1)
    assert figures["faults"] == []
    assert figures["failovers"] >= 1
    assert figures["published"] > 10 * KILLS
    assert figures["first failover, questions answered meanwhile"] > 0


def test_every_kind_of_process_dies_in_a_whole_drill():
    kinds = set(pick_victims(random.Random(1), 20))  # noqa: S311  # of a drill
    assert len(kinds) == 10
    for part in ("primary", "standby", "pgbouncer", "balancer", "web1", "publisher"):
        assert part in kinds


@pytest.mark.skipif(not (PROGRAMS / "pg_ctl").exists(), reason="needs PostgreSQL of the system")
def test_the_files_of_the_cluster_are_named_on_the_page_and_promoting_refuses_to_guess():
    named = re.findall(r"`(deploy/cluster/[\w.-]+)`", PAGE.read_text())
    assert {Path(each).name for each in named} == {each.name for each in FILES.iterdir()}
    done = subprocess.run([FILES / "promote"], capture_output=True, text=True, check=False)
    assert done.returncode
