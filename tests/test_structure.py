"""The house keeps its shape."""

import ast
import graphlib
from functools import cache
from pathlib import Path

import pytest
from django.core.management import call_command

from failure_lessons.management.commands.data_dictionary import render_dictionary

ROOT = Path(__file__).resolve().parent.parent
APPS = ("failure_lessons", "literature", "casestudies", "recommendations")
EXCEPTIONS = {"coding", "management", "urls"}  # stand above the apps
DOORS = {"pages", "api", "exports", "feeds", "downloads", "webhooks"}


def modules():
    for app in APPS:
        for path in sorted((ROOT / app).rglob("*.py")):
            if "migrations" not in path.parts:
                yield path.relative_to(ROOT)


@cache
def parsed(path):
    """The statements of a file."""
    return ast.parse((ROOT / path).read_text())


def imported(path):
    """Names of our own modules that a file imports when it runs; what only the type checker reads binds nothing."""
    tree = parsed(path)
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
    assert not faults, "\n".join(faults)
    graphlib.TopologicalSorter(arrows).prepare()  # raises CycleError, which names the circle


def test_no_import_hides_in_a_function():
    faults = [
        f"{path}:{node.lineno}"
        for path in modules()
        for function in ast.walk(parsed(path))
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
        for node in ast.walk(function)
        if isinstance(node, ast.Import | ast.ImportFrom)
    ]
    assert not faults, "\n".join(faults)


@pytest.mark.django_db
def test_no_migration_is_missing():
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


@pytest.mark.django_db
def test_the_driver_is_psycopg2():
    from django.db import connection

    assert connection.Database.__name__ == "psycopg2"


def test_the_data_dictionary_is_fresh():
    written = ROOT / "docs" / "data-dictionary.md"
    assert written.read_text(encoding="utf-8") == render_dictionary(), "run `make dictionary`"
