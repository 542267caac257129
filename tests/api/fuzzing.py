"""The attacks of schemathesis, whose import alone costs half a second: loaded by the tests that make them."""

import json
from collections import defaultdict

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
WHOLLY = "/recommendations/"  # with every sort of example; what is alike of other kinds with some
SOME = 15
OF_A_SORT = 2  # of the 179 fields that one parameter takes, two are asked for; in long trials each of them
ATTACKED = "/(recommendations|themes|check|search|editions|changes|evidence-map|downloads)/"


# the same few in every run but in trials, where others are tried each time
@examples(5, derandomize=settings.get_current_profile_name() != "trials", suppress_health_check=list(HealthCheck))
def attack(case):
    """One request of each kind that the contract allows or forbids, and what every answer owes."""
    case.call_and_validate(checks=CHECKS, headers={"Accept-Encoding": "identity"})  # the test client unpacks nothing


def some_of_each_sort(examples):
    """Of what is tried with the same parameter for the same reason only some; all of them in long trials."""
    sorts = defaultdict(list)
    for example in examples:
        phase = example.kwargs["case"].meta.phase
        described = (getattr(phase.data, name, "") for name in ("parameter", "parameter_location", "description"))
        sorts[phase.name, *described].append(example)
    return [example for alike in sorts.values() for example in some_of(alike, OF_A_SORT)]


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
        every = run.hypothesis_explicit_examples
        run.hypothesis_explicit_examples = (
            some_of_each_sort(every) if WHOLLY in operation.path else some_of(every, SOME)
        )
        try:
            run()
        except (Exception, BaseExceptionGroup) as error:
            faults.append(f"{operation.label}: {error!r}")
    return faults, len(operations)
