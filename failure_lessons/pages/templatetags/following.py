"""Where the list at hand is followed."""

from __future__ import annotations

from django import template
from django.http import HttpRequest, QueryDict

from failure_lessons.library.list_query import filters_of
from failure_lessons.publishing.registry import Kind

register = template.Library()


@register.simple_tag
def feed_of(kind: Kind, request: HttpRequest) -> str:
    """The feed of a kind's list under the filters in force; its order and page do not matter to a feed."""
    kept = QueryDict(mutable=True)
    for name, values in request.GET.lists():
        if name in filters_of(kind).base_filters and (filled := [value for value in values if value.strip()]):
            kept.setlist(name, filled)
    return f"/{kind.address}/feed.atom{'?' if kept else ''}{kept.urlencode()}"
