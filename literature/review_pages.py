"""What the pages beside the form of a review share."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from failure_lessons.workbench.parts import AdminPart
from literature.models import LiteratureReview


class ReviewPages(AdminPart):
    """Pages of a review's desk."""

    def may_screen(self, request: HttpRequest) -> bool:
        """Whoever may vote."""
        return request.user.has_perm("literature.add_screeningvote")

    def review_page(
        self, request: HttpRequest, template: str, review: LiteratureReview, status: int = 200, **context: object
    ) -> HttpResponse:
        """A page of a review's desk; never kept by a browser, for it is stale at once."""
        base = {**self.page_context(request), "review": review}
        answer = render(request, f"admin/literature/{template}.html", {**base, **context}, status=status)
        answer["Cache-Control"] = "private, no-store"
        return answer
