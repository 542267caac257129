"""A review of our own, and people who work on it."""

import pytest

from literature.models import EligibilityCriterion, LiteratureReview


@pytest.fixture
def review(db):
    """A review with two reasons to exclude."""
    made = LiteratureReview.objects.create(
        slug="zebras",
        title="Zebras",
        question="Why?",
        review_type="scoping-review",
        sector="education",
        synthesis="None.",
    )
    for place, (decision, text) in enumerate(
        [("include", "About zebras."), ("exclude", "Not about zebras."), ("exclude", "No evidence.")]
    ):
        EligibilityCriterion.objects.create(review=made, decision=decision, text=text, position=place)
    return made


@pytest.fixture
def ann(person):
    return person("ann", "researcher")


@pytest.fixture
def ben(person):
    return person("ben", "researcher")


@pytest.fixture
def cat(person):
    return person("cat", "reviewer")
