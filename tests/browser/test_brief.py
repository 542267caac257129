"""A brief by keyboard alone, and the evidence map on a phone, in a real Chromium without scripts."""

import io
import re

import pytest
from pypdf import PdfReader


@pytest.fixture
def page(browser):
    """A page of a reader whose browser runs no scripts."""
    context = browser.new_context(java_script_enabled=False, viewport={"width": 1280, "height": 900})
    yield context.new_page()
    context.close()


def press(page, selector, key="Enter"):
    """Reach something by focus and press a key on it, as a keyboard does."""
    page.focus(selector)
    page.keyboard.press(key)
    page.wait_for_load_state()


def open_the_form(page):
    """A browser opens it by itself when the address leads to a record in it."""
    if not page.is_visible("#brief-title"):
        press(page, "details.edit summary")


def picks(page):
    return [field.get_attribute("value") for field in page.query_selector_all("input[name='r']")]


def test_three_records_are_picked_ordered_and_printed_by_keyboard_alone(site, page):
    page.goto(f"{site}/recommendations/")
    press(page, "article .add a >> nth=3")  # from a list: R4
    page.wait_for_url("**/recommendations/?brief=*#add-R4.1")
    press(page, "aside.carried a.button")
    page.wait_for_url("**/brief/?r=R4.1*")
    press(page, ".take a[href^='/lessons/']")
    page.wait_for_url("**/lessons/?brief=*")
    assert "1 record so far" in page.inner_text("aside")
    press(page, "article h3 a >> nth=0")  # from a record's own page: LS1
    page.wait_for_url("**/lessons/*/?brief=*")
    press(page, "main .add a")
    press(page, "aside.carried a.button")
    page.wait_for_url("**r=LS1.1*")
    press(page, ".take a[href^='/search/']")
    page.wait_for_url("**/search/?brief=*")
    page.focus("main input[type=search]")
    page.keyboard.type("lay monitors")
    page.keyboard.press("Enter")  # from a search: whatever it finds first
    page.wait_for_url("**/search/?*q=lay*")
    press(page, "main .add a >> nth=0")
    press(page, "aside.carried a.button")
    page.wait_for_url(re.compile(r"/brief/\?r=R4\.1&r=LS1\.1&r="))
    first, second, third = picks(page)
    open_the_form(page)
    page.focus("#brief-title")
    page.keyboard.type("For the board")
    press(page, "button[name=up][value='3']")
    page.wait_for_url(re.compile(r"title=For\+the\+board&"))
    assert picks(page) == [first, third, second]
    assert page.inner_text("h1") == "For the board"
    open_the_form(page)
    press(page, "button[name=remove][value='1']")
    page.wait_for_url(lambda url: first not in url)
    assert picks(page) == [third, second]
    text = " ".join(each.extract_text() for each in PdfReader(io.BytesIO(page.pdf(format="A4"))).pages)
    assert "For the board" in text
    assert "Page 1 of" in text
    assert "Update the brief" not in text
    assert "Add more" not in text


def test_the_files_are_a_click_away(site, browser):
    context = browser.new_context(accept_downloads=True)
    page = context.new_page()
    page.goto(f"{site}/brief/?title=Taken+away&r=R4.1")
    for words, start in (("PDF", b"%PDF"), ("Word", b"PK"), ("PowerPoint", b"PK")):
        with page.expect_download() as taken:
            page.click(f".take a:has-text('{words}') >> nth=-1")
        with open(taken.value.path(), "rb") as file:
            assert file.read(4).startswith(start)
        assert "taken-away" in taken.value.suggested_filename
    context.close()


def test_the_map_is_readable_on_a_phone_and_every_cell_names_its_phase(site, browser):
    context = browser.new_context(viewport={"width": 320, "height": 800})
    page = context.new_page()
    page.goto(f"{site}/evidence-map/")
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    cells = page.query_selector_all(".map tbody tr:first-child td .phase")
    assert [cell.inner_text() for cell in cells] == [
        "Prevention",
        "Identification",
        "Management",
        "Resolution",
        "All phases",
    ]
    assert all(cell.is_visible() for cell in cells)
    assert page.get_by_role("cell").count() > 100  # the layout takes nothing of the table's meaning away
    assert (
        page.get_by_role("rowheader").count()
        == page.get_by_role("row").count() - page.locator("thead tr:visible").count()
    )
    page.focus(".map tbody td a >> nth=0")
    number = page.inner_text(".map tbody td a .many >> nth=0")
    page.keyboard.press("Enter")
    page.wait_for_url("**/findings/?*")
    assert page.inner_text("#count").startswith(number)
    context.close()
