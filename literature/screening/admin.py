"""The pages of screening: one record at a time, and the conflicts side by side."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models.functions import Left, Length
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, reverse
from django.utils.http import urlencode

from failure_lessons.accounts.models import User
from failure_lessons.accounts.signed_in import signed_in_user
from failure_lessons.bibliography.names import format_csl_authors, format_csl_year
from failure_lessons.publishing.models import Publishable
from failure_lessons.validators.addresses import link_target
from failure_lessons.vocabularies.choices import ScreeningDecision, ScreeningStage
from failure_lessons.workbench.buttons import REVIEW
from literature.models import LiteratureReview, Reference, ScreeningNote, ScreeningResolution
from literature.prisma import FULL, NOT_RETRIEVED, TITLE
from literature.review_pages import ReviewPages
from literature.screening.marking import mark_words
from literature.screening.queue import (
    conflicting_records,
    count_screening_progress,
    describe_conflicts,
    next_to_vote_on,
    screener_agreements,
)
from literature.screening.records import find_plan, note_on_record, notes_to_see, votes_are_shown
from literature.screening.services import (
    CannotScreen,
    Decision,
    cast_vote,
    confirm_resolution,
    resolve_conflict,
    revise_decision,
    take_back,
)

CONFLICTS_A_PAGE = 20
SHOWN_TEXT = 60_000  # characters of a full text beside its vote; the reading page has the whole
MOST_DOCUMENTS = 5
MAX_NUMBERED_REASONS = 9  # reasons that have a key of their own
SCREENING_KEYS = [
    ("include", "Include"),
    ("exclude", "Exclude, then the number of a reason"),
    ("maybe", "Maybe"),
    ("undo", "Undo my last vote"),
    ("help", "Show these keys"),
]


def parse_posted_key(text: str) -> int:
    """A primary key that a browser sent; 0 for anything else."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 18 else 0


def reference_facts(reference: Reference) -> dict[str, object]:
    """A record as a screener reads it."""
    names = format_csl_authors({"author": reference.author})
    return {
        "authors": "; ".join(names[:8]) + (f" and {len(names) - 8} more" if len(names) > 8 else ""),
        "year": format_csl_year({"issued": reference.issued}) if reference.issued else "",
        "where": ", ".join(filter(None, [reference.container_title, reference.publisher])),
        "identifiers": [
            *([("DOI", reference.doi, f"https://doi.org/{reference.doi}")] if reference.doi else []),
            *([("ISBN", reference.isbn, "")] if reference.isbn else []),
            *([("Address", reference.url, reference.url)] if link_target(reference.url) else []),
        ],
    }


def readable_documents(reference: Reference, person: User) -> list[dict[str, object]]:
    """The source documents of a record that a person may read, each with the beginning of its text."""
    private = person.has_perm("coding.read_private")
    rows = reference.documents.all() if private else reference.documents.filter(access="open")
    told = rows.order_by("pk").values_list("pk", "name", Left("file__text", SHOWN_TEXT), Length("file__text"))
    return [
        {"pk": pk, "name": name, "text": text or "", "is_cut": (length or 0) > SHOWN_TEXT}
        for pk, name, text, length in told[:MOST_DOCUMENTS]
    ]


