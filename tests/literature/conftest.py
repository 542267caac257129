"""A review of our own, and people who work on it."""

import pytest
from django.contrib.auth.models import Group
from django.test import Client

from failure_lessons.accounts.models import User
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
def person(db):
    """Makes a person who can sign in, with these roles."""

    def make(name, *roles):
        made = User.objects.create_user(name, f"{name}@example.org", "a long enough phrase", is_staff=True)
        made.groups.set(Group.objects.filter(name__in=roles))
        assert made.groups.count() == len(roles)
        return made

    return make


@pytest.fixture
def browser_of():
    """The browser of somebody who has signed in."""

    def sign_in(user):
        client = Client()
        client.force_login(user)
        return client

    return sign_in


@pytest.fixture
def ann(person):
    return person("ann", "researcher")


@pytest.fixture
def ben(person):
    return person("ben", "researcher")


@pytest.fixture
def cat(person):
    return person("cat", "reviewer")
