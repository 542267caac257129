"""Every type of page in a real Chromium: axe finds nothing, nothing overflows, nothing moves, nothing leaves the site."""

import re

import pytest
from django.conf import settings
from django.test import Client

from failure_lessons.publishing.models import Edition
from tests.addresses import every_example, public_patterns
from tests.browser.faults import (
    COLOURS,
    EACH_COLOUR_ONCE,
    EACH_LOOK_ONCE,
    VIOLATIONS,
    axe_script,
    find_faults,
    open_all,
    run_axe,
    set_width,
)
from tests.examples import is_trial, some_of
from tests.helpers import SHIPPED_KINDS

# Two pictures after everything has been loaded show what moved; a long trial waits for what might come later still.
SHIFTS = """pause => new Promise(done => {
    let moved = 0;
    const add = all => { for (const each of all) moved += each.value; };
    const observer = new PerformanceObserver(list => add(list.getEntries()));
    observer.observe({type: "layout-shift", buffered: true});
    document.fonts.ready.then(() => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(() => {
        add(observer.takeRecords());
        done(moved);
    }, pause))));
})"""

COLOUR = r"#[0-9a-f]{3,8}|rgb\([^)]*\)|(\d+px )*\d+ rgb\([^)]*\)"
PARTS = 4  # so that workers share them
WIDTHS = (1280, 320)


def records():
    """One record of each kind."""
    for kind in SHIPPED_KINDS.values():
        edition = Edition.objects.current().of_kind(kind.code).without_text().order_by("revision").first()
        yield f"/{kind.address}/{edition.slug}/"


OTHER_STATES = (  # of pages that show something else for another question
    "/downloads/",
    "/search/?q=zzzz",
    "/recommendations/?phase=prevention",
    "/recommendations/?phse=x",
    "/recommendations/?q=zzzz",
    "/never-was/",
    "/what-if/",
    "/what-if/?strike=nothing",
    "/evidence-map/?of=follow-up",
    "/evidence-map/?of=recommendation&by=sector",
    "/contact/",
    "/contact/?sort=used",
    "/follow/",
    "/follow/leave/nothing/",
    "/brief/",
    "/brief/?r=R99&add=R1",
    "/brief/?title=To+read&note=Now.&r=LS1.1&r=E1-F2.1",
    "/case-studies/compare/",
    "/case-studies/compare/?case=hmp-birmingham",
    "/comparisons/six-cases/?condition=control_transferred&cutoff=0.7",
    "/api/operations/listRecommendations/?phase=prevention&limit=5",
)


def answers_of_pages(client):
    """Every public page type, whatever the patterns of addresses are, in an example or more; then its other states."""
    names = [name for name, route in public_patterns() if not is_for_programs(route)]
    answers = {each: client.get(each) for each in dict.fromkeys([*every_example(*names), *records(), *OTHER_STATES])}
    standing = {*records(), *OTHER_STATES}
    return {
        each: said
        for each, said in answers.items()
        if said.headers["Content-Type"].startswith("text/html") and (said.status_code == 200 or each in standing)
    }


def is_for_programs(route):
    """Whether what stands at a pattern is a file, or an answer of the API."""
    return "." in route.rpartition("/")[2] or "extension" in route or route.startswith(("api/v1/", "oai", "downloads/"))


@pytest.fixture(scope="module")
def fewest(site):
    """As few of the addresses as show every template that all of them show."""
    templates = {
        address: {each.name for each in said.templates if each.name}
        for address, said in answers_of_pages(Client()).items()
    }
    wanted, chosen = set().union(*templates.values()), []
    while wanted:
        chosen.append(max(templates, key=lambda address: len(templates[address] & wanted)))
        wanted -= templates[chosen[-1]]
    return chosen


