"""What is asked often is planned once, and answers as if it were planned anew."""

import pytest
from django.conf import settings
from django.db import DataError, InterfaceError, connection, transaction
from django.db.transaction import TransactionManagementError
from django.test.utils import CaptureQueriesContext

from failure_lessons.database.prepared import MOST_KNOWN, execute_often, fetch_often, fetch_standing, known_statements
from failure_lessons.database.statements import limited_to

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def nothing_known():
    """Other tests have asked on this connection before."""
    with connection.cursor() as cursor:
        cursor.execute("deallocate all")
    known_statements.pop(connection.connection, None)


def ask(sql, values=()):
    """The answer to it, and what the database was told."""
    with connection.cursor() as cursor:
        execute_often(cursor, sql, values)
        return cursor.fetchall(), cursor.query.decode()


def count_prepared():
    with connection.cursor() as cursor:
        cursor.execute("select count(*) from pg_prepared_statements where name like 'often_%'")
        return cursor.fetchone()[0]


def test_it_is_prepared_the_second_time_and_answers_alike():
    sql, values = "select %s, %s::text[], 'a %% b'", ["it's 100 %", ["one", 'two "quoted"']]
    answers, told = zip(*(ask(sql, values) for _ in range(4)), strict=True)
    assert answers == ([("it's 100 %", ["one", 'two "quoted"'], "a % b")],) * 4
    assert told[0].startswith("select")
    assert told[1].startswith("prepare")
    assert told[2] == told[3]
    assert told[3].startswith("execute")
    assert count_prepared() == 1


def test_other_values_are_another_statement():
    for _ in range(3):
        assert ask("select %s::int", [1])[0] == [(1,)]
        assert ask("select %s::int", [2])[0] == [(2,)]
    assert count_prepared() == 2


def test_a_prepared_statement_sees_what_is_written_later(person):
    for _ in range(3):
        (before,), _ = ask("select count(*) from accounts_user")
    person("somebody")
    (after,), told = ask("select count(*) from accounts_user")
    assert told.startswith("execute")
    assert after[0] == before[0] + 1


def test_what_was_not_asked_for_longest_gives_way():
    for number in range(MOST_KNOWN + 25):
        for _ in range(2):
            ask("select %s::int", [number])
    for number in range(1000, 1000 + MOST_KNOWN):  # asked once, they take up room too
        ask("select %s::int", [number])
    assert count_prepared() == 0
    assert len(known_statements[connection.connection]) == MOST_KNOWN
    assert ask("select %s::int", [3])[0] == [(3,)]


def test_limits_hold_for_it_as_for_others():
    """Before, while and after it is prepared."""
    limit = settings.DATABASE_LIMITS["workbench"][0]
    with limited_to("workbench"):
        for _ in range(4):
            assert ask("select current_setting('statement_timeout')")[0] == [(format_limit(limit),)]


def format_limit(text):
    """As PostgreSQL writes it."""
    with connection.cursor() as cursor:
        cursor.execute("select set_config('statement_timeout', %s, true), current_setting('statement_timeout')", [text])
        return cursor.fetchone()[1]


def test_behind_a_pool_nothing_is_prepared(monkeypatch):
    monkeypatch.setitem(connection.settings_dict, "DISABLE_SERVER_SIDE_CURSORS", True)
    for _ in range(4):
        assert ask("select %s, '50 %%'", ["x"])[0] == [("x", "50 %")]
    assert count_prepared() == 0


def test_a_standing_statement_is_asked_of_the_driver_once_it_is_known(person):
    sql = "select count(*), current_setting('statement_timeout') from accounts_user"
    found = [fetch_standing(connection, sql, 5) for _ in range(4)]
    assert len(set(found)) == 1
    assert count_prepared() == 1
    person("somebody")
    assert fetch_standing(connection, sql, 5)[0] == found[0][0] + 1
    assert fetch_standing(connection, "select 1 where false", 5) is None


def test_what_is_asked_often_is_asked_of_the_driver_once_it_is_known(monkeypatch):
    sql, asked = "select %s, '50 %%', n from generate_series(1, %s) n", []
    rows = [("a 'b' %", "50 %", 1), ("a 'b' %", "50 %", 2)]
    for _ in range(3):
        assert fetch_often(connection, sql, ["a 'b' %", 2]) == rows
    with connection.execute_wrapper(lambda execute, *given: asked.append(given) or execute(*given)):
        assert fetch_often(connection, sql, ["a 'b' %", 2]) == rows
        assert asked == []
        assert fetch_often(connection, sql, ["c", 1]) == [("c", "50 %", 1)]
    assert len(asked) == 1
    with CaptureQueriesContext(connection) as captured:
        assert fetch_often(connection, sql, ["a 'b' %", 2]) == rows
    assert len(captured) == 1


def test_what_is_asked_often_fails_as_other_statements_do(person):
    sql = "select 1 / (1 - (select count(*) from accounts_user where username = 'one'))"
    for _ in range(3):
        assert fetch_often(connection, sql) == [(1,)]
    person("one")
    with pytest.raises(DataError), transaction.atomic():
        fetch_often(connection, sql)
    with transaction.atomic():
        for _ in range(3):
            fetch_often(connection, "select 8")
        transaction.set_rollback(True)
        with pytest.raises(TransactionManagementError):
            fetch_often(connection, "select 8")


def test_what_counts_queries_sees_a_standing_statement():
    for _ in range(3):
        with CaptureQueriesContext(connection) as captured:
            fetch_standing(connection, "select 7", 5)
        assert len(captured) == 1


def test_other_limits_hold_for_a_standing_statement():
    sql = "select current_setting('statement_timeout')"
    for _ in range(3):
        fetch_standing(connection, sql, 5)
    with limited_to("workbench"):
        assert fetch_standing(connection, sql, 5) == (format_limit(settings.DATABASE_LIMITS["workbench"][0]),)


def test_a_standing_statement_on_a_broken_connection_fails_as_others_do():
    other = connection.copy()
    for _ in range(3):
        assert fetch_standing(other, "select 7", 5) == (7,)
    other.connection.close()
    with pytest.raises(InterfaceError):
        fetch_standing(other, "select 7", 5)
    other.close()
    assert fetch_standing(other, "select 7", 5) == (7,)
    other.close()
