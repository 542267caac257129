"""Citing, signposts, canonical addresses, data blocks, the site map: how records are found and followed."""

import json
import re
from urllib.parse import urlsplit
from xml.etree import ElementTree

import bibtexparser
import html5lib
import pytest
import rispy
from django.db import connection
from django.test.utils import CaptureQueriesContext
from signposting.linkheader import find_signposting_http_link

from casestudies.models import CaseStudy
from failure_lessons.exports.formats import CITING, FORMATS, SOURCE_FORMATS, signposts
from failure_lessons.exports.formats.highwire import citation_tags
from failure_lessons.pages import discovery
from failure_lessons.pages.metadata import data_block
from failure_lessons.publishing.models import Edition
from failure_lessons.publishing.registry import KINDS
from failure_lessons.publishing.services import publish_record, submit_record, withdraw_record
from literature.models import Reference
from tests import factories
from tests.examples import some_of
from tests.formats.conftest import NASTY, row
from tests.helpers import SHIPPED_KINDS, parse_page

pytestmark = pytest.mark.django_db
R1 = "/recommendations/test-capacity-before-mergers-takeovers-and-rapid-growth/"


def head(client, address):
    return parse_page(client.get(address)).find(".//head")


def canonical(client, address):
    links = [link.get("href") for link in head(client, address).findall("link") if link.get("rel") == "canonical"]
    assert len(links) == 1
    return urlsplit(links[0]).path + urlsplit(links[0]).query


def republished(researcher, publisher):
    case = CaseStudy.objects.get(slug="hmp-birmingham")
    case.title = "A new title"
    case.save()
    submit_record(record=case, by=researcher)
    publish_record(record=case, by=publisher, note="Shorter title.")


def one_of_each_kind():
    return [Edition.objects.current().of_kind(kind).first() for kind in SHIPPED_KINDS]


@pytest.mark.slow
def test_each_record_page_offers_its_own_edition_for_citing(client):
    for edition in one_of_each_kind():
        base = f"/{KINDS[edition.kind].address}/{edition.slug}/"
        page = client.get(base).content.decode()
        assert ("Cite this source" if edition.kind == "reference" else "Cite this edition") in page
        for name in CITING:
            assert f'href="{base}v1/cite.{FORMATS[name].extension}"' in page
        if edition.kind != "reference":
            assert f"http://testserver{base}v1/" in page.split('class="cite"')[1]


def test_the_files_for_citing_carry_the_right_headers(client):
    for name in CITING:
        for address in (f"{R1}cite.{FORMATS[name].extension}", f"{R1}v1/cite.{FORMATS[name].extension}"):
            answer = client.get(address)
            assert answer.status_code == 200
            assert answer["Content-Type"].partition(";")[0] == FORMATS[name].media_type
            assert re.fullmatch(r'attachment; filename="[\x21-\x7e]+"', answer["Content-Disposition"])
            assert answer["Content-Disposition"].endswith(f'v1.{FORMATS[name].extension}"')
            assert answer["X-Content-Type-Options"] == "nosniff"
            assert answer["Link"] == f'<http://testserver{R1}v1/>; rel="describes"; type="text/html"'
            assert client.head(address).status_code == 200


def test_what_is_downloaded_reads_back(client):
    entry = rispy.loads(client.get("/references/jas2005/cite.ris").content.decode())[0]
    assert entry["doi"] == "10.1111/j.1467-8551.2005.00458.x"
    assert entry["type_of_reference"] == "JOUR"
    library = bibtexparser.parse_string(client.get(f"{R1}v1/cite.bib").content.decode())
    assert library.entries[0].fields_dict["url"].value == f"http://testserver{R1}v1/"
    assert client.get(f"{R1}v1/cite.csl.json").json()[0]["URL"] == f"http://testserver{R1}v1/"
    assert client.get(f"{R1}v1/cite.datacite.json").json()["version"] == "1"
    assert client.get(f"{R1}v1/cite.jsonld").json()["@id"] == f"http://testserver{R1}v1/"