class Visit:
    """Goes from page to page in a browser of its own, and notes what is asked for and what is complained about."""

    def __init__(self, browser, site):
        self.site = site
        self.context = browser.new_context(viewport={"width": WIDTHS[0], "height": 900}, color_scheme="light")
        self.page = self.context.new_page()
        self.asked, self.errors, self.faults, self.opened = [], [], [], 0
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.page.on("console", lambda said: self.errors.append(said.text) if said.type == "error" else None)

    def load(self, address, width=WIDTHS[0], scheme="light"):
        """Load a page; it must not move while it comes, nor be wider than the window."""
        set_width(self.page, width)
        if scheme == "forced":
            self.page.emulate_media(color_scheme="light", forced_colors="active")
        else:
            self.page.emulate_media(color_scheme=scheme, forced_colors="none")
        self.page.goto(self.site + address)
        if (
            moved := self.page.evaluate(SHIFTS, 120 if is_trial() else 0)
        ) > 0.005:  # 0.1 is called good; a slow machine paints half a masthead
            self.faults.append(f"{address}: moves by {moved} while it loads")
        if self.page.evaluate("document.documentElement.scrollWidth") > width:
            self.faults.append(f"{address}: wider than {width} px")

    def look(self, address, widths=WIDTHS, options=VIOLATIONS):
        self.faults += find_faults(self.page, widths=widths, where=address, options=options)

    def conclude(self):
        """Close it; there must be nothing to complain about."""
        self.context.close()
        assert not self.faults, "\n".join(self.faults)
        assert self.asked
        assert all(url.startswith(self.site) for url in self.asked)
        assert [error for error in self.errors if "404" not in error and "400" not in error] == []


@pytest.mark.parametrize("part", range(PARTS))
def test_axe_finds_nothing_and_nothing_overflows(part, site, browser, fewest):
    """Each loaded once, everything on it opened: light at both widths, then the dark."""
    visit = Visit(browser, site)
    for address in fewest[part::PARTS]:
        visit.load(address)
        visit.opened += open_all(visit.page)
        visit.look(address)
        visit.page.emulate_media(color_scheme="dark")
        visit.look(f"{address} in the dark", WIDTHS[:1], COLOURS)
    visit.conclude()
    assert visit.opened


@pytest.mark.trials
@pytest.mark.parametrize("part", range(PARTS))
@pytest.mark.parametrize("width", WIDTHS)
def test_axe_finds_nothing_anywhere_in_any_colours(width, part, site, browser):
    """Every public page type at each width in each scheme, as it comes and opened."""
    visit = Visit(browser, site)
    for address in [*answers_of_pages(Client())][part::PARTS]:
        for scheme in ("light", "dark", "forced"):
            visit.load(address, width, scheme)
            visit.look(f"{address} in {scheme} colours", [width])
            if open_all(visit.page):
                visit.look(f"{address} opened in {scheme} colours", [width])
    visit.conclude()


PALE = """<html lang="en"><title>Pale</title><main><h1>Words</h1>
    <p style="color: #aaa">one</p><p style="color: #aaa">two</p><p style="color: rgb(170 170 170 / 90%)">three</p>
    <p style="color: #aaa; background: #222">four</p><p style="color: oklch(0.4 0.1 20)">five</p>
    <p>six</p><p>seven</p><p style="opacity: 0.4">eight</p><div style="background: #ddd"><p>nine</p><p>ten</p></div>
    <p style="background: linear-gradient(#fff, #000)">eleven</p><div style="position: relative; height: 3em">
    <p>twelve</p><div style="position: absolute; top: 0; left: 9em; width: 9em; height: 3em; background: #333"></div>
    <p style="position: absolute; top: 0; left: 9em; margin: 0">thirteen</p></div>
    <p style="color: #888; font-size: 24px">fourteen</p><p style="color: #888">fifteen</p>
    <div style="display: flow-root; background: #fff"><div style="float: left; width: 100%"><p>sixteen</p></div></div>
    <div style="float: left; width: 9em"><p style="margin: 0">seventeen</p></div><div style="background: #222; height: 3em"></div>
    <div style="position: sticky; bottom: 0; background: #222"><p style="color: #fff">eighteen</p><p>nineteen</p></div></main>"""
CONTRASTS = """before => {
    axe.looksBefore = new Set(before);
    const measured = said => ["violations", "passes", "incomplete"].map(sort =>
        said[sort].flatMap(each => each.nodes.map(node => [node.target, node.any.map(check => check.data)])));
    return axe.run({runOnly: ["color-contrast"]}).then(said => [measured(said), axe.looksNow ? axe.looksNow() : []]);
}"""
SPARED = axe_script().removesuffix(f";\n{EACH_LOOK_ONCE}").removesuffix(EACH_COLOUR_ONCE)


