"""What the toolbar of a narrative asks the server for: text from Word or a web page as Markdown, and a preview."""

from __future__ import annotations

import re
from collections import Counter

import nh3
from django.contrib.admin.views.decorators import staff_member_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, JsonResponse
from django.template import Context, Template
from django.views.decorators.http import require_POST
from markdownify import markdownify

from failure_lessons.accounts.signed_in import signed_in_user
from failure_lessons.bibliography.inline import inline_keys
from failure_lessons.bibliography.names import short_citation
from failure_lessons.publishing.registry import KINDS
from failure_lessons.publishing.renditions import render_records

LONGEST_PASTE = 500_000  # characters of HTML; Word writes ten for each that is read
LONGEST_CLEAN = 100_000  # characters of it that are left when what is not text has gone
LONGEST_TEXT = 50_000  # characters of Markdown in a preview, as many as pages render
DEEPEST = 100  # elements within each other; a page of the web has some forty
MOST_MARKS = 20  # of them emphasis and links, which a parser opens anew in each paragraph
TAG = re.compile(r"<(/?)([a-zA-Z][^\s/<>]{0,30})")
# Elements without an end, or that the next of their sort ends
ENDLESS = {
    "br",
    "hr",
    "img",
    "meta",
    "link",
    "input",
    "col",
    "base",
    "area",
    "wbr",
    "p",
    "li",
    "td",
    "th",
    "tr",
    "dt",
    "dd",
    "option",
    "thead",
    "tbody",
    "tfoot",
}
MARKS = {"a", "b", "big", "code", "em", "font", "i", "nobr", "s", "small", "strike", "strong", "tt", "u"}
KEPT_TAGS = {
    "p",
    "br",
    "em",
    "i",
    "strong",
    "b",
    "ul",
    "ol",
    "li",
    "a",
    "blockquote",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "hr",
    "div",
    "table",
    "tr",
    "td",
    "th",
    "tbody",
    "thead",
}
# Google Docs wraps all it gives in a <b> that is not bold
NOT_BOLD = re.compile(r"<b\b[^<>]{0,500}font-weight:\s{0,9}normal[^<>]{0,500}>", re.IGNORECASE)
# Word writes list items as paragraphs that begin with a mark of their own
BULLET_MARK = re.compile(r"^(?:[·•§▪]|\\?o(?=\s{2,}))\s*", re.MULTILINE)
NUMBERED_ITEM = re.compile(r"^(\d{1,2})\\?[.)]\s{2,}", re.MULTILINE)
PROSE_TEMPLATE = Template("{% load evidence %}{% prose text %}")


class CannotConvert(ValueError):
    """A piece of HTML that would take too long. The words say what to do."""


def refuse_nesting(html: str) -> None:
    """Raise `CannotConvert` where elements stand too deep in each other: parsers slow down with depth, and give up."""
    opened: Counter[str] = Counter()
    depth = marks = 0
    for end, tag in TAG.findall(html):
        name = tag.lower()
        if name in ENDLESS or (end and not opened[name]):
            continue
        step = -1 if end else 1
        opened[name] += step
        depth += step
        marks += step if name in MARKS else 0
        if depth > DEEPEST or marks > MOST_MARKS:
            raise CannotConvert("This is nested too deeply to be understood. Paste it as plain text.")


def markdown_of(html: str) -> str:
    """The words of a piece of HTML as Markdown; nothing in it is trusted. Raises `CannotConvert`."""
    refuse_nesting(html)
    clean = nh3.clean(
        NOT_BOLD.sub("<span>", html),
        tags=KEPT_TAGS,
        attributes={"a": {"href"}},
        url_schemes={"http", "https", "mailto"},
        clean_content_tags={"script", "style", "title", "xml"},
    )
    if len(clean) > LONGEST_CLEAN:
        raise CannotConvert(f"This has more than {LONGEST_CLEAN:,} characters. Paste it in parts.")
    text = markdownify(clean, heading_style="ATX", bullets="-", strip=["img"], wrap=False)
    text = NUMBERED_ITEM.sub(r"\1. ", BULLET_MARK.sub("- ", text)).replace("\xa0", " ")
    text = re.sub(r"^#{1,2} ", "### ", text, flags=re.MULTILINE)
    text = re.sub(r"^#{5,6} ", "#### ", text, flags=re.MULTILINE)
    text = "\n".join(line.rstrip(" \t") for line in text.split("\n"))
    text = re.sub(r"(^- .*)\n\n(?=- )", r"\1\n", text, flags=re.MULTILINE)
    return re.sub(r"\n{3,}", "\n\n", text).strip()


def read_posted_text(request: HttpRequest, name: str, longest: int) -> tuple[str, JsonResponse | None]:
    """What was sent under a name by somebody with a role, or the answer that says what is wrong with it."""
    if not signed_in_user(request).get_all_permissions():
        raise PermissionDenied
    text = request.POST.get(name, "")
    if not text or len(text) > longest:
        return "", JsonResponse({"error": f"Send “{name}” with at most {longest:,} characters."}, status=400)
    return text, None


@require_POST
@staff_member_required
def from_html(request: HttpRequest) -> JsonResponse:
    """`html` as {markdown}."""
    html, refusal = read_posted_text(request, "html", LONGEST_PASTE)
    try:
        return refusal or JsonResponse({"markdown": markdown_of(html)})
    except CannotConvert as reason:
        return JsonResponse({"error": str(reason)}, status=400)


@require_POST
@staff_member_required
def preview_text(request: HttpRequest) -> JsonResponse:
    """`text` as {html}, as readers would see it, and {unknown}: keys it cites that are no reference."""
    text, refusal = read_posted_text(request, "text", LONGEST_TEXT)
    if refusal:
        return refusal
    keys = inline_keys(text)
    member = KINDS["reference"].member
    cited = render_records(member.model._default_manager.filter(slug__in=keys)) if member else []
    found = {each.slug: {"short": short_citation(each.entry)} for each in cited}
    html = PROSE_TEMPLATE.render(Context({"text": text, "references": found}))
    return JsonResponse({"html": html, "unknown": sorted(keys - set(found))})
