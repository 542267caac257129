"""The page on which comments are read by two, answered, and agreed on by two; nobody is told who wrote them."""

from __future__ import annotations

import hashlib
import re
from urllib.parse import urlencode

from django.contrib import messages
from django.core.paginator import Paginator
from django.db import transaction
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import get_object_or_404
from django.urls import URLPattern

from failure_lessons.accounts.models import User
from recommendations.consultations.answers import Disposition, Submitted
from recommendations.consultations.desk import RUN, RoundPart
from recommendations.consultations.models import ConsultationRound
from recommendations.consultations.moderation import (
    agree_on_comment,
    confirm_reading,
    decide_comment,
    link_changes,
    read_words,
)
from recommendations.consultations.services import CannotMoveRound, refuse_round

COMMENTS_ON_PAGE = 25
KEPT_ASKED = ("waits", "statement", "q", "page")  # of the question, from one step to the next
# What a comment may wait for. One may wait to be read and to be decided on at once.
COMMENT_WAITS: dict[str, tuple[str, Q]] = {
    "read": ("To be read", Q(read_by=None)),
    "read-again": ("To be read by a second person", Q(read_by__isnull=False, read_again_by=None)),
    "decide": ("To be decided on", Q(disposition=None)),
    "agree": ("To be agreed on by a second person", Q(disposition__isnull=False, disposition__agreed_by=None)),
    "settled": ("Settled", Q(read_again_by__isnull=False, disposition__agreed_by__isnull=False)),
}


class RoundComments(RoundPart):
    """Comments and what becomes of each."""

    def urls(self) -> list[URLPattern]:
        return [self.make_path("<int:pk>/comments/", self.comments_view, self.name_page("comments"))]

    def comments_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """A page of the comments that are asked for; the number of queries is the same however many there are."""
        by = self.demand(request, RUN)
        row = get_object_or_404(ConsultationRound, pk=pk)
        if request.method == "POST":
            try:
                self.answer_comment(request, row, by)
            except CannotMoveRound as refusal:
                for reason in refusal.reasons:
                    messages.error(request, reason)
            asked = keep_question(request.GET)
            where = f"{self.page_url('comments', pk)}{'?' if asked else ''}{asked}"
            return HttpResponseRedirect(f"{where}#c{int_of(request.POST.get('comment'))}")
        every = Submitted.objects.filter(answerer__round=row)
        chosen = narrow_comments(every, request.GET)
        page = Paginator(chosen, COMMENTS_ON_PAGE).get_page(request.GET.get("page"))
        counted = {code: Count("pk", filter=waiting) for code, (_, waiting) in COMMENT_WAITS.items()}
        many = every.aggregate(every=Count("pk"), **counted)
        context = {
            "round": row,
            "page": page,
            "comments": [(each, digest_words(each, getattr(each, "disposition", None))) for each in page.object_list],
            "waits": [(code, label, many[code]) for code, (label, _) in COMMENT_WAITS.items()],
            "every": many["every"],
            "statements": row.statements.values_list("code", flat=True),
            "asked": {name: request.GET.get(name, "") for name in KEPT_ASKED},
            "beside": keep_question(request.GET, without="page"),
            "outcomes": Disposition.Outcome.choices,
            "urls": {"run": self.page_url("run", pk), "comments": self.page_url("comments", pk)},
            "by": by,
        }
        return self.show_page(request, "comments", 200, context)

    def answer_comment(self, request: HttpRequest, row: ConsultationRound, by: User) -> None:
        """One step with one comment, or what a second person does with all that they were shown."""
        what, sent = request.POST.get("what", ""), request.POST
        if what == "link":
            messages.success(request, f"{link_changes(row)} changes were found among what was published since.")
        elif what in ("confirm", "agree"):
            self.settle_seen(request, row, by, what)
        elif what in ("read", "decide"):
            comment = get_object_or_404(Submitted, pk=int_of(sent.get("comment")), answerer__round=row)
            if what == "read":
                read_words(submitted=comment, public_text=sent.get("public_text", ""), by=by)
                return
            decide_comment(
                submitted=comment,
                outcome=sent.get("outcome", ""),
                reason=sent.get("reason", ""),
                change=sent.get("change", ""),
                repeats=Submitted.objects.filter(answerer__round=row, number=int_of(sent.get("repeats"))).first(),
                by=by,
            )

    def settle_seen(self, request: HttpRequest, row: ConsultationRound, by: User, what: str) -> None:
        """Read a second time, or agree on, each comment that a form names as it was when this person saw it.

        Comments and proposals are held from the look at them on: what somebody changes meanwhile comes before or after.
        """
        seen = {
            int_of(key): digest
            for key, _, digest in (each.partition(":") for each in request.POST.getlist("seen")[:COMMENTS_ON_PAGE])
        }
        done, refused = 0, []
        with transaction.atomic():
            rows = Submitted.objects.filter(answerer__round=row, pk__in=seen)
            comments = list(rows.select_for_update(of=("self",)).order_by("pk"))
            proposed = Disposition.objects.select_for_update().filter(submitted__in=comments).order_by("pk")
            became = {each.submitted_id: each for each in proposed}
            for comment in comments:
                disposition = became.get(comment.pk)
                if digest_words(comment, disposition) != seen[comment.pk]:
                    refused.append(f"{comment} was changed while you read: look at it once more.")
                    continue
                try:
                    if what == "confirm":
                        confirm_reading(submitted=comment, by=by)
                    elif disposition:
                        agree_on_comment(disposition=disposition, by=by)
                    else:
                        refuse_round([f"Nothing is proposed for {comment} yet."])
                    done += 1
                except CannotMoveRound as refusal:
                    refused += refusal.reasons
        if done and len(seen) > 1:
            messages.success(request, f"{done} comments: done.")
        if refused:
            refuse_round(list(dict.fromkeys(refused)))


def int_of(text: object) -> int:
    """The digits of a text as a number; 0, which is nobody's, where it has none."""
    return int(re.sub(r"[^0-9]", "", str(text or ""))[:9] or 0)


def digest_words(comment: Submitted, became: Disposition | None) -> str:
    """What a second person agrees to, in short: the words that readers would get, and what is proposed."""
    proposed = (became.outcome, became.reason, became.change, became.repeats_id, became.by_id) if became else ()
    told = repr((comment.public_text, comment.read_by_id, proposed))
    return hashlib.sha256(told.encode()).hexdigest()[:16]


def narrow_comments(rows: QuerySet[Submitted], asked: QueryDict) -> QuerySet[Submitted]:
    """Those that wait for what is asked, about a statement, with these words in them."""
    waits, statement = str(asked.get("waits", "")), str(asked.get("statement", ""))
    if waits in COMMENT_WAITS:
        rows = rows.filter(COMMENT_WAITS[waits][1])
    if statement:
        rows = rows.filter(statement__code=statement.replace("\0", ""))
    if words := asked.get("q", "").replace("\0", "").strip()[:200]:
        number = int_of(words) if re.fullmatch(r"[Cc]?[0-9]+", words) else 0
        rows = rows.filter(Q(text__icontains=words) | Q(public_text__icontains=words) | Q(number=number))
    return (
        rows.select_related("statement", "disposition__by", "disposition__agreed_by", "disposition__repeats")
        .select_related("read_by", "read_again_by")
        .defer("answerer")
        .order_by("number", "pk")
    )


def keep_question(asked: QueryDict, *, without: str = "") -> str:
    """The question as a query string, for what leads back to it."""
    return urlencode({name: asked[name] for name in KEPT_ASKED if asked.get(name) and name != without})
