"""Choosing a password by a link, and one's own account."""

from __future__ import annotations

from allauth.account.internal.flows.login import perform_login, record_authentication
from allauth.account.models import Login
from allauth.account.views import LoginView, PasswordChangeView, ReauthenticateView
from allauth.mfa.base.views import ReauthenticateView as CodeView
from allauth.mfa.utils import is_mfa_enabled
from allauth.mfa.webauthn.views import ReauthenticateWebAuthnView
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.auth import logout, update_session_auth_hash
from django.contrib.auth.decorators import login_required
from django.forms import Form
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from failure_lessons.accounts.forms import ChoosePasswordForm, OwnForm
from failure_lessons.accounts.people import end_sessions
from failure_lessons.accounts.services import CannotChoose, choose_password, find_link
from failure_lessons.accounts.signed_in import confirm_identity, note_password_shown, renew_session, signed_in_user


class SignInView(LoginView):
    """allauth's page, with the ways of single sign-on that the operator has set up."""

    def get_context_data(self, **kwargs: object) -> dict[str, object]:
        """What the page shows."""
        apps = settings.SOCIALACCOUNT_PROVIDERS.get("openid_connect", {}).get("APPS", [])
        places = [(each["name"], reverse("openid_connect_login", args=[each["provider_id"]])) for each in apps]
        query = self.request.GET.urlencode()
        providers = [{"name": name, "url": f"{place}?{query}" if query else place} for name, place in places]
        context: dict[str, object] = super().get_context_data(**kwargs)
        return {**context, "providers": providers}


class ChangePasswordView(PasswordChangeView):
    """allauth's page; whoever signs in by single sign-on alone has no password here, and is led back."""

    def dispatch(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        if request.user.is_authenticated and not request.user.has_usable_password():
            return HttpResponseRedirect(reverse("own_account"))
        answer: HttpResponse = super().dispatch(request, *args, **kwargs)
        return answer


class PasswordAgainView(ReauthenticateView):
    """allauth's page. Where there is a second factor it is asked next, and the password alone has shown nothing yet."""

    def form_valid(self, form: Form) -> HttpResponse:
        renew_session(self.request)
        if not is_mfa_enabled(self.request.user):
            shown: HttpResponse = super().form_valid(form)
            return shown
        note_password_shown(self.request)
        return HttpResponseRedirect(self.passthrough_next_url(reverse("mfa_reauthenticate")))


class CodeAgainView(CodeView):
    """allauth's page, after the password."""

    def form_valid(self, form: Form) -> HttpResponse:
        renew_session(self.request)
        shown: HttpResponse = super().form_valid(form)
        return shown


class PasskeyAgainView(ReauthenticateWebAuthnView):
    """allauth's page. A passkey is two factors by itself: the device, and the finger, face or PIN that it asks for."""

    def form_valid(self, form: Form) -> HttpResponse:
        renew_session(self.request)
        shown: HttpResponse = super().form_valid(form)
        return shown


@never_cache
@sensitive_post_parameters()
def choose_password_page(request: HttpRequest, secret: str) -> HttpResponse:
    """GET shows the form and spends nothing: mail programs open links by themselves. POST chooses, and signs in."""
    link = find_link(secret, timezone.now()).select_related("account").first()
    if link is None:
        return show_spent_link(request)
    form = ChoosePasswordForm(link.account, request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            account = choose_password(secret=secret, password=form.cleaned_data["password1"])
        except CannotChoose:
            return show_spent_link(request)
        logout(request)  # whoever sat here before
        record_authentication(request, account, method="password_reset", email=account.email)
        signed_in: HttpResponse = perform_login(request, Login(user=account, email=account.email))
        return signed_in
    context = {"form": form, "account": link.account, "is_invitation": link.purpose == link.Purpose.INVITED}
    response = render(request, "accounts/choose_password.html", context)
    response["X-Robots-Tag"] = "noindex, nofollow"
    return response


def show_spent_link(request: HttpRequest) -> HttpResponse:
    """What stands where a link opens nothing: the same for one that was used, has expired or never was."""
    response = render(request, "accounts/dead_link.html", status=410)
    response._has_been_logged = True  # type: ignore[attr-defined]  # Django would log the path, and the secret in it
    return response


@never_cache
@login_required
def own_account(request: HttpRequest) -> HttpResponse:
    """What one has and may change of one's own account."""
    account = signed_in_user(request)
    form = OwnForm(request.POST or None, instance=account)
    if request.method == "POST" and form.is_valid():
        form.save()
        return HttpResponseRedirect(reverse("own_account"))
    context = {
        "account": account,
        "form": form,
        "has_factor": is_mfa_enabled(account),
        "sessions": UserSession.objects.purge_and_list(account),
        "sign_ins": account.sign_ins.all()[:10],
    }
    return render(request, "accounts/own.html", context)


@login_required
@require_POST
def end_other_sessions(request: HttpRequest) -> HttpResponse:
    """Sign out everywhere but here."""
    if first := confirm_identity(request):
        return first
    account = signed_in_user(request)
    end_sessions(account=account, by=account)
    update_session_auth_hash(request, account)
    UserSession.objects.filter(user=account).exclude(session_key=request.session.session_key).delete()
    return HttpResponseRedirect(reverse("own_account"))
