"""Colleagues talk about a record while it is under way; readers never hear it."""

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from casestudies.models import CaseStudy
from failure_lessons.publishing.services import submit_record
from failure_lessons.workbench.models import Comment
from failure_lessons.workbench.services import CannotComment, add_comment, resolve_comment
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
