"""The house keeps its shape: rooms on floors, names with one home, files that can be read at a sitting."""

import ast
import re
from collections import defaultdict, deque
from functools import cache
from pathlib import Path

import pytest
from django.contrib import admin
from django.core.management import call_command
from django.db import connection

from failure_lessons.management.commands.data_dictionary import render_dictionary
from failure_lessons.vocabularies.models import Theme
from failure_lessons.vocabularies.skos.admin import SkosPages
from failure_lessons.workbench.parts import ComposedAdmin
from failure_lessons.workbench.unchanged import UnchangedStays

ROOT = Path(__file__).resolve().parent.parent
PLATFORM = "failure_lessons"
APPS = ("literature", "casestudies", "recommendations")

# The rooms from the ground up. A room imports rooms before it in this list and none after it; the line beside it says
# what else it may not reach ("*": nothing of ours but the names of `types`), and why. A room is a folder or a module of
# the platform, or an app. Whoever adds one says here where it stands.
ROOMS = {
    "types": ("*", "the shapes of JSON, whatever they hold"),
    "dates": ("*", "a date knows nothing of ours"),
    "constraints": ("*", "no model by name"),
    "hints": ("*", "words alone"),
    "problems": ("*", "refusals of every door are made of it"),
    "validators": ("*", "what a value means hangs on no record"),
    "bibliography": ("*", "a work is described in CSL, whoever cites it"),
    "files": ("*", "cells, characters and headers, whatever they carry"),
    "local": ("* types", "it runs before anything is installed"),
    "settings": ("", "whatever is not `local` is read when Django starts, later than this"),
    "database": ("*", "it says what every statement has to know, whoever wrote it"),
    "outbox": ("", "it sends what others write"),
    "accounts": ("", "people are there before what they write"),
    "history": ("accounts outbox", "it follows every table and names none"),
    "access": ("history outbox", "callers, tokens and quotas, and no record"),
    "publishing": ("accounts access", "no app and no door: an app registers its kinds, a door reads editions"),
    "workbench": ("access", "no app: it is what the admins of all kinds are made of"),
    "exports": ("workbench access", "a format writes editions"),
    "vocabularies": ("access", "no app, and no door but the formats in which it reads and writes thesauri"),
    "confidence": ("exports access", "no app and no door"),
    "bulk": ("exports access", "no app: it writes and reads whatever list it is given"),
    "charts": ("workbench exports access", "a drawing is made of a document"),
    "library": ("workbench bulk exports charts access", "it reads editions, and answers no request"),
    "packages": ("bulk exports charts library access", "a package is exchanged with the workbench"),
    "pages": ("workbench bulk packages access", "no workbench model, and no API"),
    "api": ("workbench bulk pages", "no workbench model, and no page"),
    "partners": ("bulk pages api", "no page"),
    "feeds": ("workbench bulk partners", "no workbench model"),
    "webhooks": ("workbench bulk pages feeds", "no workbench model but its own"),
    "downloads": ("workbench bulk pages feeds", "no workbench model but by what exports packages"),
    "intake": ("workbench bulk partners webhooks downloads", "it takes in what the public sends, beside the evidence"),
    "operations": ("workbench bulk", "it watches what works beside the site"),
    "wsgi": ("pages", "it starts Django, behind the cache of the API"),
    "literature": ("exports pages api partners feeds webhooks downloads bulk", "no door: it registers what they read"),
    "casestudies": ("exports pages api partners feeds webhooks downloads bulk", "no door: it registers what they read"),
    "recommendations": ("exports pages api partners feeds webhooks downloads bulk", "no door: as the other apps"),
    "coding": ("pages api feeds webhooks downloads", "the one room of the platform above the apps: it codes for both"),
    "management": ("", "commands call what they run"),
    "urls": ("", "the site map names every page"),
    "apps": ("*", "what Django asks of it when it starts"),
}
FLOORS = list(ROOMS)
MOST_ROOMS = 46
PUBLIC_DOORS = ("pages", "api", "exports", "feeds", "downloads", "library", "charts")
CLOSED_TO_APPS = ("pages", "api", "exports", "feeds", "downloads", "webhooks")
# Models that a module of a public door may reach, beside those of `publishing`: (the module, the models), and why.
REACHED = {
    ("failure_lessons.api.fast_path", "failure_lessons.access.models"): "who a token belongs to, for quotas",
    ("failure_lessons.api.response_cache", "failure_lessons.access.models"): "who a token belongs to, for quotas",
    ("failure_lessons.downloads.build", "failure_lessons.accounts.models"): "`export_package` stands beside its loader",
    (
        "failure_lessons.downloads.build",
        "failure_lessons.confidence.models",
    ): "`export_package` stands beside its loader",
}