class ScreeningPages(ReviewPages):
    """Pages on which records are screened by two."""

    def urls(self) -> list[URLPattern]:
        return [
            self.make_path("<int:pk>/screen/", self.screen_view, "literature_review_screen"),
            self.make_path("<int:pk>/conflicts/", self.conflicts_view, "literature_review_conflicts"),
        ]

    def tools(self, request: HttpRequest, record: Publishable) -> list[dict[str, str]]:
        """Screening, for those who vote."""
        if not self.may_screen(request):
            return []
        return [{"label": "Screen", "url": reverse("admin:literature_review_screen", args=[record.pk])}]

    def stage_asked(self, request: HttpRequest) -> str:
        """The stage in the address, titles and abstracts unless told."""
        asked = request.GET.get("stage", "")
        return asked if asked in ScreeningStage.values else TITLE

    def screen_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """One record, the criteria beside it, and the buttons; a POST votes or takes a vote back, and goes on."""
        if not self.may_screen(request):
            raise PermissionDenied
        review = get_object_or_404(LiteratureReview, pk=pk)
        by = signed_in_user(request)
        stage, after = self.stage_asked(request), parse_posted_key(request.GET.get("after", ""))
        if request.method == "POST":
            self.record_vote(request, review, stage)
            if "remember" in request.POST:  # the same record again
                after = parse_posted_key(request.POST.get("before", "")) or after
            query: dict[str, str | int] = {"stage": stage, **({"after": after} if after else {})}
            return HttpResponseRedirect(f"{reverse('admin:literature_review_screen', args=[pk])}?{urlencode(query)}")
        record = next_to_vote_on(review, stage, by, after)
        criteria = list(review.eligibility_criteria.all())
        exclusions = [each for each in criteria if each.decision == ScreeningDecision.EXCLUDE]
        plan = find_plan(review)
        place = getattr(record, "place", 0)
        return self.review_page(
            request,
            "screen",
            review,
            title=f"Screen: {review}",
            stage=stage,
            stages=ScreeningStage.choices,
            record=record,
            facts=reference_facts(record) if record else {},
            heading=mark_words(record.title, plan) if record else "",
            abstract=mark_words(record.abstract, plan) if record else "",
            documents=readable_documents(record, by) if record else [],
            note=ScreeningNote.objects.filter(review=review, reference=record, person=by).first() if record else None,
            before=max(place - 1, 0),
            in_pilot=stage == TITLE and bool(plan.pilot) and not plan.pilot_ended,
            not_retrieved=NOT_RETRIEVED if stage == FULL else "",
            progress=count_screening_progress(review, stage, by),
            after=after,
            inclusions=[each for each in criteria if each.decision == ScreeningDecision.INCLUDE],
            exclusions=[
                {"criterion": each, "key": str(place) if place <= MAX_NUMBERED_REASONS else ""}
                for place, each in enumerate(exclusions, start=1)
            ],
            may_be_unsure=stage == TITLE,
            keys=SCREENING_KEYS,
        )

    def record_vote(self, request: HttpRequest, review: LiteratureReview, stage: str) -> None:
        """Do what the buttons of the page say, and tell what happened."""
        by = signed_in_user(request)
        try:
            if "remember" in request.POST:
                self.keep_note(request, review)
                return
            if "undo" in request.POST:
                undone = take_back(review=review, stage=stage, by=by)
                messages.success(request, f"Your vote on “{undone.reference.title}” was taken back.")
                return
            record = Reference.objects.filter(pk=parse_posted_key(request.POST.get("record", ""))).first()
            if record is None:
                raise CannotScreen("The record you looked at is no longer here: it was merged or deleted.")
            decision, reason = request.POST.get("decision", ""), request.POST.get("note", "")
            if "lost" in request.POST and stage == FULL:
                decision, reason = Decision.EXCLUDE, NOT_RETRIEVED
            elif "criterion" in request.POST:
                chosen = review.eligibility_criteria.filter(
                    pk=parse_posted_key(request.POST["criterion"]), decision=ScreeningDecision.EXCLUDE
                ).first()
                if chosen is None:
                    raise CannotScreen("That reason was changed in the review meanwhile. Choose again.")
                decision, reason = Decision.EXCLUDE, chosen.text
            made = cast_vote(review=review, reference=record, stage=stage, decision=decision, reason=reason, by=by)
            messages.success(request, f"{made.get_decision_display()}: “{record.title}”.")
        except CannotScreen as refusal:
            messages.error(request, str(refusal))

    def keep_note(self, request: HttpRequest, review: LiteratureReview) -> None:
        """Keep the note and the labels of the record in hand. Raises `CannotScreen`."""
        record = Reference.objects.filter(pk=parse_posted_key(request.POST.get("record", ""))).first()
        if record is None:
            raise CannotScreen("The record you looked at is no longer here: it was merged or deleted.")
        labels, text = request.POST.get("labels", ""), request.POST.get("text", "")
        made = note_on_record(review=review, reference=record, labels=labels, text=text, by=signed_in_user(request))
        messages.success(request, f"{'Noted' if made else 'Note taken away'}: “{record.title}”.")

    def conflicts_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The conflicts with both reasons, and how far screeners agree; a POST proposes, confirms or settles."""
        review = get_object_or_404(LiteratureReview, pk=pk)
        by = signed_in_user(request)
        if not self.admin.has_view_permission(request, review):
            raise PermissionDenied
        reviews = by.has_perm(REVIEW)
        if request.method == "POST":
            self.settle_conflict(request, review, may_settle=reviews)
            return HttpResponseRedirect(request.get_full_path())
        open_by_stage = {code: conflicting_records(review, code) for code in ScreeningStage.values}
        counts = {code: rows.count() for code, rows in open_by_stage.items()}
        usual = next((code for code, number in counts.items() if number), TITLE)
        stage = self.stage_asked(request) if "stage" in request.GET else usual
        shown = votes_are_shown(review, stage)
        page = Paginator(open_by_stage[stage], CONFLICTS_A_PAGE).get_page(request.GET.get("page"))
        notes = notes_to_see(review, list(page), stage, by) if shown else {}
        return self.review_page(
            request,
            "conflicts",
            review,
            title=f"Conflicts: {review}",
            pairs=screener_agreements(review),
            may_revise=reviews,
            stage=stage,
            stages=[(code, label, counts[str(code)]) for code, label in ScreeningStage.choices],
            total=sum(counts.values()),
            shown=shown,
            page=page,
            conflicts=[
                {
                    "conflict": each,
                    "facts": reference_facts(each.reference),
                    "involves": each.involves(by),
                    "awaits": each.awaits(by),
                    "may": (each.involves(by) and self.may_screen(request)) or reviews,
                    "stage": ScreeningStage(each.stage).label,
                    "notes": notes.get(each.reference.pk, []),
                }
                for each in (describe_conflicts(review, stage, list(page)) if shown else ())
            ],
        )

    def settle_conflict(self, request: HttpRequest, review: LiteratureReview, *, may_settle: bool) -> None:
        """Do what the buttons of the page say, and tell what happened."""
        by = signed_in_user(request)
        try:
            if "confirm" in request.POST:
                proposal = ScreeningResolution.objects.filter(
                    pk=parse_posted_key(request.POST["confirm"]), review=review
                ).first()
                if proposal is None:
                    raise CannotScreen("This proposal was replaced or settled meanwhile. Look again.")
                if not self.may_screen(request):
                    raise PermissionDenied
                confirm_resolution(resolution=proposal, by=by)
                messages.success(request, f"Settled: “{proposal.reference.title}”.")
                return
            if "key" in request.POST:
                self.decide_anew(request, review, may_settle=may_settle)
                return
            record = Reference.objects.filter(pk=parse_posted_key(request.POST.get("record", ""))).first()
            if record is None:
                raise CannotScreen("The record you looked at is no longer here: it was merged or deleted.")
            stage = request.POST.get("stage", "")
            own = review.votes.filter(reference=record, stage=stage, screener=by).exists()
            if not ((own and self.may_screen(request)) or (may_settle and not own)):
                raise PermissionDenied
            made = resolve_conflict(
                review=review,
                reference=record,
                stage=stage,
                decision=request.POST.get("decision", ""),
                reason=request.POST.get("reason", ""),
                by=by,
            )
            told = "Settled" if made.done else "Proposed; the other screener has to confirm it"
            messages.success(request, f"{told}: {made.get_decision_display().lower()} “{record.title}”.")
        except CannotScreen as refusal:
            messages.error(request, str(refusal))

    def decide_anew(self, request: HttpRequest, review: LiteratureReview, *, may_settle: bool) -> None:
        """Change a decision that was agreed, named by the key of its record."""
        if not may_settle:
            raise PermissionDenied
        record = Reference.objects.filter(slug=request.POST["key"].strip()[:120].replace("\0", "")).first()
        if record is None:
            raise CannotScreen("There is no reference with this key.")
        made = revise_decision(
            review=review,
            reference=record,
            stage=request.POST.get("stage", ""),
            decision=request.POST.get("decision", ""),
            note=request.POST.get("reason", ""),
            by=signed_in_user(request),
        )
        messages.success(request, f"Decided anew: {made.get_decision_display().lower()} “{record.title}”.")
