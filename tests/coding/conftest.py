"""People with roles, and documents to quote from."""

import pytest

from failure_lessons.coding.services import attach_document
from tests import factories

TEXT = (
    "The school was inspected in May. The inspectors found that leaders “did not know”\n"
    "what was happening in class-\nrooms, and that well-known remedies were not tried.\n\n"
    "The school was inspected again in October. Staff spoke of relief.\n"
)


@pytest.fixture
def coder(person):
    """A researcher who codes."""
    return person("coder", "researcher")


@pytest.fixture
def document(coder):
    """A private text."""
    return attach_document(reference=factories.reference(), name="notes.txt", data=TEXT.encode(), by=coder)
