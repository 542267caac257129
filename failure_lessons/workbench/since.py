"""What has happened in the workbench since somebody was here before."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass

from django.apps import apps
from django.contrib.admin import AdminSite
from django.http import HttpRequest
from django.utils import timezone

from failure_lessons.accounts.signed_in import signed_in_user
from failure_lessons.history.models import Change
from failure_lessons.publishing.models import LedgerEntry
from failure_lessons.publishing.registry import KINDS
from failure_lessons.workbench.form_anchors import form_address
from failure_lessons.workbench.home import describe_deeds
from failure_lessons.workbench.models import Comment
from failure_lessons.workbench.visits import find_last_visit

SINCE_SHOWN = 100  # of each
SINCE_LOOKED_AT = 5000  # changes looked through for the deeds of others
USUALLY = dt.timedelta(days=7)  # for somebody of whom no visit before is known


@dataclass(frozen=True)
class CommentSince:
    """A comment, what it is about, and where it stands."""

    comment: Comment
    record: str
    url: str


def list_comments_since(request: HttpRequest, site: AdminSite, moment: dt.datetime) -> list[CommentSince]:
    """What others said since on records that this person may see, newest first. One query for each kind of record."""
    rows = Comment.objects.filter(at__gt=moment).exclude(by=signed_in_user(request)).select_related("by")
    found = list(rows.order_by("-at", "-pk")[:SINCE_SHOWN])
    there: dict[uuid.UUID, tuple[str, str]] = {}
    for label in sorted({each.model for each in found}):
        model = apps.get_model(label)
        options = site._registry.get(model)
        if options is not None and options.has_view_permission(request):
            ids = [each.record_id for each in found if each.model == label]
            for record in model._default_manager.filter(record_id__in=ids):
                there[record.record_id] = (str(record), f"{form_address(record)}#comments")
    return [CommentSince(each, *there[each.record_id]) for each in found if each.record_id in there]


def since_context(site: AdminSite, request: HttpRequest) -> dict[str, object]:
    """What others did, said and published since this person was here before."""
    user = signed_in_user(request)
    visit = find_last_visit(user)
    moment = visit or timezone.now() - USUALLY
    changes = Change.objects.filter(at__gt=moment).exclude(by=user).order_by("-pk")
    entries = LedgerEntry.objects.filter(at__gt=moment).exclude(by=user).select_related("edition", "by")
    published = entries.defer("edition__document", "edition__search", "edition__body").order_by("-number")[:SINCE_SHOWN]
    return {
        "visit": visit,
        "moment": moment,
        "deeds": describe_deeds(changes[:SINCE_LOOKED_AT], SINCE_SHOWN),
        "comments": list_comments_since(request, site, moment),
        "published": [(each, KINDS[each.edition.kind].label) for each in published]
        if user.has_perm("publishing.view_edition")
        else [],
    }
