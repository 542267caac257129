"""Raters rate alone; what two people agree on is what counts; no component is skipped and nothing is added up."""

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from failure_lessons.confidence.inter_rater import compare_raters
from failure_lessons.confidence.models import CerqualBase
from failure_lessons.confidence.services import CannotRate, confirm_assessment, propose_assessment, rate_confidence
from failure_lessons.history.models import Change
from failure_lessons.publishing.renditions import render_records
from literature.models import ReviewFinding
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def finding(review):
    return ReviewFinding.objects.create(
        review=review, code="ZB1-F1", slug="zb1-f1", statement="Zebras are seen late.", phase="identification"
    )


@pytest.fixture(params=["finding", "lesson"])
def record(request, finding):
    """A review finding, then a lesson: the same rules hold."""
    if request.param == "finding":
        return finding
    made = factories.lesson()
    made.assessments.all().delete()
    return made


def values(level="minor-concerns", overall="moderate", word="stripes"):
    return {
        **dict.fromkeys(CerqualBase.COMPONENTS, level),
        **{f"{name}_reason": f"About {word}." for name in (*CerqualBase.COMPONENTS, "overall")},
        "overall": overall,
    }


def page_of(record, page):
    return reverse(f"admin:{record._meta.app_label}_{record._meta.model_name}_{page}", args=[record.pk])


@pytest.mark.slow
@pytest.mark.parametrize("left_out", [*values()])
def test_nothing_can_be_left_out(record, ann, browser_of, left_out):
    with pytest.raises(CannotRate):
        rate_confidence(record=record, values={**values(), left_out: " "}, by=ann)
    answer = browser_of(ann).post(page_of(record, "rate"), {**values(), left_out: ""})
    assert answer.status_code == 422
    assert not record.assessments.exists()


@pytest.mark.parametrize("level", ["no", "x" * 300, "minor-concerns\0x"])
def test_a_level_is_one_of_the_method(record, ann, level):
    with pytest.raises(CannotRate):
        rate_confidence(record=record, values=values(level), by=ann)


@pytest.mark.slow
def test_two_rate_and_two_agree(record, ann, ben):
    rate_confidence(record=record, values=values(), by=ann)
    with pytest.raises(CannotRate, match="Two people have to rate"):
        propose_assessment(record=record, values=values(), by=ann)
    rate_confidence(record=record, values=values("moderate-concerns", "low"), by=ben)
    proposal = propose_assessment(record=record, values=values("moderate-concerns", "moderate"), by=ann)
    assert not record.assessments.filter(agreed=True).exists()
    with pytest.raises(CannotRate, match="Somebody else has to confirm"):
        confirm_assessment(record=record, proposal=proposal.pk, by=ann)
    newer = propose_assessment(record=record, values=values("moderate-concerns", "low"), by=ann)
    with pytest.raises(CannotRate, match="replaced or confirmed"):
        confirm_assessment(record=record, proposal=proposal.pk, by=ben)
    confirm_assessment(record=record, proposal=newer.pk, by=ben)
    agreed = record.assessments.get(agreed=True)
    assert (agreed.proposed_by, agreed.confirmed_by, agreed.overall) == (ann, ben, "low")
    assert render_records([record])[0].entry["cerqual"] == agreed.entry()
    assert record.assessments.filter(rater__isnull=False).count() == 2, "ratings stay as they were given"


def test_a_newer_agreement_takes_the_place_of_the_older(record, ann, ben):
    for person in (ann, ben):
        rate_confidence(record=record, values=values(), by=person)
    for overall in ("low", "high"):
        confirm_assessment(
            record=record, proposal=propose_assessment(record=record, values=values(overall=overall), by=ann).pk, by=ben
        )
    assert [each.overall for each in record.assessments.filter(agreed=True)] == ["high"]


def test_a_rating_may_be_changed_until_another_is_there(record, ann, ben):
    rate_confidence(record=record, values=values(), by=ann)
    rate_confidence(record=record, values=values(overall="low"), by=ann)
    assert record.assessments.get().overall == "low"
    rate_confidence(record=record, values=values(), by=ben)
    with pytest.raises(CannotRate, match="your rating stands"):
        rate_confidence(record=record, values=values(), by=ann)


def test_one_of_those_who_agree_has_rated(record, ann, ben, cat, person):
    for each in (ann, ben):
        rate_confidence(record=record, values=values(), by=each)
    proposal = propose_assessment(record=record, values=values(), by=cat)
    with pytest.raises(CannotRate, match="has to be a rater"):
        confirm_assessment(record=record, proposal=proposal.pk, by=person("dee", "reviewer"))