MOST_LINES = 450
MOST_UNFORMATTED = 10
WRITTEN = (PLATFORM, *APPS, "tests", "bench", "clients")  # the folders with code of ours
LONGEST_LINE = 140  # of templates, styles and scripts
MOST_ANY = 60
MOST_ONE_WORD = 0.40  # of all functions
MOST_HOMES = 52  # names of functions, classes and constants that are defined in more than one module


@cache
def modules():
    """Our modules by dotted name, without migrations."""
    found = {}
    for app in (PLATFORM, *APPS):
        for path in sorted((ROOT / app).rglob("*.py")):
            if "migrations" not in path.parts:
                name = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
                found[name] = path
    return found


@cache
def tree_of(path):
    return ast.parse(path.read_text(encoding="utf-8"))


@cache
def imports_of(module):
    """The modules of ours that a module imports when it runs, each with the line."""
    tree = tree_of(modules()[module])
    typing_only = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
        for statement in node.body
        for inner in ast.walk(statement)
    }
    found = {}
    for node in ast.walk(tree):
        if id(node) in typing_only:
            continue
        if isinstance(node, ast.ImportFrom) and node.module:
            assert not node.level, f"{module}:{node.lineno}: write the whole name of what is imported"
            names = (f"{node.module}.{alias.name}" for alias in node.names)
            targets = [name if name in modules() else node.module for name in names]
        elif isinstance(node, ast.Import):
            targets = [alias.name for alias in node.names]
        else:
            continue
        found.update((target, node.lineno) for target in targets if target in modules())
    return found


def room_of(module):
    """The room in which a module stands; empty for the package of the platform itself."""
    app, _, rest = module.partition(".")
    return app if app in APPS else rest.partition(".")[0]


def test_every_room_has_its_floor_and_there_are_few():
    standing = {room_of(module) for module in modules()} - {""}
    assert standing == set(ROOMS), "say in ROOMS where a new room stands, and take out what is gone"
    assert len(ROOMS) <= MOST_ROOMS


@pytest.mark.slow
def test_no_room_imports_a_room_above_it_or_one_it_may_not_reach():
    faults = []
    for module in modules():
        room = room_of(module)
        for target, line in imports_of(module).items():
            other = room_of(target)
            never, reason = ROOMS.get(room, ("", ""))
            if not room or not other or room == other:
                continue
            if FLOORS.index(other) > FLOORS.index(room):
                faults.append(
                    f"{module}:{line} imports {target}: `{other}` stands above `{room}` ({reason})."
                    f" Move what is needed down into `{room}` or below, or the caller up into `{other}`."
                )
            elif other in never.split() or ("*" in never.split() and other != "types"):
                faults.append(
                    f"{module}:{line} imports {target}: `{room}` never reaches `{other}` ({reason}). Move what both need"
                    " into a room below the two, or hand it over as an argument."
                )
    assert not faults, "\n".join(faults)


@pytest.mark.slow
def test_the_apps_import_no_door():
    faults = [
        f"{module}:{line} imports {target}: let the app register it in its kinds.py, for `{room_of(target)}` to read"
        for module in modules()
        if room_of(module) in APPS
        for target, line in imports_of(module).items()
        if room_of(target) in CLOSED_TO_APPS
    ]
    assert not faults, "\n".join(faults)


