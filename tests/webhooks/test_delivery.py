"""Webhooks: every change, in order, signed, at least once; nothing lost by failures, patience with receivers."""

import datetime as dt
import json
from pathlib import Path

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone
from standardwebhooks import Webhook as Verifier
from standardwebhooks import WebhookVerificationError

from failure_lessons.accounts.models import User
from failure_lessons.outbox.delivery import deliver_waiting
from failure_lessons.publishing.models import LedgerEntry
from failure_lessons.publishing.services import withdraw_record
from failure_lessons.webhooks import sending
from failure_lessons.webhooks.addresses import CannotSend
from failure_lessons.webhooks.delivery import delete_old_attempts, deliver_one
from failure_lessons.webhooks.models import Attempt, Webhook
from failure_lessons.webhooks.services import (
    CannotChangeWebhook,
    change_webhook,
    create_webhook,
    delete_webhook,
    disable_webhook,
    enable_webhook,
    renew_secret,
    replay_changes,
    request_delivery,
)
from tests.api.test_contract import component
from tests.helpers import publish_case

ROOT = Path(__file__).resolve().parents[2]


def head():
    return LedgerEntry.objects.head().number


@pytest.fixture
def owner(db):
    return User.objects.create_user("partner", email="partner@example.org", password="a long enough phrase")


def deliver_all(now=None):
    rounds = 0
    while deliver_one(now):
        rounds += 1
        assert rounds < 1000
    return rounds


@pytest.mark.slow
@pytest.mark.django_db
def test_every_change_is_told_in_order_and_signed(receiver, owner, researcher, publisher):
    webhook, secret = create_webhook(owner=owner, url=receiver.url)
    start = head()
    case = publish_case(researcher, publisher)
    withdraw_record(record=case, by=publisher, note="A source was false.")
    deliver_all()
    assert receiver.revisions == list(range(start + 1, head() + 1))
    kinds = set()
    for path, headers, body in receiver.calls:
        assert path == "/hook"
        told = Verifier(secret).verify(body, headers)
        component("WebhookMessage").validate(told)
        kinds.add(told["type"])
        revision = LedgerEntry.objects.select_related("edition").get(number=told["data"]["revision"])
        assert dt.datetime.fromisoformat(told["timestamp"]) == revision.at
        assert told["data"]["slug"] == revision.edition.slug
        assert told["data"]["sha256"] == revision.edition.sha256
        assert set(told["data"]) == {
            "revision",
            "record",
            "kind",
            "slug",
            "edition",
            "sha256",
            "change",
            "ledger",
            "url",
        }
        assert told["data"]["record"] == str(revision.edition.record_id)
    assert kinds == {"edition.published", "edition.withdrawn"}
    with pytest.raises(WebhookVerificationError):
        Verifier(secret).verify(body.replace(b"withdrawn", b"published"), headers)
    webhook.refresh_from_db()
    assert webhook.cursor == head()
    assert [a.error for a in webhook.attempts.all()] == [""] * len(receiver.calls)


@pytest.mark.django_db
def test_the_secret_is_stored_nowhere(receiver, owner):
    webhook, secret = create_webhook(owner=owner, url=receiver.url)
    row = Webhook.objects.filter(pk=webhook.pk).values().get()
    assert secret.startswith("whsec_")
    assert secret.removeprefix("whsec_") not in json.dumps(row, default=str)
    assert Webhook.objects.get(pk=webhook.pk).secret() == secret


@pytest.mark.slow
@pytest.mark.django_db
def test_a_changed_secret_key_is_noticed_and_an_old_one_still_works(receiver, owner, researcher, publisher, settings):
    webhook, secret = create_webhook(owner=owner, url=receiver.url)
    old, settings.SECRET_KEY = settings.SECRET_KEY, "another key altogether"
    publish_case(researcher, publisher)
    deliver_one()
    assert not receiver.calls
    assert "SECRET_KEY changed" in webhook.attempts.get().error
    settings.SECRET_KEY_FALLBACKS = [old]
    assert Webhook.objects.get(pk=webhook.pk).secret() == secret
    settings.SECRET_KEY_FALLBACKS = []
    fresh = renew_secret(webhook=webhook, by=owner)
    assert fresh != secret
    deliver_all(webhook.next_attempt_at + dt.timedelta(hours=1))
    assert receiver.calls[0][1]["webhook-signature"].count("v1,") == 1  # nobody can make the former one any more


