"""What the tests of the intake room share."""

import os

import pytest

from failure_lessons.access.quota import Policy
from failure_lessons.intake import proofs


@pytest.fixture(autouse=True)
def nobody_has_sent_yet(monkeypatch):
    """Each test is the first of its hour."""
    monkeypatch.setattr(proofs, "SENDING", Policy(f"intake-{os.urandom(4).hex()}", 10, 3600))