def contrasts(page, script, looks=()):
    """What axe measures on a page, of what fails, what passes and what it leaves open: words that are seen; and their looks."""
    page.evaluate(script)
    sorts, found = page.evaluate(CONTRASTS, [*looks])
    seen = [
        [[place, data] for place, data in sort if "hidden" not in [keys_of(each) for each in data]] for sort in sorts
    ]
    return seen, found


def keys_of(measured):
    return measured.get("messageKey") if measured else None


def test_axe_measures_the_same_contrasts_when_it_reads_each_colour_and_each_look_once(browser):
    page = browser.new_page()
    page.set_content(PALE)
    said = [contrasts(page, script)[0] for script in (SPARED, axe_script())]
    page.close()
    assert said[0] == said[1]
    assert [len(each) for each in said[0]] == [8, 11, 1]


def test_axe_measures_the_same_contrasts_on_pages_and_looks_at_most_words_once(site, browser, fewest):
    """In trials on every page of `fewest`. What a page before had is passed over, and is never what fails."""
    visit, looks, passed_over = Visit(browser, site), set(), 0
    for address in some_of(reversed(fewest), 2):
        visit.load(address)
        open_all(visit.page)
        for scheme in ("light", "dark"):
            visit.page.emulate_media(color_scheme=scheme)
            where = f"{address} in the {scheme}"
            plainly, _ = contrasts(visit.page, SPARED)
            spared, found = contrasts(visit.page, axe_script())
            assert plainly == spared, where
            failing, passing, unclear = contrasts(visit.page, axe_script(), looks)[0]
            assert failing == plainly[0], where
            left_out = [data for node in plainly[2] if node not in unclear for data in node[1]]
            assert {keys_of(each) for each in left_out} <= {"bgImage", "bgGradient"}, where
            passed_over += len(plainly[1]) - len(passing)
            looks.update(found)
    assert passed_over
    visit.context.close()


def test_axe_finds_what_is_pale(browser):
    page = browser.new_page()
    page.set_content(PALE)
    assert [each.partition(" ")[0] for each in run_axe(page)] == ["color-contrast"]
    page.close()


def test_the_dark_changes_colours_alone():
    blocks = []
    for sheet in (settings.BASE_DIR / "failure_lessons" / "pages" / "static").rglob("*.css"):
        text = re.sub(r"/\*.*?\*/", "", sheet.read_text(), flags=re.DOTALL)
        found = re.findall(r"@media \(prefers-color-scheme: dark\) \{\s*:root \{([^{}]*)\}\s*\}", text)
        assert len(found) == text.count("prefers-color-scheme"), f"{sheet.name}: more than values of :root in the dark"
        blocks += found
    values = re.findall(r"([\w-]+):\s*([^;]+)", ";".join(blocks))
    assert len(values) > 10
    assert [
        each for each in values if not re.fullmatch(r"--[\w-]+", each[0]) or not re.fullmatch(COLOUR, each[1])
    ] == []


def test_from_every_recommendation_to_a_source_in_three_clicks_by_keyboard_alone(site, browser):
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"{site}/recommendations/")
    found = page.locator("main article h3 a").evaluate_all("links => links.map(link => link.getAttribute('href'))")
    slugs = Edition.objects.current().of_kind("recommendation").values_list("slug", flat=True)
    assert found == [f"/recommendations/{slug}/" for slug in slugs.order_by("sort_key")]
    for place, address in some_of(enumerate(found), 4):
        page.goto(f"{site}/recommendations/")
        page.focus(f"main article h3 a >> nth={place}")
        page.keyboard.press("Enter")  # one: the recommendation
        page.wait_for_url(f"**{address}")
        page.focus("main section.item details summary >> nth=0")
        page.keyboard.press("Enter")  # two: the finding opens in place
        source = page.locator("main section.item details[open] .sources li >> nth=0")
        named = source.locator("a").first.inner_text()
        pointer = source.inner_text().partition(f"{named}, ")[2]
        assert named, address
        assert pointer, f"{address} gives neither a place in the source nor says that there is none"
        assert pointer != source.inner_text(), address
        source.locator("a").first.focus()
        page.keyboard.press("Enter")  # three: the source
        page.wait_for_url("**/references/**")
        assert "Key" in page.inner_text("main"), address
    context.close()


