"""What a hundred thousand dossiers cost, as ratios taken in turns in one run: rows are written by SQL and rolled back."""

import statistics

import pytest
from django.db import connection, transaction
from django.http import QueryDict
from django.test import Client
from django.utils import timezone

from failure_lessons.library.bodies import count_by_body
from failure_lessons.library.list_query import parse_list_query, readable_editions
from failure_lessons.publishing.models import Edition, EditionCitation
from failure_lessons.publishing.registry import KINDS
from tests.helpers import spend_time

pytestmark = [pytest.mark.django_db, pytest.mark.trials, pytest.mark.timeout(1800)]
DOSSIERS, BODIES = 100_000, 2_000
ROUNDS = 25
MANY = """
    insert into publishing_edition
        (kind, slug, code, record_id, number, revision, title, summary, body, document, sha256, terms, sort_key, note,
         submitted_by_id, published_by_id, published_at, withdrawal_reason, due_on, look_again_on, change)
    select kind, slug || '-' || n, code, gen_random_uuid(), 1, 10000000 + row_number() over (), title, summary, body,
           document, sha256,
           array(select term from unnest(terms) term where not starts_with(term, 'body:'))
               || array['body:b' || n %% %(bodies)s, 'body:b' || (n * 7 + 1) %% %(bodies)s,
                        'body:b' || (n * 13 + 2) %% %(bodies)s],
           md5(n::text), note, submitted_by_id, published_by_id, published_at, '',
           case when n %% 50 = 0 then date '2026-01-01' + n %% 300 when n %% 3 = 0 then date '2130-01-01' end,
           look_again_on, ''
    from (select *, row_number() over (order by id) place, count(*) over () many
          from publishing_edition where kind = 'follow-up' and superseded_at is null) shipped
    join generate_series(1, %(dossiers)s) n on n %% many = place - 1
"""
FACETS = (
    "overdue=yes",
    "overdue=no",
    "answer=none-found",
    "answer=answered",
    "position=accepted",
    "made=others",
    "provisional=done",
    "body=ministry-of-justice",
    "case=hmp-birmingham",
    "sector=education",
    "phase=management",
    "due_before=2026-12-31",
)


def time_in_turns(*works, rounds=ROUNDS):
    """The processor's time that each of these takes, ours and the database's, tried in turns: medians, in ns."""
    times = [[] for _ in works]
    for number in range(rounds + 1):
        for place, work in enumerate(works):
            began = spend_time()
            work()
            if number:  # the first round warms up
                times[place].append(spend_time() - began)
    return [statistics.median(each) for each in times]


MOST_OF_A_FACET = 1.25  # of the first page of the whole list


@pytest.fixture
def many_dossiers(shipped):
    with connection.cursor() as cursor:
        cursor.execute(MANY, {"dossiers": DOSSIERS, "bodies": BODIES})
        cursor.execute("analyze publishing_edition")
        cursor.execute("set local max_parallel_workers_per_gather = 0")  # one process, whose time can be told


def first_page(query):
    """What asks for the first page of dossiers under these filters."""
    return lambda: parse_list_query(KINDS["follow-up"], QueryDict(query)).page(25).editions


def test_every_facet_costs_what_the_whole_list_costs_and_the_table_twice_a_count(many_dossiers):
    whole, *facets = time_in_turns(first_page(""), *map(first_page, FACETS), rounds=8 * ROUNDS)
    ratios = {name: round(each / whole, 2) for name, each in zip(FACETS, facets, strict=True)}
    assert not {name: ratio for name, ratio in ratios.items() if ratio > MOST_OF_A_FACET}, ratios
    rows = Edition.objects.of_kind("follow-up")
    counted, table = time_in_turns(
        lambda: readable_editions(rows, None).count_terms({}), lambda: count_by_body(timezone.localdate()), rounds=10
    )
    print(ratios, f"table by body {table / counted:.2f} of a facet count")  # noqa: T201  # a trial tells its figures
    assert table <= 2 * counted, table / counted


def test_the_page_of_a_recommendation_costs_little_more_with_its_strip(many_dossiers):
    client, about = Client(), EditionCitation.objects.filter(meaning="about", cites__code="R7")
    address = Edition.objects.current().get(kind="recommendation", code="R7").get_absolute_url()
    strip, times = 'id="became"', ([], [])
    for number in range(ROUNDS + 1):
        with transaction.atomic(), connection.cursor() as cursor:
            told = time_page(client, address, strip, True)
            cursor.execute("set local session_replication_role = replica")
            about.delete()
            cursor.execute("set local session_replication_role = origin")
            untold = time_page(client, address, strip, False)
            transaction.set_rollback(True)
        if number:
            times[0].append(told)
            times[1].append(untold)
    ratio = statistics.median(times[0]) / statistics.median(times[1])
    print(f"with its strip {ratio:.3f} of before")  # noqa: T201  # a trial tells its figure
    assert ratio <= 1.1, ratio


def time_page(client, address, words, there):
    """The processor's time that a page takes which has these words or has them not, in nanoseconds."""
    began = spend_time()
    text = client.get(address).content.decode()
    taken = spend_time() - began
    assert (words in text) == there
    return taken
