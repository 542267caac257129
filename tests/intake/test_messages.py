"""What the public sends in: forms without a cookie, two people who decide, what readers get, and what is erased."""

import datetime as dt
import os
import re
import time

import pytest
from django.core import signing
from django.core.management import call_command
from django.db import IntegrityError, ProgrammingError, connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from lxml import html

from failure_lessons.access.quota import Policy
from failure_lessons.intake import proofs
from failure_lessons.intake.models import FollowRequest, MessageDecision, PublicMessage, PublicNote
from failure_lessons.intake.services import (
    CannotDecide,
    agree_decision,
    erase_sender,
    forget_old_messages,
    propose_decision,
)
from failure_lessons.outbox.delivery import deliver_waiting
from failure_lessons.outbox.models import Message
from failure_lessons.publishing.models import Edition
from failure_lessons.publishing.services import withdraw_record
from recommendations.models import Recommendation
from tests.helpers import count_queries

pytestmark = pytest.mark.django_db
USED = {
    "sort": "used",
    "text": "The board asked <b>who</b> looks first.",
    "use": "board-paper",
    "link": "https://trust.example.org/papers/5.pdf",
    "organisation": "Example Trust",
    "name": "A. Sender",
    "email": "sender@example.org",
    "may_publish": "on",
}


@pytest.fixture
def about(shipped):
    edition = Edition.objects.current().get(kind="recommendation", code="R7")
    return f"recommendations/{edition.slug}"


def opened(client, address):
    """The hidden fields of a form, as a browser takes them from its page."""
    tree = html.fromstring(client.get(address).content)
    return {each.get("name"): each.get("value") or "" for each in tree.xpath("//main//form//input[@type='hidden']")}


def send(client, about="", **words):
    """Fill in a form that was opened, and send it."""
    fields = opened(client, f"/contact/?sort={words['sort']}&about={about}")
    return client.post("/contact/", {**fields, **words})


def moderated(sent, first, second, **words):
    propose_decision(sent=sent, by=first, **{"outcome": "accepted", "answer": "Thank you.", **words})
    return agree_decision(sent=sent, by=second)


@pytest.mark.parametrize("sort", PublicMessage.Sort.values)
def test_each_sort_of_message_is_sent_without_a_cookie(client, about, sort):
    answer = send(client, about, **{**USED, "sort": sort})
    assert (answer.status_code, answer["Location"]) == (302, "/contact/sent/")
    sent = PublicMessage.objects.get()
    assert (sent.sort, sent.about_kind, sent.about_number, sent.text) == (sort, "recommendation", 1, USED["text"])
    assert bool(sent.link) == (sort in ("used", "reply"))
    assert not client.cookies
    assert "arrived" in client.get("/contact/sent/").content.decode()


@pytest.mark.slow
def test_the_foot_of_every_record_leads_to_a_form_about_it(client):
    for kind in ("recommendation", "case-study", "reference", "follow-up"):
        page = html.fromstring(client.get(Edition.objects.current().of_kind(kind).first().get_absolute_url()).content)
        [form] = page.xpath("//a[contains(., 'something is wrong here')]/@href")
        fields = opened(client, form)
        assert fields["about"].split("/")[1] in form
        assert fields["sort"] == "error"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"text": ""}, "This field is required"),
        ({"text": "x" * 4001}, "at most 4000"),
        ({"email": "nobody"}, "Write an e-mail address"),
        ({"email": "a@example.org\nBcc: b@example.org"}, "Write an e-mail address"),
        ({"link": "javascript:alert(1)"}, "Write a whole web address"),
        ({"organisation": ""}, "This field is required"),
        ({"use": "bribery"}, "Select a valid choice"),
        ({"sort": "reply", "may_publish": ""}, "A reply is for readers"),
        ({"sort": "reply", "email": ""}, "This field is required"),
        ({"proof": ""}, "Nothing is lost"),
        ({"proof": "form:1aaaaa:AAAA"}, "Nothing is lost"),
    ],
)
def test_what_cannot_be_taken_is_refused_and_given_back(client, about, changes, words):
    answer = send(client, about, **{**USED, **changes})
    text = answer.content.decode()
    assert answer.status_code == 400
    assert words in text
    if "text" not in changes:
        assert "&lt;b&gt;who&lt;/b&gt;" in text
    assert not PublicMessage.objects.exists()


def test_strange_addresses_of_the_form_answer(client, about):
    for address, status in (
        ("/contact/", 200),
        ("/contact/?sort=bribe", 400),
        ("/contact/?about=recommendations/nothing", 404),
        ("/contact/?about=nothing", 404),
        ("/contact/?about=recommendations/%00", 404),
        (f"/contact/?about={about}", 200),
    ):
        assert client.get(address).status_code == status, address


