"""How templates write addresses of pages: by name, with all that a link takes along."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from urllib.parse import quote, urlencode

from django import template
from django.conf import settings
from django.template.context import Context
from django.urls import get_script_prefix, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from failure_lessons.local.identity import OUR_DEEP, write_own_styles
from failure_lessons.pages.fragments import FragmentCache, takes_nothing_along
from failure_lessons.pages.links import carry_along, carry_brief, takes_brief
from failure_lessons.publishing.registry import KINDS

register = template.Library()
MOST_FRAMES = 100  # of each part: one for each kind and sort of page


@register.simple_tag(takes_context=True)
def link(context: Context, where: str, *args: object, **query: str | int) -> str:
    """The address of a page: `{% link 'detail' kind.address item.slug %}`, `{% link 'search' q=title %}`.

    `where` is a name of the site map, with its arguments, or an address that is there already (`/…`, `?…` or `.`).
    What the page was asked with goes along, the moment and the brief; `as_of=''` leads to the page as it stands now.
    """
    ready = not where or where[0] in "/?."
    address = where if ready else reverse_once(get_script_prefix(), where, args)
    if given := {name: value for name, value in query.items() if name != "as_of" or value}:
        address = f"{address}?{urlencode(given, doseq=True, safe='/', quote_via=quote)}"
    request = getattr(context, "request", None)
    return carry_brief(address, request) if "as_of" in query else carry_along(address, request)


@lru_cache(maxsize=4096)
def reverse_once(prefix: str, where: str, args: tuple[object, ...]) -> str:  # what is kept holds for this prefix alone
    """The address of a page under a prefix: most of the sixty links of a page are those of every page."""
    return reverse(where, args=args)


class FrameNode(template.Node):
    """A part of the frame of all pages: the same for each reader whose links take nothing along."""

    def __init__(self, nodelist: template.NodeList, keys: list[template.base.FilterExpression]) -> None:
        self.nodelist, self.keys = nodelist, keys
        self.written = FragmentCache(MOST_FRAMES)

    def render(self, context: Context) -> SafeString:
        """What was written before under the same keys and settings, or what is written now."""
        if not takes_nothing_along(getattr(context, "request", None)):
            return self.nodelist.render(context)
        marks = [each.resolve(context, ignore_failures=True) for each in self.keys]
        key = (get_script_prefix(), settings.SITE, settings.SITE_NOTICE, *marks)
        return mark_safe(self.written.read(key, lambda: self.nodelist.render(context)))  # noqa: S308  # a template wrote it


@register.tag
def frame(parser: template.base.Parser, token: template.base.Token) -> FrameNode:
    """`{% frame kind.code %}…{% endframe %}`: what all pages show alike, but for these values, is written once."""
    keys = [parser.compile_filter(each) for each in token.split_contents()[1:]]
    nodelist = parser.parse(("endframe",))
    parser.delete_first_token()
    return FrameNode(nodelist, keys)


@register.simple_tag(takes_context=True)
def brief_field(context: Context, action: str = "?") -> str:
    """A hidden field at the start of a form that takes the brief along to `action`."""
    brief = getattr(getattr(context, "request", None), "brief", None)
    if not brief or brief.damaged or not takes_brief(action):
        return ""
    return format_html('<input type="hidden" name="brief" value="{}">', brief.token)


@register.simple_tag
def operators_notice() -> str:
    """What whoever runs the site says of the evidence in it; empty where it is the shipped one."""
    return str(settings.SITE_NOTICE)


@register.simple_tag
def site_name() -> str:
    """What this repository is called."""
    return settings.SITE.name


@register.simple_tag
def site_service() -> str:
    """The service that is to learn, as it stands within a sentence: “the NHS”."""
    return settings.SITE.service


@register.simple_tag
def site_purpose() -> str:
    """What the repository is for, in a sentence without its stop."""
    return settings.SITE.purpose


@register.simple_tag
def site_colour() -> str:
    """The colour of the band at the head, which browsers of telephones take up."""
    return settings.SITE.colours.deep if settings.SITE.colours else OUR_DEEP


@register.simple_tag
def own_styles() -> str:
    """The link to a style sheet with the colours and the name of whoever runs the site; empty where they are ours."""
    if not (styles := write_own_styles(settings.SITE)):
        return ""
    mark = hashlib.sha256(styles.encode()).hexdigest()[:12]
    return format_html('<link rel="stylesheet" href="{}?v={}">', reverse("site-styles"), mark)


@register.filter
def kind_address(code: str) -> str:
    """The plural noun of a kind in addresses, such as `case-studies` for `case-study`."""
    return KINDS[code].address
