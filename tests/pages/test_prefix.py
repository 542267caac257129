"""The site below a path of its own, as behind a proxy that serves other things too: `SCRIPT_NAME=/evidence`."""

import json
import re
from urllib.parse import parse_qs, urljoin, urlsplit

import lxml.html
import pytest
from django.test import Client
from django.urls import Resolver404, clear_script_prefix, resolve, set_script_prefix
from lxml import etree

from failure_lessons.pages.brief.selection import Pick, Selection
from failure_lessons.publishing.models import Edition
from tests.examples import is_trial, some_of
from tests.helpers import PARSER, SHIPPED_KINDS

pytestmark = pytest.mark.django_db

PREFIX = "/evidence"
UNASKED = (f"{PREFIX}/api/v1/search/", f"{PREFIX}/api/v1/check/")  # named by the API's root, they want a question
SITE = "http://testserver"
OF_KINDS = {word for kind in SHIPPED_KINDS.values() for word in (kind.address, kind.api_address)}
LINK_HEADER = re.compile(r"<([^>]*)>")
ADDRESS = re.compile(r'http://testserver[^\s"<>]*')


class WsgiClient(Client):
    """A client behind which addresses are written as behind Django's WSGI handler, which reads SCRIPT_NAME anew each time."""

    def request(self, **environ):
        set_script_prefix(f"{environ.get('SCRIPT_NAME') or self.defaults.get('SCRIPT_NAME', '')}/")
        return super().request(**environ)


@pytest.fixture
def reader():
    """A client that asks as the proxy does: the prefix is in SCRIPT_NAME, the rest in PATH_INFO."""
    yield WsgiClient(SCRIPT_NAME=PREFIX)
    clear_script_prefix()


def ask(reader, address):
    """The answer at an address of the prefixed site; redirects of our own are followed once."""
    parts = urlsplit(address)
    assert parts.path.startswith(f"{PREFIX}/"), address
    target = f"{parts.path.removeprefix(PREFIX)}{'?' if parts.query else ''}{parts.query}"
    answer = reader.get(target)
    if answer.status_code in (301, 302, 308):
        return ask(reader, urljoin(SITE + parts.path, answer["Location"]).removeprefix(SITE))
    return answer


def first_addresses(kinds):
    """One of each type of page and feed, and of the API; of each kind its list and its first record; more of so many."""
    token = Selection("", "", (Pick("R4", 1),)).token
    yield from (
        *("/", "/about/", "/accessibility/", "/privacy/", "/corrections/", "/changes/", "/downloads/", "/search/"),
        *("/search/?q=staff", "/search/?q=zzzz", "/recommendations/?phase=prevention", "/evidence-map/", "/api/"),
        *("/case-studies/compare/?case=hmp-birmingham&case=ridings-school-halifax", "/api/policy/", "/robots.txt"),
        *("/api/problems/conflict/", "/brief/?r=R4.1&r=LS1.1&r=case-studies/hmp-birmingham.1", "/sitemap.xml"),
        *("/sitemap/pages.xml", "/changes/feed.atom", "/oai?verb=Identify", "/api/v1/", "/api/v1/search/?q=staff"),
        *("/api/v1/changes/?limit=3", "/api/v1/evidence-map/", "/api/v1/downloads/", "/api/v1/openapi.json"),
        *("/recommendations/?as_of=2030-01-01", f"/lessons/?brief={token}", "/evidence-map/map.csv"),
        "/oai?verb=ListRecords&metadataPrefix=oai_dc&set=kind:recommendation",
    )
    looked_into = some_of(SHIPPED_KINDS, kinds)
    for kind in SHIPPED_KINDS.values():
        slug = Edition.objects.current().of_kind(kind.code).order_by("sort_key", "pk").first().slug
        page, data = f"/{kind.address}/{slug}/", f"/api/v1/{kind.api_address}/"
        yield from (page, f"/{kind.address}/", f"{data}{slug}/")
        if kind.code not in looked_into:
            continue
        yield from (f"/{kind.address}/feed.atom", f"/sitemap/{kind.address}-1.xml")
        yield from (
            f"{page}v1/",
            f"{page}history/",
            f"{page}feed.atom",
            f"{page}linkset.json",
            f"{page}cite.jsonld",
        )
        yield from (f"{data}?limit=2", f"{data}{slug}/editions/", f"{data}?format=jsonld")
        yield f"{page}?as_of=2030-01-01&brief={token}"


def page_links(address, html):
    """Every address that a page names in its attributes, made whole as a browser would."""
    for element in lxml.html.document_fromstring(html.encode(), parser=PARSER).iter():
        for name in ("href", "src", "action", "data-hx-get"):
            value = element.get(name)
            if value is not None and not value.startswith(("#", "mailto:")):
                yield urljoin(SITE + address, value)


