"""Who does what by when: tasks on any record, the board of the project, and what is mine."""

import datetime as dt

import pytest
from django.core import mail
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from failure_lessons.outbox.delivery import deliver_waiting
from failure_lessons.publishing.services import publish_record, submit_record
from failure_lessons.workbench.models import Task
from failure_lessons.workbench.open_work import hand_over_work
from failure_lessons.workbench.tasks import CannotGive, describe_open_tasks, finish_task, give_task
from literature.models import LiteratureReview, Reference
from literature.screening.services import add_candidates, cast_vote
from tests import factories
from tests.helpers import squeeze_html

pytestmark = pytest.mark.django_db
TOMORROW = timezone.localdate() + dt.timedelta(days=1)


def address(record, what, *more):
    meta = record._meta
    return reverse(f"admin:{meta.app_label}_{meta.model_name}_{what}", args=[record.pk, *more])


@pytest.mark.slow
def test_a_task_is_given_on_the_form_told_by_mail_and_done_by_whom_it_was_asked(amara, ben, rita, browser_of):
    case = factories.case(title="HMP Example")
    desk = browser_of(amara)
    asked = {"job": "review", "person": "rita", "due_date": TOMORROW.isoformat(), "note": "Before the board meets."}
    assert desk.post(address(case, "tasks"), asked)["Location"].endswith("#tasks")
    deliver_waiting()
    [told] = mail.outbox
    assert told.to == ["rita@example.org"]
    assert told.subject == "For you: Review it: HMP Example"
    assert "Before the board meets." in told.body
    assert f"by {TOMORROW.day} {TOMORROW:%B %Y}" in told.body
    first = browser_of(rita).get(reverse("admin:index"))
    [mine] = first.context["tasks"]
    assert (mine.record, mine.job.label, mine.is_late) == (case, "Review it", False)
    assert "Review it: HMP Example" in squeeze_html(first)
    assert "Before the board meets." in squeeze_html(browser_of(rita).get(address(case, "change")))
    task = Task.objects.get()
    assert browser_of(ben).post(address(case, "task_done", task.pk)).status_code == 302  # who may give may end
    task.refresh_from_db()
    assert task.done_by == ben
    assert not browser_of(rita).get(reverse("admin:index")).context["tasks"]


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"job": "review", "person": "ben"}, "may not do this"),
        ({"job": "write", "person": "rita"}, "may not do this"),
        ({"job": "screen-titles", "person": "ben"}, "Select a valid choice"),
        ({"job": "write", "person": "nobody"}, "Select a valid choice"),
        ({"job": "write", "person": "ben", "due_date": "2001-01-01"}, "still to come"),
        ({"job": "write", "person": "ben", "due_date": "9999-01-01"}, "at most five years"),
        ({"job": "write", "person": "ben", "due_date": "soon"}, "Enter a valid date"),
        ({"job": "review", "person": "both"}, "cannot both write and review"),
        ({}, "This field is required"),
    ],
)
@pytest.mark.slow
def test_what_cannot_be_given_comes_back_with_its_words(asked, words, amara, ben, rita, person, browser_of):
    case = factories.case()
    give_task(record=case, job="write", person=person("both", "researcher", "reviewer"), by=amara)
    answer = browser_of(amara).post(address(case, "tasks"), {**asked, "note": "Kept words"})
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert "Kept words" in answer.content.decode()
    assert Task.objects.count() == 1


def test_strangers_and_get_give_and_end_nothing(amara, ben, person, browser_of):
    case = factories.case()
    task = give_task(record=case, job="write", person=ben, by=amara)
    steward = browser_of(person("stella", "steward"))
    stranger = browser_of(person("stranger"))
    assert stranger.post(address(case, "tasks"), {}).status_code == 403
    assert stranger.post(address(case, "task_done", task.pk)).status_code == 403
    assert steward.post(address(case, "tasks"), {}).status_code == 403  # sees it, and may not change it
    assert steward.post(address(case, "task_done", task.pk)).status_code == 403
    assert browser_of(ben).get(address(case, "task_done", task.pk)).status_code == 403
    assert browser_of(ben).post(address(factories.case(), "task_done", task.pk)).status_code == 404
    task.refresh_from_db()
    assert task.done_at is None


