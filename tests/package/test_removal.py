"""The sample leaves the library by two people, and nothing of one's own loses its ground."""

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction

from failure_lessons.packages.format import Package
from failure_lessons.packages.removal import CannotRemove, confirm_removal, plan_removal, propose_removal
from failure_lessons.publishing.ledger import find_ledger_faults
from failure_lessons.publishing.models import Edition, LedgerEntry
from failure_lessons.publishing.redaction_models import PackageRemoval
from failure_lessons.publishing.services import publish_record, submit_record
from literature.models import Reference
from recommendations.models import Lesson
from tests import factories
from tests.template_database import EVIDENCE

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
REASON = "The sample has done its work."


def current():
    return Edition.objects.current()


def publish_own_lesson(researcher, publisher):
    """A lesson of one's own that rests on a finding of the sample."""
    sample = Lesson.objects.filter(state="published").first().evidence.first()
    lesson = factories.lesson(code="LS99")
    lesson.evidence.all().delete()
    lesson.evidence.create(
        case_finding=sample.case_finding, review_finding=sample.review_finding, relation="supports", note="It does."
    )
    submit_record(record=lesson, by=researcher)
    publish_record(record=lesson, by=publisher, note="Ours.")
    return lesson


def test_the_whole_sample_goes_and_its_addresses_say_why(shipped, researcher, publisher, client):
    before = current().count()
    slug = current().of_kind("recommendation").first().slug
    removal = propose_removal(package=shipped, by=researcher, note=REASON)
    assert current().count() == before  # a proposal changes nothing
    gone = confirm_removal(removal=removal, package=shipped, by=publisher)
    assert len(gone) == before
    assert current().count() == 0
    assert list(find_ledger_faults()) == []
    assert client.get("/api/v1/recommendations/").json()["results"] == []
    assert client.get("/").status_code == 200
    tombstone = client.get(f"/recommendations/{slug}/")
    assert tombstone.status_code == 410
    assert REASON in tombstone.content.decode()
    assert LedgerEntry.objects.order_by("-number").first().by == publisher
    assert Edition.objects.filter(evidence_changed_at__isnull=False, withdrawn_at=None).count() == 0


def test_what_ones_own_rests_on_stays_down_to_the_sources(shipped, researcher, publisher, client):
    lesson = publish_own_lesson(researcher, publisher)
    mine = current().get(record_id=lesson.record_id)
    removal = propose_removal(package=shipped, by=researcher, note=REASON)
    confirm_removal(removal=removal, package=shipped, by=publisher)
    kinds = set(current().values_list("kind", flat=True))
    assert {"lesson", "finding", "reference"} <= kinds
    assert "recommendation" not in kinds
    assert current().get(record_id=lesson.record_id) == mine
    assert mine.evidence_changed_at is None
    assert client.get(f"/lessons/{lesson.slug}/").status_code == 200
    assert plan_removal(shipped).goes == ()
    assert list(find_ledger_faults()) == []


def test_what_was_published_anew_since_the_load_is_ones_own(shipped, researcher, publisher):
    reference = Reference.objects.filter(state="published").first()
    Reference.objects.filter(pk=reference.pk).update(title="Another title")
    reference.refresh_from_db()
    submit_record(record=reference, by=researcher)
    publish_record(record=reference, by=publisher, note="Mended.")
    plan = plan_removal(shipped)
    assert [each.slug for each in plan.own if each.kind == "reference"] == [reference.slug]
    assert reference.record_id not in {each.record_id for each in plan.goes}


def test_nobody_removes_it_alone_nor_twice(shipped, researcher, publisher):
    part = Package(shipped.manifest, {"situations": shipped["situations"]})
    removal = propose_removal(package=part, by=researcher, note=REASON)
    with pytest.raises(CannotRemove, match="somebody else"):
        confirm_removal(removal=removal, package=part, by=researcher)
    assert current().of_kind("situation").exists()
    with pytest.raises(IntegrityError, match="removing_a_package_takes_two_people"), transaction.atomic():
        PackageRemoval.objects.update(confirmed_by=researcher, confirmed_at=removal.proposed_at)
    confirm_removal(removal=removal, package=part, by=publisher)
    with pytest.raises(CannotRemove, match="before"):
        confirm_removal(removal=removal, package=part, by=publisher)


def test_what_came_to_rest_on_it_after_the_proposal_stops_it(shipped, researcher, publisher):
    removal = propose_removal(package=shipped, by=researcher, note=REASON)
    publish_own_lesson(researcher, publisher)
    with pytest.raises(CannotRemove, match="since it was proposed"):
        confirm_removal(removal=removal, package=shipped, by=publisher)
    assert current().of_kind("situation").exists()


def test_it_tells_readers_why(shipped, researcher):
    with pytest.raises(CannotRemove, match="why"):
        propose_removal(package=shipped, by=researcher, note=" \n")


def test_the_command_says_what_would_happen_and_does_it_by_two(researcher, publisher, capsys):
    call_command("remove_package", str(EVIDENCE))
    said = capsys.readouterr().out
    assert "Goes:" in said
    assert "Nothing was done" in said
    call_command("remove_package", str(EVIDENCE), by="researcher", reason=REASON)
    number = PackageRemoval.objects.get().pk
    assert f"--confirm {number}" in capsys.readouterr().out
    for by, confirm in (("nobody", number), ("publisher", number + 1), ("researcher", number)):
        with pytest.raises(CommandError):
            call_command("remove_package", str(EVIDENCE), by=by, confirm=confirm)
    assert current().exists()
    call_command("remove_package", str(EVIDENCE), by="publisher", confirm=number)
    assert "records withdrawn" in capsys.readouterr().out
    assert not current().exists()
