"""Clients that people generate: made from the contract without a warning, type-checked, and used on every operation.

The generators live in environments of their own below `var/generators/`, made the first time. Where npm or a package
index cannot be reached these trials are skipped, and say so.
"""

import fcntl
import json
import os
import re
import shutil
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from failure_lessons.access.models import Scope
from failure_lessons.access.tokens import issue_token
from tests.api.generators.calls import all_calls, python_program, typescript_program
from tests.api.test_contract import CONTRACT, OPENAPI
from tests.partners.conftest import make_partner

pytestmark = pytest.mark.trials

HERE = Path(__file__).parent / "generators"
TOOLS = Path(__file__).resolve().parents[2] / "var" / "generators"
MODELS_OPTIONS = ("--output-model-type", "pydantic_v2.BaseModel", "--target-python-version", "3.11")
WARNING = re.compile(r"\bwarn(ing)?\b", re.I)


def run(*command, cwd, **more):
    """Run it to its end and return what it printed; a failure shows that."""
    done = subprocess.run(list(map(str, command)), cwd=cwd, text=True, capture_output=True, check=False, **more)
    printed = done.stdout + done.stderr
    assert done.returncode == 0, printed[-4000:]
    return printed


def install(command, cwd):
    """Install, or skip the trial with what the installer said."""
    done = subprocess.run(list(map(str, command)), cwd=cwd, text=True, capture_output=True, check=False)
    if done.returncode:
        pytest.skip(f"{command[0]} could not install the generators: {done.stderr.strip()[-200:]}")


@contextmanager
def one_at_a_time():
    """Of the workers of one run, and of two runs at once, one installs while the others wait."""
    TOOLS.mkdir(parents=True, exist_ok=True)
    with (TOOLS / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@pytest.fixture(scope="module")
def npm():
    """The folder with the tools of npm."""
    if not (shutil.which("npm") and shutil.which("node")):
        pytest.skip("npm and node are not installed here")
    place = TOOLS / "npm"
    wanted = (HERE / "package.json").read_text()
    with one_at_a_time():
        if not (place / "package.json").exists() or (place / "package.json").read_text() != wanted:
            place.mkdir(parents=True, exist_ok=True)
            (place / "package.json").write_text(wanted)
            install(["npm", "install", "--no-package-lock", "--no-audit", "--no-fund"], place)
    return place


@pytest.fixture(scope="module")
def python():
    """The folder with the programs of an environment of Python for the generators."""
    place, wanted = TOOLS / "python", (HERE / "requirements.txt").read_text()
    mark = place / "installed.txt"
    with one_at_a_time():
        if not mark.exists() or mark.read_text() != wanted:
            run(sys.executable, "-m", "venv", "--clear", place, cwd=HERE)
            install([place / "bin" / "pip", "install", "--quiet", "-r", HERE / "requirements.txt"], HERE)
            mark.write_text(wanted)
    return place / "bin"


@pytest.fixture
def token(django_db_blocker):
    """A token of a partner with every scope."""
    with django_db_blocker.unblock():
        partner = make_partner("generators")
        row, text = issue_token(partner=partner, name="generators", scopes=tuple(Scope.values), by=None)
        yield text
        row.delete()
        partner.delete()


def use(npm, tool):
    return npm / "node_modules" / ".bin" / tool


def test_the_linters_find_nothing_to_say(npm, tmp_path):
    said = run(
        use(npm, "spectral"), "lint", OPENAPI, "-r", HERE / "spectral.yaml", "--fail-severity", "hint", cwd=tmp_path
    )
    assert "No results" in said
    said = run(use(npm, "redocly"), "lint", OPENAPI, "--config", HERE / "redocly.yaml", cwd=tmp_path)
    assert "Your API description is valid" in said
    assert not re.search(r"\d+ warning", said)


def test_openapi_python_client_generates_and_calls_every_operation(python, site, token, tmp_path):
    said = run(
        *(python / "openapi-python-client", "generate", "--path", OPENAPI, "--meta", "none"),
        *("--output-path", tmp_path / "generated"),
        cwd=tmp_path,
        env={"PATH": f"{python}:{os.environ['PATH']}"},  # it calls ruff
    )
    assert not WARNING.search(said), said
    calls = list(all_calls(site))
    described = {each["operationId"] for methods in CONTRACT["paths"].values() for each in methods.values()}
    assert {call.name for call in calls} == described
    (tmp_path / "program.py").write_text(python_program(calls, site, token))
    run(python / "mypy", "--no-incremental", "--follow-imports=silent", "program.py", cwd=tmp_path)
    assert run(python / "python", "program.py", cwd=tmp_path).endswith("done\n")


def test_openapi_typescript_generates_and_openapi_fetch_calls_every_operation(npm, site, token, tmp_path):
    said = run(use(npm, "openapi-typescript"), OPENAPI, "-o", tmp_path / "contract.d.ts", cwd=npm)
    assert not WARNING.search(said), said
    (tmp_path / "program.ts").write_text(typescript_program(list(all_calls(site)), site, token))
    (tmp_path / "package.json").write_text('{"type": "module"}')
    (tmp_path / "node_modules").symlink_to(npm / "node_modules")
    shutil.copy(HERE / "tsconfig.json", tmp_path)
    run(use(npm, "tsc"), "-p", tmp_path, cwd=tmp_path)
    assert run("node", "program.js", cwd=tmp_path).endswith("done\n")


def test_the_models_of_datamodel_code_generator_take_every_published_record(python, site, tmp_path):
    run(
        *(python / "datamodel-codegen", "--input", OPENAPI, "--input-file-type", "openapi"),
        *("--output", tmp_path / "models.py", *MODELS_OPTIONS),
        cwd=tmp_path,
    )
    pages = []
    for address, methods in CONTRACT["paths"].items():
        schema = methods.get("get", {}).get("responses", {}).get("200", {}).get("content", {}).get("application/json")
        name = (schema or {}).get("schema", {}).get("$ref", "").rpartition("/")[2]
        following = f"{site}{address}?limit=100" if name.endswith("Page") and "search" not in address else None
        while following and "/workbench/" not in following:
            page = httpx.get(following, timeout=60).json()
            pages.append([name, page])
            following = page["next"]
    (tmp_path / "pages.json").write_text(json.dumps(pages))
    program = (
        "import json, models\n"
        "taken = 0\n"
        "for name, page in json.load(open('pages.json')):\n"
        "    taken += len(getattr(models, name).model_validate(page).results)\n"
        "    whole = getattr(models, name.removesuffix('Page'), None)\n"
        "    for record in page['results'] if whole else []:\n"
        "        whole.model_validate(record)\n"
        "print(taken)\n"
    )
    (tmp_path / "validate.py").write_text(program)
    taken = int(run(python / "python", "validate.py", cwd=tmp_path))
    assert taken == sum(len(page["results"]) for _, page in pages) > 577


def test_a_fourth_generator_generates_and_type_checks(npm, tmp_path):
    run(use(npm, "openapi-ts"), "-i", OPENAPI, "-o", tmp_path / "client", "-c", "@hey-api/client-fetch", cwd=npm)
    (tmp_path / "node_modules").symlink_to(npm / "node_modules")
    shutil.copy(HERE / "tsconfig.json", tmp_path)
    run(use(npm, "tsc"), "-p", tmp_path, "--noEmit", cwd=tmp_path)
