"""Cases side by side: the sentence of each phase, interventions by kind, and how figures went."""

import pytest

from casestudies.side_by_side import (
    SideBySide,
    echo_safely,
    judge_indicator,
    short_case_name,
    unique_slugs,
)


def test_a_phase_is_told_in_the_sentence_that_was_written_and_not_in_what_stands_first():
    case = {
        "slug": "one",
        "title": "One: x",
        "phases": {"outcome": "Inspectors found it good. It was closed."},
        "in_short": {"outcome": "It was found good, and closed."},
    }
    told = dict(SideBySide((case, {"slug": "two", "title": "Two"})).phases)["Outcome"]
    assert [each.words for each in told] == ["It was found good, and closed.", ""]


@pytest.mark.parametrize(
    ("better", "values", "verdict"),
    [
        ("lower", [9, 3], "better"),
        ("lower", [3, 9], "worse"),
        ("higher", [3, 5, 9], "better"),
        ("higher", [3, 9, 3], "no change"),
        ("", [3, 9], "no judgement"),
        ("lower", [3], "no judgement"),
        ("lower", [], "no judgement"),
    ],
)
def test_change_is_judged_by_the_indicators_own_direction(better, values, verdict):
    rows = [{"period": str(2000 + at), "value": value} for at, value in enumerate(values)]
    assert judge_indicator({"name": "N", "better": better, "values": rows}).verdict == verdict


def test_interventions_stand_by_kind_and_in_the_order_of_the_cases():
    labels = {"labels": {"intervention": {"closure": "Closure", "inspection": "Visits"}}}
    one = {
        "slug": "one",
        "title": "One: x",
        "interventions": [{"kind": "closure", "title": "Shut"}],
        "derived": labels,
    }
    two = {
        "slug": "two",
        "title": "Two",
        "interventions": [{"kind": "inspection", "title": "Seen"}, {"kind": "closure", "title": "Ended"}],
        "derived": labels,
    }
    rows = SideBySide((one, two)).interventions
    assert [row.label for row in rows] == ["Closure", "Visits"]
    assert [[item["title"] for cell in row.cells for item in cell] for row in rows] == [["Shut", "Ended"], ["Seen"]]
    assert SideBySide((one, two)).names == [("one", "One"), ("two", "Two")]


def test_what_was_asked_for_is_shown_back_clean_and_short():
    assert echo_safely("a\x00b\x1f" + "c" * 100) == "ab" + "c" * 36
    assert unique_slugs([" b ", "a", "b", ""]) == ["b", "a"]
    assert short_case_name("A: b: c") == "A"
