"""The verbs on many records at once: all that are chosen in a list, or none and every reason."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from django import forms
from django.contrib import admin, messages
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from failure_lessons.accounts.signed_in import signed_in_user
from failure_lessons.publishing.models import Publishable
from failure_lessons.publishing.plan import plan_publication, preview_plan
from failure_lessons.publishing.quality_checks import settle_quality_issues
from failure_lessons.publishing.services import (
    REVIEWED,
    CannotPublish,
    confirm_many,
    publish_many,
    refuse_unseen,
    submit_many,
)
from failure_lessons.workbench.buttons import BUTTONS, ChangeForm, NoteForm
from failure_lessons.workbench.notices import tell_author, tell_reviewers

Options = admin.ModelAdmin  # of records that are submitted and published


@admin.action(description="Submit for review", permissions=["change"])
@transaction.atomic
def submit_chosen(options: Options, request: HttpRequest, queryset: QuerySet[Publishable]) -> None:
    if apply_verb(options, request, queryset, submit_many):
        tell_reviewers(records=list(queryset), by=signed_in_user(request))


@admin.action(description="Reviewed, nothing changes: submit over the newest evidence", permissions=["change"])
@transaction.atomic
def confirm_chosen(options: Options, request: HttpRequest, queryset: QuerySet[Publishable]) -> HttpResponse | None:
    """Ask why nothing changes although the evidence did; then hand all of them to a second person."""
    records = list(queryset)
    asked = request.POST if "confirm" in request.POST else None
    form = NoteForm(asked, needed=True, label="Why nothing changes, for readers and for the reviewer")
    if not form.is_valid():
        title = f"Reviewed, nothing changes: {count_records(records)}"
        return show_chosen(options, request, title, "confirm_chosen", records, form)
    if apply_verb(options, request, queryset, partial(confirm_many, note=form.cleaned_data["note"])):
        tell_reviewers(records=list(queryset), by=signed_in_user(request), note=form.cleaned_data["note"])
    return None


@admin.action(description="Publish what is in review", permissions=["publish"])
@transaction.atomic
def publish_chosen(options: Options, request: HttpRequest, queryset: QuerySet[Publishable]) -> HttpResponse | None:
    """Show what publishing all of them would do, and ask for the note; do it once that was seen."""
    records = list(queryset.select_related("submitted_by"))
    asked = request.POST if "confirm" in request.POST else None
    notes = {record.review_note for record in records}
    reason = notes.pop() if len(notes) == 1 else ""
    form = ChangeForm(asked, is_new=False, many=True, label=BUTTONS["publish"].note_label)
    form.initial = {"note": reason if reason.startswith(REVIEWED) else ""}
    title = f"Publish {count_records(records)}"
    if not form.is_valid():
        return show_chosen(options, request, title, "publish_chosen", records, form)
    try:
        refuse_unseen(records=records, seen=request.POST.get("seen", ""))
    except CannotPublish as refusal:
        return show_chosen(options, request, title, "publish_chosen", records, form, refusal.reasons)
    note, by = form.cleaned_data["note"], signed_in_user(request)
    if apply_verb(options, request, queryset, partial(publish_many, note=note, **form.told())):
        for record in records:
            tell_author(record=record, author=record.submitted_by, by=by, deed="Published", note=note)
    return None


def show_chosen(
    options: Options,
    request: HttpRequest,
    title: str,
    action: str,
    records: Sequence[Publishable],
    form: forms.Form,
    reasons: Sequence[str] = (),
) -> HttpResponse:
    """What the action would do to the library, as it now is. With `reasons` why it was not done: 409."""
    plan = plan_publication(records)
    context: dict[str, object] = {
        **options.admin_site.each_context(request),
        "opts": options.opts,
        "title": title,
        "action": action,
        "records": records,
        "reasons": reasons,
        "refused": plan.refused,
        "plan": preview_plan(plan),
        "form": form,
    }
    return render(request, "admin/publishing/publish_chosen.html", context, status=409 if reasons else 200)


def apply_verb(
    options: Options, request: HttpRequest, queryset: QuerySet[Publishable], verb: Callable[..., object]
) -> bool:
    """Apply a verb to the chosen records: all of them, or none and every reason. Says whether it was done."""
    try:
        with transaction.atomic():
            settle_quality_issues(records=list(queryset), by=signed_in_user(request))
            verb(records=list(queryset), by=request.user)
    except CannotPublish as refusal:
        for reason in refusal.reasons[:20]:
            messages.error(request, reason)
        return False
    messages.success(request, f"{count_records(queryset)}: done.")
    return True


def count_records(records: QuerySet[Publishable] | Sequence[Publishable]) -> str:
    """How many they are, in words."""
    number = len(records)
    return f"{number} record{'' if number == 1 else 's'}"