def paths_from(module):
    """Every module that is reached from this one, with the way there."""
    ways, todo = {module: (module,)}, deque([module])
    while todo:
        here = todo.popleft()
        for target in imports_of(here):
            if target not in ways:
                ways[target] = (*ways[here], target)
                todo.append(target)
    return ways


@pytest.mark.slow
def test_public_doors_reach_editions_and_no_workbench_model():
    faults, reached = [], set()
    for module in modules():
        if room_of(module) not in PUBLIC_DOORS:
            continue
        for target, way in paths_from(module).items():
            if target.endswith(".models") and room_of(target) != "publishing":
                reached.add((module, target))
                if (module, target) not in REACHED:
                    faults.append(
                        f"{' → '.join(way)}: a public door reads editions. Take the first of these imports away, or"
                        " move what it needs into a module without models."
                    )
    assert not faults, "\n".join(faults)
    assert reached == set(REACHED), "take out of REACHED what is no longer reached"


@pytest.mark.slow
def test_no_import_hides_in_a_function():
    hidden = [
        f"{module}:{node.lineno}"
        for module, path in modules().items()
        for function in ast.walk(tree_of(path))
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
        for node in ast.walk(function)
        if isinstance(node, ast.Import | ast.ImportFrom)
    ]
    assert not hidden, f"{hidden}: an import in a function hides a circle; move what is imported down"


def test_the_room_of_reading_answers_no_request():
    faults = [
        f"{module}:{node.lineno}"
        for module, path in modules().items()
        if room_of(module) == "library"
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.Name) and node.id in ("HttpRequest", "HttpResponse", "render")
    ]
    assert not faults, f"{faults}: move what answers a request to pages/ or api/"


@pytest.mark.slow
def test_csv_is_written_in_one_place():
    """Where one guard keeps every cell from being a formula."""
    faults = []
    for module, path in modules().items():
        for node in ast.walk(tree_of(path)):
            names = [alias.name for alias in getattr(node, "names", []) if isinstance(alias, ast.alias)]
            from_csv = isinstance(node, ast.ImportFrom) and node.module == "csv" and {"writer", "DictWriter"} & {*names}
            called = isinstance(node, ast.Attribute) and node.attr in ("writer", "DictWriter")
            if module != "failure_lessons.files.cells" and (from_csv or (called and "csv" in ast.unparse(node.value))):
                faults.append(f"{module}:{node.lineno}")
            if isinstance(node, ast.Import) and any(a.name == "csv" and a.asname for a in node.names):
                faults.append(f"{module}:{node.lineno}: import csv under its own name")
    assert not faults, f"{faults}: write CSV with failure_lessons.files.cells.open_csv"


def test_files_can_be_read_at_a_sitting():
    tests = list((ROOT / "tests").rglob("*.py"))
    lengths = {
        str(path.relative_to(ROOT)): len(path.read_text(encoding="utf-8").splitlines())
        for path in (*modules().values(), *tests)
    }
    longer = {name: lines for name, lines in lengths.items() if lines > MOST_LINES}
    assert not longer, f"{longer}: split by noun"


def test_the_formatter_formats():
    """Where it is switched off, the same line says why."""
    switched_off = re.compile(r"# fmt: (?:skip|off)(?:  # (?P<reason>.+))?")
    found = {
        f"{path.relative_to(ROOT)}:{number}": switch["reason"]
        for folder in WRITTEN
        for path in sorted((ROOT / folder).rglob("*.py"))
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        if (switch := switched_off.search(line))
    }
    assert len(found) <= MOST_UNFORMATTED, (
        f"{sorted(found)}: the formatter is switched off in more than {MOST_UNFORMATTED} places; take the comment away and"
        " run `make format`, or name the values that make the lines long"
    )
    assert all(found.values()), f"{sorted(found)}: say on the line why the formatter is switched off"


