"""What the toolbar of a narrative asks the server for: text from Word or a web page as Markdown, and a preview."""

from __future__ import annotations

import re

import nh3
from django.contrib.admin.views.decorators import staff_member_required
from django.http import HttpRequest, JsonResponse
from django.template import Context, Template
from django.views.decorators.http import require_POST
from markdownify import markdownify

from failure_lessons.bibliography.inline import inline_keys
from failure_lessons.bibliography.names import short_citation
from failure_lessons.publishing.registry import KINDS
from failure_lessons.publishing.renditions import render_records

LONGEST_PASTE = 1_000_000
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
NOT_BOLD = re.compile(r"<b\b[^>]*font-weight:\s*normal[^>]*>", re.IGNORECASE)
# Word writes list items as paragraphs that begin with a mark of their own
BULLET_MARK = re.compile(r"^(?:[·•§▪]|\\?o(?=\s{2,}))\s*", re.MULTILINE)
NUMBERED_ITEM = re.compile(r"^(\d{1,2})\\?[.)]\s{2,}", re.MULTILINE)
PROSE_TEMPLATE = Template("{% load evidence %}{% prose text %}")


def markdown_of(html: str) -> str:
    """The words of a piece of HTML as Markdown; nothing in it is trusted."""
    clean = nh3.clean(
        NOT_BOLD.sub("<span>", html),
        tags=KEPT_TAGS,
        attributes={"a": {"href"}},
        url_schemes={"http", "https", "mailto"},
        clean_content_tags={"script", "style", "title", "xml"},
    )
    text = markdownify(clean, heading_style="ATX", bullets="-", strip=["img"], wrap=False)
    text = NUMBERED_ITEM.sub(r"\1. ", BULLET_MARK.sub("- ", text)).replace("\xa0", " ")
    text = re.sub(r"^#{1,2} ", "### ", text, flags=re.MULTILINE)
    text = re.sub(r"^#{5,6} ", "#### ", text, flags=re.MULTILINE)
    text = re.sub(r"[ \t]+$", "", text, flags=re.MULTILINE)
    text = re.sub(r"(^- .*)\n\n(?=- )", r"\1\n", text, flags=re.MULTILINE)
    return re.sub(r"\n{3,}", "\n\n", text).strip()


def read_posted_text(request: HttpRequest, name: str) -> tuple[str, JsonResponse | None]:
    """What was sent under a name, or the answer that says what is wrong with it."""
    text = request.POST.get(name, "")
    if not text or len(text) > LONGEST_PASTE:
        return "", JsonResponse({"error": f"Send “{name}” with at most {LONGEST_PASTE:,} characters."}, status=400)
    return text, None


@require_POST
@staff_member_required
def from_html(request: HttpRequest) -> JsonResponse:
    """`html` as {markdown}."""
    html, refusal = read_posted_text(request, "html")
    return refusal or JsonResponse({"markdown": markdown_of(html)})


@require_POST
@staff_member_required
def preview_text(request: HttpRequest) -> JsonResponse:
    """`text` as {html}, as readers would see it, and {unknown}: keys it cites that are no reference."""
    text, refusal = read_posted_text(request, "text")
    if refusal:
        return refusal
    keys = inline_keys(text)
    member = KINDS["reference"].member
    cited = render_records(member.model._default_manager.filter(slug__in=keys)) if member else []
    found = {each.slug: {"short": short_citation(each.entry)} for each in cited}
    html = PROSE_TEMPLATE.render(Context({"text": text, "references": found}))
    return JsonResponse({"html": html, "unknown": sorted(keys - set(found))})
