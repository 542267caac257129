"""People with the roles of the workbench."""

import pytest
from django.contrib.auth.models import Group
from django.test import Client

from failure_lessons.accounts.models import User


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
