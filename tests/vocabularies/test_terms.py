"""Terms that teams add: offered in forms, kept by the database, refused where they are unknown."""

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from casestudies.models import CaseStudy, Intervention
from casestudies.paste_import import cells
from failure_lessons.bulk.cells import CannotUse
from failure_lessons.bulk.columns import columns_of
from failure_lessons.constraints import broken_rule
from failure_lessons.history.models import Change
from failure_lessons.vocabularies.choices import TeamVocabulary
from failure_lessons.vocabularies.models import VocabularyTerm
from failure_lessons.vocabularies.services import count_uses
from failure_lessons.vocabularies.terms import keep_terms, list_terms, offered_terms
from literature.models import Appraisal, AppraisalAnswer, LiteratureReview, Screening
from recommendations.models import Recommendation
from tests import factories

pytestmark = pytest.mark.django_db


def add_term(vocabulary="failure-type", code="data-protection", label="Data protection", **values):
    return VocabularyTerm.objects.create(vocabulary=vocabulary, code=code, label=label, **values)


def retire(vocabulary, code):
    VocabularyTerm.objects.filter(vocabulary=vocabulary, code=code).update(retired=True)


def review_with_study():
    review = LiteratureReview.objects.create(
        slug="review-of-tools", title="T", question="Q?", review_type="rapid-review", sector="health"
    )
    study = factories.reference()
    Screening.objects.create(review=review, reference=study, stage="full-text", decision="include", reason="Fits.")
    return review, study


def test_a_library_starts_with_terms_in_their_order():
    assert [each.code for each in list_terms("failure-type")][:3] == ["quality", "safety", "financial"]
    assert [each.label for each in list_terms("framework")] == ["SPICE", "PICo"]
    assert len(list_terms("intervention")) == 15
    assert not any(each.retired for vocabulary in TeamVocabulary for each in list_terms(vocabulary))


# the database


def test_the_database_refuses_an_unknown_code_in_a_list_and_in_a_field():
    case = factories.case()
    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        CaseStudy.objects.filter(pk=case.pk).update(failure_types=["quality", "qualty"])
    assert broken_rule(refused.value) == "The failure types of a case study must be in the vocabulary."
    with pytest.raises(IntegrityError), transaction.atomic():
        Intervention.objects.create(case=case, kind="magic", title="A spell")
    add_term()
    CaseStudy.objects.filter(pk=case.pk).update(failure_types=["quality", "data-protection"])


def test_a_code_of_another_vocabulary_is_unknown():
    add_term(vocabulary="intervention", code="twinning", label="Twinning")
    with pytest.raises(IntegrityError), transaction.atomic():
        CaseStudy.objects.filter(pk=factories.case().pk).update(failure_types=["twinning"])


@pytest.mark.parametrize("use", ["case", "recommendation", "intervention", "framework", "appraisal", "answer"])
def test_the_database_keeps_a_term_that_is_used(use):
    failure_types, tools = ("case", "recommendation"), ("appraisal", "answer")
    vocabulary = "failure-type" if use in failure_types else "appraisal-tool" if use in tools else use
    term = add_term(code="new-term", label="New term", vocabulary=vocabulary)
    if use == "case":
        CaseStudy.objects.filter(pk=factories.case().pk).update(failure_types=["new-term"])
    elif use == "recommendation":
        Recommendation.objects.filter(pk=factories.recommendation().pk).update(failure_types=["quality", "new-term"])
    elif use == "intervention":
        Intervention.objects.create(case=factories.case(), kind="new-term", title="Something")
    else:
        review, study = review_with_study()
        if use == "framework":
            LiteratureReview.objects.filter(pk=review.pk).update(framework="new-term")
        elif use == "appraisal":
            Appraisal.objects.create(review=review, reference=study, tool="new-term", judgement="high")
        else:  # answers belong to the checklists of the code
            term = VocabularyTerm.objects.get(vocabulary="appraisal-tool", code="mmat")
            Appraisal.objects.filter(tool="mmat").delete()
            AppraisalAnswer.objects.create(review=review, reference=study, tool="mmat", item="S1", answer="yes")
    assert sum(count_uses(term).values()) >= 1
    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        term.delete()
    assert broken_rule(refused.value) == "A term that is used stays."


def test_a_term_that_nothing_uses_can_be_deleted():
    add_term().delete()
    assert not VocabularyTerm.objects.filter(code="data-protection").exists()


def test_a_term_keeps_its_code_and_may_have_a_better_label():
    term = add_term()
    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        VocabularyTerm.objects.filter(pk=term.pk).update(code="privacy")
    assert broken_rule(refused.value) == "A term keeps its vocabulary and its code."
    VocabularyTerm.objects.filter(pk=term.pk).update(label="Privacy")
    assert Change.objects.of(term).count() == 2  # added, given another label


@pytest.mark.parametrize("code", ["Data", "data protection", "-data", ""])
def test_a_code_is_lower_case_with_hyphens(code):
    with pytest.raises(IntegrityError), transaction.atomic():
        add_term(code=code)


