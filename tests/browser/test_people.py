"""The steps of docs/people.md in a real browser; axe finds nothing on any page of an account, and nothing is too wide at 1280 and 390."""

import os
import re
from urllib.parse import urljoin, urlsplit

import pytest
from django.contrib.auth.models import Group
from django.core import mail
from django.urls import resolve
from django.utils import timezone
from playwright.sync_api import TimeoutError as PlaywrightTimeout

from failure_lessons.accounts import urls as account_addresses
from failure_lessons.accounts.models import User
from failure_lessons.bulk.models import Upload
from failure_lessons.outbox.delivery import deliver_waiting
from failure_lessons.workbench import people as people_pages
from tests.accounts.test_factors import code_of
from tests.browser.faults import find_faults

pytestmark = pytest.mark.slow
PHRASE = "a long enough phrase"
PICTURES = os.environ.get("PICTURES", "")  # a folder, for whoever wants to look
HERE = (1280, 390)
NO_PAGE = {
    "openid_connect_login": "leads to the provider",
    "openid_connect_callback": "leads on; who is not let in is looked at in test_single_sign_on.py",
    "end_other_sessions": "a button",
    "mfa_login_webauthn": "what the button for passkeys asks",
    "person_export": "a file",
}


@pytest.fixture(scope="module")
def steward(own_library, django_db_blocker):
    with django_db_blocker.unblock():
        made = User.objects.create_user("stella", "stella@example.org", PHRASE, is_staff=True)
        made.groups.set(Group.objects.filter(name="steward"))
        yield made


def look(page, name, faults, seen=None):
    """Every page is looked at narrow and wide, by axe as find_faults says."""
    if seen is not None:
        seen.add(resolve(urlsplit(page.url).path).url_name)
    if PICTURES:
        for width in HERE:
            page.set_viewport_size({"width": width, "height": 900})
            page.screenshot(path=f"{PICTURES}/{name}-{width}.png", full_page=True)
    faults += find_faults(page, widths=HERE, where=name)


def press_and_land(page, button, address):
    """Press what asks for a passkey, and come where that leads: the answer is sent by a script, once the key has signed.

    Once, on a busy machine, the key was added and no page came: who waits in vain asks for the page, as a person would.
    """
    before = page.url
    page.get_by_role("button", name=button).click()
    try:
        page.wait_for_url(address, timeout=60_000)
    except PlaywrightTimeout:
        assert page.url == before
        page.goto(urljoin(before, address.replace("**", "")))
    assert urlsplit(page.url).path == address.replace("**", "")


def with_scripts(page):
    """The same page in a browser with the same cookies that runs scripts, as axe needs them."""
    twin = page.context.browser.new_context(storage_state=page.context.storage_state()).new_page()
    twin.goto(page.url)
    return twin


def sign_in(page, site, name):
    page.goto(f"{site}/admin/")
    page.fill("#id_username", name)
    page.fill("#id_password", PHRASE)
    page.click("input[type=submit]")


