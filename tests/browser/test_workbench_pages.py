"""Every page of the workbench in a real Chromium, whatever the patterns of its addresses are, with a row of everything behind
them: axe finds nothing at 1280 and 768 px, nothing scrolls sideways, and whoever has a keyboard alone sees where they are."""

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client

from tests.browser.faults import find_faults
from tests.browser.test_judging import opened
from tests.role_matrix import World, examples_behind, patterns_behind_doors

pytestmark = [pytest.mark.usefixtures("committed"), pytest.mark.trials, pytest.mark.timeout(3600)]
INSIDE = ("admin/", "accounts/", "preview/")
LEADS_OUT = ("logout", "i18n", "jsi18n")  # by the last part of an address
STOPS = 30  # of the Tab key on each page
WHERE = """() => {
    const at = document.activeElement;
    if (!at || at === document.body) return null;
    const box = at.getBoundingClientRect(), style = getComputedStyle(at);
    const seen = box.width > 0 && box.height > 0 && box.bottom > 0 && box.top < innerHeight;
    const marked = style.outlineStyle !== "none" || style.boxShadow !== "none";
    return { name: at.outerHTML.slice(0, 120), seen, marked };
}"""


def list_pages(world):
    """The address of each page that an administrator can open, one for each pattern and what it is of."""
    desk, known = Client(raise_request_exception=False), set()
    desk.force_login(world.boss)
    for name, route in patterns_behind_doors():
        if not route.startswith(INSIDE) or route.rstrip("/").rpartition("/")[2] in LEADS_OUT:
            continue
        Authenticator.objects.filter(user=world.boss).delete()  # a pattern that needs one makes it
        for what, of, address in examples_behind(world, name, route, world.boss):
            answer = desk.get(address)
            is_page = answer.status_code == 200 and answer.headers["Content-Type"].startswith("text/html")
            if is_page and (what, of) not in known:
                known.add((what, of))
                yield address


def walk_by_keyboard(page, where):
    """Where the Tab key leads to something that cannot be seen, or that does not show that it has the focus."""
    page.evaluate("document.activeElement?.blur?.()")
    for _ in range(STOPS):
        page.keyboard.press("Tab")
        at = page.evaluate(WHERE)
        if at is None:
            return
        if not (at["seen"] and at["marked"]):
            yield f"{where} by keyboard: {'not seen' if not at['seen'] else 'no mark'}: {at['name']}"


def test_axe_finds_nothing_on_any_page_of_the_workbench_and_the_keyboard_leads_everywhere(site, browser):
    world = World()
    context = opened(browser, site, world.boss, reduced_motion="reduce")
    page, pages, faults = context.new_page(), [], []
    try:
        for address in list_pages(world):
            pages.append(address)
            page.goto(site + address)
            faults += walk_by_keyboard(page, address)
            faults += find_faults(page, where=address)
    finally:
        context.close()
    print(len(pages), "pages")  # noqa: T201  # a trial tells its figures
    assert len(pages) > 150
    assert not faults, "\n".join(faults)
