"""The pages of appraising: the included studies, and one study with a checklist."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, reverse
from django.utils.http import urlencode

from failure_lessons.accounts.signed_in import signed_in_user
from failure_lessons.vocabularies.choices import AppraisalJudgement, ChecklistTool, TeamVocabulary
from failure_lessons.vocabularies.terms import labels_of_vocabulary, offered_terms
from literature.appraising.checklists import CHECKLISTS
from literature.appraising.services import CannotAppraise, appraisal_version, appraise_study, is_included
from literature.models import Appraisal, AppraisalAnswer, LiteratureReview, Reference
from literature.review_pages import ReviewPages
from literature.screening.admin import reference_facts
from literature.studies import list_included_studies

TOOLS = TeamVocabulary.APPRAISAL_TOOL


class AppraisalPages(ReviewPages):
    """Pages on which included studies are appraised."""

    def urls(self) -> list[URLPattern]:
        return [
            self.make_path("<int:pk>/appraise/", self.studies_view, "literature_review_appraise"),
            self.make_path(
                "<int:pk>/appraise/<int:reference>/", self.appraise_view, "literature_review_appraise_study"
            ),
        ]

    def studies_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The included studies, each with its appraisals and with what was answered."""
        review = get_object_or_404(LiteratureReview, pk=pk)
        if not self.admin.has_view_permission(request, review):
            raise PermissionDenied
        rows = [
            {"ref": each.reference.slug, "stage": each.stage, "decision": each.decision}
            for each in review.screenings.select_related("reference")
        ]
        slugs = [study.screening["ref"] for study in list_included_studies({"screening": rows})]
        references = {each.slug: each for each in Reference.objects.filter(slug__in=slugs)}
        judged: dict[int, list[Appraisal]] = {}
        for appraisal in review.appraisals.all():
            judged.setdefault(appraisal.reference_id, []).append(appraisal)
        answered: dict[int, int] = {}
        for pk_of in AppraisalAnswer.objects.filter(review=review).values_list("reference", flat=True):
            answered[pk_of] = answered.get(pk_of, 0) + 1
        return self.review_page(
            request,
            "appraisals",
            review,
            title=f"Appraisal: {review}",
            may=self.may_appraise(request),
            studies=[
                {
                    "reference": references[slug],
                    "facts": reference_facts(references[slug]),
                    "appraisals": judged.get(references[slug].pk, []),
                    "answered": answered.get(references[slug].pk, 0),
                }
                for slug in slugs
            ],
        )

    def may_appraise(self, request: HttpRequest) -> bool:
        """Whoever may add an appraisal and its answers."""
        return request.user.has_perms(["literature.add_appraisal", "literature.add_appraisalanswer"])

    def appraise_view(self, request: HttpRequest, pk: int, reference: int) -> HttpResponse:
        """One study: the questions of a checklist, and the judgement."""
        review = get_object_or_404(LiteratureReview, pk=pk)
        study = get_object_or_404(Reference, pk=reference)
        if not self.may_appraise(request):
            raise PermissionDenied
        if not is_included(review, study):
            raise Http404
        by = signed_in_user(request)
        rows = list(review.appraisals.filter(reference=study))
        offered = [code for code, _ in offered_terms(TOOLS)]
        usual = ChecklistTool.AACODS.value if ChecklistTool.AACODS in offered else next(iter(offered), "")
        tool = request.GET.get("tool", rows[0].tool if rows else usual)
        if tool not in labels_of_vocabulary(TOOLS):
            raise Http404
        checklist = CHECKLISTS.get(tool)  # none for a tool that a steward added: judgement and note alone
        judged = next((each for each in rows if each.tool == tool), None)
        given = {
            each.item: (each.answer, each.comment)
            for each in AppraisalAnswer.objects.filter(review=review, reference=study, tool=tool)
        }
        judgement, note, reason = (judged.judgement, judged.note, "") if judged else ("", "", "")
        if request.method == "POST":
            sent = request.POST
            given = {
                item.code: (sent.get(f"answer-{item.code}", ""), sent.get(f"comment-{item.code}", ""))
                for item in (checklist.items if checklist else ())
            }
            judgement, note = sent.get("judgement", ""), sent.get("note", "")
            try:
                appraise_study(
                    review=review,
                    reference=study,
                    tool=tool,
                    answers=given,
                    judgement=judgement,
                    note=note,
                    by=by,
                    seen=sent.get("version", ""),
                )
            except CannotAppraise as refusal:
                reason = str(refusal)
            else:
                done = "appraised" if judgement else "kept; the judgement is still to be chosen"
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
            tool=tool,
            tools=offered_terms(TOOLS, [tool]),
            checklist=checklist,
            reason=reason,
            judgement=judgement,
            note=note,
            judgements=AppraisalJudgement.choices,
            version=appraisal_version(review, study, tool),
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
