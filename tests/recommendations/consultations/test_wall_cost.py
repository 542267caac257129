"""What two hundred phones cost that ask every three seconds whether the wall of a workshop has changed."""

import statistics
import time
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client

from tests.recommendations.consultations.test_workshops import plan
from tests.recommendations.consultations.world import opened_round

pytestmark = [pytest.mark.django_db, pytest.mark.trials]
PHONES, EVERY = 200, 3  # seconds
MOST = 0.1  # of what one processor serves as 304


def spend_time():
    """The processor's time that this process and the one of the database that serves it have used so far, in seconds."""
    backend = connection.connection.get_backend_pid()
    return (time.thread_time_ns() + int(Path(f"/proc/{backend}/schedstat").read_text().split()[0])) / 1e9


def test_two_hundred_phones_cost_a_tenth_of_what_one_processor_serves_as_304(settings):
    settings.DATABASE_WORK = "reader"  # as in a process that serves: its connections know their limits
    wall = f"/take-part/wall/{plan(opened_round()).wall}/"
    browser, times = Client(), {wall: [], "/api/v1/recommendations/": []}
    held = {address: browser.get(address)["ETag"] for address in times}
    for _ in range(300):
        for address, spent in times.items():
            began = spend_time()
            assert browser.get(address, headers={"if-none-match": held[address]}).status_code == 304
            spent.append(spend_time() - began)
    here, elsewhere = map(statistics.median, times.values())
    served = 1 / here  # answers 304 a second that one processor gives at the wall, the test's own browser included
    told = f"{PHONES} phones take {PHONES / EVERY / served:.1%} of one processor's 304s (a 304 of the API costs "
    told += f"{elsewhere * 1000:.2f} ms, one of the wall {here * 1000:.2f} ms)"
    print(told)  # noqa: T201  # a trial tells its figure
    assert MOST * served >= PHONES / EVERY, told
