"""The tables of a review as a Word file: each cell is what the records say."""

import io

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from docx import Document
from docx.oxml.ns import qn

from failure_lessons.bibliography.names import short_citation
from failure_lessons.publishing.models import Edition
from literature.documents import reference_entry
from literature.models import LiteratureReview, ReviewFindingAssessment

pytestmark = pytest.mark.django_db


def tables(answer):
    assert answer.status_code == 200
    document = Document(io.BytesIO(answer.content))
    return document, [[[cell.text for cell in row.cells] for row in table.rows] for table in document.tables]


def expected(review):
    """The two tables, straight from the workbench."""
    summary, profile = [], []
    for finding in review.findings.all():
        name = f"{finding.code} {finding.statement}"
        agreed = ReviewFindingAssessment.objects.get(finding=finding, agreed=True)
        studies = [
            short_citation(reference_entry(each.reference)) for each in finding.citations.select_related("reference")
        ]
        summary.append([name, agreed.get_overall_display(), agreed.overall_reason, "; ".join(dict.fromkeys(studies))])
        cells = [
            f"{getattr(agreed, f'get_{part}_display')()}\n{getattr(agreed, f'{part}_reason')}".strip()
            for part in (*agreed.COMPONENTS, "overall")
        ]
        profile.append([name, *cells])
    return summary, profile


def check(answer, review):
    document, (summary, profile) = tables(answer)
    rows, cells = expected(review)
    assert rows
    assert [[row[0], row[1], row[3]] for row in summary[1:]] == [[row[0], row[1], row[3]] for row in rows]
    for (*_, why, _), (*_, reason, _) in zip(summary[1:], rows, strict=True):
        assert why == reason if reason else why.endswith(".")
    assert profile[1:] == cells
    for table in document.tables:
        assert table.rows[0]._tr.trPr.find(qn("w:tblHeader")) is not None, "the head is repeated on each page"
    assert document.core_properties.language == "en-GB"
    assert 'w:val="en-GB"' in document.styles.element.xml
    return document


@pytest.mark.slow
def test_each_cell_of_the_published_file_is_what_was_published(client):
    for edition in Edition.objects.current().of_kind("literature-review"):
        answer = client.get(f"/literature/{edition.slug}/evidence-profile.docx")
        assert f"{edition.slug}-v{edition.number}" in answer["Content-Disposition"]
        check(answer, LiteratureReview.objects.get(slug=edition.slug))


@pytest.mark.slow
def test_the_draft_has_its_file_and_the_published_one_does_not_follow_it(client, browser_of, cat):
    review = LiteratureReview.objects.filter(findings__isnull=False).first()
    finding = review.findings.first()
    finding.statement = "Only a draft of quaggas."
    finding.save()
    ReviewFindingAssessment.objects.filter(finding=finding).update(coherence_reason="Quaggas fit.")
    desk = browser_of(cat)
    document = check(desk.get(reverse("admin:literature_review_profile_word", args=[review.pk])), review)
    assert "Draft, not published" in "".join(each.text for each in document.paragraphs)
    page = desk.get(reverse("admin:literature_review_profile", args=[review.pk])).content.decode()
    assert "Quaggas fit." in page
    _, found = tables(client.get(f"/literature/{review.slug}/evidence-profile.docx"))
    assert "uagga" not in str(found)
    assert client.get(f"/literature/{review.slug}/v99/evidence-profile.docx").status_code == 404
    assert client.get("/literature/no-such-review/evidence-profile.docx").status_code == 404


def test_the_file_asks_few_questions(client):
    review = Edition.objects.current().of_kind("literature-review").first()
    address = f"/literature/{review.slug}/evidence-profile.docx"
    client.get(address)  # what a process reads once
    with CaptureQueriesContext(connection) as caught:
        client.get(address)
    assert len(caught) <= 5


@pytest.mark.slow
def test_a_review_without_findings_or_confidence_says_so(review, browser_of, cat):
    address = reverse("admin:literature_review_profile_word", args=[review.pk])
    document, _ = tables(browser_of(cat).get(address))
    assert "No finding is recorded." in [each.text for each in document.paragraphs]
    review.findings.create(code="ZB1-F1", slug="zb1-f1", statement="Seen late.", phase="identification")
    _, (_, profile) = tables(browser_of(cat).get(address))
    assert profile[1] == ["ZB1-F1 Seen late.", *["Not assessed"] * 5]
