"""CERQual at a glance."""

import pytest

from failure_lessons.charts.profile import draw_profile

ASSESSED = {
    "methodological_limitations": {"level": "moderate-concerns", "reason": "Summaries"},
    "coherence": {"level": "minor-concerns", "reason": "Agree"},
    "adequacy": {"level": "moderate-concerns", "reason": "Two sources"},
    "relevance": {"level": "no-or-very-minor-concerns", "reason": "Direct"},
    "overall": {"level": "low"},
}


def test_more_steps_mean_less_concern_and_more_confidence():
    picture = draw_profile(ASSESSED)
    assert [part.filled for part in picture.parts] == [2, 3, 2, 4, 2]
    assert [part.level for part in picture.parts] == [
        "Moderate concerns",
        "Minor concerns",
        "Moderate concerns",
        "No or very minor concerns",
        "Low",
    ]
    for part in picture.parts:
        assert sum(filled for _, filled in part.steps) == part.filled
        assert f"{part.label}: {part.level.lower()}" in picture.words


def test_the_reason_given_explains_and_otherwise_the_concerns_gravest_first():
    assert draw_profile(ASSESSED).explanation == (
        "Moderate concerns about methodological limitations and adequacy of data; minor concerns about coherence."
    )
    reasoned = {**ASSESSED, "overall": {"level": "low", "reason": "Few studies."}}
    assert draw_profile(reasoned).explanation == "Few studies."


@pytest.mark.parametrize("cerqual", [{}, {"overall": {}}, {"overall": {"level": "nonsense"}}])
def test_what_was_not_assessed_says_so(cerqual):
    picture = draw_profile(cerqual)
    assert {part.level for part in picture.parts} == {"Not assessed"}
    assert {part.filled for part in picture.parts} == {0}
