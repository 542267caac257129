"""What is asked of each body: every number leads to the list that it counts, on pages and in the API alike."""

import re

import pytest
from lxml import html

from failure_lessons.library.bodies import BODY_COUNTS

pytestmark = pytest.mark.django_db
SHOWN = re.compile(r"(\d+)")
DHSC = "department-of-health-and-social-care"


def numbers_of(client, address):
    """Each number of a page with the address it leads to; a nought leads nowhere."""
    tree = html.fromstring(client.get(address).content)
    cells = tree.xpath("//td[@class='figure'] | //dl[@class='facts']//dd")
    assert cells
    for cell in cells:
        number = int(SHOWN.match(cell.text_content().strip())[1])
        links = cell.xpath(".//a/@href")
        assert len(links) == bool(number)
        yield from ((number, link) for link in links)


def total_of(client, address):
    tree = html.fromstring(client.get(address).content)
    return int(SHOWN.match(tree.get_element_by_id("count").text_content().strip())[1])


@pytest.mark.slow
def test_every_number_of_the_table_of_a_body_and_of_the_api_leads_to_the_list_it_counts(client):
    counted = {link: number for number, link in numbers_of(client, "/follow-up/bodies/")}
    assert len(counted) > 50
    listed = {each["body"]: each for each in client.get("/api/v1/bodies/?limit=100").json()["results"]}
    for body in list(listed)[::6]:
        counted |= {link: number for number, link in numbers_of(client, f"/follow-up/bodies/{body}/")}
        assert client.get(f"/api/v1/bodies/{body}/").json()["counts"] == listed[body]["counts"]
    wrong = [(link, number) for link, number in list(counted.items())[::3] if total_of(client, link) != number]
    assert not wrong
    for line in list(listed.values())[::3]:
        for each in line["counts"].values():
            assert client.get(f"{each['url']}&count=exact").json()["count"] == each["count"], each["url"]


def test_bodies_are_paged_once_each_and_know_their_counts(client):
    found, address = [], "/api/v1/bodies/?limit=7"
    while address:
        answer = client.get(address).json()
        found += [each["body"] for each in answer["results"]]
        address = answer["next"]
    assert len(found) == len(set(found)) == answer["total"] > 20
    assert client.get("/api/v1/").json()["bodies"] == "http://testserver/api/v1/bodies/"
    one = client.get("/api/v1/bodies/ministry-of-justice/").json()
    assert list(one["counts"]) == list(BODY_COUNTS)
    assert client.get("/api/v1/bodies/?as_of=2001-01-01").json() == {"results": [], "total": 0, "next": None}


def test_a_succession_is_told_from_both_sides(client):
    before = client.get("/api/v1/bodies/department-of-health/").json()
    after = client.get(f"/api/v1/bodies/{DHSC}/").json()
    assert [each["body"] for each in before["succession"]["to"]] == [DHSC]
    assert "department-of-health" in [each["body"] for each in after["succession"]["from"]]
    assert "Its duties passed to" in client.get("/follow-up/bodies/department-of-health/").content.decode()
    assert "It took over duties from" in client.get(f"/follow-up/bodies/{DHSC}/").content.decode()


@pytest.mark.parametrize(
    ("address", "status", "words"),
    [
        ("/api/v1/follow-ups/?body=nhs", 400, "nhs-trusts"),
        ("/api/v1/follow-ups/?body=NHS England", 400, "nhs-england"),
        ("/api/v1/follow-ups/?body=cqc", 400, "care-quality-commission"),
        ("/api/v1/follow-ups/?body=moj", 400, "ministry-of-justice"),
        ("/api/v1/follow-ups/?body=dhsc", 400, DHSC),
        ("/api/v1/follow-ups/?position=agreed", 400, "accepted"),
        ("/api/v1/follow-ups/?overdue=maybe", 400, "yes, no"),
        ("/api/v1/bodies/cqc/", 404, "care-quality-commission"),
        ("/api/v1/bodies/%00/", 404, ""),
        ("/api/v1/bodies/?body=nhs", 400, "There is no parameter"),
        ("/api/v1/bodies/?page=0", 400, "page"),
        ("/api/v1/bodies/?as_of=soon", 400, "as_of"),
        ("/follow-up/?body=nhs", 400, "nhs-trusts"),
    ],
)
def test_what_nobody_knows_is_refused_with_what_was_meant(client, address, status, words):
    answer = client.get(address)
    assert answer.status_code == status
    assert words in answer.content.decode()


def test_a_feed_of_what_is_overdue_or_changed_answers(client):
    for query in ("overdue=yes", "evidence=unchanged", "body=ministry-of-justice&overdue=no"):
        assert client.get(f"/follow-up/feed.atom?{query}").status_code == 200, query


def test_a_brief_shows_what_became_of_what_it_holds(client):
    text = " ".join(client.get("/brief/?r=R7.1").content.decode().split())
    assert "What became of it" in text
    assert "asked of nobody yet. We have judged nothing yet." in text


def test_from_the_start_page_to_what_nobody_was_found_to_have_answered_in_two_clicks(client):
    links = html.fromstring(client.get("/").content).xpath("//main//a[contains(., 'no answer found')]/@href")
    assert len(links) == 1
    page = client.get(links[0])
    assert page.status_code == 200
    cards = html.fromstring(page.content).xpath("//ul[@class='grid']/li//a/@href")
    assert "No answer was found by us" in client.get(cards[0]).content.decode()
