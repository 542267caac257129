"""Following by mail: nothing before a button was pressed, each change once, one press to leave, no secret kept."""

import datetime as dt
import json
import re
from urllib.parse import quote

import pytest
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from failure_lessons.intake import following
from failure_lessons.intake.following import do_requests, forget_unconfirmed, is_due, tell_followers
from failure_lessons.intake.models import Following, FollowRequest
from failure_lessons.intake.targets import LONGEST_FOLLOWED, CannotFollowThis, find_target
from failure_lessons.outbox.delivery import deliver_waiting
from failure_lessons.outbox.models import Message
from failure_lessons.publishing.models import Edition
from failure_lessons.publishing.services import withdraw_record
from recommendations.models import Recommendation
from tests.helpers import submit_and_publish
from tests.intake.test_messages import opened

pytestmark = pytest.mark.django_db
WHO = "reader@example.org"


@pytest.fixture
def record(shipped):
    return Recommendation.objects.get(code="R7")


def ask(client, of, email=WHO, how_often="at-once"):
    """Fill in the form for following something."""
    fields = opened(client, f"/follow/?of={quote(of, safe='')}")
    return client.post("/follow/", {**fields, "email": email, "how_often": how_often})


def links_of(mail):
    """The links of a mail that hold a secret, below the site's root."""
    body = mail.get_payload(decode=True).decode()
    return re.findall(r"http://127\.0\.0\.1:\d+(/follow/\S+)", body)


def send_all(mail_server):
    """Do what was asked, send what waits; the mails that were taken since."""
    before = len(mail_server.taken)
    call_command("tend_intake", once=True)
    deliver_waiting()
    return mail_server.taken[before:]


def follow(client, mail_server, of, **options):
    """Ask, open the mail, press the button."""
    assert ask(client, of, **options).status_code == 302
    [(_, mail)] = send_all(mail_server)
    [link] = links_of(mail)
    assert client.post(link).status_code == 200
    do_requests()
    return Following.objects.get(email=options.get("email", WHO), address=find_target(of).address)


def change(record, note="A word was mended."):
    """A new edition of a record."""
    record.refresh_from_db()
    record.statement = f"{record.statement} Once more."
    record.save()
    return submit_and_publish(record, note=note)


@pytest.mark.slow
def test_a_follower_is_told_of_a_change_once_and_of_nothing_before_the_button(client, mail_server, record):
    address = f"/recommendations/{record.slug}/"
    assert ask(client, address).status_code == 302
    [(to, mail)] = send_all(mail_server)
    assert to == [WHO]
    assert mail["List-Unsubscribe"] is None
    [link] = links_of(mail)
    for _ in range(3):  # what opens links before people do
        assert "Do you want to follow this?" in Client().get(link).content.decode()
        Client().head(link)
    assert not FollowRequest.objects.exists()
    change(record)
    assert send_all(mail_server) == []
    assert Client(headers={"Sec-Fetch-Site": "cross-site"}).post(link).status_code == 200
    assert send_all(mail_server) == []
    assert Following.objects.get().confirmed_at is None
    assert "You will be told" in client.post(link).content.decode()
    assert send_all(mail_server) == []
    change(record, note="Bcc: x@example.org\nsecond line")
    [(to, mail)] = send_all(mail_server)
    body = mail.get_payload(decode=True).decode()
    assert "New edition: R7" in body
    assert f"{address}v3/" in body
    assert "Bcc: x@example.org second line" in body
    assert (mail["Bcc"], to) == (None, [WHO])
    assert send_all(mail_server) == []


def test_one_press_leaves_and_erases(client, mail_server, record):
    follow(client, mail_server, f"/recommendations/{record.slug}/")
    change(record)
    [(_, mail)] = send_all(mail_server)
    [link] = links_of(mail)
    assert mail["List-Unsubscribe"].endswith(f"{link}>")
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert client.get(link).status_code == 200
    do_requests()
    assert Following.objects.exists()
    assert Client().post(link, {"List-Unsubscribe": "One-Click"}).status_code == 200  # as a mail program does
    do_requests()
    assert not Following.objects.exists()
    assert not Message.objects.filter(recipient=WHO).exists()
    assert Client().post(link, {"List-Unsubscribe": "One-Click"}).status_code == 200
    do_requests()


