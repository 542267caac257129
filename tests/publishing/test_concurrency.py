"""Two people at once, on two connections."""

import datetime as dt
import threading

import pytest
from django.db import connection
from django.utils import timezone

from failure_lessons.accounts.models import User
from failure_lessons.publishing.ledger import find_ledger_faults
from failure_lessons.publishing.models import Edition, LedgerEntry
from failure_lessons.publishing.services import CannotPublish, publish_record, submit_record
from failure_lessons.workbench.scheduling import publish_due, schedule_publication
from tests import factories

HOUR = dt.timedelta(hours=1)


def at_once(*works):
    """Run each work in a thread of its own, all starting together; return what each returned or raised."""
    gate = threading.Barrier(len(works))
    results = [None] * len(works)

    def run(index, work):
        gate.wait()
        try:
            results[index] = work()
        except CannotPublish as refusal:
            results[index] = refusal
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(works)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    return results


@pytest.mark.slow
def test_two_publishing_the_same_record_make_one_edition(committed):
    writer, one, two = (User.objects.get_or_create(username=name)[0] for name in ("writer-c", "one-c", "two-c"))
    case = factories.case(title="Contested")
    submit_record(record=case, by=writer)
    results = at_once(
        lambda: publish_record(record=type(case).objects.get(pk=case.pk), by=one),
        lambda: publish_record(record=type(case).objects.get(pk=case.pk), by=two),
    )
    refusals = [result for result in results if isinstance(result, CannotPublish)]
    assert len(refusals) == 1
    assert "is not in review: it is published" in str(refusals[0])
    assert Edition.objects.filter(record_id=case.record_id).count() == 1


@pytest.mark.slow
def test_many_publishing_different_records_leave_a_gapless_chain(committed):
    writer, other = (User.objects.get_or_create(username=name)[0] for name in ("writer-c", "one-c"))
    cases = [factories.case(title=f"Case at once {number}") for number in range(6)]
    for case in cases:
        submit_record(record=case, by=writer)
    results = at_once(*(lambda case=case: publish_record(record=case, by=other) for case in cases))
    assert all(isinstance(result, list) and result for result in results)
    assert list(find_ledger_faults()) == []
    numbers = list(LedgerEntry.objects.values_list("number", flat=True))
    assert numbers == list(range(1, len(numbers) + 1))


@pytest.mark.slow
def test_two_workers_publish_once(committed):
    author, approver = (User.objects.create(username=name, is_superuser=True) for name in ("writer-s", "reader-s"))
    cases = [factories.case(title=f"At a set time {number}") for number in range(4)]
    for case in cases:
        submit_record(record=case, by=author)
        schedule_publication(record=case, by=approver, due_at=timezone.now() + HOUR)
    due = timezone.now() + 2 * HOUR
    done = at_once(*(lambda: publish_due(due) for _ in range(3)))
    assert sum(done) == 4
    assert [Edition.objects.filter(record_id=case.record_id).count() for case in cases] == [1] * 4
