"""Every status an API can answer, met for real, is a problem with a type that resolves to its explanation."""

import json
import re
from html import unescape

import pytest
from django.db import OperationalError
from django.test import Client

from failure_lessons.accounts.models import User
from failure_lessons.operations.early_refusals import EARLY_REFUSALS
from failure_lessons.problems import BY_STATUS, PROBLEM_KINDS
from failure_lessons.publishing.services import publish_record, submit_record, withdraw_record
from tests import factories
from tests.partners.conftest import MANIFEST, WORKBENCH, Api, case, reference

pytestmark = pytest.mark.django_db
LESSONS = "/api/v1/lessons/"


def get(address, **headers):
    return Client(raise_request_exception=False).get(address, headers=headers)


def withdrawn(_):
    record, by = factories.case(), User.objects.get(username="evidence-loader")
    submit_record(record=record, by=by)
    other = User.objects.get(username="evidence-publisher")
    publish_record(record=record, by=other)
    withdraw_record(record=record, by=other, note="Wrong.")
    return get(f"/api/v1/case-studies/{record.slug}/")


def taken(api):
    api("post", "/references/", reference())
    return api("post", "/references/", reference())


def reused(api):
    api("post", "/references/", reference(), Idempotency_Key="k1")
    return api("post", "/references/", reference("b-1"), Idempotency_Key="k1")


def stale(api):
    api("post", "/references/", reference())
    return api("put", "/references/sent-2026/", reference(), If_Match='"old"')


def unguarded(api):
    api("post", "/references/", reference())
    return api("delete", "/references/sent-2026/")


def running(api):
    from django.utils import timezone

    from failure_lessons.partners.idempotency import fingerprint_request
    from failure_lessons.partners.models import Sent

    body = json.dumps(reference()).encode()
    request = Client().generic("POST", f"{WORKBENCH}/references/", body, "application/json").wsgi_request
    Sent.objects.create(
        partner=api.partner, key="k", request_sha256=fingerprint_request(request, body), began_at=timezone.now()
    )
    return api("post", "/references/", reference(), Idempotency_Key="k")


def crowded(settings, tmp_path):
    settings.QUOTA_ANONYMOUS, settings.QUOTA_FILE = "1/60", str(tmp_path / "quota.sqlite")
    client = Client()
    client.get(LESSONS, REMOTE_ADDR="198.51.100.77")
    return client.get(LESSONS, REMOTE_ADDR="198.51.100.77")


def broken(error):
    def meet(api, monkeypatch):
        def fail(*args, **kwargs):
            raise error

        monkeypatch.setattr("failure_lessons.api.reading.render_record", fail)
        return get(LESSONS)

    return meet


MET = {
    ("bad-parameter", 400): lambda api: get(f"{LESSONS}?phse=x"),
    ("bad-request", 400): lambda api: api("post", "/references/", raw=b"{"),
    ("token-in-address", 400): lambda api: get(f"{LESSONS}?token=x"),
    ("unauthorised", 401): lambda api: get(f"{WORKBENCH}/references/"),
    ("forbidden", 403): lambda api: Api(api.partner, ["read"])("get", "/references/"),
    ("not-found", 404): lambda api: get("/api/v1/lessons/nope/"),
    ("method-not-allowed", 405): lambda api: Client().post(LESSONS, {}),
    ("not-acceptable", 406): lambda api: get(LESSONS, Accept="text/turtle"),
    ("conflict", 409): taken,
    ("still-running", 409): running,
    ("withdrawn", 410): withdrawn,
    ("changed-meanwhile", 412): stale,
    ("too-large", 413): lambda api: api("post", "/references/", raw=b"[" + b" " * 5_000_001 + b"]"),
    ("unsupported-media-type", 415): lambda api: api("post", "/references/", raw=b"a", content_type="text/csv"),
    ("invalid-record", 422): lambda api: api("post", "/references/", {}),
    ("key-reused", 422): reused,
    ("precondition-required", 428): unguarded,
}


def is_problem(answer, kind, status):
    assert answer.status_code == status, answer.content[:300]
    assert answer["Content-Type"] == "application/problem+json"
    body = answer.json()
    assert body["status"] == status
    assert body["title"]
    assert body["detail"]
    assert body["type"] == f"http://testserver/api/problems/{kind}/"
    page = Client().get(body["type"].removeprefix("http://testserver"), REMOTE_ADDR="198.51.100.200")
    assert page.status_code == 200
    assert PROBLEM_KINDS[kind].mend.replace("`", "") in unescape(re.sub(r"</?code>", "", page.content.decode()))
    assert "RateLimit" in answer
    return answer


