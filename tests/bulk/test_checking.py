"""Rules checked in Python say what the database says."""

import copy

import pytest
from django.core.exceptions import ValidationError
from django.db import models

from failure_lessons.bulk.checking import condition_holds
from failure_lessons.bulk.lists import spreadsheet_lists

pytestmark = pytest.mark.django_db
RULES = [
    (label, rule)
    for label, options in sorted(spreadsheet_lists().items())
    for rule in options.model._meta.constraints
    if isinstance(rule, models.CheckConstraint)
]


def variants(row):
    """A row as it is, and with each field emptied or turned into something that nobody listed."""
    yield row
    for field in row._meta.concrete_fields:
        if field.primary_key or isinstance(field, models.DateField | models.UUIDField | models.JSONField):
            continue
        number = field.is_relation or isinstance(field, models.IntegerField | models.DecimalField | models.BooleanField)
        listing = isinstance(getattr(row, field.attname), list)
        for value in [None] if number else [[], ["zzz"]] if listing else ["", "zzz"]:
            other = copy.copy(row)
            setattr(other, field.attname, value)
            yield other


@pytest.mark.slow
@pytest.mark.parametrize(("label", "rule"), RULES, ids=[rule.name for _, rule in RULES])
def test_a_rule_says_the_same_in_python_and_in_the_database(label, rule):
    model = spreadsheet_lists()[label].model
    answers = set()
    for row in variants(model._default_manager.first()):
        try:
            rule.validate(model, row)
            said = True
        except ValidationError:
            said = False
        assert (condition_holds(rule.condition, row) is not False) == said, vars(row)
        answers.add(said)
    assert answers == {True, False} or rule.name == "a_strong_recommendation_is_not_worded_consider"
