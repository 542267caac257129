"""The PRISMA flow."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from literature.prisma import compute_prisma_flow

# worked out by hand from the searches and decisions in the shipped files
SHIPPED = {
    "failing-schools-and-colleges": (184, 27, 7, 1, 20, 19),
    "failure-in-prisons-probation-and-police": (144, 19, 3, 3, 16, 13),
    "nhs-early-warning-and-failure-regimes": (360, 43, 14, 0, 29, 29),
}


@pytest.mark.parametrize("slug", SHIPPED)
def test_the_shipped_reviews(slug, shipped):
    review = next(each for each in shipped["literature-reviews"] if each["slug"] == slug)
    found = compute_prisma_flow(review["search"], review["screening"])
    names = (
        "records_identified",
        "records_screened",
        "records_excluded",
        "reports_assessed",
        "studies_included",
        "included_on_title_and_abstract_only",
    )
    assert tuple(found[name] for name in names) == SHIPPED[slug]
    assert found["removed_before_screening"] == found["records_identified"] - found["records_screened"]
    assert "warnings" not in found


def test_the_full_text_decision_counts():
    rows = [
        {"ref": "a", "stage": "title-abstract", "decision": "include", "reason": "fits"},
        {"ref": "a", "stage": "full-text", "decision": "exclude", "reason": "no data"},
    ]
    found = compute_prisma_flow([{"records_found": 1}], rows)
    assert (found["studies_included"], found["reports_excluded"]) == (0, 1)
    assert found["exclusion_reasons"] == {"no data": 1}


@given(
    st.lists(st.integers(0, 50), max_size=4),
    st.dictionaries(
        st.tuples(st.sampled_from("abcde"), st.sampled_from(["title-abstract", "full-text"])),
        st.sampled_from(["include", "exclude"]),
    ),
    st.integers(0, 50),
    st.booleans(),
)
def test_the_boxes_never_contradict_each_other(found, decisions, unscreened, waits):
    rows = [
        {"ref": ref, "stage": stage, "decision": decision, "reason": "r"}
        for (ref, stage), decision in decisions.items()
    ]
    kept = {ref for (ref, stage), decision in decisions.items() if stage == "title-abstract" and decision == "include"}
    reports = sorted(kept - {ref for ref, stage in decisions if stage == "full-text"}) if waits else []
    searches = [{"records_found": number} for number in found]
    result = compute_prisma_flow(searches, rows, {"records": unscreened, "reports": reports})
    counts = [value for value in result.values() if isinstance(value, int)]
    assert min(counts) >= 0
    excluded = sum(result["exclusion_reasons"].values())
    assert result["studies_included"] + excluded + len(reports) == result["records_screened"]
    assert ("warnings" in result) == (result["records_screened"] + unscreened > result["records_identified"])
