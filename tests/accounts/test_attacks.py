"""What somebody would try who wants in, wants more, or wants to stay."""

import time
from threading import Barrier, Thread

import pytest
from allauth.usersessions.models import UserSession
from django.contrib.auth.models import Group
from django.core import mail
from django.db import connection
from django.test import Client

from failure_lessons.access.tokens import issue_token
from failure_lessons.accounts.models import PasswordLink, User
from failure_lessons.accounts.people import CannotManage, change_roles, close_account, invite_person, reopen_account
from failure_lessons.outbox.delivery import deliver_waiting
from failure_lessons.outbox.models import Message
from tests.accounts.test_factors import code_of, connect_app, shown_codes
from tests.accounts.test_signing_in import OTHER, PHRASE, link_in_mail, sign_in

ELSEWHERE = (
    "https://evil.example/",
    "//evil.example/",
    "/\\evil.example",
    "\\\\evil.example",
    "https:evil.example",
    "javascript:alert(1)",
    "http://testserver@evil.example/",
    " https://evil.example",
    "/\t/evil.example",
)


@pytest.fixture
def amara(person):
    return person("amara", "researcher")


@pytest.mark.slow
def test_a_session_that_was_planted_is_not_the_one_that_is_signed_in(amara):
    browser = Client()
    browser.get("/accounts/login/")
    session = browser.session
    session["planted"] = "yes"
    session.save()
    planted = session.session_key
    browser.cookies["sessionid"] = planted
    sign_in("amara", PHRASE, browser)
    assert browser.session.session_key != planted
    thief = Client()
    thief.cookies["sessionid"] = planted
    assert thief.get("/admin/").status_code == 302


@pytest.mark.slow
def test_showing_that_it_is_you_ends_the_key_from_before_and_keeps_the_session(amara):
    browser = Client()
    sign_in("amara", PHRASE, browser)
    stolen = browser.session.session_key
    browser.post("/accounts/reauthenticate/", {"password": PHRASE})
    assert browser.get("/admin/").status_code == 200
    assert browser.session.session_key != stolen
    thief = Client()
    thief.cookies["sessionid"] = stolen
    assert thief.get("/admin/").status_code == 302
    assert [each.session_key for each in UserSession.objects.filter(user=amara)] == [browser.session.session_key]


@pytest.mark.slow
@pytest.mark.parametrize("there", ELSEWHERE)
def test_no_way_on_leads_away(amara, there):
    browser = Client()
    answers = [browser.post("/accounts/login/", {"login": "amara", "password": PHRASE, "next": there})]
    answers.append(browser.post("/accounts/reauthenticate/", {"password": PHRASE, "next": there}))
    answers.append(browser.get(f"/accounts/login/?next={there}"))
    answers.append(browser.post("/accounts/logout/", {"next": there}))
    for answer in answers:
        place = answer.get("Location", "")
        assert answer.status_code in (200, 302)
        assert place.startswith("/") or not place, place
        assert "evil" not in place.removeprefix("/accounts/login/?next="), place
        assert not place.startswith(("//", "/\\")), place


@pytest.mark.slow
def test_a_full_proof_takes_both_factors_and_the_password_alone_shows_nothing(amara):
    browser = Client()
    sign_in("amara", PHRASE, browser)
    secret = connect_app(browser)
    session = browser.session
    for record in session["account_authentication_methods"]:
        record["at"] -= 3600
    session["account_authentication_methods"] = list(session["account_authentication_methods"])
    session.save()
    removal = "/accounts/factors/app/remove/"
    assert browser.get(removal)["Location"].startswith("/accounts/reauthenticate/")
    assert browser.get("/accounts/factors/code/again/")["Location"].startswith("/accounts/reauthenticate/")
    step = browser.post("/accounts/reauthenticate/", {"password": PHRASE, "next": removal})
    assert step["Location"].startswith("/accounts/factors/code/again/")
    assert browser.get(removal)["Location"].startswith("/accounts/factors/code/again/")
    assert browser.post(step["Location"], {"code": "000000", "next": removal}).status_code == 200
    assert browser.post(step["Location"], {"code": code_of(secret, 1), "next": removal}).status_code in (200, 302)


@pytest.mark.slow
def test_a_code_opens_once_even_within_its_half_minute(amara):
    browser = Client()
    sign_in("amara", PHRASE, browser)
    secret = connect_app(browser)
    while time.time() % 30 > 26:
        time.sleep(1)
    code = code_of(secret)
    first, second = Client(), Client()
    for each in (first, second):
        each.post("/accounts/login/", {"login": "amara", "password": PHRASE})
    first.post("/accounts/factors/code/", {"code": code})
    assert "not right" in second.post("/accounts/factors/code/", {"code": code}).content.decode()
    assert second.get("/admin/").status_code == 302


@pytest.mark.slow
def test_a_flood_of_requests_for_a_link_is_a_handful_of_mails(amara, mailoutbox):
    for number in range(40):
        Client().post("/accounts/password/reset/", {"email": amara.email}, REMOTE_ADDR=f"198.51.100.{number}")
    deliver_waiting()
    assert len(mailoutbox) == 5
    others = [f"nobody-{number}@example.org" for number in range(30)]
    codes = [Client().post("/accounts/password/reset/", {"email": each}).status_code for each in others]
    assert codes.count(302) == 20  # one address asks twenty times an hour
    assert Message.objects.count() == 5