def test_the_steps_of_the_guide(steward, committed, browser, site, settings):
    settings.SITE_URL = site.replace("127.0.0.1", "localhost")
    site = settings.SITE_URL  # a passkey belongs to a name, not to a number
    faults, errors, seen = [], [], set()
    desk = browser.new_context(java_script_enabled=False).new_page()
    comer = browser.new_context().new_page()
    for page in (desk, comer):
        page.on("console", lambda said: errors.append(said.text) if "Content Security Policy" in said.text else None)

    # an invitation to a first edit
    desk.goto(f"{site}/accounts/login/")
    sign_in(desk, site, "stella")
    desk.goto(f"{site}/admin/people/")
    invitation = desk.locator("form", has=desk.get_by_role("button", name="Send the invitation"))
    assert (
        invitation.locator("[required]").count() == 1
    )  # so that three actions are enough: an address, a role, a button
    desk.get_by_label("E-mail address").fill("new.comer@example.org")
    desk.locator("[name=roles][value=researcher]").check(timeout=5000)
    desk.get_by_role("button", name="Send the invitation").click()
    assert "on its way" in desk.locator(".messagelist").inner_text()
    deliver_waiting()
    link = re.search(r"https?://\S+", mail.outbox[-1].body)[0]
    comer.goto(link)
    look(comer, "choose-password", faults, seen)
    comer.get_by_label("Password", exact=True).fill(PHRASE)
    comer.get_by_label("The same again").fill(PHRASE)
    comer.get_by_role("button", name="Choose it and sign in").click()
    comer.wait_for_url("**/admin/")
    comer.goto(f"{site}/admin/vocabularies/theme/add/")
    comer.fill("#id_label", "A first word")
    comer.fill("#id_slug", "a-first-word")
    comer.fill("#id_scope_note", "What a newcomer wrote.")
    comer.locator("[name=_save]").first.click()
    comer.locator(".messagelist .success").wait_for()

    # TOTP
    comer.goto(f"{site}/accounts/")
    look(comer, "own-account", faults, seen)
    comer.goto(f"{site}/accounts/factors/")
    look(comer, "factors", faults, seen)
    comer.get_by_role("link", name="Connect an app").click()
    look(comer, "sign-in-again", faults, seen)
    comer.get_by_label("Password").fill(PHRASE)
    comer.get_by_role("button", name="Go on").click()
    look(comer, "connect-app", faults, seen)
    secret = comer.locator("code").inner_text()
    comer.get_by_label("code").fill(code_of(secret))
    comer.get_by_role("button", name="Connect it").click()
    look(comer, "recovery-codes", faults, seen)
    codes = comer.locator(".codes code").all_inner_texts()

    # a passkey, by Chromium's virtual authenticator
    devtools = comer.context.new_cdp_session(comer)
    devtools.send("WebAuthn.enable")
    options = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True}
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": {**options, "isUserVerified": True}})
    comer.goto(f"{site}/accounts/factors/passkeys/add/")
    look(comer, "add-passkey", faults, seen)
    comer.get_by_label(re.compile("Name")).fill("My laptop")
    comer.get_by_label(re.compile("asswordless")).check()
    press_and_land(comer, "Add it", "**/accounts/factors/")
    assert "My laptop" in comer.locator("main").inner_text()
    look(comer, "factors-added", faults, seen)
    for name, link in (
        ("remove-app", "Remove the app"),
        ("remove-passkey", re.compile("My laptop")),
        ("new-codes", "Make new codes"),
    ):
        comer.goto(f"{site}/accounts/factors/")
        comer.get_by_role("link", name=link).first.click()
        look(comer, name, faults, seen)
    comer.goto(f"{site}/accounts/reauthenticate/")
    comer.get_by_label("Password").fill(PHRASE)
    comer.get_by_role("button", name="Go on").click()
    look(comer, "factor-again", faults, seen)
    comer.goto(f"{site}/accounts/factors/passkeys/again/")
    look(comer, "passkey-again", faults, seen)
    before = comer.context.cookies()
    press_and_land(comer, "Use a passkey", "**/admin/")
    assert {each["value"] for each in before if each["name"] == "sessionid"}.isdisjoint(
        each["value"] for each in comer.context.cookies()
    )
    comer.goto(f"{site}/accounts/logout/")
    look(comer, "sign-out", faults, seen)
    comer.get_by_role("button", name="Sign out").click()
    look(comer, "sign-in", faults, seen)
    press_and_land(comer, "Sign in with a passkey", "**/admin/")

    # a forgotten password; then a code, since the factor stays
    away = browser.new_context(java_script_enabled=False).new_page()
    away.goto(f"{site}/accounts/login/")
    away.get_by_role("link", name="Forgotten your password?").click()
    away.get_by_label("Your e-mail address").fill("new.comer@example.org")
    away.get_by_role("button", name="Send me a link").click()
    deliver_waiting()
    away.goto(re.search(r"https?://\S+", mail.outbox[-1].body)[0])
    away.get_by_label("Password", exact=True).fill("another long phrase")
    away.get_by_label("The same again").fill("another long phrase")
    away.get_by_role("button", name="Choose it and sign in").click()
    look(with_scripts(away), "second-factor", faults, seen)
    away.get_by_label("Code").fill(codes[0])
    away.get_by_role("button", name="Go on").click()
    away.wait_for_url("**/admin/")

    # a leaver with open work, and erasure
    account = User.objects.get(username="new.comer")
    values = {"list": "vocabularies.theme", "read_as": "CSV", "made_by": account, "made_at": timezone.now()}
    sheet = Upload.objects.create(name="half-done.csv", **values)
    desk.goto(f"{site}/admin/people/{account.pk}/")
    look(with_scripts(desk), "leaver", faults, seen)
    assert "A first word" in desk.locator("#content-main").inner_text()
    assert "half-done.csv" in desk.locator("#content-main").inner_text()
    desk.get_by_label("Hand drafts and submitted work over to").select_option(label="stella")
    desk.get_by_role("button", name="Close the account").click()
    assert "signed out everywhere" in desk.locator(".messagelist").inner_text()
    comer.goto(f"{site}/admin/")
    assert "/accounts/login/" in comer.url
    desk.goto(f"{site}/admin/")
    assert "A first word" in desk.locator("#content-main").inner_text()
    sheet.refresh_from_db()
    assert sheet.made_by == steward
    desk.goto(f"{site}/admin/people/{account.pk}/")
    desk.get_by_role("button", name="Erase name and address").click()
    assert "new.comer" not in desk.content()

    visitor = browser.new_context().new_page()
    for name, address in (
        ("forgotten", "password/reset/"),
        ("look", "password/reset/done/"),
        ("dead", "password/choose/x/"),
        ("inactive", "inactive/"),
    ):
        visitor.goto(f"{site}/accounts/{address}")
        look(visitor, name, faults, seen)
    sign_in(visitor, site, "stella")
    for name, address in (
        ("people", "/admin/people/"),
        ("person", f"/admin/people/{account.pk}/"),
        ("change", "/accounts/password/change/"),
    ):
        visitor.goto(f"{site}{address}")
        look(visitor, name, faults, seen)
    assert not errors
    assert not faults, "\n".join(faults)
    pages = {each.name for each in (*account_addresses.urlpatterns[1:], *people_pages.urlpatterns)}
    assert pages - seen - NO_PAGE.keys() == set()


