"""Ratings come to what the published vectors say, and to what PostgreSQL works out by itself."""

import json
import random
from itertools import combinations
from pathlib import Path

import pytest
from django.db import connection

from recommendations.consultations.agreement import AgreementRule, find_rule, find_rule_faults, read_rule
from recommendations.consultations.small_numbers import divide_groups, sum_by_part
from recommendations.consultations.statistics import Distribution, compare_leavers, compare_rounds

VECTORS = json.loads((Path(__file__).parent / "rating-vectors.json").read_text(encoding="utf-8"))
K = VECTORS["small_numbers"]["k"]
SECOND_OPINION = """
    with r as (select unnest(%s::int[])::float8 v),
         p as (select count(*) n, percentile_cont(array[0.25, 0.3, 0.5, 0.7, 0.75]) within group (order by v) q,
                      avg((v <= 3)::int) low, avg((v >= 7)::int) high from r)
    select n, q[1], q[2], q[3], q[4], q[5], (q[4] - q[2]) / (2.35 + 1.5 * abs(5 - (q[2] + q[4]) / 2)), low, high from p
"""


@pytest.mark.parametrize("case", VECTORS["cases"], ids=lambda case: case["name"])
def test_ratings_come_to_what_the_vectors_say(case):
    found = Distribution.of_ratings(case["ratings"]).describe()
    expected = {**case["expected"]}
    expected.pop("asymmetry")
    for name, value in expected.items():
        assert found[name] == pytest.approx(value, abs=5e-7 if name in ("di", "share_7_9", "share_1_3") else 1e-9), name


@pytest.mark.django_db
def test_random_ratings_come_to_what_the_database_works_out():
    chance = random.Random(7)  # noqa: S311  # a test that can be run again
    for _ in range(200):
        ratings = chance.choices(range(1, 10), weights=chance.choices(range(1, 9), k=9), k=chance.randint(1, 60))
        found = Distribution.of_ratings(ratings).describe()
        with connection.cursor() as cursor:
            cursor.execute(SECOND_OPINION, [ratings])
            n, q1, p30, median, p70, q3, di, low, high = map(float, cursor.fetchone())
        ours = [found[name] for name in ("n", "q1", "p30", "median", "p70", "q3", "di", "share_1_3", "share_7_9")]
        assert ours == pytest.approx([n, q1, p30, median, p70, q3, di, low, high], abs=1e-9)


def test_a_median_between_two_bands_lies_in_none():
    assert Distribution.of_ratings([3, 3, 3, 3, 4, 4, 4, 4]).describe()["band"] == "between bands"


def test_a_rating_off_the_scale_is_refused():
    with pytest.raises(ValueError, match="10 does not lie on the scale"):
        Distribution.of_ratings([5, 10])


HIGH, LOW, TWO_CAMPS = (Distribution.of_ratings(each) for each in ([8] * 20, [2] * 6, [1] * 5 + [9] * 5))


