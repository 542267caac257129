"""Uncertain dates."""

import contextlib
import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casestudies.models import Event
from failure_lessons.dates import NotEdtf, parse_edtf
from tests import factories


@pytest.mark.parametrize(
    ("text", "earliest", "latest", "english"),
    [
        ("1996", (1996, 1, 1), (1996, 12, 31), "1996"),
        ("2018-08", (2018, 8, 1), (2018, 8, 31), "August 2018"),
        ("2018-08-20", (2018, 8, 20), (2018, 8, 20), "20 August 2018"),
        ("2001~", (2001, 1, 1), (2001, 12, 31), "about 2001"),
        ("2004?", (2004, 1, 1), (2004, 12, 31), "possibly 2004"),
        ("2016/2019-03", (2016, 1, 1), (2019, 3, 31), "2016 to March 2019"),
        ("199X", (1990, 1, 1), (1999, 12, 31), "1990 to 1999"),
        ("2001-21", (2001, 3, 1), (2001, 5, 31), "spring 2001"),
        ("2001-23~", (2001, 9, 1), (2001, 11, 30), "about autumn 2001"),
        ("2000-02", (2000, 2, 1), (2000, 2, 29), "February 2000"),
    ],
)
def test_bounds_and_english(text, earliest, latest, english):
    date = parse_edtf(text)
    assert (date.earliest, date.latest, date.english) == (dt.date(*earliest), dt.date(*latest), english)


def test_open_intervals():
    assert parse_edtf("2017/..").latest is None
    assert parse_edtf("2017/..").english == "2017 onwards"
    assert parse_edtf("../2003-06").earliest is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "20/08/2018",
        "2018-02-30",
        "2018-13",
        "2018-20",
        "yesterday",
        "2019/2018",
        "0000",
        "1/2/3",
        "/",
        "2018-8-2",
        "x" * 500,
    ],
)
def test_what_is_no_date_gets_advice(text):
    with pytest.raises(NotEdtf, match="write 2018-08-20"):
        parse_edtf(text)


dates = st.dates(min_value=dt.date(1000, 1, 1)).map(str)
texts = dates | dates.map(lambda d: d[:7]) | dates.map(lambda d: d[:4] + "~") | dates.map(lambda d: d[:4])


@given(texts)
def test_bounds_are_ordered_and_the_text_is_kept(text):
    date = parse_edtf(text)
    assert date.earliest <= date.latest
    assert date.text == text
    assert date.english


@given(st.lists(texts, max_size=8))
def test_sorting_is_total_and_by_time(given_texts):
    ordered = sorted(map(parse_edtf, given_texts))
    backwards = ordered[::-1]
    assert ordered == sorted(backwards)
    assert [date.earliest for date in ordered] == sorted(date.earliest for date in ordered)


@given(st.text(max_size=30))
def test_any_text_is_a_date_or_refused(text):
    with contextlib.suppress(NotEdtf):
        assert parse_edtf(text).english


@pytest.mark.django_db
def test_the_database_sorts_by_the_earliest_day():
    case = factories.case()
    Event.objects.bulk_create(
        Event(case=case, date=text, phase="onset", title=text) for text in ("2001-05", "2001", "1999~", "2001-05-02")
    )
    rows = (
        Event.objects.filter(case=case, date__gte="1999").order_by("earliest", "-latest").values_list("date", flat=True)
    )
    assert list(rows) == ["1999~", "2001", "2001-05", "2001-05-02"]
