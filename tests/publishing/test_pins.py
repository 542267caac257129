"""What pins mean: what rests on another edition is told of its changes; what is about it is not, and stays as true."""

import dataclasses
import json

import pytest

from failure_lessons.exports.formats.cited_versions import pins_among, pins_of
from failure_lessons.library.preview import as_read
from failure_lessons.library.record_context import record_context
from failure_lessons.publishing.dependencies import find_dependents, find_evidence, list_evidence
from failure_lessons.publishing.diff import diff_editions
from failure_lessons.publishing.ledger import find_ledger_faults
from failure_lessons.publishing.models import Edition, EditionCitation
from failure_lessons.publishing.plan import plan_publication, preview_plan
from failure_lessons.publishing.registry import SOURCES
from failure_lessons.publishing.renditions import RecordKey
from failure_lessons.publishing.services import CannotPublish, publish_many, submit_many, withdraw_record
from failure_lessons.publishing.validation import publication_statuses
from recommendations.models import Recommendation
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def told_of(monkeypatch):
    """Lets every recommendation tell of the records that a test puts in here: a kind that is about others."""
    keys = set()
    source = SOURCES[Recommendation]

    def render(rows):
        for each in source.render(rows):
            yield dataclasses.replace(each, about=frozenset(keys))

    monkeypatch.setitem(SOURCES, Recommendation, dataclasses.replace(source, render=render))
    return keys


@pytest.fixture
def release(researcher, publisher):
    def release_records(*records):
        submit_many(records=records, by=researcher)
        return publish_many(records=records, by=publisher)

    return release_records


@pytest.fixture
def dossier(told_of, release):
    """A recommendation that rests on one lesson, and tells of another and of the first."""
    lesson = factories.lesson(factories.case().findings.get())
    subject = factories.lesson(factories.case().findings.get())
    told_of.update({RecordKey("lesson", subject.slug), RecordKey("lesson", lesson.slug)})
    dossier = factories.recommendation(lesson)
    cases = [each.evidence.get().case_finding.case for each in (lesson, subject)]
    release(*cases, lesson, subject, dossier)
    return dossier, subject, lesson


def current(record):
    return Edition.objects.current().get(record_id=record.record_id)


def change(record):
    type(record).objects.filter(pk=record.pk).update(statement=f"{record.statement} And more.")
    record.refresh_from_db()


def meanings(record):
    pins = EditionCitation.objects.filter(edition=current(record)).select_related("cites")
    return {(pin.cites.slug, pin.cites.number): pin.meaning for pin in pins}


@pytest.mark.slow
def test_a_pin_says_what_it_means_and_evidence_comes_first(dossier):
    record, subject, lesson = dossier
    assert meanings(record) == {(subject.slug, 1): "about", (lesson.slug, 1): "rests-on"}
    assert not list(find_ledger_faults())


@pytest.mark.slow
def test_what_it_is_about_changes_without_a_mark_on_it(dossier, release):
    record, subject, _ = dossier
    change(subject)
    release(subject)
    assert current(record).evidence_changed_at is None
    assert meanings(record)[subject.slug, 1] == "about"  # the words that it told of, for ever
    assert not list(find_ledger_faults())  # nor do the marks, played anew, spread


@pytest.mark.slow
def test_what_it_rests_on_still_spreads(dossier, release):
    record, _, lesson = dossier
    change(lesson)
    release(lesson)
    assert current(record).evidence_changed_at


@pytest.mark.slow
def test_publishing_it_again_tells_of_the_newest_edition(dossier, release):
    record, subject, lesson = dossier
    change(subject)
    release(subject)
    plan = plan_publication([record])
    [replaced] = preview_plan(plan).replaced
    assert [(each.slug, each.before, each.after) for each in replaced.difference.evidence] == [(subject.slug, 1, 2)]
    release(record)
    assert meanings(record) == {(subject.slug, 2): "about", (lesson.slug, 1): "rests-on"}
    first, second = Edition.objects.filter(record_id=record.record_id).order_by("number")
    assert [each.slug for each in diff_editions(first, second).evidence] == [subject.slug]
    assert release(record) == []  # and nothing more once nothing moved


@pytest.mark.slow
def test_one_can_tell_of_what_was_withdrawn_but_not_of_what_never_was_published(dossier, told_of, release, publisher):
    record, subject, _ = dossier
    withdraw_record(record=subject, by=publisher, note="It was wrong.")
    assert current(record).evidence_changed_at is None
    change(record)
    assert not publication_statuses([record])[record.record_id].gaps
    release(record)
    assert meanings(record)[subject.slug, 1] == "about"
    draft = factories.lesson()
    told_of.add(RecordKey("lesson", draft.slug))
    [gap] = publication_statuses([record])[record.record_id].gaps
    assert str(gap.lack) == f"It is about lesson {draft.slug}, which was never published."
    with pytest.raises(CannotPublish, match=f"is about lesson {draft.slug}, which was never published"):
        release(record)


@pytest.mark.slow
def test_pages_and_files_tell_the_two_apart(dossier):
    record, subject, lesson = dossier
    edition = current(record)
    assert subject.record_id not in {each.record_id for each in find_evidence([edition.pk])}
    assert edition not in find_dependents([current(subject).pk])
    shown = {each.slug: (each.direct, each.told_of) for each in list_evidence(edition)}
    assert shown[subject.slug] == (False, True)
    assert shown[lesson.slug] == (True, False)
    assert subject.evidence.get().case_finding.slug not in shown  # it leads nowhere further
    pins = pins_of([edition])[edition.pk]
    assert {pin.slug: pin.relation("recommendation") for pin in pins} == {
        subject.slug: "is-about",
        lesson.slug: "is-based-on",
    }
    assert sorted(pins_among(list_evidence(edition))) == sorted(pins)
    context = record_context(current(subject))
    assert context["used_by"] == []
    assert [each.slug for _, editions in context["told_by"] for each in editions] == [record.slug]
    assert [each.slug for _, editions in record_context(current(lesson))["used_by"] for each in editions] == [
        record.slug
    ]
    assert record.slug not in str(as_read(subject)["used_by"])


@pytest.mark.slow
def test_the_api_gives_the_hashes_of_both(dossier, client):
    record, subject, lesson = dossier
    answer = client.get(f"/api/v1/recommendations/{record.slug}/", {"include": "evidence"})
    edition = json.loads(answer.content)["edition"]
    assert edition["rests_on"] == [current(lesson).sha256]
    assert edition["about"] == [current(subject).sha256]
    answer = client.get(f"/api/v1/lessons/{lesson.slug}/", {"include": "evidence"})
    assert "about" not in json.loads(answer.content)["edition"]
