"""The workbench app, and the admin as our desk."""

from django.apps import AppConfig
from django.contrib.admin import apps as admin


class WorkbenchConfig(AppConfig):
    name = "failure_lessons.workbench"
    label = "workbench"
    verbose_name = "Workbench"


class DeskConfig(admin.AdminConfig):
    """Django's admin, with `Desk` as its site."""

    default_site = "failure_lessons.workbench.site.Desk"
    default = False  # this module's own app is the workbench