@pytest.mark.slow
@pytest.mark.parametrize(("kind", "status"), MET)
def test_each_refusal_is_a_problem(kind, status, api):
    is_problem(MET[kind, status](api), kind, status)


def test_429_is_a_problem(settings, tmp_path):
    assert is_problem(crowded(settings, tmp_path), "too-many-requests", 429)["Retry-After"]


def test_500_and_503_are_problems(api, monkeypatch):
    answer = is_problem(broken(RuntimeError("secret word"))(api, monkeypatch), "error", 500)
    assert "secret word" not in answer.content.decode()
    answer = is_problem(broken(OperationalError("secret word"))(api, monkeypatch), "unavailable", 503)
    assert answer["Retry-After"] == "30"
    assert "secret word" not in answer.content.decode()


def test_every_kind_has_been_met():
    early = {each.code for each in EARLY_REFUSALS.values()}  # by the server, before Django: tests/operations
    assert {kind for kind, _ in MET} | early | {"too-many-requests", "error", "unavailable"} == set(PROBLEM_KINDS)
    assert {(kind.code, kind.status) for kind in PROBLEM_KINDS.values()} >= set(MET)
    assert set(BY_STATUS) == {400, 401, 403, 404, 405, 406, 409, 410, 412, 413, 414, 415, 422, 428, 429, 431, 500, 503}


@pytest.mark.parametrize("kind", PROBLEM_KINDS.values(), ids=lambda kind: kind.code)
def test_each_kind_is_explained_with_an_example(kind, client):
    page = client.get(f"/api/problems/{kind.code}/")
    assert page.status_code == 200
    example = page.context["example"]
    assert json.loads(example)["status"] == kind.status
    assert client.post(f"/api/problems/{kind.code}/").status_code == 405


def test_what_django_refuses_is_a_problem_too(client, settings):
    strange = client.get(LESSONS, headers={"Host": "evil.example"})
    assert strange.status_code == 400
    assert strange.json()["type"] == "/api/problems/bad-request/"
    settings.DEBUG_PROPAGATE_EXCEPTIONS = False
    settings.DEBUG = True  # where errors are shown to who writes the site, this is none
    for address in (LESSONS, "/api/v1/openapi.json", "/api/v1/workbench/references/"):
        strange = client.get(address, headers={"Host": "evil.example"})
        assert (strange.status_code, strange["Content-Type"]) == (400, "application/problem+json")
    settings.DEBUG = False
    many = client.get(LESSONS + "?" + "&".join("a=1" for _ in range(20_001)))
    assert many.status_code == 400
    assert many.json()["detail"] == "There are too many parameters."
    assert client.get("/", headers={"Host": "evil.example"}).status_code == 400


@pytest.mark.parametrize(
    "address", ["/api/nope", "/api/v1/nope/", "/api/problems/nope/", "/api/problems/conflict/", LESSONS]
)
@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
def test_csrf_never_speaks_below_api(method, address):
    answer = Client(enforce_csrf_checks=True).generic(method, address, b"{}", "application/json")
    assert answer.status_code in (404, 405)
    assert answer["Content-Type"] == "application/problem+json"


def test_a_body_too_large_for_django_is_413(rf, settings):
    from django.core.exceptions import RequestDataTooBig

    from failure_lessons.pages.health import bad_request

    answer = bad_request(rf.post("/api/v1/workbench/references/"), RequestDataTooBig("x"))
    assert answer.status_code == 413
    assert json.loads(answer.content)["type"].endswith("/too-large/")


def test_a_body_that_lies_about_its_length_is_refused(api):
    answer = api.client.generic(
        "POST",
        f"{WORKBENCH}/references/",
        b"{}",
        "application/json",
        CONTENT_LENGTH="99999999999",
        headers={"Authorization": f"Bearer {api.text}"},
    )
    assert answer.status_code == 413


def test_anonymous_requests_learn_nothing_about_the_workbench(api, client):
    api("post", "/packages/", {"manifest": MANIFEST, "references": [reference()], "case-studies": [case()]})
    answers = set()
    for path in (
        "references/sent-2026/",
        "references/nope/",
        "case-studies/sent-case/",
        "findings/ZZ9-F1/",
        "findings/x/",
        "case-studies/sent-case/submit/",
        "packages/",
        "nope/",
        "",
    ):
        for method in ("get", "post", "put", "patch", "delete", "options", "head"):
            answer = getattr(client, method)(f"{WORKBENCH}/{path}")
            assert answer.status_code == 401
            assert answer["Cache-Control"] == "no-store"
            assert answer["WWW-Authenticate"] == 'Bearer realm="failure-lessons"'
            if method != "head":
                body = answer.json()
                body.pop("instance")
                answers.add(json.dumps(body))
    assert len(answers) == 1
