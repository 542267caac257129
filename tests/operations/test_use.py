"""How the site is used, counted from logs: each request once, robots and nonsense never, and nobody's name."""

import datetime as dt
import gzip
import shutil

import orjson
import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.utils import timezone

from failure_lessons.operations.log_lines import is_robot, read_log_line
from failure_lessons.operations.models import LogRead, UseCount, VainSearch
from failure_lessons.operations.use_counting import LONGEST_LINE, forget_rare_words
from failure_lessons.publishing.models import Edition

pytestmark = pytest.mark.django_db

BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
CASE = "/case-studies/hmp-birmingham/"


def line(target, status=200, *, agent=BROWSER, method="GET", at=None, address="192.0.2.7"):
    at = (at or timezone.now()).strftime("%d/%b/%Y:%H:%M:%S +0000")
    return f'{address} - - [{at}] "{method} {target} HTTP/1.1" {status} 512 "-" "{agent}"\n'.encode()


def our_line(path, **changes):
    said = {"level": "INFO", "logger": "failure_lessons.requests", "message": "request", "method": "GET", "path": path}
    said |= {"status": 200, "ms": 3.1, "robot": False, "time": timezone.now().isoformat()}
    return orjson.dumps({**said, **changes}) + b"\n"


def count(*paths):
    call_command("count_use", *map(str, paths), verbosity=0)


def sums():
    return {(each.deed, each.kind, each.slug): each.number for each in UseCount.objects.all()}


def test_what_readers_do_is_counted_by_day_deed_and_record(tmp_path):
    log = tmp_path / "access.log"
    log.write_bytes(
        b"".join(
            [
                line(CASE),
                line(f"{CASE}v1/", 304),
                line(f"{CASE}charts/timeline.png"),
                line(f"{CASE}events.csv"),
                line(f"{CASE}cite.ris"),
                line("/embed/case-studies/hmp-birmingham/timeline/"),
                line("/brief/brief.pdf?r=R4.1"),
                line("/search/?q=staff"),
                line("/search/?q=Zzyzx%20Quux"),
                line("/search/?q=zzyzx++quux&kind=lesson"),
                line("https://lessons.example.org/recommendations/?q=x"),
            ]
        )
    )
    count(log)
    birmingham = ("case-study", "hmp-birmingham")
    assert sums() == {
        ("opened", *birmingham): 2,
        ("taken", *birmingham): 3,
        ("embedded", *birmingham): 1,
        ("taken", "", ""): 1,
        ("searched", "", ""): 3,
        ("in-vain", "", ""): 2,
    }
    assert list(VainSearch.objects.values_list("words", "number")) == [("zzyzx quux", 2)]
    assert "192.0.2.7" not in str(list(LogRead.objects.values()))


# numbered, for some hold the time of the run: workers would not agree on the names of their tests
WRONG_LINES = [
    line(CASE, agent="Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"),
    line(CASE, agent="curl/8.5.0"),
    line(CASE, agent="-"),
    line(CASE, agent=""),
    line(CASE, 404),
    line(CASE, 206),
    line(CASE, method="HEAD"),
    line(CASE, method="POST"),
    line("/case-studies/no-such-case/" * 300),
    line("/%00%ff%fe/"),
    line("//[::1/"),
    line("http://[/"),
    line(CASE, at=timezone.now() + dt.timedelta(days=9)),
    line(CASE, at=timezone.now() - dt.timedelta(days=900)),
    line(CASE).replace(b"[", b"[99/Foo/2026:99:99:99 +0000] [", 1),
    line(CASE)[:60] + b"\n",
    b"\x16\x03\x01\x02\x00\x01\xfc\x03" + bytes(range(256)) + b"\n",
    b"GET " * 200 + b"\n",
    b'- - - [] "" 200 -\n',
    b'"' * 5000 + b"\n",
    b"\\" * 5000 + b"\n",
    b"x" * (3 * LONGEST_LINE) + line(CASE),
    b"{" * 3000 + b"\n",
    b'{"logger": "failure_lessons.requests"}\n',
    our_line(CASE, time="yesterday"),
    our_line(CASE, time="2026-11-28T10:00:00"),
    our_line(CASE, status="many"),
    our_line(CASE, robot=True),
    our_line(CASE, logger="django.request"),
    our_line(7),
    b"[1, 2]\n",
    b"{}\n",
    b"\n",
]


@pytest.mark.slow
@pytest.mark.parametrize("number", range(len(WRONG_LINES)))
def test_what_no_reader_asked_for_is_not_counted_and_stops_nothing(tmp_path, number):
    log = tmp_path / "access.log"
    log.write_bytes(line("/about/") + WRONG_LINES[number] + line(CASE) + our_line(CASE))
    count(log)
    assert sums() == {("opened", "case-study", "hmp-birmingham"): 2}


def test_a_record_that_was_never_published_is_counted_under_no_name(tmp_path):
    log = tmp_path / "access.log"
    log.write_bytes(line("/case-studies/john-smith-of-12-high-street/"))  # a stale answer, or a forged line
    count(log)
    assert sums() == {("opened", "", ""): 1} or sums() == {("opened", "case-study", ""): 1}


