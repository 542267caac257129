"""The house keeps its shape."""

import ast
import graphlib
import re
from pathlib import Path

import pytest
from django.contrib import admin
from django.core.management import call_command

from failure_lessons.management.commands.data_dictionary import render_dictionary
from failure_lessons.vocabularies.models import Theme
from failure_lessons.vocabularies.skos.admin import SkosPages
from failure_lessons.workbench.parts import ComposedAdmin

ROOT = Path(__file__).resolve().parent.parent
LONGEST_LINE = 140  # of templates, styles and scripts
APPS = ("failure_lessons", "literature", "casestudies", "recommendations")
EXCEPTIONS = {"coding", "management", "urls"}  # stand above the apps
DOORS = {"pages", "api", "exports", "feeds", "downloads", "webhooks"}


def modules():
    for app in APPS:
        for path in sorted((ROOT / app).rglob("*.py")):
            if "migrations" not in path.parts:
                yield path.relative_to(ROOT)


def imported(path):
    """Names of our own modules that a file imports when it runs; what only the type checker reads binds nothing."""
    tree = ast.parse((ROOT / path).read_text())
    blocks = [node for node in ast.walk(tree) if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test)]
    unread = {id(node) for block in blocks for node in ast.walk(block)}
    for node in ast.walk(tree):
        if id(node) in unread:
            continue
        if isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            yield node.module
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)


def room_of(module):
    """The room that a module stands in: the second level within the platform, the first elsewhere."""
    parts = module.split(".")
    return parts[1] if parts[0] == "failure_lessons" and len(parts) > 1 else parts[0]


def test_imports_run_one_way():
    """The platform imports no app, an app none above it and no door, and no rooms import each other in a circle."""
    arrows, faults = {}, []
    for path in modules():
        module = ".".join(path.with_suffix("").parts).removesuffix(".__init__")
        here = room_of(module)
        for name in imported(path):
            if name.split(".")[0] not in APPS or room_of(name) == here:
                continue
            there = room_of(name)
            arrows.setdefault(here, set()).add(there)
            above = there in APPS[1:] and (here not in APPS or APPS.index(there) > APPS.index(here))
            if (above and here not in EXCEPTIONS) or (here in APPS[1:] and there in DOORS):
                faults.append(f"{path} imports {name}")
    assert not faults
    graphlib.TopologicalSorter(arrows).prepare()  # raises CycleError, which names the circle


@pytest.mark.parametrize("path", list(modules()), ids=str)
def test_no_import_hides_in_a_function(path):
    tree = ast.parse((ROOT / path).read_text())
    hidden = [
        node.lineno
        for function in ast.walk(tree)
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
        for node in ast.walk(function)
        if isinstance(node, ast.Import | ast.ImportFrom)
    ]
    assert not hidden


@pytest.mark.django_db
def test_no_migration_is_missing():
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


@pytest.mark.django_db
def test_the_driver_is_psycopg2():
    from django.db import connection

    assert connection.Database.__name__ == "psycopg2"


def test_the_data_dictionary_is_fresh():
    written = ROOT / "docs" / "data-dictionary.md"
    assert written.read_text(encoding="utf-8") == render_dictionary(), "run `make generate`"


def test_an_admin_is_composed_and_not_a_chain_of_classes():
    """What an admin can do is listed in its `parts`; whoever reads it has at most three classes of ours to read."""
    deep = {}
    for options in admin.site._registry.values():
        ours = [each for each in type(options).__mro__[1:] if each.__module__.split(".")[0] in APPS]
        if len(ours) > 3:
            deep[type(options).__name__] = [each.__name__ for each in ours]
    assert not deep


def test_one_module_follows_pins():
    recursive = [str(path) for path in modules() if "with recursive" in (ROOT / path).read_text().lower()]
    assert recursive == ["failure_lessons/publishing/dependencies.py"]


def test_an_admin_that_does_not_say_what_its_part_needs_is_reported():
    class Careless(ComposedAdmin):
        parts = (SkosPages,)

    [error] = [each for each in Careless(Theme, admin.site).check() if each.id == "workbench.E001"]
    assert "Careless" in error.msg
    assert "vocabulary" in error.msg


@pytest.mark.parametrize("pattern", ["templates/**/*.html", "failure_lessons/**/*.css", "failure_lessons/**/*.js"])
def test_no_line_of_templates_styles_and_scripts_is_too_long(pattern):
    found = sorted(ROOT.glob(pattern))
    assert found
    long = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in found
        for number, line in enumerate(path.read_text(encoding="utf-8").split("\n"), 1)
        if len(line) > LONGEST_LINE
    ]
    assert not long


def test_templates_name_addresses_and_do_not_type_them():
    typed = re.compile(r'\b(?:href|action|hx-get)="/')
    found = [str(path.relative_to(ROOT)) for path in ROOT.glob("templates/**/*.html") if typed.search(path.read_text())]
    assert not found
