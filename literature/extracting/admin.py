"""The pages of data extraction: the form of a review, the studies, one's own paper, and two papers side by side."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, reverse

from failure_lessons.accounts.signed_in import signed_in_user
from failure_lessons.vocabularies.choices import AnswerKind
from failure_lessons.workbench.buttons import REVIEW
from literature.appraising.services import CannotAppraise, is_included
from literature.extracting.answers import StudyQuestion
from literature.extracting.defining import (
    MOST_STUDY_QUESTIONS,
    QuestionWanted,
    answers_in_use,
    define_extraction_form,
    form_version,
)
from literature.extracting.forms import questions_of_form
from literature.extracting.pages import (
    QuestionBoxes,
    StudyProgress,
    compare_papers,
    count_progress,
    follow_papers,
    included_references,
    read_agreed,
    read_posted_answers,
    show_answer,
    show_posted,
)
from literature.extracting.services import (
    PAPERS,
    CannotExtract,
    agree_on_study,
    agreement_version,
    confirm_agreement,
    keep_paper,
    keys_done_by_both,
    keys_to_do,
    paper_version,
    papers_on,
)
from literature.models import LiteratureReview, PaperAgreement, Reference
from literature.review_pages import ReviewPages
from literature.screening.admin import parse_posted_key, readable_documents, reference_facts
from literature.study_papers import CHARACTERISTICS

STUDIES_A_PAGE = 50
MORE_QUESTIONS = 3  # empty ones below the form


@dataclass(frozen=True)
class TwoPapers:
    """What two papers are about, and where one goes from their comparison."""

    about: str
    questions: list[StudyQuestion]
    here: str  # the step of the desk
    own_url: str
    back_url: str
    silent: bool = True  # whether “not reported” is an answer


class AgreeingPages(ReviewPages):
    """Two papers on one study side by side, and what counts of them: the same for extraction and appraisal."""

    def agree_page(
        self, request: HttpRequest, review: LiteratureReview, study: Reference, two: TwoPapers
    ) -> HttpResponse:
        """Both answers to each question; a POST proposes, settles or confirms."""
        if not self.admin.has_view_permission(request, review):
            raise PermissionDenied
        by = signed_in_user(request)
        papers = papers_on(review, study, two.about)
        keys = keys_done_by_both(papers)
        involved = by.pk in {each.person_id for each in papers[:PAPERS]}
        may = by.has_perm("literature.add_studypaper") if involved else by.has_perm(REVIEW)
        newest = PaperAgreement.objects.filter(review=review, reference=study, about=two.about).order_by("pk")
        latest = newest.select_related("by", "confirmed_by").last()
        sent = dict(request.POST.lists()) if request.method == "POST" else None
        faults: list[str] = []
        rows = compare_papers(two.questions, papers, keys, latest.values if latest else {}, sent)
        if request.method == "POST":
            if not may:
                raise PermissionDenied
            try:
                if "confirm" in request.POST:
                    self.confirm_posted(request, review, study)
                    return HttpResponseRedirect(two.back_url)
                answers, faults = read_agreed(rows, sent or {})
                if not faults:
                    made = agree_on_study(
                        review=review,
                        reference=study,
                        about=two.about,
                        answers=answers,
                        seen=request.POST.get("version", ""),
                        by=by,
                    )
                    told = "agreed" if made.done else "proposed; the other of the two has to confirm it"
                    messages.success(request, f"“{study.title}”: {told}.")
                    return HttpResponseRedirect(two.back_url)
            except (CannotExtract, CannotAppraise) as refusal:
                faults = [str(refusal)]
        return self.review_page(
            request,
            "agree",
            review,
            422 if faults else 200,
            title=f"Two papers: {study.title}"[:200],
            study=study,
            facts=reference_facts(study),
            two=two,
            people=[each.person for each in papers[:PAPERS]],
            rows=rows,
            differing=[each for each in rows if not each.alike],
            alike=[each for each in rows if each.alike],
            latest=latest,
            awaits=bool(latest and not latest.done and involved and latest.by_id != by.pk),
            involved=involved,
            may=may and bool(keys),
            faults=faults,
            version=agreement_version(review, study, two.about),
        )

    def confirm_posted(self, request: HttpRequest, review: LiteratureReview, study: Reference) -> None:
        """Confirm what the other proposed, as it was shown."""
        asked = parse_posted_key(request.POST["confirm"])
        proposal = PaperAgreement.objects.filter(pk=asked, review=review, reference=study).first()
        if proposal is None:
            raise CannotExtract("This proposal was replaced or confirmed meanwhile. Look again.")
        confirm_agreement(agreement=proposal, by=signed_in_user(request))
        messages.success(request, f"“{study.title}”: agreed.")


def read_form_rows(request: HttpRequest) -> list[dict[str, str | bool]]:
    """The rows of the extraction form as a browser sent them, in the order of the page; empty ones are left out."""
    columns = {
        name: request.POST.getlist(name) for name in ("key", "label", "kind", "unit", "choices", "help", "place")
    }
    ticked = {name: set(request.POST.getlist(name)) for name in ("required", "remove")}
    rows: list[dict[str, str | bool]] = []
    for number in range(min(map(len, columns.values()))):
        row: dict[str, str | bool] = {name: values[number] for name, values in columns.items()}
        row |= {name: str(number) in numbers for name, numbers in ticked.items()}
        if row["key"] or any(str(row[name]).strip() for name in ("label", "choices", "help", "unit")):
            rows.append(row)
    return rows


def wanted_questions(rows: list[dict[str, str | bool]]) -> list[QuestionWanted]:
    """The questions of these rows in the order of their places; those without one come last."""

    def place_of(row: dict[str, str | bool]) -> float:
        text = str(row["place"]).strip()
        return float(text) if text.isascii() and text.isdigit() else float("inf")

    return [
        QuestionWanted(
            str(row["key"]),
            str(row["label"]),
            str(row["kind"]),
            str(row["unit"]),
            tuple(str(row["choices"]).splitlines()),
            str(row["help"]),
            bool(row["required"]),
        )
        for row in sorted(rows, key=place_of)
        if not row["remove"]
    ]


class ExtractionPages(AgreeingPages):
    """Pages on which data are read out of included studies."""

    def urls(self) -> list[URLPattern]:
        start = "<int:pk>/extract/"
        return [
            self.make_path("<int:pk>/extraction-form/", self.form_view, "literature_review_extraction_form"),
            self.make_path(start, self.extract_view, "literature_review_extract"),
            self.make_path(f"{start}<int:reference>/", self.paper_view, "literature_review_extract_study"),
            self.make_path(f"{start}<int:reference>/agree/", self.agree_view, "literature_review_extract_agree"),
        ]

    def may_extract(self, request: HttpRequest) -> bool:
        """Whoever may read studies."""
        return request.user.has_perm("literature.add_studypaper")

    def form_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The questions of a review with empty ones below; a POST keeps them all."""
        review = get_object_or_404(LiteratureReview, pk=pk)
        if not self.admin.has_view_permission(request, review):
            raise PermissionDenied
        may = request.user.has_perm("literature.change_characteristicfield")
        reason, status = "", 200
        rows: list[dict[str, str | bool]] = [
            {
                "key": each.key,
                "label": each.label,
                "kind": each.kind,
                "unit": each.unit,
                "choices": "\n".join(each.choices),
                "help": each.help,
                "required": each.required,
                "place": str(place),
                "remove": False,
            }
            for place, each in enumerate(review.extraction_form.all(), start=1)
        ]
        if request.method == "POST":
            if not may:
                raise PermissionDenied
            rows = read_form_rows(request)
            try:
                define_extraction_form(
                    review=review,
                    questions=wanted_questions(rows),
                    seen=request.POST.get("version", ""),
                    by=signed_in_user(request),
                )
            except CannotExtract as refusal:
                reason, status = str(refusal), 422
            else:
                messages.success(request, "The extraction form is kept.")
                more = "more" in request.POST
                return HttpResponseRedirect(
                    request.path if more else reverse("admin:literature_review_extract", args=[pk])
                )
        used = answers_in_use(review)
        empty: dict[str, str | bool] = dict.fromkeys(("key", "label", "unit", "choices", "help", "place"), "")
        empty |= {"kind": AnswerKind.CHOICE.value, "required": False, "remove": False}
        room = 0 if reason else min(MORE_QUESTIONS, MOST_STUDY_QUESTIONS - len(rows))
        return self.review_page(
            request,
            "extraction_form",
            review,
            status,
            title=f"Extraction form: {review}",
            rows=[{**each, "used": each.get("key") in used} for each in (*rows, *[empty] * room)],
            kinds=AnswerKind.choices,
            may=may,
            reason=reason,
            version=form_version(review),
        )

    def extract_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The included studies, how far each has come, and what waits for this person."""
        review = get_object_or_404(LiteratureReview, pk=pk)
        if not self.admin.has_view_permission(request, review):
            raise PermissionDenied
        by = signed_in_user(request)
        questions = questions_of_form(review.extraction_form.all())
        studies = list(included_references(review).values_list("pk", flat=True))
        progress = follow_papers(review, CHARACTERISTICS, [each.key for each in questions], by)
        page = Paginator(included_references(review), STUDIES_A_PAGE).get_page(request.GET.get("page"))
        nothing = StudyProgress()
        return self.review_page(
            request,
            "extractions",
            review,
            title=f"Data extraction: {review}",
            questions=questions,
            counts=count_progress(progress, studies),
            page=page,
            studies=[
                {"reference": each, "facts": reference_facts(each), "progress": progress.get(each.pk, nothing)}
                for each in page
            ],
            may=self.may_extract(request),
            may_define=request.user.has_perm("literature.change_characteristicfield"),
            next_study=next(
                (each for each in studies if progress.get(each, nothing).waits_for_me),
                None,
            ),
        )

    def paper_view(self, request: HttpRequest, pk: int, reference: int) -> HttpResponse:
        """One's own paper on one study: the questions with boxes; a POST keeps it, and says perhaps that it is done."""
        review = get_object_or_404(LiteratureReview, pk=pk)
        study = get_object_or_404(Reference, pk=reference)
        if not self.may_extract(request):
            raise PermissionDenied
        if not is_included(review, study):
            raise Http404
        by = signed_in_user(request)
        questions = questions_of_form(review.extraction_form.all())
        papers = papers_on(review, study, CHARACTERISTICS)
        own = next((each for each in papers if each.person_id == by.pk), None)
        stands = keys_done_by_both(papers)
        sent = dict(request.POST.lists()) if request.method == "POST" else None
        faults: dict[str, str] = {}
        reason = ""
        if sent is not None:
            answers, faults = read_posted_answers([each for each in questions if each.key not in stands], sent)
            if not faults:
                try:
                    kept = keep_paper(
                        review=review,
                        reference=study,
                        about=CHARACTERISTICS,
                        answers=answers,
                        done="done" in sent,
                        seen=request.POST.get("version", ""),
                        by=by,
                    )
                except CannotExtract as refusal:
                    reason = str(refusal)
                else:
                    left = keys_to_do(questions, kept)
                    told = "kept; go on when you like" if left else "done"
                    messages.success(request, f"“{study.title}”: {told}.")
                    return HttpResponseRedirect(self.go_on_after(request, review, study, is_done=not left))
        return self.review_page(
            request,
            "extract",
            review,
            422 if reason or faults else 200,
            title=f"Read: {study.title}"[:200],
            study=study,
            facts=reference_facts(study),
            documents=readable_documents(study, by),
            asked=[
                QuestionBoxes(
                    each,
                    show_posted(each, sent)
                    if sent is not None and each.key not in stands
                    else show_answer((own.values if own else {}).get(each.key) or {}),
                    faults.get(each.key, ""),
                    each.key in stands,
                )
                for each in questions
            ],
            faults=[(each, faults[each.key]) for each in questions if each.key in faults],
            reason=reason,
            is_third=own is None and len(papers) >= PAPERS,
            both_done=bool(stands),
            left=keys_to_do(questions, own),
            version=paper_version(own),
        )

    def go_on_after(self, request: HttpRequest, review: LiteratureReview, study: Reference, *, is_done: bool) -> str:
        """Where one goes on: the same study while it is not done, the next that waits, or the list of studies."""
        if not is_done:
            return request.path
        by = signed_in_user(request)
        keys = [each.key for each in review.extraction_form.all()]
        progress = follow_papers(review, CHARACTERISTICS, keys, by)
        nothing = StudyProgress()
        waiting = [
            pk
            for pk in included_references(review).values_list("pk", flat=True)
            if progress.get(pk, nothing).waits_for_me
        ]
        if waiting and "next" in request.POST.getlist("done"):
            return reverse("admin:literature_review_extract_study", args=[review.pk, waiting[0]])
        return reverse("admin:literature_review_extract", args=[review.pk])

    def agree_view(self, request: HttpRequest, pk: int, reference: int) -> HttpResponse:
        """Two papers on one study side by side."""
        review = get_object_or_404(LiteratureReview, pk=pk)
        study = get_object_or_404(Reference, pk=reference)
        two = TwoPapers(
            CHARACTERISTICS,
            questions_of_form(review.extraction_form.all()),
            "extract",
            reverse("admin:literature_review_extract_study", args=[pk, reference]),
            reverse("admin:literature_review_extract", args=[pk]),
        )
        return self.agree_page(request, review, study, two)