def test_to_write_and_to_review_end_with_the_edition_however_it_came(amara, ben, rita, person):
    case = factories.case()
    written = give_task(record=case, job="write", person=ben, by=amara)
    give_task(record=case, job="review", person=rita, by=amara)
    submit_record(record=case, by=ben)
    publish_record(record=case, by=person("paul", "publisher"))
    assert not Task.objects.open().exists()
    again = give_task(record=case, job="write", person=ben, by=amara)
    assert list(Task.objects.open()) == [again]
    written.refresh_from_db()
    assert written.done_at is not None


def test_the_same_task_twice_is_one_with_the_newer_day(amara, ben):
    case = factories.case()
    first = give_task(record=case, job="write", person=ben, by=amara)
    second = give_task(record=case, job="write", person=ben, by=amara, due_date=TOMORROW, note="Sooner.")
    assert (second.pk, second.due_date, second.note) == (first.pk, TOMORROW, "Sooner.")
    finish_task(task=first, by=ben)
    finish_task(task=second, by=amara)
    assert second.done_by == ben  # the first who says so is named
    case.state = "withdrawn"
    with pytest.raises(CannotGive, match="withdrawn"):
        give_task(record=case, job="write", person=ben, by=amara)


def test_the_database_keeps_the_rules_of_tasks(amara, ben):
    case = factories.case()
    task = give_task(record=case, job="write", person=ben, by=amara)
    for values in ({}, {"done_at": timezone.now()}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Task.objects.create(
                record_id=task.record_id, model=task.model, job="write", person=ben, given_by=amara,
                given_at=timezone.now(), **values,
            )  # fmt: skip  # one call on its own


def test_screeners_settlers_and_raters_are_told_how_much_waits(amara, ben, rita):
    review = LiteratureReview.objects.order_by("pk").first()
    records = list(Reference.objects.exclude(screenings__review=review).order_by("pk")[:5])
    add_candidates(review=review, references=records, by=amara, origin="A file")
    for job, person in (("screen-titles", amara), ("screen-titles", ben), ("settle-conflicts", rita)):
        give_task(record=review, job=job, person=person, by=amara)
    give_task(record=review, job="rate-confidence", person=ben, by=amara)

    def left():
        return {
            (each.task.person.username, each.job.code): each.told_left
            for each in describe_open_tasks(list(Task.objects.open().select_related("person")))
        }

    findings = review.findings.count()
    assert left() == {
        ("amara", "screen-titles"): "5 records left",
        ("ben", "screen-titles"): "5 records left",
        ("rita", "settle-conflicts"): "nothing waits now",
        ("ben", "rate-confidence"): f"{findings} findings left",
    }
    vote = {"review": review, "stage": "title-abstract"}
    cast_vote(**vote, reference=records[0], decision="include", by=amara)
    cast_vote(**vote, reference=records[1], decision="include", by=amara)
    cast_vote(**vote, reference=records[1], decision="exclude", reason="Not public.", by=ben)
    cast_vote(**vote, reference=records[2], decision="include", by=amara)
    cast_vote(**vote, reference=records[2], decision="include", by=ben)
    told = left()
    assert told["amara", "screen-titles"] == "2 records left"
    assert told["ben", "screen-titles"] == "3 records left"
    assert told["rita", "settle-conflicts"] == "1 conflict left"


@pytest.mark.slow
def test_the_board_shows_each_record_in_its_stage_with_who_and_when(amara, ben, rita, person, browser_of):
    draft, sent = factories.case(title="Under way"), factories.case(title="Sent in")
    submit_record(record=sent, by=amara)
    yesterday = timezone.now() - dt.timedelta(days=3)
    give_task(record=draft, job="write", person=ben, by=amara, due_date=yesterday.date(), now=yesterday)
    give_task(record=draft, job="review", person=rita, by=amara)
    page = browser_of(amara).get(reverse("admin:board"))
    stages = {stage.label: {card.row.name: card for card in stage.cards} for stage in page.context["stages"]}
    card = stages["Being written"]["Under way"]
    assert (card.owners, card.reviewers, card.is_late) == (["ben"], ["rita"], True)
    assert list(stages["In review"]) == ["Sent in"]
    assert "hmp-birmingham" in {card.row.record.slug for card in stages["Published"].values()}
    assert {each.row.kind for each in stages["Published"].values()} == {"Case study", "Literature review"}
    words = squeeze_html(page)
    assert "ben writes it" in words
    assert "Late:" in words
    own = browser_of(ben).get(reverse("admin:board"), {"person": "ben"}).context["stages"]
    assert [card.row.name for stage in own for card in stage.cards] == ["Under way"]
    lessons = browser_of(ben).get(reverse("admin:board"), {"kind": "lesson"}).context["stages"]
    assert {card.row.kind for stage in lessons for card in stage.cards} == {"Lesson"}
    assert browser_of(ben).get(reverse("admin:board"), {"kind": "nonsense", "person": "\0x"}).status_code == 200
    assert browser_of(person("stranger")).get(reverse("admin:board")).status_code == 403


@pytest.mark.slow
def test_the_board_and_the_tasks_of_the_first_page_ask_no_more_with_more_records(amara, ben, browser_of):
    counts = []
    for _ in range(2):
        for _ in range(4):
            case = factories.case()
            give_task(record=case, job="write", person=ben, by=amara, due_date=TOMORROW)
            give_task(record=LiteratureReview.objects.order_by("pk").first(), job="screen-titles", person=ben, by=amara)
        desk = browser_of(ben)
        desk.get(reverse("admin:board"))
        with CaptureQueriesContext(connection) as asked:
            assert desk.get(reverse("admin:board")).status_code == 200
        counts.append(len(asked))
    assert counts[0] == counts[1]


@pytest.mark.slow
def test_a_list_can_be_cut_down_to_mine_nobodys_and_late(amara, ben, browser_of):
    mine = factories.case(title="Mine")
    factories.case(title="Nobody’s")
    long_ago = timezone.now() - dt.timedelta(days=9)
    give_task(record=mine, job="write", person=ben, by=amara, due_date=long_ago.date(), now=long_ago)
    listed = reverse("admin:casestudies_casestudy_changelist")

    def names(work):
        return {row.title for row in browser_of(ben).get(listed, {"work": work}).context["cl"].queryset}

    assert names("mine") == {"Mine"}
    assert names("late") == {"Mine"}
    assert "Nobody’s" in names("nobody")
    assert "Mine" not in names("nobody")
    assert not browser_of(amara).get(listed, {"work": "mine"}).context["cl"].queryset


def test_who_is_late_is_reminded_once_and_nobody_else(amara, ben, rita):
    case = factories.case(title="Overdue")
    long_ago = timezone.now() - dt.timedelta(days=9)
    give_task(record=case, job="write", person=ben, by=amara, due_date=long_ago.date(), now=long_ago)
    give_task(record=case, job="review", person=rita, by=amara, due_date=TOMORROW)
    deliver_waiting()
    mail.outbox.clear()
    call_command("send_reminders")
    deliver_waiting()
    assert [(message.to, message.subject) for message in mail.outbox] == [(["ben@example.org"], "Late: Overdue")]


def test_tasks_pass_to_whoever_takes_over(amara, ben):
    give_task(record=factories.case(), job="write", person=ben, by=amara)
    hand_over_work(leaver=ben, successor=amara)
    assert Task.objects.get().person == amara
