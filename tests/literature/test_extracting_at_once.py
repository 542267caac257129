"""Several who read a study at once, on connections of their own: two papers, one row of what was agreed."""

import pytest
from django.contrib.auth import get_user_model

from literature.extracting.defining import define_extraction_form
from literature.extracting.services import CannotExtract, keep_paper
from literature.models import LiteratureReview, PaperAgreement, Screening, StudyCharacteristics, StudyPaper
from literature.study_papers import CHARACTERISTICS
from tests import factories
from tests.literature.test_extracting import ANN, QUESTIONS
from tests.publishing.test_concurrency import at_once


@pytest.fixture
def contested(committed):
    """A review with one included study and three people, committed."""
    review = LiteratureReview.objects.create(
        slug="read-at-once", title="At once", question="Why?", review_type="scoping-review", sector="education"
    )
    people = [get_user_model().objects.get_or_create(username=name)[0] for name in ("ann-r", "ben-r", "cat-r")]
    study = factories.reference("Contested")
    Screening.objects.create(review=review, reference=study, stage="title-abstract", decision="include", reason="Fits.")
    define_extraction_form(review=review, questions=QUESTIONS, by=people[0])
    yield review, study, people
    for model in (Screening, StudyPaper, PaperAgreement, StudyCharacteristics):
        model.objects.filter(review=review).delete()
    review.delete()
    study.delete()


@pytest.mark.slow
def test_of_three_who_finish_at_once_two_count_and_one_is_told(contested):
    review, study, people = contested

    def read(by):
        try:
            keep_paper(review=review, reference=study, about=CHARACTERISTICS, answers=ANN, done=True, by=by)
        except CannotExtract as refusal:
            return str(refusal)
        return ""

    for _ in range(5):
        told = at_once(*(lambda by=by: read(by) for by in people))
        assert sorted(map(bool, told)) == [False, False, True], told
        assert StudyPaper.objects.filter(review=review).count() == 2
        assert PaperAgreement.objects.filter(review=review, done=True).count() == 1
        assert StudyCharacteristics.objects.get(review=review).values == ANN
        for model in (StudyPaper, PaperAgreement, StudyCharacteristics):
            model.objects.filter(review=review).delete()
