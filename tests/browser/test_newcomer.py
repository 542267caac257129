"""A newcomer enters a complete case study from a prepared text file, as docs/researchers.md says; a second person publishes
it; a reader finds it. Every page on the way passes axe, and unsaved text survives."""

import re

import pytest
from django.contrib.auth.models import Group

from casestudies.models import CaseStudy, Section
from failure_lessons.accounts.models import User
from failure_lessons.publishing.dependencies import list_evidence
from failure_lessons.publishing.models import Edition
from failure_lessons.workbench.guide import EXAMPLE_FILE
from tests.browser.faults import find_faults
from tests.browser.guide_steps import GuideSteps
from tests.browser.test_desk import PHRASE, signed_in
from tests.examples import is_trial

SLUG = "thornby-vale-school"


@pytest.fixture(scope="module")
def prepared():
    """The parts of the file, by name."""
    parts = re.split(r"^== (.+) ==\n", EXAMPLE_FILE.read_text("utf-8"), flags=re.MULTILINE)
    return {name: text.strip("\n") for name, text in zip(parts[1::2], parts[2::2], strict=True)}


@pytest.fixture(scope="module")
def people(own_library, django_db_blocker):
    """A newcomer and a publisher."""
    with django_db_blocker.unblock():
        for name, role in (("new-comer", "researcher"), ("new-chief", "publisher")):
            user = User.objects.create_user(name, password=PHRASE, is_staff=True)
            user.groups.set(Group.objects.filter(name=role))


@pytest.fixture(autouse=True)
def written(committed):
    """What a test writes itself is seen by the server: it is not within a transaction of its own."""


def faults(page, where, refused=(), often=False):
    """What is wrong with a page, and what the CSP `refused` until now; axe itself is refused its styles, which does not
    count. Of pages that are met `often`, axe looks at each in long trials."""
    return [*refused, *([] if often and not is_trial() else find_faults(page, where=where))]


def outline(prepared):
    return dict(line.split(": ", 1) for line in prepared["outline"].splitlines())


def paste(page, name, text, wanted, refused):
    """Paste rows on their page, look, add."""
    page.click(f".ways a[href='../paste/{name}/']")
    page.fill("#id_text", text)
    page.get_by_role("button", name="See what is understood").click()
    page.get_by_role("heading", name="What was understood").wait_for()
    found = faults(page, f"paste {name}", refused, often=name != "events")
    assert page.locator(".errornote").count() == 0, page.locator(".deciding").inner_text()
    page.get_by_role("button", name=f"Add {wanted} row").click()
    page.wait_for_url("**/change/#*")
    return found


