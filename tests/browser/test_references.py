"""References come in and become one in a real browser: axe finds nothing, nothing overflows."""

import uuid

import pytest
from django.test import Client

from failure_lessons.accounts.models import User
from literature.models import ReferenceImport
from tests.browser.faults import find_faults
from tests.literature.importing_texts import RIS

pytestmark = pytest.mark.usefixtures("own_library")


def test_the_pages_of_importing_and_merging_are_accessible(site, browser):
    user = User.objects.create_superuser(f"desk-{uuid.uuid4().hex[:8]}", password="a long enough phrase")
    desk = Client()
    desk.force_login(user)
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    context.add_cookies([{"name": "sessionid", "value": desk.cookies["sessionid"].value, "url": site}])
    page = context.new_page()
    try:
        page.goto(f"{site}/admin/literature/reference/import/")
        faults = find_faults(page)
        page.fill("#id_text", f"{RIS}TY  - JOUR\nAU  - Nobody\nER  - \n")
        page.get_by_role("button", name="Look at the references").click()
        faults += find_faults(page)
        page.get_by_label("What to do with row 1").select_option("skip")
        page.get_by_label("What to do with row 2").select_option("skip")
        page.get_by_role("button", name="Import", exact=True).click()
        assert "2 skipped, 1 faulty" in page.inner_text("main")
        faults += find_faults(page)
        page.goto(f"{site}/admin/literature/reference/duplicates/")
        faults += find_faults(page)
        page.get_by_role("link", name="Compare").first.click()
        faults += find_faults(page)
    finally:
        context.close()
        ReferenceImport.objects.filter(made_by=user).delete()
        User.objects.filter(pk=user.pk).update(is_active=False)
    assert not faults
