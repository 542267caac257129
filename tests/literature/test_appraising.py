"""Included studies are appraised with a checklist; answers are kept, the judgement is chosen."""

import pytest
from django.urls import reverse

from failure_lessons.publishing.renditions import render_records
from literature.appraising.checklists import CHECKLISTS
from literature.appraising.services import CannotAppraise, appraise_study
from literature.models import AppraisalAnswer, PaperAgreement, Screening, StudyPaper
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def study(review):
    made = factories.reference("Zebras in care")
    Screening.objects.create(review=review, reference=made, stage="title-abstract", decision="include", reason="Fits.")
    return made


def test_the_checklists_have_as_many_questions_as_the_originals():
    assert {tool: len(each.items) for tool, each in CHECKLISTS.items()} == {
        "casp-qualitative": 10,
        "mmat": 27,
        "aacods": 6,
    }
    for each in CHECKLISTS.values():
        assert len({item.code for item in each.items}) == len(each.items)
        assert each.source
        assert each.version


def test_answers_are_kept_and_never_make_the_judgement(review, study, ann):
    no = {item.code: ("no", "") for item in CHECKLISTS["casp-qualitative"].items}
    appraise_study(review=review, reference=study, tool="casp-qualitative", answers=no, by=ann)
    assert set(AppraisalAnswer.objects.values_list("answer", flat=True)) == {"no"}
    assert AppraisalAnswer.objects.count() == 10
    assert not review.appraisals.exists()
    appraise_study(
        review=review,
        reference=study,
        tool="casp-qualitative",
        answers={"1": ("yes", "Plainly."), "2": ("", "")},
        judgement="high",
        note="Rich all the same.",
        by=ann,
    )
    assert (review.appraisals.get().judgement, review.appraisals.get().note) == ("high", "Rich all the same.")
    assert AppraisalAnswer.objects.get(item="1").comment == "Plainly."
    assert not AppraisalAnswer.objects.filter(item="2").exists()
    entry = render_records([review])[0].entry
    assert entry["appraisal"] == [
        {"ref": study.slug, "tool": "casp-qualitative", "judgement": "high", "note": "Rich all the same."}
    ]


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"tool": "casp"}, "one of the tools"),
        ({"answers": {"11": ("yes", "")}}, "answer yes, no"),
        ({"answers": {"1": ("perhaps", "")}}, "answer yes, no"),
        ({"answers": {"1": ("", "But.")}}, "choose an answer"),
        ({"answers": {"1": ("yes", "x" * 4001)}}, "at most 4000"),
        ({"answers": {"1": ("yes", "a\0b")}}, "plain text"),
        ({"judgement": "fine"}, "one of the judgements"),
        ({"note": "But."}, "judgement beside your note"),
    ],
)
def test_an_appraisal_that_makes_no_sense_is_refused_whole(review, study, ann, asked, words):
    answers = {"2": ("yes", ""), **asked.pop("answers", {})}
    with pytest.raises(CannotAppraise, match=words):
        appraise_study(
            **{"review": review, "reference": study, "tool": "casp-qualitative", "answers": answers, "by": ann, **asked}
        )
    assert not AppraisalAnswer.objects.exists()


def test_only_included_studies_are_appraised(review, study, ann):
    Screening.objects.create(review=review, reference=study, stage="full-text", decision="exclude", reason="No data.")
    with pytest.raises(CannotAppraise, match="not included"):
        appraise_study(review=review, reference=study, tool="mmat", answers={}, judgement="low", by=ann)


