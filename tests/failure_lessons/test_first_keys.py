"""The first page of a list is the same whether its keys come from the bitmaps or its rows from the table."""

import itertools

import pytest
from django.http import QueryDict

from failure_lessons.library import first_keys
from failure_lessons.library.first_keys import SnapshotIsOld, find_first_keys
from failure_lessons.library.first_keys import write_order_question as write
from failure_lessons.library.list_query import parse_list_query
from failure_lessons.library.orders import directed_orders_of
from failure_lessons.library.term_bitmaps import keeper, read_term_bitmaps
from failure_lessons.publishing.registry import KINDS
from failure_lessons.publishing.services import withdraw_record
from recommendations.models import Lesson, Recommendation
from tests import factories
from tests.helpers import count_queries, submit_and_publish

pytestmark = pytest.mark.django_db
COLUMNS = ("pk", "kind", "slug", "terms")
ASKED = ["", "phase=management", "phase=management&audience=regulator&audience=provider-board", "strength=consider"]


def ask(kind, text=""):
    return parse_list_query(KINDS[kind], QueryDict(text))


def slugs(rows):
    return [row.slug for row in rows]


@pytest.fixture(autouse=True)
def sizes(monkeypatch):
    """Of a library as small as ours, as if it were a large one: one answer is few, and three keys are read at once."""
    monkeypatch.setattr(first_keys, "ALL_AT_ONCE", 1)
    monkeypatch.setattr(first_keys, "SIZES", (3, 9, 1000))
    read_term_bitmaps().made.clear()
    yield
    keeper.snapshot.made.clear()  # what was kept of this test's editions


@pytest.mark.parametrize("text", ASKED)
def test_keys_and_rows_give_the_same_first_page(text):
    for code in directed_orders_of(KINDS["recommendation"]):
        question = ask("recommendation", f"{text}&order={code}")
        for limit in (1, 4, 25):
            known = question.fetch_known(limit, COLUMNS)
            assert slugs(known) == slugs(question.fetch_first(limit, COLUMNS))
            assert len(known) > 1


def test_every_kind_and_choice_gives_the_same():
    for kind in KINDS.values():
        question = ask(kind.code)
        assert slugs(question.fetch_known(25, COLUMNS)) == slugs(question.fetch_first(25, COLUMNS))
    counts = ask("finding").count_choices().by_term
    for term in itertools.islice((term for term in counts if term.startswith(("phase:", "theme:"))), 20):
        name, _, code = term.partition(":")
        question = ask("finding", f"{name}={code}")
        assert slugs(question.fetch_known(25, COLUMNS)) == slugs(question.fetch_first(25, COLUMNS))


def test_what_was_published_or_withdrawn_is_told_at_once(publisher):
    question = ask("recommendation", "order=newest")
    assert question.fetch_known(2, COLUMNS)
    made = factories.recommendation(Lesson.objects.first())
    submit_and_publish(made)
    newest = ask("recommendation", "order=newest").fetch_known(2, COLUMNS)
    assert newest[0].slug == made.slug
    withdraw_record(record=made, by=publisher, note="It was wrong.")
    assert made.slug not in slugs(ask("recommendation", "order=newest").fetch_known(40, COLUMNS))
    assert Recommendation.objects.filter(pk=made.pk).exists()


def test_bitmaps_that_are_older_than_the_library_tell_nothing():
    held = read_term_bitmaps()
    submit_and_publish(factories.recommendation(Lesson.objects.first()))
    question = ask("recommendation", "order=newest")
    with pytest.raises(SnapshotIsOld):
        find_first_keys(held, "recommendation", question.order, held.keys_of("kind:recommendation"), 5)
    assert not any("newest" in name for name in held.made)


def test_what_lies_too_far_or_is_no_term_is_asked_of_rows(monkeypatch):
    monkeypatch.setattr(first_keys, "SIZES", (3,))
    assert ask("recommendation", "strength=consider").fetch_known(25, COLUMNS) == []
    for text in ("q=staff", "rests_on=E1-F1", "published_from=2020-01-01"):
        assert ask("recommendation", text).fetch_known(5, COLUMNS) == []
        assert ask("recommendation", text).page(5, COLUMNS).editions


def test_it_takes_one_query_and_reads_the_order_once(monkeypatch):
    read_term_bitmaps()
    question = ask("recommendation", "phase=management&order=confidence")
    assert count_queries(lambda: question.fetch_known(5, COLUMNS)) > 1
    assert count_queries(lambda: question.fetch_known(5, COLUMNS)) == 1
    other = ask("recommendation", "phase=identification&order=confidence")
    other.fetch_known(5, COLUMNS)
    assert count_queries(lambda: other.fetch_known(5, COLUMNS)) == 1


@pytest.mark.slow
def test_an_order_that_was_read_serves_after_publications_until_many_have_come(monkeypatch, publisher):
    kind = KINDS["recommendation"]
    for code, text in itertools.product(directed_orders_of(kind), ASKED):
        ask("recommendation", f"{text}&order={code}").fetch_known(4, COLUMNS)
    read_orders = []
    monkeypatch.setattr(first_keys, "write_order_question", lambda *asked: read_orders.append(asked) or write(*asked))
    monkeypatch.setattr(first_keys, "MOST_COME", 3)
    made = []
    for number in range(5):
        record = factories.recommendation(Lesson.objects.first())
        record.title = ("A first one", "Zzz the last", "M in the middle", "A first one again", "Another")[number]
        record.save()
        submit_and_publish(record)
        made.append(record)
        if number == 2:
            withdraw_record(record=made[0], by=publisher, note="It was wrong.")
        for code, text in itertools.product(directed_orders_of(kind), ASKED):
            question = ask("recommendation", f"{text}&order={code}")
            assert slugs(question.fetch_known(4, COLUMNS)) == slugs(question.fetch_first(4, COLUMNS)), (code, text)
        assert bool(read_orders) == (number == 4)  # one of five was withdrawn
