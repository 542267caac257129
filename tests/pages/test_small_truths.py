"""Small things that pages must not get wrong: days to come, what was withdrawn, marks within marks."""

import pytest

from failure_lessons.exports.formats.styles import format_harvard
from failure_lessons.publishing.models import Edition
from failure_lessons.publishing.services import withdraw_record
from recommendations.models import Recommendation

pytestmark = pytest.mark.django_db


def words(answer):
    return " ".join(answer.content.decode().split())


def test_a_day_to_come_is_not_told_as_the_past(client):
    page = words(client.get("/recommendations/?as_of=2090-01-01"))
    assert "1 January 2090 has not come yet." in page
    assert "As it stood on" not in page


def test_a_relation_to_what_was_withdrawn_says_so(client, publisher):
    related = Edition.objects.current().get(code="R8").content["derived"]["related_from"] or [{"from": "R9"}]
    gone = related[0]["from"]
    withdraw_record(record=Recommendation.objects.get(code=gone), by=publisher, note="Wrong.")
    slug = Edition.objects.current().get(code="R8").slug
    assert f"{gone}, which is withdrawn or not published." in words(client.get(f"/recommendations/{slug}/"))


def test_times_in_the_ledger_are_valid_html(client):
    page = words(client.get("/changes/"))
    assert 'datetime="20' in page
    assert "." not in page.split('datetime="', 1)[1].split('"', 1)[0]


def test_harvard_nests_quotation_marks():
    html = format_harvard(
        {
            "type": "article-newspaper",
            "title": "'Staff have lost control', says head",
            "author": [{"literal": "Tes"}],
            "issued": {"date-parts": [[1996]]},
            "container-title": "Tes",
        }
    )
    assert "''" not in html
    assert "“Staff have lost control”" in html


def test_a_table_says_author_and_year_where_a_text_names_a_key(client):
    table = client.get("/recommendations/export.csv").getvalue().decode("utf-8-sig")
    assert "[ref:" not in table
    assert "BBC News 2014" in table or "2014)" in table
