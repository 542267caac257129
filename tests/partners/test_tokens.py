"""Tokens: hashed, shown once, scoped, expiring, revocable, bound to networks, and never in an address."""

import datetime as dt
import itertools
import logging
import re
import shlex
import subprocess
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from failure_lessons.access.models import Scope, Token
from failure_lessons.access.token_keys import hash_key, make_key, matches_hash
from failure_lessons.access.tokens import CannotIssue, issue_token, join_partners, revoke_token
from failure_lessons.accounts.models import User
from tests.partners.conftest import WORKBENCH, Api, make_partner, reference

pytestmark = pytest.mark.django_db
DRAFTS = f"{WORKBENCH}/references/"
ROOT = Path(__file__).resolve().parents[2]


def bearer(client, text, address=DRAFTS, **more):
    return client.get(address, headers={"Authorization": f"Bearer {text}", **more})


def test_only_a_hash_is_kept(api):
    with connection.cursor() as cursor:
        cursor.execute("select * from access_token")
        stored = str(cursor.fetchall())
    secret = api.text.partition(".")[2]
    assert len(secret) == 40
    assert secret not in stored
    assert api.token.prefix in stored


def test_a_hash_is_sha_512_of_the_whole_key_and_says_so():
    # made once by djangorestframework-api-key, whose hashes ours must equal
    assert (
        hash_key("AbCdEfGh.0123456789")
        == "sha512$$d31e5569fc57c17c5a534c16c5b89524bec0476424cc26fbb834256a740b41f6e0af93f166a9542c23698aa673a9e86d29a177f1b8774f2e16b5dab152032ead"
    )
    prefix, key = make_key()
    assert re.fullmatch(r"[A-Za-z0-9]{8}\.[A-Za-z0-9]{40}", key)
    assert key.startswith(prefix)
    assert matches_hash(key, hash_key(key))
    assert not matches_hash(key + "x", hash_key(key))
    assert not matches_hash(key, "")
    assert len({make_key() for _ in range(100)}) == 100


def test_a_good_token_opens_and_is_marked_at_most_once_a_minute(api, client):
    assert bearer(client, api.text).status_code == 200
    first = Token.objects.get().last_used_at
    assert first is not None
    assert bearer(client, api.text).status_code == 200
    assert Token.objects.get().last_used_at == first
    Token.objects.update(last_used_at=first - dt.timedelta(seconds=61))
    assert bearer(client, api.text).status_code == 200
    assert Token.objects.get().last_used_at > first


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (
            lambda api: Token.objects.update(
                expires_at=timezone.now() - dt.timedelta(seconds=1), created_at=timezone.now() - dt.timedelta(days=1)
            ),
            "expired",
        ),
        (lambda api: revoke_token(token=api.token, by=None), "revoked"),
        (lambda api: User.objects.update(is_active=False), "not a partner's"),
        (lambda api: User.objects.filter(pk=api.partner.pk).update(is_staff=True), "not a partner's"),
        (lambda api: api.partner.groups.clear(), "not a partner's"),
        (lambda api: setattr(api, "text", api.text[:-1] + ("a" if api.text[-1] != "a" else "b")), "no such token"),
        (lambda api: setattr(api, "text", "flt_abcdefgh." + "x" * 40), "no such token"),
        (lambda api: setattr(api, "text", "x"), "Write the header"),
        (lambda api: setattr(api, "text", ""), "Write the header"),
        (lambda api: setattr(api, "text", api.text + "\x00"), "Write the header"),
    ],
    ids=["expired", "revoked", "inactive", "staff", "left", "wrong", "unknown", "malformed", "empty", "nul"],
)
def test_any_other_token_is_refused_and_logged_without_itself(spoil, said, api, client, caplog):
    spoil(api)
    for address in (DRAFTS, "/api/v1/lessons/"):
        with caplog.at_level(logging.INFO):
            answer = bearer(client, api.text, address)
        assert answer.status_code == 401
        assert said in answer.json()["detail"]
        assert answer["WWW-Authenticate"].startswith('Bearer realm="failure-lessons", error="invalid_token"')
        assert answer["Cache-Control"] == "no-store"
        assert "Token" in caplog.text
        assert "refused" in caplog.text
        assert not (len(api.text) > 20 and api.text.partition(".")[2] in caplog.text)


