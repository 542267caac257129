"""A brief that stays: nothing is lost by Back, another tab, a bookmark or a link, with scripts and without."""

import re

import pytest
from pypdf import PdfReader


@pytest.fixture
def page(browser):
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    yield context.new_page()
    context.close()


def picks_of(page, site):
    page.click(".sections a[data-brief-link]")
    page.wait_for_url(re.compile("/brief/"))
    return [field.get_attribute("value") for field in page.query_selector_all("input[name='r']")]


def add(page, pick):
    page.click(f".add[data-pick='{pick}'] a[data-add]")
    page.wait_for_selector(f".add[data-pick='{pick}'] .held")


def test_added_back_and_added_on_another_are_both_in(site, page):
    page.goto(f"{site}/recommendations/")
    add(page, "R8.1")
    assert page.url == f"{site}/recommendations/"
    assert "My brief holds 1 record" in page.inner_text("[data-brief-status]")
    page.click("a[href*='/recommendations/publish-exit-tests']")
    page.wait_for_url("**/publish-exit-tests*/")
    page.go_back()
    page.wait_for_url(f"{site}/recommendations/")
    assert page.is_visible(".add[data-pick='R8.1'] .held")
    add(page, "R9.1")
    page.goto(f"{site}/lessons/")  # an address that was typed
    add(page, "LS1.1")
    other = page.context.new_page()
    other.goto(f"{site}/recommendations/")
    add(other, "R17.1")
    page.wait_for_function("document.querySelector('[data-brief-count]').textContent === ' (4)'")
    assert picks_of(page, site) == ["R8.1", "R9.1", "LS1.1", "R17.1"]


def test_a_bare_bookmark_offers_the_brief_that_the_browser_keeps(site, page):
    page.goto(f"{site}/recommendations/")
    add(page, "R8.1")
    page.goto(f"{site}/brief/")
    page.click("[data-brief-page] a")
    page.wait_for_url("**/brief/?r=R8.1")


def test_what_is_changed_on_the_page_of_the_brief_is_kept(site, page):
    page.goto(f"{site}/recommendations/")
    add(page, "R8.1")
    add(page, "R9.1")
    assert picks_of(page, site) == ["R8.1", "R9.1"]
    page.click("details.edit summary")
    page.click("button[name=remove][value='1']")
    page.wait_for_url(lambda url: "R8.1" not in url)
    page.goto(f"{site}/recommendations/")
    assert not page.is_visible(".add[data-pick='R8.1'] .held")
    assert picks_of(page, site) == ["R9.1"]


def test_a_shared_brief_does_not_push_out_my_own(site, page):
    page.goto(f"{site}/recommendations/")
    add(page, "R8.1")
    page.goto(f"{site}/brief/?title=Theirs&r=R1.1")
    assert "another brief than your own" in page.inner_text("[data-brief-page]")
    page.click("[data-brief-page] button:has-text('Add these to mine')")
    page.wait_for_url("**/brief/?r=R8.1&r=R1.1")


def test_without_scripts_adding_leads_back_to_the_list(site, browser):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{site}/recommendations/?phase=management")
    page.click(".add[data-pick='R8.1'] a")
    page.wait_for_url("**/recommendations/?phase=management&brief=*")
    assert "1 record so far" in page.inner_text("aside.carried")
    page.click(".add[data-pick='R9.1'] a")
    page.wait_for_url("**/recommendations/?phase=management&brief=*R9.1")
    page.click("aside.carried a.button")
    assert [each.get_attribute("value") for each in page.query_selector_all("input[name='r']")] == ["R8.1", "R9.1"]
    context.close()


def test_an_adviser_leaves_with_one_page_two_clicks_from_the_start_on_a_phone(site, browser):
    context = browser.new_context(accept_downloads=True, viewport={"width": 390, "height": 844})
    page = context.new_page()
    page.goto(site)
    page.get_by_role("link", name="Back in special measures", exact=True).first.click()  # 1
    page.wait_for_url("**/situations/**")
    with page.expect_download() as taken:
        page.locator("main").get_by_role("link", name="PDF", exact=True).click()  # 2
    (sheet,) = PdfReader(taken.value.path()).pages
    written = sheet.extract_text()
    for words in ("Ask first which causes", "How sure, and why", "What speaks against it", "Steps\n1."):
        assert words in written
    context.close()


def test_a_minister_s_page_is_four_clicks_away(site, browser):
    context = browser.new_context(accept_downloads=True)
    page = context.new_page()
    page.goto(f"{site}/recommendations/")
    page.click("a[href*='/recommendations/set-a-clock']")  # 1
    page.wait_for_url("**/set-a-clock*/")
    add(page, "R8.1")  # 2
    page.click(".add .held a")  # 3
    page.wait_for_url("**/brief/?r=R8.1")
    with page.expect_download() as taken:
        page.click(".lengths tbody tr:first-child a:has-text('PDF')")  # 4
    with open(taken.value.path(), "rb") as file:
        assert file.read(4) == b"%PDF"
    context.close()
