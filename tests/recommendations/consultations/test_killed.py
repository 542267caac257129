"""Killed in the middle: nobody is mailed twice, nothing is half done. Each process here is a real one, and is really killed."""

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest
from django.db import connection

from failure_lessons.outbox.delivery import deliver_waiting
from failure_lessons.outbox.models import Message
from recommendations.consultations.erasure import erase_again
from recommendations.consultations.invitations import invite_participants, list_unsent
from recommendations.consultations.models import ConsultationRound, Participant, Submitted
from tests.recommendations.consultations.world import answer_all, opened_round

pytestmark = [pytest.mark.trials, pytest.mark.usefixtures("committed")]
ROOT = Path(__file__).parents[3]
START = """
import os, sys, time
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "failure_lessons.settings")
import django
django.setup()
from django.conf import settings
settings.MAIL_FOLDER = sys.argv[1]
settings.ERASURE_LOG = sys.argv[2]
"""
SEND = "from failure_lessons.outbox.delivery import deliver_waiting; deliver_waiting()"
CLOSE = """
from recommendations.consultations import services
from recommendations.consultations.models import ConsultationRound
real = services.compute_results
def slow(row):
    found = real(row)
    print("computing", flush=True)
    time.sleep(30)
    return found
services.compute_results = slow
row = ConsultationRound.objects.get(slug=sys.argv[3])
services.close_round(consultation=row, by=row.created_by)
"""
ERASE = """
from recommendations.consultations import erasure
real = erasure.erase_participant
def slow(person):
    real(person)
    print("erasing", flush=True)
    time.sleep(30)
erasure.erase_participant = slow
erasure.erase_person(email=sys.argv[3], by=None)
"""


def start(program, tmp_path, *given):
    """A process of its own on the database of this test."""
    found = connection.settings_dict
    address = f"postgresql://{found['USER']}@/{found['NAME']}?host={found['HOST']}&port={found['PORT']}"
    return subprocess.Popen(
        [sys.executable, "-c", START + program, str(tmp_path / "mail"), str(tmp_path / "erasures.jsonl"), *given],
        cwd=ROOT,
        env={**os.environ, "DEBUG": "1", "DATABASE_URL": address},
        stdout=subprocess.PIPE,
        text=True,
    )


def kill(process):
    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stdout.close()


def test_nobody_is_mailed_twice_when_sending_five_hundred_links_is_killed_again_and_again(tmp_path, settings):
    settings.EMAIL_BACKEND = "failure_lessons.outbox.eml.EmlFiles"
    settings.MAIL_FOLDER = tmp_path / "mail"
    row = opened_round(each=6)
    invite_more = [
        Participant(round=row, group=row.groups.first(), email=f"more-{number}@people.example") for number in range(476)
    ]
    Participant.objects.bulk_create(invite_more)
    assert invite_participants(consultation=row, by=row.created_by) == 500
    for least in (60, 180, 300):
        process, until = start(SEND, tmp_path), time.monotonic() + 60
        while len(list((tmp_path / "mail").glob("*.eml"))) < least and time.monotonic() < until:
            time.sleep(0.01)
        kill(process)
    deliver_waiting()
    times = Counter(path.name.split("-0-")[1] for path in mails(tmp_path))
    assert set(times.values()) == {1}, times.most_common(3)
    unknown = list(list_unsent(row))
    assert len(unknown) <= 3, "one for each time that it was killed"
    assert all(each.state == Message.State.UNKNOWN for each in unknown)
    reached = {path.name.split("-0-")[1].removesuffix(".eml") for path in mails(tmp_path)}
    assert reached | {each.recipient for each in unknown} == set(row.participants.values_list("email", flat=True))


def mails(tmp_path):
    """The mails that left."""
    return list((tmp_path / "mail").glob("*.eml"))


def test_a_round_whose_closing_is_killed_is_open_and_can_be_closed(tmp_path):
    row = opened_round()
    answer_all(row)
    Submitted.objects.create(
        answerer=row.answerers.first(),
        statement=row.statements.first(),
        form="comment",
        text="Words.",
        permission="words",
    )
    process = start(CLOSE, tmp_path, row.slug)
    assert process.stdout.readline() == "computing\n"
    kill(process)
    stored = ConsultationRound.objects.get(pk=row.pk)
    assert (stored.stage, stored.results, stored.closed_at) == ("open", None, None)
    assert Submitted.objects.get(answerer__round=row).number is None
    again = start(CLOSE.replace("time.sleep(30)", ""), tmp_path, row.slug)
    assert again.wait(60) == 0
    again.stdout.close()
    stored.refresh_from_db()
    assert stored.stage == "closed"
    assert stored.results


def test_an_erasure_that_is_killed_left_nothing_half_done_and_is_carried_out(tmp_path, settings):
    settings.ERASURE_LOG = tmp_path / "erasures.jsonl"
    row = opened_round()
    answer_all(row)
    process = start(ERASE, tmp_path, "health-1@people.example")
    assert process.stdout.readline() == "erasing\n"
    kill(process)
    assert row.participants.count() == row.answerers.count() == 24
    assert erase_again() >= 1  # the tests before left rounds with the same invented address
    assert row.participants.count() == row.answerers.count() == 23
