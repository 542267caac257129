"""The timeline of a case: order, ranges, no mark over another."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from failure_lessons.charts.timeline import BADGE, draw_timeline

PHASES = ["onset", "identification", "management", "resolution", "aftermath"]
DATES = st.one_of(
    st.integers(1900, 2030).map(str),
    st.integers(1900, 2030).map(lambda year: f"{year}~"),
    st.dates().map(lambda day: day.isoformat()),
    st.tuples(st.integers(1900, 1990), st.integers(1991, 2030)).map(lambda pair: f"{pair[0]}/{pair[1]}"),
    st.sampled_from(["../2001", "1999/..", "199X", "0001", "9999-12-31"]),
)
EVENTS = st.lists(
    st.fixed_dictionaries({"date": DATES, "phase": st.sampled_from(PHASES), "title": st.just("Something")}), max_size=40
)


def marks(picture):
    return [mark for lane in picture.lanes for mark in lane.marks]


@given(EVENTS)
def test_every_event_is_drawn_once_and_no_number_covers_another(events):
    picture = draw_timeline({"events": events})
    drawn = marks(picture)
    assert sorted(mark.event.number for mark in drawn) == [event.number for event in picture.events]
    assert len(picture.events) == len(events)
    for lane in picture.lanes:
        for one in lane.marks:
            assert lane.y <= one.y - BADGE
            assert one.bar_y + 6 <= lane.y + lane.height
            for other in lane.marks:
                if other is not one and other.y == one.y:
                    assert abs(other.x - one.x) >= 2 * BADGE
                    assert other.extent.end <= one.extent.start or other.extent.start >= one.extent.end
    bottoms = [(lane.y, lane.y + lane.height) for lane in picture.lanes]
    assert all(first[1] <= second[0] for first, second in itertools.pairwise(bottoms))


@pytest.mark.slow
@given(EVENTS)
def test_events_stand_by_their_earliest_day(events):
    days = [event.date.sort_key[0] for event in draw_timeline({"events": events}).events]
    assert days == sorted(days)


def test_the_order_given_is_kept_where_the_earliest_day_is_the_same():
    events = [
        {"date": date, "phase": "onset", "title": title}
        for date, title in (("1996", "whole year"), ("1996-01-01", "the day"), ("1995", "before"), ("1996-01", "month"))
    ]
    shown = [event.record["title"] for event in draw_timeline({"events": events}).events]
    assert shown == ["before", "whole year", "the day", "month"]


def test_what_is_not_known_to_the_day_is_drawn_as_wide_as_it_is():
    events = [
        {"date": date, "phase": "onset", "title": date}
        for date in ("2001-06-15", "2001-06", "2001", "2001~", "1996/2005", "1990", "2010")
    ]
    by_date = {mark.event.date.text: mark for mark in marks(draw_timeline({"events": events}))}
    year = by_date["2001"].extent.width
    assert by_date["2001-06-15"].extent.width < by_date["2001-06"].extent.width < year
    assert by_date["1996/2005"].extent.width == pytest.approx(10 * year, rel=0.02)
    assert by_date["2001-06-15"].event.exact
    assert not by_date["2001"].event.exact
    assert [date for date, mark in by_date.items() if mark.event.is_doubtful] == ["2001~"]
    assert by_date["2001-06-15"].bar.width >= 3


def test_the_words_name_every_phase_and_number(shipped):
    cases = shipped.members["case-studies"]
    assert len(cases) == 6
    for case in cases:
        picture = draw_timeline(case)
        assert len(picture.events) == len(case["events"])
        for lane in picture.lanes:
            numbers = ", ".join(str(mark.event.number) for mark in lane.marks)
            assert f"{lane.label}: {len(lane.marks)} event" in picture.words
            assert numbers in picture.words


def test_an_empty_timeline_says_so():
    assert draw_timeline({}).words == "No event is recorded."


def test_an_event_without_a_date_is_not_lost_but_may_be_any_day():
    events = [{"date": "some time", "phase": "onset", "title": "x"}, {"date": "2001", "phase": "onset", "title": "y"}]
    picture = draw_timeline({"events": events})
    assert [event.date.english for event in picture.events] == ["2001", "some time"]
    known, unknown = marks(picture)
    assert unknown.extent.start <= known.extent.start
    assert unknown.extent.end >= known.extent.end
