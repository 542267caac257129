"""A form that is refused lists what has to be corrected, each with a link to its place, in rows too."""

import pytest
from django.urls import reverse

from tests import factories
from tests.helpers import parse_page, text_of
from tests.test_admin import form_data

pytestmark = pytest.mark.django_db


def listed(answer):
    """What is listed: words and where each leads; each place is there."""
    page = parse_page(answer)
    found = {text_of(item): item.find("a").get("href") for item in page.findall(".//ul[@class='what-to-correct']/li")}
    for place in found.values():
        assert page.get_element_by_id(place.removeprefix("#")) is not None
    return found


@pytest.mark.slow
def test_every_fault_of_a_form_and_of_its_rows_is_listed_with_its_place(admin_client):
    case = factories.case()
    address = reverse("admin:casestudies_casestudy_change", args=[case.pk])
    shown = admin_client.get(address)
    assert not listed(shown)
    data = form_data(shown) | {"title": "", "events-0-title": "", "events-0-date": "the year dot"}
    found = listed(admin_client.post(address, data))
    assert found["Title: This field is required."] == "#id_title"
    assert found["Event 1, Title: This field is required."] == "#id_events-0-title"
    assert "#id_events-0-date" in found.values()


@pytest.mark.slow
def test_the_page_of_a_record_is_headed_by_its_name(admin_client):
    case = factories.case(title="What happened at Merrowdale")
    page = parse_page(admin_client.get(reverse("admin:casestudies_casestudy_change", args=[case.pk])))
    assert text_of(page.find(".//h1")) == "What happened at Merrowdale"
    assert text_of(page.find(".//div[@id='content']/p[@class='kicker']")) == "Case study"
    assert text_of(parse_page(admin_client.get("/admin/casestudies/organisation/add/")).find(".//h1")) == (
        "Add organisation"
    )
