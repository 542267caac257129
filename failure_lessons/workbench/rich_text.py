"""What the toolbar of a narrative asks the server for: text from Word or a web page as Markdown, and a preview."""

from __future__ import annotations

from django.contrib.admin.views.decorators import staff_member_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, JsonResponse
from django.template import Context, Template
from django.views.decorators.http import require_POST

from failure_lessons.accounts.signed_in import signed_in_user
from failure_lessons.bibliography.inline import inline_keys
from failure_lessons.bibliography.names import short_citation
from failure_lessons.publishing.registry import KINDS
from failure_lessons.publishing.renditions import render_records
from failure_lessons.workbench.pasted_html import CannotConvert, read_paste

LONGEST_PASTE = 500_000  # characters of HTML; Word writes ten for each that is read
LONGEST_TEXT = 50_000  # characters of Markdown in a preview, as many as pages render
PROSE_TEMPLATE = Template("{% load evidence %}{% prose text %}")


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
    """`html` as {markdown}, and {notes} of what did not come in as it was."""
    html, refusal = read_posted_text(request, "html", LONGEST_PASTE)
    try:
        return refusal or JsonResponse(read_paste(html)._asdict())
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
