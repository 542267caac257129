"""Peers are asked beside ours for the very same records: what they answer holds them, in the same order and number."""

import subprocess
import sys

import httpx
import pytest

from bench.peers.race import ROWS, start_runners
from bench.rows import QUESTIONS

SIZE = 2_000  # of a synthetic database, which is made when it is not there

pytestmark = [
    pytest.mark.trials,
    pytest.mark.timeout(900),  # the first time installs the peers and fills their databases
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
]


@pytest.fixture(scope="module")
def runners():
    subprocess.run([sys.executable, "-m", "bench.synthetic", str(SIZE)], check=True, stdout=subprocess.DEVNULL)
    with start_runners(SIZE) as found:
        yield found


def ask(runners, runner, address):
    """The JSON of an answer."""
    answer = httpx.get(f"http://127.0.0.1:{runners[runner].port}{address}", timeout=120)
    assert answer.status_code == 200, answer.text[:500]
    return answer.json()


def read_page(answer):
    """Slugs and titles of the records on a page, and how many there are on all: each peer has its own names for that."""
    if "items" in answer:
        return [(each["meta"]["slug"], each["title"]) for each in answer["items"]], answer["meta"]["total_count"]
    if "rows" in answer:
        return [(each["slug"], each["title"]) for each in answer["rows"]], answer["filtered_table_rows_count"]
    return [(each["slug"], each["title"]) for each in answer["results"]], answer.get("count")


@pytest.mark.parametrize("name", ["list of 25", "with all they rest on", "one filter", "search, in list order"])
def test_peers_answer_with_our_records_in_our_order(runners, name):
    ours = ROWS[name]["ours"]
    for words in QUESTIONS[::100] if "{words}" in ours else [""]:
        wanted = read_page(ask(runners, "ours", ours.replace("{words}", words)))
        assert len(wanted[0]) == 25
        assert wanted[1] > 25
        for runner, address in ROWS[name].items():
            assert read_page(ask(runners, runner, address.replace("{words}", words))) == wanted, (runner, words)


def test_peers_that_rank_find_what_lists_find(runners):
    found, listed = ROWS["search, best first"], ROWS["search, in list order"]
    for words in QUESTIONS[::100]:
        _, wanted = read_page(ask(runners, "ours", listed["ours"].replace("{words}", words)))
        assert read_page(ask(runners, "Wagtail", found["Wagtail"].replace("{words}", words)))[1] == wanted, words
        # ours also finds what begins with a word, or is of its family
        assert wanted <= read_page(ask(runners, "ours", found["ours"].replace("{words}", words)))[1] < 1.1 * wanted, (
            words
        )


@pytest.mark.parametrize("name", ["four facets", "filter and four facets", "a facet of a list"])
def test_datasette_counts_the_choices_that_ours_counts(runners, name):
    ours = ask(runners, "ours", ROWS[name]["ours"])["facets"]
    theirs = ask(runners, "Datasette", ROWS[name]["Datasette"])["facet_results"]
    plural = {"audience": "audiences"}
    assert all(told["choices"] for told in ours.values())
    for facet, told in ours.items():
        if facet == "phase" and "filter" in name:
            continue  # within a facet choices widen: ours counts what the others would add
        counted = {choice["value"]: choice["count"] for choice in theirs[plural.get(facet, facet)]["results"]}
        assert counted == {choice["code"]: choice["count"] for choice in told["choices"]}, facet


def test_nested_evidence_is_all_that_ours_includes(runners):
    row = ROWS["with all they rest on"]
    included = {each["slug"] for each in ask(runners, "ours", row["ours"])["included"]}
    nested = {
        each["slug"] for record in ask(runners, "stock DRF", row["stock DRF"])["results"] for each in record["evidence"]
    }
    assert len(nested) > 25
    assert nested == included
