"""What the public sends in, and following by mail: forms without scripts and without a cookie. A GET writes nothing."""

from __future__ import annotations

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone

from failure_lessons.access.private_answers import is_foreign, kept_private
from failure_lessons.intake.following import read_link
from failure_lessons.intake.forms import FollowForm, SendForm
from failure_lessons.intake.models import FollowRequest, PublicMessage
from failure_lessons.intake.proofs import OUT_OF_DATE, is_form_proven, is_trapped, make_form_proof, seconds_to_wait
from failure_lessons.intake.targets import CannotFollowThis, find_target
from failure_lessons.pages.records import BY_ADDRESS
from failure_lessons.publishing.models import Edition


def show_intake(status: int, request: HttpRequest, name: str, /, **context: object) -> HttpResponse:
    """A page of this room, with what its form has to carry."""
    context = {"proof": make_form_proof(), "contact": settings.CONTACT, **context}
    return render(request, f"intake/{name}.html", context, status=status)


def refuse_hurry(answer: HttpResponse, wait: int) -> HttpResponse:
    """429, and when to come again."""
    answer["Retry-After"] = str(wait)
    return answer


def find_record_about(about: str) -> Edition | None:
    """The record that `about` names, such as `recommendations/early-escalation`; None for the site as a whole.

    404 for anything that readers cannot read.
    """
    if not about:
        return None
    address, _, slug = about.strip("/").partition("/")
    kind = BY_ADDRESS.get(address)
    edition = Edition.objects.at_address(kind.code, slug).without_text().first() if kind else None
    if edition is None:
        raise Http404
    return edition


@kept_private
def contact_page(request: HttpRequest) -> HttpResponse:
    """Tell us: five sorts of message, one form each. At most one query, and one row."""
    asked = request.POST if request.method == "POST" else request.GET
    about, sort = str(asked.get("about", "")), str(asked.get("sort", ""))
    edition = find_record_about(about)
    context = {"edition": edition, "named": about, "sorts": PublicMessage.Sort.choices, "sort": sort}
    if sort not in PublicMessage.Sort.values:
        return show_intake(200 if not sort else 400, request, "choose_sort", **context)
    context["label"] = PublicMessage.Sort(sort).label
    if request.method != "POST":
        return show_intake(200, request, "contact", form=SendForm(sort=sort), **context)
    if is_trapped(request):
        return redirect("contact-sent")
    form = SendForm(request.POST, sort=sort)
    if not form.is_valid() or not is_form_proven(request):
        late = "" if is_form_proven(request) else OUT_OF_DATE
        return show_intake(400, request, "contact", form=form, late=late, **context)
    if wait := seconds_to_wait(request):
        late = f"Too much came from your network just now. Nothing is lost: try again in {wait // 60 + 1} minutes."
        return refuse_hurry(show_intake(429, request, "contact", form=form, late=late, **context), wait)
    message = form.save(commit=False)
    message.sort, message.sent_at = sort, timezone.now()
    if edition:
        message.about_kind, message.about_slug = edition.kind, edition.slug
        message.about_record, message.about_number = edition.record_id, edition.number
    message.save(force_insert=True)
    return redirect("contact-sent")


@kept_private
def contact_sent(request: HttpRequest) -> HttpResponse:
    """That a message has arrived, and what becomes of it."""
    return show_intake(200, request, "sent")


@kept_private
def follow_page(request: HttpRequest) -> HttpResponse:
    """Ask to be told by mail. The answer is the same whether anybody follows anything by this address or not."""
    asked = request.POST if request.method == "POST" else request.GET
    address = str(asked.get("of", ""))
    try:
        target = find_target(address)
    except CannotFollowThis as refusal:
        return show_intake(400 if address else 404, request, "cannot_follow", reason=str(refusal))
    context = {"target": target}
    if request.method != "POST":
        return show_intake(200, request, "follow", form=FollowForm(), **context)
    if is_trapped(request):
        return redirect("follow-asked")
    form = FollowForm(request.POST)
    if not form.is_valid() or not is_form_proven(request):
        late = "" if is_form_proven(request) else OUT_OF_DATE
        return show_intake(400, request, "follow", form=form, late=late, **context)
    if wait := seconds_to_wait(request):
        late = f"Too much came from your network just now: try again in {wait // 60 + 1} minutes."
        return refuse_hurry(show_intake(429, request, "follow", form=form, late=late, **context), wait)
    FollowRequest(
        act=FollowRequest.Act.FOLLOW,
        email=form.cleaned_data["email"],
        address=target.address,
        how_often=form.cleaned_data["how_often"],
        sent_at=timezone.now(),
    ).save(force_insert=True)
    return redirect("follow-asked")


@kept_private
def follow_asked(request: HttpRequest) -> HttpResponse:
    """That a mail is on its way."""
    return show_intake(200, request, "follow_asked")


@kept_private
def confirm_follow_page(request: HttpRequest, secret: str) -> HttpResponse:
    """GET shows one button, POST confirms: what opens links in mail before people do confirms nothing."""
    return answer_link(request, secret, FollowRequest.Act.CONFIRM, post_only_from_here=True)


@kept_private
def leave_follow_page(request: HttpRequest, secret: str) -> HttpResponse:
    """GET shows one button; POST leaves at once, also from a mail program (RFC 8058)."""
    return answer_link(request, secret, FollowRequest.Act.LEAVE, post_only_from_here=False)


def answer_link(
    request: HttpRequest, secret: str, act: FollowRequest.Act, *, post_only_from_here: bool
) -> HttpResponse:
    """What a link of a mail opens."""
    found = read_link(secret, act)
    if found is None:
        return show_intake(404, request, "dead_link")
    key, title = found
    if request.method != "POST" or (post_only_from_here and is_foreign(request)):
        return show_intake(200, request, "link", act=act, title=title)
    FollowRequest(act=act, following=key, sent_at=timezone.now()).save(force_insert=True)
    return show_intake(200, request, "link_done", act=act, title=title)


urlpatterns = [
    path("contact/", contact_page, name="contact"),
    path("contact/sent/", contact_sent, name="contact-sent"),
    path("follow/", follow_page, name="follow"),
    path("follow/asked/", follow_asked, name="follow-asked"),
    path("follow/confirm/<str:secret>/", confirm_follow_page, name="follow-confirm"),
    path("follow/leave/<str:secret>/", leave_follow_page, name="follow-leave"),
]
