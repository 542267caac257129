"""`/changes/` and the feeds: what people and feed readers get."""

import datetime as dt
import re

import html5lib
import pytest
from lxml import etree

from casestudies.models import CaseStudy
from failure_lessons.pages import pages
from failure_lessons.publishing.models import Edition, LedgerEntry
from failure_lessons.publishing.services import correct_record, publish_record, submit_record, withdraw_record
from tests import factories
from tests.helpers import SHIPPED_KINDS, count_queries, parse_page, publish_case, squeeze_html, text_of, text_of_page

pytestmark = pytest.mark.django_db

ATOM = {"a": "http://www.w3.org/2005/Atom"}
SAFE = etree.XMLParser(resolve_entities=False, no_network=True)


def feed_of(client, address, **extra):
    """A feed, parsed by another library and checked against what RFC 4287 requires."""
    answer = client.get(address, **extra)
    assert answer.status_code == 200, answer.content
    assert answer["Content-Type"].startswith("application/atom+xml")
    root = etree.fromstring(answer.content, SAFE)
    assert root.tag == "{http://www.w3.org/2005/Atom}feed"
    for container in [root, *root.findall("a:entry", ATOM)]:
        for name in ("id", "title", "updated"):
            assert len(container.findall(f"a:{name}", ATOM)) == 1, name
            assert container.findtext(f"a:{name}", namespaces=ATOM)
        assert re.fullmatch(r"tag:[a-z.-]+,2026:\S+", container.findtext("a:id", namespaces=ATOM))
        moment = dt.datetime.fromisoformat(container.findtext("a:updated", namespaces=ATOM))
        assert moment.tzinfo
        alternates = [
            (link.get("type"), link.get("hreflang"))
            for link in container.findall("a:link", ATOM)
            if link.get("rel") == "alternate"
        ]
        assert alternates
        assert len(alternates) == len(set(alternates))
    assert root.findtext("a:author/a:name", namespaces=ATOM)
    assert root.find("a:link[@rel='self']", ATOM).get("href").startswith("http://testserver/")
    ids = [each.text for each in root.findall("a:entry/a:id", ATOM)]
    assert len(ids) == len(set(ids))
    for entry in root.findall("a:entry", ATOM):
        assert entry.findtext("a:summary", namespaces=ATOM)
    return root


def titles(root):
    return [each.text for each in root.findall("a:entry/a:title", ATOM)]


@pytest.mark.slow
def test_the_page_tells_what_happened_in_plain_words(client, researcher, publisher):
    case = publish_case(researcher, publisher, note="New here.", title="First title")
    case.title = "Second title"
    case.save()
    submit_record(record=case, by=researcher)
    correct_record(record=case, by=publisher, note="The title was wrong.")
    page = client.get("/changes/?kind=case-study")
    assert page.status_code == 200
    shown = text_of_page(page)
    assert shown.index("Second title") < shown.index("First title")
    assert "Corrected" in shown
    assert "The title was wrong." in shown
    assert f'href="/case-studies/{case.slug}/compare/1..2/"' in page.content.decode()
    assert client.get(f"/case-studies/{case.slug}/compare/1..2/").status_code == 200
    withdraw_record(record=case, by=publisher, note="A source was false.")
    page = client.get("/changes/?kind=case-study")
    assert "Withdrawn: A source was false." in text_of_page(page)
    assert "The title was wrong." not in text_of_page(page)
    assert f"/case-studies/{case.slug}/compare/" not in page.content.decode()
    assert "A source was false." in text_of_page(client.get("/changes/?action=withdrawn"))
    assert "First title" not in text_of_page(client.get("/changes/?action=withdrawn"))


@pytest.mark.slow
def test_the_pages_of_changes_hold_every_change_once(client):
    address, numbers = "/changes/", []
    while address:
        page = squeeze_html(client.get(address))
        numbers += [int(number) for number in re.findall(r"change (\d+) of the library", page)]
        following = re.search(r'href="([^"]+)" rel="next"', page)
        address = "/changes/" + following[1] if following else ""
    assert numbers == list(range(LedgerEntry.objects.count(), 0, -1))


