"""Data are read out of included studies by two, each alone; what they agree on is the review's."""

import json

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from failure_lessons.history.models import Change
from failure_lessons.publishing.models import Publishable
from failure_lessons.publishing.renditions import render_records
from failure_lessons.workbench.tasks import give_task, list_tasks_on
from literature.extracting.answers import CannotRead, StudyQuestion, read_number, read_posted_answer
from literature.extracting.defining import QuestionWanted, define_extraction_form
from literature.extracting.services import (
    CannotExtract,
    agree_on_study,
    confirm_agreement,
    keep_paper,
    papers_on,
)
from literature.models import CharacteristicField, PaperAgreement, Screening, StudyCharacteristics, StudyPaper
from literature.study_papers import CHARACTERISTICS
from tests import factories

pytestmark = pytest.mark.django_db
QUESTIONS = (
    QuestionWanted("", "Setting", "choice", choices=("Prison", "School"), required=True),
    QuestionWanted("", "Methods", "choices", choices=("Interviews", "Records", "Survey")),
    QuestionWanted("", "Sample", "number", unit="people", help="Those analysed.", required=True),
    QuestionWanted("", "Country", "text"),
    QuestionWanted("", "Main point", "quoted"),
)
ANN = {
    "setting": {"choices": ["Prison"]},
    "methods": {"choices": ["Interviews", "Records"]},
    "sample": {"number": 1250},
    "country": {"text": "England"},
    "main-point": {"quotation": "Nobody had read the warnings", "locator": "p. 4", "text": "Late."},
}


@pytest.fixture
def form(review, ann):
    return define_extraction_form(review=review, questions=QUESTIONS, by=ann)


def include(review, title="Zebras in care"):
    made = factories.reference(title)
    Screening.objects.create(review=review, reference=made, stage="title-abstract", decision="include", reason="Fits.")
    return made


@pytest.fixture
def study(review, form):
    return include(review)


def keep(review, study, by, answers=ANN, done=True, **more):
    return keep_paper(review=review, reference=study, about=CHARACTERISTICS, answers=answers, done=done, by=by, **more)


def agree(review, study, by, answers=ANN, **more):
    return agree_on_study(review=review, reference=study, about=CHARACTERISTICS, answers=answers, by=by, **more)


def wanted_of(review):
    """The form as it stands, to be changed."""
    return [
        QuestionWanted(each.key, each.label, each.kind, each.unit, tuple(each.choices), each.help, each.required)
        for each in review.extraction_form.all()
    ]


def entry_of_review(review):
    return render_records([review])[0].entry


def test_two_who_answer_alike_have_agreed(review, study, ann, ben):
    keep(review, study, ann)
    assert not StudyCharacteristics.objects.exists()
    keep(review, study, ben, {**ANN, "country": {"text": "  england "}})
    assert StudyCharacteristics.objects.get().values == ANN
    assert (PaperAgreement.objects.get().by, PaperAgreement.objects.get().confirmed_by) == (ann, ben)
    [row] = entry_of_review(review)["characteristics"]
    assert row["ref"] == study.slug
    assert [each["field"] for each in row["values"]] == ["setting", "methods", "sample", "country", "main-point"]
    assert row["values"][2] == {"field": "sample", "number": 1250}


def test_where_two_differ_one_proposes_and_the_other_confirms(review, study, ann, ben):
    keep(review, study, ann)
    keep(review, study, ben, {**ANN, "sample": {"number": 1205}})
    assert not StudyCharacteristics.objects.exists()
    proposal = agree(review, study, ann, {**ANN, "sample": {"number": 1250, "text": "As in table 2."}})
    assert not StudyCharacteristics.objects.exists()
    with pytest.raises(CannotExtract, match="other of the two"):
        confirm_agreement(agreement=proposal, by=ann)
    confirm_agreement(agreement=proposal, by=ben)
    assert StudyCharacteristics.objects.get().values["sample"] == {"number": 1250, "text": "As in table 2."}
    with pytest.raises(CannotExtract, match="replaced or confirmed"):
        confirm_agreement(agreement=proposal, by=ben)
    assert [each.values["sample"]["number"] for each in papers_on(review, study, CHARACTERISTICS)] == [1250, 1205]


def test_a_third_person_settles_at_once(review, study, ann, ben, cat):
    keep(review, study, ann)
    keep(review, study, ben, {**ANN, "sample": {"not_reported": True}})
    assert agree(review, study, cat, {**ANN, "sample": {"not_reported": True}}).done
    assert StudyCharacteristics.objects.get().values["sample"] == {"not_reported": True}
    Screening.objects.create(review=review, reference=study, stage="full-text", decision="exclude", reason="No data.")
    assert not entry_of_review(review)["characteristics"], "what is not included any more has no row"


