"""Every public answer, looked at in every way: nobody ever sees a draft, links lead somewhere, pages are valid and cheap."""

import gzip
import json
import re
from collections import Counter
from functools import cache
from itertools import pairwise
from pathlib import Path

import html5lib
import pytest
from django.contrib.staticfiles import finders
from django.urls import get_resolver

from failure_lessons.publishing.registry import KINDS
from tests.crawl import OTHER, SECRET

# what is the same however much the library holds; a search asks for other words, for what is near and for what answers
# one asks for the head of the ledger, to which the bitmaps belong
MOST_QUERIES = {"list": 5, "detail": 6, "edition": 6, "home": 7, "search": 19, "api-search": 16}
MOST_OF_ANY = 8
ANYTHING_ELSE = "^(?P<rest>(?s:.*))\\Z"  # below api/: what is not there
HOLDS_AN_ADDRESS = ("src", "srcset", "poster", "data", "action", "background")
OUR_SCRIPTS = re.compile(r"/static/(?:django_htmx/htmx|failure_lessons/(?:brief|menu)\.)")
FORM_PROOF = re.compile(r"form:\w+:[\w-]+")  # says when a form was opened
NOT_CRAWLED = {
    "metrics": "for whoever watches, with a token: tests/operations",
    "by-code": "leads on: tests/pages/test_codes.py",
    "api-by-code": "leads on: the same tests",
    "brief-short": "leads on: tests/brief/test_one_page.py",
    "components": "for developers alone: test_the_gallery_is_for_developers_alone",
    "preview": "for people who work here: test_roles",
    "follow-confirm": "by a link in a mail: tests/intake",
    "follow-leave": "the same",
    "account_": "for people who sign in: tests/accounts",
    "choose_password": "by a link in a mail: the same tests",
    "end_other_sessions": "for people who signed in: the same tests",
    "mfa_": "the same",
    "openid_connect_": "the same",
    "own_account": "the same",
    "take-part": "for whoever was invited, by a link: test_taking_part",
    "download": "needs a bundle that was built: test_downloads looks for a draft word in each of its files",
    "download-newest": "the same files",
    "api-workbench-": "for partners with a token: test_anonymous_requests_learn_nothing_about_the_workbench",
    "api-webhook": "for partners with a token: the tests of webhooks",
}


def told(faults):
    """A list of faults as the message of an assertion."""
    return f"{len(faults)} faults:\n" + "\n".join(map(str, faults[:40]))


def test_every_address_answers(crawl):
    faults = [
        f"{a.address} (on {a.found_on}): {a.fault or a.status}"
        for a in crawl.answers.values()
        if a.fault or a.status not in (200, 301, 302)
    ]
    assert not faults, told(faults)
    leads_on = ("by-code", "api-by-code", "brief-short")
    redirected = [
        a.address
        for a in crawl.answers.values()
        if a.status != 200 and not a.found_on and not a.view.startswith(leads_on)
    ]
    assert not redirected, told(redirected)


@pytest.mark.slow
def test_no_answer_shows_a_draft_word(crawl):
    faults = []
    for answer in crawl.answers.values():
        if SECRET in answer.address:
            other = crawl.answers[answer.address.replace(SECRET, OTHER)]
            said, as_much = (FORM_PROOF.sub("", each.words) for each in (answer, other))
            if said.replace(SECRET, OTHER) != as_much:
                faults.append(f"{answer.address} says more than {other.address}")
        elif SECRET in answer.words or any(SECRET in value.lower() for value in answer.headers.values()):
            faults.append(answer.address)
    assert not faults, told(faults)
    assert sum(SECRET in address for address in crawl.answers) == 9


def test_a_draft_has_no_address(crawl):
    faults = [f"{a.address}: {a.fault or a.status}" for a in crawl.hidden if a.status != 404 or SECRET in a.words]
    assert not faults, told(faults)
    assert len(crawl.hidden) > 40


def test_an_export_holds_no_draft_word(crawl):
    assert [name for name, text in crawl.exported.items() if SECRET in text] == []
    assert len(crawl.exported) > 10


def test_every_pattern_of_public_addresses_was_fetched(crawl):
    fetched = {answer.view for answer in crawl.answers.values() if answer.status == 200}
    known = {name for name in public_names() if not name.startswith(tuple(NOT_CRAWLED))}
    assert known - fetched == set(), "give an example in tests/crawl.py, or a reason in NOT_CRAWLED"


def public_names(resolver=None):
    """The names of all address patterns outside the admin; one without a name is named by what it matches."""
    for pattern in (resolver or get_resolver()).url_patterns:
        if str(pattern.pattern).startswith("admin/"):
            continue
        if hasattr(pattern, "url_patterns"):
            yield from public_names(pattern)
        elif pattern.name or str(pattern.pattern) != ANYTHING_ELSE:
            yield pattern.name or str(pattern.pattern)


