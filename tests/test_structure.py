"""The house keeps its shape."""

import ast
import re
from pathlib import Path

import pytest
from django.core.management import call_command

from failure_lessons.management.commands.data_dictionary import render_dictionary

ROOT = Path(__file__).resolve().parent.parent
LONGEST_LINE = 140  # of templates, styles and scripts
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


def imported(path):
    """Names of our own modules that a file imports."""
    for node in ast.walk(ast.parse((ROOT / path).read_text())):
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


@pytest.mark.parametrize("path", list(modules()), ids=str)
def test_imports_run_one_way(path):
    module = ".".join(path.with_suffix("").parts).removesuffix(".__init__")
    if path.stem in CORE or height(module) == 0:
        too_high = [name for name in imported(path) if height(name) > height(module)]
        assert not too_high, f"{path} imports {too_high}"


@pytest.mark.parametrize("path", [path for path in modules() if DOORS & {path.stem, *path.parts}], ids=str)
def test_public_doors_read_editions_and_nothing_else(path):
    forbidden = {"literature.models", "casestudies.models", "recommendations.models", "failure_lessons.accounts.models"}
    assert not forbidden & set(imported(path))


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
    assert written.read_text(encoding="utf-8") == render_dictionary(), "run `make dictionary`"


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
