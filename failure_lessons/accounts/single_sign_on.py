"""Single sign-on by OpenID Connect: who may come in, and with which roles, is read from what the provider says."""

from __future__ import annotations

from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialLogin
from django.conf import settings
from django.contrib.auth.models import Group
from django.http import HttpRequest
from django.shortcuts import render

from failure_lessons.accounts.models import User
from failure_lessons.accounts.people import PARTNER, make_username

NO_ROLE = "Your institution knows you, but has given you no role in this repository. Ask a steward."
FAILED = "Your institution did not let you in, or the way there took too long. Try again."
ACCOUNT_CLOSED = "Your account here is closed. If you still work here, ask a steward to open it again."


def read_claims(sociallogin: SocialLogin) -> dict[str, object]:
    """What the provider says of somebody: of its userinfo and its token, the former first."""
    data = sociallogin.account.extra_data
    return {**(data.get("id_token") or {}), **(data.get("userinfo") or {})} or data


def read_roles(claims: dict[str, object]) -> set[str]:
    """The roles that these claims give, by the operator's list. Nobody becomes an administrator this way."""
    said = claims.get(settings.OIDC_ROLES_CLAIM) or []
    values = {str(value) for value in (said if isinstance(said, list) else [said])}
    return {role for value, role in settings.OIDC_ROLES if value in values and role != PARTNER}


class SingleSignOnAdapter(DefaultSocialAccountAdapter):
    """Whatever differs from allauth's defaults."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        return bool(read_roles(read_claims(sociallogin)))

    def is_auto_signup_allowed(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        return True  # no form: the provider has said everything

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """Refuse who has no role; join who was invited under the same, verified address; give the roles of today."""
        claims = read_claims(sociallogin)
        roles = read_roles(claims)
        if not roles:
            refuse_sign_on(request, NO_ROLE)
        if not sociallogin.is_existing and claims.get("email") and claims.get("email_verified") is True:
            known = User.objects.filter(email__iexact=claims["email"], is_superuser=False, is_staff=True).first()
            if known is not None:
                sociallogin.connect(request, known)
        if sociallogin.is_existing:
            if not sociallogin.user.is_active:
                refuse_sign_on(request, ACCOUNT_CLOSED)
            sociallogin.user.groups.set(Group.objects.filter(name__in=roles))
        elif User.objects.filter(email__iexact=claims.get("email") or "-").exists():
            refuse_sign_on(request, NO_ROLE)  # an address that the provider has not verified opens nobody's account

    def save_user(self, request: HttpRequest, sociallogin: SocialLogin, form: object = None) -> User:
        claims = read_claims(sociallogin)
        user: User = sociallogin.user
        user.username = make_username(str(claims.get("preferred_username") or claims.get("email") or "person"))
        user.email = str(claims.get("email") or "")
        user.is_staff = True
        user.set_unusable_password()
        sociallogin.save(request)
        user.groups.set(Group.objects.filter(name__in=read_roles(claims)))
        return user

    def on_authentication_error(self, request: HttpRequest, provider: object, **said: object) -> None:
        refuse_sign_on(request, FAILED)


def refuse_sign_on(request: HttpRequest, words: str) -> None:
    """Stop with a page that says why."""
    raise ImmediateHttpResponse(render(request, "accounts/not_let_in.html", {"words": words}, status=403))
