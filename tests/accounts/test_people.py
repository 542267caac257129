"""Stewards manage people: invite, give roles, close accounts, hand work over; nobody becomes more, or two."""

import datetime as dt
import re

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django.utils import timezone

from failure_lessons.access.tokens import CannotIssue, issue_token
from failure_lessons.accounts.models import PasswordLink, User
from failure_lessons.accounts.people import (
    CannotManage,
    change_roles,
    close_account,
    invite_person,
    reopen_account,
    vouch_for,
)
from failure_lessons.accounts.personal_data import erase_account, export_account, forget_people_data
from failure_lessons.outbox.delivery import deliver_waiting
from failure_lessons.outbox.models import Message
from failure_lessons.publishing.ledger import find_ledger_faults
from failure_lessons.publishing.redaction import CannotRedact, confirm_redaction, propose_redaction
from failure_lessons.publishing.services import CannotPublish, publish_record, submit_record
from literature.models import Reference
from tests import factories
from tests.accounts.test_signing_in import OTHER, PHRASE, link_in_mail, sign_in
from tests.test_admin import form_data


@pytest.fixture
def steward(person):
    return person("stella", "steward")


def invited(by, *roles, name="wanda"):
    account = invite_person(email=f"{name}@example.org", roles=roles, by=by)
    account.set_password(PHRASE)
    account.save()
    return account


@pytest.mark.slow
def test_one_page_invites_and_the_link_leads_to_a_first_edit(steward, browser_of, mailoutbox):
    page = browser_of(steward)
    assert "researcher: writes evidence" in page.get("/admin/people/").content.decode()
    sent = page.post("/admin/people/", {"email": "New.Comer@example.org", "roles": ["researcher"]}, follow=True)
    assert "on its way to New.Comer@example.org" in sent.content.decode()
    path = link_in_mail(mailoutbox)
    secret = path.split("/")[-2]
    assert secret not in str(list(Message.objects.values()))
    comer = Client()
    assert "Welcome" in comer.get(path).content.decode()
    assert comer.post(path, {"password1": OTHER, "password2": OTHER})["Location"] == "/admin/"
    assert comer.get("/admin/literature/reference/add/").status_code == 200
    account = User.objects.get(username="new.comer")
    assert (account.is_staff, account.is_superuser, account.invited_by) == (True, False, steward)
    assert comer.get(path).status_code == 410


def test_an_invitation_ends_after_a_week_and_is_sent_again(steward, browser_of, mailoutbox):
    wanda = invite_person(email="wanda@example.org", roles=["researcher"], by=steward)
    path = link_in_mail(mailoutbox)
    link = PasswordLink.objects.get()
    assert link.expires_at - link.made_at == dt.timedelta(days=7)
    browser_of(steward).post(f"/admin/people/{wanda.pk}/", {"deed": "invite-again"})
    newer = link_in_mail(mailoutbox)
    assert Client().get(path).status_code == 410
    assert Client().get(newer).status_code == 200


@pytest.mark.slow
@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ({"email": "stella@EXAMPLE.org", "roles": ["researcher"]}, "an account with the address"),
        ({"email": "x@example.org", "roles": ["publisher"]}, "publisher is not one of the available"),
        ({"email": "x@example.org", "roles": []}, "required"),
        ({"email": "no address", "roles": ["researcher"]}, "valid email"),
        ({"email": "x@example.org", "roles": ["partner", "steward"]}, "no other role"),
    ],
)
def test_a_faulty_invitation_is_refused_with_a_reason_and_loses_nothing(steward, browser_of, said, reason):
    page = browser_of(steward).post("/admin/people/", said)
    assert reason in page.content.decode()
    assert f'value="{said["email"]}"' in page.content.decode()
    assert User.objects.filter(email="x@example.org").count() == 0


def test_no_steward_gives_more_than_they_have_nor_changes_themselves_or_an_administrator(steward, person, admin_user):
    mere = person("mere", "researcher")
    for role in ("publisher", "reviewer", "facilitator", "analyst", "administrator", "nobody knows"):
        with pytest.raises(CannotManage, match="cannot give"):
            invite_person(email="x@example.org", roles=[role], by=steward)
        with pytest.raises(CannotManage, match="cannot give"):
            change_roles(account=mere, roles=["researcher", role], by=steward)
    for account in (steward, admin_user):
        with pytest.raises(CannotManage):
            change_roles(account=account, roles=["steward"], by=steward)
        with pytest.raises(CannotManage):
            close_account(account=account, by=steward)
    with pytest.raises(CannotManage, match="Only stewards"):
        invite_person(email="x@example.org", roles=["researcher"], by=mere)
    both = person("both", "steward", "publisher")
    change_roles(account=mere, roles=["publisher"], by=both)
    assert [group.name for group in mere.groups.all()] == ["publisher"]
    change_roles(account=mere, roles=["researcher"], by=steward)  # taking is open to every steward


