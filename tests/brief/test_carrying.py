"""An open brief goes with its reader: every link and form of every page carries it."""

import html5lib
import pytest

from failure_lessons.pages.brief.selection import Pick, Selection, unpack_token
from tests.brief.conftest import FIVE, THREE

pytestmark = pytest.mark.django_db


def carried(client, address):
    """Internal links of a page that carry the brief, and those that do not."""
    page = client.get(address)
    tree = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(page.content.decode())
    links = [link.get("href") for link in tree.findall(".//a")]
    inside = [link for link in links if link.startswith(("/", "?")) and not link.startswith(("/api/", "/admin/"))]
    forms = [form for form in tree.findall(".//form") if (form.get("method") or "get") == "get"]
    return page, inside, forms


@pytest.mark.slow
def test_the_brief_survives_every_link_and_form_of_every_page(client):
    token = Selection("A title", "A note & more", (Pick("R1", 1), Pick("LS1", 1))).token
    pages = [
        "/",
        "/about/",
        "/evidence-map/",
        "/search/?q=staff",
        "/recommendations/?phase=prevention",
        "/findings/",
        "/recommendations/agree-step-in-successor-and-asset-terms-in-advance/",
        "/case-studies/hmp-birmingham/",
        "/references/",
    ]
    for address in pages:
        plain = client.get(address)
        joint = "&" if "?" in address else "?"
        page, links, forms = carried(client, f"{address}{joint}brief={token}")
        assert page.status_code == plain.status_code == 200, address
        assert page["X-Robots-Tag"] == "noindex"
        assert not page.cookies
        assert "2 records so far" in page.content.decode()
        assert len(links) > 15
        for link in links:
            holds = (
                f"brief={token}" in link
                or link.startswith("/brief/?title=")
                or link.endswith((".csv", ".xlsx", ".svg", ".png", ".pptx"))
            )
            holds = holds or link.startswith(
                ("/contact/", "/follow/", "/embed/")
            )  # what is written there is told no other page
            holds = holds or link.startswith("/brief/brief.")  # files of one record
            holds = (
                holds or "map.csv?" in link or link.startswith("/evidence-map/charts/")
            )  # files, with the map's question
            assert holds, f"{link} on {address}"
        for form in forms:
            assert [field.get("value") for field in form.findall(".//input[@name='brief']")] == [token], address


def test_a_list_is_the_same_with_and_without_a_brief(client):
    token = Selection("", "", (Pick("R1", 1),)).token
    plain = client.get("/findings/?phase=prevention&theme=workforce")
    laden = client.get(f"/findings/?phase=prevention&brief={token}&theme=workforce")
    assert plain.context["total"] == laden.context["total"] > 0
    assert laden.context["messages"] == []
    assert client.get(f"/findings/?fase=prevention&brief={token}").status_code == 400


def test_a_redirection_keeps_the_brief(client):
    token = Selection("", "", (Pick("R1", 1),)).token
    answer = client.get(f"/search/?q=R4&brief={token}")
    assert answer.status_code == 302
    assert answer["Location"].endswith(f"?brief={token}")


def test_adding_from_a_list_keeps_title_note_and_records(client):
    token = Selection("A title", "Two\nlines", (Pick("R1", 1),)).token
    _, links, _ = carried(client, f"/lessons/?brief={token}")
    add = next(link for link in links if "add=LS3.1" in link)
    answer = client.get(add)
    assert answer.status_code == 302
    held = client.get(answer["Location"].partition("#")[0]).context["request"].brief
    brief = client.get(held.address).context["brief"]
    assert (brief.title, brief.note) == ("A title", ["Two", "lines"])
    assert [str(pick) for pick in brief.selection.picks] == ["R1.1", "LS3.1"]


def test_links_of_the_brief_page_carry_the_brief_to_lists(client):
    page, links, _ = carried(client, f"/brief/?{THREE}")
    link = next(link for link in links if link.startswith("/recommendations/?"))
    assert unpack_token(link.partition("brief=")[2]) == page.context["brief"].selection


def test_the_form_of_the_brief_itself_holds_each_record_once(client):
    _, _, forms = carried(client, f"/brief/?{THREE}")
    search, change = forms
    assert [field.get("name") for field in search.findall(".//input")] == ["brief", "q"]
    assert [field.get("value") for field in change.findall(".//input[@name='r']")] == ["R4.1", "LS1.1", "E1-F3.1"]
    assert not change.findall(".//input[@name='brief']")


def test_a_damaged_brief_is_said_and_the_page_is_there(client):
    answer = client.get("/recommendations/?brief=%00nonsense")
    assert answer.status_code == 200
    assert "could not be read" in answer.content.decode()
    assert "%00nonsense" not in answer.content.decode()


def test_the_brief_page_is_valid_html_and_sets_no_cookie(client):
    for address in (f"/brief/?{FIVE}", "/brief/", "/brief/?r=R99"):
        page, _, _ = carried(client, address)
        assert not page.cookies
        assert page["X-Robots-Tag"] == "noindex"


def test_adding_leads_back_to_the_same_list_and_place_with_the_bar(client):
    page, links, _ = carried(client, "/recommendations/?phase=prevention&order=newest")
    add = next(link for link in links if "add=R1.1" in link)
    answer = client.get(add)
    path, _, place = answer["Location"].partition("#")
    assert place == "add-R1.1"
    back = client.get(path)
    assert back.context["total"] == page.context["total"]
    assert [str(pick) for pick in unpack_token(back.context["request"].brief.token).picks] == ["R1.1"]
    tree = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(back.content.decode())
    here = next(each for each in tree.findall(".//p") if each.get("id") == place)
    assert "In my brief." in "".join(here.itertext())


@pytest.mark.parametrize(
    "back", ["https://example.org/", "//example.org/", "/admin/", "/api/v1/", "javascript:alert(1)"]
)
def test_adding_leads_to_no_other_site(back, client):
    answer = client.get("/brief/", {"add": "R1.1", "back": back})
    assert answer.status_code == 400
    assert "not one of ours" in answer.content.decode()
