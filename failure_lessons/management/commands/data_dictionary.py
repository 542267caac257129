"""`manage.py data_dictionary`: write docs/data-dictionary.md from the models."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from django.apps import apps
from django.core.management.base import BaseCommand
from django.db import models

APPS = (
    "accounts",
    "vocabularies",
    "publishing",
    "history",
    "workbench",
    "literature",
    "casestudies",
    "recommendations",
    "follow_up",
    "consultations",
    "coding",
    "access",
    "partners",
    "webhooks",
)
DICTIONARY_FILE = Path(__file__).resolve().parents[3] / "docs" / "data-dictionary.md"


def render_dictionary() -> str:
    """The whole text."""
    return "\n".join(dictionary_lines()) + "\n"


def dictionary_lines() -> Iterator[str]:
    """App by app, model by model, field by field."""
    yield "# Data dictionary"
    yield ""
    yield "Generated from the models by `make generate`; a test fails when it is stale."
    for label in APPS:
        config = apps.get_app_config(label)
        yield f"\n## {config.verbose_name}"
        for model in sorted(config.get_models(), key=lambda model: model.__name__):
            yield f"\n### {model.__name__}\n"
            yield " ".join((model.__doc__ or "").split())
            yield "\n| field | what it is | holds | rule |\n|---|---|---|---|"
            for field in model._meta.get_fields():
                if isinstance(field, models.Field):
                    yield dictionary_row(field)
            for constraint in model._meta.constraints:
                yield f"\n- {constraint.name.replace('_', ' ')}"


def dictionary_row(field: models.Field[object, object]) -> str:
    """One field."""
    target = f" → {field.related_model.__name__}" if field.related_model else ""
    choices = ", ".join(f"`{code}`" for code, _ in field.flatchoices) if getattr(field, "flatchoices", None) else ""
    facts = {"unique": getattr(field, "unique", False), "may be empty": may_be_empty(field)}
    rules = [name for name, holds in facts.items() if holds]
    holds = choices or f"{type(field).__name__.removesuffix('Field')}{target}"
    return f"| `{field.name}` | {str(field.help_text).replace('|', '/')} | {holds} | {', '.join(rules)} |"


def may_be_empty(field: models.Field[object, object]) -> bool:
    """Whether a record can do without it."""
    return bool(getattr(field, "blank", False)) and not field.primary_key


class Command(BaseCommand):
    help = "Write docs/data-dictionary.md from the models."

    def handle(self, *args: object, **options: object) -> None:
        DICTIONARY_FILE.write_text(render_dictionary(), encoding="utf-8")
        self.stdout.write("docs/data-dictionary.md written.")
