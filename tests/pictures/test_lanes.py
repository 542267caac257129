"""Cases side by side over time."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from failure_lessons.charts.lanes import draw_lanes

ONE = {
    "slug": "one",
    "title": "One: a case",
    "events": [
        {"date": "1990", "phase": "identification", "title": "A warning"},
        {"date": "1992-01-01", "phase": "onset", "title": "It began"},
        {"date": "1996-01-01", "phase": "management", "title": "Help came"},
        {"date": "1998-06", "phase": "management", "title": "More help"},
    ],
}
TWO = {
    "slug": "two",
    "title": "Two",
    "events": [
        {"date": "2010-01-01", "phase": "management", "title": "Acted at once"},
        {"date": "2014-01-01", "phase": "resolution", "title": "Ended"},
    ],
}


def stages(picture):
    return {(lane.slug, stage.phase): stage for lane in picture.lanes for stage in lane.stages}


def test_aligned_cases_have_their_starts_above_each_other():
    picture = stages(draw_lanes([ONE, TWO], aligned=True))
    zero = picture["one", "onset"].span.start
    assert picture["two", "management"].span.start == pytest.approx(zero, abs=0.2)
    assert picture["one", "identification"].span.start < zero
    four_years = picture["two", "resolution"].span.start - zero
    assert picture["one", "management"].span.start - zero == pytest.approx(four_years, abs=0.5)


def test_by_calendar_the_later_case_stands_to_the_right():
    picture = stages(draw_lanes([ONE, TWO], aligned=False))
    assert picture["two", "management"].span.start > picture["one", "management"].span.end


def test_the_years_in_the_table_are_those_of_the_picture():
    picture = draw_lanes([ONE, TWO], aligned=True)
    for lane in picture.lanes:
        ticks = {tick.text: tick.at for tick in picture.ticks}
        per_year = (ticks["2"] - ticks["0"]) / 2
        for stage in lane.stages:
            drawn = (stage.span.start - ticks["0"]) / per_year
            assert drawn == pytest.approx(float(stage.after.replace("−", "-")), abs=0.1)


def test_stages_name_first_and_last_event_and_count():
    stage = stages(draw_lanes([ONE], aligned=False))["one", "management"]
    assert (stage.first.record["title"], stage.last.record["title"], len(stage.events)) == ("Help came", "More help", 2)
    assert len(stage.ticks) == 2
    assert "management 1 Jan 1996 to Jun 1998" in draw_lanes([ONE], aligned=False).words


@given(st.lists(st.sampled_from([ONE, TWO, {"slug": "empty", "title": "Empty"}]), max_size=6), st.booleans())
def test_lanes_never_overlap_and_stay_on_the_page(records, aligned):
    picture = draw_lanes(records, aligned=aligned)
    assert [lane.slug for lane in picture.lanes] == [record["slug"] for record in records]
    for before, after in zip(picture.lanes, picture.lanes[1:], strict=False):
        assert before.base <= after.y
    for lane in picture.lanes:
        assert lane.base <= picture.foot
        for stage in lane.stages:
            assert 0 <= stage.span.start <= stage.span.end <= picture.width
