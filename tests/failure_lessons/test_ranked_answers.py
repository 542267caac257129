"""What was ranked for a question before a publication and what is ranked anew are the same."""

import pytest

from failure_lessons.library import answers, search
from failure_lessons.library.search import find_results, order_results, understand
from failure_lessons.library.search_scope import SearchScope
from failure_lessons.library.term_bitmaps import keeper
from failure_lessons.publishing.services import withdraw_record
from recommendations.models import Lesson, Recommendation
from tests import factories
from tests.helpers import submit_and_publish

pytestmark = pytest.mark.django_db
TEXTS = ("staff shortage", "staff", "monitoring of recovery", "who tells the board of bad news")


def rank(text):
    scope = SearchScope()
    found = understand(text, scope)
    return found.answers, order_results(scope, find_results(scope, found), found)


def rank_anew(text):
    keeper.snapshot.answers.clear()
    return rank(text)


def publish_about(title):
    record = factories.recommendation(Lesson.objects.first())
    record.title = title
    record.save()
    submit_and_publish(record)
    return record


@pytest.mark.slow
@pytest.mark.parametrize(("most", "ranked"), [(300, 200), (12, 9), (2, 2)])
def test_answers_are_the_same_whether_some_were_ranked_before(most, ranked, monkeypatch, publisher):
    monkeypatch.setattr(answers, "MOST_WEIGHED", most)
    monkeypatch.setattr(search, "RANKED", ranked)
    made = []
    deeds = [
        lambda: made.append(publish_about("Staff shortage and who tells the board of the recovery")),
        lambda: made.append(publish_about("Bread")),
        lambda: withdraw_record(record=made[0], by=publisher, note="It was wrong."),
        lambda: withdraw_record(record=Recommendation.objects.get(code="R1"), by=publisher, note="It was wrong."),
        lambda: made.append(publish_about("Monitoring of staff")),
    ]
    changed = 0
    for deed in deeds:
        before = {text: rank(text) for text in TEXTS}
        deed()
        after = {text: rank(text) for text in TEXTS}
        assert after == {text: rank_anew(text) for text in TEXTS}
        changed += after != before
    assert changed >= 2


def test_only_what_came_is_ranked_after_a_publication():
    rank(TEXTS[0])
    asked = []

    def note(candidates, **named):
        asked.append(len(candidates))
        return weigh(candidates, **named)

    weigh = answers.weigh_records
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(answers, "weigh_records", note)
        publish_about("Staff shortage again")
        rank(TEXTS[0])
        assert asked == [1]  # of the records; no theme came
        keeper.snapshot.answers.clear()
        rank(TEXTS[0])
    assert max(asked) > 5
