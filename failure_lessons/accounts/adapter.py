"""How django-allauth works here: nobody opens an account, mail leaves by the outbox, guessing is slowed down."""

from __future__ import annotations

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.flows.login import get_authentication_records
from allauth.account.internal.flows.reauthentication import get_reauthentication_flows
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone

from failure_lessons.accounts.client_address import text_of_client
from failure_lessons.accounts.guessing import count_attempt, find_account, remember_browser
from failure_lessons.accounts.models import PasswordLink, SignIn, User
from failure_lessons.accounts.services import note_sign_in, send_password_link
from failure_lessons.accounts.signed_in import signed_in_lately, was_password_shown
from failure_lessons.outbox.services import queue_message

WRONG = "The name or the password is not right. Mind capitals; perhaps choose a new password below."
TOO_MANY = (
    "There were too many attempts to sign in. Wait a quarter of an hour, or choose a new password by mail:"
    " that works at once, from everywhere."
)
NOTICES = {
    "password_changed": "Your password was changed",
    "password_set": "Your password was set",
    "password_reset": "Your password was set anew",
    "totp_activated": "An authenticator app was added",
    "totp_deactivated": "An authenticator app was removed",
    "webauthn_added": "A passkey was added",
    "webauthn_removed": "A passkey was removed",
    "recovery_codes_generated": "New recovery codes were made",
    "account_connected": "Single sign-on was connected",
    "account_disconnected": "Single sign-on was disconnected",
}  # of changes to an account, by the last part of allauth's name for the mail

PASSWORD_AGAIN, CODE_AGAIN, PASSKEY_AGAIN = "reauthenticate", "mfa_reauthenticate", "mfa_reauthenticate:webauthn"


class WorkbenchAdapter(DefaultAccountAdapter):
    """Whatever differs from allauth's defaults."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "username_password_mismatch": WRONG,
        "email_password_mismatch": WRONG,
        "too_many_login_attempts": TOO_MANY,
        "incorrect_password": "That is not your password.",
        "enter_current_password": "That is not your password.",
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def get_client_ip(self, request: HttpRequest) -> str:
        return text_of_client(request)

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        return reverse("admin:index")

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        return reverse("own_account")

    def get_reset_password_from_key_url(self, key: str) -> str:
        return ""  # allauth's own link would stand in the outbox with its key: ours is made at sending

    def send_password_reset_mail(self, user: AbstractBaseUser, email: str, context: dict[str, object]) -> None:
        if isinstance(user, User) and user.is_staff:
            send_password_link(account=user, purpose=PasswordLink.Purpose.FORGOTTEN)

    def send_notification_mail(
        self,
        template_prefix: str,
        user: AbstractBaseUser,
        context: dict[str, object] | None = None,
        email: str | None = None,
    ) -> None:
        """Tell somebody by mail that something about their account has changed."""
        if not isinstance(user, User) or not user.email:
            return
        what = NOTICES[template_prefix.rpartition("/")[2]]
        address = self.get_client_ip(self.request)
        lines = [
            f"{what}, on {timezone.localtime():%d %B %Y at %H:%M}, from the address {address}.",
            "",
            "If that was not you, choose a new password at once and tell a steward:",
            settings.SITE_URL + reverse("account_reset_password"),
        ]
        queue_message(
            purpose="account-changed", recipient=user.email, subject=f"{what}: {settings.SITE.name}", lines=lines
        )

    def send_mail(self, template_prefix: str, email: str, context: dict[str, object]) -> None:
        raise NotImplementedError(f"{template_prefix} has no words here: mail leaves by the outbox alone.")

    def pre_authenticate(self, request: HttpRequest, **credentials: object) -> None:
        login = str(credentials.get("username") or credentials.get("email") or "").strip()
        self.account = find_account(login)
        self._login_failed_rl_usage = count_attempt(request, login, self.account)
        if not self._login_failed_rl_usage:
            note_sign_in(request=request, account=self.account, outcome=SignIn.Outcome.REFUSED)
            raise self.validation_error("too_many_login_attempts")

    def authentication_failed(self, request: HttpRequest, **credentials: object) -> None:
        note_sign_in(request=request, account=self.account, outcome=SignIn.Outcome.FAILED)

    def post_login(self, request: HttpRequest, user: AbstractBaseUser, **options: object) -> HttpResponse:
        response: HttpResponse = super().post_login(request, user, **options)
        if isinstance(user, User):
            ways = {record["method"]: record for record in get_authentication_records(request, user)}
            note_sign_in(request=request, account=user, outcome=SignIn.Outcome.SUCCEEDED, way=name_way(ways))
            remember_browser(request, response, user)
        return response

    def is_reauthentication_required(self, *, app: str, **options: object) -> bool:
        """Who has neither a password nor a factor of ours has just signed in, or signs in anew."""
        if not get_reauthentication_flows(self.request.user):
            return not signed_in_lately(self.request)
        return bool(super().is_reauthentication_required(app=app, **options))

    def get_reauthentication_methods(self, user: AbstractBaseUser) -> list[dict[str, str]]:
        """With a second factor it takes both, one after the other, as signing in does; a passkey is both by itself."""
        methods: list[dict[str, str]] = super().get_reauthentication_methods(user)
        if not methods:  # single sign-on alone: they show it where they always do
            return [{"id": "sign-in-anew", "description": "Sign in anew", "url": reverse("account_logout")}]
        if not (isinstance(user, User) and user.has_usable_password() and is_mfa_enabled(user)):
            return methods
        step = CODE_AGAIN if was_password_shown(self.request) else PASSWORD_AGAIN
        return [each for each in methods if each["id"] in (step, PASSKEY_AGAIN)]

    def add_message(self, *args: object, **kwargs: object) -> None:
        """The pages themselves say what was done; a message would wait for the next page of the workbench."""


def name_way(ways: dict[str, dict[str, object]]) -> SignIn.Way:
    """How somebody signed in, from what allauth noted of it."""
    if "socialaccount" in ways:
        return SignIn.Way.PROVIDER
    if "mfa" in ways:
        return SignIn.Way.PASSKEY if ways["mfa"].get("passwordless") else SignIn.Way.FACTOR
    return SignIn.Way.LINK if "password_reset" in ways else SignIn.Way.PASSWORD
