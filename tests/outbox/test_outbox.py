"""Mail: written with what causes it, handed over at most once, told from what nobody knows; with a real mail server."""

import datetime as dt
import hashlib
import io
import json
import re
from email import message_from_bytes

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction
from django.forms.models import model_to_dict
from django.test import override_settings
from django.urls import reverse
from django.utils import timezone

from failure_lessons.outbox.apps import check_mail_server
from failure_lessons.outbox.delivery import GIVE_UP, KEEP, delete_old_messages, deliver_waiting, hold_outbox
from failure_lessons.outbox.models import Message
from failure_lessons.outbox.services import CannotSendAgain, NotOurBounce, queue_message, record_bounce, send_again
from tests.mail_server import SMTP

pytestmark = pytest.mark.django_db


def write(**options):
    return queue_message(
        **{"purpose": "test", "recipient": "a@example.org", "subject": "Two\nlines", "lines": ["Words."]} | options
    )


def state_of(message):
    message.refresh_from_db()
    return message.state


def test_a_mail_server_gets_what_waits_once(mail_server):
    message = write(lines=["Größe, “quoted”.", ".", "End."])
    assert deliver_waiting() == 1
    assert deliver_waiting() == 0
    [(recipients, mail)] = mail_server.taken
    assert recipients == ["a@example.org"]
    assert mail["Subject"] == "Two lines"
    assert mail["Message-ID"] == f"<{message.uid}@failure-lessons.localhost>"
    assert mail.get_payload(decode=True).decode().split() == ["Größe,", "“quoted”.", ".", "End."]
    assert state_of(message) == "sent"


def test_what_is_undone_is_not_told(mail_server):
    with transaction.atomic():
        write()
        transaction.set_rollback(True)
    assert deliver_waiting() == 0
    assert mail_server.taken == []


def test_a_refused_address_is_not_tried_again_and_a_busy_server_is(mail_server):
    message, now = write(), timezone.now()
    mail_server.answer = "451 Later"
    deliver_waiting(now)
    assert (state_of(message), message.attempts, message.error) == ("waiting", 1, "451 Later")
    assert deliver_waiting(now) == 0
    mail_server.answer = "550 Nobody of that name"
    deliver_waiting(message.due_at)
    assert (state_of(message), message.error) == ("refused", "550 Nobody of that name")
    assert deliver_waiting(now + GIVE_UP) == 0


def test_a_mail_whose_outcome_is_not_known_is_listed_and_sent_again_only_by_a_person(mail_server):
    message = write()
    mail_server.drops = True
    deliver_waiting()
    assert state_of(message) == "unknown"
    mail_server.drops = False
    assert deliver_waiting(timezone.now() + GIVE_UP) == 0
    assert len(mail_server.taken) == 1
    told = io.StringIO()
    call_command("deliver_mail", list=True, stdout=told)
    assert "Not known: test to a@example.org. The mail server went away in the middle" in told.getvalue()
    send_again(message=message)
    deliver_waiting()
    assert (state_of(message), len(mail_server.taken)) == ("sent", 2)
    with pytest.raises(CannotSendAgain):
        send_again(message=message)


def test_a_worker_that_was_killed_leaves_what_nobody_knows(mail_server):
    message = write()
    Message.objects.update(state="sending")  # as it stands while the server hears of it
    deliver_waiting()
    assert (state_of(message), message.error) == ("unknown", "The worker ended while it was being sent.")
    assert mail_server.taken == []


def test_the_mark_is_certain_before_the_server_hears_of_it(mail_server, monkeypatch):
    message, seen = write(), []
    monkeypatch.setattr(
        "failure_lessons.outbox.delivery.hand_over", lambda mail: seen.append(state_of(message)) or ("sent", "")
    )
    deliver_waiting()
    assert seen == ["sending"]


@pytest.mark.slow
def test_a_server_that_is_away_is_asked_for_three_days(settings):
    settings.EMAIL_BACKEND, settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = SMTP, "127.0.0.1", 9, 1
    message = write()
    began = now = message.due_at
    while state_of(message) == "waiting":
        now = message.due_at
        assert deliver_waiting(now) == 1
    assert message.state == "refused"
    assert GIVE_UP <= now - began < GIVE_UP + dt.timedelta(days=1)
    assert message.attempts < 30


