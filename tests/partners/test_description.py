"""The OpenAPI file tells the truth about tokens, quotas and writing."""

import json
import re
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from failure_lessons.problems import PROBLEM_KINDS
from tests.partners.conftest import case, reference, whole

pytestmark = pytest.mark.django_db
DESCRIPTION = json.loads(
    (Path(__file__).resolve().parents[2] / "failure_lessons" / "api" / "files" / "openapi.json").read_text()
)
WORKBENCH = {path: item for path, item in DESCRIPTION["paths"].items() if "/workbench/" in path}
OPERATIONS = [
    (path, method, operation) for path, item in DESCRIPTION["paths"].items() for method, operation in item.items()
]


def resolved(part):
    """A part of the description, behind its pointer."""
    if "$ref" in part:
        _, _, kind, name = part["$ref"].split("/")
        return DESCRIPTION["components"][kind][name]
    return part


def fits(answer, path, method):
    """The answer is one of those described, its body and its headers included."""
    responses = WORKBENCH[path][method]["responses"]
    assert str(answer.status_code) in responses, (path, method, answer.status_code)
    described = resolved(responses[str(answer.status_code)])
    for name in described["headers"].keys() - {"Dry-Run"}:  # there when nothing was kept
        assert name in answer, (path, method, answer.status_code, name)
    if answer.status_code != 204:
        content = described["content"][answer["Content-Type"]]
        Draft202012Validator({**content["schema"], "components": DESCRIPTION["components"]}).validate(answer.json())
    return answer


def find_silences(path, operation):
    """What the description of an operation leaves untold."""
    responses = {status: resolved(each) for status, each in operation["responses"].items()}
    for status in ("400", "401", "403", "405", "406", "414", "429", "431", "500", "503"):
        if "application/problem+json" not in responses.get(status, {}).get("content", {}):
            yield f"no problem for {status}"
    for status, response in responses.items():
        counted = status not in ("414", "431")  # these are refused before anybody counts
        if counted and not {"RateLimit", "RateLimit-Policy"} <= set(response.get("headers", {})):
            yield f"no quota with {status}"
    if "Retry-After" not in responses["429"]["headers"]:
        yield "no Retry-After"
    if {"partnerToken": []} not in operation["security"]:
        yield "no token"
    if ({} in operation["security"]) != ("/workbench/" not in path and "/webhooks/" not in path):
        yield "open where it should be closed, or closed where it should be open"


def test_every_operation_tells_of_quotas_tokens_and_refusals():
    faults = [
        f"{method} {path}: {words}"
        for path, method, operation in OPERATIONS
        for words in find_silences(path, operation)
    ]
    assert not faults, "\n".join(faults)
    assert len(OPERATIONS) > 80


def test_every_problem_status_is_described_somewhere():
    described = {int(status) for _, _, operation in OPERATIONS for status in operation["responses"]}
    assert {kind.status for kind in PROBLEM_KINDS.values()} <= described


@pytest.mark.slow
def test_the_answers_are_those_described(api, other):
    one, many = "/api/v1/workbench/references/{key}/", "/api/v1/workbench/references/"
    fits(api("post", "/references/", reference()), many, "post")
    fits(api("post", "/references/", reference()), many, "post")
    fits(api("post", "/references/", {}), many, "post")
    fits(api("get", "/references/"), many, "get")
    fits(api("get", "/references/sent-2026/"), one, "get")
    fits(api("get", "/references/nope/"), one, "get")
    fits(other("get", "/references/sent-2026/"), one, "get")
    fits(api("put", "/references/sent-2026/", reference()), one, "put")
    fits(api("put", "/references/sent-2026/", reference(), If_Match='"x"'), one, "put")
    fits(api.change("put", "/references/sent-2026/", reference()), one, "put")
    fits(api.change("patch", "/references/sent-2026/", {"title": "x"}), one, "patch")
    fits(api("patch", "/references/sent-2026/", raw=b"x", content_type="text/csv"), one, "patch")
    fits(api.change("delete", "/references/sent-2026/"), one, "delete")
    cases = "/api/v1/workbench/case-studies/"
    fits(api("post", "/case-studies/", case()), cases, "post")
    fits(api("get", "/case-studies/sent-case/"), f"{cases}{{key}}/", "get")
    fits(api("get", "/findings/"), "/api/v1/workbench/findings/", "get")
    fits(api("get", "/findings/ZZ9-F1/"), "/api/v1/workbench/findings/{key}/", "get")
    fits(api.change("patch", "/findings/ZZ9-F1/", {"statement": "x"}), "/api/v1/workbench/findings/{key}/", "patch")
    submit = f"{cases}{{key}}/submit/"
    fits(api("post", "/case-studies/sent-case/submit/", {"nte": 1}), submit, "post")
    fits(api("post", "/case-studies/sent-case/submit/", {"note": "x"}), submit, "post")
    fits(api("post", "/case-studies/sent-case/submit/"), submit, "post")
    packages = "/api/v1/workbench/packages/"
    fits(api("post", "/packages/", whole(references=[reference()])), packages, "post")
    fits(api("post", "/packages/", whole(references=[reference()])), packages, "post")
    fits(api("post", "/packages/", whole(references=[reference(title=1)])), packages, "post")


def test_the_examples_are_sound_requests():
    seen = 0
    for path, method, operation in OPERATIONS:
        for content in operation.get("requestBody", {}).get("content", {}).values():
            for example in content.get("examples", {}).values():
                Draft202012Validator({**content["schema"], "components": DESCRIPTION["components"]}).validate(
                    example["value"]
                )
                seen += 1
                assert path
                assert method
    assert seen >= 2


@pytest.mark.slow
def test_the_description_is_sound():
    text = json.dumps(DESCRIPTION)
    for reference_ in set(re.findall(r'"\$ref": "(#/[^"]+)"', text)):
        part = DESCRIPTION
        for name in reference_.split("/")[1:]:
            part = part[name]
    for name, schema in DESCRIPTION["components"]["schemas"].items():
        Draft202012Validator.check_schema(schema)
        assert name
