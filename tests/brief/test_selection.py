"""The address of a brief: read, written, changed; nothing understood is ever lost."""

from dataclasses import replace

import pytest
from django.http import QueryDict
from hypothesis import given
from hypothesis import strategies as st

from failure_lessons.pages.brief.selection import (
    DEPTHS,
    LONGEST_ADDRESS,
    MOST_PICKS,
    Pick,
    Selection,
    clean_lines,
    read_selection,
    unpack_token,
)

PICKS = st.one_of(
    st.builds(lambda n, e: Pick(f"R{n}", e), st.integers(1, 999), st.integers(1, 99)),
    st.builds(lambda n, e: Pick(f"E{n}-F{e}", e), st.integers(1, 999), st.integers(1, 99)),
    st.builds(lambda n: Pick(f"case-studies/hmp-{n}", n), st.integers(1, 99)),
)
SELECTIONS = st.builds(
    Selection,
    st.text(max_size=60).map(lambda text: " ".join(clean_lines(text).split())),
    st.text(max_size=200).map(clean_lines),
    st.lists(PICKS, max_size=MOST_PICKS, unique=True).map(tuple),
)
DEPTHS_OF_SELECTIONS = st.builds(
    lambda selection, depth: replace(selection, depth=depth), SELECTIONS, st.sampled_from(list(DEPTHS))
)


@pytest.mark.slow
@given(DEPTHS_OF_SELECTIONS)
def test_a_brief_comes_back_from_its_address_as_it_was(selection):
    assert read_selection(QueryDict(selection.query))[0] == selection


@given(SELECTIONS)
def test_a_brief_comes_back_from_its_token_as_it_was(selection):
    assert unpack_token(selection.token) == selection


@given(st.text(max_size=300))
def test_no_token_breaks_anything(token):
    found = unpack_token(token)
    assert found is None or isinstance(found, Selection)


@given(
    st.dictionaries(
        st.sampled_from(["r", "add", "up", "down", "remove", "renew", "title", "note", "brief", "pages", "x"]),
        st.lists(st.text(max_size=40), max_size=4),
    )
)
def test_no_address_breaks_anything(values):
    query = QueryDict(mutable=True)
    for name, each in values.items():
        query.setlist(name, each)
    selection, place, messages = read_selection(query)
    assert len(selection.picks) <= MOST_PICKS
    assert place == "" or place.startswith("#rec")
    assert all(isinstance(message, str) for message in messages)


def names(query):
    return [str(pick) for pick in read_selection(QueryDict(query))[0].picks]


@pytest.mark.parametrize(
    ("query", "picks"),
    [
        ("r=R1.1&r=R2.1&r=R3.1&up=3", ["R1.1", "R3.1", "R2.1"]),
        ("r=R1.1&r=R2.1&r=R3.1&down=1", ["R2.1", "R1.1", "R3.1"]),
        ("r=R1.1&r=R2.1&up=1", ["R1.1", "R2.1"]),
        ("r=R1.1&r=R2.1&down=2", ["R1.1", "R2.1"]),
        ("r=R1.1&r=R2.1&remove=1", ["R2.1"]),
        ("r=R1.1&r=R2.1&remove=9", ["R1.1", "R2.1"]),
        ("r=R1.1&r=R2.1&remove=-1", ["R1.1", "R2.1"]),
        ("r=R1.1&remove=²", ["R1.1"]),
        ("r=R1.1&renew=1", ["R1"]),
        ("r=r1.1&add=e1-f3", ["R1.1", "E1-F3"]),
        ("r=R1.1&add=R1.1", ["R1.1"]),
    ],
)
def test_a_button_changes_what_it_says(query, picks):
    assert names(query) == picks


def test_what_is_carried_along_is_kept_when_a_record_is_added():
    token = Selection("A title", "A note", (Pick("R1", 1),)).token
    selection, place, messages = read_selection(QueryDict(f"brief={token}&add=R2.1"))
    assert selection == Selection("A title", "A note", (Pick("R1", 1), Pick("R2", 1)))
    assert (place, messages) == ("#record-2", [])


def test_five_hundred_records_are_refused_in_words_and_the_first_thirty_kept():
    selection, _, messages = read_selection(QueryDict("&".join(f"r=R{number}.1" for number in range(1, 501))))
    assert len(selection.picks) == MOST_PICKS
    assert messages == [
        "A brief holds at most 30 records. These were left out: "
        + ", ".join(f"R{number}.1" for number in range(31, 41))
        + " and 460 more."
    ]


def test_the_thirty_first_is_not_added_and_the_message_says_so():
    thirty = "&".join(f"r=R{number}.1" for number in range(1, 31))
    selection, _, messages = read_selection(QueryDict(f"{thirty}&add=R31.1"))
    assert len(selection.picks) == MOST_PICKS
    assert "R31.1 was not added" in messages[0]


def test_too_long_a_note_is_kept_whole_and_named():
    selection, _, messages = read_selection(QueryDict("note=" + "a" * 2001))
    assert len(selection.note) == 2001
    assert "2,001 characters; at most 2,000 fit" in messages[0]


def test_an_address_that_would_not_arrive_is_named():
    query = QueryDict(mutable=True)
    query["note"] = "س" * 2000
    selection, _, messages = read_selection(query)
    assert len(selection.address) > LONGEST_ADDRESS
    assert "Shorten the note" in messages[0]


def test_a_token_that_would_unfold_into_too_much_is_refused():
    assert unpack_token(Selection("", "a" * 5_000_000, ()).token) is None


def test_control_and_turning_characters_go_and_the_rest_of_a_note_stays():
    assert clean_lines("one\r\ntwo\x00\x1b\u202e three 👩‍🚀 العربية") == "one\ntwo three 👩‍🚀 العربية"