def test_a_retired_term_stays_valid_where_it_was_chosen():
    case = factories.case()
    retire("failure-type", "quality")
    case.refresh_from_db()
    case.title = "Another title"
    case.full_clean(exclude=["slug"])
    case.save()
    assert CaseStudy.objects.get(pk=case.pk).failure_types == ["quality"]


def test_a_model_refuses_an_unknown_code_with_a_hint():
    case = factories.case()
    case.failure_types = ["saftey"]
    with pytest.raises(ValidationError, match="Did you mean “safety”"):
        case.full_clean()


def test_terms_are_read_once_within_a_request(django_assert_num_queries):
    with keep_terms(), django_assert_num_queries(1):
        for vocabulary in TeamVocabulary:
            assert offered_terms(vocabulary)


# forms


def checkbox_codes(page):
    boxes = (line for line in page.split("<input") if 'name="failure_types"' in line)
    return [box.split('value="')[1].split('"')[0] for box in boxes]


@pytest.mark.slow
def test_a_form_offers_new_terms_and_retired_ones_only_where_they_were_chosen(person, browser_of):
    add_term()
    retire("failure-type", "quality")
    retire("failure-type", "safety")
    case = factories.case()  # of the type “quality”
    desk = browser_of(person("somebody", "researcher"))
    codes = checkbox_codes(desk.get(reverse("admin:casestudies_casestudy_change", args=[case.pk])).content.decode())
    assert "quality" in codes
    assert "data-protection" in codes
    assert "safety" not in codes
    codes = checkbox_codes(desk.get(reverse("admin:casestudies_casestudy_add")).content.decode())
    assert "data-protection" in codes
    assert "quality" not in codes


@pytest.mark.slow
def test_a_form_refuses_a_retired_term_that_was_not_chosen_and_an_unknown_one_with_a_hint(person, browser_of):
    retire("failure-type", "safety")
    desk = browser_of(person("somebody", "researcher"))
    address = reverse("admin:casestudies_casestudy_add")
    sent = {"title": "T", "slug": "t", "sector": "health", "start_edtf": "1996"}
    answer = desk.post(address, {**sent, "failure_types": ["safety"]})
    assert "“safety” is not a known code" in answer.content.decode()
    answer = desk.post(address, {**sent, "failure_types": ["goverance"]})
    assert "Did you mean “governance”?" in answer.content.decode()
    assert not CaseStudy.objects.filter(slug="t").exists()


@pytest.mark.slow
def test_the_rows_of_a_case_offer_a_new_kind_of_intervention(person, browser_of):
    add_term(vocabulary="intervention", code="twinning", label="Twinning")
    retire("intervention", "closure")
    case = factories.case()
    Intervention.objects.create(case=case, kind="twinning", title="Paired")
    page = (
        browser_of(person("somebody", "researcher"))
        .get(reverse("admin:casestudies_casestudy_change", args=[case.pk]))
        .content.decode()
    )
    assert '<option value="twinning" selected>Twinning</option>' in page
    assert 'value="closure"' not in page


@pytest.mark.slow
def test_a_form_asks_for_terms_once_however_many_rows(person, browser_of):
    def ask_for_terms(rows):
        case = factories.case()
        for number in range(rows):
            Intervention.objects.create(case=case, kind="closure", title=f"Closed {number}", position=number)
        with CaptureQueriesContext(connection) as asked:
            page = desk.get(reverse("admin:casestudies_casestudy_change", args=[case.pk])).content.decode()
        assert page.count('<option value="closure" selected>') == rows
        return sum("vocabularyterm" in each["sql"] for each in asked.captured_queries)

    desk = browser_of(person("somebody", "researcher"))
    assert ask_for_terms(1) == ask_for_terms(12) == 1


# sheets and pasted rows


def test_a_sheet_offers_current_terms_understands_retired_ones_and_refuses_unknown_ones_with_a_hint():
    add_term()
    retire("failure-type", "contract")
    column = next(each for each in columns_of(CaseStudy) if each.name == "failure_types")
    assert column.value("Data protection; contract", {}) == ["data-protection", "contract"]
    with pytest.raises(CannotUse, match="Did you mean “Governance”") as refused:
        column.value("Governence", {})
    assert "Contract" not in str(refused.value)
    kinds = next(each for each in columns_of(Intervention) if each.name == "kind")
    assert "Merger or takeover" in kinds.choices


def test_pasted_rows_know_new_terms(person):
    add_term(vocabulary="intervention", code="twinning", label="Twinning")
    assert cells.parse_code_cell("twinning", offered_terms("intervention")) == "twinning"
    with pytest.raises(cells.CannotReadCell, match="Did you mean “Twinning”"):
        cells.parse_code_cell("twining", offered_terms("intervention"))


# the pages of stewards


