"""Comments at the size of a large round: found, settled by two, published, taken away."""

import csv
import io
import re
import zipfile

import docx
import pytest
from django.db.models import F
from django.utils import timezone

from failure_lessons.publishing.services import publish_record, submit_record, withdraw_record
from recommendations.consultations.models import Answerer, Disposition, Submitted
from recommendations.consultations.moderation import link_changes
from recommendations.consultations.services import close_round
from recommendations.models import Recommendation
from tests.helpers import count_queries
from tests.recommendations.consultations.test_desk import page
from tests.recommendations.consultations.test_desk import seen as seen_in_form
from tests.recommendations.consultations.world import answer_all, opened_round, publish_round

pytestmark = pytest.mark.django_db
HOSTILE = ('=HYPERLINK("https://evil.example",1)', "<script>alert(1)</script>", "\u202eabc", "+1|cmd", "a\ufeffb")


def commented_round(comments):
    """A closed round in which as many comments were made, of which every fifth is hostile."""
    row = opened_round(statements=2)
    answer_all(row)
    [statement, other] = row.statements.all()
    group, today = row.groups.first(), timezone.now().date()
    more = Answerer.objects.bulk_create(
        Answerer(round=row, group=group, pseudonym=f"{row.pk}-more-{place}", consented_on=today, notice_version=1)
        for place in range(comments // 2)
    )
    Submitted.objects.bulk_create(
        Submitted(
            answerer=who,
            statement=about,
            form="comment",
            text=HOSTILE[place % 5] if place % 25 == 0 else f"We tried this in ward {place}, and it was too slow.",
            permission="words",
        )
        for about in (statement, other)
        for place, who in enumerate(more)
    )
    close_round(consultation=row, by=row.created_by)
    return row


def settle_all(row, first, second):
    """Every comment is read by two and answered by two, without the pages."""
    comments = Submitted.objects.filter(answerer__round=row)
    comments.update(read_by=first, public_text=F("text"))
    comments.update(read_again_by=second)
    Disposition.objects.bulk_create(
        Disposition(submitted=each, outcome="not-accepted", reason="It was weighed.", by=first, agreed_by=second)
        for each in comments
    )


@pytest.fixture
def two(person, browser_of):
    return [browser_of(person(name, "facilitator")) for name in ("one", "two")]


@pytest.mark.slow
def test_the_desk_costs_the_same_at_ten_and_at_a_thousand_comments(two):
    costs = []
    for comments in (60, 1000):
        where = page("comments", commented_round(comments).pk)
        two[0].get(where)
        answer = two[0].get(where)
        costs.append((count_queries(two[0].get, where), len(answer.content) // 20_000))
        assert f"To be read: {comments}" in answer.content.decode()
        assert answer.content.decode().count('<section class="module"') == 25
    assert costs[0] == costs[1]


def seen_on(answer):
    """Each comment of a page as it was shown."""
    return list(dict.fromkeys(re.findall(r'name="seen" value="([0-9]+:[0-9a-f]+)"', answer.content.decode())))


@pytest.mark.slow
def test_comments_are_found_and_settled_by_the_page_by_two(two):
    one, other = two
    row = commented_round(60)
    where = page("comments", row.pk)
    found = one.get(where, {"q": "ward 7,"}).content.decode()
    assert found.count('<section class="module"') == 2
    about = one.get(where, {"q": "ward 7,", "statement": row.statements.first().code}).content.decode()
    assert about.count('<section class="module"') == 1
    assert "No comment answers to this." in one.get(where, {"q": "\0nobody said this"}).content.decode()
    assert one.get(where, {"page": "x", "waits": "nothing", "statement": "\0"}).status_code == 200
    comments = list(Submitted.objects.filter(answerer__round=row).order_by("number")[:3])
    for each in comments:
        one.post(where, {"comment": each.pk, "what": "read", "public_text": each.text})
        one.post(where, {"comment": each.pk, "what": "decide", "outcome": "not-accepted", "reason": "Weighed."})
    back = one.post(f"{where}?waits=read&page=2", {"comment": comments[0].pk, "what": "read", "public_text": "x"})
    assert back["Location"] == f"{where}?waits=read&page=2#c{comments[0].pk}"
    for waits, what in (("read-again", "confirm"), ("agree", "agree")):
        seen = seen_on(other.get(where, {"waits": waits}))
        assert len(seen) == 3
        told = one.post(where, {"what": what, "seen": seen}, follow=True).content.decode()
        assert "omebody else has to" in told
        if what == "agree":  # the first changes the proposal while the second reads
            changed = {
                "comment": comments[2].pk,
                "what": "decide",
                "outcome": "accepted",
                "reason": "Yes.",
                "change": "R1",
            }
            one.post(where, changed)
        odd = ["x", "999999:0", f"x{comments[0].pk}", "", ":"]
        told = other.post(where, {"what": what, "seen": [*odd, *seen]}, follow=True).content.decode()
        assert f"{3 if what == 'confirm' else 2} comments: done." in told
    untouched = Submitted.objects.filter(answerer__round=row).order_by("number")[3]
    sent = {"what": "agree", "seen": seen_in_form(untouched)}
    assert f"Nothing is proposed for {untouched} yet." in other.post(where, sent, follow=True).content.decode()
    assert f"C{comments[2].number} was changed while you read" in told
    assert Disposition.objects.filter(submitted__in=comments, agreed_by__isnull=False).count() == 2


@pytest.mark.slow
@pytest.mark.parametrize("comments", [250, pytest.param(10_000, marks=pytest.mark.trials)])
def test_a_report_of_many_comments_is_published_and_opens_safely(comments, client, researcher, publisher):
    row = commented_round(comments)
    settle_all(row, researcher, publisher)
    publish_round(row)
    where = f"/consultation-rounds/{row.slug}/"
    shown = client.get(where).content.decode()
    assert f"The first 200 of {comments} are here." in shown
    assert len(shown) < 400_000
    assert "<script>alert(1)" not in shown
    told = client.get(f"{where}comments.csv").content.decode("utf-8-sig")
    lines = list(csv.DictReader(io.StringIO(told)))
    assert len(lines) == comments
    assert not any(cell[:1] in "=+@-" for line in lines for cell in line.values() if cell)
    word = client.get(f"{where}report.docx").content
    assert zipfile.is_zipfile(io.BytesIO(word))
    assert sum("too slow" in each.text for each in docx.Document(io.BytesIO(word)).paragraphs) == comments * 24 // 25
    assert client.get(f"{where}report.pdf").content.startswith(b"%PDF")
    assert len(client.get(f"/api/v1/consultation-rounds/{row.slug}/").json()["report"]["comments"]) == comments


@pytest.mark.slow
def test_a_report_shows_that_the_change_was_withdrawn_later(client, researcher, publisher):
    row = commented_round(2)
    settle_all(row, researcher, publisher)
    Disposition.objects.filter(submitted__answerer__round=row).update(outcome="accepted", change="R1")
    changed = Recommendation.objects.get(code="R1")
    changed.statement += " At once."
    changed.save()
    submit_record(record=changed, by=researcher)
    publish_record(record=changed, by=publisher)
    assert link_changes(row) == 2
    assert link_changes(row) == 0
    publish_round(row)
    where = f"/consultation-rounds/{row.slug}/"
    assert "The edition with the change" in client.get(where).content.decode()
    assert "was withdrawn since" not in client.get(where).content.decode()
    withdraw_record(record=changed, by=publisher, note="It was wrong.")
    assert client.get(where).content.decode().count("That edition was withdrawn since.") == 2
