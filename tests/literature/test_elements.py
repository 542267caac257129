"""The elements of a review's question are typed as lines, and come back as they were."""

import pytest
from django.forms import ValidationError
from django.urls import reverse

from literature.models import LiteratureReview
from literature.sourced_forms import ElementsField

FIELD = ElementsField(required=False)


@pytest.mark.parametrize(
    ("text", "elements"),
    [
        ("", {}),
        ("setting: schools in England", {"setting": "schools in England"}),
        ("Phenomenon of interest:  failure\n  and recovery\n\n", {"phenomenon_of_interest": "failure and recovery"}),
        ("setting: at 10:30 in wards\r\nevaluation: x", {"setting": "at 10:30 in wards", "evaluation": "x"}),
    ],
)
def test_lines_are_read_and_written_alike(text, elements):
    assert FIELD.clean(text) == elements
    assert FIELD.clean(FIELD.prepare_value(elements)) == elements
    assert not FIELD.has_changed(elements, text)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("schools", "begin with the name"),
        ("setting: a\nsetting: b", "twice"),
        ("setting:", "take the line out"),
        ('{"setting": "schools"}', "begin with the name"),
    ],
)
def test_what_cannot_be_read_is_refused_in_words(text, words):
    with pytest.raises(ValidationError, match=words):
        FIELD.clean(text)
    assert FIELD.has_changed({}, text)


@pytest.mark.slow
@pytest.mark.django_db
def test_the_form_of_a_review_shows_no_json(shipped, person, browser_of):
    desk = browser_of(person("amara", "researcher"))
    review = LiteratureReview.objects.exclude(framework_elements={}).first()
    page = desk.get(reverse("admin:literature_literaturereview_change", args=[review.pk])).content.decode()
    assert "setting: " in page
    assert "{&quot;setting" not in page
