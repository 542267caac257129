"""The desk of a review: from searches to confidence on one page, with what is missing; and records added to screen."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Exists, OuterRef, Q
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, reverse

from failure_lessons.accounts.models import User
from failure_lessons.accounts.signed_in import signed_in_user
from failure_lessons.publishing.models import Publishable
from failure_lessons.vocabularies.choices import ScreeningStage
from literature.extracting.forms import questions_of_form
from literature.extracting.pages import count_progress, follow_papers, included_references
from literature.models import (
    LiteratureReview,
    Reference,
    ReferenceImport,
    ReviewFinding,
    ReviewFindingAssessment,
    ScreeningVote,
    Search,
)
from literature.review_pages import ReviewPages
from literature.screening.flow import count_flow
from literature.screening.queue import count_screening_progress, found_by_search
from literature.screening.services import CannotScreen, add_candidates, add_from_import
from literature.study_papers import CHARACTERISTICS

MOST_KEYS = 5000
UNDECIDED = (  # by stage
    ("record is not decided by title and abstract.", "records are not decided by title and abstract."),
    (
        "record kept by title and abstract has no decision on its full text.",
        "records kept by title and abstract have no decision on their full text.",
    ),
)


class AddCandidatesForm(forms.Form):
    """Records to screen: a finished import, or keys of references; and the search that found them."""

    imported = forms.ModelChoiceField(
        ReferenceImport.objects.none(),
        required=False,
        label="An import of yours",
        empty_label="None",
        help_text="Every reference of it, new or here already.",
    )
    keys = forms.CharField(
        required=False,
        label="Or keys of references",
        help_text="One a line, such as hmip-2018.",
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=200_000,
    )
    search = forms.ModelChoiceField(
        Search.objects.none(),
        required=False,
        label="Found by the search",
        empty_label="Another way",
        help_text="So that the search log and the PRISMA flow explain themselves.",
    )

    def __init__(self, sent: QueryDict | None, *, review: LiteratureReview, by: User) -> None:
        super().__init__(sent)
        done = ReferenceImport.objects.filter(made_by=by, state=ReferenceImport.State.DONE)
        for name, rows in (("imported", done.defer("text", "decisions")), ("search", review.searches.all())):
            chosen = self.fields[name]
            if isinstance(chosen, forms.ModelChoiceField):
                chosen.queryset = rows

    def clean(self) -> dict[str, object]:
        cleaned = super().clean() or {}
        keys = list(dict.fromkeys((cleaned.get("keys") or "").split()))
        if not self.errors and bool(keys) == bool(cleaned.get("imported")):
            raise forms.ValidationError("Choose an import or write keys: one of the two.")
        if len(keys) > MOST_KEYS:
            raise forms.ValidationError(f"At most {MOST_KEYS:,} keys at once.")
        found = {each.slug: each for each in Reference.objects.filter(slug__in=keys).only("pk", "slug")}
        if unknown := [key for key in keys if key not in found]:
            self.add_error("keys", f"There is no reference with the key {', '.join(unknown[:5])}: import it first.")
        cleaned["references"] = list(found.values())
        return cleaned


class DashboardPages(ReviewPages):
    """The desk of a review."""

    def urls(self) -> list[URLPattern]:
        return [
            self.make_path("<int:pk>/desk/", self.dashboard_view, "literature_review_desk"),
        ]

    def tools(self, request: HttpRequest, record: Publishable) -> list[dict[str, str]]:
        """The desk."""
        return [{"label": "Desk", "url": reverse("admin:literature_review_desk", args=[record.pk])}]

    def dashboard_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """What there is, what is missing and where to go on; a POST adds records to screen."""
        review = get_object_or_404(LiteratureReview, pk=pk)
        if not self.admin.has_view_permission(request, review):
            raise PermissionDenied
        by = signed_in_user(request)
        may_add = by.has_perm("literature.add_candidate")
        if request.method == "POST" and not may_add:
            raise PermissionDenied
        form = AddCandidatesForm(request.POST if request.method == "POST" else None, review=review, by=by)
        if request.method == "POST" and form.is_valid():
            try:
                added = self.add_chosen_records(form, review, by)
            except CannotScreen as refusal:
                form.add_error(None, str(refusal))
            else:
                messages.success(
                    request,
                    f"{added} record{'' if added == 1 else 's'} now wait{'s' if added == 1 else ''} for "
                    "screening; those that were here already were left as they are.",
                )
                return HttpResponseRedirect(reverse("admin:literature_review_desk", args=[pk]))
        return self.review_page(
            request,
            "desk",
            review,
            422 if form.errors else 200,
            title=f"Desk: {review}",
            form=form,
            may_add=may_add,
            may_screen=self.may_screen(request),
            **review_dashboard_context(review, by),
        )

    def add_chosen_records(self, form: AddCandidatesForm, review: LiteratureReview, by: User) -> int:
        """Do what the form says."""
        asked = form.cleaned_data
        if asked["imported"]:
            return add_from_import(review=review, staged=asked["imported"], by=by, search=asked["search"])
        return add_candidates(
            review=review, references=asked["references"], by=by, origin="Added by key", search=asked["search"]
        )


def count_with_noun(number: int, one: str, many: str) -> str:
    """A number with the words that go with it."""
    return f"{number} {one if number == 1 else many}"


def count_votes_by_person(review: LiteratureReview) -> list[dict[str, object]]:
    """How many votes each screener has cast, whatever they were. Two queries."""
    rows = ScreeningVote.objects.filter(review=review).order_by().values_list("screener").annotate(votes=Count("pk"))
    votes = dict(rows)
    people = User.objects.filter(pk__in=votes).order_by("username")
    return [{"name": str(each), "votes": votes[each.pk]} for each in people]


def review_dashboard_context(review: LiteratureReview, by: User) -> dict[str, object]:
    """How a review stands, step by step, and what is missing. A constant number of queries."""
    flow = count_flow(review)
    candidates = found_by_search(review)
    by_search: dict[int | None, list[dict[str, object]]] = {}
    for each in (
        review.candidates.order_by("search", "origin")
        .values("search", "origin", "imported", "imported__made_by")
        .annotate(how_many=Count("pk"))
    ):
        link = (
            reverse("admin:literature_reference_import_result", args=[each["imported"]])
            if each["imported"] and each["imported__made_by"] == by.pk
            else ""
        )
        by_search.setdefault(each["search"], []).append({**each, "link": link})
    searches = [
        {"search": each, "imported": candidates.get(each.pk, 0), "origins": by_search.get(each.pk, [])}
        for each in review.searches.all()
    ]
    progresses = {stage: count_screening_progress(review, stage.value, by) for stage in ScreeningStage}
    studies = included_references(review)
    included = list(studies.values_list("pk", flat=True))
    unappraised = studies.exclude(appraisals__review=review).count()
    agreed = ReviewFindingAssessment.objects.filter(finding=OuterRef("pk"), agreed=True)
    findings = ReviewFinding.objects.filter(review=review).aggregate(
        total=Count("pk", distinct=True),
        sourced=Count("pk", filter=Q(citations__isnull=False), distinct=True),
    )
    unsure = list(ReviewFinding.objects.filter(review=review).filter(~Exists(agreed)).values_list("code", flat=True))
    questions = questions_of_form(review.extraction_form.all())
    papers = follow_papers(review, CHARACTERISTICS, [each.key for each in questions], by)
    extraction = count_progress(papers, included)
    unread = extraction["total"] - extraction["settled"] if questions else 0
    conflicts = sum(each.conflicts for each in progresses.values())
    missing = [
        *(["No search is recorded."] if not searches else []),
        *(["No criterion for including or excluding is recorded."] if not review.eligibility_criteria.exists() else []),
        *(
            count_with_noun(each.total - each.decided, *words)
            for words, each in zip(UNDECIDED, progresses.values(), strict=True)
            if each.total > each.decided
        ),
        *([f"{count_with_noun(conflicts, 'conflict is', 'conflicts are')} open."] if conflicts else []),
        *(
            [f"{count_with_noun(unappraised, 'included study is', 'included studies are')} not appraised."]
            if unappraised
            else []
        ),
        *(
            [f"{count_with_noun(unread, 'included study has', 'included studies have')} no agreed characteristics."]
            if unread
            else []
        ),
        *(["It has no findings."] if not findings["total"] else []),
        *(
            [f"{count_with_noun(findings['total'] - findings['sourced'], 'finding cites', 'findings cite')} no source."]
            if findings["total"] > findings["sourced"]
            else []
        ),
        *([f"No agreed confidence: {', '.join(unsure)}."] if unsure else []),
        *flow["warnings"],
    ]
    return {
        "searches": searches,
        "elsewhere": candidates.get(None, 0),
        "elsewhere_origins": by_search.get(None, []),
        "stages": [{"code": code.value, "label": code.label, "progress": each} for code, each in progresses.items()],
        "conflicts": conflicts,
        "flow": flow,
        "candidates": sum(candidates.values()),
        "included_count": len(included),
        "appraised": len(included) - unappraised,
        "unappraised": unappraised,
        "people": count_votes_by_person(review),
        "extraction": extraction,
        "questions": len(questions),
        "findings": findings,
        "unsure": len(unsure),
        "missing": missing,
    }
