"""The attacks of schemathesis, whose import alone costs half a second: loaded by the tests that make them."""

import json

import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.checks import not_a_server_error
from schemathesis.generation.feedback import FeedbackSources
from schemathesis.pytest._test_builder import build_operation_test  # what its pytest plugin calls while collecting
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from failure_lessons.wsgi import application
from tests.api.test_contract import OPENAPI
from tests.examples import examples, some_of

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    response_headers_conformance,
    negative_data_rejection,
]
WHOLLY = "/recommendations/"  # with every example; what is alike of other kinds with some, and all in long trials
SOME = 25
ATTACKED = "/(recommendations|themes|check|search|editions|changes|evidence-map|downloads)/"


# the same few in every run but in trials, where others are tried each time
@examples(5, derandomize=settings.get_current_profile_name() != "trials", suppress_health_check=list(HealthCheck))
def attack(case):
    """One request of each kind that the contract allows or forbids, and what every answer owes."""
    case.call_and_validate(checks=CHECKS, headers={"Accept-Encoding": "identity"})  # the test client unpacks nothing


def find_faults(part, parts):
    """Attack every `parts`-th operation; what went wrong, by operation, and how many were attacked."""
    schema = schemathesis.openapi.from_dict(json.loads(OPENAPI.read_text()))
    schema.app = application
    operations = [each.ok() for each in schema.include(path_regex=ATTACKED).get_all_operations()][part::parts]
    faults = []
    for operation in operations:
        run = build_operation_test(
            config=schema.config, operation=operation, test_func=attack, given_kwargs={}, feedback=FeedbackSources()
        )
        if WHOLLY not in operation.path:
            run.hypothesis_explicit_examples = some_of(run.hypothesis_explicit_examples, SOME)
        try:
            run()
        except (Exception, BaseExceptionGroup) as error:
            faults.append(f"{operation.label}: {error!r}")
    return faults, len(operations)