def test_the_database_wants_two_people(record, ann):
    name = record.assessments.field.name
    model = record.assessments.model
    good = {name: record, **values()}
    for wrong in (
        {"proposed_by": ann, "confirmed_by": ann, "agreed": True},
        {"proposed_by": ann, "agreed": True},
        {"proposed_by": ann, "rater": ann},
        {"confirmed_by": ann},
    ):
        with pytest.raises(IntegrityError, match="two_people_agree"), transaction.atomic():
            model.objects.create(**good, **wrong)


@pytest.mark.slow
def test_a_rater_sees_no_other_rating_before_giving_their_own(record, ann, ben, cat, browser_of):
    rate_confidence(record=record, values=values(word="secretstripes"), by=ann)
    rate_confidence(
        record=record, values=values(word="latersecretstripes"), by=ann
    )  # what was taken back is a secret as well
    desk = browser_of(ben)
    addresses = [page_of(record, page) for page in ("rate", "confidence", "change", "history")]
    if isinstance(record, ReviewFinding):
        review = [record.review.pk]
        addresses += [
            reverse(f"admin:literature_literaturereview_{page}", args=review) for page in ("change", "history")
        ]
        addresses += [reverse(f"admin:literature_review_{page}", args=review) for page in ("desk", "profile")]
    for address in addresses:
        answer = desk.get(address, follow=True)  # a finding is written in the form of its review
        assert answer.status_code == 200, address
        assert "secretstripes" not in answer.content.decode(), address
    assert Change.objects.filter(after__coherence_reason__icontains="secretstripes").exists()
    assert "latersecretstripes" in browser_of(cat).get(addresses[1]).content.decode(), "a reviewer does not rate"
    rate_confidence(record=record, values=values(), by=ben)
    assert "latersecretstripes" in desk.get(addresses[1]).content.decode()


@pytest.mark.slow
def test_rating_proposing_and_confirming_on_the_pages(record, ann, ben, cat, person, browser_of):
    for each in (ann, ben):
        assert browser_of(each).post(page_of(record, "rate"), values()).status_code == 302
    assert browser_of(cat).get(page_of(record, "rate")).status_code == 403
    stranger = browser_of(person("nobody"))
    assert stranger.get(page_of(record, "confidence")).status_code == 403
    address = page_of(record, "confidence")
    refused = browser_of(ann).post(address, {**values(), "coherence_reason": ""})
    assert refused.status_code == 422
    assert "Coherence: say why." in refused.content.decode()
    assert browser_of(ann).post(address, values(overall="low")).status_code == 302
    proposal = record.assessments.get(proposed_by=ann)
    assert "Confirm as agreed" not in browser_of(ann).get(address).content.decode()
    assert "Confirm as agreed" in browser_of(ben).get(address).content.decode()
    stale = browser_of(ben).post(address, {"confirm": "9999999"}, follow=True)
    assert "replaced or confirmed" in stale.content.decode()
    browser_of(ben).post(address, {"confirm": proposal.pk})
    assert record.assessments.get(agreed=True).overall == "low"
    assert "Agreed by ann and ben" in browser_of(cat).get(address).content.decode()


def test_agreement_of_raters_across_findings(review, ann, ben):
    for number, (one, other) in enumerate(
        [("no-or-very-minor-concerns",) * 2, ("minor-concerns", "moderate-concerns")]
    ):
        finding = ReviewFinding.objects.create(
            review=review, code=f"ZB2-F{number}", slug=f"zb2-f{number}", statement="S.", phase="identification"
        )
        rate_confidence(record=finding, values=values(one), by=ann)
        rate_confidence(record=finding, values=values(other), by=ben)
    rows = ReviewFinding.assessments.rel.related_model.objects.filter(finding__review=review).select_related("rater")
    [pair] = compare_raters(rows, "finding_id")
    assert (pair.one, pair.other, pair.total) == ("ann", "ben", 2)
    parts = dict(pair.parts)
    # by hand, linear weights of four levels: observed (1 + 2/3) / 2; expected (1 + 1/3 + 2/3 + 2/3) / 4
    assert parts["coherence"].observed == pytest.approx(5 / 6)
    assert parts["coherence"].expected == pytest.approx(2 / 3)
    assert parts["coherence"].kappa == pytest.approx(0.5)
    assert "one category" in parts["overall"].why_no_kappa