@pytest.mark.parametrize(
    "address",
    [
        f"{R1}cite.docx",
        f"{R1}v2/cite.ris",
        f"{R1}v0/cite.ris",
        f"{R1}v99999999999/cite.ris",
        "/lessons/no/cite.ris",
        "/lessons/no/linkset.json",
        f"{R1}v9/linkset.json",
        f"{R1}cite.",
        "/sitemap/lessons-2.xml",
        "/sitemap/x-1.xml",
        "/sitemap/lessons-0.xml",
        "/sitemap/lessons-99999999999999.xml",
        "/lessons/%00/cite.ris",
        "/lessons/%00/linkset.json",
        "/lessons/%00/",
        "/lessons/%00/v1/",
        "/lessons/%00/history/",
        "/api/v1/lessons/%00/",
    ],
)
def test_what_is_not_there_is_not_found(address, client):
    assert client.get(address).status_code == 404


@pytest.mark.slow
def test_an_old_edition_is_cited_at_its_own_address_and_kept_from_search_engines(client, researcher, publisher):
    republished(researcher, publisher)
    base = "/case-studies/hmp-birmingham/"
    assert "HMP Birmingham: disorder" in client.get(f"{base}v1/cite.ris").content.decode()
    assert "A new title" in client.get(f"{base}cite.ris").content.decode()
    assert f"http://testserver{base}v2/" in client.get(f"{base}cite.ris").content.decode()
    assert canonical(client, base) == canonical(client, f"{base}v2/") == base
    assert canonical(client, f"{base}v1/") == f"{base}v1/"
    assert b'name="robots" content="noindex"' in client.get(f"{base}v1/").content
    assert b'name="robots"' not in client.get(base).content
    linked = find_signposting_http_link([client.get(f"{base}v1/")["Link"]], f"http://testserver{base}v1/")
    assert linked.citeAs.target == f"http://testserver{base}v1/"
    assert client.get(f"/sitemap/{KINDS['case-study'].address}-1.xml").getvalue().decode().count("hmp-birmingham") == 1


def test_a_withdrawn_record_can_no_longer_be_cited_or_found(client, researcher, publisher):
    case = factories.case(title="Gone case")
    submit_record(record=case, by=researcher)
    publish_record(record=case, by=publisher)
    assert case.slug in client.get("/sitemap/case-studies-1.xml").getvalue().decode()
    withdraw_record(record=case, by=publisher, note="A source was false.")
    for tail in ("cite.ris", "v1/cite.bib", "linkset.json", "v1/linkset.json"):
        answer = client.get(f"/case-studies/{case.slug}/{tail}")
        assert answer.status_code == 410
        assert "A source was false." in answer.content.decode()
        assert "What happened." not in answer.content.decode()
    assert case.slug not in client.get("/sitemap/case-studies-1.xml").getvalue().decode()


@pytest.mark.slow
def test_a_parser_of_others_reads_our_signposts(client):
    """Those of four kinds are followed, and of every kind in long trials: the crawl fetches what they lead to of each."""
    followed = some_of(SHIPPED_KINDS, 4)
    for edition in one_of_each_kind():
        base = f"http://testserver/{KINDS[edition.kind].address}/{edition.slug}/"
        for method in (client.get, client.head):
            found = find_signposting_http_link([method(base)["Link"]], base)
            assert found.citeAs.target == f"{base}v1/"
            assert "https://schema.org/AboutPage" in {each.target for each in found.types}
            assert len(found.types) == 2
            assert (found.license is None) == (edition.kind == "reference")
            assert {each.type for each in found.describedBy} == {FORMATS[name].media_type for name in CITING}
            assert [each.type for each in found.items] == ["application/json"]
            assert [each.type for each in found.linksets] == ["application/linkset+json"]
        if edition.kind not in followed:
            continue
        for link in (*found.describedBy, *found.items, *found.linksets, found.citeAs, found.collection):
            answer = client.get(urlsplit(link.target).path)
            assert answer.status_code == 200
            assert answer["Content-Type"].partition(";")[0] == (link.type or "text/html")


