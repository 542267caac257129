"""Cases side by side: extracts, interventions by kind, and how figures went."""

import pytest

from casestudies.side_by_side import (
    EXTRACT,
    SideBySide,
    echo_safely,
    extract_sentences,
    judge_indicator,
    opening_of,
    short_case_name,
    unique_slugs,
)


def test_an_extract_is_whole_sentences_without_citations():
    text = (
        "It began in 1996 [ref: report]. "
        + "Then much more was said about it at length. " * 20
        + "\n\nA second paragraph."
    )
    found = extract_sentences(text)
    assert found.startswith("It began in 1996. Then")
    assert found.endswith("at length.")
    assert len(found.split()) <= EXTRACT
    assert "ref" not in found


def test_a_long_first_sentence_is_kept_whole():
    assert extract_sentences("word " * 90 + "end.") == "word " * 90 + "end."
    assert extract_sentences("") == ""


def test_an_opening_takes_a_second_sentence_only_where_the_first_is_brief():
    assert (
        opening_of("Recovery was slow. Violence fell by 60 per cent. Drugs did not.")
        == "Recovery was slow. Violence fell by 60 per cent."
    )
    assert opening_of("One " * 25 + "end. Two.") == "One " * 25 + "end."


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