@pytest.mark.slow
@pytest.mark.django_db
def test_for_a_day_after_a_change_both_secrets_sign_and_then_the_new_one_alone(receiver, owner, researcher, publisher):
    webhook, first = create_webhook(owner=owner, url=receiver.url, actions=["published"])
    changed = timezone.now() - dt.timedelta(minutes=1)
    second = renew_secret(webhook=webhook, by=owner, now=changed)
    publish_case(researcher, publisher)
    deliver_all()
    _, headers, body = receiver.calls[0]
    for secret in (first, second):
        Verifier(secret).verify(body, headers)
    receiver.calls.clear()
    assert webhook.former_secret_until == changed + dt.timedelta(hours=24)
    Webhook.objects.update(secret_changed_at=changed - dt.timedelta(hours=24))
    request_delivery(webhook=webhook, by=owner)
    deliver_all()
    _, headers, body = receiver.calls[0]
    Verifier(second).verify(body, headers)
    with pytest.raises(WebhookVerificationError):
        Verifier(first).verify(body, headers)


@pytest.mark.slow
@pytest.mark.django_db
def test_what_the_owner_asks_for_is_sent_once_and_out_of_turn(receiver, owner, researcher, publisher):
    webhook, secret = create_webhook(owner=owner, url=receiver.url)
    start = head()
    publish_case(researcher, publisher)
    receiver.answers = [500]
    deliver_one()
    webhook.refresh_from_db()
    told = (webhook.cursor, webhook.failures, webhook.next_attempt_at)
    assert told[1] == 1
    request_delivery(webhook=webhook, by=owner)  # does not wait for the next regular try
    request_delivery(webhook=webhook, by=owner, revision=start + 1)
    receiver.answers = [500, 204]  # nor is it tried again
    assert [deliver_one(), deliver_one(), deliver_one()] == [True, True, False]
    first, test, again = receiver.calls
    component("WebhookTest").validate(Verifier(secret).verify(test[2], test[1]))
    assert (again[1]["webhook-id"], again[2]) == (first[1]["webhook-id"], first[2])
    webhook.refresh_from_db()
    assert (webhook.cursor, webhook.failures, webhook.next_attempt_at) == told
    log = list(webhook.attempts.values_list("revision", "status"))
    assert log == [(start + 1, 204), (None, 500), (start + 1, 500)]
    disable_webhook(webhook=webhook, by=owner)
    with pytest.raises(CannotChangeWebhook, match="enable it first"):
        request_delivery(webhook=webhook, by=owner)
    enable_webhook(webhook=webhook, by=owner)
    for _ in range(20):
        request_delivery(webhook=webhook, by=owner)
    with pytest.raises(CannotChangeWebhook, match="20 messages wait"):
        request_delivery(webhook=webhook, by=owner)


@pytest.mark.django_db
def test_actions_choose_what_is_told(receiver, owner, researcher, publisher):
    webhook, _ = create_webhook(owner=owner, url=receiver.url, kinds=["case-study"], actions=["withdrawn"])
    case = publish_case(researcher, publisher)
    withdraw_record(record=case, by=publisher, note="Why.")
    deliver_all()
    assert [json.loads(body)["type"] for _, _, body in receiver.calls] == ["edition.withdrawn"]
    webhook.refresh_from_db()
    assert webhook.cursor == head()


@pytest.mark.django_db
def test_kinds_choose_what_is_told_and_the_rest_is_passed_over(receiver, owner, researcher, publisher):
    webhook, _ = create_webhook(owner=owner, url=receiver.url, kinds=["case-study"])
    publish_case(researcher, publisher)
    deliver_all()
    assert [json.loads(body)["data"]["kind"] for _, _, body in receiver.calls] == ["case-study"]
    webhook.refresh_from_db()
    assert webhook.cursor == head()
    assert deliver_one() is False


@pytest.mark.slow
@pytest.mark.django_db
def test_a_failing_receiver_is_tried_again_later_and_nothing_overtakes(receiver, owner, researcher, publisher):
    webhook, _ = create_webhook(owner=owner, url=receiver.url)
    start = head()
    publish_case(researcher, publisher)
    receiver.answers = [500, 404, (503, {"Retry-After": "1234"}), 204]
    now, waits = webhook.next_attempt_at, []
    for failures in (1, 2, 3):
        assert deliver_one(now) is True
        assert deliver_one(now) is False
        webhook.refresh_from_db()
        assert (webhook.failures, webhook.cursor) == (failures, start)
        waits.append((webhook.next_attempt_at - now).total_seconds())
        now = webhook.next_attempt_at
    assert 4 <= waits[0] <= 6
    assert 24 <= waits[1] <= 36
    assert waits[2] == 1234
    deliver_all(now)
    assert receiver.revisions == [start + 1] * 3 + list(range(start + 1, head() + 1))
    assert len({headers["webhook-id"] for _, headers, _ in receiver.calls[:4]}) == 1
    webhook.refresh_from_db()
    assert (webhook.failures, webhook.failing_since) == (0, None)
    errors = list(webhook.attempts.order_by("pk").values_list("status", "error"))[:3]
    assert errors == [(500, "The answer was 500."), (404, "The answer was 404."), (503, "The answer was 503.")]


