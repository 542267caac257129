"""Tasks in the admin: who does what on a record, on its form; and lists of records by who works on them."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from django import forms
from django.contrib import messages
from django.contrib.admin import ModelAdmin, SimpleListFilter
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import get_object_or_404, render
from django.urls import URLPattern, reverse
from django.utils import timezone

from failure_lessons.accounts.models import User
from failure_lessons.accounts.signed_in import signed_in_user
from failure_lessons.publishing.models import Publishable
from failure_lessons.workbench.buttons import REVIEW
from failure_lessons.workbench.jobs import list_jobs_of
from failure_lessons.workbench.parts import AdminPart
from failure_lessons.workbench.task_models import WRITE, Task
from failure_lessons.workbench.tasks import CannotGive, finish_task, give_task, list_tasks_on

if TYPE_CHECKING:
    from collections.abc import Sequence


def list_colleagues() -> QuerySet[User]:
    """Everybody with an account and a role, by name."""
    people = User.objects.filter(is_active=True, is_staff=True)
    return (people.filter(groups__isnull=False) | people.filter(is_superuser=True)).distinct().order_by("username")


class TaskForm(forms.Form):
    """What is asked of whom, by when."""

    job = forms.ChoiceField(label="What")
    person = forms.ModelChoiceField(User.objects.none(), label="Who", to_field_name="username", empty_label="Choose")
    due_date = forms.DateField(
        required=False, label="By (may stay open)", widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    note = forms.CharField(required=False, label="Note (may stay empty)", max_length=300)

    def __init__(self, data: QueryDict | None = None, *, model: type[Publishable]) -> None:
        super().__init__(data, auto_id="task-%s", label_suffix="")
        job, person = self.fields["job"], self.fields["person"]
        if isinstance(job, forms.ChoiceField) and isinstance(person, forms.ModelChoiceField):
            job.choices = [(each.code, each.label) for each in list_jobs_of(model)]
            person.queryset = list_colleagues()

    def offer(self, people: Sequence[User]) -> TaskForm:
        """Show these people, who were read already."""
        person = self.fields["person"]
        if isinstance(person, forms.ModelChoiceField):
            person.choices = [("", person.empty_label or ""), *((each.get_username(), str(each)) for each in people)]
        return self


def colleagues_of_page(request: HttpRequest) -> list[User]:
    """Everybody with a role, read once for a page."""
    read: list[User] | None = getattr(request, "colleagues_read", None)
    if read is None:
        read = list(list_colleagues())
        request.colleagues_read = read  # type: ignore[attr-defined]
    return read


class TaskPages(AdminPart):
    """Who does what on a record. Whoever may change or review it gives tasks."""

    def urls(self) -> list[URLPattern]:
        return [
            self.make_path("<int:pk>/tasks/", self.give_view, self.name_page("tasks")),
            self.make_path("<int:pk>/tasks/<int:number>/done/", self.finish_view, self.name_page("task_done")),
        ]

    def may_give(self, request: HttpRequest, record: Publishable) -> bool:
        """Whether this person gives tasks on the record; that it is in review does not stand in the way."""
        permission = f"{self.opts.app_label}.change_{self.opts.model_name}"
        return self.admin.has_view_permission(request, record) and (
            request.user.has_perm(permission) or request.user.has_perm(REVIEW)
        )

    def form_context(self, request: HttpRequest, record: Publishable) -> dict[str, object]:
        """What the change form shows of who does what."""
        own, may_give = request.user.pk, self.may_give(request, record)
        return {
            "open_tasks": [
                (each, self.page_url("task_done", record.pk, each.task.pk))
                if may_give or each.task.person_id == own
                else (each, "")
                for each in list_tasks_on(record)
            ],
            "task_url": self.page_url("tasks", record.pk) if may_give else "",
            "task_form": TaskForm(model=self.model).offer(colleagues_of_page(request))
            if may_give and record.state != Publishable.State.WITHDRAWN
            else None,
        }

    def give_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Give a task; what cannot be given comes back with what was filled in."""
        record = self.get_visible_record(request, pk)
        if not self.may_give(request, record):
            raise PermissionDenied
        form = TaskForm(request.POST if request.method == "POST" else None, model=self.model)
        if request.method == "POST" and form.is_valid():
            try:
                made = give_task(record=record, by=signed_in_user(request), **form.cleaned_data)
            except CannotGive as refusal:
                form.add_error(None, str(refusal))
            else:
                told = "" if made.person_id == request.user.pk else " They are told."
                messages.success(request, f"Given to {made.person}.{told}")
                return HttpResponseRedirect(f"{self.page_url('change', pk)}#tasks")
        context = {
            **self.page_context(request),
            "title": "Who does what",
            "original": record,
            "form": form,
            "change_url": self.page_url("change", pk),
        }
        return render(request, "admin/workbench/task.html", context, status=422 if form.errors else 200)

    def finish_view(self, request: HttpRequest, pk: int, number: int) -> HttpResponse:
        """Say that a task is done: whoever has it, or whoever may give one."""
        record = self.get_visible_record(request, pk)
        task = get_object_or_404(Task.objects.about([record]), pk=number)
        if request.method != "POST" or not (task.person_id == request.user.pk or self.may_give(request, record)):
            raise PermissionDenied
        finish_task(task=task, by=signed_in_user(request))
        messages.success(request, "Done.")
        home = request.POST.get("from") == "home"
        return HttpResponseRedirect(reverse("admin:index") if home else f"{self.page_url('change', pk)}#tasks")


class WorkFilter(SimpleListFilter):
    """Records by who works on them."""

    title = "who does it"
    parameter_name = "work"

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin) -> Sequence[tuple[str, str]]:
        return [("mine", "I do something on it"), ("nobody", "Nobody writes it"), ("late", "Something is late")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Publishable]) -> QuerySet[Publishable]:
        tasks = Task.objects.filter(model=queryset.model._meta.label_lower).order_by()
        if self.value() == "mine":
            mine = tasks.open().given_to([signed_in_user(request)]).order_by()
            return queryset.filter(record_id__in=mine.values("record_id"))
        if self.value() == "nobody":
            return queryset.exclude(record_id__in=tasks.filter(job=WRITE).values("record_id"))
        if self.value() == "late":
            today: dt.date = timezone.localdate()
            return queryset.filter(record_id__in=tasks.open().filter(due_date__lt=today).values("record_id"))
        return queryset
