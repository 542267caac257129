"""Rounds that the tests of a module share."""

import pytest

from recommendations.consultations.invitations import invite_participants
from tests.recommendations.consultations.world import answer_all, opened_round


@pytest.fixture(scope="module")
def invited(own_library, django_db_blocker):
    """A round that all are invited to, in the library of this module: each test rolls back what it does with it."""
    with django_db_blocker.unblock():
        made = opened_round()
        invite_participants(consultation=made, by=made.created_by)
    return made.pk


@pytest.fixture(scope="module")
def answered(own_library, django_db_blocker):
    """A round that all have answered, in the library of this module: each test rolls back what it does with it."""
    with django_db_blocker.unblock():
        made = opened_round()
        answer_all(made)
    return made.pk