@pytest.mark.slow
def test_every_page_of_changes_is_valid_html(client, researcher, publisher):
    withdraw_record(record=publish_case(researcher, publisher, note="New here."), by=publisher, note="Why & how <b>.")
    for address in (
        "/changes/",
        "/changes/?before=20",
        "/changes/?kind=comparison&action=withdrawn",
        "/changes/?x=1",
        "/changes/?phase=prevention&theme=workforce",
    ):
        page = client.get(address)
        tree = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(page.content.decode())
        assert len(tree.findall(".//h1")) == 1
        ids = [element.get("id") for element in tree.iter() if element.get("id")]
        assert len(ids) == len(set(ids))
    assert "Nothing matches" in text_of_page(client.get("/changes/?kind=comparison&action=withdrawn"))


@pytest.mark.slow
@pytest.mark.parametrize(
    "query", ["?knd=lesson", "?kind=lessn", "?before=x", "?before=0", "?theme=%00", "?before=1&before=2"]
)
def test_odd_questions_get_a_sentence_not_a_crash(query, client):
    page = client.get(f"/changes/{query}")
    assert page.status_code == 400
    assert 'role="alert"' in page.content.decode()
    for feed in ("/changes/feed.atom", "/recommendations/feed.atom"):
        answer = client.get(f"{feed}{query}")
        assert answer.status_code == 400
        assert answer["Content-Type"] == "application/problem+json"


def test_a_filter_can_be_taken_away_and_is_followed_by_the_feed(client):
    page = client.get("/changes/?kind=lesson&phase=prevention").content.decode()
    assert 'href="/changes/feed.atom?kind=lesson&amp;phase=prevention"' in page
    assert 'href="?kind=lesson"' in page
    assert client.get("/changes/?kind=&phase=prevention").status_code == 200


def test_cost_does_not_grow_with_changes(client):
    client.get("/changes/?before=3")  # a process remembers what terms are called
    assert count_queries(client.get, "/changes/?before=3") == count_queries(client.get, "/changes/") == 3
    assert (
        count_queries(client.get, "/changes/feed.atom?before=3") == count_queries(client.get, "/changes/feed.atom") == 2
    )
    assert count_queries(client.get, "/recommendations/feed.atom?phase=prevention") == 2


@pytest.mark.slow
def test_the_feed_of_everything_pages_through_every_change(client):
    address, ids = "/changes/feed.atom", []
    while address:
        root = feed_of(client, address)
        ids += [int(each.text.rpartition("/")[2]) for each in root.findall("a:entry/a:id", ATOM)]
        following = root.find("a:link[@rel='next']", ATOM)
        address = following.get("href") if following is not None else ""
    assert ids == list(range(LedgerEntry.objects.count(), 0, -1))


@pytest.mark.slow
@pytest.mark.parametrize("kind", SHIPPED_KINDS.values(), ids=lambda kind: kind.code)
def test_every_list_and_every_record_can_be_followed(kind, client):
    edition = Edition.objects.current().of_kind(kind.code).first()
    assert titles(feed_of(client, f"/{kind.address}/feed.atom"))
    record = feed_of(client, f"/{kind.address}/{edition.slug}/feed.atom")
    assert titles(record) == [f"Published: {edition.code} {edition.title}".replace(":  ", ": ")]
    for page, feed in (
        (f"/{kind.address}/", f"/{kind.address}/feed.atom"),
        (f"/{kind.address}/{edition.slug}/", f"/{kind.address}/{edition.slug}/feed.atom"),
        ("/", "/changes/feed.atom"),
    ):
        tree = parse_page(client.get(page))
        links = [each.get("href") for each in tree.findall(".//link[@type='application/atom+xml']")]
        assert links == [feed], page


def test_the_feed_of_a_filtered_list_holds_what_the_list_holds(client):
    page = client.get("/recommendations/?phase=prevention&order=newest").content.decode()
    assert 'href="/recommendations/feed.atom?phase=prevention"' in page
    shown = {
        entry.rpartition("/")[2] for entry in titles(feed_of(client, "/recommendations/feed.atom?phase=prevention"))
    }
    listed = Edition.objects.current().of_kind("recommendation").matching(["phase:prevention"])
    assert shown == {f"Published: {edition.code} {edition.title}".rpartition("/")[2] for edition in listed}
    assert 0 < len(shown) < Edition.objects.current().of_kind("recommendation").count()


