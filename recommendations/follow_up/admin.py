"""Entering what others recommended, and dossiers: each dossier is one page."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin

from casestudies.admin import PartInline
from failure_lessons.workbench.inlines import RowForm
from failure_lessons.workbench.publishable import PublishableAdmin
from literature.sourced_forms import SourcedForm, SourcesField
from recommendations.follow_up.models import (
    Action,
    Addressee,
    FollowUp,
    Judgement,
    Look,
    Reply,
    Response,
    SourceRecommendation,
)
from recommendations.follow_up.workbench import DossierPages


class SourceRecommendationForm(SourcedForm):
    """What others recommended, with its sources typed as lines."""

    sources: forms.Field = SourcesField()


@admin.register(SourceRecommendation)
class SourceRecommendationAdmin(PublishableAdmin):
    form = SourceRecommendationForm
    list_display = ["code", "text", "made_by", "made_on", "state"]
    list_filter = ["state", "act", "phase"]
    list_select_related = ["made_by"]
    search_fields = ["code", "text", "slug"]
    autocomplete_fields = ["case", "review", "made_by"]
    fieldsets = [
        (None, {"fields": ["code", "slug", "text", "words", "act", "phase", ("case", "review")]}),
        ("Who and when", {"fields": [("made_by", "made_by_role"), ("made_on", "number")]}),
        ("By when", {"fields": [("deadline_said", "deadline_day")]}),
        ("Several taken together", {"fields": ["set_size", "set_counts", "set_note"]}),
        ("Sources", {"fields": ["sources"]}),
        ("Publication", {"fields": ["standing", "links_here"]}),
    ]


class DossierSourcedForm(RowForm, SourcedForm):
    """A statement of a dossier: it says where it was read."""

    sources: forms.Field = SourcesField()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["sources"].required = True


class AddresseeInline(PartInline):
    model = Addressee
    autocomplete_fields = ["body"]
    fields = [("position", "body", "role"), ("asked_day", "asked_how"), ("answer_said", "answer_due"), "proof"]


class LookInline(PartInline):
    model = Look
    fields = [("position", "day"), "where", "found"]


class DossierSourcedInline(PartInline):
    form = DossierSourcedForm
    autocomplete_fields = ["body"]


class ResponseInline(DossierSourcedInline):
    model = Response
    fields = [("position", "code", "stance"), ("body", "role"), ("date", "received_day"), "says", "sources"]


class ActionInline(DossierSourcedInline):
    model = Action
    fields = [("position", "code", "claimed"), ("body", "role"), "date", "what", "sources"]


class JudgementInline(DossierSourcedInline):
    model = Judgement
    fields = [("position", "date"), ("body", "role"), "says", "sources"]


class ReplyInline(PartInline):
    model = Reply
    autocomplete_fields = ["body"]
    fields = [("position", "day"), "body", "text"]


@admin.register(FollowUp)
class FollowUpAdmin(PublishableAdmin):
    parts = [DossierPages]
    list_display = ["slug", "source_recommendation", "recommendation", "state", "edited_at"]
    list_select_related = ["source_recommendation", "recommendation"]
    search_fields = ["slug", "source_recommendation__code", "source_recommendation__text", "recommendation__title"]
    autocomplete_fields = ["source_recommendation", "recommendation"]
    fieldsets = [
        (None, {"fields": ["slug", ("source_recommendation", "recommendation")]}),
        ("Publication", {"fields": ["standing", "links_here"]}),
    ]
    inlines = [AddresseeInline, LookInline, ResponseInline, ActionInline, JudgementInline, ReplyInline]