def test_whoever_invited_somebody_counts_as_them_until_somebody_else_knows_them(person, admin_user):
    both = person("both", "steward", "publisher", "researcher")
    puppet = invited(both, "researcher", "publisher")
    theme = factories.theme()
    submit_record(record=theme, by=puppet)
    with pytest.raises(CannotPublish, match="whom you invited"):
        publish_record(record=theme, by=both)
    other = factories.theme()
    submit_record(record=other, by=both)
    with pytest.raises(CannotPublish, match="who invited you"):
        publish_record(record=other, by=puppet)
    second = invited(both, "steward", name="second")
    for by in (both, puppet, second):
        with pytest.raises(CannotManage):
            vouch_for(account=puppet, by=by)
    vouch_for(account=puppet, by=person("chief", "publisher"))
    puppet.refresh_from_db()
    publish_record(record=theme, by=both)
    publish_record(record=other, by=puppet)
    mine = factories.theme()
    submit_record(record=mine, by=invited(admin_user, "researcher", name="by-admin"))
    publish_record(record=mine, by=admin_user)


def test_two_accounts_of_one_hand_are_no_two_people_over_any_number_of_steps(person):
    both = person("both", "steward", "publisher", "researcher")
    writer, second = invited(both, "researcher"), invited(both, "publisher", "steward", name="second")
    third = invited(second, "researcher", "publisher", name="third")
    theme = factories.theme()
    submit_record(record=theme, by=writer)
    for by in (second, third, both):
        with pytest.raises(CannotPublish, match="invited"):
            publish_record(record=theme, by=by)
    asked = propose_redaction(words=["Nobody Atall"], by=writer, note="A court ordered it.")
    for by in (writer, second, third, both):
        with pytest.raises(CannotRedact, match="somebody else has to confirm it"):
            confirm_redaction(redaction=asked, by=by)
    vouch_for(account=writer, by=person("chief", "publisher"))
    publish_record(record=theme, by=third)


@pytest.mark.slow
def test_only_stewards_see_people_and_no_page_lists_single_rights(steward, person, browser_of, admin_user):
    for role in ("researcher", "reviewer", "publisher", "facilitator", "analyst"):
        browser = browser_of(person(role, role))
        for address in ("/admin/people/", f"/admin/people/{steward.pk}/", f"/admin/people/{steward.pk}/export.json"):
            assert browser.get(address).status_code == 403, (role, address)
            assert browser.post(address, {"deed": "close"}).status_code == 403
    boss = browser_of(admin_user)
    for address in (
        "accounts/user/",
        "auth/group/",
        "mfa/authenticator/",
        "usersessions/usersession/",
        "account/emailaddress/",
    ):
        assert boss.get(f"/admin/{address}").status_code == 404
    for browser in (boss, browser_of(steward)):
        assert "permission" not in browser.get("/admin/people/").content.decode().lower()
        assert browser.get(f"/admin/people/{steward.pk}/").status_code == 200


@pytest.mark.slow
def test_a_leaver_is_out_at_once_and_their_work_is_with_somebody(person, steward):
    leaver, heir = person("leaver", "researcher"), person("heir", "researcher")
    browser = Client()
    assert sign_in("leaver", PHRASE, browser)
    address = "/admin/vocabularies/theme/add/"
    words = {"label": "Left behind", "slug": "left-behind", "scope_note": "A draft.", "_save": "1"}
    reply = browser.post(address, form_data(browser.get(address)) | words)
    assert reply.status_code == 302, re.findall(r"errorlist.*?</ul>", reply.content.decode())
    submitted = factories.theme(label="Submitted before leaving")
    submit_record(record=submitted, by=leaver)
    desk = Client()
    sign_in("stella", PHRASE, desk)
    said = {"deed": "close", "successor": str(heir.pk)}
    page = desk.post(f"/admin/people/{leaver.pk}/", said, follow=True)
    assert "signed out everywhere" in page.content.decode()
    assert browser.get("/admin/").status_code == 302
    sign_in("leaver", PHRASE, browser)  # leads to a page that says that the account is closed
    assert browser.get("/admin/").status_code == 302
    theirs = Client()
    sign_in("heir", PHRASE, theirs)
    home = theirs.get("/admin/").content.decode()
    assert "Left behind" in home
    assert "what leaver left to you" in home
    took = theirs.post(f"/admin/vocabularies/theme/{submitted.pk}/verb/take-back/", {"note": ""})
    assert took.status_code == 302
    submitted.refresh_from_db()
    assert submitted.state == "draft"


def test_closing_asks_once_more_who_it_is(person, steward, browser_of):
    leaver = person("leaver", "researcher")
    browser = browser_of(steward)  # signed in, nobody knows how long ago
    answer = browser.post(f"/admin/people/{leaver.pk}/", {"deed": "close"})
    assert answer["Location"].startswith("/accounts/reauthenticate/")
    leaver.refresh_from_db()
    assert leaver.is_active
    browser.post(answer["Location"], {"password": PHRASE, "next": f"/admin/people/{leaver.pk}/"})
    leaver.refresh_from_db()
    assert not leaver.is_active


