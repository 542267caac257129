"""Pages beside the form of a dossier: asking, judging, looking, pasting, and what to look at next."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from functools import partial
from typing import cast

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Exists, F, Min, OuterRef, Q
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import URLPattern, reverse
from django.utils import timezone
from django.utils.formats import date_format

from failure_lessons.accounts.signed_in import signed_in_user
from failure_lessons.dates import DateWordsField
from failure_lessons.files.word import WORD
from failure_lessons.publishing.models import Edition, Publishable
from failure_lessons.vocabularies.choices import AssessmentStatus, Basis, Effect, Implementation
from failure_lessons.workbench.parts import AdminPart
from literature.sourced_forms import SourcesField
from recommendations.follow_up.letters import Letter, typeset_letter, write_letter
from recommendations.follow_up.models import Action, Addressee, Assessment, FollowUp
from recommendations.follow_up.pasting import DOSSIER_COLUMNS, PastedTable, parse_table
from recommendations.follow_up.services import CannotFollow, add_rows, agree, ask, judge, look, move_due_date

QUEUE_SHOWN = 100


class DayInput(forms.DateInput):
    """A day, by the browser's own calendar."""

    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


class AskForm(forms.Form):
    """That a body was asked, with the proof."""

    addressee = forms.ModelChoiceField(Addressee.objects.none(), label="Whom")
    day = forms.DateField(label="Sent on", widget=DayInput)
    how = forms.CharField(max_length=200, help_text="Such as: by letter to the post.")
    proof = forms.CharField(
        max_length=5000, widget=forms.Textarea(attrs={"rows": 3}), help_text="Kept here; readers do not see it."
    )
    answer_due = forms.DateField(label="Answer due by", required=False, widget=DayInput)
    answer_said = forms.CharField(label="Answer asked for, in words", max_length=200, required=False)


class JudgeForm(forms.Form):
    """One person's judgement."""

    implementation = forms.ChoiceField(label="Done?", choices=Implementation.choices)
    effect = forms.ChoiceField(label="Did it help?", choices=Effect.choices)
    basis = forms.MultipleChoiceField(label="Rests on", choices=Basis.choices, widget=forms.CheckboxSelectMultiple)
    reason = forms.CharField(max_length=5000, widget=forms.Textarea(attrs={"rows": 4}))
    overtaken_by = forms.CharField(
        max_length=300, required=False, help_text="What took its place, if it was overtaken."
    )
    known_to = DateWordsField(max_length=40, help_text="The day of the newest evidence.")
    look_again_by = forms.DateField(required=False, widget=DayInput)
    sources = SourcesField(required=True)


class LookForm(forms.Form):
    """That somebody searched for an answer."""

    day = forms.DateField(label="Searched on", widget=DayInput)
    where = forms.CharField(max_length=300)
    found = forms.CharField(max_length=300, initial="no response")


class DueForm(forms.Form):
    """A due date of an action: the first, or the one to which it was moved."""

    action = forms.ModelChoiceField(Action.objects.none())
    day = forms.DateField(label="Due by", widget=DayInput)
    said_on = DateWordsField(max_length=40, help_text="When the body said so.")
    reason = forms.CharField(max_length=2000, required=False, help_text="Why it was moved. The first needs none.")
    sources = SourcesField()


class PasteRowsForm(forms.Form):
    """Text from a spreadsheet."""

    text = forms.CharField(strip=False, widget=forms.Textarea(attrs={"rows": 12, "cols": 100, "class": "pasted"}))


