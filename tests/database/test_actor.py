"""Who acts travels with each write: nothing is left on a connection that somebody else may get."""

import pytest
from django.db import connection, transaction

from failure_lessons.accounts.models import User
from failure_lessons.history.audit_context import acting_as
from failure_lessons.history.models import Change
from failure_lessons.vocabularies.models import Theme


def actors_of(theme):
    """Each change of a theme: who, why, and what its name became."""
    changes = Change.objects.of(theme).filter(operation="update", after__has_key="label")
    return [
        (change.by.get_username() if change.by else None, change.reason, change.after["label"]) for change in changes
    ]


@pytest.mark.django_db
def test_who_acted_before_in_a_transaction_did_not_do_what_follows(researcher):
    theme = Theme.objects.create(slug="a-theme", label="A theme", scope_note="What belongs here.")
    with transaction.atomic():
        with acting_as(by=researcher, reason="100% sure; it's so."):
            Theme.objects.filter(pk=theme.pk).update(label="One")
        Theme.objects.filter(pk=theme.pk).update(label="Two")
    assert actors_of(theme) == [("researcher", "100% sure; it's so.", "One"), (None, "", "Two")]


@pytest.mark.django_db
def test_a_savepoint_that_fails_takes_nobody_with_it(researcher):
    theme = Theme.objects.create(slug="a-theme", label="A theme", scope_note="What belongs here.")
    with acting_as(by=researcher):
        with transaction.atomic():
            Theme.objects.filter(pk=theme.pk).update(label="One")
            transaction.set_rollback(True)
        Theme.objects.filter(pk=theme.pk).update(label="Two")
    assert actors_of(theme) == [("researcher", "", "Two")]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("sql", "values"),
    [
        ("update vocabularies_theme set label = '100%%' where id = %s", "list"),
        ("update vocabularies_theme set label = '100%%' where id = %(key)s", "dict"),
        (
            "with chosen as (select {key} as id) update vocabularies_theme set label = '100%' where id in (select id from chosen)",
            None,
        ),
    ],
)
def test_parameters_and_percent_signs_stay_what_they_are(researcher, sql, values):
    theme = Theme.objects.create(slug="a-theme", label="A theme", scope_note="What belongs here.")
    given = {"list": [theme.pk], "dict": {"key": theme.pk}, None: None}[values]
    with acting_as(by=researcher, reason="50% and {braces}"), connection.cursor() as cursor:
        cursor.execute(sql if values else sql.format(key=theme.pk), given)
    assert actors_of(theme) == [("researcher", "50% and {braces}", "100%")]


@pytest.mark.slow
def test_a_write_in_autocommit_says_who(committed):
    by = User.objects.create_user("autocommit")
    theme = Theme.objects.create(slug="autocommit", label="A theme", scope_note="What belongs here.")
    with acting_as(by=by, reason="At once."):
        Theme.objects.filter(pk=theme.pk).update(label="One")
    Theme.objects.filter(pk=theme.pk).update(label="Two")
    assert actors_of(theme) == [("autocommit", "At once.", "One"), (None, "", "Two")]
