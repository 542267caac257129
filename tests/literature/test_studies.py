"""Which studies a review includes."""

from literature.prisma import compute_prisma_flow
from literature.studies import list_excluded_studies, list_included_studies, order_framework_elements

REVIEW = {
    "screening": [
        {"ref": "a", "stage": "full-text", "decision": "exclude", "reason": "Opinion"},
        {"ref": "a", "stage": "title-abstract", "decision": "include", "reason": "Fits"},
        {"ref": "b", "stage": "title-abstract", "decision": "include", "reason": "Fits"},
    ],
    "appraisal": [{"ref": "b", "tool": "aacods", "judgement": "high", "note": "Good"}],
    "framework_elements": {"other": "x", "evaluation": "e", "setting": "s"},
}


def test_the_decision_on_the_full_text_counts():
    assert [study.screening["reason"] for study in list_excluded_studies(REVIEW)] == ["Opinion"]
    assert [study.screening["ref"] for study in list_included_studies(REVIEW)] == ["b"]


def test_no_decision_is_lost():
    assert [row["stage"] for row in list_excluded_studies(REVIEW)[0].decisions] == ["title-abstract", "full-text"]


def test_an_included_study_carries_its_appraisal():
    assert [row["judgement"] for row in list_included_studies(REVIEW)[0].appraisals] == ["high"]


def test_shipped_reviews_include_as_many_as_their_flow_says(shipped):
    for review in shipped.members["literature-reviews"]:
        prisma = compute_prisma_flow(review["search"], review["screening"])
        assert len(list_included_studies(review)) == prisma["studies_included"]
        assert len(list_excluded_studies(review)) == prisma["records_screened"] - prisma["studies_included"]


def test_elements_stand_in_the_order_of_the_framework():
    assert [name for name, _ in order_framework_elements(REVIEW)] == ["setting", "evaluation", "other"]
