"""The hash chain."""

import datetime as dt

import pytest
from django.db import connection

from casestudies.models import CaseStudy
from failure_lessons.library.term_bitmaps import read_term_bitmaps
from failure_lessons.publishing.ledger import find_ledger_faults
from failure_lessons.publishing.models import Edition, LedgerEntry
from failure_lessons.publishing.services import publish_record, submit_record, withdraw_record
from tests import factories

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


def test_a_clock_put_back_an_hour_loses_nothing_and_is_told(researcher, publisher, caplog):
    head = LedgerEntry.objects.head()
    record = factories.theme()
    submit_record(record=record, by=researcher)
    publish_record(record=record, by=publisher, now=head.at - dt.timedelta(hours=1))
    newest = LedgerEntry.objects.head()
    assert (newest.number, newest.at) == (head.number + 1, head.at)
    assert list(find_ledger_faults()) == []
    assert newest.edition_id in read_term_bitmaps().everything  # counted at once, like any other
    assert "The clock says" in caplog.text


@pytest.mark.slow
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


@pytest.mark.slow
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


@pytest.fixture
def changed(researcher, publisher):
    """A library in which a case had three editions and was withdrawn, and a lesson rests on a finding of another."""
    gone = factories.case()
    for number in range(3):
        CaseStudy.objects.filter(pk=gone.pk).update(title=f"Edition {number}")
        gone.refresh_from_db()
        submit_record(record=gone, by=researcher)
        publish_record(record=gone, by=publisher)
    withdraw_record(record=gone, by=publisher, note="It was wrong.")
    kept = factories.case()
    lesson = factories.lesson(kept.findings.get())
    for record in (kept, lesson):
        submit_record(record=record, by=researcher)
        publish_record(record=record, by=publisher)
    kept.findings.update(statement="Something else was found.")
    submit_record(record=kept, by=researcher)
    publish_record(record=kept, by=publisher)
    return gone, lesson


@pytest.mark.slow
def test_marks_follow_from_the_ledger(changed):
    gone, lesson = changed
    assert Edition.objects.filter(record_id=gone.record_id, withdrawn_at=None).count() == 0
    assert Edition.objects.current().get(record_id=lesson.record_id).evidence_changed_at
    assert list(find_ledger_faults()) == []


@pytest.mark.slow
@pytest.mark.parametrize(
    ("columns", "words"),
    [
        ("withdrawn_at = null, withdrawal_reason = ''", "its withdrawal was altered"),
        ("withdrawal_reason = 'Another reason.'", "its withdrawal was altered"),
        ("superseded_at = superseded_at + interval '1 second'", "its supersession was altered"),
    ],
)
def test_a_silently_restored_older_edition_is_noticed(changed, columns, words):
    gone, _ = changed
    first = Edition.objects.get(record_id=gone.record_id, number=1)
    tamper("publishing_edition", f"update publishing_edition set {columns} where id = {first.pk}")
    assert list(find_ledger_faults()) == [f"revision {first.revision} ({first}): {words}"]


@pytest.mark.slow
@pytest.mark.parametrize("value", ["null", "published_at"])
def test_an_altered_mark_of_changed_evidence_is_noticed(changed, value):
    lesson = Edition.objects.current().get(record_id=changed[1].record_id)
    tamper("publishing_edition", f"update publishing_edition set evidence_changed_at = {value} where id = {lesson.pk}")
    assert list(find_ledger_faults()) == [
        f"revision {lesson.revision} ({lesson}): the mark that its evidence has changed was altered"
    ]


@pytest.mark.slow
def test_marks_set_everywhere_are_noticed(changed):
    tamper("publishing_edition", "update publishing_edition set evidence_changed_at = now()")
    assert len(list(find_ledger_faults())) > 500
