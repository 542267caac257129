"""The verbs of publishing."""

import datetime as dt

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from casestudies.models import CaseFinding
from failure_lessons.publishing.dependencies import list_evidence
from failure_lessons.publishing.models import Edition, EditionCitation, LedgerEntry
from failure_lessons.publishing.services import (
    CannotPublish,
    correct_record,
    publish_record,
    return_to_author,
    submit_record,
    withdraw_record,
)
from tests import factories

pytestmark = pytest.mark.django_db


def release(record, researcher, publisher, **options):
    submit_record(record=record, by=researcher)
    return publish_record(record=record, by=publisher, **options)


def current(record):
    return Edition.objects.current().get(record_id=record.record_id)


@pytest.mark.slow
def test_publishing_a_case_publishes_its_findings_and_references(researcher, publisher):
    case = factories.case()
    made = release(case, researcher, publisher, note="First.")
    assert [edition.kind for edition in made] == ["reference", "finding", "case-study"]
    edition = current(case)
    assert edition.number == 1
    assert edition.note == "First."
    assert edition.content["events"][0]["title"] == "It began"
    assert {pin.kind for pin in edition.cites.all()} == {"reference", "finding"}
    case.refresh_from_db()
    assert case.state == "published"


def test_nobody_publishes_what_they_submitted(researcher):
    case = factories.case()
    submit_record(record=case, by=researcher)
    with pytest.raises(CannotPublish, match="somebody else"):
        publish_record(record=case, by=researcher)
    assert not Edition.objects.filter(record_id=case.record_id).exists()


def test_a_draft_cannot_be_published(publisher):
    case = factories.case()
    with pytest.raises(CannotPublish, match="is not in review: it is draft"):
        publish_record(record=case, by=publisher)


def test_what_was_changed_after_submission_cannot_be_published(researcher, publisher):
    case = factories.case()
    submit_record(record=case, by=researcher)
    CaseFinding.objects.filter(case=case).update(statement="Slipped in later.")
    with pytest.raises(CannotPublish, match="changed after it was submitted"):
        publish_record(record=case, by=publisher)


def test_publish_lists_every_reason(researcher, publisher):
    lesson = factories.lesson(factories.finding(factories.case(), factories.reference()), transfer_differs="")
    submit_record(record=lesson, by=researcher)
    with pytest.raises(CannotPublish) as refusal:
        publish_record(record=lesson, by=publisher)
    assert len(refusal.value.reasons) == 2
    assert "which is not published" in str(refusal.value)
    assert "in what the NHS differs" in str(refusal.value)


def test_publish_refuses_an_uncited_finding(researcher, publisher):
    case = factories.case()
    case.findings.get().citations.all().delete()
    submit_record(record=case, by=researcher)
    with pytest.raises(CannotPublish, match="cites no source"):
        publish_record(record=case, by=publisher)


@pytest.mark.slow
def test_publishing_the_same_again_makes_no_edition(researcher, publisher):
    case = factories.case()
    release(case, researcher, publisher)
    revisions = LedgerEntry.objects.count()
    assert release(case, researcher, publisher) == []
    assert LedgerEntry.objects.count() == revisions
    assert current(case).number == 1


@pytest.mark.slow
def test_a_change_makes_the_next_edition_and_keeps_the_last(researcher, publisher):
    case = factories.case()
    release(case, researcher, publisher)
    case.title = "A better title"
    case.save()
    release(case, researcher, publisher)
    first, second = Edition.objects.filter(record_id=case.record_id).order_by("number")
    assert (first.title, second.title) == ("A case", "A better title")
    assert first.superseded_at == second.published_at
    assert second.is_current
    assert not first.is_current


@pytest.mark.slow
def test_evidence_has_changed_reaches_everything_that_rests_on_it(researcher, publisher):
    case = factories.case()
    finding = case.findings.get()
    lesson = factories.lesson(finding)
    recommendation = factories.recommendation(lesson)
    bystander = factories.case(title="Another")
    for record in (case, lesson, recommendation, bystander):
        release(record, researcher, publisher)
    CaseFinding.objects.filter(pk=finding.pk).update(statement="It was found anew.")
    release(case, researcher, publisher)
    assert current(lesson).evidence_changed_at
    assert current(recommendation).evidence_changed_at
    assert current(bystander).evidence_changed_at is None
    assert current(case).evidence_changed_at is None
    # reviewing: the words stand, the pins move
    release(lesson, researcher, publisher, note="Reviewed.")
    assert current(lesson).number == 2
    assert current(lesson).evidence_changed_at is None
    assert current(recommendation).evidence_changed_at
    release(recommendation, researcher, publisher)
    assert current(recommendation).evidence_changed_at is None


