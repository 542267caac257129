"""For templates: what the last try of a source's address gave."""

from __future__ import annotations

from django import template

from failure_lessons.operations.models import CheckedLink

register = template.Library()


@register.simple_tag
def lost_link(url: str) -> CheckedLink | None:
    """What is known of an address that cannot be reached; nothing while it answers or is untried. One query."""
    found = CheckedLink.objects.filter(url=url, failures__gte=CheckedLink.FAILURES_TO_TELL).first() if url else None
    return found if found and found.is_lost else None
