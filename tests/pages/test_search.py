"""The search: jumps, ranks, names in both forms, mends spelling, and never breaks."""

import re
from html import unescape

import pytest

from failure_lessons.library.search import check_spelling, find_abbreviations, find_synonyms, title_initials
from failure_lessons.library.search_scope import SearchScope
from failure_lessons.publishing.models import Edition
from failure_lessons.publishing.registry import KINDS
from tests.helpers import count_queries, parse_page, text_of
from tests.pages.test_lists import counts_on

pytestmark = pytest.mark.django_db


def asked(client, question, **more):
    answer = client.get("/search/", {"q": question, **more})
    assert answer.status_code == 200, question
    return parse_page(answer)


def hints(page):
    return [text_of(each) for each in page.findall(".//p[@class='hint']")]


def found(page):
    return [link.get("href") for link in page.findall(".//article//h3/a")]


def total(page):
    return int(re.match(r"\d+", text_of(page.find(".//*[@id='count']")))[0])


@pytest.mark.parametrize(
    ("question", "address"),
    [
        ("r4", "/recommendations/"),
        ("E1-F3", "/findings/e1-f3/"),
        (" e1-f3 ", "/findings/e1-f3/"),
        ("10.1111/j.1467-8551.2005.00458.x", "/references/jas2005/"),
        ("https://doi.org/10.1111/j.1467-8551.2005.00458.x", "/references/jas2005/"),
        ("DOI:10.1111/j.1467-8551.2005.00458.x", "/references/jas2005/"),
        ("Regression to the mean", "/glossary/regression"),
    ],
)
def test_codes_dois_and_titles_jump(question, address, client):
    answer = client.get("/search/", {"q": question})
    assert answer.status_code == 302
    assert answer["Location"].startswith(address)


def test_every_long_title_jumps_to_its_record(client):
    for kind in ("case-study", "lesson", "recommendation"):
        for edition in Edition.objects.current().of_kind(kind).without_text():
            answer = client.get("/search/", {"q": edition.title})
            assert answer.get("Location") == f"/{KINDS[kind].address}/{edition.slug}/", edition


def test_a_misspelt_word_is_mended(client):
    page = asked(client, "whistelblowing")
    assert hints(page) == ["Nothing has whistelblowing, so these are the results for whistleblowing."]
    assert found(page) == found(asked(client, "whistleblowing")) != []


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("goverance", "governance"),
        ("prision", "prison"),
        ("inpsection", "inspection"),
        ("leadershp", "leadership"),
        ("acadamy", "academy"),
        ("rehabilitaton", "rehabilitation"),
        ("chnage", "change"),
        ("Ofstde", "ofsted"),
    ],
)
def test_common_slips_are_mended(typed, meant):
    spelt = check_spelling(f"{typed} of schools", SearchScope())
    assert spelt.mend_text(f"{typed} of schools") == f"{meant} of schools"


def test_a_word_that_is_right_is_left_alone(client):
    assert check_spelling("staff schools governance", SearchScope()).unknown == ()
    assert hints(asked(client, "staff governance")) == []


def test_what_is_like_nothing_is_not_guessed(client):
    page = asked(client, "zzzzqq")
    assert hints(page) == []
    assert total(page) == 0
    assert "Nothing found" in text_of(page.find(".//main"))


def test_an_unfinished_word_finds_what_begins_with_it(client):
    assert found(asked(client, "whistleb")) == found(asked(client, "whistleblowing"))


def test_an_abbreviation_finds_its_name_and_can_be_switched_off(client):
    page = asked(client, "CRC contract")
    assert hints(page) == ["Also searched for Community Rehabilitation Company (CRC). Search for my words only"]
    assert "/references/nao-2017/" in found(page)
    off = asked(client, "CRC contract", synonyms="off")
    assert hints(off) == ["Searched for your words only. Search for other names too"]
    assert total(off) < total(page)


