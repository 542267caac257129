"""What a browser and a harvester make of the pages as they are served."""

import warnings

import pytest
from signposting.linkset import find_signposting_linkset
from signposting.resolver import find_signposting_http

RECORD = "/recommendations/test-capacity-before-mergers-takeovers-and-rapid-growth/"


@pytest.mark.parametrize("address", [RECORD, "/", "/references/jas2005/"])
def test_the_policy_has_nothing_against_a_data_block(site, reader, address):
    page = reader.new_page()
    said = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.add_init_script(
        "document.addEventListener('securitypolicyviolation', e => console.log('violation ' + e.blockedURI))"
    )
    answer = page.goto(site + address)
    assert "default-src 'self'" in answer.headers["content-security-policy"]
    assert page.locator("script[type='application/ld+json']").count() == 1
    assert said == []
    page.close()


def test_an_inline_script_would_be_reported(site, reader):
    """The test above can fail: the same page with a real script makes Chromium complain."""
    page = reader.new_page()
    said = []
    page.on("console", lambda message: said.append(message.text))
    page.goto(site + RECORD)
    page.evaluate("document.head.appendChild(Object.assign(document.createElement('script'), {textContent: 'x = 1'}))")
    assert any("Content Security Policy" in text for text in said)
    page.close()


def test_a_citation_is_saved_under_a_plain_name(site, reader):
    page = reader.new_page()
    page.goto(site + RECORD)
    with page.expect_download() as download:
        page.get_by_role("list", name="Download the citation").get_by_role("link", name="RIS", exact=True).click()
    assert download.value.suggested_filename == "test-capacity-before-mergers-takeovers-and-rapid-growth-v1.ris"
    page.close()


def test_a_signposting_client_finds_the_same_over_http(site):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = find_signposting_http(site + RECORD)
        assert found.citeAs.target == f"{site}{RECORD}v1/"
        linkset = find_signposting_linkset(next(iter(found.linksets)).target).for_context(site + RECORD)
    assert linkset.citeAs.target == found.citeAs.target
    assert {each.target for each in linkset.describedBy} == {each.target for each in found.describedBy}
    assert linkset.license.target == found.license.target
