"""The truth table: by hand, in R, and for whatever scores there may be."""

import csv
import io
import shutil
import subprocess
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casestudies import qca

HERE = Path(__file__).parent
RSCRIPT = shutil.which("Rscript")


def comparison(scores, keys=("a", "b"), outcome="y"):
    """A comparison document from {case: [score of each key, score of the outcome]}."""
    return {
        "conditions": [{"key": key, "label": f"Condition {key}"} for key in keys],
        "outcome": {"key": outcome, "label": "Outcome"},
        "cases": [
            {"case": case, "values": {key: {"score": score} for key, score in zip([*keys, outcome], row, strict=True)}}
            for case, row in scores.items()
        ],
    }


# By hand, membership in each combination is the least of the memberships:
#                 A·B    A·b    Y    min(A·B, Y)  min(A·B, Y, 1-Y)  min(A·b, Y)  min(A·b, Y, 1-Y)
# one   .9 .8     .8     .2     .7       .7              .3              .2              .2
# two   .6 .7     .6     .3     .2       .2              .2              .2              .2
# three .8 .1     .1     .8     .9       .1              .1              .8              .1
# sums            1.5    1.3            1.0              .6             1.2              .5
HAND = {"one": [0.9, 0.8, 0.7], "two": [0.6, 0.7, 0.2], "three": [0.8, 0.1, 0.9]}


def test_the_table_is_what_it_is_by_hand():
    table = qca.truth_table(comparison(HAND))
    high, both = table.rows
    assert (high.number, high.present, [member.case for member in high.members]) == (3, (True, False), ["three"])
    assert (high.consistency, high.pri, high.out) == (Fraction(12, 13), Fraction(7, 8), "1")
    assert (both.number, both.present, [member.case for member in both.members]) == (4, (True, True), ["one", "two"])
    assert (both.consistency, both.pri, both.out) == (Fraction(10, 15), Fraction(4, 9), "0")
    assert both.contradictory
    assert not high.contradictory
    assert (table.n, table.combinations, table.remainders, table.contradictions) == (3, 4, 2, 1)


def test_the_cut_off_decides_and_reaching_it_is_enough():
    document = comparison(HAND)
    at = qca.truth_table(document, cutoff=Fraction(12, 13)).rows[0]
    above = qca.truth_table(document, cutoff=Fraction(12, 13) + Fraction(1, 10**9)).rows[0]
    assert (at.out, above.out) == ("1", "0")
    # 0.7 / 0.7 + ... adds up to exactly the cut-off, where floats would fall short of it
    exact = comparison({"p": [0.1, 1, 0.1], "q": [0.7, 1, 0.7], "r": [1, 1, 0.64]})
    row = next(row for row in qca.truth_table(exact).rows if row.number == 4)
    assert row.consistency == Fraction(144, 180) == qca.DEFAULT_CUTOFF
    assert row.out == "1"


def test_a_second_cut_off_marks_what_lies_between():
    document = comparison(HAND)
    assert [row.out for row in qca.truth_table(document, None, Fraction(4, 5), Fraction(1, 2)).rows] == ["1", "C"]
    with pytest.raises(qca.CannotCompare, match="must not be higher"):
        qca.truth_table(document, None, Fraction(1, 2), Fraction(4, 5))


def test_crisp_cases_that_disagree_are_a_contradiction():
    table = qca.truth_table(comparison({"x": [1, 0, 1], "y": [1, 0, 0], "z": [0, 0, 0]}))
    clash = next(row for row in table.rows if row.number == 3)
    assert clash.contradictory
    assert clash.consistency == Fraction(1, 2)
    assert clash.deviant == ()
    lenient = qca.truth_table(comparison({"x": [1, 0, 1], "y": [1, 0, 0]}), cutoff=Fraction(1, 2))
    assert lenient.rows[0].deviant == ("y",)


def test_a_case_scored_one_half_belongs_to_no_row_and_is_named():
    table = qca.truth_table(comparison({"clear": [1, 1, 1], "half": [0.5, 1, 1]}))
    assert table.undecided == ("half",)
    assert [member.case for row in table.rows for member in row.members] == ["clear"]


def test_a_case_without_a_score_is_left_out_and_named():
    document = comparison({"whole": [1, 1, 1], "part": [1, 1, 1]})
    del document["cases"][1]["values"]["b"]
    assert qca.truth_table(document).unscored == ("part",)
    assert qca.truth_table(document, ["a"]).unscored == ()
    assert "part" not in qca.table_csv(document)


def test_fewer_conditions_gather_more_cases():
    table = qca.truth_table(comparison(HAND), ["a"])
    assert [column.key for column in table.conditions] == ["a"]
    assert [(row.number, row.n) for row in table.rows] == [(2, 3)]


def test_no_condition_no_rows():
    assert qca.truth_table(comparison(HAND), []).rows == ()


def test_a_row_that_says_nothing_about_the_outcome_has_no_pri():
    row = qca.truth_table(comparison({"x": [0.6, 0.6, 0.5]}, outcome="y")).rows[0]
    assert row.pri == 0
    certain = qca.truth_table(comparison({"x": [1, 1, 0.5], "z": [0, 0, 0]})).rows[1]
    assert certain.consistency == Fraction(1, 2)
    none = qca.truth_table(comparison({"x": [0.6, 0.6, 0.6], "w": [0.4, 0.4, 0.5]}))
    assert all(row.pri is None or 0 <= row.pri <= 1 for row in none.rows)