def test_the_link_set_says_the_same_and_points_back(client):
    base = f"http://testserver{R1}"
    answer = client.get(f"{R1}linkset.json")
    assert answer["Content-Type"] == "application/linkset+json"
    contexts = {each["anchor"]: each for each in answer.json()["linkset"]}
    header = find_signposting_http_link([client.get(R1)["Link"]], base)
    assert {link["href"] for link in contexts[base]["describedby"]} == {each.target for each in header.describedBy}
    assert contexts[base]["cite-as"] == [{"href": f"{base}v1/"}]
    for link in contexts[base]["describedby"]:
        assert contexts[link["href"]]["describes"] == [{"href": base, "type": "text/html"}]
    data = contexts[contexts[base]["item"][0]["href"]]
    assert {"href": base, "type": "text/html"} in data["collection"]


def test_data_points_back_to_its_page():
    links = signposts.data_links(row("lesson", "a", 2, title="A"), "https://x.org")
    above = {link.href for link in links if link.rel == signposts.CITED_BY}
    assert "https://x.org/api/v1/recommendations/?rests_on=lesson%3Aa" in above
    assert not any("/findings/" in each for each in above)  # a finding never rests on a lesson
    assert {(link.rel, link.href) for link in links if link.rel != signposts.CITED_BY} == {
        ("cite-as", "https://x.org/lessons/a/v2/"),
        ("license", "https://creativecommons.org/licenses/by/4.0/"),
        ("type", "https://schema.org/CreativeWork"),
        ("collection", "https://x.org/lessons/a/v2/"),
    }


def test_every_answer_of_the_api_about_a_record_points_back_to_its_page(client):
    record = "/api/v1/recommendations/test-capacity-before-mergers-takeovers-and-rapid-growth/"
    for address in (record, f"{record}editions/1/", f"{record}?include=evidence", f"{record}?format=ris"):
        found = find_signposting_http_link([client.get(address)["Link"]], f"http://testserver{record}")
        assert found.citeAs.target == f"http://testserver{R1}v1/"
        assert found.collection.target == f"http://testserver{R1}v1/"
        assert found.license.target == "https://creativecommons.org/licenses/by/4.0/"


def test_the_longest_link_header_fits_a_proxys_buffer():
    longest = row("literature-review", "x" * 120, 999, title="A")
    assert (
        len(signposts.format_link_header(signposts.page_links(longest, "https://failure-lessons.example.ac.uk")))
        < 3_500
    )


def test_lists_and_pages_have_one_canonical_address_whatever_is_asked(client):
    for address in ("/", "/about/", "/recommendations/", "/findings/"):
        assert canonical(client, address) == address
    assert canonical(client, "/recommendations/?phase=prevention") == "/recommendations/"
    assert canonical(client, "/search/?q=staff") == "/search/"


def test_each_page_introduces_itself_to_social_sites_and_machines(client):
    for address, kind in ((R1, "article"), ("/", "website"), ("/recommendations/", "website")):
        said = {meta.get("property"): meta.get("content") for meta in head(client, address).findall("meta")}
        assert said["og:type"] == kind
        assert said["og:title"]
        assert said["og:description"]
        assert urlsplit(said["og:url"]).path == address
        links = [each.get("href") for each in head(client, address).findall("link") if each.get("rel") == "alternate"]
        assert client.get(urlsplit(links[0]).path).status_code == 200


@pytest.mark.slow
def test_the_data_block_of_a_page_is_its_json_ld(client):
    for address, type_ in ((R1, "CreativeWork"), ("/", "Dataset"), ("/case-studies/hmp-birmingham/", "Report")):
        block = head(client, address).find("script")
        assert block.attrib == {"type": "application/ld+json"}
        assert json.loads(block.text)["@type"] == type_
    assert json.loads(head(client, R1).find("script").text)["isBasedOn"][0]["name"]


