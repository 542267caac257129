"""What the contract allows and forbids, tried at random: no crash, nothing undocumented, nothing wrong accepted.

A sample for each run of the suite; `make fuzz` runs for minutes against a server.
"""

import json

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from hypothesis import HealthCheck, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from failure_lessons.wsgi import application
from tests.api.test_contract import OPENAPI

pytestmark = pytest.mark.django_db

CHECKS = [
    not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance,
    response_headers_conformance, negative_data_rejection,
]  # fmt: skip


@pytest.fixture(autouse=True)
def one_connection():
    """The application closes old connections around each request; the test's transaction needs its own kept."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


schema = schemathesis.openapi.from_dict(json.loads(OPENAPI.read_text()))
schema.app = application


@schema.include(
    path_regex="/(recommendations|themes|check|search|editions|changes|evidence-map|downloads)/"
).parametrize()
@settings(max_examples=4, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
def test_what_the_contract_says_holds(case):
    case.call_and_validate(checks=CHECKS, headers={"Accept-Encoding": "identity"})  # the test client unpacks nothing