@pytest.mark.slow
@pytest.mark.django_db
def test_redirects_are_not_followed(receiver, owner, researcher, publisher):
    webhook, _ = create_webhook(owner=owner, url=receiver.url)
    publish_case(researcher, publisher)
    for status in (301, 302, 307, 308):
        receiver.answers = [(status, {"Location": receiver.url.replace("/hook", "/elsewhere")})]
        webhook.refresh_from_db()
        deliver_one(webhook.next_attempt_at)
    assert {path for path, _, _ in receiver.calls} == {"/hook"}
    assert len(receiver.calls) == 4
    assert "redirects are not followed" in webhook.attempts.first().error


@pytest.mark.slow
@pytest.mark.django_db
def test_a_slow_receiver_is_given_up_and_a_dead_one_too(receiver, owner, researcher, publisher, monkeypatch):
    monkeypatch.setattr(sending, "DELIVERY_TIMEOUT", 0.5)
    webhook, _ = create_webhook(owner=owner, url=receiver.url)
    publish_case(researcher, publisher)
    receiver.pause = 1.5
    deliver_one()
    assert "No answer within" in webhook.attempts.get().error
    webhook.refresh_from_db()
    webhook.url = "http://127.0.0.1:1/"
    webhook.save()
    deliver_one(webhook.next_attempt_at)
    assert "The connection failed" in webhook.attempts.first().error


@pytest.mark.slow
@pytest.mark.django_db
def test_after_three_days_of_failing_the_owner_is_told_and_nothing_more_is_sent(
    receiver, owner, researcher, publisher, mailoutbox
):
    webhook, _ = create_webhook(owner=owner, url=receiver.url)
    start = head()
    publish_case(researcher, publisher)
    receiver.otherwise = 500
    now = began = webhook.next_attempt_at
    while deliver_one(now):
        webhook.refresh_from_db()
        if not webhook.is_active:
            break
        now = webhook.next_attempt_at
    assert dt.timedelta(days=3) <= now - began < dt.timedelta(days=4)
    assert deliver_waiting(now) == 1
    assert len(mailoutbox) == 1
    assert mailoutbox[0].to == ["partner@example.org"]
    assert receiver.url in mailoutbox[0].body
    calls = len(receiver.calls)
    assert deliver_one(now + dt.timedelta(days=30)) is False
    assert len(receiver.calls) == calls < 30
    receiver.otherwise = 204
    enable_webhook(webhook=webhook, by=owner)
    deliver_all()
    assert receiver.revisions[calls:] == list(range(start + 1, head() + 1))


@pytest.mark.django_db
def test_a_receiver_that_is_gone_is_switched_off_at_once(receiver, owner, researcher, publisher):
    webhook, _ = create_webhook(owner=owner, url=receiver.url)
    publish_case(researcher, publisher)
    receiver.answers = [410]
    deliver_all()
    webhook.refresh_from_db()
    assert not webhook.is_active
    assert "410" in webhook.disabled_reason
    assert len(receiver.calls) == 1


@pytest.mark.slow
@pytest.mark.django_db
def test_one_webhook_does_not_wait_for_another(receiver, owner, researcher, publisher):
    bad, _ = create_webhook(owner=owner, url="http://127.0.0.1:1/")
    good, _ = create_webhook(owner=owner, url=receiver.url)
    publish_case(researcher, publisher)
    deliver_all()
    good.refresh_from_db()
    bad.refresh_from_db()
    assert good.cursor == head()
    assert bad.failures == 1


@pytest.mark.slow
@pytest.mark.django_db
def test_the_owner_replays_disables_and_enables_and_nobody_else_does(receiver, owner, researcher, publisher):
    webhook, _ = create_webhook(owner=owner, url=receiver.url)
    publish_case(researcher, publisher)
    deliver_all()
    told = list(receiver.revisions)
    names = [headers["webhook-id"] for _, headers, _ in receiver.calls]
    replay_changes(webhook=webhook, by=owner, since=told[0] - 1)
    deliver_all()
    assert receiver.revisions == told + told
    assert [headers["webhook-id"] for _, headers, _ in receiver.calls] == names + names
    for since in (-1, head() + 1):
        with pytest.raises(CannotChangeWebhook, match="Choose a revision"):
            replay_changes(webhook=webhook, by=owner, since=since)
    for verb, extra in (
        (change_webhook, {"url": "https://example.org/"}),
        (delete_webhook, {}),
        (request_delivery, {}),
        (replay_changes, {"since": 0}),
        (disable_webhook, {}),
        (enable_webhook, {}),
        (renew_secret, {}),
    ):
        with pytest.raises(CannotChangeWebhook, match="somebody else"):
            verb(webhook=webhook, by=researcher, **extra)
    disable_webhook(webhook=webhook, by=owner)
    publish_case(researcher, publisher)
    assert deliver_one() is False
    enable_webhook(webhook=webhook, by=owner)
    deliver_all()
    assert receiver.revisions[-1] == head()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("url", "kinds"), [("http://example.org/", []), ("https://example.org/", ["lessn"]), ("", []), ("https://a@b/", [])]
)
def test_a_webhook_that_makes_no_sense_is_refused(owner, url, kinds):
    with pytest.raises(CannotChangeWebhook):
        create_webhook(owner=owner, url=url, kinds=kinds)
    assert not Webhook.objects.exists()


