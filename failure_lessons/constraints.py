"""Constraints whose name is the sentence a person is shown when they are broken."""

import re
from collections.abc import Sequence
from typing import Any

from django.db import DatabaseError, models
from django.db.models import Q
from django.db.models.expressions import Combinable


def rule_sentence(name: str) -> str:
    """`a_case_study_has_a_title` as “A case study has a title.”"""
    return f"{name.replace('_', ' ').capitalize()}."


def broken_rule(error: DatabaseError) -> str:
    """What the database refused, as a sentence."""
    told = getattr(getattr(error.__cause__, "diag", None), "constraint_name", None)
    if told and re.fullmatch(r"[a-z_]+", told):
        return rule_sentence(told)
    first = str(error).partition("\n")[0]
    return f"It cannot be stored: {first[:200]}."


class Rule(models.CheckConstraint):
    """A check that the database keeps."""

    def __init__(self, *, condition: Q, name: str, violation_error_message: str | None = None) -> None:
        super().__init__(
            condition=condition, name=name, violation_error_message=violation_error_message or rule_sentence(name)
        )

    def deconstruct(self) -> tuple[str, Sequence[object], dict[str, object]]:
        _, args, options = super().deconstruct()
        options.pop("violation_error_message", None)
        return "failure_lessons.constraints.Rule", args, options


class Unique(models.UniqueConstraint):
    """A uniqueness that the database keeps."""

    def __init__(self, *expressions: str | Combinable, name: str, **options: Any) -> None:
        options.setdefault("violation_error_message", rule_sentence(name))
        super().__init__(*expressions, name=name, **options)

    def deconstruct(self) -> tuple[str, Sequence[object], dict[str, object]]:
        _, args, options = super().deconstruct()
        options.pop("violation_error_message", None)
        return "failure_lessons.constraints.Unique", args, options


def exactly_one_set(*fields: str) -> Q:
    """A condition: exactly one of these foreign keys is set."""
    condition = Q()
    for chosen in fields:
        condition |= Q(**{f"{field}__isnull": field != chosen for field in fields})
    return condition