def test_a_name_finds_its_abbreviation_where_that_is_in_use(client):
    scope = SearchScope()
    assert [each.also for each in find_synonyms("wakefield city academies trust", scope)] == ["WCAT"]
    assert find_synonyms("regression to the mean", scope) == []  # nobody writes RTM
    assert [each.also for each in find_synonyms("CRC", scope)] == ["Community Rehabilitation Company"]


def test_initials_leave_small_words_out():
    assert title_initials("Payment by results and more") == "PRM"
    assert title_initials("Risk summit") == ""
    assert find_abbreviations([("National Audit Office (NAO)", "The office.")])["NAO"] == {"National Audit Office"}


def test_quotation_marks_and_minus_signs_keep_their_meaning(client):
    assert total(asked(client, '"special measures" -school')) < total(asked(client, '"special measures"'))
    assert 0 < total(asked(client, '"urgent notification"')) <= total(asked(client, "urgent notification"))


@pytest.mark.slow
def test_choices_narrow_the_results_as_their_counts_say(client):
    counts = counts_on(asked(client, "inspection"))
    assert {name for name, _ in counts} == {"kind", "phase", "sector", "theme"}
    for (name, code), count in counts.items():
        assert total(asked(client, "inspection", **{name: code})) == count, (name, code)


def test_pages_of_results_do_not_overlap(client):
    first, second = asked(client, "inspection"), asked(client, "inspection", page="2")
    assert len(found(first)) == 20
    assert not set(found(first)) & set(found(second))
    assert second.find(".//a[@rel='prev']").get("href") == "?q=inspection"


@pytest.mark.parametrize(
    "query",
    ["page=0", "page=11", "page=x", "page=²", "kind=spell", "kin=theme", "as_of=x", "synonyms=on", "page=1&page=2"],
)
def test_odd_parameters_are_explained(query, client):
    answer = client.get(f"/search/?q=staff&{query}")
    assert answer.status_code == 400
    assert 'role="alert"' in answer.content.decode()


@pytest.mark.slow
@pytest.mark.parametrize(
    "question",
    [
        "\x00",
        "' or 1=1 --",
        "<script>alert(1)</script>",
        "a" * 20_000,
        '"',
        "-",
        "&|!():*",
        "É",
        'CRC "CRC',
        "'CRC':*",
        "or or or",
        "100%",
        "%s %s",
        "\\",
        "NOMS'",
        "{x} {0}",
        "MAT MAT MAT",
        "the of and",
        "\u202ecba",
        "whistleb:*",
        "not_a_word_",
        "x" * 299 + " y",
        " ".join(f"mispelld{n}x" for n in range(40)),
        "🏥 staff",
        "staff\nboard",
        "AAA BBB CCC",
    ],
)
def test_nothing_breaks_it(question, client):
    answer = client.get("/search/", {"q": question}, follow=True)
    assert answer.status_code == 200
    page = answer.content.decode()
    assert "<script>alert" not in page
    for body in re.findall(r'<p class="hint">.*?</p>|<h3>.*?</h3>', page):
        assert not re.search(r"<(?!/?(?:p|h3|a|strong|mark)\b)", body), unescape(body)


def test_matches_are_marked_and_all_else_escaped(client):
    page = client.get("/search/?q=whistleblowing").content.decode()
    assert re.search("<mark>[Ww]histleblow", page)


def test_the_number_of_queries_does_not_grow_with_the_results(client):
    asked(client, "trust")  # what a process reads once
    costs = [count_queries(asked, client, question) for question in ("payroll", "complaint", "inspecting")]
    assert max(costs) <= 12, "what was asked before is kept, so that some cost less"


@pytest.mark.slow
def test_what_is_cut_out_of_a_record_says_where_it_is_cut_and_runs_nothing_together(client):
    pages = [asked(client, question) for question in ("special measures second time", "riot")]
    snippets = [text_of(each) for page in pages for each in page.findall(".//article/p[2]")]
    assert len(snippets) > 10
    for text in snippets:
        assert not text[0].islower(), text
        assert text.endswith((".", "!", "?", "…", "”", ")")), text
    assert "special measures. back in" in snippets[0]
