"""The webhooks app."""

from django.apps import AppConfig


class WebhooksConfig(AppConfig):
    name = "failure_lessons.webhooks"
    label = "webhooks"
    verbose_name = "Webhooks"
