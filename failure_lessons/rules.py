"""Constraints whose name is the sentence a person is shown when they are broken."""

from typing import Any

from django.db import models


def sentence(name: str) -> str:
    """`a_case_study_has_a_title` as “A case study has a title.”"""
    return f"{name.replace('_', ' ').capitalize()}."


class Rule(models.CheckConstraint):
    """A check that the database keeps."""

    def __init__(self, *, name: str, **options: Any) -> None:
        options.setdefault("violation_error_message", sentence(name))
        super().__init__(name=name, **options)

    def deconstruct(self) -> tuple[str, Any, dict[str, Any]]:
        _, args, options = super().deconstruct()
        options.pop("violation_error_message", None)
        return "failure_lessons.rules.Rule", args, options


class Unique(models.UniqueConstraint):
    """A uniqueness that the database keeps."""

    def __init__(self, *expressions: Any, name: str, **options: Any) -> None:
        options.setdefault("violation_error_message", sentence(name))
        super().__init__(*expressions, name=name, **options)

    def deconstruct(self) -> tuple[str, Any, dict[str, Any]]:
        _, args, options = super().deconstruct()
        options.pop("violation_error_message", None)
        return "failure_lessons.rules.Unique", args, options