def links_of(address, answer):
    """Every address of ours that an answer names, whole: in its body and in its headers."""
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    text = body.decode("utf-8")
    for name in ("Link", "Location", "Content-Location"):
        yield from (urljoin(SITE + address, each) for each in LINK_HEADER.findall(answer.get(name, "")))
    if answer["Content-Type"].startswith("text/html"):
        yield from page_links(address, text)
    if "xml" in answer["Content-Type"]:
        etree.fromstring(body)
    if "json" in answer["Content-Type"]:
        json.loads(text)
    yield from (
        each.rstrip(".,;)'\\")
        for each in ADDRESS.findall(text.replace("&amp;amp;", "&").replace("&amp;", "&").replace("&quot;", '"'))
    )


def shape_of(target):
    """The pattern that an address stands at, with its kind and what it is asked; one at none is a shape of its own."""
    parts = urlsplit(target)
    try:
        route = resolve(parts.path.removeprefix(PREFIX)).route
    except Resolver404:
        route = parts.path
    kind = OF_KINDS.intersection(parts.path.split("/"))
    return route, *sorted(kind), *sorted(parse_qs(parts.query, keep_blank_values=True))


@pytest.mark.slow
@pytest.mark.parametrize("kinds", [3, pytest.param(len(SHIPPED_KINDS), marks=pytest.mark.trials)])
def test_every_link_keeps_the_prefix_and_leads_somewhere(kinds, reader):
    """Pages, feeds, site maps, the API, its headers: what they name lies below the prefix, and answers there."""
    named, read = {}, set()
    for path in first_addresses(kinds):
        answer = reader.get(path)
        assert answer.status_code == 200, path
        read.add(shape_of(PREFIX + path))
        for target in links_of(PREFIX + path, answer):
            if target.startswith(f"{SITE}/") or target == SITE:
                named.setdefault(target.removeprefix(SITE).partition("#")[0], path)
    strays = {target: path for target, path in named.items() if not target.startswith(f"{PREFIX}/")}
    assert not strays
    assert not {target: path for target, path in named.items() if target.startswith(f"{PREFIX}{PREFIX}/")}
    assert len(named) > 400
    shapes = {}
    for target, path in named.items():
        if not target.startswith(f"{PREFIX}/static/") and "%7B" not in target and "{" not in target:
            shapes.setdefault(shape_of(target), (target, path))
    unread = [shape for shape in shapes if shape not in read]
    if not is_trial():  # what the kinds share is followed for one of them, and asked in one way
        unread = {shape[0]: shape for shape in unread}.values()
    for target, path in (shapes[shape] for shape in unread):  # one of each is enough
        expected = (400,) if target in UNASKED else (200, 503)
        assert ask(reader, target).status_code in expected, f"{target} on {path}"
    assert len(shapes) > 300


def test_static_files_are_found_below_the_prefix(reader):
    home = reader.get("/").content.decode()
    assert f'href="{PREFIX}/static/failure_lessons/site.css"' in home
    sheet = reader.get("/static/failure_lessons/site.css")
    assert sheet.status_code == 200
    sheet.close()


def test_the_prefix_of_one_request_is_not_kept_for_the_next(reader):
    client = WsgiClient()
    assert f"{SITE}{PREFIX}/api/v1/lessons/" in reader.get("/api/v1/").content.decode()
    assert f"{SITE}{PREFIX}/" not in client.get("/api/v1/").content.decode()
    assert f'href="{PREFIX}/' not in client.get("/").content.decode()


def test_problems_and_redirects_keep_the_prefix(reader):
    problem = reader.get("/api/v1/nothing/").json()
    assert problem["type"] == f"{SITE}{PREFIX}/api/problems/not-found/"
    assert problem["instance"] == f"{PREFIX}/api/v1/nothing/"
    assert reader.get("/api/v1/workbench/references/").status_code == 401  # still closed
    assert reader.get("/search/?q=R4")["Location"].startswith(f"{PREFIX}/recommendations/")
    assert reader.get("/recommendations/?phase=")["Location"] == f"{PREFIX}/recommendations/"
    assert reader.get("/lessons")["Location"] == f"{PREFIX}/lessons/"
    assert reader.get("/admin/")["Location"].startswith(f"{PREFIX}/admin/login/?next={PREFIX}/admin/")


def test_the_workbench_works_below_the_prefix(reader, admin_user):
    reader.force_login(admin_user)
    for path in ("/admin/", "/admin/recommendations/recommendation/", "/admin/casestudies/casestudy/"):
        answer = reader.get(path)
        ours = [each for each in page_links(PREFIX + path, answer.content.decode()) if each.startswith(f"{SITE}/")]
        assert answer.status_code == 200
        assert ours
        assert not [each for each in ours if not f"{each}/".startswith(f"{SITE}{PREFIX}/")], path
