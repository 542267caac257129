"""Each process works under a role of the database that may do what it has to and nothing else."""

import os

import pytest
from django.core.management import CommandError, call_command
from django.db import ProgrammingError, connection, transaction

from failure_lessons.operations.roles import DATABASE_ROLES
from failure_lessons.publishing.models import Edition

pytestmark = pytest.mark.django_db
PREFIX = f"trying_{os.environ.get('PYTEST_XDIST_WORKER', 'one')}"  # roles belong to the whole server
INSUFFICIENT_PRIVILEGE = "42501"


@pytest.fixture
def roles(capsys):
    call_command("database_roles", prefix=PREFIX)
    call_command("database_roles", prefix=PREFIX)  # again, as after each migration


def try_as(role, statement):
    """Whether a role may run a statement."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"set local role {PREFIX}_{role}")
            cursor.execute(statement)
            cursor.execute("reset role")
    except ProgrammingError as error:
        if error.__cause__.pgcode != INSUFFICIENT_PRIVILEGE:
            raise
        return False
    return True


# of what each process does to a table: the roles that may
ALLOWED = {
    "select count(*) from publishing_edition": {"reader", "intake", "workbench", "worker"},
    "select count(*) from accounts_user": {"workbench", "worker"},
    "select count(*) from history_change": {"workbench", "worker"},
    "select count(*) from casestudies_casestudy": {"workbench", "worker"},
    "delete from outbox_message where false": {"workbench", "worker"},
    "delete from casestudies_casestudy where false": {"workbench"},
    "update publishing_edition set title = title where false": {"workbench", "worker"},
    "create table made_up (a int)": set(),
    "drop table publishing_ledgerentry": set(),
    "alter table publishing_edition disable trigger all": set(),
    "truncate publishing_edition": set(),
}


@pytest.mark.slow
def test_a_role_may_do_what_its_process_needs(roles):
    may = {statement: {role for role in DATABASE_ROLES if try_as(role, statement)} for statement in ALLOWED}
    assert may == ALLOWED


@pytest.mark.slow
def test_under_the_readers_role_a_page_is_read(roles, client):
    slug = Edition.objects.current().of_kind("lesson").first().slug
    with connection.cursor() as cursor:  # every address is tried so by tests/crawl.py
        cursor.execute(f"set local role {PREFIX}_reader")
        assert client.get(f"/lessons/{slug}/").status_code == 200
        cursor.execute("reset role")


@pytest.mark.parametrize("prefix", ["", "A", "a;drop table x", 'a"b', "1a", "x" * 60])
def test_a_prefix_that_is_no_name_is_refused(prefix):
    with pytest.raises(CommandError, match="no beginning of a name"):
        call_command("database_roles", prefix=prefix)


def test_the_sql_can_be_read_before_it_is_run(capsys):
    call_command("database_roles", only_print=True)
    said = capsys.readouterr().out
    assert 'create role "failure_lessons_reader" nologin' in said
    assert "-- reader: the public site" in said
