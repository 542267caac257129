"""Answers that are saved before a page is made, and those for which one has to be shown."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from recommendations.consultations.models import Answerer, Rating, Submitted
from tests.recommendations.consultations.test_taking_part import come_in, first_link, send, tree_of
from tests.recommendations.consultations.test_taking_part import nobody_tried_before as nobody_tried_before
from tests.recommendations.consultations.test_taking_part import row as row

pytestmark = pytest.mark.django_db


@pytest.mark.slow
def test_what_is_saved_early_and_what_is_saved_by_the_page_is_the_same(row):
    browser, statement = come_in(first_link()), row.statements.first()
    address = f"/take-part/statements/{statement.code}/"
    for words in ("First.", "Second.", ""):
        with CaptureQueriesContext(connection) as asked:
            proof = tree_of(browser.get(address)).xpath("(//main//form//input[@name='proof']/@value)[1]")[0]
            before = len(asked)
            answer = browser.post(
                address, {"proof": proof, "question-clear": "8", "comment": words, "permission": "words"}
            )
        assert answer.status_code == 302
        assert len(asked) - before == (4 if words == "First." else 2), (
            "what is asked is read once, then the seat, and the save"
        )
        assert answer["Cache-Control"] == "no-store"
        assert {"Content-Security-Policy", "X-Frame-Options", "X-Content-Type-Options"} <= set(answer.headers)
        assert list(Submitted.objects.filter(form="comment").values_list("text", "permission")) == [
            (words, "words")
        ] * bool(words)
    refused = send(browser, address, **{"question-clear": "7", "question-important": "12", "comment": "x" * 4001})
    assert refused.status_code == 400
    assert list(Rating.objects.values_list("question__code", "value")) == [("clear", 7)]
    assert tree_of(refused).xpath("//p[@class='fault']")
    Submitted.objects.all().delete()
    Answerer.objects.update(gave_own_view=False)
    assert browser.post(address, {"proof": proof, "question-clear": "1"})["Location"] == "/take-part/words/own-view/"
    assert browser.post(address, {"proof": "x" * 32, "question-clear": "1"}).status_code == 403
    assert Rating.objects.get().value == 7
