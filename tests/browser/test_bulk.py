"""A list goes out as a sheet and comes back in a real browser: by keyboard, with and without scripts, and axe is silent."""

import uuid

import pytest
from django.test import Client

from casestudies.models import Organisation
from failure_lessons.accounts.models import User
from failure_lessons.bulk.models import Upload
from tests.browser.faults import find_faults
from tests.bulk.sheets import Sheet

pytestmark = pytest.mark.usefixtures("own_library")


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
def test_a_sheet_is_downloaded_handed_in_decided_and_taken_in(site, browser, tmp_path, scripts):
    name = f"desk-{uuid.uuid4().hex[:8]}"
    user = User.objects.create_superuser(name, password="a long enough phrase")
    record = Organisation.objects.create(slug=name, name=name, type="school", place="Leeds")
    desk = Client()
    desk.force_login(user)
    context = browser.new_context(viewport={"width": 1280, "height": 900}, java_script_enabled=scripts)
    context.add_cookies([{"name": "sessionid", "value": desk.cookies["sessionid"].value, "url": site}])
    page = context.new_page()
    refused = []
    page.on("console", lambda message: refused.append(message.text) if "Content Security" in message.text else None)

    def check():
        """What axe finds; what the policy refused axe itself is no fault of the page."""
        before = list(refused)
        found = find_faults(page) if scripts else []
        refused[:] = before
        return found

    try:
        page.goto(f"{site}/admin/casestudies/organisation/?q={name}")
        with page.expect_download() as download:
            page.get_by_role("link", name="Download as a spreadsheet").press("Enter")
        download.value.save_as(tmp_path / "list.xlsx")
        sheet = Sheet(Organisation.objects.filter(pk=record.pk))
        assert (tmp_path / "list.xlsx").read_bytes()[:2] == b"PK"
        (tmp_path / "faulty.xlsx").write_bytes(sheet.write(record, URN="12").bytes())
        sheet.write(record, URN=None, Name=f"{name} renamed", Place="York").add(Slug=f"{name}-b", Name="B", Type="x")
        Organisation.objects.filter(pk=record.pk).update(place="Hull")
        (tmp_path / "edited.xlsx").write_bytes(sheet.bytes())
        page.get_by_role("link", name="Upload a spreadsheet").press("Enter")
        faults = check()
        page.set_input_files("#id_file", tmp_path / "faulty.xlsx")
        page.get_by_role("button", name="Look at the changes").press("Enter")
        page.get_by_text("a URN has six").wait_for()
        faults += check()
        page.get_by_role("link", name="hand it in again").press("Enter")
        page.set_input_files("#id_file", tmp_path / "edited.xlsx")
        page.get_by_role("button", name="Look at the changes").press("Enter")
        page.get_by_label("Theirs: Hull").wait_for()
        faults += check()
        page.get_by_label("Theirs: Hull").focus()
        page.keyboard.press("ArrowDown")
        page.locator("[name=_take_in]").press("Enter")
        page.get_by_text("1 added, 1 changed").wait_for()
        faults += check()
        record.refresh_from_db()
        assert (record.name, record.place) == (f"{name} renamed", "York")
    finally:
        context.close()
        Upload.objects.filter(made_by=user).delete()
        Organisation.objects.filter(slug__startswith=name).delete()
        User.objects.filter(pk=user.pk).update(is_active=False)
    assert not faults + refused
