"""The house keeps its shape."""

import ast
from functools import cache
from pathlib import Path

import pytest
from django.core.management import call_command

from failure_lessons.management.commands.data_dictionary import dictionary

ROOT = Path(__file__).resolve().parent.parent
APPS = ("failure_lessons", "literature", "casestudies", "recommendations")
FLOOR = {"models", "vocabulary", "dates", "publishing", "workbench", "filters", "rules", "local", "settings", "apps"}
CORE = {"models", "documents", "loaders", "prisma", "citing"}
DOORS = {
    "views",
    "api",
    "filters",
    "urls",
    "search",
    "resolve",
    "questions",
    "formats",
    "pictures",
    "brief",
    "oai",
    "landing",
}


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
    """Names of our own modules that a file imports."""
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            yield node.module
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)


def height(module):
    """How high a module stands: the floor is 0, the roof 4."""
    parts = module.split(".")
    if parts[0] == "failure_lessons":
        return 0 if len(parts) == 1 or parts[1] in FLOOR else 4
    return APPS.index(parts[0]) if parts[0] in APPS else -1


def test_imports_run_one_way():
    faults, seen = [], 0
    for path in modules():
        module = ".".join(path.with_suffix("").parts).removesuffix(".__init__")
        if path.stem in CORE or height(module) == 0:
            seen += 1
            too_high = [name for name in imported(path) if height(name) > height(module)]
            faults += [f"{path} imports {name}" for name in too_high]
    assert not faults, "\n".join(faults)
    assert seen > 20


def test_public_doors_read_editions_and_nothing_else():
    forbidden = {"literature.models", "casestudies.models", "recommendations.models", "failure_lessons.models"}
    doors = [path for path in modules() if DOORS & {path.stem, *path.parts}]
    faults = [f"{path} imports {name}" for path in doors for name in sorted(forbidden & set(imported(path)))]
    assert not faults, "\n".join(faults)
    assert len(doors) > 20


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
    assert written.read_text(encoding="utf-8") == dictionary(), "run `make dictionary`"
