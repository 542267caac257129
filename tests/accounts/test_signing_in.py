"""Signing in, out, again, and with a forgotten password: allauth in our pages, with mail by the outbox."""

import re

import pytest
from django.test import Client

from failure_lessons.accounts.models import PasswordLink, SignIn, User
from failure_lessons.outbox.delivery import deliver_waiting
from failure_lessons.outbox.models import Message

PHRASE = "a long enough phrase"
OTHER = "another long phrase of mine"


def sign_in(name, password, browser=None, address="192.0.2.1"):
    browser = browser or Client()
    answer = browser.post("/accounts/login/", {"login": name, "password": password}, REMOTE_ADDR=address)
    return answer.status_code == 302


@pytest.fixture
def amara(person):
    return person("amara", "researcher")


def link_in_mail(mailoutbox):
    deliver_waiting()
    return re.search(r"https?://[^/]+(/accounts/password/choose/[^/\s]+/)", mailoutbox[-1].body)[1]


def test_the_workbench_leads_to_one_page_for_signing_in_and_back(amara):
    browser = Client()
    page = browser.get("/admin/literature/reference/", follow=True)
    assert page.request["PATH_INFO"] == "/accounts/login/"
    assert 'value="/admin/literature/reference/"' in page.content.decode()
    data = {"login": "AMARA@example.org", "password": PHRASE, "next": "/admin/literature/reference/"}
    assert browser.post("/accounts/login/", data)["Location"] == "/admin/literature/reference/"
    assert browser.get("/admin/").status_code == 200
    assert browser.get("/admin/login/")["Location"].startswith("/accounts/login/")
    noted = SignIn.objects.get()
    assert (noted.account, noted.address, noted.outcome, noted.way) == (amara, "127.0.0.1", "succeeded", "password")


def test_nobody_is_led_away_and_nobody_signs_up(amara):
    data = {"login": "amara", "password": PHRASE, "next": "https://evil.example/"}
    assert Client().post("/accounts/login/", data)["Location"] == "/admin/"
    assert Client().get("/accounts/signup/").status_code == 404
    assert "sign up" not in Client().get("/accounts/login/").content.decode().lower()


def test_who_may_not_work_here_is_told_so(db):
    partner = User.objects.create_user("partner", "partner@example.org", PHRASE)
    browser = Client()
    browser.force_login(partner)
    assert browser.get("/admin/", follow=True).status_code == 403


def test_whoever_signs_out_leaves_nothing_in_the_browser_for_the_next_one(amara, browser_of):
    browser = browser_of(amara)
    assert "Clear-Site-Data" not in browser.get("/accounts/logout/")
    assert browser.post("/accounts/logout/")["Clear-Site-Data"] == '"storage"'
    assert "Clear-Site-Data" not in browser.get("/accounts/login/")


@pytest.mark.slow
def test_pages_behind_the_door_are_kept_nowhere(amara, browser_of):
    browser = browser_of(amara)
    for address in ("/admin/", "/admin/literature/reference/", "/accounts/", "/accounts/login/", "/accounts/logout/"):
        answer = browser.get(address, follow=True)
        assert answer.status_code == 200, address
        assert "no-store" in answer["Cache-Control"], address


def test_signing_out_takes_a_post(amara, browser_of):
    browser = browser_of(amara)
    assert browser.get("/accounts/logout/").status_code == 200
    assert browser.get("/admin/").status_code == 200
    assert browser.post("/admin/logout/").status_code == 302
    assert browser.get("/admin/").status_code == 302


@pytest.mark.slow
def test_a_forgotten_password_is_chosen_anew_by_a_link_that_opens_once(amara, mailoutbox, browser_of):
    elsewhere = browser_of(amara)
    assert Client().post("/accounts/password/reset/", {"email": "Amara@Example.org"}).status_code == 302
    path = link_in_mail(mailoutbox)
    secret = path.split("/")[-2]
    assert secret not in str(list(Message.objects.values())) + str(list(PasswordLink.objects.values()))
    browser = Client()
    for _ in range(3):  # a mail program that looks at every link
        assert browser.get(path).status_code == 200
    refused = browser.post(path, {"password1": "short", "password2": "short"})
    assert "too short" in refused.content.decode()
    assert "not the same" in browser.post(path, {"password1": OTHER, "password2": PHRASE}).content.decode()
    assert browser.post(path, {"password1": OTHER, "password2": OTHER})["Location"] == "/admin/"
    assert browser.get("/admin/").status_code == 200
    assert elsewhere.get("/admin/").status_code == 302  # a new password ends all other sessions
    assert not sign_in("amara", PHRASE)
    assert sign_in("amara", OTHER)
    for again in (Client().get(path), Client().post(path, {"password1": PHRASE, "password2": PHRASE})):
        assert again.status_code == 410
    assert SignIn.objects.filter(way="link", outcome="succeeded").count() == 1


def test_a_link_ends_by_time_by_another_link_and_with_the_account(amara, mailoutbox):
    for end in ("time", "account"):
        Client().post("/accounts/password/reset/", {"email": amara.email})
        path = link_in_mail(mailoutbox)
        assert Client().get(path).status_code == 200
        if end == "time":
            PasswordLink.objects.update(expires_at=PasswordLink.objects.first().made_at)
        else:
            User.objects.filter(pk=amara.pk).update(is_active=False)
        assert Client().get(path).status_code == 410
    for odd in ("x", "%00", "a" * 300, "é"):
        assert Client().get(f"/accounts/password/choose/{odd}/").status_code == 410


