"""docs/security.md names every requirement of levels 1 and 2, and tests that there are; its lists are those of the code."""

import os
import re
import subprocess
import sys

import pytest
from django.conf import settings
from django.test import Client

from failure_lessons.api.response_cache import MAX_CACHE_BYTES
from failure_lessons.bulk.reading import MAX_SPREADSHEET_BYTES
from failure_lessons.bulk.workbooks import MAX_UNPACKED_SIZE
from failure_lessons.coding.refi.reading import MOST_BYTES
from failure_lessons.files.archives import MOST_UNPACKED
from failure_lessons.files.decoding import MAX_IMPORT_BYTES
from failure_lessons.vocabularies.skos.reading import MAX_SKOS_BYTES

DOCUMENT = settings.BASE_DIR / "docs" / "security.md"
# of OWASP ASVS 5.0.0: how many requirements of levels 1 and 2 each section has, without gaps
SECTIONS = """
1.1:2 1.2:9 1.3:11 1.4:3 1.5:2  2.1:3 2.2:3 2.3:4 2.4:1  3.2:2 3.3:4 3.4:6 3.5:5 3.7:2  4.1:3 4.2:1 4.3:2 4.4:4
5.1:1 5.2:3 5.3:2 5.4:3  6.1:3 6.2:12 6.3:4 6.4:4 6.5:5 6.6:3 6.8:4  7.1:3 7.2:4 7.3:2 7.4:5 7.5:2 7.6:2
8.1:2 8.2:3 8.3:1 8.4:1  9.1:3 9.2:4  10.1:2 10.2:2 10.3:4 10.4:11 10.5:5 10.6:2 10.7:3  11.1:2 11.2:3 11.3:3 11.4:4
11.5:1 11.6:1  12.1:3 12.2:2 12.3:4  13.1:1 13.2:5 13.3:2 13.4:5  14.1:2 14.2:4 14.3:3  15.1:3 15.2:3 15.3:7
16.1:1 16.2:5 16.3:4 16.4:3 16.5:3  17.1:1 17.2:4 17.3:2
"""
ALL_REQUIREMENTS = 253  # of levels 1 and 2, in the whole of version 5.0.0
MOST_EXCEPTIONS = 8
PRODUCTION = """
import django
django.setup()
from django.conf import settings as s
print(s.SESSION_COOKIE_NAME, s.SESSION_COOKIE_SECURE, s.SESSION_COOKIE_HTTPONLY, s.SESSION_COOKIE_SAMESITE)
print(s.CSRF_COOKIE_NAME, s.CSRF_COOKIE_SECURE, s.CSRF_COOKIE_HTTPONLY, s.CSRF_COOKIE_SAMESITE)
print(s.SECURE_HSTS_SECONDS, s.SECURE_HSTS_INCLUDE_SUBDOMAINS, s.SECURE_SSL_REDIRECT, s.DEBUG)
"""


def read_rows():
    """Each requirement's number with what holds here and the last cell of its row."""
    rows = re.findall(r"^\| (\d+\.\d+\.\d+) \| [12] \| .* \| (.*) \| (.*) \|$", DOCUMENT.read_text(), re.MULTILINE)
    assert len(rows) == len({number for number, *_ in rows})
    return {number: (here, shown) for number, here, shown in rows}


def sort_rows(rows):
    """The numbers of these rows: not met, left to the operator, with a reason, with a test."""
    unmet = [number for number, (here, _) in rows.items() if "**not met**" in here]
    left = [n for n, (here, shown) in rows.items() if "**operator**" in here and shown.startswith("reason:")]
    reasons = [n for n, (_, shown) in rows.items() if shown.startswith("reason:") and n not in (*unmet, *left)]
    return unmet, left, reasons, [number for number in rows if number not in (*unmet, *left, *reasons)]


def name_numbers(numbers):
    return f"{len(numbers)} ({', '.join(numbers)})" if numbers else "0"


def test_no_requirement_is_missing():
    sections = [part.split(":") for part in SECTIONS.split()]
    wanted = [f"{section}.{number}" for section, most in sections for number in range(1, int(most) + 1)]
    assert list(read_rows()) == wanted
    assert len(wanted) == ALL_REQUIREMENTS


