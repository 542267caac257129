"""Admin of tokens, which are shown once, and of drafts that partners may change."""

from __future__ import annotations

import datetime as dt

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.widgets import AdminSplitDateTime
from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache

from failure_lessons.access.models import PARTNERS, Scope, Token, is_network
from failure_lessons.access.tokens import TOKEN_LIFETIME, issue_token, revoke_token
from failure_lessons.accounts.models import User
from failure_lessons.accounts.signed_in import signed_in_user


class NetworksField(forms.CharField):
    """Networks, one a line."""

    widget = forms.Textarea(attrs={"rows": 3, "cols": 50})

    def clean(self, value: str | None) -> list[str]:
        lines = super().clean(value) or ""
        networks = [line.strip() for line in lines.splitlines() if line.strip()]
        for network in networks:
            is_network(network)
        return networks


def in_a_year() -> dt.datetime:
    """When a token expires unless somebody says otherwise."""
    return timezone.now() + TOKEN_LIFETIME


class NamedDateTime(AdminSplitDateTime):
    """A day and a time, each box with a name: Django writes words beside them that name neither."""

    def __init__(self, attrs: dict[str, object] | None = None) -> None:
        super().__init__(attrs)
        for box, name in zip(self.widgets, ("Day", "Time"), strict=True):
            box.attrs["aria-label"] = name


class TokenForm(forms.ModelForm):
    """A new token."""

    partner = forms.ModelChoiceField(
        User.objects.filter(groups__name=PARTNERS, is_staff=False, is_active=True).distinct(),
        help_text=f"Accounts in the group “{PARTNERS}” that cannot sign in to the workbench.",
    )
    scopes = forms.MultipleChoiceField(choices=Scope.choices, widget=forms.CheckboxSelectMultiple)
    networks = NetworksField(
        required=False, help_text="One a line, such as 192.0.2.0/24. Empty: it is accepted from everywhere."
    )
    expires_at = forms.SplitDateTimeField(initial=in_a_year, label="Expires", widget=NamedDateTime)

    class Meta:
        model = Token
        fields = ["partner", "name", "scopes", "networks", "is_test", "expires_at"]

    def clean_expires_at(self) -> dt.datetime:
        moment: dt.datetime = self.cleaned_data["expires_at"]
        if moment <= timezone.now():
            raise forms.ValidationError("That is past already.")
        if moment > in_a_year() + dt.timedelta(days=1):
            raise forms.ValidationError(f"A token lasts {TOKEN_LIFETIME.days} days at most.")
        return moment


@admin.register(Token)
class TokenAdmin(admin.ModelAdmin):
    """Tokens are issued and revoked, never changed or deleted: the list stays as a record."""

    form = TokenForm
    list_display = ["name", "prefix", "partner", "is_test", "expires_at", "last_used_at", "revoked_at"]
    list_filter = ["revoked_at", "partner"]
    list_select_related = ["partner"]
    search_fields = ["name", "prefix", "partner__username"]
    change_form_template = "admin/access/token_change.html"

    def get_urls(self) -> list[URLPattern]:
        revoke = self.admin_site.admin_view(self.revoke_view)
        return [path("<int:pk>/revoke/", revoke, name="access_token_revoke"), *super().get_urls()]

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def get_fields(self, request: HttpRequest, obj: Model | None = None) -> tuple[str, ...]:
        if obj is None:
            return tuple(self.form.Meta.fields)
        return (
            "partner",
            "name",
            "prefix",
            "scopes",
            "networks",
            "is_test",
            "created_by",
            "created_at",
            "expires_at",
            "last_used_at",
            "revoked_at",
        )

    @method_decorator(never_cache)
    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, object] | None = None
    ) -> HttpResponse:
        """The form; then the token, once."""
        return super().add_view(request, form_url, extra_context)

    def save_model(self, request: HttpRequest, obj: Token, form: forms.ModelForm, change: bool) -> None:
        """Issue it. `obj` becomes the stored token, with its text for the one answer that shows it."""
        values = form.cleaned_data
        by = signed_in_user(request)
        token, text = issue_token(
            partner=values["partner"],
            name=values["name"],
            scopes=values["scopes"],
            by=by,
            expires_at=values["expires_at"],
            networks=values["networks"],
            is_test=values["is_test"],
        )
        obj.__dict__.update(token.__dict__)
        obj.text = text

    def response_add(self, request: HttpRequest, obj: Token, post_url_continue: str | None = None) -> HttpResponse:
        """The one page on which the token stands."""
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "token": obj,
            "text": obj.text,
            "title": "The new token, shown only now",
        }
        return render(request, "admin/access/token_shown.html", context)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, object] | None = None
    ) -> HttpResponse:
        token = self.get_object(request, object_id)
        revocable = token is not None and token.revoked_at is None and super().has_change_permission(request)
        revoke = reverse("admin:access_token_revoke", args=[token.pk]) if token is not None and revocable else ""
        return super().change_view(request, object_id, form_url, {**(extra_context or {}), "revoke": revoke})

    def revoke_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Ask, then revoke."""
        token = get_object_or_404(Token, pk=pk)
        if not super().has_change_permission(request):
            raise PermissionDenied
        if request.method == "POST":
            by = signed_in_user(request)
            revoke_token(token=token, by=by)
            self.log_change(request, token, "Revoked.")
            messages.success(request, f"{token}: revoked.")
            return HttpResponseRedirect(reverse("admin:access_token_change", args=[pk]))
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "token": token,
            "title": f"Revoke {token}",
        }
        return render(request, "admin/access/token_revoke.html", context)