@pytest.mark.parametrize("text", [*NASTY, "<!--", "]]>", "&lt;"], ids=lambda text: ascii(text[:12]))
def test_no_text_ends_a_data_block(text):
    block = data_block({"name": text})
    tree = html5lib.parse(f"<!doctype html><head>{block}</head><p>after", namespaceHTMLElements=False)
    assert len(tree.findall(".//script")) == 1
    assert json.loads(tree.find(".//script").text) == {"name": text}
    assert not re.search("[<>&]", block.removeprefix('<script type="application/ld+json">').removesuffix("</script>"))


@pytest.mark.slow
def test_the_site_map_lists_every_current_record_once_and_nothing_else(client, monkeypatch):
    monkeypatch.setattr(discovery, "SITEMAP_PART_SIZE", 50)
    space = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
    index = ElementTree.fromstring(client.get("/sitemap.xml").content)  # noqa: S314
    parts = [urlsplit(loc.text).path for loc in index.iter(f"{space}loc")]
    found = []
    for part in parts:
        answer = client.get(part)
        assert answer["Content-Type"] == "application/xml; charset=utf-8"
        tree = ElementTree.fromstring(answer.getvalue())  # noqa: S314
        found += [urlsplit(loc.text).path for loc in tree.iter(f"{space}loc")]
    records = [f"/{KINDS[each.kind].address}/{each.slug}/" for each in Edition.objects.current().without_text()]
    assert len(found) == len(set(found))
    standing = [
        "/",
        "/about/",
        "/about/project/",
        "/about/traceability/",
        "/about/use/",
        "/developers/",
        *("/evidence-map/", "/case-studies/compare/", "/changes/", "/corrections/", "/ledger/", "/downloads/"),
        *("/accessibility/", "/privacy/", "/api/"),
        *(f"/{kind.address}/" for kind in KINDS.values()),
    ]
    assert set(found) == {*records, *standing}
    for address in standing:
        assert client.get(address).status_code == 200


def test_robots_are_told_what_to_leave_alone_and_where_the_map_is(client):
    text = client.get("/robots.txt").content.decode()
    assert "Disallow: /admin/" in text
    assert "Disallow: /*?" in text
    assert "Sitemap: http://testserver/sitemap.xml" in text


@pytest.mark.parametrize(
    ("address", "queries"),
    [
        ("/sitemap.xml", 1),
        ("/sitemap/pages.xml", 0),
        ("/sitemap/findings-1.xml", 2),
        ("/robots.txt", 0),
        (f"{R1}cite.ris", 1),
        (f"{R1}v1/cite.bib", 1),
        (f"{R1}cite.csl.json", 1),
        (f"{R1}cite.jsonld", 2),
        ("/case-studies/hmp-birmingham/cite.datacite.json", 2),
        (f"{R1}linkset.json", 1),
    ],
)
def test_each_costs_few_queries(address, queries, client):
    with CaptureQueriesContext(connection) as captured:
        b"".join(client.get(address))
    assert len(captured) == queries


def test_a_wrong_host_gets_a_plain_answer(client):
    assert client.get("/", headers={"host": "evil.example"}).status_code == 400


def sources_beneath(address, client):
    """The references that the API brings as evidence of a record, each once."""
    included = client.get(f"/api/v1{address}?include=evidence").json()["included"]
    return {each["slug"]: each["title"] for each in included if each["kind"] == "reference"}


