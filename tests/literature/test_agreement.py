"""Kappa against examples worked by hand and printed in the literature."""

import pytest

from failure_lessons.confidence.kappa import measure_agreement


def pairs(table, categories):
    return [
        (row, column)
        for row, counts in zip(categories, table, strict=True)
        for column, count in zip(categories, counts, strict=True)
        for _ in range(count)
    ]


@pytest.mark.parametrize(
    ("table", "observed", "kappa"),
    [
        # Fleiss (1981), Statistical Methods for Rates and Proportions, ch. 13: two raters, 100 diagnoses
        ([[75, 1, 4], [5, 4, 1], [0, 0, 10]], 0.89, 0.68),
        # Feinstein and Cicchetti (1990), J Clin Epidemiol 43:543-549: same observed agreement, different kappa
        ([[40, 9], [6, 45]], 0.85, 0.70),
        ([[80, 10], [5, 5]], 0.85, 0.32),
        # Cohen (1968), Psychological Bulletin 70:213-220, table 1, unweighted: p_o 0.70, p_c 0.475
        ([[106, 10, 4], [22, 28, 10], [2, 12, 6]], 0.70, 0.43),
        # worked by hand: p_o = 35/50; p_e = .5 of .6 + .5 of .4 = .5
        ([[20, 5], [10, 15]], 0.70, 0.40),
        # worse than chance: p_o = 0, p_e = .5
        ([[0, 5], [5, 0]], 0.0, -1.0),
    ],
)
def test_kappa_is_what_the_literature_says(table, observed, kappa):
    names = ["a", "b", "c"][: len(table)]
    found = measure_agreement(pairs(table, names), names)
    assert found.table == tuple(map(tuple, table))
    assert round(found.observed, 2) == observed
    assert round(found.kappa, 2) == kappa


def test_weighted_kappa_counts_a_near_miss_less():
    # by hand, linear weights 1, ½, 0 of three levels, 10 things: rows 4 4 2, columns 3 5 2
    table = [[3, 1, 0], [0, 3, 1], [0, 1, 1]]
    # observed: (3 + 3 + 1 + ½ (1 + 1 + 1)) / 10 = .85
    # expected: diagonal (12 + 20 + 4) / 100 = .36; next to it ½ (20 + 12 + 8 + 10) / 100 = .25; together .61
    found = measure_agreement(pairs(table, "abc"), list("abc"), weighted=True)
    assert found.observed == pytest.approx(0.85)
    assert found.expected == pytest.approx(0.61)
    assert found.kappa == pytest.approx(0.24 / 0.39)
    assert found.kappa > measure_agreement(pairs(table, "abc"), list("abc")).kappa


def test_with_two_levels_weights_change_nothing():
    table = pairs([[20, 5], [10, 15]], "ab")
    assert measure_agreement(table, list("ab"), weighted=True).kappa == pytest.approx(
        measure_agreement(table, list("ab")).kappa
    )


def test_complete_agreement_over_two_categories_is_one():
    assert measure_agreement([("a", "a"), ("b", "b")], ["a", "b"]).kappa == 1


def test_one_category_for_everything_has_no_kappa_and_says_so():
    found = measure_agreement([("a", "a")] * 5, ["a", "b"])
    assert (found.observed, found.kappa) == (1, None)
    assert "one category" in found.why_no_kappa


def test_nothing_rated_has_no_agreement_at_all():
    found = measure_agreement([], ["a", "b"])
    assert (found.observed, found.kappa, found.total) == (None, None, 0)
    assert "Nothing has been rated" in found.why_no_kappa
