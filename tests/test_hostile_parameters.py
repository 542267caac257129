"""Whatever stands in a parameter of a public address, the answer is one: never a fault of ours."""

import random
import string

import pytest
from django.http import QueryDict
from django.test import Client

from failure_lessons.library.list_query import filters_of
from failure_lessons.publishing.registry import KINDS
from tests.addresses import EXAMPLES, every_example
from tests.examples import is_trial
from tests.recommendations.consultations.world import announced_round

pytestmark = [pytest.mark.django_db, pytest.mark.slow, pytest.mark.timeout(7200)]

# What people send who want a site to break, by sort.
KNOWN = [
    "", " ", "\0", "\x00\x01\x1f", "\ufffd", "\u202e", "\u200b", "😀", "a" * 5000, "é" * 1500, "%", "%%", "%s%n", "%00",
    "'", "''", '"', "`", "\\", "\\u0000", "' or 1=1 --", "'; drop table x; --", "1; select pg_sleep(9)", "$$", "{}", "[]", "{{7*7}}", "${7*7}",
    "<script>alert(1)</script>", "<", ">", "&", "&amp;", "&#0;", "../../etc/passwd", "/", "//", "javascript:alert(1)", "http://127.0.0.1/",
    "null", "None", "undefined", "NaN", "Infinity", "-Infinity", "true", "0", "-0", "-1", "1.5", "1e400", "1e-400", "0x10", "٣", "½", "²",
    "9" * 5, "9" * 10, "9" * 19, "9" * 20, "9" * 400, "-" + "9" * 30, "1,2,3", "1..2", "a:b", ":", ",", ",,", ";", "|", "*", "**", "?", "#", "+", "-", "_", "~",
    "0000-00-00", "9999-99-99", "2026-02-30", "-2026-01-01", "10000-01-01", "2026-01-01T25:61:61Z", "2026-01-01T00:00:00+99:99", "1/2/3", "2001~", "1996/..",
    "(((((((((", ")" * 200, "(" * 2000, "[" * 500, '"' * 501, "a b " * 400, "or and not", "& | !", ":*", "a & ", "\\" * 300, "\n", "\r\n", "a\r\nX: y", "\t",
    "ﬁ", "İ", "ß", "ﷺ" * 50, "\u0301" * 300, "a\u0301", "\u1100\u1161", "𝔘", "null\0byte", "\ue000", "\U0010ffff", "\ufeff", "Ω≈ç√∫", "ヽ༼ຈل͜ຈ༽ﾉ", "和製漢語", "مُنَاقَشَةُ",
]  # fmt: skip  # a line each would be two pages
MADE_UP = "zqxwv"
DOWNLOADS = ("download", "download-newest")  # files, which a test has to build: tests/downloads
PLAIN = (
    "q",
    "page",
    "order",
    "as_of",
    "after",
    "before",
    "format",
    "limit",
    "fields",
    "include",
    "facets",
    "brief",
    "since",
    "cursor",
)


def list_values(number):
    """So many hostile values: those that are known, then others made of odd characters, the same in every run."""
    dice = random.Random(9)  # noqa: S311  # the same values in every run
    odd = string.punctuation + string.whitespace + "aé\0\u202e\u0301😀0"
    values = dict.fromkeys(KNOWN)
    while len(values) < number:
        values["".join(dice.choices(odd, k=dice.randint(1, 40)))] = None
    return list(values)[:number]


def list_parameters(address):
    """What an address may be asked: what its kind is filtered by, what others take, and what stands in its example."""
    own = [part.partition("=")[0] for part in address.partition("?")[2].split("&") if part]
    kinds = [kind for kind in KINDS.values() if f"/{kind.address}/" in address]
    return list(dict.fromkeys([*own, *PLAIN, *(each for kind in kinds for each in filters_of(kind).base_filters)]))


def takes(client, address, name):
    """Whether an address does anything with a parameter: what it says then differs from what it says of a made-up one."""

    def say(given):
        answer = client.get(address.partition("?")[0], {given: "1"})
        return answer.status_code, getattr(answer, "content", b"").replace(given.encode(), b"")

    return say(name) != say(MADE_UP)


def ask(client, address, name, value):
    """The status of an answer with this value in this parameter, the others as in the example."""
    plain, _, query = address.partition("?")
    asked = QueryDict(query, mutable=True)
    asked[name] = value
    return client.get(plain, asked.dict()).status_code


def test_no_value_of_any_parameter_breaks_an_address():
    client, faults, asked = Client(raise_request_exception=False), [], 0
    dice = random.Random(9)  # noqa: S311  # the same in every run
    everything = list_values(200)
    announced_round()  # the shipped evidence has none: no consultation has been held
    for view in [each for each in EXAMPLES if each not in DOWNLOADS]:
        address = next(iter(every_example(view)), None)
        if address is None or client.get(address).get("Content-Type", "").startswith(("application/zip", "text/css")):
            continue
        names = list_parameters(address)
        if not is_trial():
            tried = [(name, value) for name in names for value in dice.sample(everything, 1)]
            tried = dice.sample(tried, min(len(tried), 2))
        else:
            tried = [
                (name, value) for name in names for value in everything[: 200 if takes(client, address, name) else 3]
            ]
        for name, value in tried:
            asked += 1
            status = ask(client, address, name, value)
            if status >= 500:
                faults.append((view, address, name, value[:60], status))
    assert faults == []
    assert asked > 200
