"""docs/security.md names every requirement of levels 1 and 2, and tests that there are."""

import re

import pytest
from django.conf import settings

DOCUMENT = settings.BASE_DIR / "docs" / "security.md"
# of OWASP ASVS 5.0.0: how many requirements of levels 1 and 2 a section has, without gaps
SECTIONS = {"6.1": 3, "6.2": 12, "6.3": 4, "6.4": 4, "6.5": 5, "6.6": 3, "6.8": 4}
SECTIONS |= {"7.1": 3, "7.2": 4, "7.3": 2, "7.4": 5, "7.5": 2, "7.6": 2}


def read_rows():
    """Each requirement's number with the last cell of its row."""
    rows = re.findall(r"^\| (\d\.\d+\.\d+) \|.*\| (.*) \|$", DOCUMENT.read_text(), re.MULTILINE)
    assert len(rows) == len(dict(rows))
    return dict(rows)


def test_no_requirement_is_missing():
    wanted = [f"{section}.{number}" for section, most in SECTIONS.items() for number in range(1, most + 1)]
    assert list(read_rows()) == wanted


@pytest.mark.parametrize("number", read_rows())
def test_each_has_a_test_that_there_is_or_a_reason(number):
    shown = read_rows()[number]
    tests = re.findall(r"`([\w/.]+)`: `…(\w+)…`", shown)
    assert tests or re.match(r"reason: .{5}", shown), shown
    for file, words in tests:
        path = settings.BASE_DIR / (file if file.startswith("tests/") else f"tests/accounts/{file}")
        assert re.search(rf"def test_\w*{words}", path.read_text()), (number, file, words)


def test_the_sums_are_those_of_the_rows():
    said = DOCUMENT.read_text()
    for chapter in "67":
        rows = {number: shown for number, shown in read_rows().items() if number.startswith(chapter)}
        unmet = re.findall(rf"^\| ({chapter}\.\d+\.\d+) .*\*\*not met\*\*", said, re.MULTILINE)
        reasons = [number for number, shown in rows.items() if shown.startswith("reason:") and number not in unmet]
        named = f"{len(unmet)} ({', '.join(unmet)})" if unmet else "0"
        assert f"| {len(rows)} | {len(rows) - len(reasons) - len(unmet)} | {len(reasons)} | {named} |" in said
