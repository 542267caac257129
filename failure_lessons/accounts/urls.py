"""Addresses of signing in: allauth's views under allauth's names, with our pages. There is no sign-up."""

from allauth.account import views as account
from django.urls import path

from failure_lessons.accounts import views

PAGES = "accounts/"

urlpatterns = [
    path("", views.own_account, name="own_account"),
    path("login/", account.LoginView.as_view(template_name=f"{PAGES}sign_in.html"), name="account_login"),
    path("logout/", account.LogoutView.as_view(template_name=f"{PAGES}sign_out.html"), name="account_logout"),
    path(
        "inactive/",
        account.AccountInactiveView.as_view(template_name=f"{PAGES}inactive.html"),
        name="account_inactive",
    ),
    path(
        "reauthenticate/",
        account.ReauthenticateView.as_view(template_name=f"{PAGES}sign_in_again.html"),
        name="account_reauthenticate",
    ),
    path(
        "password/change/",
        account.PasswordChangeView.as_view(template_name=f"{PAGES}change_password.html"),
        name="account_change_password",
    ),
    path(
        "password/reset/",
        account.PasswordResetView.as_view(template_name=f"{PAGES}forgotten.html"),
        name="account_reset_password",
    ),
    path(
        "password/reset/done/",
        account.PasswordResetDoneView.as_view(template_name=f"{PAGES}look_at_your_mail.html"),
        name="account_reset_password_done",
    ),
    path("password/choose/<str:secret>/", views.choose_password_page, name="choose_password"),
]