def test_one_worker_at_a_time(mail_server):
    write()
    with hold_outbox() as alone:
        assert alone
        assert deliver_waiting() == 0
    assert deliver_waiting() == 1


def test_a_secret_is_made_at_sending_and_only_its_hash_is_kept(mail_server):
    message = write(lines=["Follow {link} soon."], link="/reset/{secret}/")
    assert message.secret_sha256 == ""
    deliver_waiting()
    body = mail_server.taken[0][1].get_payload(decode=True).decode()
    secret = re.search(r"Follow http://127\.0\.0\.1:\d+/reset/([\w-]{43})/ soon\.", body)[1]
    message.refresh_from_db()
    assert message.secret_sha256 == hashlib.sha256(secret.encode()).hexdigest()
    assert secret not in json.dumps(model_to_dict(message), default=str)


def test_what_comes_back_is_recorded():
    message = write()
    Message.objects.update(state="sent", settled_at=timezone.now())
    raw = (
        "Content-Type: multipart/report; boundary=x\n\n--x\nContent-Type: message/delivery-status\n\n"
        "Reporting-MTA: dns; mx.example.org\n\nFinal-Recipient: rfc822; a@example.org\nStatus: 5.1.1\n"
        "Diagnostic-Code: smtp; 550 5.1.1 No such\n user\n\n--x\nContent-Type: message/rfc822\n\n"
        f"Message-ID: <{message.uid}@failure-lessons.localhost>\nSubject: Words\n\nWords.\n--x--\n"
    )
    record_bounce(raw=raw.encode())
    assert (state_of(message), message.error) == ("bounced", "smtp; 550 5.1.1 No such user")
    with pytest.raises(NotOurBounce):
        record_bounce(raw=b"Message-ID: <1@example.org>\n\nWords.")


def test_on_a_laptop_mail_becomes_files(settings, tmp_path):
    settings.EMAIL_BACKEND, settings.MAIL_FOLDER = "failure_lessons.outbox.eml.EmlFiles", tmp_path / "mail"
    write(recipient="o'neil/../x@example.org")
    deliver_waiting()
    [path] = (tmp_path / "mail").iterdir()
    assert path.suffix == ".eml"
    assert message_from_bytes(path.read_bytes())["Subject"] == "Two lines"
    assert path.stat().st_mode & 0o077 == 0


def test_a_place_without_a_mail_server_is_refused():
    with override_settings(EMAIL_HOST="", LAPTOP=False):
        assert [each.id for each in check_mail_server()] == ["outbox.E001"]
        with pytest.raises(CommandError, match="set EMAIL_HOST"):
            call_command("deliver_mail", once=True)
    with override_settings(EMAIL_HOST="mail.example.org"):
        assert check_mail_server() == []


def test_administrators_see_the_outbox_and_write_nothing(admin_client, mail_server):
    message = write()
    mail_server.answer = "550 No"
    deliver_waiting()
    address = reverse("admin:outbox_message_changelist")
    assert "550 No" in admin_client.get(address).content.decode()
    assert admin_client.get(reverse("admin:outbox_message_add")).status_code == 403
    admin_client.post(address, {"action": "send_chosen_again", "_selected_action": [message.pk]})
    assert state_of(message) == "waiting"


def test_what_was_sent_long_ago_is_forgotten(mail_server):
    write()
    deliver_waiting()
    assert delete_old_messages() == 0
    assert delete_old_messages(timezone.now() + KEEP) == 1


@pytest.mark.parametrize(
    "subject", ["Hello\nBcc: other@example.org", "Hello\r\nBcc: other@example.org", "Hello\rBcc: o@x.org"]
)
def test_a_line_break_in_a_subject_makes_no_header_and_stops_nobody_elses_mail(mail_server, subject):
    queue_message(purpose="test", recipient="a@example.org", subject=subject, lines=["x"])
    queue_message(purpose="test", recipient="b@example.org", subject="Plain", lines=["x"])
    deliver_waiting()
    assert [mail["Subject"] for _, mail in mail_server.taken] == [" ".join(subject.split()), "Plain"]
    assert not [mail for _, mail in mail_server.taken if "Bcc" in mail]
