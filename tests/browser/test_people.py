"""The steps of docs/people.md in a real browser; axe finds nothing on any page of an account, at 1280 and 390."""

import os
import re

import pytest
from django.contrib.auth.models import Group
from django.core import mail

from failure_lessons.accounts.models import User
from failure_lessons.outbox.delivery import deliver_waiting
from tests.accounts.test_factors import code_of
from tests.browser.faults import find_faults

pytestmark = pytest.mark.slow
PHRASE = "a long enough phrase"
PICTURES = os.environ.get("PICTURES", "")  # a folder, for whoever wants to look
HERE = (1280, 390)


@pytest.fixture(scope="module")
def steward(own_library, django_db_blocker):
    with django_db_blocker.unblock():
        made = User.objects.create_user("stella", "stella@example.org", PHRASE, is_staff=True)
        made.groups.set(Group.objects.filter(name="steward"))
        yield made


def look(page, name, faults):
    """Every page is looked at narrow and wide."""
    if PICTURES:
        for width in HERE:
            page.set_viewport_size({"width": width, "height": 900})
            page.screenshot(path=f"{PICTURES}/{name}-{width}.png", full_page=True)
    faults += find_faults(page, widths=HERE, where=name)


def sign_in(page, site, name):
    page.goto(f"{site}/admin/")
    page.fill("#id_username", name)
    page.fill("#id_password", PHRASE)
    page.click("input[type=submit]")


def test_the_steps_of_the_guide(steward, committed, browser, site, settings):
    settings.SITE_URL = site.replace("127.0.0.1", "localhost")
    site = settings.SITE_URL  # a passkey belongs to a name, not to a number
    faults, errors = [], []
    desk = browser.new_context(java_script_enabled=False).new_page()
    comer = browser.new_context().new_page()
    for page in (desk, comer):
        page.on("console", lambda said: errors.append(said.text) if "Content Security Policy" in said.text else None)

    # an invitation to a first edit
    desk.goto(f"{site}/accounts/login/")
    sign_in(desk, site, "stella")
    desk.goto(f"{site}/admin/people/")
    desk.get_by_label("E-mail address").fill("new.comer@example.org")
    desk.locator("[name=roles][value=researcher]").check(timeout=5000)
    desk.get_by_role("button", name="Send the invitation").click()
    assert "on its way" in desk.locator(".messagelist").inner_text()
    deliver_waiting()
    link = re.search(r"https?://\S+", mail.outbox[-1].body)[0]
    comer.goto(link)
    look(comer, "choose-password", faults)
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
    look(comer, "own-account", faults)
    comer.goto(f"{site}/accounts/factors/")
    look(comer, "factors", faults)
    comer.get_by_role("link", name="Connect an app").click()
    look(comer, "sign-in-again", faults)
    comer.get_by_label("Password").fill(PHRASE)
    comer.get_by_role("button", name="Go on").click()
    look(comer, "connect-app", faults)
    secret = comer.locator("code").inner_text()
    comer.get_by_label("code").fill(code_of(secret))
    comer.get_by_role("button", name="Connect it").click()
    look(comer, "recovery-codes", faults)
    codes = comer.locator(".codes code").all_inner_texts()

    # a passkey, by Chromium's virtual authenticator
    devtools = comer.context.new_cdp_session(comer)
    devtools.send("WebAuthn.enable")
    options = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True}
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": {**options, "isUserVerified": True}})
    comer.goto(f"{site}/accounts/factors/passkeys/add/")
    look(comer, "add-passkey", faults)
    comer.get_by_label(re.compile("Name")).fill("My laptop")
    comer.get_by_label(re.compile("asswordless")).check()
    comer.get_by_role("button", name="Add it").click()
    comer.wait_for_url("**/accounts/factors/")
    assert "My laptop" in comer.locator("main").inner_text()
    comer.goto(f"{site}/accounts/logout/")
    look(comer, "sign-out", faults)
    comer.get_by_role("button", name="Sign out").click()
    look(comer, "sign-in", faults)
    comer.get_by_role("button", name="Sign in with a passkey").click()
    comer.wait_for_url("**/admin/")

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
    away.get_by_label("Code").fill(codes[0])
    away.get_by_role("button", name="Go on").click()
    away.wait_for_url("**/admin/")

    # a leaver with open work, and erasure
    account = User.objects.get(username="new.comer")
    desk.goto(f"{site}/admin/people/{account.pk}/")
    desk.get_by_label("Hand drafts and submitted work over to").select_option(label="stella")
    desk.get_by_role("button", name="Close the account").click()
    assert "signed out everywhere" in desk.locator(".messagelist").inner_text()
    comer.goto(f"{site}/admin/")
    assert "/accounts/login/" in comer.url
    desk.goto(f"{site}/admin/")
    assert "A first word" in desk.locator("#content-main").inner_text()
    desk.goto(f"{site}/admin/people/{account.pk}/")
    desk.get_by_role("button", name="Erase name and address").click()
    assert "new.comer" not in desk.content()

    seen = browser.new_context().new_page()
    for name, address in (
        ("forgotten", "password/reset/"),
        ("look", "password/reset/done/"),
        ("dead", "password/choose/x/"),
    ):
        seen.goto(f"{site}/accounts/{address}")
        look(seen, name, faults)
    sign_in(seen, site, "stella")
    for name, address in (
        ("people", "/admin/people/"),
        ("person", f"/admin/people/{account.pk}/"),
        ("change", "/accounts/password/change/"),
    ):
        seen.goto(f"{site}{address}")
        look(seen, name, faults)
    assert not errors
    assert not faults, "\n".join(faults)