def test_a_newcomer_enters_publishes_and_finds_a_case(site, browser, people, prepared):
    page = signed_in(browser, site, "new-comer", 1280)
    refused, guide = [], GuideSteps("Your first case study, from a text file to the public page")
    page.on("console", lambda message: refused.append(message.text) if "Content Security" in message.text else None)
    page.on("framenavigated", lambda frame: refused.clear())  # those of axe; each page is looked at before axe runs
    found = []

    guide.begin("The outline")
    page.goto(f"{site}/admin/casestudies/casestudy/add/")
    said = outline(prepared)
    page.fill("#id_title", said["Title"])
    page.select_option("#id_sector", label=said["Sector"])
    page.fill("#id_start_edtf", said["From"])
    page.fill("#id_end_edtf", said["To"])
    for each in said["What failed"].split(", "):
        page.get_by_label(each, exact=True).check()
    page.locator("[name=_continue]").first.click()
    page.wait_for_url("**/change/")
    change = page.url

    guide.begin("The references")
    page.click(".ways a[href='../references/']")
    page.fill("#id_text", prepared["references"])
    page.get_by_role("button", name="See what is understood").click()
    page.get_by_role("heading", name="What was understood").wait_for()
    found += faults(page, "references", refused)
    page.get_by_role("button", name="Add 30 references").click()
    page.get_by_text("Ready to be cited").wait_for()
    assert page.locator("tbody tr code").count() == 30
    page.get_by_role("link", name="Back to the case").first.click()
    page.wait_for_url("**/change/")

    guide.begin("The narrative")
    texts = {name.removeprefix("section: "): text for name, text in prepared.items() if name.startswith("section: ")}
    for row, (name, text) in enumerate(texts.items()):
        page.click("#sections-group .add-row a")
        page.select_option(f"#id_sections-{row}-name", label=name)
        page.fill(f"#id_sections-{row}-text", text)
        page.fill(f"#id_sections-{row}-in_short", f"{text.split('.')[0][:150]}.")
    area = page.locator("#id_sections-1-text")
    area.evaluate("area => area.setSelectionRange(area.value.indexOf('.'), area.value.indexOf('.'))")
    toolbar = page.locator("#sections-1 .toolbar")
    toolbar.get_by_role("button", name="Cite").click()
    page.fill("#id_sections-1-text-cite", "Places and pupils")
    page.locator(".citing .found button", has_text="merrowdale-council-2010").click()
    page.keyboard.type(", p. 4")
    assert "wards of an invented town[@merrowdale-council-2010, p. 4]." in area.input_value()
    beside = page.locator("#sections-1 .preview")  # it follows what is typed
    assert beside.locator("a").inner_text() == "Merrowdale Council 2010"
    assert beside.bounding_box()["y"] == area.bounding_box()["y"]
    assert beside.bounding_box()["x"] > area.bounding_box()["x"]
    toolbar.get_by_role("button", name="Preview").click()
    assert not beside.is_visible()
    found += faults(page, "form with new rows", refused, often=True)
    page.locator("[name=_continue]").first.click()
    page.wait_for_url("**/change/")

    guide.begin("The tables")
    found += paste(page, "events", prepared["events"], 20, refused)
    found += paste(page, "interventions", prepared["interventions"], 8, refused)
    found += paste(page, "indicators", prepared["indicators"], 21, refused)
    found += paste(page, "findings", prepared["findings"], 8, refused)

    guide.begin("What is missing")
    page.wait_for_load_state()
    found += faults(page, "form of the whole case", refused)
    assert page.locator(".checklist h2").inner_text() == "Complete"
    contents = " ".join(page.locator(".contents ol").inner_text().split())
    assert "Sections 8 Events 20 Interventions 8 Indicators 5 Actors 0 Case findings 8" in contents
    guide.begin("Preview")
    page.get_by_role("link", name="Preview").click()
    page.wait_for_url("**/preview/**")
    assert page.locator("h1").inner_text() == said["Title"]
    page.goto(change)
    page.get_by_role("link", name="Submit for review").click()
    page.click("form:has([name=note]) [type=submit]")
    page.wait_for_url("**/change/")
    page.context.close()

    guide.conclude()

    # a second person publishes
    second = signed_in(browser, site, "new-chief", 1280)
    second.goto(change.replace("/change/", "/verb/publish/"))
    second.fill("[name=note]", "First edition.")
    second.click("form:has([name=note]) [type=submit]")
    second.wait_for_url("**/change/")
    second.context.close()

    # a reader finds it
    reader = browser.new_context().new_page()
    reader.goto(f"{site}/search/?q=Thornby+Vale+falling+rolls")
    reader.locator("main a", has_text="hidden absence and a slow recovery").first.click()
    reader.wait_for_url("**/case-studies/**")
    assert reader.locator("h1").inner_text() == said["Title"]
    words = reader.locator("main").inner_text()
    for part in ("Hollin Bank lends a leadership team", "Executive head from Hollin Bank", "Persistent absence"):
        assert part in words, part
    assert reader.locator("main a", has_text="Merrowdale Council 2010").count() >= 1
    reader.context.close()

    edition = Edition.objects.current().get(kind="case-study", title=said["Title"])
    document = edition.content
    assert [len(document[part]) for part in ("events", "interventions", "indicators", "findings")] == [20, 8, 5, 8]
    assert sum(len(each["values"]) for each in document["indicators"]) == 21
    closure = list_evidence(edition)
    assert len({each.slug for each in closure if each.kind == "reference"}) == 30
    assert not found


