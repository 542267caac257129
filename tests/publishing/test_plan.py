"""What is said before publishing is what publishing does."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from casestudies.models import CaseStudy
from failure_lessons.publishing.models import Edition
from failure_lessons.publishing.plan import plan_publication, plan_withdrawal, preview_plan
from failure_lessons.publishing.services import CannotPublish, publish_record, submit_record, withdraw_record
from failure_lessons.publishing.validation import publication_statuses
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def case():
    return CaseStudy.objects.get(slug="hmp-birmingham")


def marked_now():
    return set(Edition.objects.current().filter(evidence_changed_at__isnull=False).values_list("pk", flat=True))


def test_a_published_record_that_nobody_touched_would_change_nothing(case):
    assert not plan_publication([case])


def test_first_editions_are_foreseen(researcher, publisher):
    case = factories.case()
    foreseen = {each.key for each in plan_publication([case]).first}
    submit_record(record=case, by=researcher)
    made = publish_record(record=case, by=publisher)
    assert {(edition.kind, edition.slug) for edition in made} == foreseen
    assert len(made) > 2


@pytest.mark.slow
@pytest.mark.parametrize("change", ["title", "finding", "event"])
def test_replaced_and_marked_editions_are_foreseen(change, case, researcher, publisher):
    if change == "title":
        case.title = "Another title"
        case.save()
    elif change == "finding":
        case.findings.update(explanation="Another explanation.")
    else:
        case.events.update(description="Another description.")
    foreseen = plan_publication([case])
    assert not foreseen.first
    before = marked_now()
    submit_record(record=case, by=researcher)
    made = publish_record(record=case, by=publisher)
    foretold = {each.rendition.key for each in foreseen.replaced}
    foretold |= {(each.replaces.kind, each.replaces.slug) for each in foreseen.carried}
    assert {(e.kind, e.slug) for e in made} == foretold
    gone = {each.replaces.pk for each in (*foreseen.replaced, *foreseen.carried)}
    born_marked = {each.pk for each in made if each.evidence_changed_at}
    assert len(born_marked) == sum(each.evidence_changed for each in (*foreseen.planned, *foreseen.carried))
    assert marked_now() - before - gone - born_marked == {edition.pk for edition in foreseen.marked}
    if change == "finding":
        assert foreseen.marked
    assert bool(foreseen.carried) == (change == "title")  # which findings are shown with, and say nothing else by


@pytest.mark.slow
def test_the_difference_names_the_words(case):
    case.title = case.title.replace("HMP Birmingham", "HMP Leeds")
    case.save()
    own = preview_plan(plan_publication([case])).reworded[0]
    assert own.rendition.kind == "case-study"
    [words] = [change.words for change in own.difference.changes if change.path == ("title",)]
    assert ("removed", "Birmingham:") in words or ("removed", "Birmingham") in words
    assert any(operation == "added" and "Leeds" in text for operation, text in words)


def test_what_a_withdrawal_marks_is_foreseen(case, publisher):
    foreseen = plan_withdrawal([case])
    before = marked_now()
    gone = withdraw_record(record=case, by=publisher, note="Wrong.")
    assert [edition.pk for edition in gone] == [edition.pk for edition in foreseen.withdrawn]
    assert marked_now() - before - {e.pk for e in gone} == {edition.pk for edition in foreseen.marked} != set()


def test_planning_writes_nothing(case):
    case.title = "Another title"
    case.save()
    with CaptureQueriesContext(
        connection,
    ) as asked:
        preview_plan(plan_publication([case]))
        preview_plan(plan_withdrawal([case]))
    writing = ("insert into", "update ", "delete from")  # who acts stands before them, in a select
    assert not [q["sql"] for q in asked if any(f" {word}" in f" {q['sql'].lower()}" for word in writing)]


@pytest.mark.slow
def test_planning_and_publishing_ask_the_same_number_of_questions_whatever_the_size(researcher, publisher):
    counts = {}
    for size in (2, 12):
        case = factories.case()
        for _ in range(size):
            factories.finding(case, factories.reference())
        for turn in ("first", "again"):
            case.findings.update(statement=f"Wording {turn}.")
            with CaptureQueriesContext(connection) as planning:
                preview_plan(plan_publication([case]))
            submit_record(record=case, by=researcher)
            with CaptureQueriesContext(connection) as publishing:
                assert publish_record(record=case, by=publisher)
            counts.setdefault(turn, set()).add((len(planning), len(publishing)))
    assert [len(each) for each in counts.values()] == [1, 1]


def test_gaps_are_what_publish_refuses(researcher, publisher):
    case = factories.case()
    case.sections.all().delete()
    case.events.first().citations.all().delete()
    case.findings.first().citations.all().delete()
    gaps = publication_statuses([case])[case.record_id].gaps
    assert {(str(gap.lack), gap.lack.place) for gap in gaps} == {
        ("It has no summary.", "sections"),
        ("Event “It began” cites no source.", "events-0"),
        ("It cites no source.", "citations"),
    }
    submit_record(record=case, by=researcher)
    with pytest.raises(CannotPublish) as refusal:
        publish_record(record=case, by=publisher)
    assert refusal.value.reasons == [
        f"{gap.name}: {gap.lack}" for gap in sorted(gaps, key=lambda g: g.name, reverse=True)
    ]


@pytest.mark.slow
def test_resting_on_something_unpublished_is_a_gap():
    lesson = factories.lesson(factories.case().findings.get())
    [gap] = publication_statuses([lesson])[lesson.record_id].gaps
    assert "which is not published" in str(gap.lack)


@pytest.mark.slow
def test_standings_know_what_readers_do_not_see(case):
    assert not publication_statuses([case])[case.record_id].is_edited
    case.findings.update(statement="Changed.")
    standing = publication_statuses([case])[case.record_id]
    assert (standing.is_edited, standing.is_published) == (True, True)
    draft = factories.case()
    standing = publication_statuses([draft])[draft.record_id]
    assert (standing.is_edited, standing.is_published) == (True, False)
