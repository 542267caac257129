"""Whatever is written in the workbench is recorded, whoever wrote it and however; and it can be undone."""

import pytest
from django.apps import apps
from django.db import DatabaseError, connection, transaction
from django.db.models import F
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from casestudies.models import CaseFinding, CaseStudy, Event, IndicatorValue
from failure_lessons.accounts.models import User
from failure_lessons.history.audit_context import acting_as, read_actor
from failure_lessons.history.models import Change, version_of
from failure_lessons.history.recording import TRIGGER, recorded_models
from failure_lessons.publishing.renditions import render_records
from failure_lessons.publishing.services import publish_record, submit_record
from failure_lessons.workbench.edits import CannotRevert, group_edits, revert_edit
from tests import factories
from tests.examples import examples
from tests.test_admin import form_data

pytestmark = pytest.mark.django_db


@pytest.fixture
def case():
    return CaseStudy.objects.get(slug="hmp-birmingham")


@pytest.fixture
def desk(client):
    client.force_login(User.objects.create_superuser("desk", password="a long enough phrase"))
    return client


def newest(record):
    return Change.objects.of(record).last()


def test_every_table_of_evidence_records_its_changes():
    with connection.cursor() as cursor:
        cursor.execute("select tgrelid::regclass::text from pg_trigger where tgname = %s", [TRIGGER])
        recorded = {row[0] for row in cursor.fetchall()}
    assert {model._meta.db_table for model in recorded_models(apps)} == recorded
    assert len(recorded) > 35


def ways_to_write(case):
    """Every way in which somebody may change an event of a case."""
    event = case.events.first()
    yield "saved", lambda: Event.objects.filter(pk=event.pk).first().save(), 0
    event.title = "By save"
    yield "save", event.save, 1
    yield "update", lambda: Event.objects.filter(pk=event.pk).update(title="By update"), 1
    yield "bulk update", lambda: Event.objects.bulk_update([Event(pk=event.pk, title="By bulk update")], ["title"]), 1
    yield "expression", lambda: Event.objects.filter(pk=event.pk).update(position=F("position") + 1), 1
    yield "bulk create", lambda: Event.objects.bulk_create([Event(case=case, date="1999", phase="onset", title="T")]), 1
    yield "delete", lambda: case.quotes.first().delete(), 1
    yield "queryset delete", lambda: IndicatorValue.objects.filter(indicator=case.indicators.first()).delete(), 2

    def by_hand():
        with connection.cursor() as cursor:
            cursor.execute("update casestudies_event set description = 'By hand' where id = %s", [event.pk])

    yield "sql", by_hand, 1
    finding = case.findings.first()
    yield "many to many", lambda: finding.themes.set(list(finding.themes.all())[1:]), 1


@pytest.mark.slow
def test_every_way_of_writing_is_recorded(case):
    for name, write, at_least in ways_to_write(case):
        before = Change.objects.of(case).count()
        write()
        recorded = Change.objects.of(case).count() - before
        assert recorded >= at_least if at_least else recorded == 0, name


def test_who_and_why_are_recorded(case, researcher):
    with acting_as(by=researcher, reason="A better source."):
        case.title = "Changed"
        case.save()
    change = newest(case)
    assert (change.by, change.reason, change.before["title"][:14], change.after) == (
        researcher,
        "A better source.",
        "HMP Birmingham",
        {"title": "Changed"},
    )
    case.title = "By a script"
    case.save()
    assert newest(case).by is None


def test_a_failure_does_not_leave_somebody_acting(case, researcher):
    with pytest.raises(DatabaseError), transaction.atomic(), acting_as(by=researcher), connection.cursor() as cursor:
        cursor.execute("select * from no_such_table")
    assert read_actor() == ("", "")


def test_the_verbs_say_who(researcher, publisher):
    made = factories.case()
    submit_record(record=made, by=researcher, note="Ready.")
    assert (newest(made).by, newest(made).reason) == (researcher, "Ready.")
    publish_record(record=made, by=publisher, note="First.")
    assert newest(made).by == publisher


def test_history_cannot_be_altered(case):
    case.title = "Changed"
    case.save()
    for attempt in (lambda: Change.objects.update(reason="x"), lambda: Change.objects.all().delete()):
        with pytest.raises(DatabaseError, match="Cannot"), transaction.atomic():
            attempt()


def test_a_case_includes_what_was_once_part_of_it(case):
    source = case.events.first().citations.first()
    key = f"casestudies_casecitation:{source.pk}"
    case.events.first().delete()
    gone = Change.objects.of(case).filter(key=key, operation="delete")
    assert gone.exists()


def document(record):
    return render_records([record])[0].sha256


EDITS = ["title", "event", "drop", "add", "theme", "series"]


@pytest.mark.slow
@pytest.mark.parametrize("choices", [["title"], EDITS, EDITS[::-1]], ids=["one", "each", "each the other way round"])
def test_undoing_edits_in_turn_gives_the_same_document(choices, researcher):
    undo_all(choices, researcher)


@pytest.mark.trials
@examples(25)
@given(choices=st.lists(st.sampled_from(EDITS), min_size=1, max_size=4))
def test_undoing_gives_it_whatever_was_edited(choices, researcher):
    undo_all(choices, researcher)


