"""Finding one's way in the workbench: one search, the guide, and what happened since one was here before."""

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from casestudies.models import Event
from failure_lessons.accounts.models import SignIn
from failure_lessons.workbench.guide import read_guide
from failure_lessons.workbench.services import add_comment
from literature.models import Reference
from tests import factories
from tests.helpers import count_queries, parse_page, submit_and_publish, text_of, text_of_page

pytestmark = pytest.mark.django_db
FIND = reverse("admin:find")


def found(browser, words):
    """The names under each heading of a search."""
    page = parse_page(browser.get(FIND, {"q": words}))
    return {
        text_of(section.find("h2")): [text_of(link) for link in section.iterfind(".//li/a")]
        for section in page.iterfind(".//section")
    }


def test_one_search_finds_records_of_every_kind_and_the_rows_within_them(amara, browser_of):
    case = factories.case(title="Zebra House")
    Event.objects.create(case=case, date="2018", phase="onset", title="Zebras leave Zembla")
    factories.reference("On zebras")
    factories.theme(label="Zebra keeping")
    here = found(browser_of(amara), "zebra")
    assert here["Case studies"] == ["Zebra House"]
    assert here["Events"] == ["2018 Zebras leave Zembla"] or "Zebras leave Zembla" in here["Events"][0]
    assert {"References", "Themes"} <= set(here)
    assert list(here).index("Case studies") < list(here).index("Events")
    assert found(browser_of(amara), "Zembla zebras") == {"Events": here["Events"]}


def test_a_row_that_was_found_leads_to_its_place_in_the_form(amara, browser_of):
    case = factories.case()
    Event.objects.create(case=case, date="2018", phase="onset", title="Zebras leave", position=7)
    desk = browser_of(amara)
    link = parse_page(desk.get(FIND, {"q": "zebras leave"})).find(".//section//li/a").get("href")
    form = reverse("admin:casestudies_casestudy_change", args=[case.pk])
    assert desk.get(link)["Location"] == f"{form}#events-1"


@pytest.mark.slow
def test_what_is_too_much_for_the_page_is_in_the_list_and_the_search_asks_no_more_often(amara, browser_of):
    desk = browser_of(amara)
    factories.reference("Zebra 0")
    desk.get(FIND, {"q": "zebra"})  # what a process asks once
    few = count_queries(desk.get, FIND, {"q": "zebra"})
    Reference.objects.bulk_create(
        Reference(slug=f"zebra-{number}", type="report", title=f"Zebra {number}") for number in range(30)
    )
    assert count_queries(desk.get, FIND, {"q": "zebra"}) == few
    assert len(found(desk, "zebra")["References"]) == 6
    page = desk.get(FIND, {"q": "zebra"}).content.decode()
    assert f"{reverse('admin:literature_reference_changelist')}?q=zebra" in page


@pytest.mark.parametrize("words", ["", "   ", "nothing-has-this", "a\0b", "%", "x" * 5000])
def test_odd_words_are_no_fault(words, amara, browser_of):
    assert browser_of(amara).get(FIND, {"q": words}).status_code == 200


def test_who_has_no_role_searches_nothing_and_reads_nothing_of_others(person, browser_of):
    nobody = browser_of(person("nobody"))
    for name in ("find", "since"):
        assert nobody.get(reverse(f"admin:{name}"), {"q": "staff"}).status_code == 403


def test_the_search_and_the_guide_stand_on_every_page(amara, browser_of):
    for address in (reverse("admin:index"), reverse("admin:literature_reference_changelist")):
        page = browser_of(amara).get(address).content.decode()
        assert 'role="search"' in page
        assert f'href="{reverse("admin:guide")}"' in page


def test_the_guide_has_contents_whose_links_lead_somewhere_and_none_that_leads_nowhere(amara, browser_of):
    page = parse_page(browser_of(amara).get(reverse("admin:guide")))
    ids = {each.get("id") for each in page.iterfind(".//*[@id]")}
    links = [each.get("href") for each in page.iterfind(".//main//a")]
    assert len(read_guide().contents) > 10
    assert {link[1:] for link in links if link.startswith("#")} <= ids
    assert not [link for link in links if link.endswith(".md") or ".md#" in link]
    example = browser_of(amara).get(reverse("admin:guide_example"))
    assert example.content.decode().startswith("== ")


def sign_in(person, days):
    at = timezone.now() - dt.timedelta(days=days)
    SignIn.objects.create(account=person, at=at, address="127.0.0.1", way="password", outcome="succeeded")


@pytest.mark.slow
def test_since_tells_what_others_did_said_and_published_after_the_visit_before(amara, ben, browser_of):
    case = factories.case(title="Zebra House")
    submit_and_publish(case)
    draft = factories.case(title="Zebra Court")
    add_comment(record=draft, by=ben, text="Which month?")
    add_comment(record=draft, by=amara, text="My own words.")
    sign_in(amara, 3)
    sign_in(amara, 0)
    told = text_of_page(browser_of(amara).get(reverse("admin:since")))
    assert "Which month?" in told
    assert "My own words." not in told
    assert "Case study: Zebra House, edition 1" in told
    sign_in(amara, -1)  # the visit before is now later than all of it
    told = text_of_page(browser_of(amara).get(reverse("admin:since")))
    assert "Which month?" not in told
    assert "Nothing new." in told


def test_a_new_record_begins_with_the_next_free_code(amara, browser_of):
    for name, code in (("lesson", "LS13"), ("recommendation", "R19")):
        form = browser_of(amara).get(reverse(f"admin:recommendations_{name}_add")).context["adminform"].form
        assert form["code"].value() == code
    form = (
        browser_of(amara).get(reverse("admin:recommendations_lesson_add"), {"code": "LS99"}).context["adminform"].form
    )
    assert form["code"].value() == "LS99"


def test_a_preview_leads_back_to_the_form_and_a_public_page_does_not(amara, browser_of):
    case = factories.case()
    form = reverse("admin:casestudies_casestudy_change", args=[case.pk])
    desk = browser_of(amara)
    preview = desk.get(reverse("preview", args=["case-studies", case.slug])).content.decode()
    assert f'<a href="{form}">Back to the form</a>' in preview
    submit_and_publish(case)
    assert "Back to the form" not in desk.get(f"/case-studies/{case.slug}/").content.decode()


@pytest.mark.slow
def test_a_box_for_a_date_asks_for_it_in_words_and_never_speaks_of_edtf(amara, browser_of):
    desk, form = browser_of(amara), reverse("admin:casestudies_casestudy_add")
    page = desk.get(form).content.decode()
    assert "As you know it: 20 August 2018" in page
    refused = desk.post(form, {"title": "A", "start_edtf": "last autumn"}).content.decode()
    assert "“last autumn” is not understood as a date. As you know it: 20 August 2018" in refused
    assert "EDTF" not in page + refused
