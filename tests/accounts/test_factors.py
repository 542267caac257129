"""Authenticator apps and recovery codes, without scripts; passkeys are tried in a browser (tests/browser)."""

import re
import time

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.test import Client

from tests.accounts.test_signing_in import PHRASE, sign_in


def code_of(secret, ahead=0):
    """The code of an app, as somebody types it who waits for the next one when theirs is about to end."""
    if (left := 30 - time.time() % 30) < 6:
        time.sleep(left)
    return format_hotp_value(hotp_value(secret, int(time.time() // 30) + ahead))


def connect_app(browser):
    """Connects an app; returns its secret. Whoever has signed in shows once more that it is they."""
    asked = browser.get("/accounts/factors/app/", follow=True)
    assert asked.request["PATH_INFO"] == "/accounts/reauthenticate/"
    browser.post("/accounts/reauthenticate/", {"password": PHRASE, "next": "/accounts/factors/app/"})
    page = browser.get("/accounts/factors/app/").content.decode()
    secret = re.search(r"<code>(\w+)</code>", page)[1]
    assert "data:image/svg+xml" in page
    wrong = browser.post("/accounts/factors/app/", {"code": "000000"})
    assert "not right" in wrong.content.decode()
    assert browser.post("/accounts/factors/app/", {"code": code_of(secret)}).status_code == 302
    return secret


@pytest.fixture
def amara(person):
    return person("amara", "researcher")


@pytest.mark.slow
def test_with_an_app_the_password_alone_opens_nothing(amara, mailoutbox):
    browser = Client()
    sign_in("amara", PHRASE, browser)
    secret = connect_app(browser)
    assert secret not in str(list(Authenticator.objects.values()))  # a copy of the database opens nothing
    codes = re.findall(r"<code>(\d{8})</code>", browser.get("/accounts/factors/recovery-codes/").content.decode())
    assert len(codes) == 10
    assert codes[0] in browser.get("/accounts/factors/recovery-codes/download/").content.decode()
    other = Client()
    answer = other.post("/accounts/login/", {"login": "amara", "password": PHRASE})
    assert answer["Location"].startswith("/accounts/factors/code/")
    assert other.get("/admin/").status_code == 302
    assert "not right" in other.post("/accounts/factors/code/", {"code": "000000"}).content.decode()
    assert other.post("/accounts/factors/code/", {"code": codes[0]}).status_code == 302
    assert other.get("/admin/").status_code == 200
    again = Client()
    again.post("/accounts/login/", {"login": "amara", "password": PHRASE})
    assert "not right" in again.post("/accounts/factors/code/", {"code": codes[0]}).content.decode()
    assert again.post("/accounts/factors/code/", {"code": code_of(secret, 1)}).status_code in (200, 302)
    assert amara.sign_ins.filter(way="factor").exists()


@pytest.mark.slow
def test_codes_are_guessed_a_few_times_only(amara):
    browser = Client()
    sign_in("amara", PHRASE, browser)
    connect_app(browser)
    thief = Client()
    thief.post("/accounts/login/", {"login": "amara", "password": PHRASE})
    pages = [thief.post("/accounts/factors/code/", {"code": f"{number:06}"}).content.decode() for number in range(12)]
    assert "not right" in pages[0]
    assert "not right" not in pages[-1]


@pytest.mark.slow
def test_who_has_a_role_that_takes_a_factor_adds_one_first(amara, settings, browser_of):
    settings.FACTOR_ROLES = ["researcher"]
    browser = Client()
    sign_in("amara", PHRASE, browser)
    assert browser.get("/admin/")["Location"] == "/accounts/factors/"
    assert browser.get("/preview/case-studies/hmp-birmingham/")["Location"] == "/accounts/factors/"
    assert browser.get("/recommendations/").status_code == 200
    connect_app(browser)
    assert browser.get("/admin/").status_code == 200
    settings.FACTOR_ROLES = ["publisher", "administrator"]
    other = Client()
    other.force_login(amara)
    assert other.get("/admin/").status_code == 200


@pytest.mark.slow
def test_a_steward_takes_lost_factors_away_and_its_owner_is_told(amara, person, mailoutbox):
    browser, desk = Client(), Client()
    sign_in("amara", PHRASE, browser)
    connect_app(browser)
    person("stella", "steward")
    sign_in("stella", PHRASE, desk)
    desk.post(f"/admin/people/{amara.pk}/", {"deed": "factors"})
    assert browser.get("/admin/").status_code == 302
    assert sign_in("amara", PHRASE, browser)
    assert browser.get("/admin/").status_code == 200


@pytest.mark.slow
@pytest.mark.parametrize(
    "address", ["", "factors/", "factors/app/remove/", "factors/recovery-codes/new/", "factors/passkeys/add/"]
)
def test_account_pages_run_no_script_of_the_page_itself(amara, address):
    browser = Client()
    sign_in("amara", PHRASE, browser)
    connect_app(browser)
    page = browser.get(f"/accounts/{address}").content.decode()
    assert "<h1>" in page
    for script in re.findall(r"<script[^>]*>", page):
        assert "src=" in script or 'type="application/json"' in script
    assert " style=" not in page


@pytest.mark.slow
def test_nobody_sees_renames_or_removes_the_passkey_of_another_account(amara, person, browser_of):
    """The page is there for its owner and for nobody else, whoever they are and with whatever number."""
    key = Authenticator.objects.create(user=amara, type="webauthn", data={"name": "Her laptop"})
    address = f"/accounts/factors/passkeys/{key.pk}/remove/"
    for role in ("researcher", "steward"):
        other = browser_of(person(f"other-{role}", role))
        for _ in range(2):  # once before, once after showing that it is they
            for method in (other.get, other.post):
                answer = method(address)
                assert answer.status_code == 404 or "/reauthenticate/" in answer["Location"]
            other.post("/accounts/reauthenticate/", {"password": "a long enough phrase"})
        assert other.post(address).status_code == 404
        assert b"Her laptop" not in other.get("/accounts/factors/").content
    assert Authenticator.objects.filter(pk=key.pk).exists()