def test_everything_but_passkeys_works_without_scripts(steward, committed, browser, site):
    page = browser.new_context(java_script_enabled=False).new_page()
    sign_in(page, site, "stella")
    page.goto(f"{site}/accounts/")
    page.get_by_label("First name").fill("Stella")
    page.get_by_role("button", name="Save").click()
    assert page.get_by_label("First name").input_value() == "Stella"
    page.get_by_role("button", name="Sign out everywhere else").click()
    page.goto(f"{site}/accounts/password/change/")
    page.get_by_label("Your password now").fill(PHRASE)
    page.get_by_label("New password", exact=True).fill("another long phrase")
    page.get_by_label("New password again").fill("another long phrase")
    page.locator("main form button").first.click()
    page.wait_for_url("**/accounts/")

    page.goto(f"{site}/accounts/factors/app/")
    page.get_by_label("Password").fill("another long phrase")
    page.get_by_role("button", name="Go on").click()
    secret = page.locator("code").inner_text()
    page.get_by_label("code").fill(code_of(secret))
    page.get_by_role("button", name="Connect it").click()
    assert page.locator(".codes code").count() == 10
    page.goto(f"{site}/accounts/factors/recovery-codes/new/")
    page.locator("main form button").first.click()
    codes = page.locator(".codes code").all_inner_texts()

    page.goto(f"{site}/accounts/logout/")
    page.get_by_role("button", name="Sign out").click()
    page.get_by_label("User name").fill("stella")
    page.get_by_label("Password").fill("another long phrase")
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.get_by_label("Code").fill(codes[0])
    page.get_by_role("button", name="Go on").click()
    page.wait_for_url("**/admin/")

    page.goto(f"{site}/accounts/factors/app/remove/")  # both factors again: the password, then a code
    page.get_by_label("Password").fill("another long phrase")
    page.get_by_role("button", name="Go on").click()
    page.get_by_label("Code").fill(codes[1])
    page.get_by_role("button", name="Go on").click()
    page.wait_for_url("**/factors/app/remove/")
    page.locator("main form button").first.click()
    page.wait_for_url("**/accounts/factors/")
    assert "Connect an app" in page.locator("main").inner_text()
    steward.refresh_from_db()
    steward.set_password(PHRASE)
    steward.save()
