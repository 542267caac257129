"""The site of the workbench: Django's admin with a first page of its own."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from allauth.account.views import logout as sign_out
from django.contrib import messages
from django.contrib.admin import AdminSite, ModelAdmin
from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, URLResolver, path, reverse
from django.views.decorators.http import require_safe

from failure_lessons.accounts.models import User
from failure_lessons.accounts.signed_in import signed_in_user
from failure_lessons.publishing.registry import SOURCES
from failure_lessons.types import JSONArray
from failure_lessons.workbench.board import board_context
from failure_lessons.workbench.finding import clean_search, search_workbench
from failure_lessons.workbench.guide import EXAMPLE_FILE, read_guide
from failure_lessons.workbench.home import home_context
from failure_lessons.workbench.models import KeptWords
from failure_lessons.workbench.services import settle_words
from failure_lessons.workbench.since import since_context
from failure_lessons.workbench.unchanged import UnchangedStays

FIRST = (
    "casestudies",
    "literature",
    "recommendations",
    "follow_up",
    "vocabularies",
    "publishing",
)  # evidence before machinery


class Desk(AdminSite):
    """Where researchers work."""

    index_template = "admin/workbench/home.html"

    def login(self, request: HttpRequest, extra_context: dict[str, object] | None = None) -> HttpResponse:
        """To the page where everybody signs in; who is signed in and may not work here is told so."""
        if request.user.is_authenticated and not self.has_permission(request):
            raise PermissionDenied
        return HttpResponseRedirect(f"{reverse('account_login')}?{request.GET.urlencode()}")

    def logout(  # type: ignore[override]  # Django shows a page, we lead on
        self, request: HttpRequest, extra_context: dict[str, object] | None = None
    ) -> HttpResponse:
        """As everywhere: POST signs out."""
        answer: HttpResponse = sign_out(request)
        return answer

    def password_change(  # type: ignore[override]  # Django shows a page, we lead on
        self, request: HttpRequest, extra_context: dict[str, object] | None = None
    ) -> HttpResponse:
        """To the page of one's own account."""
        return HttpResponseRedirect(reverse("account_change_password"))

    def index(self, request: HttpRequest, extra_context: dict[str, object] | None = None) -> TemplateResponse:
        """What waits for whom, and the way to everything."""
        return super().index(request, {**(extra_context or {}), **home_context(self, request)})

    def register(
        self, model_or_iterable: type[Model] | Iterable[type[Model]], admin_class: Any = None, **options: Any
    ) -> None:
        """Whatever the admin is of, ours or of a library: what nobody changed is not written."""
        options_class = admin_class or ModelAdmin
        if not issubclass(options_class, UnchangedStays):
            words = {"__module__": options_class.__module__, "__doc__": options_class.__doc__}
            options_class = type(options_class.__name__, (UnchangedStays, options_class), words)
        super().register(model_or_iterable, options_class, **options)

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> JSONArray:
        """The evidence first, what administrators need last."""
        apps = super().get_app_list(request, app_label)
        return sorted(apps, key=lambda app: FIRST.index(app["app_label"]) if app["app_label"] in FIRST else len(FIRST))

    def get_urls(self) -> list[URLPattern | URLResolver]:
        return [
            path("board/", self.admin_view(self.board_view), name="board"),
            path("find/", self.admin_view(require_safe(self.find_view)), name="find"),
            path("since/", self.admin_view(require_safe(self.since_view)), name="since"),
            path("guide/", self.admin_view(require_safe(self.guide_view)), name="guide"),
            path("guide/example-case.txt", self.admin_view(require_safe(self.example_view)), name="guide_example"),
            path("notices/", self.admin_view(self.notices_view), name="notices"),
            path("kept-words/<int:pk>/settle/", self.admin_view(self.settle_words_view), name="settle_words"),
            *super().get_urls(),
        ]

    def settle_words_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Say that one has dealt with one's own kept words."""
        user = signed_in_user(request)
        if request.method != "POST":
            raise PermissionDenied
        settle_words(words=get_object_or_404(KeptWords.objects.waiting_for(user), pk=pk), by=user)
        return HttpResponseRedirect(reverse("admin:index"))

    def notices_view(self, request: HttpRequest) -> HttpResponse:
        """Choose how often one gets notices."""
        chosen = request.POST.get("notices", "")
        if request.method != "POST" or chosen not in User.Notices.values:
            raise PermissionDenied
        user = signed_in_user(request)
        user.notices = chosen
        user.save(update_fields=["notices"])
        messages.success(request, f"E-mail notices: {user.get_notices_display().lower()}.")
        return HttpResponseRedirect(f"{reverse('admin:index')}#notices")

    def refuse_without_work(self, request: HttpRequest) -> None:
        """Raise `PermissionDenied` for somebody who sees no records."""
        if not any(
            options.has_view_permission(request) for model, options in self._registry.items() if model in SOURCES
        ):
            raise PermissionDenied

    def board_view(self, request: HttpRequest) -> HttpResponse:
        """The project board, for whoever sees records."""
        self.refuse_without_work(request)
        return self.wide_page(request, "board", board_context(self, request))

    def find_view(self, request: HttpRequest) -> HttpResponse:
        """One search over records of every kind and their rows."""
        self.refuse_without_work(request)
        words = clean_search(request.GET.get("q", ""))
        found = search_workbench(self, request, words) if words else []
        return self.wide_page(request, "find", {"title": "Search", "words": words, "found": found})

    def since_view(self, request: HttpRequest) -> HttpResponse:
        """What others did since one was here before."""
        self.refuse_without_work(request)
        return self.wide_page(request, "since", {"title": "Since you were last here", **since_context(self, request)})

    def guide_view(self, request: HttpRequest) -> HttpResponse:
        """The guide for researchers."""
        return self.wide_page(request, "guide", {"title": "Guide for researchers", "guide": read_guide()})

    def example_view(self, request: HttpRequest) -> HttpResponse:
        """A case prepared as text, as the guide enters it."""
        return HttpResponse(EXAMPLE_FILE.read_bytes(), content_type="text/plain; charset=utf-8")

    def wide_page(self, request: HttpRequest, name: str, context: dict[str, object]) -> HttpResponse:
        """A page of the whole width, without the menu beside it."""
        whole = {**self.each_context(request), **context, "is_nav_sidebar_enabled": False}
        return TemplateResponse(request, f"admin/workbench/{name}.html", whole)
