"""Counting by bitmaps gives what counting rows gives, whatever was published, withdrawn, redacted or put back meanwhile."""

import pytest
from django.conf import settings
from django.contrib.postgres.search import SearchQuery
from django.db import connection, transaction
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext

from failure_lessons.accounts.models import User
from failure_lessons.database.statements import limited_to
from failure_lessons.library.filters import EditionFilter, search_query
from failure_lessons.library.list_query import parse_list_query, readable_editions
from failure_lessons.library.orders import ORDERS, directed_orders_of
from failure_lessons.library.term_bitmaps import TermKeeper, bring_forward, read_term_bitmaps
from failure_lessons.publishing.models import Edition
from failure_lessons.publishing.redaction import confirm_redaction, propose_redaction
from failure_lessons.publishing.registry import KINDS
from failure_lessons.publishing.services import withdraw_record
from recommendations.models import Lesson
from tests import factories
from tests.helpers import count_queries, submit_and_publish

pytestmark = pytest.mark.django_db
QUESTIONS = [
    ("recommendation", "phase=management&audience=regulator&audience=provider-board"),
    ("recommendation", "q=staff&evidence=unchanged"),
    ("finding", "part_of=case-study&phase=prevention&phase=resolution"),
    ("reference", "type=report&year_from=2000&year_to=2016"),
    ("follow-up", "overdue=yes"),
    ("follow-up", "overdue=no&due_before=2027-01-01"),
    ("lesson", "rests_on=E1-F1&evidence=changed"),
    ("case-study", "sector=education&q=-school"),
]
WORDS = [search_query("staff school"), SearchQuery("'warn':*", config="simple", search_type="raw")]


class Forgotten(Exception):
    """Everything since is undone, as by a restored backup."""


def read_rows():
    """Independently: the terms of each current edition, from the table."""
    found = {}
    for edition in Edition.objects.current():
        changed = "changed" if edition.evidence_changed_at else "unchanged"
        for term in (*edition.terms, f"kind:{edition.kind}", f"evidence:{changed}"):
            found.setdefault(term, set()).add(edition.pk)
    return found


def check_bitmaps(bitmaps):
    rows = read_rows()
    known = {
        term: set(keys)
        for name, terms in bitmaps.by_name.items()
        if not name.startswith(("ever-", "due_on", "look_again_on"))
        for term, keys in terms.items()
    }
    assert known == rows
    assert set(bitmaps.everything) == set().union(*rows.values())
    for query in WORDS:
        expected = set(Edition.objects.current().filter(search=query).values_list("pk", flat=True))
        assert set(bitmaps.find_matches(query)) == expected


def check_counts():
    for kind, query in QUESTIONS:
        question = parse_list_query(KINDS[kind], QueryDict(query))
        by_rows, by_bits = question.filters.count_choices_in_rows(), question.count_choices()
        assert by_bits.total == by_rows.total == question.editions.count(), (kind, query)
        offered = {each.term for each in question.filters.term_filters().values()}
        assert by_bits.by_term == {
            term: count for term, count in by_rows.by_term.items() if term.partition(":")[0] in offered
        }, (kind, query)


def publish_case():
    submit_and_publish(factories.case())


def change_finding():
    """Marks what rests on it."""
    case = factories.case()
    submit_and_publish(case)
    lesson = factories.lesson(case.findings.get())
    submit_and_publish(lesson)
    case.findings.update(statement="Staff of the school had warned of it twice.")
    case.refresh_from_db()
    submit_and_publish(case, note="Said again.")
    return lesson


def withdraw_lesson():
    lesson = Lesson.objects.get(pk=change_finding().pk)
    withdraw_record(record=lesson, by=User.objects.get(username="publisher-of-tests"), note="Wrong.")


@pytest.mark.slow
def test_bitmaps_are_the_table_whatever_happens():
    """One process looks after every step, another now and then, a third begins late: all three see the table."""
    always, seldom = TermKeeper(), TermKeeper()
    seldom.read_current()
    deeds = [publish_case, withdraw_lesson, change_finding, withdraw_lesson, change_finding, publish_case]
    for step, change_library in enumerate(deeds):
        try:
            with transaction.atomic():
                change_library()
                check_bitmaps(always.read_current())
                if step % 3 == 1:
                    raise Forgotten
        except Forgotten:
            pass
        check_bitmaps(always.read_current())
        check_counts()
        if step % 2:
            check_bitmaps(seldom.read_current())
    check_bitmaps(TermKeeper().read_current())


def test_a_publication_is_read_by_what_it_touched(django_assert_num_queries):
    held = read_term_bitmaps()
    before = {term: set(keys) for term, keys in held.terms_named("kind").items()}
    submit_and_publish(factories.case())
    now = bring_forward(held)
    assert len(now.everything) > len(held.everything)
    assert {term: set(keys) for term, keys in held.terms_named("kind").items()} == before  # in hand, it never changes
    with django_assert_num_queries(2):
        check = read_term_bitmaps()
    assert check.by_name == now.by_name
    with django_assert_num_queries(1):
        assert read_term_bitmaps() is check


@pytest.mark.slow
def test_after_a_redaction_nothing_is_known_of_the_words_that_went(researcher, publisher):
    case = factories.case()
    case.findings.update(statement="The Quillfeather inquiry found it.")
    submit_and_publish(case)
    word = SearchQuery("quillfeather", config="evidence", search_type="plain")
    assert read_term_bitmaps().find_matches(word)
    case.findings.update(statement="An inquiry found it.")
    asked = propose_redaction(words=["Quillfeather"], by=researcher, note="A person's name.")
    confirm_redaction(redaction=asked, by=publisher)
    assert not read_term_bitmaps().find_matches(word)


