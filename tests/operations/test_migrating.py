"""The databases of a test run are migrated with few models drawn, and are those that Django's own command makes."""

import re

import pytest
from django.core.management import call_command
from django.core.management.commands.migrate import Command as OfDjango
from django.db import connection, models
from django.db.migrations.state import ModelState, ProjectState

from failure_lessons.operations.backup import run_program
from tests.quick_migrate import QuickMigrate, fewer_models_drawn
from tests.template_database import use_empty_database

POINTS = models.ForeignKey("shelf.Book", models.CASCADE)


def draw_shelf():
    """A state with a book and a page of it, drawn."""
    state = ProjectState()
    state.add_model(ModelState("shelf", "Book", [("id", models.AutoField(primary_key=True))]))
    state.add_model(ModelState("shelf", "Page", [("id", models.AutoField(primary_key=True)), ("book", POINTS)]))
    assert state.apps
    return state


def test_a_column_more_draws_no_other_model_anew_and_a_key_changed_draws_all():
    with fewer_models_drawn():
        state = draw_shelf()
        book, page = state.apps.get_model("shelf.Book"), state.apps.get_model("shelf.Page")
        state.add_field("shelf", "page", "text", models.TextField(), preserve_default=True)
        assert [each.name for each in state.apps.get_model("shelf.Page")._meta.fields] == ["id", "book", "text"]
        assert state.apps.get_model("shelf.Page") is not page
        assert state.apps.get_model("shelf.Page")._meta.get_field("book").related_model is book
        state.alter_field("shelf", "book", "id", models.UUIDField(primary_key=True), preserve_default=True)
        page = state.apps.get_model("shelf.Page")
        assert page._meta.get_field("book").target_field.get_internal_type() == "UUIDField"
        assert state.apps.get_model("shelf.Book")._meta.related_objects[0].related_model is page


def test_what_runs_python_in_a_migration_finds_all_models_drawn():
    with fewer_models_drawn():
        state = draw_shelf()
        state.add_field("shelf", "book", "title", models.TextField(), preserve_default=True)
        state.clear_delayed_apps_cache()  # as Django does before it runs it
        book = state.apps.get_model("shelf.Book")
        assert state.apps.get_model("shelf.Page")._meta.get_field("book").related_model is book


def test_afterwards_django_draws_as_ever():
    before = ProjectState.reload_model
    with pytest.raises(ZeroDivisionError), fewer_models_drawn():
        raise ZeroDivisionError
    assert ProjectState.reload_model is before


@pytest.mark.trials
def test_the_database_is_the_one_that_django_s_own_command_makes(django_db_setup, django_db_blocker, tmp_path):
    dumps = []
    with django_db_blocker.unblock():
        for command in (OfDjango(), QuickMigrate()):
            with use_empty_database():
                call_command(command, verbosity=0, interactive=False)
                run_program("pg_dump", f"--file={tmp_path / 'plain.sql'}")
                connection.close()
            # the order of steps that wait for nothing is open, and so are the numbers that follow it
            lines = re.sub(
                r"(?m)^\d+\t|\d{4}-\d\d-\d\d [\d:.+]+|^\\.*restrict.*$", "", (tmp_path / "plain.sql").read_text()
            )
            dumps.append(sorted(lines.splitlines()))
    assert dumps[0] == dumps[1]
    assert len(dumps[0]) > 10_000
