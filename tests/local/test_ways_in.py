"""The files that lead people in say what is so."""

import re
import tomllib
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
DECISIONS = sorted((ROOT / "docs" / "decisions").glob("[0-9]*.md"))
STATUS = re.compile(r"\*(Proposed|Accepted|Superseded by decision \d+) on \d{1,2} [A-Z][a-z]+ 20\d\d[^*]*\.\*")


def test_hooks_call_our_own_tools_and_fetch_nothing():
    repositories = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text())["repos"]
    assert [each["repo"] for each in repositories] == ["local"]
    for hook in repositories[0]["hooks"]:
        assert hook["language"] == "system", hook["id"]
        assert hook["entry"].removeprefix("env DEBUG=1 ").startswith(".venv/bin/python "), hook["id"]
        assert "additional_dependencies" not in hook, hook["id"]


def test_how_to_cite_names_the_version_and_licence_that_are_built():
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text())
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert (citation["version"], citation["license"]) == (project["version"], project["license"])


@pytest.mark.parametrize("path", DECISIONS, ids=lambda path: path.stem)
def test_a_decision_has_a_number_a_status_and_a_date(path):
    title, _, status, *_ = path.read_text().split("\n")
    assert title.startswith(f"# {int(path.name[:4])}. ")
    assert STATUS.fullmatch(status), status


def test_decisions_are_numbered_without_gaps():
    assert [int(path.name[:4]) for path in DECISIONS] == list(range(1, len(DECISIONS) + 1))


@pytest.mark.parametrize("name", ["CONTRIBUTING.md", "SECURITY.md", "CODE_OF_CONDUCT.md", "docs/architecture.md"])
def test_files_that_are_named_are_there(name):
    path = ROOT / name
    for target in re.findall(r"\]\((?!https?:)([^)#]+)\)", path.read_text()):
        assert (path.parent / target).exists(), target
