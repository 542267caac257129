"""The partners app."""

from django.apps import AppConfig


class PartnersConfig(AppConfig):
    name = "failure_lessons.partners"
    label = "partners"
    verbose_name = "Partners and their tokens"
