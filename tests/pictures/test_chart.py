"""Indicators: from nought, in proportion, gaps admitted."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from failure_lessons.charts.chart import FEW, draw_chart, gap_in_words


def indicator(*values, better="lower", **more):
    rows = [{"period": period, "value": value} for period, value in values]
    return {"name": "Assaults", "unit": "a year", "better": better, "values": rows, **more}


def test_bars_are_in_proportion_from_nought():
    picture = draw_chart(indicator(("2012", 75), ("2017", 300)))
    first, second = (point.bar for point in picture.points)
    assert first.start == second.start == picture.nought
    assert second.width == pytest.approx(4 * first.width, abs=0.5)
    assert not picture.line


def test_a_loss_stands_on_the_other_side_of_nought():
    picture = draw_chart(indicator(("2015", 269), ("2017", -443)))
    gain, loss = (point.bar for point in picture.points)
    assert loss.end == picture.nought == gain.start
    assert picture.points[1].text == "−443"


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        ("2012", "2017", "5 years later"),
        ("2016-17", "2017-18", ""),
        ("2017", "2017-18 Q1", ""),
        ("2019-06", "2019-07", ""),
        ("before", "2017", ""),
        ("2018-19", "2024", "6 years later"),
    ],
)
def test_gaps_are_said(before, after, words):
    assert gap_in_words(before, after) == words
    assert draw_chart(indicator((before, 1), (after, 2))).points[1].later == words


def test_the_direction_is_said_in_words():
    assert draw_chart(indicator(("2012", 1))).better == "Lower is better"
    assert "Higher is better" in draw_chart(indicator(("2012", 1), better="higher")).words
    assert draw_chart(indicator(("2012", 1), better="")).better == "Direction not stated"


def test_many_figures_make_a_line_that_breaks_where_years_are_missing():
    values = [(str(year), year - 2000) for year in (2001, 2002, 2003, 2004, 2005, 2009, 2010, 2011, 2012, 2013)]
    picture = draw_chart(indicator(*values))
    assert len(values) > FEW
    assert picture.line
    assert [len(run.split()) for run in picture.runs] == [5, 5]
    heights = [point.y for point in picture.points]
    assert heights == sorted(heights, reverse=True)
    assert picture.nought == pytest.approx(picture.foot, abs=0.1)


def test_labels_of_a_long_series_do_not_run_into_each_other():
    picture = draw_chart(indicator(*[(f"{year}-{year % 100 + 1:02}", year) for year in range(1950, 2000)]))
    step = picture.points[1].x - picture.points[0].x
    assert picture.every * step >= 7 * 8


@given(st.lists(st.tuples(st.text(max_size=12), st.floats(-1e9, 1e9, allow_nan=False)), max_size=20))
def test_any_series_stays_on_the_page_and_loses_nothing(values):
    picture = draw_chart(indicator(*values))
    assert [(point.period, point.value) for point in picture.points] == values
    for point in picture.points:
        assert 0 <= point.bar.start <= point.bar.end <= picture.width
        assert 0 <= point.y <= picture.height


def test_what_it_is_compared_with_is_drawn_on_the_same_axis_and_told():
    rows = [{"period": "2012", "value": 60.2, "comparator": 58.8}, {"period": "2013", "value": 40}]
    picture = draw_chart(
        {"name": "Passes", "unit": "per cent", "better": "higher", "values": rows, "comparator": "England"}
    )
    first, second = picture.points
    assert first.bar.start < first.other_at < first.bar.end
    assert first.other_at - picture.nought == pytest.approx(first.bar.width * 58.8 / 60.2, abs=0.5)
    assert (first.other_text, second.other_text) == ("58.8", "")
    assert "2012: 60.2 (58.8); 2013: 40. In brackets: England." in picture.words


def test_a_figure_far_above_the_series_stays_within_the_picture():
    few = draw_chart(
        indicator(("2012", 1), comparator="Elsewhere") | {"values": [{"period": "2012", "value": 1, "comparator": 90}]}
    )
    assert few.points[0].other_at <= few.width
    many = [{"period": str(year), "value": 1, "comparator": 90} for year in range(2000, 2001 + FEW)]
    picture = draw_chart({"name": "x", "unit": "y", "values": many, "comparator": "Elsewhere"})
    assert all(0 < point.other_at < point.y for point in picture.points)
