"""The addresses of webhooks below `/api/v1/webhooks/`."""

from __future__ import annotations

from django.urls import path

from failure_lessons.webhooks.openapi import (
    webhook_deliveries_view,
    webhook_list_create_view,
    webhook_verb_views,
    webhook_view,
)

urlpatterns = [
    path("", webhook_list_create_view.as_view(), name="api-webhooks"),
    path("<uuid:uuid>/", webhook_view.as_view(), name="api-webhook"),
    path("<uuid:uuid>/deliveries/", webhook_deliveries_view.as_view(), name="api-webhook-deliveries"),
    *(
        path(f"<uuid:uuid>/{name}/", view.as_view(), name=f"api-webhook-{name}")
        for name, view in webhook_verb_views.items()
    ),
]
