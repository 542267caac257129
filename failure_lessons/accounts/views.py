"""Choosing a password by a link, and one's own account."""

from __future__ import annotations

from allauth.account.internal.flows.login import perform_login, record_authentication
from allauth.account.models import Login
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from failure_lessons.accounts.forms import ChoosePasswordForm
from failure_lessons.accounts.services import CannotChoose, choose_password, find_link
from failure_lessons.accounts.signed_in import signed_in_user


@never_cache
@sensitive_post_parameters()
def choose_password_page(request: HttpRequest, secret: str) -> HttpResponse:
    """GET shows the form and spends nothing: mail programs open links by themselves. POST chooses, and signs in."""
    link = find_link(secret, timezone.now()).select_related("account").first()
    if link is None:
        return show_dead_link(request)
    form = ChoosePasswordForm(link.account, request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            account = choose_password(secret=secret, password=form.cleaned_data["password1"])
        except CannotChoose:
            return show_dead_link(request)
        logout(request)  # whoever sat here before
        record_authentication(request, account, method="password_reset", email=account.email)
        signed_in: HttpResponse = perform_login(request, Login(user=account, email=account.email))
        return signed_in
    context = {"form": form, "account": link.account, "is_invitation": link.purpose == link.Purpose.INVITED}
    response = render(request, "accounts/choose_password.html", context)
    response["X-Robots-Tag"] = "noindex, nofollow"
    return response


def show_dead_link(request: HttpRequest) -> HttpResponse:
    """What stands where a link opens nothing: the same for one that was used, has expired or never was."""
    response = render(request, "accounts/dead_link.html", status=410)
    response._has_been_logged = True  # type: ignore[attr-defined]  # Django would log the path, and the secret in it
    return response


@never_cache
@login_required
def own_account(request: HttpRequest) -> HttpResponse:
    """What one has and may change of one's own account."""
    account = signed_in_user(request)
    return render(request, "accounts/own.html", {"account": account, "sign_ins": account.sign_ins.all()[:10]})
