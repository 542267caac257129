"""The shorter guides of docs/researchers.md, step by step: a reference by hand, and one event with its source."""

import uuid

import pytest
from django.contrib.auth.models import Group

from failure_lessons.accounts.models import User
from literature.models import Reference
from tests import factories
from tests.browser.faults import find_faults
from tests.browser.guide_steps import GuideSteps
from tests.browser.test_judging import opened

pytestmark = pytest.mark.usefixtures("committed")
MOST_ACTIONS = 4  # for an event with a citation, besides its text


@pytest.fixture
def page(site, browser):
    """A researcher's browser at the first page of the workbench."""
    person = User.objects.create_user(f"guided-{uuid.uuid4().hex[:8]}", password="a long enough phrase", is_staff=True)
    person.groups.set(Group.objects.filter(name="researcher"))
    context = opened(browser, site, person)
    made = context.new_page()
    made.goto(f"{site}/admin/")
    yield made
    context.close()
    User.objects.filter(pk=person.pk).update(is_active=False)


def save(page):
    page.locator("[name=_continue]").first.click()
    page.wait_for_load_state()


def wait_for_focus(page, name):
    page.wait_for_function("name => document.activeElement?.id === name", arg=name)


def add_event(page):
    """Open a new event in the form of a case; gives the start of the names of its boxes."""
    page.click("#events-group .add-row a")
    return f"#id_events-{page.locator('#events-group .inline-related:not(.empty-form)').count() - 1}"


def find_reference(page, sources, words):
    """Write words into the box that finds references, wait, and take the first."""
    page.keyboard.type(words)
    page.locator(f"{sources}-cite ~ .found button").first.wait_for()
    page.keyboard.press("Enter")


def test_a_reference_is_entered_by_hand_and_cited(page, site):
    guide, mark = GuideSteps("A reference by hand"), uuid.uuid4().hex[:8]
    case = factories.case(title=f"Guided {mark}")

    guide.begin("Begin")
    page.get_by_role("link", name="Guide", exact=True).click()
    assert page.get_by_role("heading", name="A reference by hand").is_visible()
    page.get_by_role("link", name="Home").first.click()
    page.get_by_role("link", name="References", exact=True).first.click()
    page.get_by_role("link", name="Add reference").first.click()
    wait_for_focus(page, "id_type")
    page.select_option("#id_type", "article-journal")
    found = find_faults(page, where="a reference by hand")

    guide.begin("What it is")
    page.fill("#id_title", f"Warnings {mark}")
    page.fill("#id_slug", f"liebling-{mark}")

    guide.begin("Who made it")
    page.get_by_label("Family name of person 1").first.fill("Liebling")
    page.get_by_label("Given names of person 1").first.fill("Alison")
    page.get_by_role("group", name="Author").get_by_role("button", name="Add another").click()
    page.get_by_label("A body of person 2").first.fill("Ofsted")

    guide.begin("When and where")
    page.fill("#id_issued", "20 Augustus 2018")
    page.fill("#id_container_title", "Public Administration")
    for name, text in {"volume": "12", "issue": "3", "page": "34-56"}.items():
        page.fill(f"#id_{name}", text)

    guide.begin("Save")
    save(page)
    fault = page.locator(".what-to-correct a")
    page.wait_for_function("() => document.activeElement?.className === 'what-to-correct'")
    fault.click()
    wait_for_focus(page, "id_issued")
    assert page.get_by_label("A body of person 2").first.input_value() == "Ofsted"
    page.fill("#id_issued", "20 August 2018")
    save(page)
    made = Reference.objects.get(slug=f"liebling-{mark}")
    assert made.author == [{"family": "Liebling", "given": "Alison"}, {"literal": "Ofsted"}]
    assert (made.issued, made.csl["volume"]) == ({"date-parts": [[2018, 8, 20]]}, "12")

    guide.begin("Cite it")
    page.goto(f"{site}/admin/casestudies/casestudy/{case.pk}/change/")
    page.click("#events-0 summary")
    page.locator("#id_events-0-sources-cite").focus()
    find_reference(page, "#id_events-0-sources", mark)
    page.keyboard.type("p. 4")
    save(page)
    keys = [(each.reference.slug, each.locator) for each in case.events.get().citations.all()]
    assert (f"liebling-{mark}", "p. 4") in keys
    guide.conclude()
    assert not found


def test_an_event_with_a_citation_takes_four_actions_besides_its_text(page, site):
    guide, mark = GuideSteps("One event with its source"), uuid.uuid4().hex[:8]
    case = factories.case(title=f"Guided {mark}")
    factories.reference(f"Warnings {mark}")
    page.goto(f"{site}/admin/casestudies/casestudy/{case.pk}/change/")
    actions = 0

    guide.begin("Add the event")
    row = add_event(page)
    actions += 1
    page.fill(f"{row}-date", "20 August 2018")
    page.fill(f"{row}-title", "The prison is taken back")
    page.fill(f"{row}-description", "The operator steps in.")

    guide.begin("Choose the phase")
    page.select_option(f"{row}-phase", "management")
    actions += 1

    guide.begin("Cite")
    page.focus(f"{row}-description")
    page.keyboard.press("Tab")
    wait_for_focus(page, f"{row[1:]}-sources-cite")
    find_reference(page, f"{row}-sources", mark)
    actions += 1
    page.keyboard.type("p. 4")
    found = find_faults(page, where="an event with its source")

    guide.begin("Save")
    save(page)
    actions += 1
    made = case.events.get(title="The prison is taken back")
    assert (made.date, made.phase) == ("2018-08-20", "management")
    assert [(each.reference.title, each.locator) for each in made.citations.all()] == [(f"Warnings {mark}", "p. 4")]
    assert actions <= MOST_ACTIONS
    guide.conclude()
    assert not found


def test_rows_change_places_by_keyboard_and_by_dragging_and_a_new_one_gets_the_next_place_and_code(page, site):
    case = factories.case(title=f"Ordered {uuid.uuid4().hex[:8]}")
    for place, title in enumerate(("Second", "Third"), start=1):
        case.events.create(date="2018", phase="onset", title=title, position=place)
    address = f"{site}/admin/casestudies/casestudy/{case.pk}/change/"
    page.goto(address)
    page.click("#events-2 summary")
    page.locator("#events-2 .row-tools").get_by_role("button", name="Move up").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    assert page.locator("p[role=status]", has_text="now 1 of 3").count() == 1
    page.click("#events-2 summary")
    page.drag_and_drop("#events-1 summary", "#events-2 summary")
    page.click("#findings-group .add-row a")
    code = case.findings.get().code
    assert page.input_value("#id_findings-1-code") == f"{code[:-1]}{int(code[-1]) + 1}"
    assert page.input_value("#id_findings-1-position") == "1"
    page.locator("#findings-1 .inline-deletelink").click()
    save(page)
    assert [each.title for each in case.events.order_by("position", "pk")] == ["Second", "Third", "It began"]


def test_boxes_in_which_one_chooses_say_what_they_are_for(page, site):
    found = []
    for address in ("literature/glossaryterm/add/", "recommendations/lesson/add/", "recommendations/lesson/1/change/"):
        page.goto(f"{site}/admin/{address}")
        page.locator(".select2-selection[aria-labelledby], .select2-search__field[aria-label]").first.wait_for()
        found += find_faults(page)
    assert not found
