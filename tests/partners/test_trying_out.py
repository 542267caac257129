"""A token for trying out: whatever it writes is checked and answered as always, and nothing of it is kept."""

import datetime as dt
import re

import pytest
from django.utils import timezone
from lxml import html

from failure_lessons.history.models import Change
from failure_lessons.intake.models import PublicMessage
from failure_lessons.partners.models import Sent
from failure_lessons.webhooks.models import Attempt, Webhook
from literature.models import Reference
from tests.partners.conftest import Api, make_partner, reference, whole

pytestmark = pytest.mark.django_db


def count_rows():
    """How much there is of everything that a partner can write."""
    return [each.objects.count() for each in (Reference, Webhook, Attempt, Sent, Change)]


@pytest.mark.slow
def test_nothing_is_kept_of_what_it_writes_and_each_answer_says_so(partner, settings):
    kept, tried = Api(partner), Api(partner, is_test=True)
    draft = kept("post", "/references/", reference("kept-2026"))
    settings.WEBHOOKS_TO_LOOPBACK = True
    hook = kept("post", "/api/v1/webhooks/", {"url": "http://127.0.0.1:9/"}).json()
    assert draft.status_code == 201
    assert "Dry-Run" not in draft
    before = count_rows()
    one, tag = "/references/kept-2026/", draft["ETag"]
    hooks = f"/api/v1/webhooks/{hook['id']}/"
    answers = [
        (201, tried("post", "/references/", reference(), Idempotency_Key="a-key")),
        (201, tried("post", "/references/", reference(), Idempotency_Key="a-key")),
        (200, tried("patch", one, {"publisher": "HMSO"}, If_Match=tag)),
        (204, tried("delete", one, If_Match=tag)),
        (200, tried("post", f"{one}submit/")),
        (201, tried("post", "/packages/", whole(references=[reference("other-2026")]))),
        (422, tried("post", "/references/", {"titel": "x"})),
        (201, tried("post", "/api/v1/webhooks/", {"url": "http://127.0.0.1:9/other"})),
        (200, tried("patch", hooks, {"description": "changed"})),
        (200, tried("post", f"{hooks}disable/")),
        (204, tried("delete", hooks)),
    ]
    assert [answer.status_code for _, answer in answers] == [status for status, _ in answers]
    assert {answer["Dry-Run"] for _, answer in answers} == {"true"}
    assert count_rows() == before
    assert kept("get", one)["ETag"] == tag
    assert kept("get", hooks).json()["active"]
    assert "Dry-Run" not in tried("get", one)
    asked = kept("post", "/references/?dry_run=true", reference())
    assert (asked.status_code, asked["Dry-Run"]) == (201, "true")
    assert count_rows() == before


def test_a_token_is_asked_for_by_the_form_given_for_trying_out_and_opens(client, person, browser_of):
    (address,) = set(re.findall(r'href="(/contact/[^"]*sort=token)"', client.get("/developers/").content.decode()))
    tree = html.fromstring(client.get(address).content)
    hidden = {each.get("name"): each.get("value") or "" for each in tree.xpath("//main//form//input[@type='hidden']")}
    words = {"text": "Send our references.", "organisation": "The institute", "email": "it@institute.example"}
    assert client.post("/contact/", {**hidden, **words}).status_code == 302
    assert PublicMessage.objects.get(sort="token").organisation == "The institute"
    keeper = person("keeper")
    keeper.is_superuser = True
    keeper.save()
    until = timezone.localtime() + dt.timedelta(days=30)
    form = {
        "partner": make_partner("the-institute").pk,
        "name": "to try",
        "scopes": ["read", "write:references"],
        "is_test": "on",
        "expires_at_0": f"{until:%Y-%m-%d}",
        "expires_at_1": "12:00:00",
    }
    shown = browser_of(keeper).post("/admin/access/token/add/", form)
    (text,) = set(re.findall(r"flt_[A-Za-z0-9.]+", shown.content.decode()))
    headers = {"Authorization": f"Bearer {text}"}
    sent = client.post("/api/v1/workbench/references/", reference(), content_type="application/json", headers=headers)
    assert (sent.status_code, sent["Dry-Run"]) == (201, "true")
    assert not Reference.objects.filter(slug="sent-2026").exists()
