"""The outbox as administrators see it: what became of each mail; nothing is written by hand."""

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest

from failure_lessons.outbox.models import Message
from failure_lessons.outbox.services import CannotSendAgain, send_again


@admin.register(Message)
class MessageAdmin(admin.ModelAdmin):
    """Read only, but for a person's decision to send one again."""

    list_display = ("purpose", "recipient", "state", "attempts", "created_at", "settled_at", "error")
    list_filter = ("state", "purpose")
    actions = ("send_chosen_again",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Message | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Message | None = None) -> bool:
        return False

    @admin.action(description="Send again, though it may arrive twice", permissions=["view"])
    def send_chosen_again(self, request: HttpRequest, queryset: QuerySet[Message]) -> None:
        for message in queryset:
            try:
                send_again(message=message)
            except CannotSendAgain as refusal:
                messages.error(request, str(refusal))