@pytest.mark.django_db
def test_without_leave_the_loopback_is_refused_when_sending_too(receiver, owner, researcher, publisher, settings):
    webhook, _ = create_webhook(owner=owner, url=receiver.url)
    publish_case(researcher, publisher)
    settings.WEBHOOKS_TO_LOOPBACK = False
    deliver_one()
    assert not receiver.calls
    assert "https" in webhook.attempts.get().error
    with pytest.raises(CannotSend, match="not public"):
        sending.send_post("https://localhost/", {}, b"{}")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("broken", "rule"),
    [
        ({"failures": 1}, "a_failing_webhook_knows_since_when"),
        ({"disabled_reason": "Off."}, "a_disabled_webhook_gives_the_reason"),
    ],
)
def test_the_database_keeps_the_rules(receiver, owner, broken, rule):
    webhook, _ = create_webhook(owner=owner, url=receiver.url)
    with pytest.raises(IntegrityError, match=rule), transaction.atomic():
        Webhook.objects.filter(pk=webhook.pk).update(**broken)


@pytest.mark.django_db
def test_old_attempts_are_forgotten(receiver, owner):
    webhook, _ = create_webhook(owner=owner, url=receiver.url)
    now = dt.datetime(2026, 11, 25, tzinfo=dt.UTC)
    for days in (1, 29, 31):
        Attempt.objects.create(
            webhook=webhook, revision=1, at=now - dt.timedelta(days=days), status=204, duration=dt.timedelta(0)
        )
    assert delete_old_attempts(now) == 1
    assert webhook.attempts.count() == 2


@pytest.mark.slow
@pytest.mark.django_db
def test_the_workbench_shows_the_secret_once_and_runs_the_verbs(receiver, client, researcher, publisher):
    desk = User.objects.create_superuser("desk", password="a long enough phrase")
    client.force_login(desk)
    made = client.post(
        reverse("admin:webhooks_webhook_add"),
        {"url": receiver.url, "kinds": "case-study", "description": ""},
        follow=True,
    )
    assert made.status_code == 200
    webhook = Webhook.objects.get()
    assert webhook.owner == desk
    assert webhook.kinds == ["case-study"]
    assert webhook.secret() in made.content.decode().replace("&#x3D;", "=").replace("&#x2B;", "+")
    address = reverse("admin:webhooks_webhook_changelist")
    assert webhook.secret() not in client.get(address).content.decode()
    chosen = {"_selected_action": webhook.pk}
    client.post(address, {"action": "replay_chosen", "revision": "3", **chosen})
    webhook.refresh_from_db()
    assert webhook.cursor == 3
    assert (
        "Give the revision" in client.post(address, {"action": "replay_chosen", **chosen}, follow=True).content.decode()
    )
    client.post(address, {"action": "test_chosen", **chosen})
    client.post(address, {"action": "redeliver_chosen", "revision": "5", **chosen})
    assert list(webhook.requests.values_list("revision", flat=True)) == [None, 5]
    form = {"url": receiver.url, "kinds": ["lesson", "theme"], "actions": ["withdrawn"], "description": "Ours"}
    form |= {"attempts-TOTAL_FORMS": "0", "attempts-INITIAL_FORMS": "0"}
    client.post(reverse("admin:webhooks_webhook_change", args=[webhook.pk]), form)
    webhook.refresh_from_db()
    assert (webhook.kinds, webhook.actions, webhook.cursor) == (["lesson", "theme"], ["withdrawn"], 3)
    client.post(address, {"action": "disable_chosen", **chosen})
    webhook.refresh_from_db()
    assert not webhook.is_active
    client.post(address, {"action": "enable_chosen", **chosen})
    webhook.refresh_from_db()
    assert webhook.is_active
    refused = client.post(
        reverse("admin:webhooks_webhook_add"), {"url": "https://a@b/", "kinds": "", "description": ""}
    )
    assert "No name or password" in refused.content.decode()
    deliver_one()
    assert client.get(reverse("admin:webhooks_webhook_change", args=[webhook.pk])).status_code == 200
    client.post(reverse("admin:webhooks_webhook_delete", args=[webhook.pk]), {"post": "yes"})
    assert not Webhook.objects.exists()
