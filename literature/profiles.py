"""A review's findings with their confidence, as the draft stands: tables as readers would get them, and a file."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, reverse

from failure_lessons.accounts.signed_in import signed_in_user
from failure_lessons.confidence.admin import label_rater_agreement
from failure_lessons.confidence.inter_rater import compare_raters
from failure_lessons.files.responses import attach_file
from failure_lessons.files.word import WORD
from failure_lessons.library.preview import as_read
from literature.evidence_profile import make_profile_docx
from literature.models import LiteratureReview, ReviewFindingAssessment
from literature.review_pages import ReviewPages


class ProfilePages(ReviewPages):
    """The evidence profile of a review."""

    def urls(self) -> list[URLPattern]:
        return [
            self.make_path("<int:pk>/profile/", self.profile_view, "literature_review_profile"),
            self.make_path("<int:pk>/profile/evidence-profile.docx", self.word_view, "literature_review_profile_word"),
        ]

    def profile_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Findings to rate, the tables, and how far raters agree."""
        review = get_object_or_404(LiteratureReview, pk=pk)
        if not self.admin.has_view_permission(request, review):
            raise PermissionDenied
        by = signed_in_user(request)
        rated = ReviewFindingAssessment.objects.filter(finding__review=review, rater__isnull=False)
        given = list(rated.select_related("rater"))
        raters: dict[int, set[int]] = {}
        for each in given:
            raters.setdefault(each.finding_id, set()).add(each.rater_id or 0)
        assessments = ReviewFindingAssessment.objects.filter(finding__review=review)
        agreed = set(assessments.filter(agreed=True).values_list("finding", flat=True))
        proposed = set(assessments.filter(proposed_by__isnull=False, agreed=False).values_list("finding", flat=True))
        findings = list(review.findings.all())
        # agreement is a rating's shadow: whoever still has to rate on their own does not see it
        may_rate = by.has_perm("literature.add_reviewfindingassessment")
        mine = {finding for finding, people in raters.items() if by.pk in people}
        shown = [each for each in given if not may_rate or each.finding_id in mine]
        return self.review_page(
            request,
            "profile",
            review,
            title=f"Findings and confidence: {review}",
            may_rate=may_rate,
            record=as_read(review, whole=False)["record"],
            across=[label_rater_agreement(each) for each in compare_raters(shown, "finding_id")],
            findings=[
                {
                    "finding": each,
                    "raters": len(raters.get(each.pk, ())),
                    "rated": each.pk in mine,
                    "agreed": each.pk in agreed,
                    "proposed": each.pk in proposed,
                }
                for each in findings
            ],
        )

    def word_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The tables of the draft as a Word file."""
        review = get_object_or_404(LiteratureReview, pk=pk)
        if not self.admin.has_view_permission(request, review):
            raise PermissionDenied
        address = request.build_absolute_uri(reverse("admin:literature_review_profile", args=[pk]))
        data = make_profile_docx(
            as_read(review, whole=False)["record"], edition="Draft, not published", address=address
        )
        answer = attach_file(data, f"{review.slug}-draft-evidence-profile.docx", WORD)
        answer["Cache-Control"] = "private, no-store"
        return answer
