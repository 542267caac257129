"""The project app: its commands."""

from django.apps import AppConfig


class FailureLessonsConfig(AppConfig):
    name = "failure_lessons"
    verbose_name = "Failure Lessons"
