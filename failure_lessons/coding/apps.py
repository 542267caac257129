"""The coding app."""

from django.apps import AppConfig, apps


class CodingConfig(AppConfig):
    name = "failure_lessons.coding"
    label = "coding"
    verbose_name = "Documents and coding"

    def rename_account(self, old: str, new: str) -> None:
        """Codings name their coder as text, since they come from other programs too: who is erased is so here."""
        apps.get_model("coding", "Coding")._default_manager.filter(coder=old).update(coder=new)
