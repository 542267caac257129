"""A part that its record no longer has is withdrawn with the next publication; nothing published is deleted or moved."""

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.db.models import F

from casestudies.models import CaseFinding, CaseStudy
from failure_lessons.packages.exchange import load_package, workbench_entries
from failure_lessons.packages.format import Package
from failure_lessons.publishing.guard import parts_may_leave
from failure_lessons.publishing.ledger import find_ledger_faults
from failure_lessons.publishing.models import Edition
from failure_lessons.publishing.plan import plan_publication, plan_withdrawal
from failure_lessons.publishing.registry import KINDS
from failure_lessons.publishing.services import publish_record, submit_record, withdraw_record
from tests import factories
from tests.helpers import submit_and_publish

pytestmark = pytest.mark.django_db


@pytest.fixture
def case(researcher, publisher):
    """A published case with two findings, on the second of which nothing rests."""
    case = factories.case()
    factories.finding(case, factories.reference(), statement="This one goes.")
    submit_and_publish(case)
    return case


def take_out(case):
    """The second finding leaves, as in the form of its case."""
    finding = case.findings.last()
    with parts_may_leave():
        finding.delete()
    return finding


def current(record):
    return Edition.objects.current().filter(record_id=record.record_id).first()


@pytest.mark.slow
def test_publishing_withdraws_the_finding_that_went(case, client, researcher, publisher):
    gone = take_out(case)
    assert current(gone)  # readers see the last edition until the next one
    submit_record(record=case, by=researcher)
    assert [each.slug for each in plan_publication([case]).withdrawn] == [gone.slug]
    publish_record(record=case, by=publisher, note="It was not borne out.")
    assert current(gone) is None
    edition = Edition.objects.get(record_id=gone.record_id)
    assert edition.withdrawal_reason == "It is no longer part of “A case”. It was not borne out."
    assert edition.revisions.last().action == "withdrawn"
    answer = client.get(f"/findings/{gone.slug}/")
    assert answer.status_code == 410
    assert "It was not borne out." in answer.content.decode()
    assert current(case.findings.get())
    assert list(find_ledger_faults()) == []


@pytest.mark.slow
def test_what_rests_on_it_is_marked(case):
    lesson = factories.lesson(case.findings.first(), case.findings.last())
    submit_and_publish(lesson)
    lesson.evidence.filter(case_finding=case.findings.last()).delete()
    take_out(case)
    submit_and_publish(case)
    assert current(lesson).evidence_changed_at


def test_a_finding_lost_long_ago_goes_with_the_next_publication_and_with_a_withdrawal(case, publisher):
    gone = take_out(case)
    assert {each.slug for each in plan_withdrawal([case]).withdrawn} >= {gone.slug}
    withdraw_record(record=case, by=publisher, note="A source was false.")
    assert current(gone) is None
    assert Edition.objects.get(record_id=gone.record_id).withdrawal_reason == "A source was false."


@pytest.mark.slow
def test_findings_of_others_stay(case, publisher):
    other = factories.case(title="Another")
    submit_and_publish(other)
    take_out(case)
    submit_and_publish(case)
    withdraw_record(record=case, by=publisher, note="Why.")
    assert current(other.findings.get())


@pytest.mark.slow
@pytest.mark.parametrize("rows", [lambda case: case.findings.all(), lambda case: CaseStudy.objects.filter(pk=case.pk)])
def test_the_database_refuses_to_delete_what_was_published(case, rows):
    with pytest.raises(IntegrityError, match="withdrawn and not deleted"), transaction.atomic():
        rows(case).delete()


@pytest.mark.slow
@pytest.mark.parametrize("change", [{"code": "ZZ99-F1"}, {"slug": "zz99-f1"}, {"case": F("case_id") + 0}])
def test_the_database_refuses_to_move_or_rename_a_published_finding(case, change):
    if "case" in change:
        change = {"case": factories.case()}
    with pytest.raises(IntegrityError, match="keeps its code and its place"), transaction.atomic():
        CaseFinding.objects.filter(pk=case.findings.first().pk).update(**change)
    finding = case.findings.first()
    for name, value in change.items():
        setattr(finding, name, value)
    if "slug" not in change:
        with pytest.raises(ValidationError, match="keeps its code"):
            finding.full_clean()


@pytest.mark.slow
def test_the_database_refuses_to_rename_a_published_lesson(case):
    lesson = factories.lesson(case.findings.first())
    submit_and_publish(lesson)
    with pytest.raises(IntegrityError, match="keeps its code"), transaction.atomic():
        type(lesson).objects.filter(pk=lesson.pk).update(code="L9999")


def test_drafts_may_be_deleted_moved_and_renamed():
    draft, other = factories.case(), factories.case()
    CaseFinding.objects.filter(case=draft).update(code="ZZ98-F1", slug="zz98-f1", case=other)
    draft.delete()
    assert other.findings.count() == 2


@pytest.mark.slow
@pytest.mark.parametrize("bulk", [False, True])
def test_no_page_of_its_own_deletes_it(case, bulk, admin_client):
    finding = case.findings.last()
    data = {"action": "delete_selected", "_selected_action": [finding.pk], "post": "yes"}
    page = "/admin/casestudies/casefinding/"
    answer = admin_client.post(page if bulk else f"{page}{finding.pk}/delete/", data)
    assert answer.status_code == (302 if bulk else 403)
    assert CaseFinding.objects.filter(pk=finding.pk).exists()


@pytest.mark.slow
def test_a_package_that_no_longer_has_a_finding_takes_it_out(case, researcher, publisher):
    gone = case.findings.last()
    entry = workbench_entries(KINDS["case-study"].member, [case.slug])[case.slug]
    package = Package({"title": "Less"})
    package.members["case-studies"] = [{**entry, "findings": entry["findings"][:1]}]
    load_package(package, by=researcher, publisher=publisher, note="Less")
    edition = Edition.objects.get(record_id=gone.record_id)
    assert edition.withdrawal_reason == ("It is no longer part of “A case”. Loaded from an evidence package: Less")


def test_leaving_is_said_for_one_transaction_alone():
    with parts_may_leave():
        pass
    with connection.cursor() as cursor:
        cursor.execute("select current_setting('failure_lessons.parts_may_leave', true)")
        assert cursor.fetchone() == ("",)
