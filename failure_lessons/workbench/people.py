"""The pages on which stewards manage people: a list with the form of invitations, and a page for each account."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from allauth.mfa.utils import is_mfa_enabled
from allauth.usersessions.models import UserSession
from django import forms
from django.contrib import admin, messages
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.models import Group
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db import transaction
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.urls import path, reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache

from failure_lessons.accounts.models import User
from failure_lessons.accounts.people import (
    MANAGE,
    PARTNER,
    CannotManage,
    change_roles,
    close_account,
    end_sessions,
    invite_again,
    invite_person,
    is_vouched,
    may_vouch,
    reasons_against_managing,
    remove_factors,
    reopen_account,
    roles_to_give,
    vouch_for,
)
from failure_lessons.accounts.personal_data import erase_account, export_account
from failure_lessons.accounts.signed_in import confirm_identity, signed_in_user
from failure_lessons.workbench.home import list_own_work
from failure_lessons.workbench.open_work import hand_over_work, list_open_rows
from failure_lessons.workbench.roles import ROLE_WORDS

if TYPE_CHECKING:
    from django.http.request import QueryDict

A_PAGE = 50
SHOWN = 20  # sign-ins, and deeds, on the page of an account


@dataclass(frozen=True)
class AccountDeed:
    """What may be done to an account: `do` does it with what the form says, and returns what to tell."""

    words: str
    do: Callable[[User, User, QueryDict], str]
    asks_again: bool = True  # whether the steward has to show that it is they


class InvitationForm(forms.Form):
    """Who is invited, and as what."""

    email = forms.EmailField(label="E-mail address", widget=forms.EmailInput(attrs={"autocomplete": "off"}))
    name = forms.CharField(label="Name, if you like", max_length=150, required=False)
    roles = forms.MultipleChoiceField(label="Role", widget=forms.CheckboxSelectMultiple)

    def __init__(self, by: User, data: QueryDict | None = None) -> None:
        super().__init__(data)
        self.fields["roles"].choices = role_choices(roles_to_give(by))  # type: ignore[attr-defined]


@dataclass
class AccountRow:
    """A line of the list."""

    account: User
    roles: list[str]
    state: str
    classes: list[str] = field(default_factory=list)


def role_choices(groups: QuerySet[Group]) -> list[tuple[str, str]]:
    """Roles with a word on what each is for."""
    found = set(groups.values_list("name", flat=True))
    names = [name for name in ROLE_WORDS if name in found] + sorted(found - set(ROLE_WORDS))
    return [(name, f"{name}: {ROLE_WORDS[name]}" if name in ROLE_WORDS else name) for name in names]


def manager_of(request: HttpRequest) -> User:
    """The steward or administrator who asks; nobody else gets in."""
    user = signed_in_user(request)
    if not user.has_perm(MANAGE):
        raise PermissionDenied
    return user


def describe_state(account: User) -> str:
    """How an account stands, in a word or two."""
    if account.erased_at:
        return "Erased"
    if not account.is_active:
        return "Closed"
    if not account.is_staff:
        return "For programs"
    return "Invited" if not account.has_usable_password() and account.last_login is None else "Open"


def note_deed(by: User, account: User, words: str) -> None:
    """Keep who did what to an account, where the workbench keeps such things."""
    LogEntry.objects.create(
        user=by,
        content_type=ContentType.objects.get_for_model(User),
        object_id=str(account.pk),
        object_repr=f"account {account.pk}",  # no name: this stays when somebody is erased
        action_flag=CHANGE,
        change_message=words,
    )


@never_cache
def people_page(request: HttpRequest) -> HttpResponse:
    """Everybody who works here, and the form that invites somebody."""
    by = manager_of(request)
    form = InvitationForm(by, request.POST or None)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        try:
            account = invite_person(email=said["email"], name=said["name"], roles=said["roles"], by=by)
        except CannotManage as refusal:
            for reason in refusal.reasons:
                form.add_error(None, reason)
        else:
            note_deed(by, account, f"Invited as {', '.join(said['roles'])}.")
            messages.success(request, describe_invitation(account))
            return HttpResponseRedirect(reverse("people"))
    query = request.GET.get("q", "").replace("\0", "").strip()
    page = Paginator(select_people(query), A_PAGE).get_page(request.GET.get("page"))
    rows = [AccountRow(each, [group.name for group in each.groups.all()], describe_state(each)) for each in page]
    context = {**admin.site.each_context(request), "title": "People", "form": form, "page": page, "rows": rows}
    return render(request, "admin/workbench/people.html", {**context, "q": query})


def describe_invitation(account: User) -> str:
    """What happens next, after an invitation."""
    if not account.is_staff:
        return f"{account} is there. Issue a token for it under Tokens; nobody signs in by it."
    return f"An invitation is on its way to {account.email}. It opens once, within 7 days."


def select_people(query: str) -> QuerySet[User]:
    """Accounts that match, those who work here first."""
    people = User.objects.prefetch_related("groups").order_by("-is_active", "-is_staff", "username", "pk")
    if query:
        words = Q(username__icontains=query) | Q(email__icontains=query) | Q(groups__name__iexact=query)
        people = people.filter(words | Q(first_name__icontains=query) | Q(last_name__icontains=query)).distinct()
    return people


@never_cache
def person_page(request: HttpRequest, pk: int) -> HttpResponse:
    """One account: its roles, sign-ins and sessions, and what may be done."""
    by = manager_of(request)
    account = get_object_or_404(User, pk=pk)
    deed = ACCOUNT_DEEDS.get(request.POST.get("deed", "")) if request.method == "POST" else None
    if deed is not None:
        if deed.asks_again and (first := confirm_identity(request)):
            return first
        try:
            words = deed.do(account, by, request.POST)
        except CannotManage as refusal:
            for reason in refusal.reasons:
                messages.error(request, reason)
        else:
            note_deed(by, account, words)
            messages.success(request, words)
        return HttpResponseRedirect(reverse("person", args=[pk]))
    return render(request, "admin/workbench/person.html", person_context(request, by, account))


def person_context(request: HttpRequest, by: User, account: User) -> dict[str, object]:
    """Everything that the page of an account shows."""
    held = set(account.groups.values_list("name", flat=True))
    gives = set(roles_to_give(by).values_list("name", flat=True))
    roles = [
        (name, words, name in held)
        for name, words in role_choices(Group.objects.all())
        if (name == PARTNER) != account.is_staff and (name in held or name in gives)
    ]
    return {
        **admin.site.each_context(request),
        "title": account.get_full_name() or account.get_username(),
        "account": account,
        "state": describe_state(account),
        "refused": reasons_against_managing(account, by),
        "roles": roles,
        "is_vouched": is_vouched(account),
        "may_vouch": may_vouch(by, account),
        "sign_ins": account.sign_ins.all()[:SHOWN],
        "sessions": UserSession.objects.filter(user=account).order_by("-last_seen_at")[:SHOWN],
        "tokens": account.tokens.all(),
        "has_factor": is_mfa_enabled(account),
        "drafts": list_own_work([account.pk]),
        "open_work": list_open_rows(account),
        "successors": User.objects.filter(is_active=True, is_staff=True).exclude(pk=account.pk).order_by("username"),
        "deeds": LogEntry.objects.filter(
            content_type=ContentType.objects.get_for_model(User), object_id=str(account.pk)
        ).select_related("user")[:SHOWN],
        "now": timezone.now(),
    }


def give_roles(account: User, by: User, said: QueryDict) -> str:
    roles = said.getlist("roles")
    change_roles(account=account, roles=roles, by=by)
    return f"Roles: {', '.join(roles) or 'none'}. They sign in anew."


def close(account: User, by: User, said: QueryDict) -> str:
    number = said.get("successor", "")
    successor = User.objects.filter(pk=number).first() if number.isdecimal() else None
    with transaction.atomic():
        close_account(account=account, by=by, successor=successor)
        if successor is not None:
            hand_over_work(leaver=account, successor=successor)
    taken = f" Their open work is with account {successor.pk}." if successor else ""
    return f"Closed: signed out everywhere.{taken}"


def reopen(account: User, by: User, said: QueryDict) -> str:
    reopen_account(account=account, by=by)
    return "Opened again."


def sign_out(account: User, by: User, said: QueryDict) -> str:
    end_sessions(account=account, by=by)
    UserSession.objects.filter(user=account).delete()
    return "Signed out everywhere."


def resend_invitation(account: User, by: User, said: QueryDict) -> str:
    invite_again(account=account, by=by)
    return "The invitation was sent again. The older link opens nothing any more."


def vouch(account: User, by: User, said: QueryDict) -> str:
    vouch_for(account=account, by=by)
    return "Known to a second person."


def take_factors(account: User, by: User, said: QueryDict) -> str:
    remove_factors(account=account, by=by)
    return "Their factors were taken away. They sign in with their password, and are told by mail."


def erase(account: User, by: User, said: QueryDict) -> str:
    erase_account(account=account, by=by)
    return "Erased: the number stays, the name and the address are gone."


@never_cache
def export_page(request: HttpRequest, pk: int) -> HttpResponse:
    """Everything that is kept of somebody, as a file: for themselves, by a steward."""
    by = manager_of(request)
    account = get_object_or_404(User, pk=pk)
    if first := confirm_identity(request):
        return first
    note_deed(by, account, "What is kept of them was exported.")
    answer = JsonResponse(export_account(account=account), json_dumps_params={"indent": 2, "ensure_ascii": False})
    answer["Content-Disposition"] = f'attachment; filename="person-{account.pk}.json"'
    return answer


ACCOUNT_DEEDS = {
    "roles": AccountDeed("Change roles", give_roles),
    "close": AccountDeed("Close the account", close),
    "reopen": AccountDeed("Open the account again", reopen),
    "sign-out": AccountDeed("Sign out everywhere", sign_out),
    "invite-again": AccountDeed("Send the invitation again", resend_invitation, asks_again=False),
    "factors": AccountDeed("Take factors away", take_factors),
    "erase": AccountDeed("Erase", erase),
    "vouch": AccountDeed("I know this person", vouch),
}

urlpatterns = [
    path("", admin.site.admin_view(people_page), name="people"),
    path("<int:pk>/export.json", admin.site.admin_view(export_page), name="person_export"),
    path("<int:pk>/", admin.site.admin_view(person_page), name="person"),
]
