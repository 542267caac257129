"""Webhooks through the API: each partner has their own, and nobody else's."""

import datetime as dt

import pytest
from django.test import Client
from django.utils import timezone
from standardwebhooks import Webhook as Verifier

from failure_lessons.access.models import Scope
from failure_lessons.publishing.models import LedgerEntry
from failure_lessons.webhooks.delivery import deliver_one
from failure_lessons.webhooks.models import Attempt, Webhook
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


def test_it_is_changed_tried_read_told_again_and_deleted(api, receiver):
    new = made(api, since=0, actions=["withdrawn"])
    base = f"{HOOKS}{new['id']}/"
    changed = api("patch", base, {"url": receiver.url, "kinds": ["lesson"], "actions": [], "description": "Ours"})
    assert changed.status_code == 200, changed.content
    names = ("url", "kinds", "actions", "description", "cursor")
    assert [changed.json()[name] for name in names] == [receiver.url, ["lesson"], [], "Ours", 0]
    assert api("patch", base, {"kinds": []}).json()["url"] == receiver.url  # what is left out stays
    message = api("post", f"{base}test/").json()["message"]
    again = api("post", f"{base}redeliver/", {"revision": 7}).json()["message"]
    assert again.endswith("_7")
    assert deliver_one()
    assert deliver_one()
    told = Verifier(new["secret"]).verify(receiver.calls[0][2], receiver.calls[0][1])
    assert told["data"] == {"webhook": new["id"], "url": receiver.url}
    assert [headers["webhook-id"] for _, headers, _ in receiver.calls] == [message, again]
    log = api("get", f"{base}deliveries/").json()
    assert [(each["message"], each["revision"], each["status"]) for each in log["results"]] == [
        (again, 7, 204),
        (message, None, 204),
    ]
    assert log["next"] is None
    gone = api("delete", base)
    assert (gone.status_code, gone.content) == (204, b"")
    assert api("get", base).status_code == 404
    assert not Webhook.objects.exists()
    assert deliver_one() is False


def test_the_log_is_read_page_by_page(api, receiver):
    webhook = Webhook.objects.get(uuid=made(api)["id"])
    Attempt.objects.bulk_create(
        Attempt(webhook=webhook, revision=n, at=timezone.now(), status=204, duration=dt.timedelta(0))
        for n in range(1, 206)
    )
    address, seen = f"{HOOKS}{webhook.uuid}/deliveries/", []
    while address:
        page = api("get", address).json()
        seen += [each["revision"] for each in page["results"]]
        address = page["next"] and page["next"].removeprefix("http://testserver")
    assert seen == list(range(205, 0, -1))
    refused = api("get", f"{HOOKS}{webhook.uuid}/deliveries/?before=x")
    assert (refused.status_code, refused.json()["parameter"]) == (400, "before")


@pytest.mark.slow
def test_who_has_as_many_as_may_be_deletes_one_and_makes_another(api):
    for number in range(20):
        new = made(api, description=str(number))
    refused = api("post", HOOKS, {"url": URL})
    assert refused.status_code == 409
    assert "delete one" in refused.json()["detail"]
    assert api("delete", f"{HOOKS}{new['id']}/").status_code == 204
    made(api)


@pytest.mark.parametrize(
    ("method", "tail", "body", "status", "pointer"),
    [
        ("patch", "", {"url": "http://example.org/"}, 422, "/url"),
        ("patch", "", {"url": None}, 422, "/url"),
        ("patch", "", {"kinds": ["novel"]}, 422, "/kinds"),
        ("patch", "", {"actions": ["eaten"]}, 422, "/actions"),
        ("patch", "", {"cursor": 1}, 422, "/cursor"),
        ("post", "replay/", {}, 422, "/since"),
        ("post", "redeliver/", {}, 422, "/revision"),
        ("post", "redeliver/", {"revision": 10**9}, 422, ""),
        ("post", "redeliver/", {"revision": "7"}, 422, "/revision"),
    ],
)
def test_a_change_that_cannot_be_says_where(method, tail, body, status, pointer, api):
    new = made(api, since=5)
    before = Webhook.objects.values().get()
    answer = api(method, f"{HOOKS}{new['id']}/{tail}", body)
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (status, pointer)
    assert Webhook.objects.values().get() == before


def test_nobody_reaches_the_webhooks_of_others(api, other):
    new = made(api)
    assert other("get", HOOKS).json() == {"results": []}
    for method, tail in (("get", ""), ("patch", ""), ("delete", ""), ("get", "deliveries/"), ("post", "replay/")):
        body = {} if method == "patch" or tail == "replay/" else None
        assert other(method, f"{HOOKS}{new['id']}/{tail}", body).status_code == 404
    for tail in ("disable/", "secret/", "test/", "redeliver/"):
        assert other("post", f"{HOOKS}{new['id']}/{tail}").status_code == 404
    assert Webhook.objects.get().is_active
    assert Client().get(HOOKS).status_code == 401
    assert Client().get(f"{HOOKS}{new['id']}/").status_code == 401
    reader = Api(api.partner, [Scope.READ])
    assert reader("get", HOOKS).status_code == 403


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({}, "needed"),
        ({"url": "http://example.org/"}, "https"),
        ({"url": "https://127.0.0.1/"}, "address"),
        ({"url": URL, "kinds": ["novel"]}, "Not a kind"),
        ({"url": URL, "kinds": [1]}, "list"),
        ({"url": URL, "owner": 1}, "no member"),
        ({"url": URL, "since": 10**12}, "revision"),
        ({"url": URL, "since": True}, "since"),
        ({"url": URL, "actions": ["eaten"]}, "Nothing that happens"),
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
