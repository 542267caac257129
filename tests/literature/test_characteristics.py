"""The table of characteristics of included studies, as readers and programs get it."""

import csv
import io

import docx
import pytest

from failure_lessons.publishing.models import Edition
from failure_lessons.publishing.services import publish_record, submit_record
from literature.extracting.defining import define_extraction_form
from literature.models import LiteratureReview, StudyPaper
from literature.package_checks import check_characteristics
from literature.study_papers import CHARACTERISTICS
from tests.literature.test_extracting import ANN, QUESTIONS, keep

pytestmark = pytest.mark.django_db
SECRET = "Zembla"


@pytest.fixture
def published(researcher, publisher, person):
    """The first shipped review, published anew with an agreed study, and with papers that nobody agreed on."""
    review = LiteratureReview.objects.order_by("pk").first()
    studies = [
        each.reference
        for each in review.screenings.filter(decision="include").select_related("reference").order_by("pk")
    ]
    ann, ben = person("ann", "researcher"), person("ben", "researcher")
    define_extraction_form(review=review, questions=QUESTIONS, by=ann)
    for who in (ann, ben):
        keep(review, studies[0], who)
    keep(review, studies[1], ann, {**ANN, "country": {"text": SECRET}})
    keep(review, studies[1], ben, {**ANN, "country": {"text": f"Not {SECRET}"}})
    review.refresh_from_db()
    submit_record(record=review, by=researcher)
    publish_record(record=review, by=publisher, note="Studies were read by two.")
    return Edition.objects.current().get(kind="literature-review", slug=review.slug)


@pytest.mark.slow
def test_readers_get_what_was_agreed_at_every_door_and_no_paper(published, client):
    address, api = f"/literature/{published.slug}/", f"/api/v1/literature-reviews/{published.slug}/"
    page = client.get(address).content.decode()
    assert "Nobody had read the warnings" in page
    assert "1,250 people" in page
    assert 'href="#characteristics"' in page
    [study] = client.get(api).json()["characteristics"]
    assert study["values"][0] == {"field": "setting", "choices": ["Prison"]}
    for place in (address, f"{address}v2/", "/literature/"):
        table = client.get(f"{place}characteristics.csv")
        rows = list(csv.DictReader(io.StringIO(table.content.decode("utf-8-sig"))))
        assert [(row["Characteristic"], row["Number"], row["Unit"]) for row in rows][2] == ("Sample", "1250", "people")
        assert "v2/characteristics.csv" in page
        assert SECRET not in table.content.decode()
    word = docx.Document(io.BytesIO(client.get(f"{address}evidence-profile.docx").content))
    assert any("Sample: 1,250 people" in cell.text for row in word.tables[2].rows for cell in row.cells)
    for door in (address, api, f"{address}v2/", f"{address}history/", f"{address}compare/1..2/", f"{api}?format=csv"):
        assert SECRET not in client.get(door).content.decode(), door
    assert StudyPaper.objects.filter(about=CHARACTERISTICS).count() == 4


def test_a_page_without_extraction_has_no_empty_table(client):
    page = client.get(f"/literature/{Edition.objects.current().of_kind('literature-review').first().slug}/")
    assert not [each for each in ('id="characteristics"', "characteristics.csv") if each in page.content.decode()]


def test_the_page_asks_as_often_with_a_table_as_without(published, client, django_assert_max_num_queries):
    with django_assert_max_num_queries(6):
        client.get(f"/literature/{published.slug}/")


ENTRY = {
    "screening": [{"ref": "kept", "stage": "title-abstract", "decision": "include", "reason": "Fits."}],
    "extraction_form": [
        {"key": "setting", "label": "Setting", "kind": "choice", "choices": ["Prison", "School"], "required": True},
        {"key": "sample", "label": "Sample", "kind": "number", "required": False},
    ],
}


@pytest.mark.parametrize(
    ("studies", "words"),
    [
        ([{"ref": "other", "values": []}], "does not include"),
        ([{"ref": "kept", "values": []}, {"ref": "kept", "values": []}], "twice"),
        ([{"ref": "kept", "values": [{"field": "gone", "text": "A"}]}], "has the key"),
        ([{"ref": "kept", "values": [{"field": "setting", "choices": ["Moon"]}]}], "no choice"),
        ([{"ref": "kept", "values": [{"field": "setting", "choices": ["Prison", "School"]}]}], "one choice"),
        ([{"ref": "kept", "values": [{"field": "setting", "number": 3}]}], "asks for one choice"),
        ([{"ref": "kept", "values": [{"field": "sample", "number": 3, "not_reported": True}]}], "has no value"),
        ([{"ref": "kept", "values": [{"field": "sample"}]}], "says something"),
        (
            [{"ref": "kept", "values": [{"field": "sample", "number": 0}, {"field": "sample", "number": 1}]}],
            "answered twice",
        ),
    ],
)
def test_a_package_whose_answers_answer_nothing_is_refused(studies, words):
    assert words in " ".join(message for _, message in check_characteristics({**ENTRY, "characteristics": studies}))


def test_a_sound_package_is_not_refused():
    study = {"ref": "kept", "values": [{"field": "sample", "number": 0}, {"field": "setting", "not_reported": True}]}
    assert not list(check_characteristics({**ENTRY, "characteristics": [study]}))