def test_unsaved_text_survives_an_expired_session_and_never_overwrites_what_others_saved(site, browser, people):
    case = CaseStudy.objects.create(
        slug=f"{SLUG}-draft", title="Kept", sector="education", start_edtf="2001", failure_types=["quality"]
    )
    Section.objects.create(case=case, name="summary", text="As it was.")
    page = signed_in(browser, site, "new-comer", 1280)
    address = f"{site}/admin/casestudies/casestudy/{case.pk}/change/"
    page.clock.install()  # the form keeps what is written every few seconds
    page.goto(address)
    page.locator("#sections-0 summary").click()
    page.fill("#id_sections-0-text", "Mine, not saved.")
    page.clock.fast_forward(60_000)
    page.get_by_text("Kept in this browser").wait_for()

    # the session ends before it was saved
    page.context.clear_cookies(name="sessionid")
    page.locator("[name=_continue]").first.click()
    page.wait_for_url("**/login/**")
    Section.objects.filter(case=case).update(text="Theirs.")  # and somebody else saves
    page.fill("#id_username", "new-comer")
    page.fill("#id_password", PHRASE)
    page.click("input[type=submit]")
    page.goto(address)
    assert "saved since then" in page.locator(".recovered").inner_text()
    assert faults(page, "a form with recovered text") == []
    assert page.locator("#id_sections-0-text").input_value() == "Theirs."
    page.get_by_role("button", name="Restore my text").click()
    assert page.locator("#id_sections-0-text").input_value() == "Mine, not saved."
    page.locator("[name=_continue]").first.click()
    page.get_by_text("your words are kept for you").first.wait_for()
    assert Section.objects.get(case=case).text == "Theirs."
    assert page.get_by_text("Mine, not saved.").count()
    page.locator("#sections-0 summary").click()
    page.fill("#id_sections-0-text", "Mine, not saved.")
    with page.expect_navigation():
        page.locator("[name=_continue]").first.click()
    assert Section.objects.get(case=case).text == "Mine, not saved."
    drafts = "Object.keys(localStorage).filter((name) => name.startsWith('failure-lessons-draft'))"
    page.wait_for_function(f"{drafts}.length === 0")

    # discarded, and gone when one signs out
    page.locator("#sections-0 summary").click()
    page.fill("#id_sections-0-text", "A thought.")
    page.clock.fast_forward(60_000)
    page.get_by_text("Kept in this browser").wait_for()
    assert len(page.evaluate(drafts)) == 1
    page.click("#logout-form button")
    page.wait_for_load_state()
    assert page.evaluate(drafts) == []
    page.context.close()


def test_words_from_a_web_page_are_pasted_as_markdown_and_can_be_undone(site, browser, people):
    case = CaseStudy.objects.create(
        slug=f"{SLUG}-words", title="Words", sector="education", start_edtf="2001", failure_types=["quality"]
    )
    Section.objects.create(case=case, name="summary", text="Before. ")
    page = signed_in(browser, site, "new-comer", 1280)
    page.goto(f"{site}/admin/casestudies/casestudy/{case.pk}/change/#sections-0")
    area = page.locator("#id_sections-0-text")
    area.wait_for()
    area.evaluate("""area => {
        area.focus(); area.setSelectionRange(area.value.length, area.value.length);
        const data = new DataTransfer();
        data.setData("text/html", "<p>A <b>bold</b> word<script>x</script></p>"); data.setData("text/plain", "A bold word");
        area.dispatchEvent(new ClipboardEvent("paste", {clipboardData: data, bubbles: true, cancelable: true}));
    }""")
    page.wait_for_function("area => area.value === 'Before. A **bold** word'", arg=area.element_handle())
    page.keyboard.press("Control+z")
    assert area.input_value() == "Before. "
    page.context.close()