@pytest.mark.slow
@pytest.mark.parametrize("address", [R1, "/case-studies/hmp-birmingham/", "/findings/"])
def test_the_sources_of_a_record_are_taken_for_a_reference_manager(address, client):
    if address == "/findings/":
        address += Edition.objects.current().of_kind("finding").first().slug + "/"
    expected = sources_beneath(address, client)
    assert expected
    page = client.get(address).content.decode()
    for name in SOURCE_FORMATS:
        assert f'href="{address}v1/sources.{FORMATS[name].extension}"' in page
        answer = client.get(f"{address}v1/sources.{FORMATS[name].extension}")
        assert answer.content == client.get(f"{address}sources.{FORMATS[name].extension}").content
        assert answer.content == client.get(f"/api/v1{address}?include=evidence&format={name}").content
        assert "-sources." in answer["Content-Disposition"]
    taken = {each["id"]: each["title"] for each in client.get(f"{address}sources.csl.json").json()}
    assert taken == expected
    assert {each["id"] for each in rispy.loads(client.get(f"{address}sources.ris").content.decode())} == set(expected)


def test_the_sources_of_a_list_are_each_taken_once(client):
    listed = client.get("/api/v1/recommendations/?ids=R1,R8&include=evidence").json()["included"]
    expected = {each["slug"] for each in listed if each["kind"] == "reference"}
    answer = client.get("/api/v1/recommendations/?ids=R1,R8&include=evidence&format=csl-json")
    ids = [each["id"] for each in json.loads(answer.getvalue())]
    assert len(ids) == len(set(ids))
    assert set(ids) == expected


def test_a_withdrawn_source_is_not_taken(client, publisher):
    slug = next(iter(sources_beneath(R1, client)))
    withdraw_record(record=Reference.objects.get(slug=slug), by=publisher, note="Retracted.")
    assert slug not in client.get(f"{R1}sources.ris").content.decode()


def test_there_are_no_sources_of_what_rests_on_nothing(client):
    slug = Edition.objects.current().of_kind("reference").first().slug
    assert client.get(f"/references/{slug}/sources.ris").status_code == 404
    assert client.get(f"{R1}sources.xlsx").status_code == 404


def tags_of(client, address):
    """The `citation_*` tags in the head of a page: name and content, in order."""
    metas = [(meta.get("name") or "", meta.get("content")) for meta in head(client, address).findall("meta")]
    return [(name, content) for name, content in metas if name.startswith("citation_")]


@pytest.mark.slow
def test_the_head_of_every_record_page_cites_it_for_zotero(client):
    for edition in one_of_each_kind():
        address = f"/{KINDS[edition.kind].address}/{edition.slug}/"
        tags = dict(tags_of(client, address))
        csl = client.get(f"{address}cite.csl.json").json()[0]
        assert tags["citation_title"] == " ".join(csl["title"].split())
        if edition.kind != "reference":
            assert tags["citation_author"] == tags["citation_technical_report_institution"] == "Failure Lessons"
            assert tags["citation_public_url"] == f"http://testserver{address}v1/"
            assert tags["citation_publication_date"].count("/") == 2
        links = [(link.get("rel"), link.get("href")) for link in head(client, address).findall("link")]
        assert ("cite-as", f"http://testserver{address}v1/") in links
        described = {urlsplit(href).path for rel, href in links if rel == "describedby"}
        assert described == {f"{address}v1/cite.{FORMATS[name].extension}" for name in CITING}


def test_an_article_is_tagged_as_one():
    name = {"family": "Smith", "given": "Ann"}
    csl = {
        "type": "article-journal",
        "title": "A <b>",
        "author": [name, {"literal": "A Body"}],
        "container-title": "BMJ",
        "issued": {"date-parts": [[2009, 3]]},
        "page": "5–9",
        "DOI": "10.1000/a",
    }
    assert citation_tags(csl) == [
        ("citation_title", "A <b>"),
        ("citation_author", "Smith, Ann"),
        ("citation_author", "A Body"),
        ("citation_publication_date", "2009/03"),
        ("citation_journal_title", "BMJ"),
        ("citation_firstpage", "5"),
        ("citation_lastpage", "9"),
        ("citation_doi", "10.1000/a"),
    ]
    assert ("citation_journal_title", "BMJ") not in citation_tags({**csl, "type": "webpage"})
