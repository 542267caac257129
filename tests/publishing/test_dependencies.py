"""What rests on what: downwards, upwards, now and at any time, at the same cost whatever the size."""

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from failure_lessons.publishing.dependencies import (
    find_dependents,
    find_evidence,
    find_record_dependents,
    list_evidence,
    list_gone_evidence,
    map_dependents,
    map_evidence,
)
from failure_lessons.publishing.models import Edition, EditionCitation
from failure_lessons.publishing.services import publish_many, submit_many
from tests import factories

pytestmark = pytest.mark.django_db

START = dt.datetime(2091, 1, 1, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)


def release(*records, by, now):
    submit_many(records=records, by=by[0], now=now)
    return publish_many(records=records, by=by[1], now=now)


@pytest.fixture
def people(researcher, publisher):
    return researcher, publisher


@pytest.fixture
def chain(people):
    """A case, a lesson and a recommendation; the finding is reworded two days later, and the lesson after it."""
    case = factories.case()
    lesson = factories.lesson(case.findings.get())
    recommendation = factories.recommendation(lesson)
    release(case, lesson, recommendation, by=people, now=START)
    case.findings.update(statement="Another wording.")
    release(case, by=people, now=START + 2 * DAY)
    release(lesson, by=people, now=START + 4 * DAY)
    return case.findings.get(), lesson, recommendation


def names(editions):
    return {(edition.kind, edition.number) for edition in editions}


def walk_by_hand(near, far, start):
    """Independently of the queries: what is reached."""
    pins = list(EditionCitation.objects.values_list(near, far))
    seen, front = set(), {start}
    while front:
        front = {there for here, there in pins if here in front} - seen
        seen |= front
    return seen


@pytest.mark.slow
def test_downwards_each_edition_keeps_what_it_pinned(chain):
    _, lesson, recommendation = chain
    old = Edition.objects.get(record_id=recommendation.record_id)
    assert names(find_evidence([old.pk])) == {("lesson", 1), ("finding", 1), ("reference", 1)}
    new = Edition.objects.current().get(record_id=lesson.record_id)
    assert names(find_evidence([new.pk])) == {("finding", 2), ("reference", 1)}
    assert names(list_evidence(new)) == names(find_evidence([new.pk]))
    assert {edition.kind for edition in list_evidence(old) if edition.direct} == {"lesson"}


@pytest.mark.slow
def test_upwards_readers_of_each_day_saw_what_rested_on_the_finding(chain):
    finding, _, _ = chain
    first = Edition.objects.get(record_id=finding.record_id, number=1)
    second = Edition.objects.get(record_id=finding.record_id, number=2)
    assert names(find_dependents([first.pk], as_of=START - DAY)) == set()
    assert names(find_dependents([first.pk], as_of=START)) == {("case-study", 1), ("lesson", 1), ("recommendation", 1)}
    assert names(find_dependents([first.pk], as_of=START + 2 * DAY)) == {("lesson", 1), ("recommendation", 1)}
    assert names(find_dependents([first.pk])) == {("recommendation", 1)}
    assert names(find_dependents([second.pk])) == {("case-study", 2), ("lesson", 2)}
    everything = find_record_dependents(finding.record_id)
    assert names(everything) == {("case-study", 2), ("lesson", 2), ("recommendation", 1)}
    assert names(everything.of_kind("recommendation")) == {("recommendation", 1)}
    then = find_record_dependents(finding.record_id, as_of=START + DAY)
    assert names(then) == {("case-study", 1), ("lesson", 1), ("recommendation", 1)}


@pytest.mark.slow
def test_what_went_is_told_for_each_edition_that_rests_on_it(chain):
    _, lesson, recommendation = chain
    both = [Edition.objects.current().get(record_id=each.record_id).pk for each in (lesson, recommendation)]
    gone = list_gone_evidence(both)
    assert list(gone) == [both[1]]
    assert [edition.kind for edition in gone[both[1]]] == ["lesson", "finding"]  # what went last first


@pytest.mark.slow
def test_both_maps_agree_with_a_walk_by_hand_over_the_whole_library(chain):
    keys = list(Edition.objects.values_list("pk", flat=True))
    down, up = map_evidence(keys), map_dependents(keys)
    chosen = [chain[0], chain[2]]
    for key in Edition.objects.filter(record_id__in=[each.record_id for each in chosen]).values_list("pk", flat=True):
        assert down.get(key, set()) == walk_by_hand("edition", "cites", key)
        assert up.get(key, set()) == walk_by_hand("cites", "edition", key)
    assert {(low, high) for high, lows in down.items() for low in lows} == {
        (low, high) for low, highs in up.items() for high in highs
    }


@pytest.mark.slow
def test_each_answer_is_one_query_at_two_sizes(people):
    for size in (1, 8):
        case = factories.case()
        for number in range(size):
            factories.finding(case, factories.reference(f"Source {size} {number}"))
        lesson = factories.lesson(*case.findings.all())
        release(case, lesson, by=people, now=START)
        edition = Edition.objects.current().get(record_id=lesson.record_id)
        finding = case.findings.first()
        keys = list(Edition.objects.current().values_list("pk", flat=True))
        for ask in (
            lambda edition=edition: list(find_evidence([edition.pk])),
            lambda edition=edition: list_evidence(edition),
            lambda keys=keys: list(find_dependents(keys)),
            lambda keys=keys: list(find_dependents(keys, as_of=START)),
            lambda finding=finding: list(find_record_dependents(finding.record_id)),
            lambda keys=keys: map_evidence(keys),
            lambda keys=keys: map_dependents(keys),
            lambda keys=keys: list_gone_evidence(keys),
        ):
            with CaptureQueriesContext(connection) as asked:
                ask()
            assert len(asked) == 1


def test_nothing_rests_on_nothing():
    assert not find_evidence([])
    assert not find_dependents([])
    assert map_evidence([]) == map_dependents([]) == {}
