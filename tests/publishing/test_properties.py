"""Properties of publishing under any sequence of edits, publications and withdrawals."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casestudies.models import CaseFinding
from failure_lessons.accounts.models import User
from failure_lessons.publishing.ledger import find_ledger_faults
from failure_lessons.publishing.models import Edition, EditionCitation, LedgerEntry
from failure_lessons.publishing.services import CannotPublish, publish_record, submit_record, withdraw_record
from recommendations.models import Lesson
from tests import factories
from tests.examples import examples

STEPS = st.lists(
    st.tuples(
        st.sampled_from(
            [
                "edit-finding",
                "edit-lesson",
                "publish-case",
                "publish-lesson",
                "publish-recommendation",
                "withdraw-lesson",
            ]
        ),
        st.integers(min_value=0, max_value=1),
    ),
    max_size=12,
)


def reachable_stale():
    """Independently of the verbs: current editions that reach, by pins, an edition that is no longer current."""
    pins = {}
    for edition, cites in EditionCitation.objects.values_list("edition", "cites"):
        pins.setdefault(edition, set()).add(cites)
    gone = set(Edition.objects.exclude(superseded_at=None, withdrawn_at=None).values_list("pk", flat=True))
    stale = set()
    for start in Edition.objects.current().values_list("pk", flat=True):
        seen, front = set(), {start}
        while front:
            front = set().union(*(pins.get(each, set()) for each in front)) - seen
            seen |= front
        if seen & gone:
            stale.add(start)
    return stale


@pytest.mark.slow
@pytest.mark.django_db
@examples(12)
@given(steps=STEPS)
def test_numbers_chain_as_of_and_staleness_hold(steps, django_db_blocker):
    people = [User.objects.get_or_create(username=name)[0] for name in ("writer", "reader")]
    cases = [factories.case() for _ in range(2)]
    lessons = [factories.lesson(case.findings.get()) for case in cases]
    recommendations = [factories.recommendation(lesson) for lesson in lessons]
    records = {"case": cases, "lesson": lessons, "recommendation": recommendations}
    moment = max(LedgerEntry.objects.last().at, dt.datetime.now(dt.UTC))
    snapshots = []
    for count, (step, which) in enumerate(steps):
        moment += dt.timedelta(seconds=1)
        verb, _, noun = step.partition("-")
        if step == "edit-finding":
            CaseFinding.objects.filter(case=cases[which]).update(statement=f"Wording {count}.")
        elif step == "edit-lesson":
            Lesson.objects.filter(pk=lessons[which].pk).update(statement=f"Wording {count}.")
        else:
            record = records[noun][which]
            record.refresh_from_db()
            try:
                if verb == "publish":
                    if record.state != "in-review":
                        submit_record(record=record, by=people[0], now=moment)
                    publish_record(record=record, by=people[1], now=moment)
                else:
                    withdraw_record(record=record, by=people[1], note="Why.", now=moment)
            except CannotPublish:
                pass
        shown = set(Edition.objects.current().values_list("kind", "slug", "sha256"))
        snapshots.append((moment, shown))
    assert list(find_ledger_faults()) == []
    assert list(LedgerEntry.objects.values_list("number", flat=True)) == list(range(1, LedgerEntry.objects.count() + 1))
    for record in (*cases, *lessons, *recommendations):
        numbers = Edition.objects.filter(record_id=record.record_id).order_by("number").values_list("number", flat=True)
        assert list(numbers) == list(range(1, len(numbers) + 1))
    for then, shown in snapshots:
        assert set(Edition.objects.as_of(then).values_list("kind", "slug", "sha256")) == shown
    marked = set(Edition.objects.current().exclude(evidence_changed_at=None).values_list("pk", flat=True))
    assert marked == reachable_stale()