@pytest.mark.parametrize(
    ("rule", "groups", "outcome"),
    [
        ({}, {"a": Distribution.of_ratings([8, 8])}, "too-few"),
        ({"response": 0.9}, {"a": HIGH}, "too-few"),
        ({"scope": "every-group"}, {"a": HIGH, "b": Distribution.of_ratings([8, 8])}, "too-few"),
        ({"scope": "groups", "groups": 2}, {"a": HIGH, "b": Distribution.of_ratings([8])}, "too-few"),
        ({}, {"a": TWO_CAMPS}, "disagreement"),
        ({"measure": "classic"}, {"a": Distribution.of_ratings([1, 2, 3, 5, 5, 5, 7, 8, 9])}, "disagreement"),
        ({"measure": "classic"}, {"a": Distribution.of_ratings([1, 2, 4, 5, 5, 6, 7, 8, 9])}, "agreed-uncertain"),
        ({"measure": "share", "against": 0.4}, {"a": TWO_CAMPS}, "disagreement"),
        ({"scope": "every-group"}, {"a": HIGH, "b": Distribution.of_ratings([1, 1, 1, 9, 9, 9])}, "disagreement"),
        ({}, {"a": HIGH, "b": HIGH}, "agreed-appropriate"),
        ({}, {"a": Distribution.of_ratings([5] * 6)}, "agreed-uncertain"),
        ({}, {"a": LOW}, "agreed-inappropriate"),
        ({"measure": "share"}, {"a": LOW}, "agreed-inappropriate"),
        ({"scope": "panel"}, {"a": HIGH, "b": Distribution.of_ratings([2] * 4)}, "agreed-appropriate"),
        ({"scope": "every-group", "least": 4}, {"a": HIGH, "b": Distribution.of_ratings([2] * 4)}, "groups-differ"),
        ({"scope": "groups", "groups": 1, "least": 4}, {"a": HIGH, "b": LOW}, "agreed-appropriate"),
        ({"scope": "groups", "groups": 2}, {"a": HIGH, "b": LOW}, "groups-differ"),
        ({}, {"a": Distribution.of_ratings([3] * 4 + [4] * 4)}, "no-agreement"),
        ({"measure": "share"}, {"a": Distribution.of_ratings([7] * 9 + [4] * 3)}, "agreed-appropriate"),
        ({"measure": "share", "strictly": True}, {"a": Distribution.of_ratings([7] * 9 + [4] * 3)}, "no-agreement"),
        ({"measure": "interquartile"}, {"a": Distribution.of_ratings([4, 7, 7, 7, 7, 9])}, "agreed-appropriate"),
        ({"measure": "interquartile"}, {"a": Distribution.of_ratings([4, 5, 7, 7, 8, 9, 9])}, "no-agreement"),
    ],
)
def test_the_first_outcome_that_holds_is_the_outcome(rule, groups, outcome):
    assert read_rule(rule).decide(groups, response=0.8) == outcome


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"measure": "vibes"}, "not “vibes”"),
        ({"scope": "some"}, "not “some”"),
        ({"treshold": 0.7}, "no “treshold”"),
        ({"share": 75}, "part of 1"),
        ({"least": "five"}, "numbers"),
        ({"scope": "groups"}, "how many groups"),
    ],
)
def test_a_rule_that_cannot_decide_is_refused_in_words(data, words):
    with pytest.raises(ValueError, match=words):
        read_rule(data)


def test_the_rules_of_a_round_decide_every_rated_question():
    assert find_rule_faults([{"question": "clear"}], ["clear", "feasible"], 4) == [
        "No rule decides the question “feasible”."
    ]
    assert "3" in find_rule_faults([{"scope": "groups", "groups": 3}], ["clear"], 2)[0]
    assert find_rule_faults([{"question": "vague"}, {}], ["clear"], 2) == [
        "A rule is about the question “vague”, which is not rated."
    ]
    rules = [{}, {"question": "clear", "measure": "share"}]
    assert find_rule(rules, "clear").measure == "share"
    assert find_rule(rules, "feasible") == AgreementRule()


@pytest.mark.parametrize("case", VECTORS["small_numbers"]["cases"], ids=lambda case: case["name"])
def test_groups_are_divided_as_the_vectors_say(case):
    assert [[*part] for part in divide_groups(case.get("rounds") or [case["groups"]], K)] == case["shown"]


def test_no_subtraction_gives_a_group_that_is_too_small():
    """Whatever is shown, of any items and rounds, added up and subtracted: no rest between 1 and k - 1 is one group."""
    chance = random.Random(11)  # noqa: S311  # a test that can be run again
    for _ in range(300):
        names = "ABCDE"[: chance.randint(1, 5)]
        tables = [{name: chance.randint(0, 14) for name in names} for _ in range(chance.randint(1, 4))]
        parts = divide_groups(tables, K)
        for table in (each for each in tables if sum(each.values()) >= K):
            shown = sum_by_part(table, parts)
            assert all(count >= K for count in shown.values())
            total = sum(table.values())
            for size in range(len(parts) + 1):
                for chosen in combinations(parts, size):
                    rest = total - sum(shown[part] for part in chosen)
                    assert not parts or rest == 0 or rest >= K


def test_stability_and_leavers():
    assert compare_rounds([(7, 8), (3, 4), (5, 5), (9, 7)]) == {
        "n": 4,
        "same_band": 0.75,
        "changed": 0.75,
        "shift_of_median": 0.0,
    }
    first = {**{f"s{i}": 8 for i in range(6)}, **{f"l{i}": 2 for i in range(5)}}
    stayed = [name for name in first if name.startswith("s")]
    assert compare_leavers(first, stayed, K) == {"left": 5, "left_median": 2, "stayed": 6, "stayed_median": 8}
    assert compare_leavers(first, [*stayed, "l0"], K) == {}