class DossierPages(AdminPart):
    """Pages of one dossier."""

    def urls(self) -> list[URLPattern]:
        return [
            self.make_path("queue/", self.queue_view, self.name_page("queue")),
            self.make_path("<int:pk>/ask/", self.ask_view, self.name_page("ask")),
            self.make_path("<int:pk>/judge/", self.judge_view, self.name_page("judge")),
            self.make_path("<int:pk>/agree/", self.agree_view, self.name_page("agree")),
            self.make_path("<int:pk>/look/", self.look_view, self.name_page("look")),
            self.make_path("<int:pk>/due/", self.due_view, self.name_page("due")),
            self.make_path("<int:pk>/paste/<slug:target>/", self.paste_view, self.name_page("paste")),
            self.make_path("letter/<int:pk>/<slug:form>/", self.letter_view, self.name_page("letter")),
        ]

    def tools(self, request: HttpRequest, record: Publishable) -> list[dict[str, str]]:
        """Links on the form of a dossier."""
        pages = [("Ask", "ask"), ("Judge", "judge"), ("Looked", "look"), ("Due date", "due")]
        links = [{"label": label, "url": self.page_url(page, record.pk)} for label, page in pages]
        links += [
            {"label": f"Paste {target}s", "url": self.page_url("paste", record.pk, target)}
            for target in DOSSIER_COLUMNS
        ]
        return [*links, {"label": "What to look at next", "url": self.page_url("queue")}]

    def dossier_to_change(self, request: HttpRequest, pk: int) -> FollowUp:
        """The dossier, for somebody who may change it."""
        dossier = get_object_or_404(FollowUp, pk=pk)
        if not self.admin.has_change_permission(request, dossier):
            raise PermissionDenied
        return dossier

    def show(
        self, request: HttpRequest, dossier: FollowUp | None, status: int = 200, **context: object
    ) -> HttpResponse:
        """A page beside the form."""
        base = {
            **self.page_context(request),
            "original": dossier,
            "change_url": self.page_url("change", dossier.pk) if dossier else "",
        }
        template = str(context.pop("template", "form"))
        return render(request, f"admin/recommendations/follow_up/{template}.html", {**base, **context}, status=status)

    def back(self, dossier: FollowUp) -> HttpResponse:
        """To the form of the dossier."""
        return HttpResponseRedirect(self.page_url("change", dossier.pk))

    def run_form(
        self,
        request: HttpRequest,
        dossier: FollowUp,
        form: forms.Form,
        title: str,
        done: str,
        verb: Callable[..., object],
        **more: object,
    ) -> HttpResponse:
        """Show a form; when it is sent and sound, call the verb with its values. What it refuses is said above."""
        if request.method == "POST" and form.is_valid():
            try:
                verb(**form.cleaned_data)
            except CannotFollow as refusal:
                for reason in refusal.reasons:
                    form.add_error(None, reason)
            else:
                self.admin.log_change(request, dossier, done)
                messages.success(request, done)
                return self.back(dossier)
        return self.show(request, dossier, 422 if form.errors else 200, form=form, title=title, **more)

    def ask_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Ask, or remind; the letters as files."""
        dossier, by = self.dossier_to_change(request, pk), signed_in_user(request)
        form = AskForm(request.POST or None, initial={"day": timezone.localdate(), "how": "by letter to the post"})
        whom = cast("forms.ModelChoiceField[Addressee]", form.fields["addressee"])
        whom.queryset = dossier.addressees.select_related("body")
        return self.run_form(
            request,
            dossier,
            form,
            "Ask, or remind",
            "It is written down that we asked.",
            lambda **values: ask(by=by, note="Asked.", **values),
            letters=[
                {
                    "whom": str(each),
                    "word": self.page_url("letter", each.pk, "docx"),
                    "pdf": self.page_url("letter", each.pk, "pdf"),
                }
                for each in whom.queryset
            ],
        )

    def judge_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Judge; and agree with the judgement that waits."""
        dossier, by = self.dossier_to_change(request, pk), signed_in_user(request)
        waiting = dossier.assessments.filter(status=AssessmentStatus.PROVISIONAL).select_related("assessor").first()

        def write(*, sources: list[dict[str, object]], **values: object) -> Assessment:
            return judge(
                dossier=dossier, by=by, values=values, sources=sources, day=timezone.localdate(), note="Judged."
            )

        return self.run_form(
            request,
            dossier,
            JudgeForm(request.POST or None),
            "Judge",
            "Your judgement is provisional: a second person has to agree before it counts.",
            write,
            waiting=waiting,
            may_agree=bool(waiting and waiting.assessor_id != by.pk),
            agree_url=self.page_url("agree", dossier.pk),
        )

    def agree_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """A second person agrees."""
        dossier, by = self.dossier_to_change(request, pk), signed_in_user(request)
        if request.method == "POST":
            try:
                agree(dossier=dossier, by=by, note="Agreed with the judgement.")
            except CannotFollow as refusal:
                for reason in refusal.reasons:
                    messages.error(request, reason)
            else:
                self.admin.log_change(request, dossier, "Agreed with the judgement.")
                messages.success(request, "Agreed: it counts once the dossier is published.")
        return HttpResponseRedirect(self.page_url("judge", dossier.pk))

    def look_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Searched on, where, what was found."""
        dossier, by = self.dossier_to_change(request, pk), signed_in_user(request)

        write = partial(look, dossier=dossier, by=by, note="Looked for an answer.")
        form = LookForm(request.POST or None, initial={"day": timezone.localdate()})
        return self.run_form(request, dossier, form, "Looked for an answer", "Your search is written down.", write)

    def due_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Add a due date; those that were said stay."""
        dossier, by = self.dossier_to_change(request, pk), signed_in_user(request)
        form = DueForm(request.POST or None)
        action = cast("forms.ModelChoiceField[Action]", form.fields["action"])
        action.queryset = dossier.actions.all()
        return self.run_form(
            request,
            dossier,
            form,
            "Add a due date",
            "The due date is added.",
            lambda **values: move_due_date(by=by, note="Added a due date.", **values),
        )

    def paste_view(self, request: HttpRequest, pk: int, target: str) -> HttpResponse:
        """Paste rows, see what was understood, add them all."""
        dossier, by = self.dossier_to_change(request, pk), signed_in_user(request)
        if target not in DOSSIER_COLUMNS:
            raise Http404
        form = PasteRowsForm(request.POST or None)
        table: PastedTable | None = None
        if request.method == "POST" and form.is_valid():
            rows = dossier.responses if target == "response" else dossier.actions
            table = parse_table(form.cleaned_data["text"], target, set(rows.values_list("code", flat=True)))
            if "_add" in request.POST and table.is_ready:
                try:
                    added = add_rows(
                        dossier=dossier,
                        by=by,
                        target=target,
                        rows=[(line.values, [line.source]) for line in table.lines],
                        note="Pasted.",
                    )
                except CannotFollow as refusal:
                    for reason in refusal.reasons:
                        form.add_error(None, reason)
                else:
                    self.admin.log_change(request, dossier, f"Pasted {added} {target}s.")
                    messages.success(request, f"{added} {target}{'' if added == 1 else 's'} added.")
                    return self.back(dossier)
        faulty = bool(form.errors) or (table is not None and not table.is_ready)
        return self.show(
            request,
            dossier,
            422 if faulty else 200,
            template="paste",
            form=form,
            table=table,
            target=target,
            columns=DOSSIER_COLUMNS[target],
            title=f"Paste {target}s",
        )

    def letter_view(self, request: HttpRequest, pk: int, form: str) -> HttpResponse:
        """The next letter to an addressee, as Word or PDF, from the edition that readers see."""
        addressee = get_object_or_404(Addressee.objects.select_related("body", "dossier"), pk=pk)
        if not self.admin.has_view_permission(request, addressee.dossier) or form not in ("docx", "pdf"):
            raise Http404
        letter = compose_letter(request, addressee)
        if letter is None:
            messages.error(request, "Publish the recommendation first: a letter asks for what readers can read.")
            return HttpResponseRedirect(self.page_url("ask", addressee.dossier_id))
        content, media = (write_letter(letter), WORD) if form == "docx" else (typeset_letter(letter), "application/pdf")
        answer = HttpResponse(content, content_type=media)
        name = f"letter-{letter.number}-{addressee.body.slug}-{letter.code.lower()}.{form}"
        answer["Content-Disposition"] = f'attachment; filename="{name}"'
        answer["Cache-Control"] = "private, no-store"
        return answer

    def queue_view(self, request: HttpRequest) -> HttpResponse:
        """What to look at next: late looks, answers that are overdue, judgements that wait, those never judged."""
        if not self.admin.has_view_permission(request):
            raise PermissionDenied
        return self.show(request, None, template="queue", title="What to look at next", groups=list_queue())