def test_what_both_are_done_with_stands(review, study, ann, ben, person):
    keep(review, study, ann)
    keep(review, study, ann, {**ANN, "sample": {"number": 9}})
    keep(review, study, ben)
    keep(review, study, ann, {**ANN, "sample": {"number": 7}})
    assert papers_on(review, study, CHARACTERISTICS)[0].values["sample"] == {"number": 9}
    with pytest.raises(CannotExtract, match="Two others"):
        keep(review, study, person("dan", "researcher"))


def test_a_form_is_extended_and_nothing_entered_is_lost(review, study, ann, ben):
    keep(review, study, ann)
    keep(review, study, ben)
    setting, methods, sample, country, point = wanted_of(review)
    renamed = QuestionWanted(country.key, "Country or region", country.kind)
    more = QuestionWanted("", "Sample", "text", required=True)
    define_extraction_form(
        review=review,
        questions=[point, setting, methods, QuestionWanted(sample.key, "People", "number", "people"), renamed, more],
        by=ann,
    )
    assert [each.key for each in review.extraction_form.all()][-3:] == ["sample", "country", "sample-2"]
    [row] = entry_of_review(review)["characteristics"]
    assert {each["field"] for each in row["values"]} == set(ANN)
    keep(review, study, ann, {"sample-2": {"text": "Staff."}})
    assert papers_on(review, study, CHARACTERISTICS)[0].values["country"] == {"text": "England"}
    assert "sample-2" not in StudyCharacteristics.objects.get().values
    keep(review, study, ben, {"sample-2": {"text": "staff."}})
    assert StudyCharacteristics.objects.get().values == {**ANN, "sample-2": {"text": "Staff."}}
    for change, words in (
        ([setting, methods, country, point], "has answers: it stays"),
        ([setting, methods, sample, country, QuestionWanted(point.key, "Main point", "text")], "its kind stays"),
        (
            [
                QuestionWanted(setting.key, "Setting", "choice", choices=("School", "Court")),
                methods,
                sample,
                country,
                point,
            ],
            "was chosen of a study",
        ),
    ):
        with pytest.raises(CannotExtract, match=words):
            define_extraction_form(review=review, questions=change, by=ann)
    assert CharacteristicField.objects.count() == 6


@pytest.mark.parametrize(
    ("question", "words"),
    [
        (QuestionWanted("", " ", "text"), "has a name"),
        (QuestionWanted("", "A", "poem"), "kind of answer"),
        (QuestionWanted("", "A", "choice", choices=("One", "One ")), "two choices"),
        (QuestionWanted("", "A" * 121, "text"), "120 characters"),
        (QuestionWanted("gone", "A", "text"), "no longer here"),
        (QuestionWanted("", "setting", "text"), "stands twice"),
    ],
)
def test_a_question_that_makes_no_sense_is_refused(review, form, ann, question, words):
    with pytest.raises(CannotExtract, match=words):
        define_extraction_form(review=review, questions=[*wanted_of(review), question], by=ann)


@pytest.mark.parametrize(
    ("text", "number"),
    [("1,250", 1250), (" 12.50 ", 12.5), ("-3", -3), ("\N{MINUS SIGN}3", -3), ("1 250", 1250), ("0", 0)],
)
def test_numbers_are_read_as_people_write_them(text, number):
    assert read_number(text) == number
    assert type(read_number(text)) is type(number)


@pytest.mark.parametrize("text", ["12,5", "many", "1e9", "nan", "inf", "9" * 39, "٣", "1.2.3", "--1", "½"])
def test_what_is_no_number_is_refused(text):
    with pytest.raises(CannotRead):
        read_number(text)


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        ({"quotation-k": ["word " * 41]}, "40 words"),
        ({"locator-k": ["p. 3"]}, "Write the words"),
        ({"quotation-k": ["Words."], "not_reported-k": ["1"]}, "one of the two"),
        ({"text-k": ["x" * 4001]}, "at most 4,000"),
    ],
)
def test_an_answer_that_contradicts_itself_is_refused(sent, words):
    with pytest.raises(CannotRead, match=words):
        read_posted_answer(StudyQuestion("k", "Point", "quoted"), sent)


@pytest.mark.slow
def test_nobody_sees_the_other_paper_before_both_are_done(review, study, ann, ben, cat, browser_of):
    secret = {**ANN, "country": {"text": "Zembla"}}
    keep(review, study, ann, secret)
    addresses = [
        reverse("admin:literature_review_extract", args=[review.pk]),
        reverse("admin:literature_review_extract_study", args=[review.pk, study.pk]),
        reverse("admin:literature_review_extract_agree", args=[review.pk, study.pk]),
        reverse("admin:literature_review_desk", args=[review.pk]),
        f"/admin/literature/literaturereview/{review.pk}/history/",
    ]
    for person in (ben, cat):
        for address in addresses:
            assert "Zembla" not in browser_of(person).get(address).content.decode(), address
    assert "Zembla" not in json.dumps(list(Change.objects.values("before", "after")), default=str)
    keep(review, study, ben)
    assert "Zembla" in browser_of(ben).get(addresses[2]).content.decode()
    assert "Zembla" not in json.dumps(entry_of_review(review)), "a paper is no part of the document"


