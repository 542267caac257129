"""`check --deploy` names what a production lacks, each with its remedy."""

import pytest

from failure_lessons.operations import checks

DATABASE = {"default": {"HOST": "db.example.org", "OPTIONS": {}}}
SAFE = {"default": {"HOST": "db.example.org", "OPTIONS": {"sslmode": "verify-full"}}}


@pytest.mark.parametrize(
    ("check", "lacking", "whole", "named"),
    [
        (checks.check_contact, {"CONTACT": ""}, {"CONTACT": "a@example.org"}, "CONTACT_EMAIL"),
        (
            checks.check_site_address,
            {"SITE_URL": "http://127.0.0.1:8000", "ALLOWED_HOSTS": ["a.example.org"]},
            {"SITE_URL": "https://a.example.org", "ALLOWED_HOSTS": [".example.org", "a.example.org"]},
            "SITE_URL=https://",
        ),
        (checks.check_hosts, {"ALLOWED_HOSTS": ["*"]}, {"ALLOWED_HOSTS": ["a.example.org"]}, "ALLOWED_HOSTS"),
        (
            checks.check_keys,
            {"SECRET_KEY": "short", "LEDGER_KEY": "k"},
            {"SECRET_KEY": "x" * 64, "LEDGER_KEY": "k"},
            "openssl",
        ),
        (
            checks.check_keys,
            {"SECRET_KEY": "x" * 64, "LEDGER_KEY": ""},
            {"SECRET_KEY": "x" * 64, "LEDGER_KEY": "k"},
            "LEDGER_KEY",
        ),
        (checks.check_database, {"DATABASES": DATABASE}, {"DATABASES": SAFE}, "sslmode=verify-full"),
        (checks.check_static_files, {"STATIC_ROOT": "/nowhere/at/all"}, {"STATIC_ROOT": None}, "collectstatic"),
    ],
)
def test_what_is_lacking_is_said_with_its_remedy(check, lacking, whole, named, monkeypatch):
    for values, count in ((lacking, 1), (whole, 0)):
        for name, value in values.items():
            monkeypatch.setattr(checks.settings, name, value, raising=False)
        found = check()
        assert len(found) == count, values
        assert all(named in each.hint for each in found)


def test_behind_a_proxy_its_address_is_asked_for(monkeypatch, settings):
    monkeypatch.delenv("BEHIND_PROXY", raising=False)
    settings.TRUSTED_PROXIES = []
    assert checks.check_proxies() == []
    monkeypatch.setenv("BEHIND_PROXY", "1")
    assert [each.id for each in checks.check_proxies()] == ["operations.W001"]
    settings.TRUSTED_PROXIES = ["10.0.0.0/8"]
    assert checks.check_proxies() == []
