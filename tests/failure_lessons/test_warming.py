"""A process that starts learns the frequent words: they match what PostgreSQL says, whatever is published meanwhile."""

import logging

import pytest
from django.contrib.postgres.search import SearchQuery
from django.db import OperationalError, connection
from django.test.utils import CaptureQueriesContext

from failure_lessons.library import term_bitmaps, text_questions, warming
from failure_lessons.library.filters import search_query
from failure_lessons.library.term_bitmaps import TermBitmaps, TermKeeper
from failure_lessons.library.warming import learn_frequent_words, list_frequent_stems, warm_library
from failure_lessons.publishing.models import Edition
from failure_lessons.publishing.redaction import confirm_redaction, propose_redaction
from failure_lessons.publishing.services import withdraw_record
from recommendations.models import Lesson
from tests import factories
from tests.helpers import submit_and_publish

pytestmark = pytest.mark.django_db
COMMON = "governance"  # a word that the shipped evidence says often


@pytest.fixture(autouse=True)
def small(monkeypatch):
    """As with a large library: there are words that count as frequent, and they are found in several parts."""
    monkeypatch.setattr(warming, "FEWEST_EDITIONS", 2)
    monkeypatch.setattr(warming, "TEXTS_AT_ONCE", max(Edition.objects.count() // 4, 1))


def analyze():
    with connection.cursor() as cursor:
        cursor.execute("analyze publishing_edition")


def start_process():
    known = TermKeeper()
    learn_frequent_words(known)
    return known


def stems_of(bitmaps):
    return [str(values[1] if len(values) > 1 else values[0]).strip("'") for _, values in bitmaps.matches]


def check_words(bitmaps, stems):
    assert stems
    for stem in stems:
        query = SearchQuery(f"'{stem}'", config="simple", search_type="raw")
        expected = set(Edition.objects.current().filter(search=query).values_list("pk", flat=True))
        assert set(bitmaps.find_matches(query)) == expected, stem


def during_part(number, deed):
    """Do it before this part of the editions is asked for."""
    asked = []

    def execute(call, sql, params, many, context):
        if "unnest(tsvector_to_array(search))" in sql:
            asked.append(sql)
            if len(asked) == number:
                deed()
        return call(sql, params, many, context)

    return connection.execute_wrapper(execute)


@pytest.mark.slow
def test_the_first_question_for_a_frequent_word_asks_for_no_edition():
    analyze()
    bitmaps = start_process().snapshot
    stems = stems_of(bitmaps)
    text_questions.read_stems([COMMON])  # the first question for a word asks what its stem is, and reads no edition
    with CaptureQueriesContext(connection) as captured:
        found = bitmaps.find_matches(search_query(COMMON))
    assert found
    assert len(captured) == 0
    check_words(bitmaps, stems)


def test_a_word_is_learnt_if_postgresql_says_that_it_is_frequent_and_there_is_room(monkeypatch):
    analyze()
    bitmaps = TermKeeper().read_current()
    stems = list_frequent_stems(bitmaps)
    assert len(stems) == warming.MOST_LEARNT
    with connection.cursor() as cursor:
        cursor.execute("select word, ndoc from ts_stat('select search from publishing_edition')")
        counted = dict(cursor.fetchall())
    assert counted[stems[0]] >= counted[stems[20]] >= counted[stems[-1]] > 1
    for bound, value, most in (
        ("MOST_ROOM", 3 * (bitmaps.everything.max() // 8), 3),
        ("MOST_LEARNT", 2, 2),
        ("FEWEST_EDITIONS", counted[stems[0]] + 1, 0),
    ):
        monkeypatch.setattr(warming, bound, value)
        assert list_frequent_stems(bitmaps) == stems[:most], bound
        assert len(start_process().snapshot.matches) == most


def test_without_statistics_nothing_is_learnt_and_the_terms_are_read():
    with connection.cursor() as cursor:
        cursor.execute("delete from pg_statistic where starelid = 'publishing_edition'::regclass")
    known = start_process()
    assert known.snapshot.matches == {}
    assert known.snapshot.everything


def change_words(publisher):
    """A new edition, a new record and one that is withdrawn; each says what many say, the new ones for the first time."""
    case = factories.case()
    submit_and_publish(case)
    lesson = factories.lesson(case.findings.get())
    submit_and_publish(lesson)
    case.findings.update(statement="Inspectors of the school had reported on governance twice.")
    case.refresh_from_db()
    submit_and_publish(case, note="Said again.")
    withdraw_record(record=Lesson.objects.get(pk=lesson.pk), by=publisher, note="Wrong.")
    shipped = Lesson.objects.exclude(pk=lesson.pk).first()
    withdraw_record(record=shipped, by=publisher, note="Wrong.")


@pytest.mark.slow
def test_learnt_words_match_rightly_after_publications_and_withdrawals(publisher):
    analyze()
    known = start_process()
    stems = stems_of(known.snapshot)[-40:]
    change_words(publisher)
    bitmaps = known.read_current()
    assert all(unread for _, unread in bitmaps.matches.values())
    check_words(bitmaps, stems)


@pytest.mark.slow
@pytest.mark.parametrize("part", [1, 2, 4])
def test_what_is_published_while_words_are_learnt_is_read_again(part, publisher):
    analyze()
    known = TermKeeper()
    before = known.read_current()
    with during_part(part, lambda: change_words(publisher)):
        learn_frequent_words(known)
    after = known.snapshot
    assert after.head != before.head
    assert not before.matches
    assert len(after.matches) == warming.MOST_LEARNT
    check_words(after, stems_of(after)[-40:])


@pytest.mark.slow
def test_what_readers_learnt_meanwhile_stays_and_what_was_published_last_waits():
    """A reader asks while the process learns; and a publication comes just before what was learnt is kept."""
    analyze()
    known = TermKeeper()
    known.read_current()
    with during_part(2, lambda: known.snapshot.find_matches(search_query(COMMON))):
        learn_frequent_words(known)
    check_words(known.snapshot, stems_of(known.snapshot)[-20:])

    late = TermBitmaps(known.snapshot.head, matches=known.snapshot.matches)
    submit_and_publish(factories.case())
    assert known.read_current().head != late.head
    assert not known.take_matches(late)


@pytest.mark.slow
def test_over_a_redaction_nothing_that_was_learnt_is_kept(researcher, publisher):
    case = factories.case()
    case.findings.update(statement="The Quillfeather inquiry found it.")
    submit_and_publish(case)
    analyze()

    def redact():
        case.findings.update(statement="An inquiry found it.")
        asked = propose_redaction(words=["Quillfeather"], by=researcher, note="A person's name.")
        confirm_redaction(redaction=asked, by=publisher)

    known = TermKeeper()
    with during_part(3, redact):
        learn_frequent_words(known)
    assert known.snapshot.matches == {}
    learn_frequent_words(known)
    check_words(known.snapshot, stems_of(known.snapshot)[-20:])


def test_words_asked_for_again_are_forgotten_last(monkeypatch):
    analyze()
    bitmaps = start_process().snapshot
    monkeypatch.setattr(term_bitmaps, "MOST_QUESTIONS", len(bitmaps.matches))
    first, second = [*bitmaps.matches][:2]
    stem = stems_of(bitmaps)[0]
    bitmaps.find_matches(SearchQuery(f"'{stem}'", config="simple", search_type="raw"))
    bitmaps.find_matches(SearchQuery("'zzyzx'", config="simple", search_type="raw"))
    assert first in bitmaps.matches
    assert second not in bitmaps.matches


def test_a_process_starts_without_a_database_and_says_so(monkeypatch, caplog):
    closed = []
    monkeypatch.setattr(warming.connections, "close_all", lambda: closed.append(True))

    def refuse(*_):
        raise OperationalError("canceling statement due to statement timeout")

    with caplog.at_level(logging.WARNING), connection.execute_wrapper(refuse):
        warm_library()
    assert closed
    assert "could be read yet" in caplog.text
