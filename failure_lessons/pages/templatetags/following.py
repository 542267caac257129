"""Where the list at hand is followed."""

from __future__ import annotations

from django import template
from django.http import HttpRequest, QueryDict
from django.urls import reverse

from failure_lessons.library.list_query import filters_of
from failure_lessons.publishing.registry import Kind

register = template.Library()


@register.simple_tag
def feed_of(kind: Kind, request: HttpRequest) -> str:
    """The feed of a kind's list under the filters in force."""
    return reverse("list-feed", args=[kind.address]) + filters_in_force(kind, request)


@register.simple_tag
def list_followed(kind: Kind, request: HttpRequest) -> str:
    """The address of a kind's list under the filters in force, as it is followed by mail."""
    return reverse("list", args=[kind.address]) + filters_in_force(kind, request)


def filters_in_force(kind: Kind, request: HttpRequest) -> str:
    """The filters of a list as a query string, or nothing; its order and page do not matter to who follows it."""
    kept = QueryDict(mutable=True)
    for name, values in request.GET.lists():
        if name in filters_of(kind).base_filters and (filled := [value for value in values if value.strip()]):
            kept.setlist(name, filled)
    return f"?{kept.urlencode()}" if kept else ""
