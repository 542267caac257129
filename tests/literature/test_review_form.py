"""The form of a review: what it costs does not depend on its findings or on how much was screened."""

import pytest
from django.contrib.auth.models import Group
from django.urls import reverse

from literature.models import ReviewCitation, ReviewFinding, ReviewFindingAssessment, Screening
from literature.screening.services import add_candidates
from tests import factories
from tests.helpers import count_queries
from tests.test_admin import form_data

pytestmark = pytest.mark.django_db
MOST_QUERIES, MOST_BYTES = 40, 200_000
STATEMENT = "They leave once nobody counts them, and nobody counts them once they have left the place where they lived."


def add_findings(review, many):
    """Findings as long as those of the shipped reviews, with three themes and two citations each, rated."""
    themes = [factories.theme() for _ in range(3)]
    source = factories.reference("A source")
    for _ in range(many):
        place = review.findings.count()
        made = ReviewFinding.objects.create(
            review=review,
            code=f"ZB1-F{place + 1}",
            slug=f"zb1-f{place + 1}",
            statement=STATEMENT,
            explanation="Because nobody counts them. " * 15,
            phase="prevention",
            position=place,
        )
        made.themes.set(themes)
        for position in range(2):
            words = {"locator": "p. 4", "quotation": "Nobody had read the warnings. " * 7}
            ReviewCitation.objects.create(finding=made, reference=source, position=position, **words)
        ReviewFindingAssessment.objects.create(finding=made, agreed=True, overall="low", **factories.CONFIDENCE)


def screen(review, many, by):
    """More records, half of them kept on title and abstract."""
    records = [factories.reference("A record") for _ in range(many)]
    add_candidates(review=review, references=records, by=by, origin="A test")
    Screening.objects.bulk_create(
        Screening(review=review, reference=each, stage="title-abstract", decision=decision, reason="So.", position=1)
        for each, decision in zip(records, ["include", "exclude"] * many, strict=False)
    )


@pytest.mark.slow
def test_the_form_takes_as_many_queries_with_twenty_findings_as_with_one_and_stays_small(review, ann, browser_of):
    ann.groups.set(Group.objects.filter(name__in=["researcher", "reviewer", "publisher"]))
    desk, form = browser_of(ann), reverse("admin:literature_literaturereview_change", args=[review.pk])
    add_findings(review, 1)
    screen(review, 2, ann)
    desk.get(form)  # what a process asks once
    few = count_queries(desk.get, form)
    add_findings(review, 19)
    screen(review, 20, ann)
    assert count_queries(desk.get, form) == few < MOST_QUERIES
    add_findings(review, 20)
    assert len(desk.get(form).content) < MOST_BYTES


@pytest.mark.slow
def test_saving_the_form_keeps_rows_nobody_touched_and_changes_those_that_were(review, ann, browser_of):
    add_findings(review, 2)
    review.searches.create(source="A base", query="zebra", date_run="2026", records_found=10)
    desk, form = browser_of(ann), reverse("admin:literature_literaturereview_change", args=[review.pk])
    data = form_data(desk.get(form))
    data |= {
        "searches-0-records_found": "12",
        "findings-1-statement": "They stay.",
        "eligibility_criteria-0-DELETE": "on",
    }
    assert desk.post(form, data).status_code == 302
    assert [each.statement for each in review.findings.all()] == [STATEMENT, "They stay."]
    assert review.searches.get().records_found == 12
    assert review.eligibility_criteria.count() == 2