def test_a_feed_is_not_sent_twice_until_something_changes(client, researcher, publisher):
    first = client.get("/changes/feed.atom")
    tag = first["ETag"]
    again = client.get("/changes/feed.atom", headers={"If-None-Match": tag})
    assert again.status_code == 304
    assert not again.content
    assert again["ETag"] == tag
    publish_case(researcher, publisher, note="New here.")
    fresh = client.get("/changes/feed.atom", headers={"If-None-Match": tag})
    assert fresh.status_code == 200
    assert fresh["ETag"] != tag


@pytest.mark.slow
def test_a_record_is_followed_past_a_move_and_a_withdrawal(client, researcher, publisher):
    case = publish_case(researcher, publisher, note="New here.", title="Moving")
    old = case.slug
    case.slug = f"{old}-moved"
    case.save()
    submit_record(record=case, by=researcher)
    publish_record(record=case, by=publisher, note="Better address.")
    withdraw_record(record=case, by=publisher, note="A source was false.")
    root = feed_of(client, f"/case-studies/{old}/feed.atom")
    assert [title.partition(":")[0] for title in titles(root)] == ["Withdrawn", "New edition", "Published"]
    text = etree.tostring(root).decode()
    assert "A source was false." in text
    assert "Better address." not in text
    assert "New here." not in text
    assert client.get("/case-studies/never-was/feed.atom").status_code == 404


def test_no_feed_lets_readers_guess_words_of_what_was_withdrawn(client, researcher, publisher):
    case = factories.case(title="Plain title")
    case.sections.update(text="Quokkaword happened.")
    submit_record(record=case, by=researcher)
    publish_record(record=case, by=publisher)
    assert titles(feed_of(client, "/case-studies/feed.atom?q=quokkaword"))
    withdraw_record(record=case, by=publisher, note="Why.")
    assert titles(feed_of(client, "/case-studies/feed.atom?q=quokkaword")) == []
    assert "Quokkaword" not in client.get("/changes/feed.atom").content.decode()


def test_titles_with_markup_and_control_characters_stay_text(client, researcher, publisher):
    publish_case(researcher, publisher, note="New here.", title="A <b>bold</b> & \x0b\x1f “title” ]]> 💡")
    title = titles(feed_of(client, "/case-studies/feed.atom"))[0]
    assert title == "Published: A <b>bold</b> & \ufffd\ufffd “title” ]]> 💡"


@pytest.mark.slow
def test_an_edit_links_to_the_difference(client, researcher, publisher):
    case = CaseStudy.objects.get(slug="hmp-birmingham")
    case.title = "A new title"
    case.save()
    submit_record(record=case, by=researcher)
    publish_record(record=case, by=publisher, note="Shorter title.")
    root = feed_of(client, "/case-studies/hmp-birmingham/feed.atom")
    link = root.find("a:entry/a:link[@rel='related']", ATOM).get("href")
    assert "<ins>" in client.get(link).content.decode()
    assert "Shorter title." in root.findtext("a:entry/a:summary", namespaces=ATOM)


def test_changes_that_are_alike_stand_in_one_line_and_open(client):
    page = parse_page(client.get("/changes/?kind=lesson"))
    (alike,) = page.findall(".//details[@class='item alike']")
    assert text_of(alike.find("summary")) == "12 lessons: published"
    assert len(alike.findall(".//article")) == 12


def test_the_start_page_says_when_more_are_alike_than_it_read(client, monkeypatch):
    monkeypatch.setattr(pages, "READ_AT_HOME", 20)
    home = parse_page(client.get("/"))
    lines = [text_of(line) for line in home.xpath("//section[@aria-labelledby='lately']//li")]
    assert "or more published" in lines[-1]
    assert not any("or more" in line for line in lines[:-1])


def test_the_start_page_tells_what_changed_in_few_lines(client):
    home = parse_page(client.get("/"))
    lines = home.xpath("//section[@aria-labelledby='lately']//li")
    assert 2 <= len(lines) <= 6
    assert any("18 published" in text_of(line) and "and 15 more" in text_of(line) for line in lines)
    kinds = [text_of(line.find("p")) for line in lines]
    assert len(set(kinds)) == len(kinds)
