"""Every type of page in a real Chromium: axe finds nothing, nothing overflows, nothing leaves the site."""

import pytest
from axe_playwright_python.sync_playwright import Axe

from failure_lessons.publishing.kinds import KINDS
from failure_lessons.publishing.models import Edition


def addresses():
    """One address of each type of page, the longest record of its kind."""
    yield from ("/", "/about/", "/changes/", "/changes/?kind=lesson&action=withdrawn", "/search/?q=staff", "/search/?q=zzzz", "/recommendations/", "/recommendations/?phase=prevention",
                "/references/", "/case-studies/hmp-birmingham/history/", "/never-was/")  # fmt: skip
    for kind in KINDS.values():
        edition = Edition.objects.current().of_kind(kind.code).without_text().order_by("revision").first()
        yield f"/{kind.address}/{edition.slug}/"


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (1280, "dark"), (320, "light")])
def test_axe_finds_nothing_and_nothing_overflows(width, scheme, site, browser):
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
    page = context.new_page()
    asked, errors = [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    faults = []
    for address in addresses():
        page.goto(site + address)
        found = Axe().run(page).response["violations"]
        faults += [f"{address}: {each['id']} ({each['nodes'][0]['target']})" for each in found]
        if page.evaluate("document.documentElement.scrollWidth") > width:
            faults.append(f"{address}: wider than {width} px")
    assert not faults
    assert all(url.startswith(site) for url in asked)
    assert [error for error in errors if "404" not in error] == []
    context.close()


def test_from_a_recommendation_to_a_source_in_three_clicks_by_keyboard_alone(site, browser):
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"{site}/recommendations/")
    page.focus("main article a >> nth=0")
    page.keyboard.press("Enter")  # one: the recommendation
    page.wait_for_selector("summary")
    page.focus("main section.item details summary >> nth=0")
    page.keyboard.press("Enter")  # two: the finding opens in place
    page.focus("main section.item details[open] .sources a >> nth=0")
    page.keyboard.press("Enter")  # three: the source
    page.wait_for_url("**/references/**")
    assert "Key" in page.inner_text("main")
    context.close()


def test_the_skip_link_is_first_and_works(site, browser):
    context = browser.new_context()
    page = context.new_page()
    page.goto(site)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to main content"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    context.close()