@pytest.mark.parametrize("number", read_rows())
def test_each_has_a_test_that_there_is_or_a_reason(number):
    _, shown = read_rows()[number]
    tests = re.findall(r"`([\w/.]+)`: `…(\w+)…`", shown)
    assert tests or re.match(r"reason: .{5}", shown), shown
    for file, words in tests:
        path = settings.BASE_DIR / (file if file.startswith("tests/") else f"tests/accounts/{file}")
        assert re.search(rf"def test_\w*{words}", path.read_text()), (number, file, words)


def test_the_sums_are_those_of_the_rows():
    said, rows = DOCUMENT.read_text(), read_rows()
    for chapter in range(1, 18):
        own = {number: row for number, row in rows.items() if number.split(".")[0] == str(chapter)}
        unmet, left, reasons, tested = sort_rows(own)
        sums = f"{len(own)} | {len(tested)} | {len(reasons)} | {name_numbers(left)} | {name_numbers(unmet)} |"
        assert re.search(rf"^\| {chapter} [\w -]+ \| {re.escape(sums)}$", said, re.MULTILINE), (chapter, sums)
    unmet, left, reasons, tested = sort_rows(rows)
    assert f"| all | {len(rows)} | {len(tested)} | {len(reasons)} | {len(left)} | {len(unmet)} |" in said
    assert len(unmet) + len(left) <= MOST_EXCEPTIONS


def test_the_limits_that_are_written_are_those_of_the_code():
    said = DOCUMENT.read_text()
    for row, numbers in {
        "source documents": (settings.SOURCE_DOCUMENT_BYTES, MOST_UNPACKED),
        "spreadsheets": (MAX_SPREADSHEET_BYTES, MAX_UNPACKED_SIZE),
        "references": (MAX_IMPORT_BYTES,),
        "vocabularies": (MAX_SKOS_BYTES,),
        "coding": (MOST_BYTES,),
        "kept answers": (MAX_CACHE_BYTES,),
        "a body": (settings.DATA_UPLOAD_MAX_MEMORY_SIZE, settings.DATA_UPLOAD_MAX_NUMBER_FIELDS),
    }.items():
        (line,) = re.findall(rf"^\| {row} \|.*$", said, re.MULTILINE)
        for number in numbers:
            assert f"{number:,}" in line, (row, number)


def test_the_inventories_name_every_secret_setting_neighbour_and_worker():
    said = DOCUMENT.read_text()
    for part in ("Keys", "What it talks to", "Classes of data", "Logs", "Limits", "Files taken in"):
        assert f"\n## {part}\n" in said
    written = (settings.BASE_DIR / "failure_lessons" / "settings.py").read_text()
    secrets = set(re.findall(r'"(\w*(?:SECRET|PASSWORD|TOKEN|LEDGER_KEY|SECRET_KEY)\w*)"', written)) - {
        "BREACHED_PASSWORDS"
    }
    assert len(secrets) >= 5
    assert {name for name in secrets if f"`{name}`" not in said} == set()
    for neighbour in ("DATABASE_URL", "EMAIL_HOST", "OIDC_SERVER_URL", "CHECK_LINKS", "LINK_ARCHIVE", "ACCESS_LOG"):
        assert f"`{neighbour}" in said
    assert "within three days" in (settings.BASE_DIR / "docs" / "deploy.md").read_text()


@pytest.mark.slow
def test_cookies_of_a_production_are_bound_to_the_site_and_to_https():
    given = {
        "SECRET_KEY": "x" * 60,
        "ALLOWED_HOSTS": "lessons.example.org",
        "DJANGO_SETTINGS_MODULE": "failure_lessons.settings",
    }
    plain = {name: value for name, value in os.environ.items() if not name.startswith(("DEBUG", "PYTEST"))}
    done = subprocess.run(
        [sys.executable, "-c", PRODUCTION], cwd=settings.BASE_DIR, env={**plain, "DATABASE_URL": "postgres:///x", **given},
        capture_output=True, text=True, check=True,
    )  # fmt: skip  # a command and where it runs
    assert done.stdout.splitlines() == [
        "__Host-sessionid True True Lax",
        "__Host-csrftoken True True Lax",
        "31536000 True True False",
    ]


@pytest.mark.slow
@pytest.mark.django_db
def test_an_api_is_not_led_to_https_and_pages_are(settings):
    settings.SECURE_SSL_REDIRECT = True
    assert Client().get("/api/v1/").status_code == 200
    assert Client().get("/").status_code == 301
    assert Client().get("/")["Location"].startswith("https://")