def undo_all(choices, researcher):
    with transaction.atomic():
        case = CaseStudy.objects.get(slug="hmp-birmingham")
        before = document(case)
        with connection.cursor() as cursor:
            cursor.execute("select coalesce(max(id), 0) from history_change")
            start = cursor.fetchone()[0]
        for choice in choices:
            change_somehow(case, choice)
        # one test is one transaction, so that all of it is one edit
        numbers = set(Change.objects.of(case).filter(pk__gt=start).values_list("transaction", flat=True))
        assert len(numbers) == 1
        undone = list(Change.objects.of(case).filter(pk__gt=start))
        assert undone
        for number in numbers:
            revert_edit(record=case, number=number, by=researcher, reason="A test.")
        assert document(CaseStudy.objects.get(pk=case.pk)) == before
        transaction.set_rollback(True)


def change_somehow(case, choice):
    """One change of the kind chosen."""
    if choice == "title":
        case.title += " again"
        case.save()
    elif choice == "event":
        case.events.update(description="Another description.")
    elif choice == "drop" and case.interventions.exists():
        case.interventions.last().delete()
    elif choice == "add":
        Event.objects.create(case=case, date="1999", phase="onset", title="Added")
    elif choice == "theme":
        case.findings.first().themes.clear()
        CaseFinding.objects.filter(case=case).update(explanation="Other.")
    else:
        IndicatorValue.objects.filter(indicator__case=case).delete()


def test_an_edit_on_which_others_built_is_not_undone(case, researcher):
    case.title = "One"
    case.save()
    first = newest(case)
    # within one test there is one transaction, so a later one is made up
    Change.objects.create(
        key=first.key, operation="update", before={"title": "One"}, after={"title": "Two"}, at=first.at, transaction=1
    )
    with pytest.raises(CannotRevert, match="changed again later"):
        revert_edit(record=case, number=first.transaction, by=researcher, reason="x")
    with pytest.raises(CannotRevert, match="no such edit"):
        revert_edit(record=case, number=999_999_999, by=researcher, reason="x")
    with pytest.raises(CannotRevert, match="Say why"):
        revert_edit(record=case, number=first.transaction, by=researcher, reason=" ")


@pytest.mark.slow
def test_the_second_of_two_editors_is_told_and_keeps_what_both_wrote(desk, case):
    address = reverse("admin:casestudies_casestudy_change", args=[case.pk])
    mine = form_data(desk.get(address)) | {"title": "Mine: a title nobody must lose"}
    other = User.objects.create_user("other", password="a long enough phrase")
    with acting_as(by=other, reason="Found in the annual report."):
        Event.objects.filter(pk=case.events.first().pk).update(title="Theirs: another event title")
    saved = desk.post(address, mine, follow=True)
    told = " ".join(str(message) for message in saved.context["messages"])
    assert "other saved this record after you opened it" in told
    assert CaseStudy.objects.get(pk=case.pk).title == "Mine: a title nobody must lose"
    assert case.events.first().title == "Theirs: another event title"


@pytest.mark.slow
@pytest.mark.parametrize("version", ["", "x", "-1", "9" * 30])
def test_a_form_without_a_sound_version_is_not_saved(version, desk):
    case = factories.case()
    address = reverse("admin:casestudies_casestudy_change", args=[case.pk])
    data = form_data(desk.get(address)) | {"title": "Blind", "_version": version}
    assert desk.post(address, data).status_code == 200
    assert CaseStudy.objects.get(pk=case.pk).title != "Blind"


@pytest.mark.slow
def test_a_published_record_asks_why_a_draft_does_not(desk, case):
    address = reverse("admin:casestudies_casestudy_change", args=[case.pk])
    data = form_data(desk.get(address)) | {"title": "Without a word", "_reason": " "}
    page = desk.post(address, data)
    assert "say below why you change it" in page.content.decode()
    assert desk.post(address, data | {"_reason": "The old one was wrong."}).status_code == 302
    assert newest(case).reason == "The old one was wrong."
    draft = factories.case()
    assert (
        "Why you change it"
        not in desk.get(reverse("admin:casestudies_casestudy_change", args=[draft.pk])).content.decode()
    )


@pytest.mark.slow
def test_history_shows_words_and_undoes_through_the_browser(desk, case):
    address = reverse("admin:casestudies_casestudy_change", args=[case.pk])
    data = form_data(desk.get(address)) | {"title": "HMP Birmingham: riot and after", "_reason": "Shorter."}
    assert desk.post(address, data).status_code == 302
    history = reverse("admin:casestudies_casestudy_history", args=[case.pk])
    page = desk.get(history).content.decode()
    assert "desk" in page
    assert "Reason: Shorter." in page
    assert "riot" in page
    number = newest(case).transaction
    undo = reverse("admin:casestudies_casestudy_revert", args=[case.pk, number])
    assert desk.get(undo).status_code == 403
    assert "Undone" in desk.post(undo, {"_reason": "It was right."}, follow=True).content.decode()
    assert CaseStudy.objects.get(pk=case.pk).title == case.title


def test_edits_group_what_was_done_at_once(case, researcher):
    with acting_as(by=researcher, reason="Tidying."):
        case.title = "Tidied"
        case.save()
        case.events.update(description="Tidied.")
    first = group_edits(Change.objects.of(case).select_related("by"))[0]
    assert (first.by, first.reason) == ("researcher", "Tidying.")
    assert len(first.parts) == 1 + case.events.count()


def test_a_version_is_a_few_queries_however_large_the_record(case, django_assert_max_num_queries):
    with django_assert_max_num_queries(5):
        version_of(case)
