"""What every workbench admin shares: the verbs as buttons and what links here; and the library, to read only."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from django.contrib import admin, messages
from django.contrib.admin.utils import flatten_fieldsets
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import get_object_or_404, render
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from failure_lessons.accounts.signed_in import signed_in_user
from failure_lessons.publishing.fields import list_attributes
from failure_lessons.publishing.models import Edition, LedgerEntry, Publishable, Submission
from failure_lessons.publishing.plan import plan_publication, plan_withdrawal, preview_plan
from failure_lessons.publishing.quality_checks import (
    QUALITY_HOOKS,
    QualityIssue,
    find_quality_issues,
    settle_quality_issues,
)
from failure_lessons.publishing.registry import KINDS, SOURCES
from failure_lessons.publishing.renditions import render_records
from failure_lessons.publishing.responsibility import RESPONSIBILITY
from failure_lessons.publishing.review_lock import find_review_locks
from failure_lessons.publishing.services import CannotPublish, refuse_unseen
from failure_lessons.publishing.validation import PublicationStatus, publication_statuses
from failure_lessons.workbench.buttons import BUTTONS, ChangeForm, ChangeTold, NoteForm, ReasonsForm, TimeForm
from failure_lessons.workbench.chosen import confirm_chosen, publish_chosen, submit_chosen
from failure_lessons.workbench.commenting import CommentPages
from failure_lessons.workbench.form_anchors import form_anchor, format_gap
from failure_lessons.workbench.models import Comment
from failure_lessons.workbench.next_codes import suggest_code
from failure_lessons.workbench.notices import tell_author, tell_reviewers
from failure_lessons.workbench.recorded import HistoryPages, RecordedAdmin
from failure_lessons.workbench.returned import ReturnedPages
from failure_lessons.workbench.scheduled_models import ScheduledPublication
from failure_lessons.workbench.scheduling import MAY_PUBLISH
from failure_lessons.workbench.task_pages import TaskPages, WorkFilter

if TYPE_CHECKING:
    pass


CHECKED_VERBS = ("submit", "publish", "schedule", "correct")  # the verbs that ask what good practice asks


class PublishableAdmin(RecordedAdmin):
    """An admin for a record that is submitted, published and withdrawn."""

    common_parts = (TaskPages, CommentPages, ReturnedPages, HistoryPages)

    change_form_template = "admin/publishing/change_form.html"
    list_filter = ["state"]
    readonly_fields = ["standing", "links_here"]
    actions = [submit_chosen, confirm_chosen, publish_chosen]
    save_on_top = True

    def get_fieldsets(self, request: HttpRequest, obj: Model | None = None) -> Any:
        """As the class says. Columns that a field declares and no set names stand in a set of their own."""
        sets = list(super().get_fieldsets(request, obj))
        named = set(flatten_fieldsets(sets))
        declared = KINDS[SOURCES[self.model].kind].fields
        own = {column.name for column in self.opts.fields if column.editable}
        further = [name for name in list_attributes(declared) if name in own - named]
        who = [name for name in list_attributes([RESPONSIBILITY]) if name in further]
        rest = [name for name in further if name not in who]
        added = [(title, {"fields": names}) for title, names in (("Further", rest), ("Who says so", who)) if names]
        return [*sets[:-1], *added, sets[-1]]

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, str | list[str]]:
        """What an empty form begins with: the next free code."""
        initial = super().get_changeform_initial_data(request)
        if any(column.name == "code" for column in self.opts.fields):
            initial.setdefault("code", suggest_code(self.model))
        return initial

    def get_list_filter(  # type: ignore[override]  # longer than the type that Django writes out
        self, request: HttpRequest
    ) -> Sequence[object]:
        """As the class says, and by who works on a record."""
        return [*super().get_list_filter(request), WorkFilter]

    def get_urls(self) -> list[URLPattern]:
        name = f"{self.opts.app_label}_{self.opts.model_name}"
        return [
            path("<int:pk>/verb/<slug:verb>/", self.admin_site.admin_view(self.verb_view), name=f"{name}_verb"),
            path("<int:pk>/document/", self.admin_site.admin_view(self.document_view), name=f"{name}_document"),
            *super().get_urls(),
        ]

    @admin.display(description="Standing")
    def standing(self, record: Publishable) -> str:
        """State in a sentence, and where the current edition is."""
        if record.pk is None:
            return "Not saved yet. It starts as a draft that readers do not see."
        edition = Edition.objects.current().filter(record_id=record.record_id).without_text().first()
        state = record.get_state_display()
        shown = (
            f"readers see edition {edition.number} of {edition.published_at:%d %B %Y}"
            if edition
            else "readers see nothing"
        )
        review = f" {record.review_note}" if record.review_note else ""
        set_time = ScheduledPublication.objects.waiting_for([record]).get(record.record_id)
        told = f" {set_time.sentence}" if set_time else ""
        return f"{state}; {shown}.{review}{told}"

    @admin.display(description="What links here")
    def links_here(self, record: Publishable) -> SafeString | str:
        """Records that would notice if this one went."""
        if record.pk is None:
            return "Nothing yet."
        lines: list[tuple[str, str]] = []
        for relation in self.opts.related_objects:
            name = relation.get_accessor_name()
            if (relation.on_delete is not None and relation.on_delete.__name__ == "CASCADE") or not name:
                continue
            for other in getattr(record, name).select_related()[:20]:
                lines.append((str(relation.related_model._meta.verbose_name), str(other)))
        return format_html_join("", "<div>{}: {}</div>", lines) or "Nothing."

    def verbs_for(self, request: HttpRequest, record: Publishable, is_published: bool) -> list[dict[str, str]]:
        """The buttons that make sense in this state and for this person."""
        has_time = bool(ScheduledPublication.objects.waiting_for([record]))
        return [
            {"label": button.label, "url": self.verb_url(record, verb)}
            for verb, button in BUTTONS.items()
            if record.state in button.states
            and (is_published or not button.needs_edition)
            and button.with_time in (None, has_time)
            and self.may_do(request, verb, record)
        ] + [more for part in self.made_of for more in part.verbs(request, record, is_published)]

    def may_do(self, request: HttpRequest, verb: str, record: Publishable | None = None) -> bool:
        """Whether this person may do this: submitting needs the right to change, the rest a right of its own."""
        if verb == "cancel":
            return record is not None and (
                request.user.has_perm(MAY_PUBLISH)
                or ScheduledPublication.objects.waiting()
                .filter(record_id=record.record_id, submitted_by=request.user.pk)
                .exists()
            )
        if BUTTONS[verb].author_only:
            author = record.submitted_by if record is not None else None
            return author is not None and request.user.pk in (author.pk, author.successor_id)
        permission = BUTTONS[verb].permission
        if not permission:
            return self.has_change_permission(request, record)
        return self.has_view_permission(request, record) and request.user.has_perm(permission)

    def verb_url(self, record: Publishable, verb: str) -> str:
        return reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_verb", args=[record.pk, verb])

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Publishable | None:
        """The record; while it is only looked at, the one that was read for the checklist."""
        read: Publishable | None = getattr(request, "record_read", None)
        if read is not None and str(read.pk) == object_id:
            return read
        return super().get_object(request, object_id, from_field)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, object] | None = None
    ) -> HttpResponse:
        looking = request.method in ("GET", "HEAD")
        record = self.get_object(request, object_id) if looking else None
        standing = publication_statuses([record], compare=False)[record.record_id] if record else None
        if standing:
            request.record_read = standing.record  # type: ignore[attr-defined]
        answer = super().change_view(request, object_id, form_url, extra_context)
        if isinstance(answer, TemplateResponse) and (record := self.get_object(request, object_id)):
            standing = standing or publication_statuses([record], compare=False)[record.record_id]
            answer.context_data = {**(answer.context_data or {}), **self.context_around(request, record, standing)}
            answer.context_data |= self.further_context(answer.context_data)
        return answer

    def context_around(
        self, request: HttpRequest, record: Publishable, standing: PublicationStatus
    ) -> dict[str, object]:
        """What stands around the form of a record."""
        return {
            "verbs": self.verbs_for(request, record, standing.is_published),
            "record": record,
            "review_lock": (find_review_locks([record]) or [""])[0],
            "preview": reverse("preview", args=[KINDS[SOURCES[self.model].kind].address, record.slug]),
            "gaps": [format_gap(gap, record) for gap in standing.gaps],
            "tools": [tool for part in self.made_of for tool in part.tools(request, record)],
            "doubts": self.quality_issues_of(record),
            **{name: value for part in self.made_of for name, value in part.form_context(request, record).items()},
        }

    def further_context(self, context: dict[str, object]) -> dict[str, object]:
        """More for the template, made of what it has. None here."""
        return {}

    def verb_view(self, request: HttpRequest, pk: int, verb: str) -> HttpResponse:
        """Show what it would do, ask for the note, do it, say what happened."""
        record = get_object_or_404(self.model, pk=pk)
        if verb not in BUTTONS or not self.may_do(request, verb, record):
            raise PermissionDenied
        button = BUTTONS[verb]
        form = self.verb_form(request.POST or None, verb, record)
        change = reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_change", args=[pk])
        asked = find_quality_issues([record])[record.record_id] if verb in CHECKED_VERBS else []
        to_answer = [each for each in asked if verb == "submit" and not each.is_advice]
        to_show = [each for each in asked if each not in to_answer]
        why = ReasonsForm(request.POST or None, doubts=to_answer) if verb == "submit" else None
        reasons: list[str] = []
        if request.method == "POST" and form.is_valid() and (why is None or why.is_valid()):
            author, note, by = record.submitted_by, form.cleaned_data["note"], signed_in_user(request)
            try:
                with transaction.atomic():
                    if verb in CHECKED_VERBS:
                        if "seen" in request.POST:
                            refuse_unseen(records=[record], seen=request.POST["seen"])
                        settle_quality_issues(records=[record], by=by, answers=why.answers() if why else None)
                    told = form.told() if isinstance(form, ChangeForm) else ChangeTold()
                    button.verb(record=record, by=by, note=note, **told)
                    if button.deed:
                        tell_author(record=record, author=author, by=by, deed=button.deed, note=note)
                    elif button.is_told:
                        tell_reviewers(records=[record], by=by, note=note)
            except CannotPublish as refusal:
                reasons = refusal.reasons
            else:
                self.log_change(request, record, f"{button.label}. {note}".strip())
                messages.success(request, f"{button.label}: done.")
                return HttpResponseRedirect(change if self.has_view_permission(request, record) else "../../")
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "original": record,
            "title": button.label,
            "explanation": button.explanation,
            "form": form,
            "reasons": reasons,
            "is_withdrawal": verb == "withdraw",
            "gaps": [],
            "plan": None,
            "open_comments": [],
            "questions": [
                (doubt, f"../../change/{form_anchor(self.model, doubt.place)}", field)
                for doubt, field in why.issues_with_fields()
            ]
            if why
            else [],
            "doubts": self.quality_issues_of(record, to_show)
            if verb in CHECKED_VERBS and (to_show or not why)
            else None,
        }
        if verb != "withdraw":
            context["open_comments"] = list(Comment.objects.about(record).open().select_related("by"))
        if verb in CHECKED_VERBS:
            standing = publication_statuses([record], compare=False)[record.record_id]
            context["gaps"] = [format_gap(gap, record) for gap in standing.gaps]
            context["plan"] = preview_plan(plan_publication([record]))
        elif verb == "withdraw":
            context["plan"] = preview_plan(plan_withdrawal([record]))
        return render(request, "admin/workbench/verb.html", context, status=409 if reasons else 200)

    def verb_form(self, asked: QueryDict | None, verb: str, record: Publishable) -> NoteForm:
        """What a verb asks: why, and what kind of change where it leads to an edition."""
        button = BUTTONS[verb]
        if verb not in CHECKED_VERBS:
            return NoteForm(asked, needed=button.needs_note, label=button.note_label)
        is_new = not Edition.objects.current().filter(record_id=record.record_id).exists()
        submission = Submission.objects.standing_for([record]).get(record.record_id)
        said = submission.change if submission else ""
        kind = TimeForm if verb == "schedule" else ChangeForm
        return kind(asked, is_new=is_new, said=said, needed=button.needs_note, label=button.note_label)

    def quality_issues_of(
        self, record: Publishable, asked: Sequence[QualityIssue] | None = None
    ) -> list[dict[str, object]] | None:
        """What good practice asks of the record and does not find, each with the `url` where it is mended.

        None for a kind of record that is asked nothing, and for one that is given advice alone where there is none.
        """
        hooks = QUALITY_HOOKS.get(self.model)
        if hooks is None:
            return None
        asked = find_quality_issues([record])[record.record_id] if asked is None else asked
        if not asked and not hooks.keep:
            return None
        form = reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_change", args=[record.pk])
        return [{"doubt": doubt, "url": form + form_anchor(self.model, doubt.place)} for doubt in asked]

    def document_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The document as it would be published now."""
        record = get_object_or_404(self.model, pk=pk)
        if not self.has_view_permission(request, record):
            raise PermissionDenied
        answer = HttpResponse(render_records([record])[0].document, content_type="application/json")
        answer["Cache-Control"] = "private, no-store"
        return answer

    def has_publish_permission(self, request: HttpRequest) -> bool:
        return self.may_do(request, "publish")

    def has_delete_permission(self, request: HttpRequest, obj: Publishable | None = None) -> bool:
        """Only what was never published and nobody judges can be deleted; what was published is withdrawn."""
        allowed = super().has_delete_permission(request, obj)
        if obj is None:
            return allowed
        if obj.state == Publishable.State.IN_REVIEW:
            return False
        return allowed and not Edition.objects.filter(record_id=obj.record_id).exists()

    def get_actions(self, request: HttpRequest) -> dict[str, tuple[Callable[..., str], str, str] | None]:
        """No bulk deletion: it would pass by the rule above."""
        actions = super().get_actions(request)
        actions.pop("delete_selected", None)
        return actions


class ReadOnlyAdmin(admin.ModelAdmin):
    """To look at, never to change."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


@admin.register(Edition)
class EditionAdmin(ReadOnlyAdmin):
    list_display = ["title", "kind", "number", "revision", "published_at", "superseded_at", "withdrawn_at"]
    list_filter = ["kind", "superseded_at", "withdrawn_at", "evidence_changed_at"]
    search_fields = ["title", "code", "slug"]
    list_select_related = False
    exclude = ["search"]
    show_full_result_count = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Edition]:
        return super().get_queryset(request).defer("search", "body")


@admin.register(LedgerEntry)
class LedgerEntryAdmin(ReadOnlyAdmin):
    list_display = ["number", "action", "edition", "at", "by", "note"]
    list_filter = ["action"]
    list_select_related = ["edition", "by"]
    search_fields = ["edition__title", "edition__code", "note"]
    ordering = ["-number"]
