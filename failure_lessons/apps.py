"""The project app: users and themes."""

from django.apps import AppConfig


class FailureLessonsConfig(AppConfig):
    name = "failure_lessons"
    verbose_name = "People and themes"