def test_a_study_is_read_on_its_page(review, study, ann, browser_of):
    address = reverse("admin:literature_review_extract_study", args=[review.pk, study.pk])
    desk = browser_of(ann)
    version = desk.get(address).context["version"]
    wrong = desk.post(address, {"version": version, "number-sample": "12,5", "text-country": "My <b>words</b>"})
    assert wrong.status_code == 422
    assert "My &lt;b&gt;words&lt;/b&gt;" in wrong.content.decode()
    assert "12,5" in wrong.content.decode()
    assert not StudyPaper.objects.exists()
    short = {"version": version, "number-sample": "12", "done": "list"}
    assert "Setting" in desk.post(address, short).context["reason"]
    whole = {
        **short,
        "choices-setting": "School",
        "choices-methods": ["Survey", "Records"],
        "not_reported-country": "1",
    }
    assert desk.post(address, whole).status_code == 302
    assert StudyPaper.objects.get().values == {
        "setting": {"choices": ["School"]},
        "methods": {"choices": ["Records", "Survey"]},
        "sample": {"number": 12},
        "country": {"not_reported": True},
    }
    assert desk.post(address, {**whole, "choices-setting": "Moon"}).status_code == 422
    late = desk.post(address, whole)
    assert late.status_code == 422
    assert "another window" in late.context["reason"]


def test_the_form_is_made_on_its_page(review, ann, cat, browser_of):
    address = reverse("admin:literature_review_extraction_form", args=[review.pk])
    page = browser_of(ann).get(address)
    rows = {
        "key": ["", "", ""],
        "label": ["Sample", "Setting", ""],
        "kind": ["number", "choice", "choice"],
        "unit": ["people", "", ""],
        "choices": ["", "Prison\r\nSchool\r\n", ""],
        "help": ["", "Where it was done.", ""],
        "place": ["2", "1", ""],
        "required": ["1"],
    }
    sent = {"version": page.context["version"], **rows}
    assert browser_of(ann).post(address, sent).status_code == 302
    found = [(each.key, each.unit, each.choices, each.required) for each in review.extraction_form.all()]
    assert found == [("setting", "", ["Prison", "School"], True), ("sample", "people", [], False)]
    stale = browser_of(ann).post(address, sent)
    assert stale.status_code == 422
    assert "Somebody else" in stale.content.decode()
    assert browser_of(cat).get(address).status_code == 200
    assert browser_of(cat).post(address, sent).status_code == 403


def test_the_same_form_again_writes_nothing(review, form, ann):
    before = Change.objects.count()
    define_extraction_form(review=review, questions=wanted_of(review), by=ann)
    assert Change.objects.count() == before


def test_a_review_in_review_is_not_read(review, study, ann):
    type(review).objects.filter(pk=review.pk).update(state=Publishable.State.IN_REVIEW)
    for verb in (
        lambda: keep(review, study, ann),
        lambda: agree(review, study, ann),
        lambda: define_extraction_form(review=review, questions=QUESTIONS, by=ann),
    ):
        with pytest.raises(CannotExtract, match="in review"):
            verb()


@pytest.mark.slow
def test_the_list_of_studies_costs_the_same_for_many(review, form, ann, ben, browser_of):
    address = reverse("admin:literature_review_extract", args=[review.pk])
    costs = []
    for _ in range(2):
        for place in range(4):
            study = include(review, f"Zebra {StudyPaper.objects.count()} {place}")
            keep(review, study, ann)
            keep(review, study, ben, {**ANN, "sample": {"number": place}})
        desk = browser_of(ann)
        with CaptureQueriesContext(
            connection,
        ) as captured:
            assert desk.get(address).status_code == 200
        costs.append(len(captured))
    assert costs[0] == costs[1]


def test_another_takes_the_place_of_who_left(review, study, ann, ben, person):
    keep(review, study, ann)
    keep(review, study, ben, done=False)
    ben.is_active = False
    ben.save()
    keep(review, study, person("dan", "researcher"))
    assert StudyCharacteristics.objects.get().values == ANN


def test_tasks_say_how_many_studies_wait_for_whom(review, study, ann, ben, cat):
    other = include(review, "Zebras at work")
    for who, job in ((ann, "extract-data"), (ben, "extract-data"), (ben, "agree-on-studies")):
        give_task(record=review, job=job, person=who, by=cat)
    keep(review, study, ann)
    keep(review, study, ben, {**ANN, "sample": {"number": 2}})
    keep(review, other, ann, done=False)
    agree(review, study, ann)
    told = {(each.task.person, each.job.code): each.told_left for each in list_tasks_on(review)}
    assert told == {
        (ann, "extract-data"): "1 paper left",
        (ben, "extract-data"): "1 paper left",
        (ben, "agree-on-studies"): "1 proposal left",
    }