def test_withdrawal_takes_the_findings_along_and_marks_what_rested_on_them(researcher, publisher):
    case = factories.case()
    lesson = factories.lesson(case.findings.get())
    release(case, researcher, publisher)
    release(lesson, researcher, publisher)
    withdraw_record(record=case, by=publisher, note="A source was false.")
    edition = Edition.objects.at_address("case-study", case.slug).first()
    assert edition.withdrawn_at
    assert edition.withdrawal_reason == "A source was false."
    assert not Edition.objects.current().filter(record_id=case.findings.get().record_id).exists()
    assert current(lesson).evidence_changed_at
    case.refresh_from_db()
    assert case.state == "withdrawn"


def test_a_withdrawal_needs_a_reason(researcher, publisher):
    case = factories.case()
    release(case, researcher, publisher)
    with pytest.raises(CannotPublish, match="tells readers why"):
        withdraw_record(record=case, by=publisher, note=" ")


@pytest.mark.slow
def test_a_withdrawn_record_can_come_back_as_its_next_edition(researcher, publisher):
    case = factories.case()
    release(case, researcher, publisher)
    withdraw_record(record=case, by=publisher, note="For checking.")
    release(case, researcher, publisher)
    assert current(case).number == 2


@pytest.mark.slow
def test_a_correction_needs_a_note_and_an_edition(researcher, publisher):
    case = factories.case()
    submit_record(record=case, by=researcher)
    with pytest.raises(CannotPublish, match="no current edition"):
        correct_record(record=case, by=publisher, note="Wrong date.")
    publish_record(record=case, by=publisher)
    case.title = "Corrected"
    case.save()
    submit_record(record=case, by=researcher)
    correct_record(record=case, by=publisher, note="Wrong date.")
    assert LedgerEntry.objects.last().action == "corrected"
    assert LedgerEntry.objects.last().note == "Wrong date."


def test_a_returned_record_keeps_the_reason(researcher, publisher):
    case = factories.case()
    submit_record(record=case, by=researcher)
    return_to_author(record=case, by=publisher, note="Say who decided.")
    case.refresh_from_db()
    assert case.state == "draft"
    assert "Say who decided." in case.review_note


@pytest.mark.slow
def test_as_of_reads_what_stood_then(researcher, publisher):
    case = factories.case()
    release(case, researcher, publisher)
    first = current(case).published_at
    case.title = "Later"
    case.save()
    release(case, researcher, publisher)
    withdraw_record(record=case, by=publisher, note="Gone.")
    gone = LedgerEntry.objects.last().at
    rows = Edition.objects.filter(record_id=case.record_id)
    assert [edition.title for edition in rows.as_of(first)] == ["A case"]
    assert [edition.title for edition in rows.as_of(gone - dt.timedelta(microseconds=1))] == ["Later"]
    assert not rows.as_of(gone).exists()
    assert not rows.as_of(first - dt.timedelta(seconds=1)).exists()


@pytest.mark.slow
@pytest.mark.parametrize(
    "statement",
    [
        "update publishing_edition set title = 'Changed'",
        "update publishing_edition set document = '{}'",
        "update publishing_edition set superseded_at = null where superseded_at is not null",
        "delete from publishing_edition",
        "update publishing_ledgerentry set note = 'Changed'",
        "delete from publishing_ledgerentry",
        "delete from publishing_editioncitation",
        "update publishing_editioncitation set cites_id = edition_id",
    ],
)
def test_the_database_refuses_to_change_the_library(statement, researcher, publisher):
    case = factories.case()
    release(case, researcher, publisher)
    case.title = "Two"
    case.save()
    release(case, researcher, publisher)
    with pytest.raises(DatabaseError), transaction.atomic():
        from_connection(statement)


def from_connection(statement):
    with transaction.get_connection().cursor() as cursor:
        cursor.execute(statement)


def test_the_database_wants_two_people(researcher, publisher):
    case = factories.case()
    release(case, researcher, publisher)
    edition = current(case)
    edition.pk = None
    edition.number, edition.revision, edition.record_id, edition.slug = 1, 10**6, factories.case().record_id, "copy"
    edition.published_by = edition.submitted_by
    with pytest.raises(IntegrityError, match="publishing_takes_two_people"), transaction.atomic():
        edition.save(force_insert=True)


def test_the_ledger_refuses_a_gap(publisher):
    last = LedgerEntry.objects.last()
    with pytest.raises(DatabaseError, match="does not follow"), transaction.atomic():
        LedgerEntry.objects.create(
            number=last.number + 2,
            action="published",
            edition=last.edition,
            at=last.at,
            by=publisher,
            previous_sha256=last.sha256,
            sha256="0" * 64,
        )


@pytest.mark.slow
def test_pins_follow_the_edition_its_author_saw(researcher, publisher):
    case = factories.case()
    lesson = factories.lesson(case.findings.get())
    release(case, researcher, publisher)
    release(lesson, researcher, publisher)
    pinned = EditionCitation.objects.get(edition=current(lesson)).cites
    CaseFinding.objects.filter(case=case).update(statement="Anew.")
    release(case, researcher, publisher)
    closure = list_evidence(current(lesson))
    assert pinned.pk in {edition.pk for edition in closure}
    assert all("Anew." not in edition.title for edition in closure)