def test_no_page_costs_more_queries_than_its_view_may(crawl):
    faults = [
        f"{answer.address}: {answer.queries}"
        for answer in crawl.answers.values()
        if answer.queries > MOST_QUERIES.get(answer.view, MOST_OF_ANY)
    ]
    assert not faults, told(faults)
    seen = Counter(answer.view for answer in crawl.answers.values())
    assert seen["list"] >= len(KINDS)
    assert seen["detail"] > 200


@pytest.mark.slow
def test_links_lead_to_many_addresses_and_their_fragments_exist(crawl):
    followed = [answer for answer in crawl.answers.values() if answer.found_on.startswith("/")]
    assert len(followed) > 100
    ids, faults = {}, []
    for page in crawl.pages:
        for link in page.tree.iterfind(".//a[@href]"):
            target, _, fragment = link.get("href").partition("#")
            aim = crawl.answers.get(target) if target else page
            if fragment and aim and aim.is_page:
                there = ids.setdefault(aim.address, set(aim.tree.xpath("//@id")))
                if fragment not in there:
                    faults.append(f"{link.get('href')} on {page.address}")
    assert not faults, told(faults)
    assert len(ids) > 50


@pytest.mark.slow
def test_every_sort_of_page_is_valid_html(crawl):
    faults = [fault for page in crawl.one_page_of_each_sort for fault in find_invalid(page)]
    assert not faults, told(faults)
    assert len(crawl.one_page_of_each_sort) > 100


@pytest.mark.trials
def test_every_page_is_valid_html(crawl):
    faults = [fault for page in crawl.pages for fault in find_invalid(page)]
    assert not faults, told(faults)


def find_invalid(page):
    """What a strict parser complains about."""
    parser = html5lib.HTMLParser(strict=False, namespaceHTMLElements=False)
    parser.parse(page.text)
    yield from (f"{page.address}: {place} {name}" for place, name, _ in parser.errors)


def test_every_page_has_one_heading_and_nothing_that_a_browser_would_run(crawl):
    faults = []
    for page in crawl.pages:
        for words in faults_of_page(page):
            faults.append(f"{page.address}: {words}")
    assert not faults, told(faults)
    assert len(crawl.pages) > 300


def faults_of_page(page):
    """What is wrong with the elements of a page."""
    tree = page.tree
    for name in ("h1", "main"):
        if len(tree.findall(f".//{name}")) != 1:
            yield f"{len(tree.findall(f'.//{name}'))} <{name}>"
    yield from (f"{count} × id={id_}" for id_, count in Counter(tree.xpath("//@id")).items() if count > 1)
    yield from (f"style={style}" for style in tree.xpath("//@style"))
    yield from (
        f"attribute {name}" for name in {n for e in tree.iter() for n in e.attrib} if re.match("(data-)?(hx-)?on", name)
    )
    if tree.xpath("//script[not(parent::head)]"):
        yield "a script outside the head"
    data = tree.xpath("//script[@type='application/ld+json']")
    run = [script for script in tree.iter("script") if script not in data]
    if len(data) > 1 or any(json.loads(block.text)["@context"] != "https://schema.org" for block in data):
        yield "more than one block of JSON-LD, or of another vocabulary"
    if any(not OUR_SCRIPTS.search(each.get("src") or "") or each.text for each in run):
        yield "a script that is neither htmx nor ours"


def test_every_page_keeps_the_policy_and_gives_no_cookie(crawl):
    faults = []
    for page in crawl.pages:
        policy = page.headers.get("Content-Security-Policy", "")
        if "unsafe" in policy or "default-src 'self'" not in policy:
            faults.append(f"{page.address}: {policy}")
        # what somebody writes to us, or a link that was mailed, is told nobody
        wanted = "no-referrer" if page.address.startswith(("/contact/", "/follow/")) else "same-origin"
        if page.headers.get("Referrer-Policy") != wanted:
            faults.append(f"{page.address}: Referrer-Policy {page.headers.get('Referrer-Policy')}")
    faults += [f"{answer.address}: {answer.cookies}" for answer in crawl.answers.values() if answer.cookies]
    assert not faults, told(faults)


def test_only_pages_to_embed_may_stand_in_a_frame(crawl):
    framed = set()
    for answer in crawl.answers.values():
        policy = answer.headers.get("Content-Security-Policy", "")
        if answer.status != 304 and (
            answer.headers.get("X-Frame-Options") != "DENY" or "frame-ancestors 'none'" not in policy
        ):
            framed.add(answer.address)
    assert framed, "the pages to embed were not fetched"
    assert {address for address in framed if not address.startswith("/embed/")} == set()
    for page in (page for page in crawl.pages if page.address in framed):
        assert {each.tag for each in page.tree.iter()} & {"form", "script", "iframe", "input"} == set(), page.address


