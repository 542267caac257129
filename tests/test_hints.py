"""“Did you mean …?”: at every door by the usual word before the letters, and in one place."""

import ast
from pathlib import Path

import pytest

from failure_lessons.hints import USUAL_WORDS, format_hint, nearest_name, nearest_parameter
from failure_lessons.publishing.registry import KINDS

ROOT = Path(__file__).resolve().parent.parent
API_LIST = ("q", "limit", "after", "before", "order", "as_of", "ids", "fields", "include", "sector", "phase")


@pytest.mark.parametrize(
    ("word", "known", "meant"),
    [
        ("sort", API_LIST, "order"),
        ("order_by", API_LIST, "order"),
        ("Sort", API_LIST, "order"),
        ("page", API_LIST, "after"),
        ("offset", API_LIST, "after"),
        ("offset", ("q", "page"), "page"),
        ("per_page", API_LIST, "limit"),
        ("page_size", API_LIST, "limit"),
        ("search", API_LIST, "q"),
        ("query", API_LIST, "q"),
        ("id", API_LIST, "ids"),
        ("limit", ("q", "title"), ""),  # no page size can be chosen, and nothing that looks like it is meant
        ("sort", ("sector",), ""),
        ("phse", API_LIST, "phase"),
        ("zzz", API_LIST, ""),
    ],
)
def test_the_usual_word_goes_before_the_letters(word, known, meant):
    assert nearest_parameter(word, known) == meant


def test_names_are_compared_whatever_their_capitals():
    assert nearest_name("titel", ["Title", "DOI"]) == "Title"
    assert nearest_name("DOII", ["title", "DOI"]) == "DOI"
    assert nearest_name("ttle", ["title"], likeness=0.99) == ""


def test_a_hint_follows_on_a_sentence_or_is_nothing():
    assert format_hint("phase") == " Did you mean “phase”?"
    assert format_hint("phase", "Else.", quotes="``") == " Did you mean `phase`?"
    assert format_hint("phase", quotes="") == " Did you mean phase?"
    assert format_hint("", "Else.") == " Else."
    assert format_hint("") == ""


def test_no_usual_word_hides_a_parameter_that_suggests_itself():
    assert all(word not in meant or meant == (word,) for word, meant in USUAL_WORDS.items() if word != "page")


@pytest.mark.slow
@pytest.mark.django_db
@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.code)
def test_lists_know_the_words_that_everyone_brings(kind, client):
    api = client.get(f"/api/v1/{kind.api_address}/?sort=newest")
    assert (api.status_code, api.json()["parameter"]) == (400, "sort")
    assert "There is no parameter `sort`. Did you mean `order`? Known here: " in api.json()["detail"]
    assert api.json()["example"] == f"/api/v1/{kind.api_address}/?order=newest"
    for word, meant in (("page", "after"), ("per_page", "limit"), ("offset", "after"), ("search", "q"), ("id", "ids")):
        refused = client.get(f"/api/v1/{kind.api_address}/?{word}=2")
        assert refused.status_code == 400
        assert f"Did you mean `{meant}`?" in refused.json()["detail"]
        assert client.get(refused.json()["example"]).status_code == 200
    page = client.get(f"/{kind.address}/?sort=newest")
    assert page.status_code == 400
    assert "“sort” in the address means nothing here. Did you mean “order”?" in page.content.decode()
    assert "There is no parameter" not in page.content.decode()
    page = client.get(f"/{kind.address}/?limit=10")
    assert page.status_code == 400
    assert "Did you mean" not in page.content.decode()


@pytest.mark.django_db
def test_other_doors_know_them_too(client):
    assert "Did you mean `page`?" in client.get("/api/v1/search/?q=staff&offset=20").json()["detail"]
    assert "Did you mean `since`?" in client.get("/api/v1/changes/?offset=20").json()["detail"]
    assert "Did you mean “q”?" in client.get("/search/?query=staff").content.decode()


@pytest.mark.slow
def test_there_is_one_place_for_hints():
    others = []
    for app in ("failure_lessons", "literature", "casestudies", "recommendations"):
        for path in (ROOT / app).rglob("*.py"):
            if path.name == "hints.py":
                continue
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                own = isinstance(node, ast.Attribute) and node.attr in ("get_close_matches", "extractOne")
                # a part of an f-string that asks back; examples in descriptions are plain strings
                said = isinstance(node, ast.JoinedStr) and "Did you mean" in ast.unparse(node)
                if own or said:
                    others.append(f"{path.relative_to(ROOT)}:{node.lineno}")
    assert not others, "use failure_lessons.hints"