@pytest.mark.slow
def test_what_has_a_type_is_not_any():
    counts = {
        module: sum(isinstance(node, ast.Name) and node.id == "Any" for node in ast.walk(tree_of(path)))
        for module, path in modules().items()
    }
    most = dict(sorted(counts.items(), key=lambda item: -item[1])[:10])
    assert sum(counts.values()) <= MOST_ANY, (
        f"`Any` is used {sum(counts.values())} times, most of all in {most}. Write the type: of JSON an alias of"
        " failure_lessons/types.py, `object` for what is merely handed on, a TypeVar for what comes out as it went in,"
        " a Protocol for what is known by what it can do."
    )


@pytest.mark.slow
def test_names_say_what_is_done():
    names = [
        node.name
        for path in modules().values()
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and not (node.name.startswith("__") and node.name.endswith("__"))
    ]
    assert len(names) > 1000
    one_word = [name for name in names if "_" not in name.strip("_")]
    assert len(one_word) <= MOST_ONE_WORD * len(names), "name functions by verb and noun"


@pytest.mark.slow
def test_a_name_has_one_home():
    homes = defaultdict(set)
    for module, path in modules().items():
        for node in tree_of(path).body:
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                homes[node.name].add(module)
            elif isinstance(node, ast.Assign | ast.AnnAssign):
                targets = node.targets if isinstance(node, ast.Assign) else [node.target]
                for target in targets:
                    for name in ast.walk(target):
                        if isinstance(name, ast.Name):
                            homes[name.id].add(module)
    several = {name: sorted(where) for name, where in homes.items() if len(where) > 1}
    assert len(several) <= MOST_HOMES, several


@pytest.mark.slow
@pytest.mark.django_db
def test_no_migration_is_missing():
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


@pytest.mark.django_db
def test_the_driver_is_psycopg2():
    assert connection.Database.__name__ == "psycopg2"


def test_the_data_dictionary_is_fresh():
    written = ROOT / "docs" / "data-dictionary.md"
    assert written.read_text(encoding="utf-8") == render_dictionary(), "run `make generate`"


def test_an_admin_is_composed_and_not_a_chain_of_classes():
    """What an admin can do is listed in its `parts`; whoever reads it has at most three classes of ours to read."""
    deep = {}
    for options in admin.site._registry.values():
        ours = [each for each in type(options).__mro__ if each.__module__.split(".")[0] in (PLATFORM, *APPS)]
        # the site mixes one into all of them, under the name of the admin itself
        ours = [each for each in ours if each is not UnchangedStays and each.__name__ != type(options).__name__]
        if len(ours) > 3:
            deep[type(options).__name__] = [each.__name__ for each in ours]
    assert not deep


def test_one_module_follows_pins():
    recursive = [name for name, path in modules().items() if "with recursive" in path.read_text().lower()]
    bodies = ["casestudies.organisations", "recommendations.follow_up.rules"]  # who followed whom, and no pin
    assert [each for each in recursive if each not in bodies] == ["failure_lessons.publishing.dependencies"]


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
    typed = re.compile(r'\b(?:href|action|data-hx-get)="/')
    found = [str(path.relative_to(ROOT)) for path in ROOT.glob("templates/**/*.html") if typed.search(path.read_text())]
    assert not found


def test_the_folder_of_a_template_says_its_room():
    """`pages/home.html`, `admin/coding/read.html`; beside them the parts of all pages, and the frames on top."""
    folders = {path.parent.relative_to(ROOT / "templates") for path in ROOT.glob("templates/**/*.html")}
    rooms = {
        folder.parts[1 if folder.parts[0] == "admin" else 0]
        for folder in folders
        if folder.parts not in ((), ("admin",))
    }
    assert rooms - {"_components"} <= set(ROOMS), "move the templates into the folder of the room that renders them"