def test_no_secret_of_a_link_is_kept(client, mail_server, record):
    follow(client, mail_server, f"/recommendations/{record.slug}/")
    change(record)
    send_all(mail_server)
    secrets = [link.rstrip("/").rpartition("/")[2] for _, mail in mail_server.taken for link in links_of(mail)]
    assert len(set(secrets)) == 2
    kept = json.dumps([[*model.objects.values()] for model in (Message, Following, FollowRequest)], default=str)
    assert not [secret for secret in secrets if secret in kept]


@pytest.mark.parametrize("act", ["confirm", "leave"])
def test_a_link_that_was_changed_opens_nothing(client, mail_server, record, act):
    ask(client, f"/recommendations/{record.slug}/")
    [(_, mail)] = send_all(mail_server)
    [link] = links_of(mail)
    secret = link.rstrip("/").rpartition("/")[2]
    for wrong in (secret[:-1] + ("A" if secret[-1] != "A" else "B"), "nothing", "." * 50, secret.replace(":", "", 1)):
        assert client.post(f"/follow/{act}/{wrong}/").status_code == 404
    other = "leave" if act == "confirm" else "confirm"
    if act == "leave":
        assert client.post(f"/follow/{act}/{secret}/").status_code == 404, f"a link to {other} does not {act}"
    assert not FollowRequest.objects.exists()


@pytest.mark.slow
def test_lists_bodies_and_searches_are_followed_and_only_what_answers_is_told(client, mail_server, record):
    words = Edition.objects.current().get(kind="recommendation", code="R7").title
    phase = record.phase
    other = next(each for each in ("prevention", "resolution", "management") if each != phase)
    follow(client, mail_server, f"/recommendations/?phase={phase}&order=newest", email="list@example.org")
    follow(client, mail_server, f"/recommendations/?phase={other}", email="other@example.org")
    follow(client, mail_server, f"/search/?q={quote(words)}", email="search@example.org")
    follow(client, mail_server, "/follow-up/bodies/ministry-of-justice/", email="body@example.org")
    change(record)
    told = {to[0]: mail["Subject"] for to, mail in send_all(mail_server)}
    assert set(told) == {"list@example.org", "search@example.org"}
    assert told["list@example.org"] == f"Changed: Recommendations, phase: {phase}"


def test_a_withdrawal_is_told_with_its_reason_and_without_its_words(client, mail_server, record, researcher, publisher):
    follow(client, mail_server, f"/recommendations/{record.slug}/")
    title = record.title
    withdraw_record(record=record, by=publisher, note="It was wrong.")
    [(_, mail)] = send_all(mail_server)
    body = mail.get_payload(decode=True).decode()
    assert "Withdrawn: Recommendation R7" in body
    assert "It was wrong." in body
    assert title not in body.partition("/recommendations/")[2]
    assert client.get(f"/follow/?of=/recommendations/{record.slug}/").status_code == 400


def test_what_is_not_published_cannot_be_followed(client, record):
    draft = Recommendation.objects.get(pk=record.pk)
    draft.pk, draft.record_id, draft.slug, draft.code = None, None, "a-secret-draft", "R99"
    for of, status in (
        ("/recommendations/a-secret-draft/", 400),
        ("/recommendations/nothing-at-all/", 400),
        ("/admin/", 400),
        ("https://evil.example/recommendations/", 400),
        ("/recommendations/?phse=prevention", 200),  # what means nothing is left out
        ("/recommendations/?phase=preventoin", 400),
        ("/recommendations/?q=" + "x" * LONGEST_FOLLOWED, 400),
        ("/search/", 400),
        ("/search/?q=%00", 400),
        ("/recommendations/%00/", 400),
        ("", 404),
    ):
        answer = client.get("/follow/", {"of": of} if of else {})
        assert answer.status_code == status, of
    said = client.get("/follow/", {"of": "/recommendations/a-secret-draft/"}).content
    assert said.replace(b"a-secret-draft", b"") == client.get(
        "/follow/", {"of": "/recommendations/nothing-at-all/"}
    ).content.replace(b"nothing-at-all", b"")
    with pytest.raises(CannotFollowThis):
        find_target("//recommendations/")


