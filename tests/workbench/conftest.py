"""The people of the workbench whom several tests know."""

import pytest


@pytest.fixture
def amara(person):
    return person("amara", "researcher")


@pytest.fixture
def ben(person):
    return person("ben", "researcher")


@pytest.fixture
def rita(person):
    return person("rita", "reviewer")
