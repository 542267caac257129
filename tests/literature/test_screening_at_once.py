"""Two screeners at once, on two connections: one decision follows, never two, never none."""

import pytest
from django.contrib.auth import get_user_model

from literature.models import LiteratureReview, Screening, ScreeningVote
from literature.screening.services import add_candidates, cast_vote
from tests import factories
from tests.publishing.test_concurrency import at_once


@pytest.fixture
def contested(committed):
    """A review with one record and two people, committed."""
    review = LiteratureReview.objects.create(
        slug="at-once", title="At once", question="Why?", review_type="scoping-review", sector="education"
    )
    people = [get_user_model().objects.get_or_create(username=name)[0] for name in ("ann-c", "ben-c")]
    record = factories.reference("Contested")
    add_candidates(review=review, references=[record], by=people[0], origin="A test")
    yield review, record, people
    for model in (Screening, ScreeningVote):
        model.objects.filter(review=review).delete()
    review.delete()
    record.delete()


@pytest.mark.slow
def test_two_votes_at_once_make_one_decision(contested):
    review, record, people = contested
    for _ in range(10):
        at_once(
            *(
                lambda by=by: cast_vote(
                    review=review, reference=record, stage="title-abstract", decision="include", by=by
                )
                for by in people
            )
        )
        assert ScreeningVote.objects.filter(review=review).count() == 2
        assert Screening.objects.filter(review=review).count() == 1
        Screening.objects.filter(review=review).delete()
        ScreeningVote.objects.filter(review=review).delete()


@pytest.mark.slow
def test_one_person_voting_twice_at_once_votes_once(contested):
    review, record, (ann, _) = contested
    both = at_once(
        *(
            lambda: cast_vote(review=review, reference=record, stage="title-abstract", decision="include", by=ann)
            for _ in range(2)
        )
    )
    assert both[0] == both[1] == ScreeningVote.objects.get(review=review)
