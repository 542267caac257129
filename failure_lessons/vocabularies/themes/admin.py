"""The pages on which themes are merged and split, with what that would mean for readers."""

from __future__ import annotations

from collections.abc import Sequence

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import get_object_or_404, render
from django.urls import URLPattern, reverse

from failure_lessons.accounts.signed_in import signed_in_user
from failure_lessons.publishing.merging import CannotMerge, has_current_edition
from failure_lessons.publishing.models import Publishable
from failure_lessons.vocabularies.models import Theme
from failure_lessons.vocabularies.themes.services import Tagging, list_taggings, marked_later, merge_themes, split_theme
from failure_lessons.workbench.parts import AdminPart


class MergeForm(forms.Form):
    """Into which theme, and why."""

    into = forms.ModelChoiceField(Theme.objects.none(), label="Merge it into")
    note = forms.CharField(label="Why", max_length=1000, widget=forms.Textarea(attrs={"rows": 3}))

    def __init__(self, data: QueryDict | None = None, *, theme: Theme) -> None:
        super().__init__(data)
        others = Theme.objects.exclude(pk=theme.pk).exclude(state=Theme.State.WITHDRAWN)
        self.fields["into"].queryset = others  # type: ignore[attr-defined]


class SplitForm(forms.Form):
    """The new theme, and why."""

    label = forms.CharField(label="Label of the new theme", max_length=100)
    slug = forms.SlugField(label="Code of the new theme", max_length=60, help_text="Lower-case letters and hyphens.")
    scope_note = forms.CharField(
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="What belongs under it, what elsewhere.",
    )
    note = forms.CharField(label="Why", max_length=1000, widget=forms.Textarea(attrs={"rows": 2}))


class RearrangePages(AdminPart):
    """Ways to make one of two themes and two of one."""

    def urls(self) -> list[URLPattern]:
        return [
            self.make_path("<int:pk>/merge/", self.merge_view, "vocabularies_theme_merge"),
            self.make_path("<int:pk>/split/", self.split_view, "vocabularies_theme_split"),
        ]

    def may_rearrange(self, request: HttpRequest) -> bool:
        """Merging and splitting need the rights to change and to delete themes, and to add one: a steward has them."""
        return all(
            allowed(request)
            for allowed in (
                self.admin.has_change_permission,
                self.admin.has_delete_permission,
                self.admin.has_add_permission,
            )
        )

    def verbs(self, request: HttpRequest, record: Publishable, is_published: bool) -> list[dict[str, str]]:
        """To merge and to split, for those who may."""
        return [
            {"label": label, "url": reverse(f"admin:vocabularies_theme_{name}", args=[record.pk])}
            for label, name in (("Merge into another", "merge"), ("Split", "split"))
            if record.state != Theme.State.WITHDRAWN
            and self.may_rearrange(request)
            and (name == "split" or not is_published or request.user.has_perm("publishing.publish_record"))
        ]

    def get_theme(self, request: HttpRequest, pk: int) -> Theme:
        """The theme, for somebody who may rearrange themes."""
        if not self.may_rearrange(request):
            raise PermissionDenied
        return get_object_or_404(Theme, pk=pk)

    def merge_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Choose into which theme, see what follows, confirm."""
        theme = self.get_theme(request, pk)
        form = MergeForm(request.POST or None, theme=theme)
        reasons: list[str] = []
        if request.method == "POST" and form.is_valid():
            into, by = form.cleaned_data["into"], signed_in_user(request)
            if has_current_edition(theme) and not request.user.has_perm("publishing.publish_record"):
                raise PermissionDenied(
                    "Readers see this theme: merging withdraws it, which takes the right to publish."
                )
            try:
                done = merge_themes(keep=into, lose=theme, by=by, note=form.cleaned_data["note"])
            except CannotMerge as refusal:
                reasons = refusal.reasons
            else:
                self.admin.log_change(request, into, f"Merged {theme.slug} into it.")
                messages.success(request, f"{theme.label} is now part of {into.label}: {done.describe_result()}.")
                return HttpResponseRedirect(reverse("admin:vocabularies_theme_change", args=[into.pk]))
        moving = list_taggings(theme)
        words = "Whatever carries it carries the other instead. If readers see it, it is withdrawn and points there."
        return self.render_rearrangement(
            request,
            theme,
            reasons,
            form=form,
            title="Merge into another theme",
            explanation=words,
            moving=moving,
            chosen=None,
        )

    def split_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Describe the new theme, choose what goes there, confirm."""
        theme = self.get_theme(request, pk)
        form = SplitForm(request.POST or None)
        chosen = request.POST.getlist("chosen")
        reasons: list[str] = []
        if request.method == "POST" and form.is_valid():
            try:
                made, done = split_theme(theme=theme, chosen=chosen, by=signed_in_user(request), **form.cleaned_data)
            except CannotMerge as refusal:
                reasons = refusal.reasons
            else:
                self.admin.log_addition(request, made, f"Split from {theme.slug}.")
                messages.success(request, f"{made.label} is a new draft theme: {done.describe_result()}.")
                return HttpResponseRedirect(reverse("admin:vocabularies_theme_change", args=[made.pk]))
        words = "A new draft theme takes what you choose below; the rest stays."
        return self.render_rearrangement(
            request,
            theme,
            reasons,
            form=form,
            title="Split a theme",
            explanation=words,
            moving=list_taggings(theme),
            chosen=chosen,
        )

    def render_rearrangement(
        self, request: HttpRequest, theme: Theme, reasons: list[str], moving: Sequence[Tagging], **more: object
    ) -> HttpResponse:
        """What moves, what will be marked, and the form."""
        context = {
            **self.page_context(request),
            "theme": theme,
            "reasons": reasons,
            "marked": marked_later(moving),
            "change": reverse("admin:vocabularies_theme_change", args=[theme.pk]),
            "list": reverse("admin:vocabularies_theme_changelist"),
            "moving": moving,
            **more,
        }
        return render(request, "admin/failure_lessons/rearrange.html", context, status=409 if reasons else 200)