SCORES = st.one_of(st.sampled_from([0, 0.33, 0.5, 0.67, 1]), st.integers(0, 100).map(lambda number: number / 100))
DOCUMENTS = st.integers(1, 5).flatmap(
    lambda width: st.dictionaries(
        st.sampled_from([f"case-{number}" for number in range(12)]),
        st.lists(SCORES, min_size=width + 1, max_size=width + 1),
        min_size=1,
    ).map(lambda scores: comparison(scores, keys=[f"k{number}" for number in range(width)]))
)


@pytest.mark.slow
@given(DOCUMENTS)
def test_consistency_stays_in_bounds_and_each_case_has_one_row(document):
    table = qca.truth_table(document)
    placed = [member.case for row in table.rows for member in row.members]
    assert sorted([*placed, *table.undecided]) == sorted(case["case"] for case in document["cases"])
    assert [row.number for row in table.rows] == sorted({row.number for row in table.rows})
    for row in table.rows:
        assert 0 <= row.consistency <= 1
        assert row.pri is None or 0 <= row.pri <= row.consistency
        assert 1 <= row.number <= table.combinations
        assert all(member.membership > Fraction(1, 2) for member in row.members)
        assert row.out == ("1" if row.consistency >= table.cutoff else "0")


@given(DOCUMENTS)
def test_a_case_is_in_no_row_but_its_own(document):
    table = qca.truth_table(document)
    keys = [column.key for column in table.conditions]
    for case in document["cases"]:
        values = [qca.exact_score(case["values"][key]["score"]) for key in keys]
        homes = [row for row in table.rows if qca.row_membership(values, row.present) > Fraction(1, 2)]
        assert len(homes) == (0 if case["case"] in table.undecided else 1)


@pytest.mark.slow
@given(DOCUMENTS)
def test_turning_the_outcome_round_turns_consistency_round_where_all_is_crisp(document):
    for case in document["cases"]:
        for value in case["values"].values():
            value["score"] = round(value["score"])
    turned = {
        **document,
        "cases": [
            {**case, "values": {**case["values"], "y": {"score": 1 - case["values"]["y"]["score"]}}}
            for case in document["cases"]
        ],
    }
    for one, other in zip(qca.truth_table(document).rows, qca.truth_table(turned).rows, strict=True):
        assert one.consistency + other.consistency == 1
        assert one.contradictory == (0 < one.consistency < 1)


@pytest.mark.parametrize("text", ["0.8", "1", ".75", "0.8000", "1.0"])
def test_cut_offs_that_make_sense(text):
    assert 0 < qca.parse_cutoff(text) <= 1


@pytest.mark.parametrize(
    "text", ["0", "1.01", "2", "-0.5", "80%", "0,8", "nan", "inf", "", " ", "1e-1", "٠.٨", "\x000.8", "9" * 5000, "1/2"]
)
def test_cut_offs_that_make_none(text):
    with pytest.raises(qca.CannotCompare, match=r"such as 0\.8"):
        qca.parse_cutoff(text)


def test_names_that_r_takes():
    names = qca.r_names(["early_escalation", "9lives", "true", "a-b", "a_b", "née", "out", "", "case"])
    assert names == ["EARLY_ESCALATION", "X9LIVES", "TRUE_", "A_B", "A_B_", "N_E", "OUT_", "X", "CASE_"]
    assert len(set(names)) == len(names)


def test_the_data_is_a_plain_table_with_decimal_points_and_no_formula():
    document = comparison({"=cmd|' /C calc'!A0": [0.33, 1, 0], "-case": [0, 0.67, 1]})
    rows = list(csv.reader(io.StringIO(qca.table_csv(document))))
    assert rows[0] == ["CASE", "A", "B", "Y"]
    assert [row[1:] for row in rows[1:]] == [["0.33", "1", "0"], ["0", "0.67", "1"]]
    assert [row[0] for row in rows[1:]] == ["'=cmd|' /C calc'!A0", "'-case"]


@pytest.mark.skipif(RSCRIPT is None, reason="needs R")
@pytest.mark.parametrize("keys", [None, ["control_transferred", "monitoring_after_exit"], ["settled_new_leadership"]])
def test_r_reads_the_data_and_computes_the_same_table(keys, shipped, tmp_path):
    document = shipped.members["comparison"][0]
    table = qca.truth_table(document, keys)
    path = tmp_path / "data.csv"
    path.write_text(qca.table_csv(document), encoding="utf-8")
    columns = [column.name for column in table.conditions]
    asked = [RSCRIPT, str(HERE / "truth_table.R"), str(path), table.outcome.name, *columns]
    answer = subprocess.run(asked, capture_output=True, text=True, check=True, timeout=60).stdout
    computed = [
        (
            str(row.number),
            str(row.n),
            f"{float(row.consistency):.6f}",
            "NaN" if row.pri is None else f"{float(row.pri):.6f}",
            " ".join(member.case for member in row.members),
        )
        for row in table.rows
    ]
    assert [tuple(line.split(",")) for line in answer.splitlines()] == computed


def test_the_script_names_columns_that_the_data_has():
    document = comparison(HAND)
    table = qca.truth_table(document, ["b"], Fraction(3, 4), Fraction(1, 2))
    script = qca.truth_table_script(table, "https://example.org/data.csv")
    header = qca.table_csv(document).splitlines()[0].split(",")
    assert table.outcome.name in header
    assert 'conditions = "B"' in script
    assert "incl.cut = c(0.75, 0.5)" in script
    assert 'read.csv("https://example.org/data.csv", row.names = 1)' in script