def test_a_steward_adds_gives_a_label_and_retires(person, browser_of):
    steward = person("somebody", "steward")
    desk = browser_of(steward)
    sent = {"vocabulary": "failure-type", "label": "Data protection", "code": "data-protection", "position": "80"}
    assert desk.post(reverse("admin:vocabularies_vocabularyterm_add"), sent).status_code == 302
    term = VocabularyTerm.objects.get(code="data-protection")
    change = reverse("admin:vocabularies_vocabularyterm_change", args=[term.pk])
    version = Change.objects.of(term).latest("pk").pk
    sent = {"label": "Privacy", "position": "80", "retired": "on", "code": "privacy", "_version": version}
    assert desk.post(change, sent).status_code == 302
    term.refresh_from_db()
    assert (term.code, term.label, term.retired) == ("data-protection", "Privacy", True)
    history = desk.get(reverse("admin:vocabularies_vocabularyterm_history", args=[term.pk])).content.decode()
    assert "Privacy" in history
    assert str(steward) in history


def test_a_steward_who_saves_over_somebody_else_is_told(person, browser_of):
    term = add_term()
    desk = browser_of(person("somebody", "steward"))
    change = reverse("admin:vocabularies_vocabularyterm_change", args=[term.pk])
    answer = desk.post(change, {"label": "Privacy", "position": "80", "_version": "0"})
    assert "saved this record after you opened it" in answer.content.decode()
    term.refresh_from_db()
    assert term.label == "Data protection"


def test_a_steward_cannot_delete_a_used_term_and_reads_why(person, browser_of):
    factories.case()
    term = VocabularyTerm.objects.get(vocabulary="failure-type", code="quality")
    desk = browser_of(person("somebody", "steward"))
    answer = desk.post(
        reverse("admin:vocabularies_vocabularyterm_delete", args=[term.pk]), {"post": "yes"}, follow=True
    )
    assert "stays, because it is used" in answer.content.decode()
    assert "case stud" in answer.content.decode()
    assert VocabularyTerm.objects.filter(pk=term.pk).exists()
    unused = add_term()
    desk.post(reverse("admin:vocabularies_vocabularyterm_delete", args=[unused.pk]), {"post": "yes"})
    assert not VocabularyTerm.objects.filter(pk=unused.pk).exists()


@pytest.mark.parametrize("role", ["researcher", "reviewer", "publisher"])
def test_nobody_but_stewards_changes_terms(role, person, browser_of):
    desk = browser_of(person("somebody", role))
    assert desk.get(reverse("admin:vocabularies_vocabularyterm_changelist")).status_code == 200
    assert desk.get(reverse("admin:vocabularies_vocabularyterm_add")).status_code == 403


def test_the_list_of_terms_narrows_to_a_vocabulary_and_finds_by_words(person, browser_of):
    desk = browser_of(person("somebody", "steward"))
    page = desk.get(reverse("admin:vocabularies_vocabularyterm_changelist"), {"vocabulary__exact": "framework"})
    assert "SPICE" in page.content.decode()
    assert "Governance" not in page.content.decode()
    page = desk.get(reverse("admin:vocabularies_vocabularyterm_changelist"), {"q": "takeover"})
    assert "Merger or takeover" in page.content.decode()
    assert "SPICE" not in page.content.decode()


# appraising


@pytest.mark.slow
def test_a_tool_without_a_checklist_has_judgement_and_note_alone(person, browser_of):
    add_term(vocabulary="appraisal-tool", code="jbi", label="JBI")
    review, study = review_with_study()
    desk = browser_of(person("somebody", "researcher"))
    address = reverse("admin:literature_review_appraise_study", args=[review.pk, study.pk]) + "?tool=jbi"
    page = desk.get(address).content.decode()
    assert "no questions of this tool" in page
    assert 'name="answer-' not in page
    for reader in (desk, browser_of(person("another", "researcher"))):
        version = reader.get(address).context["version"]
        answer = reader.post(address, {"version": version, "judgement": "high", "note": "Sound."})
        assert answer.status_code == 302
    assert Appraisal.objects.get(review=review, reference=study).tool == "jbi"
    rows = desk.get(reverse("admin:literature_review_appraise", args=[review.pk])).content.decode()
    assert "JBI" in rows
    narrowed = desk.get(reverse("admin:literature_appraisal_changelist"), {"tool": "jbi"}).content.decode()
    assert ("1 appraisal" in narrowed and study.title in narrowed) or str(study) in narrowed


def test_a_retired_tool_is_not_offered_for_a_new_appraisal(person, browser_of):
    review, study = review_with_study()
    retire("appraisal-tool", "mmat")
    desk = browser_of(person("somebody", "researcher"))
    address = reverse("admin:literature_review_appraise_study", args=[review.pk, study.pk])
    page = desk.get(address).content.decode()
    assert "?tool=mmat" not in page
    assert "?tool=aacods" in page
    version = page.split('name="version" value="')[1].split('"')[0]
    assert desk.get(f"{address}?tool=mmat").status_code == 404
    answer = desk.post(f"{address}?tool=mmat", {"version": version, "judgement": "high", "note": "Typed before."})
    assert answer.status_code == 409
    assert "Choose one of the tools" in answer.content.decode()
    assert "Typed before." in answer.content.decode(), "nothing that was typed is lost"