def test_no_page_asks_another_site_for_anything(crawl):
    faults = []
    for page in crawl.pages:
        for element in page.tree.iter():
            fetched = [element.get(name) for name in HOLDS_AN_ADDRESS if element.get(name)]
            if element.tag == "link":
                fetched.append(element.get("href"))
            for target in fetched:
                ours = target.startswith(("/", "#", "http://testserver/")) and not target.startswith("//")
                if not ours:
                    faults.append(f"{target} on {page.address}")
    assert not faults, told(faults)


def test_the_first_and_the_second_view_of_every_page_weigh_little(crawl):
    """Packed, a first view of a page with every file that it names weighs at most 100 kB, a second at most 48 kB."""

    @cache
    def weigh_file(address):
        return len(gzip.compress(Path(finders.find(address.removeprefix("/static/"))).read_bytes()))

    styles = ("/static/failure_lessons/site.css", "/static/failure_lessons/pictures.css")
    assert sum(map(weigh_file, styles)) < 16_000
    faults, named = [], set()
    for page in crawl.pages:
        files = {element.get("src") or element.get("href") for element in page.tree.iter("link", "script", "img")}
        files = {address for address in files if address and address.startswith("/static/")}
        again = len(gzip.compress(page.body, 6))
        first = again + sum(map(weigh_file, files))
        named |= files
        if first > 100_000 or again > 48_000:
            faults.append(f"{page.address}: {first} at first, then {again}")
    assert not faults, told(faults)
    assert {*styles, "/static/failure_lessons/brief.js", "/static/failure_lessons/menu.js"} < named


@pytest.mark.slow
def test_everything_on_a_page_has_a_name(crawl):
    """What axe would find in the markup alone; a browser looks at one page of each sort."""
    faults = []
    for page in crawl.pages:
        faults += [f"{page.address}: {words}" for words in find_nameless(page.tree)]
    assert not faults, told(faults)


def find_nameless(tree):
    """Elements that a screen reader could not announce, and references to nothing."""
    if tree.get("lang") != "en-GB":
        yield f"lang={tree.get('lang')}"
    if not (tree.findtext(".//title") or "").strip():
        yield "no title"
    ids = set(tree.xpath("//@id"))
    for name in ("for", "aria-labelledby", "aria-describedby", "aria-controls"):
        for value in tree.xpath(f"//@{name}"):
            yield from (f"{name}={each}" for each in value.split() if each not in ids)
    for image in tree.xpath("//img[not(@alt)] | //svg[@role='img'][not(.//title)]"):
        yield f"a picture without words: {image.attrib}"
    for each in tree.xpath("//a[@href] | //button | //summary"):
        if not (each.text_content().strip() or each.get("aria-label") or each.xpath(".//@aria-label | .//@alt")):
            yield f"<{each.tag}> without words: {each.attrib}"
    labelled = set(tree.xpath("//label/@for"))
    for field in tree.xpath("//input[not(@type='hidden' or @type='submit')] | //select | //textarea"):
        if not (
            field.get("id") in labelled
            or field.get("aria-label")
            or field.get("aria-labelledby")
            or field.xpath("ancestor::label")
        ):
            yield f"a field without a label: {field.attrib}"
    levels = [
        int(each.tag[1]) for each in tree.xpath("//main//*[self::h1 or self::h2 or self::h3 or self::h4 or self::h5]")
    ]
    yield from (f"h{after} after h{before}" for before, after in pairwise(levels) if after > before + 1)


def test_terms_are_explained_once_on_a_page_and_pages_stay_readable(crawl):
    explained = 0
    for page in crawl.pages:
        links = re.findall(r'<a href="/glossary/([^/]+)/" class="term"', page.text)
        assert len(links) == len(set(links)), page.address
        assert page.address not in {f"/glossary/{slug}/" for slug in links}
        assert not re.search(r"<a [^>]*>[^<]*<a ", page.text), page.address
        for quotation in re.findall(r"<blockquote>.*?</blockquote>", page.text, re.DOTALL):
            assert 'class="term"' not in quotation, page.address
        explained += len(links)
    assert explained > 20


def test_rounds_in_every_state_were_among_them(crawl):
    shown = {
        address
        for address, answer in crawl.answers.items()
        if re.fullmatch(r"/consultation-rounds/round-\d+/", address) and answer.status == 200
    }
    assert len(shown) == 4, "announced, open, closed and cancelled; a draft has no page"
