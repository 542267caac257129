"""The pages of appraising by two: the included studies, one's own paper with a checklist, and two side by side."""

from __future__ import annotations

from typing import NamedTuple

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, reverse
from django.utils.http import urlencode

from failure_lessons.accounts.signed_in import signed_in_user
from failure_lessons.types import Document, JSONObject
from failure_lessons.vocabularies.choices import AppraisalJudgement, ChecklistTool, TeamVocabulary
from failure_lessons.vocabularies.terms import labels_of_vocabulary, offered_terms
from literature.appraising.checklists import CHECKLISTS, Checklist
from literature.appraising.services import CannotAppraise, appraise_by_hand, is_included
from literature.extracting.admin import STUDIES_A_PAGE, AgreeingPages, TwoPapers
from literature.extracting.forms import JUDGEMENT, TOOL, about_tool, questions_of_checklist
from literature.extracting.pages import StudyProgress, follow_papers, included_references
from literature.extracting.services import (
    PAPERS,
    CannotExtract,
    keep_paper,
    keys_done_by_both,
    paper_version,
    papers_on,
)
from literature.extraction_fields import LONGEST_ANSWER
from literature.models import Appraisal, AppraisalAnswer, LiteratureReview, Reference, StudyPaper
from literature.screening.admin import readable_documents, reference_facts

TOOLS = TeamVocabulary.APPRAISAL_TOOL


class ToolPapers(NamedTuple):
    """How far the papers on a study with one tool have come."""

    tool: str
    label: str
    progress: StudyProgress


def read_appraisal(checklist: Checklist | None, sent: QueryDict) -> dict[str, JSONObject]:
    """The answers to a checklist and the judgement as a browser sent them. Raises `CannotExtract`."""
    answers = {
        item.code: give_answer(item.code, sent.get(f"answer-{item.code}", ""), sent.get(f"comment-{item.code}", ""))
        for item in (checklist.items if checklist else ())
    }
    judgement, note = sent.get("judgement", ""), sent.get("note", "")
    if judgement not in ("", *AppraisalJudgement.values):
        raise CannotExtract("Choose one of the judgements.")
    if note.strip() and not judgement:
        raise CannotExtract("Choose a judgement beside your note.")
    return {**answers, JUDGEMENT: clean_appraisal(judgement, note, "The note")}


def give_answer(code: str, answer: str, comment: str) -> JSONObject:
    """The answer to one question of a checklist. Raises `CannotExtract`."""
    if answer not in ("", *AppraisalAnswer.Answer.values):
        raise CannotExtract(f"Question {code}: answer yes, no or can’t tell.")
    if comment.strip() and not answer:
        raise CannotExtract(f"Question {code}: choose an answer beside your comment.")
    return clean_appraisal(answer, comment, f"Question {code}: a comment")


def clean_appraisal(choice: str, text: str, what: str) -> JSONObject:
    """A choice with its words; {} for no choice. Raises `CannotExtract`."""
    words = text.replace("\0", "").replace("\r\n", "\n").strip()
    if len(words) > LONGEST_ANSWER:
        raise CannotExtract(f"{what} has at most {LONGEST_ANSWER:,} characters.")
    return {"choices": [choice], **({"text": words} if words else {})} if choice else {}


def chosen_of(answer: Document) -> tuple[str, str]:
    """The choice of an answer, and its words."""
    return "".join(answer.get("choices") or []), answer.get("text") or ""


