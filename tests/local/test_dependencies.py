"""Every library that the code imports is declared, and every library declared is used."""

import ast
import importlib.metadata
import re
import sys
import tomllib
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("failure_lessons", "literature", "casestudies", "recommendations")
# used without being imported: by the name of a setting, by another library, or as a program
WITHOUT_IMPORT = {
    "psycopg2-binary": "Django's driver",
    "gunicorn": "the server of make run",
    "django-htmx": "a script among its static files",
}


def normal(name):
    return re.sub(r"[-_.]+", "-", name).lower()


def declared():
    """The names of the libraries that production takes."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    return {normal(re.split(r"[~=<>!\[;]", wish)[0]) for wish in project["dependencies"]}


def modules(paths):
    """The outermost names of the modules that these files import."""
    found = set()
    for path in paths:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                found |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and not node.level:
                found.add(node.module.partition(".")[0])
    return found - {*PACKAGES, "failure_lessons_client"} - sys.stdlib_module_names  # the client is a project of its own


@cache
def imported_modules():
    """The outermost names of the modules that our files import which run in production."""
    return modules(code())


@cache
def libraries_by_module():
    """Which libraries each module that can be imported comes from."""
    return importlib.metadata.packages_distributions()


def distributions(names):
    """The libraries that these modules come from."""
    known = libraries_by_module()
    return {name: {normal(each) for each in known[name]} for name in names}


def code():
    """Our files that run in production."""
    return [
        path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py")) if "local" not in path.parts
    ]


@pytest.mark.slow
def test_every_library_that_is_imported_is_declared():
    strangers = {
        name: libraries for name, libraries in distributions(imported_modules()).items() if not libraries & declared()
    }
    assert strangers == {}


@pytest.mark.slow
def test_every_library_that_is_declared_is_used():
    imported = set().union(*distributions(imported_modules()).values())
    settings = (ROOT / "failure_lessons" / "settings.py").read_text()
    by_setting = {
        normal(library)
        for module, libraries in libraries_by_module().items()
        for library in libraries
        if re.search(rf'"{module}["./]', settings)
    }
    assert declared() - imported - by_setting - WITHOUT_IMPORT.keys() == set()