def test_a_form_from_elsewhere_an_old_one_and_a_program_are_not_taken(client, about, monkeypatch):
    foreign = Client(headers={"Sec-Fetch-Site": "cross-site"})
    assert send(foreign, about, **USED).status_code == 400
    assert send(client, about, **USED, website="http://spam.example").status_code == 302
    fields = opened(client, f"/contact/?sort=used&about={about}")
    late = time.time() + proofs.LONGEST_OPEN + 60
    monkeypatch.setattr(signing.time, "time", lambda: late)
    assert client.post("/contact/", {**fields, **USED}).status_code == 400
    assert not PublicMessage.objects.exists()


def test_one_network_sends_so_much_an_hour_and_a_household_of_ipv6_is_one(client, about, monkeypatch):
    monkeypatch.setattr(proofs, "SENDING", Policy(f"intake-{os.urandom(4).hex()}", 2, 3600))
    statuses = []
    for last in ("1", "2", "ffff"):
        browser = Client(REMOTE_ADDR=f"2001:db8:1:1::{last}")
        answer = send(browser, about, **USED)
        statuses.append(answer.status_code)
    assert statuses == [302, 302, 429]
    assert int(answer["Retry-After"]) > 0
    assert "&lt;b&gt;who" in answer.content.decode()
    assert send(Client(REMOTE_ADDR="2001:db8:1:2::1"), about, **USED).status_code == 302


def test_two_people_decide_and_readers_get_a_dated_note(client, about, researcher, publisher, mail_server):
    send(client, about, **USED)
    sent = PublicMessage.objects.get()
    page = f"/{about}/"
    assert "Example Trust" not in client.get(page).content.decode()
    propose_decision(sent=sent, outcome="accepted", answer="Thank you.", published=USED["text"], by=researcher)
    with pytest.raises(CannotDecide, match="Somebody else"):
        agree_decision(sent=sent, by=researcher)
    with pytest.raises(IntegrityError, match="two_people_decide_on_a_message"), transaction.atomic():
        MessageDecision.objects.update(agreed_by=researcher, agreed_at=timezone.now())
    assert "Example Trust" not in client.get(page).content.decode()
    agree_decision(sent=sent, by=publisher)
    shown = client.get(page).content.decode()
    assert "Used in a board paper" in " ".join(shown.split()).replace("Used in a", "Used in a")
    assert "The board asked &lt;b&gt;who&lt;/b&gt; looks first." in shown
    assert "sender@example.org" not in shown
    assert "A. Sender" not in shown
    deliver_waiting()
    [(to, mail)] = mail_server.taken
    assert to == ["sender@example.org"]
    assert "Thank you." in mail.get_payload(decode=True).decode()


def test_a_reply_stands_in_the_bodys_own_words_or_not_at_all(client, about, researcher, publisher):
    send(client, about, **{**USED, "sort": "reply", "text": "We did it in 2019."})
    sent = PublicMessage.objects.get()
    with pytest.raises(CannotDecide, match="own words"):
        propose_decision(sent=sent, outcome="accepted", answer="Yes.", published="They did it.", by=researcher)
    moderated(sent, researcher, publisher, published="We did it in 2019.")
    shown = client.get(f"/{about}/").content.decode()
    assert "Right of reply" in shown
    assert "We did it in 2019." in shown


@pytest.mark.parametrize(
    ("changes", "words"),
    [({"may_publish": ""}, "not agreed"), ({"sort": "error"}, "becomes a correction")],
)
def test_what_the_sender_does_not_want_shown_is_not(client, about, researcher, changes, words):
    send(client, about, **{**USED, **changes})
    with pytest.raises(CannotDecide, match=words):
        propose_decision(
            sent=PublicMessage.objects.get(), outcome="accepted", answer="Yes.", published="Words.", by=researcher
        )


@pytest.mark.slow
def test_the_workbench_shows_messages_to_those_who_moderate_alone(client, about, person, browser_of):
    send(client, about, **USED)
    sent = PublicMessage.objects.get()
    form = reverse("admin:intake_publicmessage_change", args=[sent.pk])
    assert browser_of(person("writer", "researcher")).get(form).status_code in (302, 403)
    first, second = browser_of(person("first", "steward")), browser_of(person("second", "reviewer"))
    assert "Waits for a first person" in first.get(reverse("admin:intake_publicmessage_changelist")).content.decode()
    shown = first.get(form).content.decode()
    assert "&lt;b&gt;who" in shown
    assert first.post(form, {"outcome": "accepted", "answer": ""}).status_code == 422
    assert first.post(form, {"outcome": "accepted", "answer": "Yes.", "published": "We used it."}).status_code == 302
    assert first.post(form, {"_agree": "1"}).status_code == 422
    assert "Proposed by first" in second.get(form).content.decode()
    assert second.post(form, {"_agree": "1"}).status_code == 302
    assert PublicNote.objects.get().text == "We used it."
    assert first.post(form, {"outcome": "declined", "answer": "No."}).status_code == 422


