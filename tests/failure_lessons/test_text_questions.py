"""What matches a question in parts is what PostgreSQL says matches it whole."""

import pytest
from django.contrib.postgres.search import SearchQuery
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from failure_lessons.library.answers import raw_query
from failure_lessons.library.filters import search_query
from failure_lessons.library.term_bitmaps import read_term_bitmaps
from failure_lessons.library.text_questions import Parts, take_apart
from failure_lessons.publishing.models import Edition
from tests.examples import examples

pytestmark = pytest.mark.django_db
ASKED = (
    "staff school",
    "the staff of the school",
    "of the",
    "",
    "whistle-blowing staff",
    "school’s governors",
    "school's governors",
    "prison/probation reports",
    "Ofsted,inspection",
    "£12 million",
    "somebody@example.org school",
    "https://www.gov.uk/school inspection",
    'staff "special measures"',
    "staff -school",
    "prison or probation",
    "school school",
    "OFSTED School STAFF",
    "school '-staff",
    "(-staff school",
    "'-the school",
    "2016 2017",
    "nothinghasthisword school",
    "& | ! school",
)


def expected(query):
    return set(Edition.objects.current().filter(search=query).values_list("pk", flat=True))


@pytest.mark.parametrize("text", ASKED)
def test_a_web_search_in_parts_finds_what_it_finds_whole(text):
    query = search_query(text)
    assert set(read_term_bitmaps().find_matches(query)) == expected(query)


def test_questions_put_together_find_what_they_find_whole():
    one, idle, other = search_query("staff school"), search_query("of the"), search_query('"special measures"')
    begun = SearchQuery("'inspec':*", config="simple", search_type="raw")
    for query in (one | other, one & begun, one & idle, idle & one, idle | one, idle & idle, (one | begun) & other):
        assert set(read_term_bitmaps().find_matches(query)) == expected(query)
    assert expected(one | other) > expected(other) > set()
    stems = raw_query(["special", "measur"]) | raw_query(["prison"], "A")
    assert set(read_term_bitmaps().find_matches(stems)) == expected(stems)


WORDS = st.lists(
    st.one_of(
        st.sampled_from(("school", "staff", "prison", "inspect", "the", "of", "early", "Warning", "TRUST", "2019")),
        st.text("aeilnorst-'’.,/&@:*()!|<>%\\_ é1", max_size=8),
    ),
    max_size=5,
)


@pytest.mark.slow
@examples(100)
@given(words=WORDS)
def test_whatever_is_typed_finds_in_parts_what_it_finds_whole(words):
    query = search_query(" ".join(words))
    assert set(read_term_bitmaps().find_matches(query)) == expected(query)


def test_a_new_question_of_known_words_visits_no_record():
    bitmaps = read_term_bitmaps()
    for word in ("staff", "school", "inspection"):
        bitmaps.find_matches(search_query(word))
    bitmaps.find_matches(search_query("inspection school"))
    with CaptureQueriesContext(connection) as asked:
        assert bitmaps.find_matches(search_query("staff inspection"))
    assert [each["sql"] for each in asked if "publishing_edition" in each["sql"]] == []


def test_a_stem_is_asked_for_once_whoever_asks():
    word, stem = search_query("Schools"), raw_query(["school"])
    bitmaps = read_term_bitmaps()
    bitmaps.find_matches(word)
    with CaptureQueriesContext(connection) as asked:
        found = bitmaps.find_matches(stem)
    assert [each["sql"] for each in asked] == []
    assert set(found) == expected(word) > set()


def test_a_question_with_signs_of_a_web_search_stays_whole():
    for text in ('"special measures" school', "staff -school", "prison or probation"):
        query = search_query(text)
        assert take_apart(query) == Parts((query,))