def compose_letter(request: HttpRequest, addressee: Addressee) -> Letter | None:
    """The next letter to an addressee; None while the recommendation is not published."""
    dossier = addressee.dossier
    record = dossier.recommendation or dossier.source_recommendation
    edition = Edition.objects.current().filter(record_id=record.record_id).first() if record else None
    if edition is None:
        return None
    content = edition.content
    kind = "recommendations" if dossier.recommendation else "source-recommendations"
    said = content.get("timescale", {}).get("label") or content.get("deadline", {}).get("said") or "no day was set"
    due = addressee.answer_due
    return Letter(
        number=1 if addressee.asked_day is None else addressee.reminders.count() + 2,
        body=addressee.body.name,
        role=addressee.role,
        day=timezone.localdate(),
        code=edition.code,
        title=edition.title,
        statement=str(content.get("statement") or content.get("text")),
        said=str(said),
        edition=edition.number,
        address=request.build_absolute_uri(reverse("edition", args=[kind, edition.slug, edition.number])),
        page=request.build_absolute_uri(reverse("detail", args=["follow-up", dossier.slug])),
        answer=f"We asked for an answer by {date_format(due, 'j F Y')}."
        if due
        else "Please name the day by which you can answer.",
    )


def list_queue(day: dt.date | None = None) -> list[tuple[str, list[FollowUp]]]:
    """Dossiers that somebody should look at, in groups, the longest overdue first. Four queries."""
    today = day or timezone.localdate()
    rows = FollowUp.objects.select_related("source_recommendation", "recommendation")
    waiting = Q(assessments__status=AssessmentStatus.PROVISIONAL)
    answered = Exists(FollowUp.objects.filter(pk=OuterRef("pk"), responses__body=OuterRef("addressees__body")))
    late = rows.filter(assessments__look_again_by__lt=today).exclude(assessments__status=AssessmentStatus.PAST)
    owed = rows.filter(~answered, addressees__answer_due__lt=today)
    groups = [
        ("Our look is late", late.annotate(since=Min("assessments__look_again_by")).order_by("since", "pk")),
        (
            "An answer is overdue: look, and remind",
            owed.annotate(since=Min("addressees__answer_due")).order_by("since", "pk"),
        ),
        ("A judgement waits for a second person", rows.filter(waiting).order_by("edited_at", "pk").distinct()),
        (
            "Asked of nobody yet",
            rows.filter(recommendation__isnull=False).exclude(addressees__asked_day__isnull=False).order_by(F("pk")),
        ),
    ]
    return [(title, list(found[:QUEUE_SHOWN])) for title, found in groups]
