"""Several records are published at once only after their publisher has seen what that does."""

import pytest
from django.urls import reverse

from failure_lessons.accounts.models import User
from failure_lessons.publishing.models import Edition, Publishable
from failure_lessons.publishing.services import submit_many
from tests import factories
from tests.helpers import parse_page, text_of_page

pytestmark = pytest.mark.django_db


@pytest.mark.slow
def test_it_shows_what_would_change_asks_for_a_note_and_then_publishes(person, browser_of):
    cases = [factories.case(title="One that waits"), factories.case(title="Another that waits")]
    submit_many(records=cases, by=person("amara", "researcher"))
    desk = browser_of(person("paul", "publisher"))
    address = reverse("admin:casestudies_casestudy_changelist")
    chosen = {"action": "publish_chosen", "_selected_action": [case.pk for case in cases]}
    seen = desk.post(address, chosen)
    assert seen.status_code == 200
    assert "What this would change for readers" in text_of_page(seen)
    assert "One that waits" in text_of_page(seen)
    assert not Edition.objects.filter(record_id=cases[0].record_id).exists()
    [form] = parse_page(seen).xpath("//div[@id='content-main']/form")
    sent = {**chosen, "note": "Two cases.", "confirm": "Publish", "seen": seen.context["plan"].plan.digest}
    assert {field.get("value") for field in form.xpath(".//input[@name='_selected_action']")} == {
        str(case.pk) for case in cases
    }
    assert desk.post(address, sent).status_code == 302
    for case in cases:
        case.refresh_from_db()
        assert case.state == Publishable.State.PUBLISHED
        assert Edition.objects.current().get(record_id=case.record_id).note == "Two cases."


def test_unsaved_text_belongs_to_an_account_and_not_to_a_name(browser_of, db):
    sams = [
        User.objects.create_superuser(name, password="a long enough phrase", first_name="Sam")
        for name in ("one", "two")
    ]
    owners = set()
    for sam in sams:
        [script] = parse_page(browser_of(sam).get(reverse("admin:index"))).xpath("//script[@data-account]")
        owners.add(script.get("data-account"))
    assert owners == {str(sam.pk) for sam in sams}