class AppraisalPages(AgreeingPages):
    """Pages on which included studies are appraised."""

    def urls(self) -> list[URLPattern]:
        start = "<int:pk>/appraise/"
        return [
            self.make_path(start, self.studies_view, "literature_review_appraise"),
            self.make_path(f"{start}<int:reference>/", self.appraise_view, "literature_review_appraise_study"),
            self.make_path(f"{start}<int:reference>/agree/", self.agree_view, "literature_review_appraise_agree"),
        ]

    def studies_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The included studies, each with the appraisals that count and how far the papers of two have come."""
        review = get_object_or_404(LiteratureReview, pk=pk)
        if not self.admin.has_view_permission(request, review):
            raise PermissionDenied
        by = signed_in_user(request)
        if request.method == "POST":
            if not self.may_appraise(request):
                raise PermissionDenied
            self.judge_by_hand(request, review)
            return HttpResponseRedirect(request.get_full_path())
        rows = included_references(review)
        if key := request.GET.get("key", "").replace("\0", "")[:120]:  # one, whether it is still included or not
            rows = Reference.objects.filter(slug=key, appraisals__review=review).distinct().order_by("slug")
        page = Paginator(rows, STUDIES_A_PAGE).get_page(request.GET.get("page"))
        shown = [each.pk for each in page]
        judged: dict[int, list[Appraisal]] = {}
        for appraisal in review.appraisals.filter(reference__in=shown):
            judged.setdefault(appraisal.reference_id, []).append(appraisal)
        papers: dict[int, list[ToolPapers]] = {}
        labels = labels_of_vocabulary(TOOLS)
        begun = StudyPaper.objects.filter(review=review, reference__in=shown, about__startswith=TOOL).order_by()
        for about in sorted(set(begun.values_list("about", flat=True))):  # as many as there are tools in use
            tool = about.removeprefix(TOOL)
            keys = [each.key for each in questions_of_checklist(tool)]
            for reference, progress in follow_papers(review, about, keys, by, shown).items():
                papers.setdefault(reference, []).append(ToolPapers(tool, labels.get(tool, tool), progress))
        return self.review_page(
            request,
            "appraisals",
            review,
            title=f"Appraisal: {review}",
            may=self.may_appraise(request),
            tools=offered_terms(TOOLS),
            judgements=AppraisalJudgement.choices,
            page=page,
            studies=[
                {
                    "reference": each,
                    "facts": reference_facts(each),
                    "appraisals": judged.get(each.pk, []),
                    "papers": papers.get(each.pk, []),
                }
                for each in page
            ],
        )

    def judge_by_hand(self, request: HttpRequest, review: LiteratureReview) -> None:
        """Write or take away a judgement that one person gave, and tell what happened."""
        sent = request.POST
        study = Reference.objects.filter(slug=sent.get("key", "").strip()[:120].replace("\0", "")).first()
        try:
            if study is None:
                raise CannotAppraise("There is no reference with this key.")
            appraise_by_hand(
                review=review,
                reference=study,
                tool=sent.get("tool", ""),
                judgement=sent.get("judgement", ""),
                note=sent.get("note", ""),
                by=signed_in_user(request),
            )
            messages.success(request, f"Written by hand: “{study.title}”.")
        except CannotAppraise as refusal:
            messages.error(request, str(refusal))

    def may_appraise(self, request: HttpRequest) -> bool:
        """Whoever may add an appraisal and its answers."""
        return request.user.has_perms(["literature.add_appraisal", "literature.add_appraisalanswer"])

    def choose_tool(self, request: HttpRequest, review: LiteratureReview, study: Reference) -> str:
        """The tool in the address; unless told, one with which the study is being appraised, or the usual one."""
        begun = StudyPaper.objects.filter(review=review, reference=study, about__startswith=TOOL).order_by("pk").first()
        judged = review.appraisals.filter(reference=study).first()
        offered = [code for code, _ in offered_terms(TOOLS)]
        usual = ChecklistTool.AACODS.value if ChecklistTool.AACODS in offered else next(iter(offered), "")
        known = begun.about.removeprefix(TOOL) if begun else judged.tool if judged else usual
        tool = request.GET.get("tool", known)
        if (
            tool not in offered
            and tool != known
            and (request.method != "POST" or tool not in labels_of_vocabulary(TOOLS))
        ):
            raise Http404
        return str(tool)

    def appraise_view(self, request: HttpRequest, pk: int, reference: int) -> HttpResponse:
        """One's own paper on one study: the questions of a checklist, and the judgement."""
        review = get_object_or_404(LiteratureReview, pk=pk)
        study = get_object_or_404(Reference, pk=reference)
        if not self.may_appraise(request):
            raise PermissionDenied
        if not is_included(review, study):
            raise Http404
        by = signed_in_user(request)
        tool = self.choose_tool(request, review, study)
        about = about_tool(tool)
        checklist = CHECKLISTS.get(tool)  # none for a tool that a steward added: judgement and note alone
        papers = papers_on(review, study, about)
        own = next((each for each in papers if each.person_id == by.pk), None)
        values: Document = own.values if own else {}
        given = {item.code: chosen_of(values.get(item.code) or {}) for item in (checklist.items if checklist else ())}
        judgement, note = chosen_of(values.get(JUDGEMENT) or {})
        reason = ""
        if request.method == "POST":
            sent = request.POST
            given = {code: (sent.get(f"answer-{code}", ""), sent.get(f"comment-{code}", "")) for code in given}
            judgement, note = sent.get("judgement", ""), sent.get("note", "")
            try:
                if own is None and tool not in dict(offered_terms(TOOLS)):
                    raise CannotExtract("Choose one of the tools: this one was retired. What you typed is still here.")
                answers = read_appraisal(checklist, sent)
                keep_paper(
                    review=review,
                    reference=study,
                    about=about,
                    answers=answers,
                    done=bool(judgement),
                    seen=sent.get("version", ""),
                    by=by,
                )
            except CannotExtract as refusal:
                reason = str(refusal)
            else:
                done = "appraised by you" if judgement else "kept; the judgement is still to be chosen"
                messages.success(request, f"“{study.title}”: {done}.")
                here = reverse("admin:literature_review_appraise_study", args=[pk, reference])
                on = reverse("admin:literature_review_appraise", args=[pk])
                return HttpResponseRedirect(on if judgement else f"{here}?{urlencode({'tool': tool})}")
        return self.review_page(
            request,
            "appraise",
            review,
            409 if reason else 200,
            title=f"Appraise: {study.title}"[:200],
            study=study,
            facts=reference_facts(study),
            documents=readable_documents(study, by),
            tool=tool,
            tools=offered_terms(TOOLS, [tool]),
            checklist=checklist,
            reason=reason,
            judgement=judgement,
            note=note,
            judgements=AppraisalJudgement.choices,
            version=paper_version(own),
            stands=bool(keys_done_by_both(papers)),
            is_third=own is None and len(papers) >= PAPERS,
            answers=AppraisalAnswer.Answer.choices,
            groups=[
                {
                    "group": group,
                    "items": [
                        {
                            "item": item,
                            "answer": given.get(item.code, ("", ""))[0],
                            "comment": given.get(item.code, ("", ""))[1],
                        }
                        for item in group.items
                    ],
                }
                for group in (checklist.groups if checklist else ())
            ],
        )

    def agree_view(self, request: HttpRequest, pk: int, reference: int) -> HttpResponse:
        """Two appraisals of one study with one tool side by side."""
        review = get_object_or_404(LiteratureReview, pk=pk)
        study = get_object_or_404(Reference, pk=reference)
        tool = self.choose_tool(request, review, study)
        own = reverse("admin:literature_review_appraise_study", args=[pk, reference])
        two = TwoPapers(
            about_tool(tool),
            questions_of_checklist(tool),
            "appraise",
            f"{own}?{urlencode({'tool': tool})}",
            reverse("admin:literature_review_appraise", args=[pk]),
            silent=False,
        )
        return self.agree_page(request, review, study, two)
