"""Every public pattern of addresses has examples, they stand where they say, and none of them shows a draft."""

from urllib.parse import urlsplit

import pytest
from django.urls import resolve

from failure_lessons.downloads.build import build_bundle
from tests.addresses import EXAMPLES, NOT_PUBLIC, every_example, public_patterns
from tests.recommendations.consultations.world import announced_round


def test_every_public_pattern_has_an_example():
    missing = [f"{route} (named {name})" for name, route in public_patterns() if name not in EXAMPLES]
    assert not missing, f"write a function in tests/addresses.py that gives examples: {missing}"
    left_over = set(EXAMPLES) - {name for name, _ in public_patterns()}
    assert not left_over, f"take out of tests/addresses.py what is no pattern any more: {left_over}"
    assert len(EXAMPLES) > 80


def test_a_pattern_without_a_name_or_an_example_is_noticed(settings):
    settings.ROOT_URLCONF = "tests.addresses_with_one_too_many"
    assert [name for name, _ in public_patterns() if name not in EXAMPLES] == ["nobody-thought-of-this", None]


def test_what_is_not_public_is_still_there():
    assert len(NOT_PUBLIC) == 11
    for start in NOT_PUBLIC:
        assert not any(route.startswith(start) for _, route in public_patterns())


@pytest.fixture
def bundle(committed, tmp_path, settings):
    settings.DOWNLOADS_DIR = tmp_path / "downloads"
    announced_round()  # the shipped evidence has none: no consultation has been held
    return build_bundle("https://lessons.example.org")


@pytest.mark.slow
def test_every_example_stands_at_its_pattern_and_answers(bundle, client, crawl):
    """The crawl has fetched all that need no bundle; test_doors sees to it that they answered."""
    routes = dict(public_patterns())
    faults, asked = [], 0
    for name in EXAMPLES:
        addresses = list(every_example(name))
        if not addresses:
            faults.append(f"{name}: no example")
        for address in addresses:
            asked += 1
            found = resolve(urlsplit(address).path)
            if found.url_name != name or found.route != routes[name]:
                faults.append(f"{address} stands at {found.route}, not at {name}")
            if address in crawl.answers:
                continue
            answer = client.get(address)
            if answer.status_code != (302 if name == "download-newest" else 200):
                faults.append(f"{address}: {answer.status_code}")
            elif answer.streaming:
                assert b"".join(answer.streaming_content), address
    assert not faults, "\n".join(faults)
    assert asked > 300