def test_a_token_is_bound_to_its_networks(partner, client, settings):
    api = Api(partner, networks=["192.0.2.0/24", "2001:db8::/48"])
    settings.TRUSTED_PROXIES = ["127.0.0.1"]
    for address, status in (("192.0.2.7", 200), ("2001:db8:0:1::5", 200), ("192.0.3.7", 403), ("2001:db9::1", 403)):
        assert bearer(client, api.text, **{"X-Forwarded-For": address}).status_code == status, address
    settings.TRUSTED_PROXIES = []
    assert bearer(client, api.text, **{"X-Forwarded-For": "192.0.2.7"}).status_code == 403


@pytest.mark.parametrize("name", ["token", "access_token", "api_key", "Authorization", "BEARER"])
def test_a_token_in_the_address_is_refused_by_any_name(name, client):
    answer = client.get(f"/api/v1/lessons/?phase=prevention&{name}=anything")
    assert answer.status_code == 400
    assert answer.json()["type"].endswith("/api/problems/token-in-address/")


@pytest.mark.parametrize("form", ["/api/v1/lessons/?q={}", "/api/v1/lessons/{}/", "/api/v1/workbench/references/?x={}"])
def test_a_token_in_the_address_is_never_repeated(form, api, client):
    answer = bearer(client, api.text, form.format(api.text))
    assert answer.status_code == 400
    assert answer.json()["type"].endswith("token-in-address/")
    if "?" in form:
        assert api.text.partition(".")[2] not in answer.content.decode()


def test_scopes_are_kept_apart(partner):
    reader, writer = Api(partner, ["read"]), Api(partner, ["write:references"])
    assert reader("get", "/api/v1/lessons/").status_code == 200
    refused = writer("get", "/api/v1/lessons/")
    assert refused.status_code == 403
    assert 'error="insufficient_scope", scope="read"' in refused["WWW-Authenticate"]
    assert writer("post", "/references/", reference()).status_code == 201
    assert reader("post", "/references/", reference("b-1")).status_code == 403
    for address in ("/case-studies/", "/findings/", "/packages/"):
        answer = writer("post", address, {})
        assert answer.status_code == 403, address
        assert answer.json()["scope"].startswith("write:")
    assert writer("get", "/findings/ZZ-F1/").status_code == 403