def test_a_sender_is_erased_and_what_is_old_is_forgotten(client, about, researcher, publisher, capsys):
    send(client, about, **USED)
    moderated(PublicMessage.objects.get(), researcher, publisher, published="We used it.")
    send(client, about, **{**USED, "email": "other@example.org"})
    assert forget_old_messages(now=timezone.now() + dt.timedelta(days=364)) == 0
    forget_old_messages(now=timezone.now() + dt.timedelta(days=366))
    kept = PublicNote.objects.get().sent
    assert (kept.email, kept.name, kept.text) == ("", "", "[forgotten]")
    call_command("erase_sender", "OTHER@example.org")
    assert "1 publicmessage" in capsys.readouterr().out
    PublicMessage.objects.update(email="sender@example.org")
    erase_sender(email="sender@example.org")
    assert not PublicMessage.objects.exists()
    assert not PublicNote.objects.exists()
    assert not Message.objects.exists()
    assert "We used it." not in client.get(f"/{about}/").content.decode()


def test_the_role_of_the_forms_may_add_and_read_nothing_back(client, about, capsys):
    prefix = f"trying_intake_{os.environ.get('PYTEST_XDIST_WORKER', 'one')}"
    call_command("database_roles", prefix=prefix)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"set local role {prefix}_intake")
        assert send(client, about, **USED).status_code == 302
        fields = opened(client, f"/follow/?of=/{about}/")
        followed = client.post("/follow/", {**fields, "email": "a@example.org", "how_often": "daily"})
        assert followed.status_code == 302
        cursor.execute("reset role")
    assert (PublicMessage.objects.count(), FollowRequest.objects.count()) == (1, 1)
    tables = ("intake_publicmessage", "intake_followrequest", "intake_following", "outbox_message", "accounts_user")
    for statement in (
        *(f"select 1 from {table}" for table in tables),
        "update intake_publicmessage set text = text",
        "delete from intake_followrequest",
        "insert into intake_publicnote default values",
        "insert into intake_messagedecision default values",
    ):
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"set local role {prefix}_intake")
            point = transaction.savepoint()
            with pytest.raises(ProgrammingError, match="permission denied"):
                cursor.execute(statement)
            transaction.savepoint_rollback(point)
            cursor.execute("reset role")


def test_what_is_sent_in_is_in_no_recorded_table(client, about):
    send(client, about, **{**USED, "text": "a word that is nowhere else: zyxwvu"})
    with connection.cursor() as cursor:
        cursor.execute("select count(*) from history_change where history_change::text like '%zyxwvu%'")
        assert cursor.fetchone() == (0,)
    assert not re.search("zyxwvu", str(Message.objects.values_list("context", flat=True)))


def test_notes_are_data_too_and_change_without_a_revision(client, about, researcher, publisher):
    before = client.get("/api/v1/notes/")
    assert before.json() == {"results": [], "next": None}
    send(client, about, **USED)
    assert client.get("/api/v1/notes/", headers={"if-none-match": before["ETag"]}).status_code == 304
    moderated(PublicMessage.objects.get(), researcher, publisher, published="We used it.")
    after = client.get("/api/v1/notes/", headers={"if-none-match": before["ETag"]})
    [note] = after.json()["results"]
    assert (note["sort"], note["text"], note["about"]["page"]) == ("used", "We used it.", f"http://testserver/{about}/")
    assert "sender@example.org" not in after.content.decode()
    assert client.get(note["about"]["url"]).json()["slug"] == note["about"]["slug"]
    slug = f"{note['about']['kind']}:{note['about']['slug']}"
    for query, many in {f"about={slug}": 1, "about=R1": 0, "sort=reply": 0, "as_of=2020-01-01": 0, "page=2": 0}.items():
        assert len(client.get(f"/api/v1/notes/?{query}").json()["results"]) == many, query
    for query, words in {
        "about=R999": "no record",
        "about=%00": "no record",
        "sort=praise": "used",
        "q=x": "q",
    }.items():
        refused = client.get(f"/api/v1/notes/?{query}")
        assert refused.status_code == 400
        assert words in refused.json()["detail"]
    assert count_queries(client.get, "/api/v1/notes/") <= 3
    record = Recommendation.objects.get(record_id=note["about"]["record"])
    withdraw_record(record=record, by=publisher, note="It was wrong.")
    assert client.get("/api/v1/notes/").json()["results"] == []
