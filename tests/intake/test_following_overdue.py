"""Followers are told of what became overdue at midnight in London, when nobody has published anything: once a day due."""

import datetime as dt

import pytest
from django.utils import timezone

from failure_lessons.intake.following import confirm_following, tell_followers
from failure_lessons.intake.models import Following
from failure_lessons.intake.targets import find_target
from failure_lessons.outbox.models import Message
from failure_lessons.publishing.models import Edition
from tests.recommendations.test_dossiers import ask_for_answer, publish_again
from tests.recommendations.test_dossiers import dossier as dossier

pytestmark = pytest.mark.django_db
BODY = "/follow-up/bodies/care-quality-commission/"


def follow_from(moment, address, email, how_often="at-once"):
    """A following that was confirmed at a moment."""
    target = find_target(address)
    row = Following.objects.create(
        email=email,
        address=target.address,
        record=target.record,
        title=target.title,
        how_often=how_often,
        asked_at=moment,
        told_at=moment,
    )
    confirm_following(row.pk, moment)


def take_told():
    """Who was told since, and their mails."""
    rows = Message.objects.filter(purpose="following-told")
    found = {each.recipient: "\n".join([each.context["subject"], *each.context["lines"]]) for each in rows}
    rows.delete()
    return found


# A day ends at midnight in London: in winter that is midnight of Greenwich, in summer an hour before.
@pytest.mark.slow
@pytest.mark.parametrize(("month", "hour"), [(1, 0), (7, -1)])
def test_followers_are_told_at_midnight_in_london_and_once(dossier, researcher, publisher, month, hour):
    due = dt.date(timezone.localdate().year + 1, month, 10)
    midnight = dt.datetime(due.year, month, 11, tzinfo=dt.UTC) + dt.timedelta(hours=hour)
    second = dt.timedelta(seconds=1)
    ask_for_answer(dossier, researcher, day=dt.date(2026, 11, 1), due=due, publisher=publisher)
    page = Edition.objects.current().get(kind="follow-up", record_id=dossier.record_id)
    early = midnight - dt.timedelta(days=3)
    for email, address in {
        "dossier": page.get_absolute_url(),
        "ours": f"/recommendations/{dossier.recommendation.slug}/",
        "body": BODY,
        "list": "/follow-up/?made=ours",
        "search": f"/search/?q={page.title}",
        "other-body": "/follow-up/bodies/ministry-of-justice/",
        "other-list": "/lessons/",
    }.items():
        follow_from(early, address, f"{email}@example.org")
    follow_from(early, BODY, "daily@example.org", "daily")
    tell_followers(midnight - second)
    assert take_told().keys() <= {"daily@example.org"}
    tell_followers(midnight)
    told = take_told()
    assert set(told) == {f"{each}@example.org" for each in ("dossier", "ours", "body", "list", "search")}
    for words in told.values():
        assert words.startswith("Overdue: ")
        assert f"An answer was due by {due:%-d %B %Y}, and we know of none." in words
        assert f"{page.get_absolute_url()}" in words
    assert tell_followers(midnight + second) == 0
    tell_followers(midnight + dt.timedelta(hours=7))
    assert set(take_told()) == {"daily@example.org"}
    assert tell_followers(midnight + dt.timedelta(days=1)) == 0, "each day due is told once"
    follow_from(midnight + second, BODY, "late@example.org")
    publish_again(dossier, researcher, publisher)
    tell_followers(midnight + dt.timedelta(days=2))
    assert not [words for words in take_told().values() if "An answer was due" in words]
