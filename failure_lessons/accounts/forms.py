"""The forms of signing in, in our words."""

from __future__ import annotations

from allauth.account.forms import ChangePasswordForm, LoginForm, ResetPasswordForm
from django import forms
from django.contrib.auth import password_validation
from django.http import QueryDict

from failure_lessons.accounts.models import User

AGAIN = "Type it twice: the two are not the same."


class SignInForm(LoginForm):
    """A name and a password."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        name, password = self.fields["login"], self.fields["password"]
        name.label, password.label = "User name or e-mail address", "Password"
        name.widget.attrs = {"autocomplete": "username", "id": "id_username", "autocapitalize": "none"}
        password.widget.attrs = {"autocomplete": "current-password"}
        password.help_text = ""


class ForgottenForm(ResetPasswordForm):
    """The address to which a link goes."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"].label = "Your e-mail address"
        self.fields["email"].widget.attrs.pop("placeholder", None)


class NewPasswordForm(ChangePasswordForm):
    """The old password and a new one."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        labels = {"oldpassword": "Your password now", "password1": "New password", "password2": "New password again"}
        for name, label in labels.items():
            self.fields[name].label = label
            self.fields[name].widget.attrs.pop("placeholder", None)
        self.fields["password1"].help_text = password_validation.password_validators_help_text_html()


class ChoosePasswordForm(forms.Form):
    """A password, typed twice."""

    password1 = forms.CharField(
        label="Password",
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=password_validation.password_validators_help_text_html,
    )
    password2 = forms.CharField(
        label="The same again", strip=False, widget=forms.PasswordInput(attrs={"autocomplete": "new-password"})
    )

    def __init__(self, account: User, data: QueryDict | None = None) -> None:
        super().__init__(data)
        self.account = account

    def clean_password1(self) -> str:
        password: str = self.cleaned_data["password1"]
        password_validation.validate_password(password, self.account)
        return password

    def clean_password2(self) -> str:
        again: str = self.cleaned_data["password2"]
        if "password1" in self.cleaned_data and self.cleaned_data["password1"] != again:
            raise forms.ValidationError(AGAIN)
        return again


class OwnForm(forms.ModelForm):
    """What people change of themselves."""

    class Meta:
        model = User
        fields = ["first_name", "last_name", "notices"]
