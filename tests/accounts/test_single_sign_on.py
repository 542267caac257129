"""Single sign-on at a real provider of OpenID Connect, which the test starts."""

import re
import urllib.parse

import httpx
import pytest
from django.test import Client
from oidc_provider_mock import User as Subject
from oidc_provider_mock import run_server_in_thread

from failure_lessons.accounts.models import User
from tests.accounts.test_factors import code_of

CALLBACK = "/accounts/oidc/institution/login/callback/"
PEOPLE = {
    "jane": {"email": "jane@uni.example", "email_verified": True, "groups": ["staff"], "preferred_username": "jdoe"},
    "guest": {"email": "guest@uni.example", "email_verified": True, "groups": ["students"]},
    "forger": {"email": "amara@example.org", "email_verified": False, "groups": ["staff"]},
    "amara": {"email": "amara@example.org", "email_verified": True, "groups": ["editors"]},
    "boss": {"email": "admin@example.com", "email_verified": True, "groups": ["editors"]},
}

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning:authlib"),  # what the provider is made of
]


@pytest.fixture(scope="module")
def provider():
    people = [Subject(sub=name, claims=claims) for name, claims in PEOPLE.items()]
    with run_server_in_thread(user_claims=people) as server:
        yield f"http://localhost:{server.server_port}"


@pytest.fixture
def institution(provider, settings):
    settings.OIDC_ROLES = [("staff", "researcher"), ("editors", "publisher")]
    place = {"server_url": provider, "token_auth_method": "client_secret_basic"}
    app = {"provider_id": "institution", "name": "the University", "client_id": "us", "secret": "s", "settings": place}
    settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"OAUTH_PKCE_ENABLED": True, "APPS": [app]}}
    return provider


def sign_on(who, browser, action="authorize"):
    """Goes to the provider, is `who` there, and comes back; gives the last answer."""
    assert "Sign in with the University" in browser.get("/accounts/login/").content.decode()
    start = browser.post("/accounts/oidc/institution/login/?next=/admin/literature/reference/")
    said = httpx.post(start["Location"], data={"sub": who, "action": action})
    assert said.status_code == 302, (start["Location"], said.status_code, said.text)
    back = urllib.parse.urlsplit(said.headers["location"])
    assert back.path == CALLBACK
    return browser.get(f"{back.path}?{back.query}")


def test_the_provider_says_who_comes_in_and_as_what(institution):
    browser = Client()
    answer = sign_on("jane", browser)
    assert answer["Location"] == "/admin/literature/reference/", answer.content.decode()
    jane = User.objects.get(email="jane@uni.example")
    assert [group.name for group in jane.groups.all()] == ["researcher"]
    assert (jane.is_staff, jane.is_superuser, jane.has_usable_password()) == (True, False, False)
    assert browser.get("/admin/literature/reference/add/").status_code == 200
    assert jane.sign_ins.get().way == "provider"
    again = Client()
    sign_on("jane", again)
    assert User.objects.filter(email="jane@uni.example").count() == 1


def test_who_has_no_role_or_no_verified_address_is_not_let_in(institution, person, admin_user):
    amara = person("amara", "researcher")
    for who in ("guest", "forger", "boss"):
        answer = sign_on(who, Client())
        assert answer.status_code == 403, who
        assert "not signed in" in answer.content.decode()
    assert not User.objects.filter(email="guest@uni.example").exists()
    browser = Client()
    answer = sign_on("amara", browser)
    assert answer.status_code == 302, answer.content.decode()
    assert [group.name for group in amara.groups.all()] == ["publisher"]
    assert amara.has_usable_password()
    amara.is_active = False
    amara.save()
    assert "is closed" in sign_on("amara", Client()).content.decode()


def test_a_refusal_there_is_told_here_and_roles_are_of_today(institution, settings):
    assert sign_on("jane", Client(), "deny").status_code == 403
    sign_on("jane", Client())
    settings.OIDC_ROLES = [("editors", "publisher")]
    assert sign_on("jane", Client()).status_code == 403


def test_who_has_no_password_here_adds_a_factor_and_is_never_stuck(institution, settings):
    settings.FACTOR_ROLES = ["researcher"]
    browser = Client()
    sign_on("jane", browser)
    assert browser.get("/admin/")["Location"] == "/accounts/factors/"
    page = browser.get("/accounts/factors/app/")
    assert page.status_code == 200
    assert browser.get("/accounts/password/change/")["Location"] == "/accounts/"
    session = browser.session
    session["account_authentication_methods"] = [
        {**each, "at": each["at"] - 3600} for each in session["account_authentication_methods"]
    ]
    session.save()
    again = browser.get("/accounts/factors/app/")
    assert again["Location"] == "/accounts/logout/?next=%2Faccounts%2Ffactors%2Fapp%2F"
    assert "You sign in elsewhere" in browser.get(again["Location"]).content.decode()
    out = browser.post("/accounts/logout/", {"next": "/accounts/factors/app/"})
    assert browser.get(out["Location"])["Location"].startswith("/accounts/login/")
    secret = re.search(r"<code>(\w+)</code>", page.content.decode())[1]
    assert secret not in str(browser.session.items())
    sign_on("jane", browser)
    newer = re.search(r"<code>(\w+)</code>", browser.get("/accounts/factors/app/").content.decode())[1]
    assert browser.post("/accounts/factors/app/", {"code": code_of(newer)}).status_code == 302
    assert browser.get("/admin/").status_code == 200


def test_an_answer_of_the_provider_is_taken_once_and_in_the_browser_that_asked(institution):
    browser, thief = Client(), Client()
    start = browser.post("/accounts/oidc/institution/login/")
    back = urllib.parse.urlsplit(httpx.post(start["Location"], data={"sub": "jane"}).headers["location"])
    assert thief.get(f"{back.path}?{back.query}").status_code == 403
    assert browser.get(f"{back.path}?{back.query}").status_code == 302
    assert browser.get(f"{back.path}?{back.query}").status_code != 302
    for leading in ("https://evil.example/", "//evil.example/"):
        start = Client()
        asked = start.post(f"/accounts/oidc/institution/login/?next={leading}")
        back = urllib.parse.urlsplit(httpx.post(asked["Location"], data={"sub": "jane"}).headers["location"])
        assert start.get(f"{back.path}?{back.query}")["Location"] == "/admin/"
    assert (
        Client().get("/accounts/oidc/institution/login/").status_code == 200
    )  # a page with a button: no session by itself
