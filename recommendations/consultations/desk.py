"""The page on which a facilitator runs a round: set up, people, mail, moves; who has finished, and never what.

Comments are answered on a page beside it, without their authors. An analyst takes answers away, under pseudonyms.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import URLPattern
from django.utils import timezone

from failure_lessons.accounts.models import User
from failure_lessons.accounts.signed_in import signed_in_user
from failure_lessons.files.decoding import CannotReadFile
from failure_lessons.files.responses import attach_file
from failure_lessons.publishing.models import Edition, Publishable
from failure_lessons.workbench.parts import AdminPart
from recommendations.consultations.importing import PersonRow, read_people, take_people_in
from recommendations.consultations.invitations import invite_participants, list_unsent, remind_participants
from recommendations.consultations.models import ConsultationRound, LogLine
from recommendations.consultations.series import follow_round
from recommendations.consultations.services import (
    CannotMoveRound,
    Stage,
    announce_round,
    call_reported,
    cancel_round,
    close_round,
    move_closing_day,
    open_round,
    return_to_draft,
    set_up_round,
    write_line,
)
from recommendations.consultations.taking_away import ANSWER_FILES
from recommendations.models import ConsultationTemplate

RUN, ANALYSE = "consultations.run_round", "consultations.analyse_round"

DESK_PAGES = "admin/recommendations/consultations"
MOVES: dict[str, tuple[str, str, Callable[..., object]]] = {
    "announce": ("draft", "Announce: fix what is asked", announce_round),
    "back": ("announced", "Take back to draft", return_to_draft),
    "open": ("announced", "Open", open_round),
    "invite": ("open", "Send links to whoever has none", invite_participants),
    "remind": ("open", "Remind those who have not finished", remind_participants),
    "close": ("open", "Close, and compute the results", close_round),
    "report": ("closed", "Call it reported", call_reported),
}


class EditionsField(forms.ModelMultipleChoiceField):  # type: ignore[type-arg]  # Django has no such brackets
    """Current editions, by code and title."""

    def label_from_instance(self, obj: Edition) -> str:
        return f"{obj.code} {obj.title}"


class SetUpForm(forms.Form):
    """What a round needs beside its template."""

    title = forms.CharField(max_length=300)
    slug = forms.SlugField(max_length=80, help_text="Part of the address, for ever.")
    template = forms.ModelChoiceField(ConsultationTemplate.objects.all())
    editions = EditionsField(
        Edition.objects.current().of_kind("recommendation").without_text().order_by("sort_key"),
        label="About",
        widget=forms.CheckboxSelectMultiple,
    )
    opens_at = forms.DateField(label="First day", widget=forms.DateInput(attrs={"type": "date"}))
    closes_at = forms.DateField(label="Last day", widget=forms.DateInput(attrs={"type": "date"}))
    anonymity = forms.ChoiceField(
        choices=ConsultationRound.Anonymity.choices, initial=ConsultationRound.Anonymity.PSEUDONYMOUS
    )
    contact = forms.EmailField(help_text="Whom participants may write to.")


def read_day(text: str) -> dt.date:
    """A day as a form sends it."""
    try:
        return dt.date.fromisoformat(text)
    except ValueError as error:
        raise CannotMoveRound(["Write each day as a date, such as 2027-02-01."]) from error


def find_day(day: dt.date, *, end: bool = False) -> dt.datetime:
    """The first or the last moment of a day in London."""
    moment = dt.time(23, 59, 59) if end else dt.time(0, 0)
    return timezone.make_aware(dt.datetime.combine(day, moment))


class RoundPart(AdminPart):
    """What all pages of running rounds share."""

    def demand(self, request: HttpRequest, right: str) -> User:
        """Whoever is signed in, if they have this right."""
        if not request.user.has_perm(right):
            raise PermissionDenied
        return signed_in_user(request)

    def show_page(self, request: HttpRequest, name: str, status: int, context: dict[str, object]) -> HttpResponse:
        """A page of a round, which nobody keeps."""
        whole = {**self.page_context(request), **context}
        answer = render(request, f"{DESK_PAGES}/{name}.html", whole, status=status)
        answer["Cache-Control"] = "private, no-store"
        return answer

    def go_to(self, page: str, *args: int) -> HttpResponse:
        return HttpResponseRedirect(self.page_url(page, *args))


class RoundPages(RoundPart):
    """The pages of running rounds."""

    def urls(self) -> list[URLPattern]:
        return [
            self.make_path("set-up/", self.set_up_view, self.name_page("set_up")),
            self.make_path("<int:pk>/run/", self.run_view, self.name_page("run")),
            self.make_path("<int:pk>/people/", self.people_view, self.name_page("people")),
            self.make_path("<int:pk>/answers/", self.answers_view, self.name_page("answers")),
        ]

    def tools(self, request: HttpRequest, record: Publishable) -> list[dict[str, str]]:
        """Links on the form of a round, for those who may follow them."""
        found = []
        if request.user.has_perm(RUN):
            found += [
                {"label": "Run the round", "url": self.page_url("run", record.pk)},
                {"label": "Comments", "url": self.page_url("comments", record.pk)},
            ]
        if request.user.has_perm(ANALYSE):
            found.append({"label": "Take answers away", "url": self.page_url("answers", record.pk)})
        return found

    def set_up_view(self, request: HttpRequest) -> HttpResponse:
        """A draft from a template."""
        by = self.demand(request, RUN)
        form = SetUpForm(request.POST if request.method == "POST" else None)
        if request.method == "POST" and form.is_valid():
            values = form.cleaned_data
            values["opens_at"] = find_day(values["opens_at"])
            values["closes_at"] = find_day(values["closes_at"], end=True)
            try:
                made = set_up_round(**{**values, "editions": list(values["editions"]), "by": by})
            except (CannotMoveRound, forms.ValidationError) as refusal:
                form.add_error(None, str(getattr(refusal, "messages", [refusal])[0]))
            else:
                return HttpResponseRedirect(self.page_url("change", made.pk))
        return self.show_page(request, "set_up", 400 if form.errors else 200, {"form": form})

    def run_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """How far the round has come, and what can be done next."""
        by = self.demand(request, RUN)
        row = get_object_or_404(ConsultationRound, pk=pk)
        if request.method == "POST":
            try:
                messages.success(request, self.make_move(request, row, by))
            except CannotMoveRound as refusal:
                for reason in refusal.reasons:
                    messages.error(request, reason)
            return self.go_to("run", pk)
        return self.show_page(request, "run", 200, self.describe_run(row))

    def make_move(self, request: HttpRequest, row: ConsultationRound, by: User) -> str:
        """Do what a button says; gives the sentence that tells it."""
        what = request.POST.get("what", "")
        if what == "later":
            day = find_day(read_day(request.POST.get("closes_at", "")), end=True)
            move_closing_day(consultation=row, closes_at=day, reason=request.POST.get("reason", ""), by=by)
            return "The closing day was moved, and the reason is public."
        if what == "cancel":
            cancel_round(consultation=row, reason=request.POST.get("reason", ""), by=by)
            return "The round is cancelled, and what was answered is erased."
        if what == "follow":
            days = [read_day(request.POST.get(name, "")) for name in ("opens_at", "closes_at")]
            made = follow_round(
                before=row,
                slug=request.POST.get("slug", ""),
                opens_at=find_day(days[0]),
                closes_at=find_day(days[1], end=True),
                by=by,
            )
            return f"“{made}” is a draft with the same people, groups, questions and statements."
        if what not in MOVES:
            raise CannotMoveRound(["Nothing was done: choose one of the buttons."])
        _, label, verb = MOVES[what]
        done = verb(consultation=row, by=by)
        return f"{label}: done for {done} people." if isinstance(done, int) else f"{label}: done."

    def describe_run(self, row: ConsultationRound) -> dict[str, object]:
        """Numbers by group, who has not finished, what is unsent, who did what."""
        by_group: dict[str, dict[str, int]] = {}
        rows = row.participants.order_by().values_list("group__name", "standing").annotate(Count("pk"))
        for group, standing, number in rows:
            by_group.setdefault(group, {})[standing] = number
        labels = dict(row.participants.model.Standing.choices)
        shown = [code for code in labels if row.is_joinable or code not in ("consented", "answered")]
        return {
            "round": row,
            "moves": [(code, label) for code, (stage, label, _) in MOVES.items() if stage == row.stage],
            "may_follow": row.results is not None and not hasattr(row, "followed_by"),
            "may_cancel": row.stage in (Stage.DRAFT, Stage.ANNOUNCED, Stage.OPEN),
            "standings": [labels[code] for code in shown],
            "groups": [
                {"name": name, "numbers": [counts.get(code, 0) for code in shown]}
                for name, counts in sorted(by_group.items())
            ],
            "people": row.participants.select_related("group").order_by("group", "email"),
            "unsent": list_unsent(row),
            "lines": row.log_lines.select_related("by")[:30],
            "urls": {
                "person": self.page_url("person"),
                **{
                    name: self.page_url(name, row.pk)
                    for name in ("change", "run", "people", "comments", "answers", "workshops")
                },
            },
        }

    def people_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Participants from a table: looked at first, then taken in whole."""
        by = self.demand(request, RUN)
        row = get_object_or_404(ConsultationRound, pk=pk)
        text, rows, fault = request.POST.get("text", ""), [], ""
        if request.method == "POST":
            file = request.FILES.get("file")
            data = file.read() if file else text.encode()
            try:
                rows = read_people(row, data)
                text = data.decode("utf-8", "replace") if file else text
                if request.POST.get("what") == "take" and self.take_rows(request, row, rows, by):
                    return self.go_to("run", pk)
            except (CannotReadFile, CannotMoveRound) as refusal:
                fault = str(refusal)
        bad = sum(bool(each.faults) for each in rows)
        context = {
            **{"round": row, "text": text, "rows": rows, "bad": bad, "fault": fault},
            "urls": {"run": self.page_url("run", pk)},
        }
        return self.show_page(request, "people", 400 if fault or bad else 200, context)

    def take_rows(self, request: HttpRequest, row: ConsultationRound, rows: list[PersonRow], by: User) -> bool:
        """Take the rows in, and say so."""
        number = take_people_in(consultation=row, rows=rows, by=by)
        messages.success(request, f"{number} people were taken in.")
        return True

    def answers_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Answers as files, for an analyst, who says what for."""
        by = self.demand(request, ANALYSE)
        row = get_object_or_404(ConsultationRound, pk=pk)
        fault = ""
        if request.method == "POST":
            name, purpose = request.POST.get("file", ""), request.POST.get("purpose", "").strip()
            if name in ANSWER_FILES and purpose:
                write = ANSWER_FILES[name]
                write_line(row, LogLine.Act.TAKEN, by, row.answerers.count(), f"{name}: {purpose}")
                return attach_file(write.build(row), f"{row.slug}-{name}", write.content_type)
            fault = "Choose a file, and say what you take it for."
        return self.show_page(
            request,
            "answers",
            400 if fault else 200,
            {"round": row, "files": ANSWER_FILES, "fault": fault, "urls": {"change": self.page_url("change", pk)}},
        )
