"""The app of spreadsheets. It comes after every other app with an admin: it adds to what they registered."""

from django.apps import AppConfig


class BulkConfig(AppConfig):
    name = "failure_lessons.bulk"
    label = "bulk"
    verbose_name = "Spreadsheets"