def test_the_first_screen_of_a_recommendation_answers_what_who_when_how_sure_and_what_speaks_against(site, browser):
    """And on a phone it begins with what to do."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    for edition in some_of(Edition.objects.current().of_kind("recommendation"), 6):
        record = edition.content
        page.goto(f"{site}/recommendations/{edition.slug}/")
        for words in (record["statement"], record["owner"], "By when", "How sure we are", "What speaks against it"):
            box = page.get_by_text(words, exact=True).first.bounding_box()
            assert box["y"] + box["height"] <= 900, (edition, words)
        # the reasons against begin on the first screen, and the reasons for come after them
        against = page.locator(".panel.warn p").first.bounding_box()
        assert against["y"] + 150 <= 900, edition
        assert page.locator("#why").bounding_box()["y"] > against["y"], edition
        page.set_viewport_size({"width": 390, "height": 844})
        box = page.get_by_text(record["statement"], exact=True).first.bounding_box()
        assert box["y"] + box["height"] <= 844, edition
        page.set_viewport_size({"width": 1280, "height": 900})
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


def test_the_menu_of_a_phone_works_by_keyboard_and_without_scripts(site, browser):
    context = browser.new_context(viewport={"width": 320, "height": 700}, java_script_enabled=False)
    page = context.new_page()
    page.goto(site)
    link = page.locator("#sections a", has_text="Recommendations")
    assert not link.is_visible()
    page.focus("button.menu >> nth=0")
    page.keyboard.press("Enter")
    assert link.is_visible()
    page.keyboard.press("Escape")
    assert not link.is_visible()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url("**/situations/")
    context.close()


def test_the_menu_and_the_filters_stand_open_on_a_wide_screen(site, browser):
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.goto(f"{site}/recommendations/")
    assert page.locator("#sections a", has_text="Lessons").is_visible()
    assert page.locator("#filters input[name=q]").is_visible()
    assert not page.locator("button.menu >> nth=0").is_visible()
    context.close()


def test_a_phone_filters_a_list_without_scripts(site, browser):
    context = browser.new_context(viewport={"width": 390, "height": 844}, java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{site}/recommendations/")
    assert page.locator("main article a").first.bounding_box()["y"] < 844
    page.get_by_text("Search and filter").click()
    page.get_by_label("Regulator").check()
    page.get_by_role("button", name="Apply").click()
    page.wait_for_url("**audience=regulator**")
    assert page.get_by_role("link", name="Remove the filter").is_visible()
    context.close()


def test_home_leads_from_who_i_am_and_what_i_face_to_recommendations_by_keyboard(site, browser):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(site)
    page.focus("#audience")
    page.keyboard.type("reg")
    page.keyboard.press("Tab")
    page.keyboard.type("res")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url("**/recommendations/?audience=regulator&phase=resolution")
    wanted = Edition.objects.current().of_kind("recommendation").matching(["audience:regulator", "phase:resolution"])
    assert page.locator("main article").count() == wanted.count() > 0
    context.close()


def test_the_system_s_own_colours_and_stillness_are_respected(site, browser):
    context = browser.new_context(forced_colors="active", reduced_motion="reduce")
    page = context.new_page()
    page.goto(site)
    assert page.evaluate("getComputedStyle(document.documentElement).scrollBehavior") == "auto"
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    context.close()


def test_a_printed_recommendation_opens_its_evidence(site, browser):
    context = browser.new_context()
    page = context.new_page()
    edition = Edition.objects.current().of_kind("recommendation").first()
    page.goto(f"{site}/recommendations/{edition.slug}/")
    source = page.locator("main details .sources li").first
    assert not source.is_visible()
    page.emulate_media(media="print")
    assert source.is_visible()
    assert not page.locator(".masthead").is_visible()
    context.close()
