"""The menu of a phone, by keyboard, and shapes where colours are the reader's own."""


def test_the_open_menu_keeps_the_keyboard_and_escape_returns_to_its_button(site, browser):
    page = browser.new_page(viewport={"width": 390, "height": 844})
    page.goto(f"{site}/")
    page.focus(".masthead .menu")
    page.keyboard.press("Enter")
    page.wait_for_selector("#sections:popover-open")
    for _ in range(20):
        page.keyboard.press("Tab")
        assert page.evaluate("document.getElementById('sections').contains(document.activeElement)")
    page.keyboard.press("Escape")
    page.wait_for_selector("#sections:popover-open", state="hidden")
    assert page.evaluate("document.activeElement === document.querySelector('.masthead .menu')")
    page.close()


def test_buttons_and_the_search_box_have_an_edge_in_forced_colours(site, browser):
    page = browser.new_page(viewport={"width": 1280, "height": 900}, forced_colors="active")
    for path in ("/", "/evidence-map/"):
        page.goto(f"{site}{path}")
        widths = page.eval_on_selector_all(
            "main .button, .find input, .find button",
            "all => all.filter(each => each.offsetParent).map(each => getComputedStyle(each).borderTopWidth)",
        )
        assert widths
        assert "0px" not in widths
    page.close()
