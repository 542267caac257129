"""What the code never does, read from the code itself: nothing is run that came from outside, no weak secret is made."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.auth.hashers import PBKDF2PasswordHasher

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("failure_lessons", "literature", "casestudies", "recommendations")
MODULES = [path for name in PACKAGES for path in sorted((ROOT / name).rglob("*.py")) if "migrations" not in path.parts]
SCRIPTS = [path for name in PACKAGES for path in sorted((ROOT / name).rglob("*.js"))]
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
RUNS_TEXT = {"eval", "exec", "compile", "__import__"}
UNSAFE_MODULES = {"pickle", "marshal", "shelve", "dill", "yaml", "jsonpickle", "telnetlib", "ftplib", "ldap", "jinja2"}
WEAK_HASHES = {"md5", "sha1"}
# a hash of a password that was stolen elsewhere is looked up in lists of this hash
KNOWN_WEAK = {"failure_lessons/accounts/passwords.py": "sha1"}
SPREADS_LOAD = {"failure_lessons/webhooks/delivery.py"}  # random waits, which nobody has to guess
RAW_MARKUP = {
    "autosave.js": "text of our own, without anything from elsewhere",
    "rich_text.js": "made safe on the server, by the code that writes the public page",
}
OWN_OR_ESCAPED = r"escape|^[A-Z_.]+(\[.*\])?$|\.pattern$|kind\.address|join\([A-Z]|^year$"  # what is ours
UNESCAPED = {"accounts/_form.html", "charts/standalone.svg.html"}  # help texts and a style sheet of the program


@cache
def nodes():
    """Every part of our modules, with the file's name."""
    trees = {str(path.relative_to(ROOT)): ast.parse(path.read_text(encoding="utf-8")) for path in MODULES}
    return [(file, node) for file, tree in trees.items() for node in ast.walk(tree)]


@cache
def calls():
    """Every call in our modules: the file's name, the call, and what is called."""
    return [(file, node, write_name(node.func)) for file, node in nodes() if isinstance(node, ast.Call)]


def write_name(node):
    """A name with its dots, as `ast.unparse` would write it, which takes ten times as long."""
    if isinstance(node, ast.Name):
        return node.id
    return f"{write_name(node.value)}.{node.attr}" if isinstance(node, ast.Attribute) else ast.unparse(node)


def imported_names():
    """Every module that ours import, with the file."""
    for file, node in nodes():
        if isinstance(node, ast.Import):
            yield from ((file, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield file, node.module


@pytest.mark.slow
def test_no_text_is_run_as_a_program():
    assert [(file, name) for file, _, name in calls() if name in RUNS_TEXT] == []
    assert [(file, name) for file, name in imported_names() if name.partition(".")[0] in UNSAFE_MODULES] == []


@pytest.mark.slow
def test_no_shell_stands_between_us_and_a_program():
    shells = [
        (file, name)
        for file, node, name in calls()
        if name in ("os.system", "os.popen") or any(each.arg == "shell" for each in node.keywords)
    ]
    assert shells == []


@pytest.mark.slow
def test_no_weak_hash_is_made():
    found = {(file, name.rpartition(".")[2]) for file, _, name in calls() if name.rpartition(".")[2] in WEAK_HASHES}
    assert found == set(KNOWN_WEAK.items())


@pytest.mark.slow
def test_no_secret_comes_from_a_generator_that_can_be_guessed():
    assert {file for file, name in imported_names() if name.partition(".")[0] == "random"} == SPREADS_LOAD


@pytest.mark.slow
def test_xml_from_outside_is_never_read_by_a_parser_that_resolves_entities():
    reads = ("ElementTree.parse", "ElementTree.fromstring", "ET.parse", "ET.fromstring", "etree.parse", "etree.XML")
    found = [(file, name) for file, _, name in calls() if name.endswith(reads) or name in ("minidom.parseString",)]
    assert [each for each in found if not each[1].startswith("defusedxml")] == []


def test_scripts_write_text_as_text_and_listen_to_no_other_window():
    for path in SCRIPTS:
        text = path.read_text(encoding="utf-8")
        for word in (
            r"\beval\(",
            r"new Function\b",
            r"document\.write",
            r"postMessage",
            r'addEventListener\("message"',
        ):
            assert not re.search(word, text), (path, word)
        if re.search(r"\b(?:inner|outer)HTML\b|insertAdjacentHTML", text):
            assert path.name in RAW_MARKUP, path
        assert not re.search(r"__proto__|\bconstructor\[", text), path


def test_templates_escape_everything_but_what_is_named():
    for path in TEMPLATES:
        if re.search(r"\|\s*safe\b|autoescape off", path.read_text(encoding="utf-8")):
            assert str(path.relative_to(ROOT / "templates")) in UNESCAPED, path


@pytest.mark.slow
def test_patterns_made_of_words_from_outside_are_escaped():
    for file, node, name in calls():
        if name.startswith("re.") and node.args and isinstance(node.args[0], ast.JoinedStr):
            parts = [ast.unparse(each.value) for each in node.args[0].values if isinstance(each, ast.FormattedValue)]
            free = [each for each in parts if not re.search(OWN_OR_ESCAPED, each)]
            assert not free, (file, free)


def test_passwords_are_kept_by_a_slow_hash_of_todays_strength():
    assert settings.PASSWORD_HASHERS  # the run replaces them by a quick one: what Django ships is looked at
    assert PBKDF2PasswordHasher.iterations >= 600_000
    assert PBKDF2PasswordHasher.algorithm == "pbkdf2_sha256"


@pytest.mark.parametrize(
    "name", ["SECRET_KEY", "EMAIL_HOST_PASSWORD", "OIDC_CLIENT_SECRET", "LEDGER_KEY", "METRICS_TOKEN"]
)
def test_no_secret_stands_in_a_file_of_the_repository(name):
    for path in (*sorted((ROOT / "deploy").rglob("*")), ROOT / "failure_lessons" / "settings.py"):
        if path.is_file() and "__pycache__" not in path.parts:
            for value in re.findall(rf"^{name}=(.*)$", path.read_text(encoding="utf-8"), re.MULTILINE):
                assert not value or value.startswith("put the output of"), (path, value)
