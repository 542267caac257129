"""What an admin is made of: pages that it lists as its `parts`, instead of inheriting them one from another."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar

from django.contrib import admin
from django.contrib.admin import AdminSite
from django.core.checks import CheckMessage, Error
from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse

from failure_lessons.publishing.models import Publishable


class AdminPart:
    """Some pages of one admin, and what its list and its forms show because of them.

    `needs` names what the admin class has to say for this part; a system check asks for it.
    """

    needs: ClassVar[tuple[str, ...]] = ()

    def __init__(self, owner: ComposedAdmin) -> None:
        self.admin = owner
        self.model = owner.model
        self.opts = owner.opts

    def urls(self) -> list[URLPattern]:
        """The addresses of its pages, below the admin's own."""
        return []

    def tools(self, request: HttpRequest, record: Publishable) -> list[dict[str, str]]:
        """Links on the form of a record, each with a `label` and a `url`."""
        return []

    def verbs(self, request: HttpRequest, record: Publishable, is_published: bool) -> list[dict[str, str]]:
        """Buttons on the form of a record beside those of publishing, each with a `label` and a `url`."""
        return []

    def form_context(self, request: HttpRequest, record: Publishable) -> dict[str, object]:
        """What the template of a form gets."""
        return {}

    def list_context(self, request: HttpRequest) -> dict[str, object]:
        """What the template of the list gets."""
        return {}

    def check(self) -> list[CheckMessage]:
        """What is wrong with how the admin lists this part."""
        return [
            Error(
                f"{type(self.admin).__name__} has the part {type(self).__name__} and does not name its {name}.",
                obj=type(self.admin),
                id="workbench.E001",
            )
            for name in self.needs
            if not hasattr(self.admin, name)
        ]

    def name_page(self, page: str) -> str:
        """The name of a page's address: of the app, the model and the page."""
        return f"{self.opts.app_label}_{self.opts.model_name}_{page}"

    def make_path(self, route: str, view: Callable[..., HttpResponse], name: str) -> URLPattern:
        """The address of a page for those who are signed in."""
        return path(route, self.admin.admin_site.admin_view(view), name=name)

    def page_url(self, page: str, *args: object) -> str:
        """The address of a page of this admin."""
        return reverse(f"admin:{self.name_page(page)}", args=args)

    def get_visible_record(self, request: HttpRequest, pk: int) -> Publishable:
        """A record, for somebody who may see it. Raises `Http404` or `PermissionDenied`."""
        record: Publishable = get_object_or_404(self.model, pk=pk)
        if not self.admin.has_view_permission(request, record):
            raise PermissionDenied
        return record

    def page_context(self, request: HttpRequest) -> dict[str, object]:
        """What each page of an admin shows around its content."""
        return {**self.admin.admin_site.each_context(request), "opts": self.opts}


class ComposedAdmin(admin.ModelAdmin):
    """An admin made of parts: those of every admin of its sort (`common_parts`), and its own (`parts`)."""

    common_parts: ClassVar[Sequence[type[AdminPart]]] = ()
    parts: ClassVar[Sequence[type[AdminPart]]] = ()

    def __init__(self, model: type[Model], admin_site: AdminSite) -> None:
        super().__init__(model, admin_site)
        self.made_of = [part(self) for part in (*self.parts, *self.common_parts)]

    def get_urls(self) -> list[URLPattern]:
        return [*(url for part in self.made_of for url in part.urls()), *super().get_urls()]

    def check(self, **kwargs: object) -> list[CheckMessage]:
        return [*super().check(**kwargs), *(message for part in self.made_of for message in part.check())]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, object] | None = None) -> HttpResponse:
        shown = {name: value for part in self.made_of for name, value in part.list_context(request).items()}
        return super().changelist_view(request, {**(extra_context or {}), **shown})
