"""What saving the answers about one statement costs, as a share of the same upsert by hand, served in the same way.

Two servers of one process each take turns; what is compared is the time of the processor, theirs and the database's.
Not the time on the wall: what else the machine does would be counted, and a commit's wait for the disk would flatter us.
"""

import http.client
import os
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

import pytest
from django.core import signing
from django.db import connection
from django.utils import timezone
from django.utils.crypto import salted_hmac

from recommendations.consultations.models import Answerer, Invitation, Rating
from recommendations.consultations.pseudonyms import pseudonym_of
from recommendations.consultations.saving import read_answers
from recommendations.consultations.seats import COOKIE, SEAT_SALT
from tests.recommendations.consultations.world import DAY, opened_round

pytestmark = [pytest.mark.trials, pytest.mark.usefixtures("committed")]
ROOT = Path(__file__).parents[3]
STATEMENTS = 18
LEAST = 0.5  # of what saving by hand serves
OURS, BY_HAND = "failure_lessons.wsgi", "tests.recommendations.consultations.by_hand"


def list_children(process):
    return [int(each) for each in Path(f"/proc/{process}/task/{process}/children").read_text().split()]


def list_backends():
    """The processes of the database that serve somebody else here."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select pid from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()"
        )
        return {pid for (pid,) in cursor.fetchall()}


class Server:
    """gunicorn with one worker, and the process of the database that serves it."""

    def __init__(self, application, socket):
        found = connection.settings_dict
        address = f"postgresql://{found['USER']}@/{found['NAME']}?host={found['HOST']}&port={found['PORT']}"
        self.socket, before = str(socket), list_backends()
        command = [
            sys.executable,
            "-m",
            "gunicorn",
            "--workers=1",
            f"--bind=unix:{socket}",
            f"{application}:application",
        ]
        environ = {**os.environ, "DEBUG": "1", "DEBUG_PAGES": "0", "DATABASE_URL": address}
        self.process = subprocess.Popen(command, cwd=ROOT, env=environ, stderr=subprocess.DEVNULL)
        until = time.monotonic() + 60
        while not (socket.exists() and list_children(self.process.pid)) and time.monotonic() < until:
            time.sleep(0.05)
        self.before = before
        self.watched = []

    def post(self, address, cookie, values):
        """Send a form; the status of the answer."""
        asked = http.client.HTTPConnection("localhost", timeout=60)
        asked.sock = http.client.socket.socket(http.client.socket.AF_UNIX)
        asked.sock.connect(self.socket)
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Cookie": f"{COOKIE}={cookie}"}
        asked.request("POST", address, urlencode(values), headers)
        answer = asked.getresponse()
        answer.read()
        asked.close()
        return answer.status

    def watch(self):
        """Find the processes whose time counts: once a first form was answered."""
        self.watched = [*list_children(self.process.pid), *(list_backends() - self.before)]
        assert len(self.watched) == 2

    def spent(self):
        """The processor's time that both have used so far, in nanoseconds."""
        return sum(int(Path(f"/proc/{each}/schedstat").read_text().split()[0]) for each in self.watched)

    def stop(self):
        self.process.terminate()
        self.process.wait(30)


@pytest.fixture
def serve():
    """Starts servers, and stops them."""
    started = []
    with tempfile.TemporaryDirectory() as folder:  # a short path: that of a socket may have 107 letters

        def start(application):
            started.append(Server(application, Path(folder) / f"{len(started)}.sock"))
            return started[-1]

        yield start
        for each in started:
            each.stop()


@dataclass
class Seated:
    """Somebody who took a seat, with the cookie and the proof that their forms carry."""

    who: Answerer
    cookie: str

    @property
    def proof(self):
        return salted_hmac(SEAT_SALT, self.cookie, algorithm="sha256").hexdigest()[:32]


def seat_everybody(row):
    """Everybody has opened their link, agreed, and given a view of their own."""
    now, made = timezone.now(), []
    row.answerers.update(consented_on=now.date(), notice_version=1, gave_own_view=True)
    for person in row.participants.all():
        link = Invitation.objects.create(
            participant=person, message_uid=person.person, created_at=now, expires_at=now + DAY
        )
        who = Answerer.objects.get(round=row, pseudonym=pseudonym_of(person))
        made.append(Seated(who, signing.dumps([link.pk, ""], salt=SEAT_SALT)))
    return made


class Answering:
    """Somebody answers every statement of a round, by our pages or by hand."""

    def __init__(self, row):
        self.statements = list(row.statements.all())
        self.questions = list(row.questions.values_list("pk", "code"))
        assert len(self.questions) == 4

    def values(self, place, number):
        return [1 + (number + place + at) % 9 for at in range(4)]

    def save(self, server, seated, number):
        """Send a form for each statement; gives the processor's time that each took."""
        times = []
        for place, statement in enumerate(self.statements):
            values = self.values(place, number)
            form = {"proof": seated.proof, "seen": read_answers(seated.who, statement).digest, "comment": ""}
            form |= {"permission": "paraphrase"}
            form |= {f"question-{code}": value for (_, code), value in zip(self.questions, values, strict=True)}
            by_hand = {"answerer": seated.who.pk, "statement": statement.pk}
            by_hand |= {str(key): value for (key, _), value in zip(self.questions, values, strict=True)}
            began = server.spent()
            address = f"/take-part/statements/{statement.code}/"
            assert server.post(address, seated.cookie, by_hand if server.by_hand else form) == 302
            times.append(server.spent() - began)
        stored = Rating.objects.filter(answerer=seated.who).order_by("statement__position", "question__position")
        asked = [value for place in range(len(self.statements)) for value in self.values(place, number)]
        assert list(stored.values_list("value", flat=True)) == asked
        return times


def test_saving_answers_serves_half_of_what_the_bare_upsert_serves(serve):
    row = opened_round(each=10, statements=STATEMENTS)
    people, answering = seat_everybody(row), Answering(row)
    servers = []
    for application in (OURS, BY_HAND):
        server = serve(application)
        server.by_hand = application == BY_HAND
        answering.save(server, people.pop(), 0)
        server.watch()
        servers.append(server)
    for again in (0, 1, 2):  # the first time each answer is new
        times = [], []
        for place, seated in enumerate(people):
            times[place % 2].extend(answering.save(servers[place % 2], seated, place + again))
        ours, by_hand = (statistics.quantiles(each, n=10)[0] for each in times)  # what runs beside only ever adds
        told = f"saving serves {by_hand / ours:.2f} of the bare upsert ({'again' if again else 'anew'}, "
        told += f"{ours / 1e6:.2f} ms against {by_hand / 1e6:.2f} ms of the processor)"
        print(told)  # noqa: T201  # a trial tells its figure
        assert by_hand >= LEAST * ours, told