def test_the_database_keeps_the_rules_of_tokens(partner):
    now = timezone.now()
    good = {"partner": partner, "name": "n", "hashed": "h", "scopes": ["read"], "expires_at": now + dt.timedelta(1)}
    for number, wrong in enumerate(
        [
            {"scopes": []},
            {"scopes": ["all"]},
            {"expires_at": now - dt.timedelta(1)},
            {"hashed": ""},
            {"expires_at": None},
        ]
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            Token.objects.create(**{**good, "prefix": f"p{number}", **wrong})


def test_staff_and_strangers_get_no_token(partner, db):
    stranger = User.objects.create_user("stranger")
    staff = make_partner("both")
    User.objects.filter(pk=staff.pk).update(is_staff=True)
    staff.refresh_from_db()
    for person, more in (
        (stranger, {}),
        (staff, {}),
        (partner, {"scopes": ["root"]}),
        (partner, {"scopes": []}),
        (partner, {"networks": ["here"]}),
        (partner, {"name": "x" * 200}),
        (partner, {"expires_at": timezone.now()}),
    ):
        with pytest.raises(CannotIssue):
            issue_token(**{"partner": person, "name": "n", "scopes": ["read"], "by": None, **more})


def test_the_command_shows_the_token_once(client, capsys):
    call_command("create_token", "fresh", name="import", scope=["write:references"], new_partner=True)
    text = capsys.readouterr().out.strip()
    assert bearer(client, text).status_code == 200
    assert Token.objects.get().expires_at - timezone.now() > dt.timedelta(days=364)
    with pytest.raises(CommandError, match="--new-partner"):
        call_command("create_token", "nobody", name="import", scope=["read"])
    with pytest.raises(CommandError, match="is not a network"):
        call_command("create_token", "fresh", name="import", scope=["read"], network=["0/0/0"])


@pytest.fixture
def desk(client):
    client.force_login(User.objects.create_superuser("desk", password="a long enough phrase"))
    return client


@pytest.mark.slow
def test_an_administrator_issues_and_revokes(desk, partner):
    page = desk.get(reverse("admin:access_token_add"))
    assert page.status_code == 200
    data = {
        "partner": partner.pk,
        "name": "nightly",
        "scopes": ["read", "write:references"],
        "networks": "127.0.0.0/8\n2001:db8::/32\n",
        "expires_at_0": f"{timezone.now() + dt.timedelta(days=300):%Y-%m-%d}",
        "expires_at_1": "00:00:00",
    }
    shown = desk.post(reverse("admin:access_token_add"), data)
    assert shown.status_code == 200
    assert "no-store" in shown["Cache-Control"]
    text = shown.content.decode().partition('<code id="token">')[2].partition("<")[0]
    assert bearer(desk, text).status_code == 200
    token = Token.objects.get()
    assert token.created_by.username == "desk"
    change = desk.get(reverse("admin:access_token_change", args=[token.pk])).content.decode()
    assert text.partition(".")[2] not in change
    assert token.hashed not in change
    revoke = reverse("admin:access_token_revoke", args=[token.pk])
    assert revoke in change
    assert desk.get(revoke).status_code == 200
    assert Token.objects.get().revoked_at is None
    assert desk.post(revoke).status_code == 302
    assert bearer(desk, text).status_code == 401
    assert desk.post(reverse("admin:access_token_delete", args=[token.pk]), {"post": "yes"}).status_code == 403


@pytest.mark.slow
@pytest.mark.parametrize(
    "wrong",
    [
        {"scopes": []},
        {"networks": "somewhere"},
        {"expires_at_0": "2000-01-01"},
        {"expires_at_0": "2099-01-01"},
        {"partner": "0"},
    ],
)
def test_the_form_refuses(wrong, desk, partner):
    data = {
        "partner": partner.pk,
        "name": "n",
        "scopes": ["read"],
        "expires_at_0": f"{timezone.now() + dt.timedelta(days=300):%Y-%m-%d}",
        "expires_at_1": "00:00",
    }
    page = desk.post(reverse("admin:access_token_add"), {**data, **wrong})
    assert page.status_code == 200
    assert page.context["errors"]
    assert not Token.objects.exists()


@pytest.mark.slow
def test_a_researcher_without_the_right_cannot_revoke(client, api):
    client.force_login(User.objects.create_user("plain", password="a long enough phrase", is_staff=True))
    assert client.post(reverse("admin:access_token_revoke", args=[api.token.pk])).status_code == 403
    assert Token.objects.get().revoked_at is None


def test_reading_with_a_token_costs_two_queries_more(api, client):
    bearer(client, api.text)
    with CaptureQueriesContext(connection) as with_token:
        bearer(client, api.text, "/api/v1/lessons/")
    assert len(with_token) == 1 + 2  # the list itself, which nobody with a token gets ready-made


def test_a_partner_cannot_sign_in_to_the_workbench(api, client):
    assert api("get", "/api/v1/lessons/").status_code == 200
    assert client.get(reverse("admin:index"), headers={"Authorization": f"Bearer {api.text}"}).status_code == 302


def test_join_partners_is_safe_to_repeat(partner):
    join_partners(user=partner)
    assert partner.groups.count() == 1


def test_one_command_gives_a_token_that_may_try_everything():
    said = subprocess.run(["make", "-n", "token"], cwd=ROOT, text=True, capture_output=True, check=True).stdout
    command = next(line for line in said.replace("\\\n", " ").splitlines() if "create_token" in line)
    given = shlex.split(command.partition("create_token")[2])
    scopes = {value for option, value in itertools.pairwise(given) if option == "--scope"}
    assert scopes == set(Scope.values)
