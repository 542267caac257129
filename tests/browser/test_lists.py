"""Lists in a real Chromium: choices update in place, and without scripts the same pages come whole."""

import pytest

from tests.browser.faults import run_axe

STATUS = "#count"


@pytest.fixture
def page(site, reader):
    """A page that fails the test on any console error."""
    page = reader.new_page()
    errors = []
    page.on("console", lambda message: errors.append(message.text) if message.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: errors.append(str(error)))
    yield page
    page.close()
    assert errors == []


def opened(page):
    return page.eval_on_selector_all("details.facet[open] > summary", "all => all.map(each => each.textContent.trim())")


def focused(page):
    return page.evaluate("document.activeElement.id")


def test_a_choice_updates_in_place_and_keeps_focus_address_and_open_facets(page, site):
    page.goto(f"{site}/recommendations/")
    page.evaluate("document.body.dataset.kept = 'yes'")
    page.click("summary:has-text('Strength')")
    page.click("summary:has-text('Level')")
    before = opened(page)
    page.focus("#strength-conditional")
    page.keyboard.press("Space")
    page.wait_for_selector("#chip-1 >> text=Strength: Conditional")
    assert page.url == f"{site}/recommendations/?strength=conditional"
    assert page.inner_text(STATUS) == "13 recommendations"
    assert focused(page) == "strength-conditional"
    assert page.is_checked("#strength-conditional")
    assert opened(page) == before
    assert page.evaluate("document.body.dataset.kept") == "yes"  # the document was not loaded anew
    assert run_axe(page) == []
    page.fill("#words", "plan")
    page.wait_for_url("**q=plan**")
    page.wait_for_selector("#chip-1 >> text=Words: plan")
    assert focused(page) == "words"
    shown = page.inner_text(STATUS)
    page.reload()
    assert page.inner_text(STATUS) == shown


def test_chips_go_one_by_one_and_focus_stays_near(page, site):
    page.goto(f"{site}/recommendations/?q=board&phase=prevention&strength=strong")
    page.focus("#chip-1")
    page.keyboard.press("Enter")
    page.wait_for_url(f"{site}/recommendations/?phase=prevention&strength=strong")
    page.wait_for_selector("#chip-1 >> text=Prevention")
    assert page.input_value("#words") == ""
    assert focused(page) == "chip-1"
    page.focus("#chip-2")
    page.keyboard.press("Enter")
    page.wait_for_url(f"{site}/recommendations/?phase=prevention")
    page.wait_for_selector("#chip-2:not(a)", state="attached")
    assert focused(page) == "chip-2"  # behind the last chip stands the heading of the results
    page.focus("#clear")
    page.keyboard.press("Enter")
    page.wait_for_url(f"{site}/recommendations/")
    page.wait_for_selector("#clear:not(a)", state="attached")
    assert focused(page) == "clear"
    assert not page.is_checked("#phase-prevention")
    assert run_axe(page) == []


def test_the_back_button_brings_back_what_was_there(page, site):
    page.goto(f"{site}/recommendations/")
    whole = page.inner_text(STATUS)
    page.check("#audience-regulator")
    page.wait_for_selector("a#chip-1")
    some = page.inner_text(STATUS)
    page.click("#order-newest")
    page.wait_for_url("**order=newest")
    page.wait_for_selector("#order-newest[aria-current]")
    page.go_back()
    page.wait_for_selector("#order-standard[aria-current]")
    assert (page.inner_text(STATUS), page.is_checked("#audience-regulator")) == (some, True)
    page.go_back()
    page.wait_for_selector("#chip-1:not(a)", state="attached")
    assert (page.inner_text(STATUS), page.is_checked("#audience-regulator")) == (whole, False)
    page.go_forward()
    page.wait_for_selector("a#chip-1")
    assert page.inner_text(STATUS) == some
    page.check("#audience-commissioner")  # and goes on working
    page.wait_for_selector("a#chip-2")


def test_without_scripts_the_same_choice_gives_the_same_results(page, site, browser):
    context = browser.new_context(java_script_enabled=False, viewport={"width": 1280, "height": 900})
    plain = context.new_page()
    plain.goto(f"{site}/recommendations/")
    plain.check("#audience-regulator")
    plain.fill("#words", "board")
    plain.click("#filters button")
    page.goto(f"{site}/recommendations/")
    page.check("#audience-regulator")
    page.wait_for_selector("a#chip-1")
    page.fill("#words", "board")
    page.wait_for_selector("a#chip-2")
    assert sorted(plain.url.partition("?")[2].split("&")) == sorted(page.url.partition("?")[2].split("&"))
    for selector in (STATUS, "#results .grid", "#filters .facet >> nth=0"):
        assert plain.inner_text(selector) == page.inner_text(selector)
    context.close()


def test_on_a_phone_results_come_first_and_filters_open(site, browser):
    context = browser.new_context(viewport={"width": 390, "height": 800})
    page = context.new_page()
    page.goto(f"{site}/lessons/")
    assert page.is_visible("#results .card >> nth=0")
    assert not page.is_visible("#words")
    page.click(".fold > summary")
    page.check("#phase-prevention") if page.is_visible("#phase-prevention") else page.click("summary:has-text('Phase')")
    page.check("#phase-prevention")
    page.wait_for_selector("a#chip-1")
    assert page.inner_text("#narrowed") == "(1 in force)"
    assert page.is_visible("#words")
    assert run_axe(page) == []
    context.close()


def test_the_download_holds_what_is_shown(page, site):
    page.goto(f"{site}/recommendations/")
    page.check("#audience-regulator")
    page.wait_for_selector("a#chip-1")
    shown = int(page.inner_text(STATUS).split()[0])
    with page.expect_download() as started:
        page.click(".downloads a >> text=CSV")
    rows = started.value.path().read_text(encoding="utf-8-sig")
    assert rows.count("/recommendations/") >= shown
    assert started.value.suggested_filename == "recommendations.csv"


def test_the_search_narrows_in_place(page, site):
    page.goto(f"{site}/search/?q=inspection")
    page.check("#kind-finding")
    page.wait_for_selector("a#chip-1")
    assert page.url == f"{site}/search/?q=inspection&kind=finding"
    assert page.inner_text(STATUS).startswith(
        f"{page.inner_text('label:has(#kind-finding) .count').strip('()')} results"
    )
    assert focused(page) == "kind-finding"
    assert run_axe(page) == []


def test_a_page_of_the_past_is_asked_for_and_left(page, site):
    page.goto(f"{site}/lessons/?phase=prevention")
    page.fill("#as-of", "2026-12-24")
    page.click(".moment button")
    page.wait_for_url("**as_of=2026-12-24")
    assert "phase=prevention" in page.url
    assert "24 December 2026" in page.inner_text(".as-of")
    assert run_axe(page) == []
    page.click("#results .card a >> nth=0")
    page.wait_for_url("**/lessons/*/?as_of=2026-12-24")
    page.click(".as-of a")
    page.wait_for_url(lambda url: "as_of" not in url)
    assert page.query_selector(".as-of") is None
