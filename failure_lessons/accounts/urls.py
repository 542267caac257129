"""Addresses of signing in: allauth's views under allauth's names, with our pages. There is no sign-up."""

from allauth.account import views as account
from allauth.mfa.base import views as factors
from allauth.mfa.recovery_codes import views as codes
from allauth.mfa.totp import views as app
from allauth.mfa.webauthn import views as passkeys
from django.urls import include, path, reverse_lazy

from failure_lessons.accounts import views
from failure_lessons.accounts.recovery_codes import RecoveryCodesView

urlpatterns = [
    path("", include("allauth.socialaccount.providers.openid_connect.urls")),
    path("", views.own_account, name="own_account"),
    path("login/", views.SignInView.as_view(template_name="accounts/sign_in.html"), name="account_login"),
    path("logout/", account.LogoutView.as_view(template_name="accounts/sign_out.html"), name="account_logout"),
    path(
        "inactive/",
        account.AccountInactiveView.as_view(template_name="accounts/inactive.html"),
        name="account_inactive",
    ),
    path(
        "reauthenticate/",
        views.PasswordAgainView.as_view(template_name="accounts/sign_in_again.html"),
        name="account_reauthenticate",
    ),
    path(
        "password/change/",
        views.ChangePasswordView.as_view(template_name="accounts/change_password.html"),
        name="account_change_password",
    ),
    path(
        "password/reset/",
        account.PasswordResetView.as_view(template_name="accounts/forgotten.html"),
        name="account_reset_password",
    ),
    path(
        "password/reset/done/",
        account.PasswordResetDoneView.as_view(template_name="accounts/look_at_your_mail.html"),
        name="account_reset_password_done",
    ),
    path("sessions/end/", views.end_other_sessions, name="end_other_sessions"),
    path("factors/", factors.IndexView.as_view(template_name="accounts/factors.html"), name="mfa_index"),
    path(
        "factors/code/",
        factors.AuthenticateView.as_view(template_name="accounts/second_factor.html"),
        name="mfa_authenticate",
    ),
    path(
        "factors/code/again/",
        views.CodeAgainView.as_view(template_name="accounts/factor_again.html"),
        name="mfa_reauthenticate",
    ),
    path(
        "factors/app/",
        app.ActivateTOTPView.as_view(template_name="accounts/connect_app.html"),
        name="mfa_activate_totp",
    ),
    path(
        "factors/app/remove/",
        app.DeactivateTOTPView.as_view(template_name="accounts/remove_app.html"),
        name="mfa_deactivate_totp",
    ),
    path(
        "factors/recovery-codes/",
        RecoveryCodesView.as_view(),
        name="mfa_view_recovery_codes",
    ),
    path(
        "factors/recovery-codes/new/",
        codes.GenerateRecoveryCodesView.as_view(template_name="accounts/new_codes.html"),
        name="mfa_generate_recovery_codes",
    ),
    path(
        "factors/passkeys/add/",
        passkeys.AddWebAuthnView.as_view(template_name="accounts/add_passkey.html"),
        name="mfa_add_webauthn",
    ),
    path(
        "factors/passkeys/<int:pk>/remove/",
        passkeys.RemoveWebAuthnView.as_view(
            template_name="accounts/remove_passkey.html", success_url=reverse_lazy("mfa_index")
        ),
        name="mfa_remove_webauthn",
    ),
    path("factors/passkeys/login/", passkeys.LoginWebAuthnView.as_view(), name="mfa_login_webauthn"),
    path(
        "factors/passkeys/again/",
        views.PasskeyAgainView.as_view(template_name="accounts/passkey_again.html"),
        name="mfa_reauthenticate_webauthn",
    ),
    path("password/choose/<str:secret>/", views.choose_password_page, name="choose_password"),
]
