"""What the contract allows and forbids, tried at random: no crash, nothing undocumented, nothing wrong accepted.

A sample for each run of the suite; `make fuzz` runs for minutes against a server.
"""

import importlib

import pytest
from django.core.signals import request_finished, request_started
from django.db import close_old_connections

pytestmark = pytest.mark.django_db
PARTS = 3  # so that workers share them


@pytest.fixture
def one_connection():
    """The application closes old connections around each request; the test's transaction needs its own kept."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.mark.slow
@pytest.mark.parametrize("part", range(PARTS))
def test_what_the_contract_says_holds(part, one_connection):
    attack_part(part)


@pytest.mark.trials
@pytest.mark.parametrize("part", range(PARTS))
def test_it_holds_with_every_example(part, one_connection):
    attack_part(part)


def attack_part(part):
    faults, attacked = importlib.import_module("tests.api.fuzzing").find_faults(part, PARTS)
    assert faults == []
    assert attacked >= 10
