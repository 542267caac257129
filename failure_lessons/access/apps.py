"""The access app."""

from django.apps import AppConfig, apps
from django.db.models.signals import post_migrate


class AccessConfig(AppConfig):
    name = "failure_lessons.access"
    label = "access"
    verbose_name = "Access of partners"

    def ready(self) -> None:
        """After each migration there is the group whose members may have tokens."""
        post_migrate.connect(self.make_group, sender=self)

    def make_group(self, **_: object) -> None:
        apps.get_model("auth", "Group")._default_manager.get_or_create(name="partner")
