"""Webhooks in the workbench: an owner sees and works their own, an administrator all."""

from __future__ import annotations

from collections.abc import Callable

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ActionForm
from django.db.models import QuerySet
from django.http import HttpRequest

from failure_lessons.publishing.models import LedgerEntry
from failure_lessons.publishing.registry import KINDS
from failure_lessons.webhooks import services
from failure_lessons.webhooks.models import Attempt, Webhook

ATTEMPT_FIELDS = ("at", "message_id", "status", "error", "duration")
SHOWN_ONCE = "The secret of {} is {} . Copy it now: it is stored nowhere and cannot be shown again."


class ReplayForm(ActionForm):
    """What an action may need."""

    revision = forms.IntegerField(required=False, min_value=0, label="revision")


class WebhookForm(forms.ModelForm):
    """What there is to choose from is ticked."""

    kinds = forms.MultipleChoiceField(
        choices=lambda: [(kind.code, kind.label) for kind in KINDS.values()],
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="Kinds of record to tell about. None ticked: all, also those that are added later.",
    )
    actions = forms.MultipleChoiceField(
        choices=[(action.value, action.label) for action in LedgerEntry.Action],
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="What to tell of. None ticked: everything.",
    )


class AttemptInline(admin.TabularInline):
    """How the latest tries went."""

    model = Attempt
    fields = ATTEMPT_FIELDS
    readonly_fields = ATTEMPT_FIELDS
    extra = 0
    can_delete = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Attempt]:
        rows = super().get_queryset(request)
        shown = request.resolver_match.kwargs.get("object_id") if request.resolver_match else None
        latest = rows.filter(webhook=shown).order_by("-at", "-pk").values("pk")[:50]
        return rows.filter(pk__in=latest)

    def has_add_permission(self, request: HttpRequest, obj: Webhook | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Webhook | None = None) -> bool:
        return False


@admin.register(Webhook)
class WebhookAdmin(admin.ModelAdmin):
    form = WebhookForm
    list_display = ["url", "owner", "standing", "cursor", "failures", "created_at"]
    search_fields = ["url", "description", "owner__username"]
    fields = [
        "url",
        "kinds",
        "actions",
        "description",
        "owner",
        "standing",
        "cursor",
        "failing_since",
        "created_at",
    ]
    readonly_fields = ["owner", "standing", "cursor", "failing_since", "created_at"]
    list_select_related = ["owner"]
    action_form = ReplayForm
    actions = ["test_chosen", "redeliver_chosen", "replay_chosen", "renew_chosen", "disable_chosen", "enable_chosen"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Webhook]:
        rows = super().get_queryset(request)
        return rows if request.user.is_superuser else rows.filter(owner=request.user.pk)

    def get_inlines(self, request: HttpRequest, obj: Webhook | None) -> tuple[type[AttemptInline], ...]:
        return (AttemptInline,) if obj else ()

    @admin.display(description="Standing")
    def standing(self, webhook: Webhook) -> str:
        """In a sentence: on or off, and how it goes."""
        if webhook.pk is None:
            return "It will be told of everything that changes from now on."
        if not webhook.is_active:
            return f"Off. {webhook.disabled_reason}"
        head = LedgerEntry.objects.head()
        behind = (head.number if head else 0) - webhook.cursor
        told = "told of everything" if behind <= 0 else f"{behind} changes behind"
        if webhook.failures:
            return f"Failing; {told}. Next try at {webhook.next_attempt_at:%d %B %Y %H:%M} UTC."
        return f"On; {told}."

    def save_model(self, request: HttpRequest, obj: Webhook, form: object, change: bool) -> None:
        """A new one is made by the verb, which is what knows the secret."""
        if change:
            # the worker may have moved the cursor since the form was opened
            obj.save(update_fields=["url", "kinds", "actions", "description"])
            return
        made, secret = services.create_webhook(
            owner=request.user,  # type: ignore[arg-type]  # signed in
            url=obj.url,
            kinds=obj.kinds,
            actions=obj.actions,
            description=obj.description,
        )
        obj.pk = made.pk
        obj.refresh_from_db()
        messages.warning(request, SHOWN_ONCE.format(obj.url, secret))

    def apply_to_each(
        self, request: HttpRequest, chosen: QuerySet[Webhook], verb: Callable[..., object], said: str, **options: object
    ) -> None:
        """One verb on each of the chosen; what it returns is shown."""
        for webhook in chosen:
            try:
                result = verb(webhook=webhook, by=request.user, **options)
            except services.CannotChangeWebhook as refusal:
                for reason in refusal.reasons:
                    messages.error(request, f"{webhook.url}: {reason}")
            else:
                messages.success(request, said.format(webhook.url, result))

    def delete_model(self, request: HttpRequest, obj: Webhook) -> None:
        services.delete_webhook(webhook=obj, by=request.user)  # type: ignore[arg-type]  # signed in

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Webhook]) -> None:
        for webhook in queryset:
            self.delete_model(request, webhook)

    @admin.action(description="Send a test", permissions=["change"])
    def test_chosen(self, request: HttpRequest, chosen: QuerySet[Webhook]) -> None:
        said = "{} will be sent a test. How it went stands among its attempts."
        self.apply_to_each(request, chosen, services.request_delivery, said)

    @admin.action(description="Tell again of the one revision given beside", permissions=["change"])
    def redeliver_chosen(self, request: HttpRequest, chosen: QuerySet[Webhook]) -> None:
        if number := self.read_revision(request, "Give the revision of which to tell again."):
            said = "{} will be told of it again."
            self.apply_to_each(request, chosen, services.request_delivery, said, revision=int(number))

    @admin.action(description="Tell again of everything after the revision given beside", permissions=["change"])
    def replay_chosen(self, request: HttpRequest, chosen: QuerySet[Webhook]) -> None:
        if number := self.read_revision(request, "Give the revision after which to tell again: 0 for everything."):
            self.apply_to_each(request, chosen, services.replay_changes, "{} will be told again.", since=int(number))

    @staticmethod
    def read_revision(request: HttpRequest, wanted: str) -> str:
        """The digits of the number beside the actions; an empty text, and a message that says what is wanted."""
        text = request.POST.get("revision", "")
        if text.isascii() and text.isdigit() and len(text) < 19:
            return text
        messages.error(request, wanted)
        return ""

    @admin.action(description="Make a new secret (the old one signs beside it for a day)", permissions=["change"])
    def renew_chosen(self, request: HttpRequest, chosen: QuerySet[Webhook]) -> None:
        self.apply_to_each(request, chosen, services.renew_secret, SHOWN_ONCE)

    @admin.action(description="Switch off", permissions=["change"])
    def disable_chosen(self, request: HttpRequest, chosen: QuerySet[Webhook]) -> None:
        self.apply_to_each(request, chosen, services.disable_webhook, "{} is off.")

    @admin.action(description="Switch on again", permissions=["change"])
    def enable_chosen(self, request: HttpRequest, chosen: QuerySet[Webhook]) -> None:
        self.apply_to_each(request, chosen, services.enable_webhook, "{} is on, and goes on from where it stopped.")