def test_nobody_changes_an_address_or_a_name_to_sign_in_with_by_a_form_of_theirs(amara):
    browser = Client()
    sign_in("amara", PHRASE, browser)
    said = {
        "first_name": "A",
        "last_name": "M",
        "email": "thief@example.org",
        "username": "stella",
        "is_superuser": "on",
        "notices": "daily",
    }
    assert browser.post("/accounts/", said).status_code == 302
    amara.refresh_from_db()
    assert (amara.email, amara.username, amara.first_name) == ("amara@example.org", "amara", "A")
    assert not amara.is_superuser
    for address in ("email/", "signup/", "3rdparty/", "password/set/", "confirm-email/x/", "code/"):
        assert browser.get(f"/accounts/{address}").status_code == 404, address


@pytest.mark.slow
def test_a_steward_gives_no_more_than_she_has_by_any_way(person, admin_user):
    stella, mere = person("stella", "steward"), person("mere", "researcher")
    desk = Client()
    sign_in("stella", PHRASE, desk)
    for roles in (["publisher"], ["researcher", "publisher"], ["administrator"], [str(Group.objects.first().pk)]):
        desk.post(f"/admin/people/{mere.pk}/", {"deed": "roles", "roles": roles})
        assert [group.name for group in mere.groups.all()] == ["researcher"], roles
        desk.post("/admin/people/", {"email": "puppet@example.org", "roles": roles})
        assert not User.objects.filter(email="puppet@example.org").exists()
    chief = person("chief", "publisher")
    change_roles(account=chief, roles=[], by=stella)
    with pytest.raises(CannotManage):  # what was taken is not given back by her
        change_roles(account=chief, roles=["publisher"], by=stella)
    closed = person("closed", "publisher")
    close_account(account=closed, by=stella)
    with pytest.raises(CannotManage):  # nor does opening again give it
        reopen_account(account=closed, by=stella)
    for deed in ("roles", "close", "sign-out", "factors", "erase"):
        desk.post(f"/admin/people/{admin_user.pk}/", {"deed": deed, "roles": "researcher"})
    admin_user.refresh_from_db()
    assert admin_user.is_active
    assert admin_user.is_superuser
    stella.refresh_from_db()
    assert not stella.is_superuser


@pytest.mark.slow
def test_a_closed_account_opens_nothing_by_session_token_link_or_factor(person, mailoutbox):
    stella = person("stella", "steward")
    robot = invite_person(email="robot@example.org", roles=["partner"], by=stella)
    _, text = issue_token(partner=robot, name="nightly", scopes=["read"], by=stella)
    headers = {"Authorization": f"Bearer {text}"}
    assert Client().get("/api/v1/lessons/?limit=1", headers=headers).status_code == 200
    close_account(account=robot, by=stella)
    assert Client().get("/api/v1/lessons/?limit=1", headers=headers).status_code == 401

    leaver = person("leaver", "researcher")
    browser, half = Client(), Client()
    sign_in("leaver", PHRASE, browser)
    connect_app(browser)
    codes = shown_codes(browser)
    half.post("/accounts/login/", {"login": "leaver", "password": PHRASE})  # stands before the second factor
    Client().post("/accounts/password/reset/", {"email": leaver.email})
    path = link_in_mail(mailoutbox)
    close_account(account=leaver, by=stella)
    assert browser.get("/admin/").status_code == 302
    half.post("/accounts/factors/code/", {"code": codes[-1]})
    assert half.get("/admin/").status_code == 302
    assert Client().post(path, {"password1": OTHER, "password2": OTHER}).status_code == 410
    assert not PasswordLink.objects.filter(account=leaver, used_at=None).exists()
    reopen_account(account=leaver, by=stella)
    assert browser.get("/admin/").status_code == 302  # what was ended stays ended
    assert Client().get(path).status_code == 410


@pytest.mark.slow
def test_a_link_serves_one_person_even_when_two_use_it_at_once(committed, settings):
    """Two people press the button in the same moment: one has the account, the other is told that the link is dead."""
    stella = User.objects.create_user("stella-at-once", "stella-at-once@example.org", PHRASE, is_staff=True)
    stella.groups.set(Group.objects.filter(name="steward"))
    invite_person(email="wanted@example.org", roles=["researcher"], by=stella)
    deliver_waiting()
    path = "/" + mail.outbox[-1].body.partition("://")[2].partition("/")[2].split()[0]
    start, said = Barrier(2), {}

    def choose(name):
        browser = Client()
        start.wait()
        answer = browser.post(path, {"password1": f"the phrase of {name}", "password2": f"the phrase of {name}"})
        said[name] = (answer.status_code, browser.get("/admin/").status_code)
        connection.close()

    threads = [Thread(target=choose, args=[name]) for name in ("first one", "second one")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(code for code, _ in said.values()) == [302, 410]
    [winner] = [name for name, (code, _) in said.items() if code == 302]
    assert said[winner][1] == 200
    assert User.objects.get(email="wanted@example.org").check_password(f"the phrase of {winner}")
