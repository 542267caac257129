"""The workbench app, and the admin as its site."""

from django.apps import AppConfig, apps
from django.contrib import admin
from django.contrib.admin import apps as admin_apps
from django.db.models.signals import post_migrate

from failure_lessons.workbench.roles import make_groups


class WorkbenchConfig(AppConfig):
    name = "failure_lessons.workbench"
    label = "workbench"
    verbose_name = "Workbench"

    def ready(self) -> None:
        """After each migration the roles have the permissions on whatever tables there are."""
        post_migrate.connect(self.give_permissions, sender=self)

    def give_permissions(self, **_: object) -> None:
        make_groups(apps)


class DeskConfig(admin_apps.AdminConfig):
    """Django's admin, with `Desk` as its site."""

    default_site = "failure_lessons.workbench.site.Desk"
    default = False  # this module's own app is the workbench

    def ready(self) -> None:
        """What libraries would show of accounts goes: lists of single rights, secrets of factors, keys of sessions."""
        super().ready()
        for model in list(admin.site._registry):
            if model.__module__ == "django.contrib.auth.models" or model.__module__.startswith("allauth."):
                admin.site.unregister(model)
