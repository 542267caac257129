"""The workbench app."""

from django.apps import AppConfig


class WorkbenchConfig(AppConfig):
    name = "failure_lessons.workbench"
    label = "workbench"
    verbose_name = "Workbench"
