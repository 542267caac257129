"""Single sign-on in a real browser, at a real provider of OpenID Connect that the test starts."""

import pytest

from failure_lessons.accounts.models import User
from tests.accounts.test_single_sign_on import institution as institution
from tests.accounts.test_single_sign_on import provider as provider
from tests.browser.test_people import HERE, find_faults

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore::DeprecationWarning:authlib"),  # what the provider is made of
]


def go_to_provider(page, site, who, button="Authorize"):
    """Ask to be signed in by the institution, and be `who` there."""
    page.goto(f"{site}/admin/literature/reference/")
    page.get_by_role("button", name="Sign in with the University").click()
    page.wait_for_url(lambda url: "/oauth2/authorize" in url)
    page.fill("[name=sub]", who)
    page.get_by_role("button", name=button).click()


@pytest.fixture
def allowed_to_lead_there(institution, settings):
    """The policy as the settings make it of OIDC_SERVER_URL: without it the browser stops the form on its way."""
    directives = settings.CONTENT_SECURITY_POLICY["DIRECTIVES"]
    leads = [*directives["form-action"], institution]
    settings.CONTENT_SECURITY_POLICY = {"DIRECTIVES": {**directives, "form-action": leads}}


def test_the_institution_lets_in_and_keeps_out(committed, allowed_to_lead_there, browser, site):
    page = browser.new_context(java_script_enabled=False).new_page()
    go_to_provider(page, site, "jane")
    page.wait_for_url(f"{site}/admin/literature/reference/")
    jane = User.objects.get(email="jane@uni.example")
    assert [group.name for group in jane.groups.all()] == ["researcher"]
    page.goto(f"{site}/accounts/")
    assert "None: you sign in at your institution" in page.locator("main").inner_text()

    guest = browser.new_context().new_page()
    go_to_provider(guest, site, "guest")
    guest.wait_for_url("**/callback/**")
    assert "has given you no role" in guest.locator("main").inner_text()
    assert find_faults(guest, widths=HERE, where="not let in") == []
    assert not User.objects.filter(email="guest@uni.example").exists()
    assert guest.goto(f"{site}/admin/literature/reference/").url.startswith(f"{site}/accounts/login/")
