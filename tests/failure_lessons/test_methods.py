"""Methods that nobody uses are refused everywhere, and the policy of browsers holds on whatever is answered."""

import pytest
from django.test import Client

pytestmark = pytest.mark.django_db
REFUSED = ("TRACE", "TRACK", "CONNECT", "PROPFIND", "X" * 200)
EVERY_SORT = (
    "/",
    "/recommendations/",
    "/api/v1/",
    "/oai?verb=Identify",
    "/healthz",
    "/admin/",
    "/never-was/",
    "/robots.txt",
)


@pytest.mark.parametrize("method", REFUSED)
@pytest.mark.parametrize("address", EVERY_SORT)
def test_a_method_that_nobody_uses_is_refused_and_sends_nothing_back(address, method):
    answer = Client().generic(method, address, headers={"Cookie": "secret=1", "X-Mine": "secret"})
    assert answer.status_code == 405
    assert "TRACE" not in answer["Allow"]
    assert b"secret" not in answer.content


@pytest.mark.parametrize("address", EVERY_SORT)
def test_every_answer_tells_browsers_how_to_take_it(address, settings):
    settings.SECURE_HSTS_SECONDS, settings.SECURE_HSTS_INCLUDE_SUBDOMAINS = 31_536_000, True
    answer = Client().get(address, secure=True)
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Referrer-Policy"] == "same-origin"
    assert "max-age=31536000; includeSubDomains" in answer["Strict-Transport-Security"]
    policy = answer["Content-Security-Policy"]
    for each in ("object-src 'none'", "base-uri 'none'", "frame-ancestors 'none'"):
        assert each in policy, address
    assert "unsafe" not in policy
    if "text/" in answer.get("Content-Type", "text/"):
        assert "charset=utf-8" in answer.get("Content-Type", "charset=utf-8").lower()
