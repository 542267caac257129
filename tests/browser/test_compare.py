"""Comparing cases in a real browser, by keyboard alone and with scripts off."""


def test_two_cases_are_chosen_and_compared_by_keyboard_alone(site, browser):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{site}/case-studies/")
    page.focus("main a[href='/case-studies/compare/']")
    page.keyboard.press("Enter")
    page.wait_for_url("**/case-studies/compare/")
    page.focus("details.panel summary")
    page.keyboard.press("Enter")
    for box in page.locator("input[name='case']").all():  # the page opens with six: put away all but two
        if box.get_attribute("value") not in ("hmp-birmingham", "ridings-school-halifax"):
            box.focus()
            page.keyboard.press("Space")
    page.keyboard.press("Enter")
    page.wait_for_url("**case=hmp-birmingham&case=ridings-school-halifax**")
    assert page.locator("svg.timeline .case").all_text_contents() == ["HMP Birmingham", "The Ridings School, Halifax"]
    page.focus("main a[href='/case-studies/hmp-birmingham/#management']")
    page.keyboard.press("Enter")
    page.wait_for_url("**/case-studies/hmp-birmingham/#management")
    context.close()


def test_a_truth_table_is_recomputed_and_leads_to_the_cases_that_disagree(site, browser):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{site}/comparisons/six-cases/")
    for key in ("early_escalation", "settled_new_leadership", "external_capacity", "single_accountable_lead"):
        page.uncheck(f"input[value='{key}']")
    page.click("text=Recompute")
    clash = page.locator("table.truth tr.contradictory")
    assert clash.count() == 2
    clash.first.locator("a").first.click()
    assert "#reasons-hackney-learning-trust" in page.url
    context.close()


def test_text_in_a_picture_can_be_selected_and_is_readable_on_a_phone(site, browser):
    context = browser.new_context(viewport={"width": 320, "height": 800})
    page = context.new_page()
    page.goto(f"{site}/case-studies/hmp-birmingham/")
    page.evaluate("getSelection().selectAllChildren(document.querySelector('.timeline'))")
    assert "Identification" in page.evaluate("getSelection().toString()")
    for text in ("svg.timeline .number", "svg.timeline .lane-name", "svg.chart .value", "svg.chart .tick"):
        size = page.evaluate(
            """selector => { const text = document.querySelector(selector), svg = text.ownerSVGElement;
            return parseFloat(getComputedStyle(text).fontSize) * svg.getBoundingClientRect().width / svg.viewBox.baseVal.width }""",
            text,
        )
        assert size >= 10.5, text
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    context.close()
