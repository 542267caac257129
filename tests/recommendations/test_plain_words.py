"""Recommendations in everyday words, and in a form short enough for one page."""

import json

import pytest
from django.conf import settings
from django.core.exceptions import ValidationError

from failure_lessons.publishing.models import Edition
from recommendations.models import Recommendation
from recommendations.reading_age import reading_age
from tests.helpers import text_of_page

SHIPPED = json.loads((settings.BASE_DIR / "evidence" / "recommendations.json").read_text())


def test_the_reading_age_is_that_of_the_index_worked_out_by_hand():
    # 9 words of 28 letters in 2 sentences: below nought by the formula, where grades start
    assert reading_age("The cat sat down. The dog ran off too.") == 5
    # 5 words of 66 letters in one sentence: 4.71 of 13.2 letters and half of 5 words, less 21.43, is 43.2
    assert reading_age("Organisational accountability arrangements necessitate reconsideration.") == 43 + 5
    assert reading_age("") is None
    assert reading_age("…") is None


@pytest.mark.parametrize("entry", SHIPPED, ids=lambda entry: entry["code"])
def test_each_shipped_recommendation_is_told_in_plain_words_and_in_short(entry):
    assert reading_age(entry["plain_summary"]) <= 12
    assert reading_age(entry["short_form"]["action"]) <= 21
    assert (
        reading_age(entry["statement"]) <= 27
    )  # one sentence that says who, what and when; the summary is for reading
    assert all(entry["short_form"][name] for name in ("question", "action", "steps", "sureness", "against"))
    assert entry["short_form"]["sureness"].lower().startswith(entry["confidence"])


@pytest.mark.django_db
def test_the_reading_age_is_published_and_shown(client):
    edition = Edition.objects.current().get(code="R8")
    age = edition.content["derived"]["plain_summary_reading_age"]
    assert age == reading_age(edition.content["plain_summary"])
    answer = client.get(edition.get_absolute_url())
    assert edition.content["plain_summary"] in answer.content.decode()
    worded = edition.content["derived"]["statement_reading_age"]
    assert worded == reading_age(edition.content["statement"])
    told = text_of_page(answer)
    assert f"Reading age {age}, by the Automated Readability Index" in told
    assert f"of the recommendation as it is worded above, {worded}." in told


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("short_question", "x" * 111),
        ("short_action", "x" * 161),
        ("short_steps", ["x" * 81]),
        ("short_steps", ["x"] * 5),
        ("short_sureness", "x" * 181),
        ("short_against", "x" * 181),
        ("plain_summary", "x" * 701),
    ],
)
def test_what_would_not_fit_on_the_page_is_refused_by_its_name(name, value):
    recommendation = Recommendation.objects.get(code="R8")
    setattr(recommendation, name, value)
    with pytest.raises(ValidationError) as refused:
        recommendation.full_clean()
    assert set(refused.value.message_dict) == {name}
