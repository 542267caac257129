"""Authenticator apps and recovery codes, without scripts; passkeys are tried in a browser (tests/browser)."""

import hashlib
import re
import time
from urllib.parse import unquote

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.test import Client

from failure_lessons.accounts.recovery_codes import CODE_ALPHABET, CODE_LETTERS, HashedRecoveryCodes
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


def shown_codes(browser):
    """The recovery codes that the page shows."""
    page = browser.get("/accounts/factors/recovery-codes/").content.decode()
    codes = re.findall(r"<code>((?:[A-Z2-9]{4}-){5}[A-Z2-9]{4})</code>", page)
    assert all(each in unquote(page[page.index("data:text/plain") :]) for each in codes)
    return codes


@pytest.fixture
def amara(person):
    return person("amara", "researcher")


@pytest.mark.slow
def test_with_an_app_the_password_alone_opens_nothing(amara, mailoutbox):
    browser = Client()
    sign_in("amara", PHRASE, browser)
    secret = connect_app(browser)
    assert secret not in str(list(Authenticator.objects.values()))  # a copy of the database opens nothing
    codes = shown_codes(browser)
    assert len(set(codes)) == 10
    assert not shown_codes(browser), "they are shown once"
    assert not any(each in str(list(Authenticator.objects.values())) for each in codes)
    other = Client()
    answer = other.post("/accounts/login/", {"login": "amara", "password": PHRASE})
    assert answer["Location"].startswith("/accounts/factors/code/")
    assert other.get("/admin/").status_code == 302
    assert "not right" in other.post("/accounts/factors/code/", {"code": "000000"}).content.decode()
    typed = codes[0].replace("-", " ").lower()
    assert other.post("/accounts/factors/code/", {"code": typed}).status_code == 302
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


def test_recovery_codes_are_kept_as_hashes_and_made_by_one_look_alone(amara):
    """ASVS 6.5.2: 120 bits each, of which SHA-256 is kept."""
    Authenticator.objects.create(user=amara, type="totp", data={"secret": "x"})
    codes = HashedRecoveryCodes.activate(amara)
    assert HashedRecoveryCodes.activate(amara).instance == codes.instance
    assert isinstance(codes.instance.wrap(), HashedRecoveryCodes)
    second = codes.instance.wrap()
    codes.mark_as_viewed()
    second.mark_as_viewed()
    made = codes.get_unused_codes()
    assert second.get_unused_codes() == ["****"] * 10
    assert [hashlib.sha256(each.replace("-", "").encode()).hexdigest() for each in made] == second.instance.data[
        "hashes"
    ]
    assert len(CODE_ALPHABET) ** CODE_LETTERS >= 2**112
    assert not codes.validate_code("")
    assert not codes.validate_code("A" * 100_000)
    assert codes.validate_code(made[3])
    assert not second.validate_code(made[3])
    assert len(second.get_unused_codes()) == 9
