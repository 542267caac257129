"""Colleagues talk about a record while it is under way; readers never hear it."""

import pytest
from django.core import mail
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from casestudies.models import CaseStudy, Event
from failure_lessons.history.audit_context import acting_as
from failure_lessons.outbox.delivery import deliver_waiting
from failure_lessons.publishing.services import return_to_author, submit_record
from failure_lessons.workbench.models import Comment
from failure_lessons.workbench.services import CannotComment, add_comment, reply_to_comment, resolve_comment
from failure_lessons.workbench.tasks import give_task
from tests import factories
from tests.helpers import squeeze_html

pytestmark = pytest.mark.django_db


@pytest.fixture
def author(person):
    return person("author", "researcher")


@pytest.fixture
def reviewer(person):
    return person("reviewer", "reviewer")


@pytest.fixture
def case(author):
    made = factories.case()
    submit_record(record=made, by=author)
    return made


def address(record, what, *more):
    return reverse(f"admin:casestudies_casestudy_{what}", args=[record.pk, *more])


@pytest.mark.slow
def test_a_reviewer_comments_on_a_place_and_the_author_resolves_it(case, author, reviewer, browser_of):
    theirs, mine = browser_of(reviewer), browser_of(author)
    sent = theirs.post(address(case, "comment"), {"place": "events", "text": "Is <b>1996</b> right?"})
    assert sent["Location"].endswith("#comments")
    page = squeeze_html(mine.get(address(case, "change")))
    assert "Is &lt;b&gt;1996&lt;/b&gt; right?" in page
    assert 'on<a href="#events-group">Events</a>' in page
    assert mine.get(reverse("admin:index")).content.decode().count("Answer 1 comment") == 0  # not theirs by writing
    made = Comment.objects.get()
    assert (made.by, made.place, made.model) == (reviewer, "events", "casestudies.casestudy")
    mine.post(address(case, "resolve", made.pk))
    made.refresh_from_db()
    assert made.resolved_by == author
    assert "No open comments." in mine.get(address(case, "change")).content.decode()


@pytest.mark.slow
def test_a_record_goes_back_with_its_open_comments(case, author, reviewer, browser_of):
    add_comment(record=case, by=reviewer, text="Name the body.")
    desk = browser_of(reviewer)
    asking = desk.get(address(case, "verb", "return")).content.decode()
    assert "Name the body." in asking
    desk.post(address(case, "verb", "return"), {"note": "See comments."})
    case.refresh_from_db()
    assert case.state == "draft"
    assert "Name the body." in browser_of(author).get(address(case, "change")).content.decode()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"text": " \n"}, "Write the comment first"),
        ({"text": "\0"}, "Write the comment first"),
        ({"text": "x" * 4001}, "at most 4000"),
        ({"text": "x", "place": "password"}, "Choose a place"),
        ({}, "Write the comment first"),
    ],
)
def test_what_is_no_comment_is_refused_in_words(data, words, case, reviewer, browser_of):
    answer = browser_of(reviewer).post(address(case, "comment"), data, follow=True)
    assert words in answer.content.decode()
    assert not Comment.objects.exists()


def test_published_records_take_no_comments(reviewer):
    with pytest.raises(CannotComment, match="under way"):
        add_comment(record=CaseStudy.objects.first(), by=reviewer, text="Late.")


def test_strangers_and_get_change_nothing(case, person, reviewer, browser_of):
    stranger = browser_of(person("stranger"))
    assert stranger.post(address(case, "comment"), {"text": "x"}).status_code == 403
    assert browser_of(reviewer).get(address(case, "comment")).status_code == 403
    made = add_comment(record=case, by=reviewer, text="x")
    assert stranger.post(address(case, "resolve", made.pk)).status_code == 403
    other = factories.case()
    assert browser_of(reviewer).post(address(other, "resolve", made.pk)).status_code == 404
    made.refresh_from_db()
    assert made.resolved_at is None


def test_the_first_of_two_who_resolve_is_named(case, author, reviewer):
    made = add_comment(record=case, by=reviewer, text="x")
    copy = Comment.objects.get(pk=made.pk)
    resolve_comment(comment=made, by=author)
    resolve_comment(comment=copy, by=reviewer)
    assert copy.resolved_by == author