def test_asking_for_a_password_tells_nobody_who_works_here(amara, mailoutbox):
    User.objects.create_user("partner", "partner@example.org", PHRASE)
    answers = []
    for address in ("amara@example.org", "nobody@example.org", "partner@example.org"):
        page = Client().post("/accounts/password/reset/", {"email": address}, follow=True)
        answers.append((page.status_code, re.sub(r"\s+", " ", page.content.decode())))
    assert answers[0] == answers[1] == answers[2]
    deliver_waiting()
    assert [mail.to for mail in mailoutbox] == [["amara@example.org"]]


def test_a_changed_password_ends_other_sessions_and_is_told_by_mail(amara, mailoutbox, browser_of):
    browser, elsewhere = Client(), browser_of(amara)
    sign_in("amara", PHRASE, browser)
    data = {"oldpassword": "wrong", "password1": OTHER, "password2": OTHER}
    assert "not your password" in browser.post("/accounts/password/change/", data).content.decode()
    assert browser.post("/accounts/password/change/", data | {"oldpassword": PHRASE})["Location"] == "/accounts/"
    assert browser.get("/admin/").status_code == 200
    assert elsewhere.get("/admin/").status_code == 302
    deliver_waiting()
    assert "password was changed" in mailoutbox[-1].body
    assert "127.0.0.1" in mailoutbox[-1].body


@pytest.mark.slow
def test_one_subscriber_is_stopped_over_all_accounts_however_many_addresses_it_has(person):
    people = [person(f"p{number}", "researcher") for number in range(8)]
    for number in range(30):
        assert not sign_in(people[number % 8].username, "guess", address=f"2001:db8:0:1::{number:x}")
    refused = Client().post("/accounts/login/", {"login": "p7", "password": PHRASE}, REMOTE_ADDR="2001:db8:0:1:ffff::1")
    assert "too many attempts" in refused.content.decode()
    assert sign_in("p7", PHRASE, address="2001:db8:0:2::1")  # the next house
    assert SignIn.objects.filter(outcome="refused").count() == 1


def test_strangers_stop_themselves_and_never_the_person(amara, mailoutbox):
    home = Client()
    assert sign_in("amara", PHRASE, home, "203.0.113.9")
    home.post("/accounts/logout/")
    for number in range(5):
        assert not sign_in("amara" if number % 2 else "amara@example.org", "guess", address=f"198.51.100.{number}")
    assert not sign_in("amara", PHRASE, address="198.51.100.77")  # the right word comes too late: from everywhere new
    assert not sign_in("AMARA ", PHRASE, address="198.51.100.78")
    assert sign_in("amara", PHRASE, home, "198.51.100.1")  # where she always signs in, even beside the guesser
    away = Client()
    away.post("/accounts/password/reset/", {"email": amara.email})
    path = link_in_mail(mailoutbox)
    assert away.post(path, {"password1": OTHER, "password2": OTHER})["Location"] == "/admin/"


@pytest.mark.slow
def test_a_known_browser_is_limited_too_and_nobody_forges_one(amara):
    home = Client()
    assert sign_in("amara", PHRASE, home)
    home.post("/accounts/logout/")
    for _ in range(10):
        assert not sign_in("amara", "guess", home)
    assert not sign_in("amara", PHRASE, home)
    forger = Client()
    forger.cookies["known"] = home.cookies["known"].value[:-2] + "xx"
    for _ in range(5):
        assert not sign_in("amara", "guess", forger, "198.51.100.1")
    assert not sign_in("amara", PHRASE, forger, "198.51.100.2")


def test_what_was_typed_is_kept_nowhere(amara):
    sign_in("my secret in the wrong box", "guess")
    assert SignIn.objects.get().account is None
    assert "secret" not in str(list(SignIn.objects.values()))


@pytest.mark.parametrize("address", ["login/", "password/reset/", "password/reset/done/", "inactive/", "logout/"])
def test_the_pages_are_for_no_store_and_no_search_engine(db, address, client):
    page = client.get(f"/accounts/{address}", follow=True)
    assert page.status_code == 200
    assert "noindex" in page.content.decode()
    assert "<script>" not in page.content.decode()


def test_a_forged_address_counts_as_where_it_came_from(amara):
    for number in range(6):
        said = {"login": f"guess {number}", "password": "guess"}
        Client().post("/accounts/login/", said, headers={"X-Forwarded-For": f"192.0.2.{number}"})
    assert set(SignIn.objects.values_list("address", flat=True)) == {"127.0.0.1"}


def test_a_password_is_taken_as_it_was_typed_and_whole(amara, mailoutbox):
    typed = "  Spaces before, é and 猫, and behind " + "x" * 90 + "  "
    Client().post("/accounts/password/reset/", {"email": amara.email})
    path = link_in_mail(mailoutbox)
    assert Client().post(path, {"password1": typed, "password2": typed})["Location"] == "/admin/"
    for other in (typed.strip(), typed.lower(), typed[:72], typed[:-1]):
        assert not sign_in("amara", other)
    browser = Client()
    assert sign_in("amara", typed, browser)
    data = {"oldpassword": typed, "password1": f" {OTHER} ", "password2": f" {OTHER} "}
    assert browser.post("/accounts/password/change/", data)["Location"] == "/accounts/"
    browser.post("/accounts/logout/")
    assert sign_in("amara", f" {OTHER} ", browser)


@pytest.mark.slow
def test_every_page_behind_the_door_has_a_way_out(amara, browser_of):
    browser = browser_of(amara)
    pages = [
        "/admin/",
        "/admin/literature/reference/",
        "/accounts/",
        "/accounts/factors/",
        "/accounts/password/change/",
    ]
    pages += ["/accounts/reauthenticate/", "/preview/case-studies/hmp-birmingham/"]
    for address in pages:
        page = browser.get(address)
        assert page.status_code == 200, address
        assert "/logout/" in page.content.decode(), address
