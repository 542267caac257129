"""The steward's pages in a real browser: axe finds nothing, nothing overflows, and the keyboard is enough."""

import uuid

import pytest
from django.test import Client

from casestudies.models import Organisation
from failure_lessons.accounts.models import User
from failure_lessons.vocabularies.models import Theme
from recommendations.models import Recommendation
from tests.browser.faults import find_faults
from tests.failure_lessons.test_skos import TURTLE

pytestmark = pytest.mark.usefixtures("own_library")


def test_the_pages_of_the_steward_are_accessible(site, browser):
    user = User.objects.create_superuser(f"desk-{uuid.uuid4().hex[:8]}", password="a long enough phrase")
    ofsted = Organisation.objects.get(slug="ofsted")
    twin = Organisation.objects.create(slug="twin-of-ofsted", name="The OFSTED", type="inspectorate", ods="ZZ1280")
    asked, theme = Recommendation.objects.get(code="R14"), Theme.objects.order_by("pk").first()
    desk = Client()
    desk.force_login(user)
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    context.add_cookies([{"name": "sessionid", "value": desk.cookies["sessionid"].value, "url": site}])
    page = context.new_page()
    faults = []
    try:
        for address in (
            f"recommendations/recommendation/{asked.pk}/change/",
            f"recommendations/recommendation/{asked.pk}/verb/submit/",
            "casestudies/organisation/duplicates/",
            f"casestudies/organisation/{ofsted.pk}/merge/{twin.pk}/",
            f"vocabularies/theme/{theme.pk}/merge/",
            f"vocabularies/theme/{theme.pk}/split/",
            "vocabularies/theme/",
            "vocabularies/theme/skos/",
        ):
            page.goto(f"{site}/admin/{address}")
            faults += find_faults(page)
        page.set_input_files("#id_file", {"name": "z.ttl", "mimeType": "text/turtle", "buffer": TURTLE.encode()})
        page.get_by_role("button", name="Look at what it would do").press("Enter")
        faults += find_faults(page)
        page.get_by_role("button", name="Import 2").press("Enter")
        page.wait_for_url("**/theme/")
        assert Theme.objects.filter(slug="zebras").exists()
        assert not faults
    finally:
        context.close()
        Theme.objects.filter(slug__in=["zebras", "horses"]).delete()
        twin.delete()
        User.objects.filter(pk=user.pk).update(is_active=False)  # the history keeps who did what