def test_the_database_keeps_the_rules(case, reviewer):
    for values in ({"text": ""}, {"text": "x", "resolved_at": timezone.now()}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Comment.objects.create(record_id=case.record_id, model="m", by=reviewer, at=timezone.now(), **values)


@pytest.mark.slow
def test_a_comment_is_on_a_row_and_on_words_and_says_when_they_have_changed(case, author, reviewer, browser_of):
    event = case.events.get()
    theirs = browser_of(reviewer)
    page = squeeze_html(theirs.get(address(case, "change")))
    assert f'<option value="events:{event.pk}">' in page
    theirs.post(address(case, "comment"), {"place": f"events:{event.pk}", "words": "It\n began", "text": "Did it?"})
    made = Comment.objects.get()
    assert (made.place, made.row, made.words) == ("events", event.pk, "It began")
    page = squeeze_html(theirs.get(address(case, "change")))
    assert '<a href="#events-0">Events:' in page
    assert "<blockquote>It began</blockquote>" in page
    assert "These words have changed since" not in page
    type(event).objects.filter(pk=event.pk).update(title="It started")
    assert "These words have changed since" in squeeze_html(theirs.get(address(case, "change")))
    type(event).objects.filter(pk=event.pk).delete()
    assert "a row that is gone" in squeeze_html(theirs.get(address(case, "change")))


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        ({"place": "events:999999", "text": "Kept words"}, "no longer there"),
        ({"place": "events:x", "text": "Kept words"}, "Choose a place"),
        ({"place": "title:1", "text": "Kept words"}, "no longer there"),
        ({"place": "title", "words": "Nobody wrote this", "text": "Kept words"}, "do not stand there"),
        ({"words": "x" * 501, "text": "Kept words"}, "at most 500"),
    ],
)
def test_a_refused_comment_comes_back_with_its_words(sent, words, case, reviewer, browser_of):
    answer = browser_of(reviewer).post(address(case, "comment"), sent)
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert "Kept words" in answer.content.decode()
    assert not Comment.objects.exists()


@pytest.mark.slow
def test_comments_are_answered_and_whom_they_concern_or_name_is_told(case, author, reviewer, person, browser_of):
    person("ben.smith", "researcher")
    person("outsider")
    give_task(record=case, job="write", person=person("owner", "researcher"), by=author)
    deliver_waiting()
    mail.outbox.clear()
    text = "Is it so, @Ben.Smith? Not a@b.example, @outsider or @nobody."
    page = browser_of(reviewer).post(address(case, "comment"), {"text": text}, follow=True).content.decode()
    assert "Told of it: author, ben.smith, owner." in page
    assert "is called @outsider, @nobody" in page
    deliver_waiting()
    assert {message.to[0].partition("@")[0]: message.subject for message in mail.outbox} == {
        "author": "reviewer commented: A case",
        "ben.smith": "reviewer named you: A case",
        "owner": "reviewer commented: A case",
    }
    mail.outbox.clear()
    asked = Comment.objects.get()
    assert browser_of(author).post(address(case, "reply", asked.pk), {"text": "Yes, p. 4."}).status_code == 302
    deliver_waiting()
    assert {message.to[0]: message.subject for message in mail.outbox} == {
        "reviewer@example.org": "author answered: A case",
        "owner@example.org": "author answered: A case",
    }
    assert text in mail.outbox[0].body
    answer = asked.replies.get()
    assert reply_to_comment(comment=answer, record=case, by=reviewer, text="Thanks.").parent == asked
    page = squeeze_html(browser_of(author).get(address(case, "change")))
    assert page.index("Is it so") < page.index("Yes, p. 4.") < page.index("Thanks.")
    assert "Comments: 1 open" in page
    browser_of(author).post(address(case, "resolve", asked.pk))
    assert "No open comments." in browser_of(author).get(address(case, "change")).content.decode()
    late = browser_of(author).post(address(case, "reply", asked.pk), {"text": "One more"})
    assert (late.status_code, "resolved meanwhile" in late.content.decode()) == (422, True)


@pytest.mark.slow
def test_what_has_changed_since_the_last_return_is_one_difference(case, author, reviewer, browser_of):
    desk = browser_of(reviewer)
    assert "never returned" in desk.get(address(case, "since_return")).content.decode()
    return_to_author(record=case, by=reviewer, note="Say when it began.")
    case.refresh_from_db()
    event = case.events.get()
    with acting_as(by=author):
        for title in ("It began slowly", "It began in spring"):
            event.title = title
            event.save()
        gone = Event.objects.create(case=case, date="1999", phase="onset", title="A slip of the pen")
        gone.delete()
        Event.objects.create(case=case, date="2001", phase="onset", title="It was seen")
        case.context = "New."
        case.save()
        case.context = ""
        case.save()
    submit_record(record=case, by=author)
    assert "What has changed since" in squeeze_html(desk.get(address(case, "change")))
    page = squeeze_html(desk.get(address(case, "since_return")))
    assert "Say when it began." in page
    assert "in spring" in page
    assert "It was seen" in page
    assert "slowly" not in page
    assert "A slip of the pen" not in page
    assert len(desk.get(address(case, "since_return")).context["since"].edit.parts) == 2