def test_an_address_is_asked_three_times_a_day_whoever_asks_and_learns_nothing(client, mail_server, record):
    answers = set()
    kinds = ("recommendations", "lessons", "findings", "references", "themes", "case-studies")
    for number, kind in enumerate(kinds):
        answer = ask(Client(REMOTE_ADDR=f"192.0.2.{number}"), f"/{kind}/", email="Victim@example.org")
        answers.add((answer.status_code, answer["Location"]))
    assert answers == {(302, "/follow/asked/")}
    mails = send_all(mail_server)
    assert len(mails) == 3
    ask(client, "/search/?q=" + quote("buy pills at http://evil.example"), email="second@example.org")
    [(_, mail)] = send_all(mail_server)
    assert "pills" not in mail.get_payload(decode=True).decode() + mail["Subject"]
    assert forget_unconfirmed(timezone.now() + following.UNCONFIRMED + dt.timedelta(minutes=1)) == 7


@pytest.mark.parametrize(
    "email", ["a@example.org\r\nBcc: b@example.org", "a@example.org,b@example.org", "a", "", "x" * 300]
)
def test_an_address_that_is_none_is_refused(client, email):
    assert ask(client, "/lessons/", email=email).status_code == 400
    assert not FollowRequest.objects.exists()


@pytest.mark.parametrize(
    ("how_often", "told", "now", "due"),
    [
        ("at-once", "2026-11-28T09:00", "2026-11-28T09:01", True),
        ("daily", "2026-11-28T09:00", "2026-11-28T23:59", False),
        ("daily", "2026-11-28T09:00", "2026-11-29T06:59", False),
        ("daily", "2026-11-28T09:00", "2026-11-29T07:00", True),
        ("weekly", "2026-11-28T09:00", "2026-12-04T12:00", False),
        ("weekly", "2026-11-28T09:00", "2026-12-05T07:00", True),
        ("daily", "2026-07-01T22:30", "2026-07-02T06:00", True),  # in summer London is an hour ahead
    ],
)
def test_mail_goes_out_in_the_morning_of_london(how_often, told, now, due):
    moments = [dt.datetime.fromisoformat(f"{each}+00:00") for each in (told, now)]
    row = Following(how_often=how_often, told_at=moments[0])
    assert is_due(row, moments[1]) == due


@pytest.mark.slow
def test_telling_costs_the_same_for_each_follower_and_is_done_once(client, mail_server, record):
    for number in range(3):
        follow(client, mail_server, f"/recommendations/{record.slug}/", email=f"{number}@example.org")
    change(record)
    assert tell_followers() == 3
    assert tell_followers() == 0
    assert Message.objects.filter(purpose="following-told").count() == 3


def test_pages_say_how_they_are_followed(client, record):
    body = "/follow-up/bodies/ministry-of-justice/"
    for address, of in (
        (f"/recommendations/{record.slug}/", f"/recommendations/{record.slug}/"),
        ("/recommendations/?phase=prevention&order=newest", "/recommendations/?phase=prevention"),
        ("/search/?q=staff+%26+boards", "/search/?q=staff%20%26%20boards"),
        (body, body),
    ):
        assert f'href="/follow/?of={quote(of, safe="/")}"' in client.get(address).content.decode(), address
        assert client.get("/follow/", {"of": of}).status_code == 200