@pytest.mark.slow
def test_who_left_is_erased_and_no_hash_changes(person, steward, mailoutbox):
    leaver = person("jane.doe", "researcher")
    leaver.first_name, leaver.last_name = "Jane", "Doe"
    leaver.save()
    sign_in("jane.doe", PHRASE)
    Client().post("/accounts/password/reset/", {"email": leaver.email})
    deliver_waiting()
    theme = factories.theme()
    submit_record(record=theme, by=leaver)
    publish_record(record=theme, by=person("chief", "publisher"))
    kept = export_account(account=leaver)
    assert kept["account"]["email"] == "jane.doe@example.org"
    assert kept["sign_ins"][0]["address"] == "192.0.2.1"
    assert any("submitted_by" in name for name in kept["wrote"])
    with pytest.raises(CannotManage, match="Close the account first"):
        erase_account(account=leaver, by=steward)
    close_account(account=leaver, by=steward)
    erase_account(account=leaver, by=steward)
    erased = User.objects.get(pk=leaver.pk)
    assert (erased.username, erased.get_full_name(), erased.email) == (f"person-{leaver.pk}", "", "")
    text = str(export_account(account=erased)) + str(list(Message.objects.values())) + str(list(User.objects.values()))
    assert "jane" not in text.lower()
    assert "192.0.2.1" not in text
    assert list(find_ledger_faults()) == []
    with pytest.raises(CannotManage, match="erased"):
        reopen_account(account=erased, by=steward)


def test_old_sign_ins_sessions_and_counts_go(person):
    amara = person("amara", "researcher")
    browser = Client()
    sign_in("amara", PHRASE, browser)
    assert forget_people_data()["sign-ins"] == 0
    assert browser.get("/admin/").status_code == 200
    gone = forget_people_data(timezone.now() + dt.timedelta(days=181))
    assert gone["sign-ins"] == 1
    assert gone["sessions"] == 1
    assert amara.sign_ins.count() == 0
    assert browser.get("/admin/").status_code == 302


@pytest.mark.slow
def test_a_session_ends_unused_and_ends_altogether_by_role(person, settings):
    settings.SESSION_LIMITS = {"": (60, 600), "publisher": (30, 300)}
    for role, wait, still in (
        ("researcher", 40 * 60, True),
        ("publisher", 40 * 60, False),
        ("researcher", 61 * 60, False),
    ):
        account = person(f"{role}{wait}", role)
        browser = Client()
        sign_in(account.username, PHRASE, browser)
        browser.get("/admin/")
        session = browser.session
        session["session_seen_at"] -= wait
        session.save()
        assert (browser.get("/admin/").status_code == 200) is still, (role, wait)
    browser = Client()
    sign_in("researcher2400", PHRASE, browser)
    browser.get("/admin/")
    session = browser.session
    session["session_begun_at"] -= 601 * 60
    session.save()
    assert browser.get("/admin/").status_code == 302


def test_a_steward_or_oneself_ends_sessions(person, steward):
    amara = person("amara", "researcher")
    here, there = Client(), Client()
    sign_in("amara", PHRASE, here)
    sign_in("amara", PHRASE, there)
    assert here.post("/accounts/sessions/end/").status_code == 302
    assert here.get("/admin/").status_code == 200
    assert there.get("/admin/").status_code == 302
    desk = Client()
    sign_in("stella", PHRASE, desk)
    desk.post(f"/admin/people/{amara.pk}/", {"deed": "sign-out"})
    assert here.get("/admin/").status_code == 302


def test_a_token_lasts_a_year_at_most_and_its_holder_is_seen(person, steward, browser_of):
    partner = invite_person(email="robot@example.org", roles=["partner"], by=steward)
    assert not partner.is_staff
    with pytest.raises(CannotIssue, match="365 days at most"):
        issue_token(
            partner=partner, name="x", scopes=["read"], by=steward, expires_at=timezone.now() + dt.timedelta(days=400)
        )
    issue_token(partner=partner, name="nightly", scopes=["read"], by=steward)
    page = browser_of(steward).get(f"/admin/people/{partner.pk}/").content.decode()
    assert "nightly" in page
    assert "last used never" in " ".join(page.split())


def test_the_list_costs_the_same_for_few_and_many(steward, person, browser_of, django_assert_max_num_queries):
    browser = browser_of(steward)
    browser.get("/admin/people/")
    for number in range(12):
        person(f"p{number}", "researcher")
    with django_assert_max_num_queries(22):
        page = browser.get("/admin/people/?q=p1")
    assert "p11" in page.content.decode()
    assert "p2@" not in page.content.decode()
    assert Group.objects.count() < 10
    assert Reference.objects.exists()
