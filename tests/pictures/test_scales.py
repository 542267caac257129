"""Axes: even ticks, always nought, never off the page."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from failure_lessons.charts.scales import calendar_axis, elapsed_axis, figure_axis, format_figure, nice_step

NUMBERS = st.floats(min_value=-1e12, max_value=1e12, allow_nan=False).map(lambda value: round(value, 3))


@pytest.mark.parametrize(
    ("span", "most", "step"),
    [(10, 10, 1), (11, 10, 2), (30, 10, 5), (100, 4, 50), (0.9, 4, 0.5), (0, 4, 1), (1, 4, 0.5)],
)
def test_steps_are_even(span, most, step):
    assert nice_step(span, most) == pytest.approx(step)


@given(st.lists(NUMBERS, min_size=1, max_size=30))
def test_an_axis_holds_nought_and_every_figure(values):
    axis = figure_axis(values, 0, 100)
    hair = (max(0, *values, 0) - min(0, *values, 0)) * 1e-8
    assert axis.low <= min(0, *values, 0) + hair
    assert axis.high >= max(0, *values, 0) - hair
    assert all(-0.1 <= axis.at(value) <= 100.1 for value in [0, *values])
    assert 2 <= len(axis.ticks) <= 8
    assert "0" in [tick.text for tick in axis.ticks]


@given(st.lists(st.dates(), min_size=1, max_size=20))
def test_a_calendar_holds_every_day_and_keeps_their_order(days):
    line, ticks = calendar_axis(days, 10, 90)
    places = [line.at(day.toordinal()) for day in sorted(days)]
    assert places == sorted(places)
    assert all(10 <= place <= 90 for place in places)
    assert len(ticks) <= 11
    assert [tick.at for tick in ticks] == sorted(tick.at for tick in ticks)


@given(st.lists(st.integers(-200_000, 200_000), max_size=20))
def test_a_line_of_years_has_its_nought(days):
    line, ticks = elapsed_axis(days, 0, 100)
    assert "0" in [tick.text for tick in ticks]
    assert all(line.first <= day <= line.last for day in days)


def test_an_open_end_reaches_the_end_of_the_line():
    line, _ = calendar_axis([dt.date(2000, 1, 1), dt.date(2009, 12, 31)], 0, 100)
    assert line.extent(None, dt.date(2004, 12, 31)).start == 0
    assert line.extent(dt.date(2005, 1, 1), None).end == 100


def test_no_day_at_all_still_makes_a_line():
    line, ticks = calendar_axis([], 0, 100)
    assert ticks
    assert line.at(line.first) == 0


@pytest.mark.parametrize(
    ("value", "text"), [(80100, "80,100"), (-443, "−443"), (26.5, "26.5"), (0, "0"), (1.0, "1"), (1e300, "1e+300")]
)
def test_figures_are_written_as_people_read_them(value, text):
    assert format_figure(value) == text