@pytest.mark.slow
def test_two_appraise_alone_and_agree_and_no_update_is_lost(review, study, browser_of, ann, ben, cat):
    address = reverse("admin:literature_review_appraise_study", args=[review.pk, study.pk])
    mmat, agree = f"{address}?tool=mmat", f"{address}agree/?tool=mmat"
    page = browser_of(ann).get(address, {"tool": "mmat"})
    assert "answer the first two" in page.content.decode()
    sent = {"answer-S1": "yes", "comment-S1": "Clear.", "judgement": "moderate", "note": "Fair."}
    sent["version"] = page.context["version"]
    assert browser_of(ann).post(mmat, sent).status_code == 302
    late = browser_of(ann).post(mmat, {**sent, "comment-S1": "My own words."})
    assert late.status_code == 409
    assert "My own words." in late.content.decode()
    again = {**sent, "comment-S1": "My own words.", "version": late.context["version"]}
    assert browser_of(ann).post(mmat, again).status_code == 302
    for other in (ben, cat):  # neither who appraises it too nor a reviewer sees what ann said
        for shown in (mmat, agree, reverse("admin:literature_review_appraise", args=[review.pk])):
            assert "My own words." not in browser_of(other).get(shown).content.decode()
    assert not review.appraisals.exists()
    assert not AppraisalAnswer.objects.exists()
    theirs = {"answer-S1": "no", "judgement": "high", "note": ""}
    theirs["version"] = browser_of(ben).get(mmat).context["version"]
    assert browser_of(ben).post(mmat, theirs).status_code == 302
    both = browser_of(ben).get(agree)
    assert "My own words." in both.content.decode()
    assert [each.question.key for each in both.context["differing"]] == ["S1", "judgement"]
    chosen = {"version": both.context["version"], "take-S1": "one"}
    assert "Judgement: choose what counts." in browser_of(ben).post(agree, chosen).content.decode()
    chosen |= {"take-judgement": "own", "own-choices-judgement": "moderate", "own-text-judgement": "Fair enough."}
    assert browser_of(ben).post(agree, chosen).status_code == 302
    assert not review.appraisals.exists(), "one of the two proposes; that alone counts for nothing"
    confirm = {"confirm": PaperAgreement.objects.get().pk}
    assert "The other of the two" in browser_of(ben).post(agree, confirm).content.decode()
    assert browser_of(ann).post(agree, confirm).status_code == 302
    assert (review.appraisals.get().judgement, review.appraisals.get().note) == ("moderate", "Fair enough.")
    assert (AppraisalAnswer.objects.get().answer, AppraisalAnswer.objects.get().comment) == ("yes", "My own words.")
    listed = browser_of(cat).get(reverse("admin:literature_review_appraise", args=[review.pk])).content.decode()
    assert "Moderate" in listed
    assert browser_of(cat).get(address).status_code == 403
    for wrong in (f"{address}?tool=nonsense", address.replace(str(study.pk), "999999")):
        assert browser_of(ann).get(wrong).status_code == 404


def test_two_who_judge_alike_need_no_agreement(review, study, browser_of, ann, ben):
    address = reverse("admin:literature_review_appraise_study", args=[review.pk, study.pk]) + "?tool=mmat"
    for person, comment in ((ann, "Clear."), (ben, "Plain.")):
        sent = {"answer-S1": "yes", "comment-S1": comment, "judgement": "low", "note": ""}
        sent["version"] = browser_of(person).get(address).context["version"]
        assert browser_of(person).post(address, sent).status_code == 302
    assert review.appraisals.get().judgement == "low"


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        ({"answer-S1": "perhaps"}, "answer yes, no"),
        ({"comment-S1": "But."}, "choose an answer"),
        ({"answer-S1": "yes", "comment-S1": "x" * 4001}, "at most 4,000"),
        ({"judgement": "fine"}, "one of the judgements"),
        ({"note": "But."}, "judgement beside your note"),
        ({"version": "older"}, "another window"),
    ],
)
def test_a_paper_that_makes_no_sense_is_refused_whole(review, study, browser_of, ann, sent, words):
    address = reverse("admin:literature_review_appraise_study", args=[review.pk, study.pk]) + "?tool=mmat"
    desk = browser_of(ann)
    answer = desk.post(address, {"version": desk.get(address).context["version"], **sent})
    assert answer.status_code == 409
    assert words in answer.context["reason"]
    assert not StudyPaper.objects.exists()
