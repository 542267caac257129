"""The hash chain."""

import pytest
from django.db import connection

from failure_lessons.publishing.ledger import find_ledger_faults
from failure_lessons.publishing.models import Edition, LedgerEntry

pytestmark = pytest.mark.django_db

DISABLED = "alter table {} disable trigger user"


def tamper(table, statement):
    """Change a row as somebody with full rights on the database could."""
    with connection.cursor() as cursor:
        cursor.execute("set constraints all immediate")
        cursor.execute(f"alter table {table} disable trigger user")
        cursor.execute(statement)
        cursor.execute(f"alter table {table} enable trigger user")


def test_an_untouched_history_verifies():
    assert LedgerEntry.objects.count() > 500
    assert list(find_ledger_faults()) == []


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("title", "'Altered'"),
        ("document", "replace(document, 'the', 'teh')"),
        ("summary", "'Altered'"),
        ("terms", "'{}'"),
        ("note", "'Altered'"),
        ("published_at", "published_at + interval '1 second'"),
        ("superseded_at", "published_at"),
        ("submitted_by_id", "published_by_id + 1000000"),
    ],
)
def test_any_altered_column_is_named(column, value):
    edition = Edition.objects.current().of_kind("recommendation").order_by("revision")[3]
    if column == "submitted_by_id":
        value = str(edition.published_by_id)
        with connection.cursor() as cursor:
            cursor.execute("alter table publishing_edition drop constraint publishing_takes_two_people")
    tamper("publishing_edition", f"update publishing_edition set {column} = {value} where id = {edition.pk}")
    found = list(find_ledger_faults())
    assert found
    assert found[0].startswith(f"revision {edition.revision} ({edition})")


def test_a_removed_pin_is_noticed():
    edition = Edition.objects.current().of_kind("lesson").first()
    tamper(
        "publishing_editioncitation",
        f"delete from publishing_editioncitation where id = "
        f"(select min(id) from publishing_editioncitation where edition_id = {edition.pk})",
    )
    assert f"({edition})" in next(find_ledger_faults())


def test_a_removed_revision_is_noticed():
    tamper("publishing_ledgerentry", "delete from publishing_ledgerentry where number = 10")
    assert any("revision 10 is missing" in problem for problem in find_ledger_faults())