def test_each_line_counts_once_however_often_it_is_read_and_whatever_its_log_is_called(tmp_path):
    log, older = tmp_path / "access.log", tmp_path / "access.log.1"
    log.write_bytes(line(CASE, address="192.0.2.1"))
    for _ in range(3):
        count(log)
    with log.open("ab") as file:
        file.write(line(CASE) + line(CASE)[:50])  # the last is being written
    count(log)
    with log.open("ab") as file:
        file.write(line(CASE)[50:])
    log.rename(older)
    log.write_bytes(line(CASE, at=timezone.now() + dt.timedelta(seconds=5)))
    count(older, log)
    with older.open("rb") as plain, gzip.open(tmp_path / "access.log.2.gz", "wb") as packed:
        shutil.copyfileobj(plain, packed)
    count(tmp_path / "access.log.2.gz", older, log)
    assert sums() == {("opened", "case-study", "hmp-birmingham"): 4}
    assert LogRead.objects.count() == 2


def test_a_log_cut_short_in_place_is_read_from_its_new_beginning(tmp_path):
    log = tmp_path / "access.log"
    log.write_bytes(line(CASE) * 3)
    count(log)
    shutil.copy(log, tmp_path / "access.log.1")  # copytruncate
    log.write_bytes(line(CASE, at=timezone.now() + dt.timedelta(seconds=5)))
    count(tmp_path / "access.log.1", log)
    assert sums() == {("opened", "case-study", "hmp-birmingham"): 4}


@pytest.mark.slow
def test_a_damaged_archive_gives_what_is_whole_and_a_missing_log_is_told(tmp_path):
    packed = tmp_path / "access.log.2.gz"
    lines = b"".join(line(f"{CASE}?n={number}", address=f"192.0.2.{number % 200}") for number in range(4000))
    packed.write_bytes(gzip.compress(lines)[:-2000])
    with pytest.raises(CommandError, match="1 of 2 logs could not be read"):
        count(packed, tmp_path / "gone.log")
    assert 0 < sums()["opened", "case-study", "hmp-birmingham"] < 4000
    count(packed)
    assert len(sums()) == 1


def test_without_a_log_the_command_says_what_to_do(settings, tmp_path):
    with pytest.raises(CommandError, match="set ACCESS_LOG"):
        count()
    settings.ACCESS_LOG = str(tmp_path / "access.log")
    with pytest.raises(CommandError, match="no log at"):
        count()
    (tmp_path / "access.log").write_bytes(line(CASE))
    (tmp_path / "access.log.1").write_bytes(line(CASE, at=timezone.now() - dt.timedelta(seconds=90)))
    count()
    assert sum(sums().values()) == 2


@pytest.mark.parametrize(
    "words", ["jane.smith%40example.org", "020%207946%200958", "http%3A%2F%2Fx.example", "q" * 200]
)
def test_words_that_may_say_who_somebody_is_are_not_kept(tmp_path, words):
    log = tmp_path / "access.log"
    log.write_bytes(line(f"/search/?q={words}"))
    count(log)
    assert sums()["searched", "", ""] == sums()["in-vain", "", ""] == 1
    assert not VainSearch.objects.exists()


def test_words_that_few_asked_for_are_forgotten_after_a_month():
    today = timezone.localdate()
    for words, days, number in (("rare", 31, 2), ("often", 31, 2), ("often", 2, 1), ("new", 3, 1), ("old", 401, 50)):
        VainSearch.objects.create(words=words, day=today - dt.timedelta(days=days), number=number)
    assert forget_rare_words() == 2
    assert sorted(VainSearch.objects.values_list("words", flat=True)) == ["new", "often", "often"]


def test_our_own_lines_and_the_servers_are_read_alike(tmp_path):
    assert read_log_line(our_line(CASE)).path == read_log_line(line(CASE)).path == CASE
    assert read_log_line(line("/search/?q=a%20b&q=c")).words == "a b"
    gunicorn = line(CASE).replace(b"192.0.2.7", b"-").replace(b'"-"', b'"-"')
    assert read_log_line(gunicorn).robot is False
    assert read_log_line(line(CASE).split(b' "-" ')[0] + b"\n").robot is False  # the common format names no browser
    assert [is_robot(each) for each in (b"Zotero/7", b"python-requests/2", BROWSER.encode())] == [True, True, False]


def test_the_public_reads_sums_by_month_and_no_words(client, tmp_path, django_assert_num_queries):
    log = tmp_path / "access.log"
    log.write_bytes(line(CASE) * 5 + line("/search/?q=zzyzx"))
    count(log)
    with django_assert_num_queries(2):
        page = client.get("/about/use/").content.decode()
    assert '<td class="figure">5</td>' in page
    assert "zzyzx" not in page
    assert "hmp-birmingham" not in page


def test_stewards_read_the_words_and_change_nothing(client, person):
    VainSearch.objects.create(words="zzyzx", day=timezone.localdate(), number=4)
    steward = person("steward", "steward")
    client.force_login(steward)
    assert "zzyzx" in client.get("/admin/operations/vainsearch/").content.decode()
    assert client.get("/admin/operations/usecount/").status_code == 200
    assert client.get("/admin/operations/vainsearch/add/").status_code == 403


@pytest.mark.slow
def test_counting_asks_no_more_for_more_lines(tmp_path, django_assert_max_num_queries):
    slugs = Edition.objects.current().of_kind("finding").values_list("slug", flat=True)[:1]
    log = tmp_path / "access.log"
    log.write_bytes(line(f"/findings/{slugs[0]}/") * 3000)
    with django_assert_max_num_queries(12):
        count(log)
    assert sum(sums().values()) == 3000
