"""Webhooks through the API: each partner has their own, and nobody else's."""

import pytest
from django.test import Client

from failure_lessons.access.models import Scope
from failure_lessons.publishing.models import LedgerEntry
from failure_lessons.webhooks.models import Webhook
from tests.partners.conftest import Api, make_partner

pytestmark = pytest.mark.django_db

HOOKS = "/api/v1/webhooks/"
URL = "https://example.org/hook"


@pytest.fixture
def api(db):
    return Api(make_partner("institute"))


@pytest.fixture
def other(db):
    return Api(make_partner("rival"))


def made(api, **members):
    answer = api("post", HOOKS, {"url": URL, **members})
    assert answer.status_code == 201, answer.content
    return answer.json()


def test_a_webhook_is_made_and_its_secret_shown_once(api):
    new = made(api, kinds=["recommendation"], description="Our mirror")
    assert new["secret"].startswith("whsec_")
    assert Webhook.objects.get(uuid=new["id"]).secret() == new["secret"]
    assert new["cursor"] == LedgerEntry.objects.head().number
    read = api("get", f"{HOOKS}{new['id']}/").json()
    assert "secret" not in read
    assert (read["url"], read["kinds"], read["attempts"]) == (URL, ["recommendation"], [])
    assert [each["id"] for each in api("get", HOOKS).json()["results"]] == [new["id"]]


def test_it_is_stopped_restarted_replayed_and_given_a_new_secret(api):
    new = made(api)
    base = f"{HOOKS}{new['id']}/"
    assert api("post", f"{base}disable/").json()["active"] is False
    assert api("post", f"{base}enable/").json()["active"] is True
    assert api("post", f"{base}replay/", {"since": 3}).json()["cursor"] == 3
    renewed = api("post", f"{base}secret/").json()["secret"]
    assert renewed != new["secret"]
    assert Webhook.objects.get().secret() == renewed


def test_nobody_reaches_the_webhooks_of_others(api, other):
    new = made(api)
    assert other("get", HOOKS).json() == {"results": []}
    for method, tail in (("get", ""), ("post", "disable/"), ("post", "secret/"), ("post", "replay/")):
        assert other(method, f"{HOOKS}{new['id']}/{tail}", {} if tail == "replay/" else None).status_code == 404
    assert Webhook.objects.get().is_active
    assert Client().get(HOOKS).status_code == 401
    assert Client().get(f"{HOOKS}{new['id']}/").status_code == 401
    reader = Api(api.partner, [Scope.READ])
    assert reader("get", HOOKS).status_code == 403


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({}, "blank"),
        ({"url": "http://example.org/"}, "https"),
        ({"url": "https://127.0.0.1/"}, "address"),
        ({"url": URL, "kinds": ["novel"]}, "Not a kind"),
        ({"url": URL, "kinds": [1]}, "list"),
        ({"url": URL, "owner": 1}, "no member"),
        ({"url": URL, "since": 10**12}, "revision"),
        ({"url": URL, "since": True}, "since"),
        ({"url": URL, "description": "x" * 300}, "200"),
        ({"url": "https://user:pass@example.org/"}, ""),
        ([], "object"),
        ({"url": "x" * 5000}, ""),
    ],
)
def test_what_cannot_be_is_refused_with_a_reason(body, words, api):
    answer = api("post", HOOKS, body)
    assert answer.status_code == 422, answer.content
    assert words in answer.json()["detail"]
    assert answer.json()["errors"]
    assert not Webhook.objects.exists()


def test_odd_bodies_are_no_crash(api):
    assert api("post", HOOKS, raw=b"{").status_code == 400
    assert api("post", HOOKS, raw=b'{"url": "\\u0000"}').status_code in (400, 422)
    assert api("post", HOOKS, raw=b"a", content_type="text/plain").status_code == 415
    assert api("get", f"{HOOKS}?x=1").status_code == 400
    assert api("get", f"{HOOKS}not-a-uuid/").status_code == 404
    assert api("delete", HOOKS).status_code == 405


def test_a_partner_has_no_endless_number(api, monkeypatch):
    monkeypatch.setattr("failure_lessons.webhooks.api.MAX_WEBHOOKS", 1)
    made(api)
    assert api("post", HOOKS, {"url": URL}).status_code == 409


def test_listing_costs_the_same_for_one_and_many(api, django_assert_num_queries):
    made(api)
    api("get", HOOKS)
    with django_assert_num_queries(3):
        api("get", HOOKS)
    for _ in range(5):
        made(api)
    with django_assert_num_queries(3):
        assert len(api("get", HOOKS).json()["results"]) == 6