@pytest.mark.slow
def test_every_order_reads_an_index_from_where_it_begins():
    """In a table this small PostgreSQL would rather sort: it is told not to, and must find a way without."""
    with connection.cursor() as cursor:
        cursor.execute("set local enable_sort = off; set local enable_seqscan = off; set local enable_bitmapscan = off")
    for kind in KINDS.values():
        for order in directed_orders_of(kind).values():
            rows = order.sort(readable_editions(Edition.objects.of_kind(kind.code), None))
            first = rows[0] if rows else None
            plan = rows.values("pk")[:26].explain()
            assert "Index" in plan, (kind.code, order.code, plan)
            assert "->  Sort" not in plan, (kind.code, order.code, plan)
            if first:
                further = rows.filter(order.condition_beyond(order.place(first)))
                assert "ROW(" in further.values("pk")[:26].explain() or len(order.keys) == 1
                assert [*rows] == [first, *further]


@pytest.mark.slow
def test_every_cursor_continues_where_it_stands_both_ways():
    for order in ORDERS.values():
        rows = list(order.sort(readable_editions(Edition.objects.of_kind("recommendation"), None)))
        for place, edition in enumerate(rows[:12]):
            where = order.place(edition)
            everything = order.sort(readable_editions(Edition.objects.of_kind("recommendation"), None))
            assert [*everything.filter(order.condition_beyond(where))] == rows[place + 1 :]
            backwards = order.sort(readable_editions(Edition.objects.of_kind("recommendation"), None), backwards=True)
            assert [*backwards.filter(order.condition_beyond(where, backwards=True))] == rows[:place][::-1]


@pytest.mark.slow
def test_pages_cost_as_many_queries_however_much_is_published(client):
    addresses = ["/", "/recommendations/", "/lessons/?phase=management", "/evidence-map/", "/search/?q=staff"]
    for address in addresses:
        client.get(address)
    few = {address: count_queries(client.get, address) for address in addresses}
    for _ in range(2):
        submit_and_publish(factories.case())
    for address in addresses:
        client.get(address)
    assert {address: count_queries(client.get, address) for address in addresses} == few


def test_counts_hold_until_something_is_published():
    def ask():
        return parse_list_query(KINDS["recommendation"], QueryDict("phase=management"))

    def count_rows():
        question = ask()
        return question.filters.count_choices(question.bitmaps, question.bitmaps.keys_of("kind:recommendation"))

    before = ask().count_choices()
    assert ask().count_choices() is before
    assert before == count_rows()
    made = factories.recommendation(Lesson.objects.first())
    submit_and_publish(made)
    after = ask().count_choices()
    assert after == count_rows()
    assert after.total == before.total + 1
    withdraw_record(record=made, by=User.objects.get(username="publisher-of-tests"), note="It was wrong.")
    assert ask().count_choices() == count_rows() == before


def test_a_word_may_be_learnt_for_longer_than_a_page_waits_and_a_whole_question_may_not():
    longer = settings.DATABASE_LIMITS["counts"][0]
    bitmaps = TermKeeper().read_current()
    for text, is_learnt in (
        ("governance", True),
        ("governance boards", True),
        ('"of the board"', False),
        ("-boards", False),
    ):
        with CaptureQueriesContext(connection) as captured, limited_to("reader"):
            bitmaps.find_matches(search_query(text))
        (asked,) = (each["sql"] for each in captured if "publishing_ledgerentry" in each["sql"])
        assert (f"'{longer}'" in asked) is is_learnt, text
    with CaptureQueriesContext(connection) as captured, limited_to("reader"):
        bitmaps.find_matches(search_query("governance"))
    assert len(captured) == 0


def test_after_a_publication_only_what_it_touched_is_counted(monkeypatch):
    counted = []

    def count_choices(filters, bitmaps, scope):
        counted.append(len(scope))
        return count(filters, bitmaps, scope)

    def ask():
        return parse_list_query(KINDS["recommendation"], QueryDict("phase=management")).count_choices()

    ask()
    count = EditionFilter.count_choices
    monkeypatch.setattr(EditionFilter, "count_choices", count_choices)
    submit_and_publish(factories.recommendation(Lesson.objects.first()))
    ask()
    assert counted == [0, 1]  # as they stood before and as they stand now
    submit_and_publish(factories.recommendation(Lesson.objects.first()))
    submit_and_publish(factories.recommendation(Lesson.objects.first()))
    ask()
    assert counted[2:] == [0, 2]


def test_words_are_understood_once_and_counted_once_a_revision():
    def ask():
        return parse_list_query(KINDS["recommendation"], QueryDict("q=staff+shortage"))

    before = ask().count_answers()
    assert ask().filters is ask().filters
    assert count_queries(lambda: ask().count_answers()) == 1  # for the newest entry of the ledger
    made = factories.recommendation(Lesson.objects.first(), title="A shortage of staff")
    submit_and_publish(made)
    assert ask().count_answers() == before + 1 == ask().editions.count()
    withdraw_record(record=made, by=User.objects.get(username="publisher-of-tests"), note="It was wrong.")
    assert ask().count_answers() == before
