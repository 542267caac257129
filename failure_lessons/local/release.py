"""`make release`: what is handed to operators, into var/release (OUT=…), from what is committed and nothing else.

A wheel, the same bytes each time; a bill of materials of all that it takes to run (CycloneDX), which has the licences
too; a list of these licences to read; the hashes of all, signed where MINISIGN_KEY names the releaser's own key.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterable
from pathlib import Path

from failure_lessons.local.install import INSTALL_FOLDER, RELEASE_LOCK, Uv, environment_fingerprint

RUNTIME_LOCK = INSTALL_FOLDER / "requirements.lock"
# What must not be shipped with software under the MIT licence, by how their names begin. LGPL may be.
REFUSED_LICENCES = ("AGPL", "GPL", "SSPL", "BUSL")
# What the files of licences say of packages that do not say it in words a program understands.
KNOWN_LICENCES = {
    "pypdfium2": "Apache-2.0 OR BSD-3-Clause, with PDFium (BSD-3-Clause and others)",
    "uritemplate": "BSD-3-Clause OR Apache-2.0",
}
Component = dict[str, object]


class CannotRelease(Exception):
    """Why nothing is released, in a sentence."""


def run_program(*command: object, cwd: Path = INSTALL_FOLDER, **environment: str) -> str:
    """What a program says; its own words when it fails."""
    done = subprocess.run(
        [*map(str, command)], cwd=cwd, env=os.environ | environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise CannotRelease(f"{Path(str(command[0])).name}: {(done.stderr or done.stdout).strip()[-2000:]}")
    return done.stdout


def make_tool_environment(uv: Uv, folder: Path, lock: Path) -> Path:
    """An environment that holds what a lock says and nothing else; its Python."""
    python = folder / "bin" / "python"
    for command in (
        ("venv", "--quiet", "--no-project", "--clear", f"--python={sys.executable}", str(folder)),
        (
            "pip",
            "sync",
            "--quiet",
            f"--python={python}",
            "--require-hashes",
            "--no-build",
            *uv.index_options,
            str(lock),
        ),
    ):
        done = uv.run(*command)
        if done.returncode:
            raise CannotRelease(f"uv {command[0]}: {done.stderr.strip()}")
    return python


def keep_tools(folder: Path, lock: Path) -> Path:
    """The Python of an environment that stays: it is made when there is none, and anew when its lock has changed."""
    wanted, mark = environment_fingerprint(lock), folder / "made-of"
    if not mark.is_file() or mark.read_text() != wanted:
        make_tool_environment(Uv(), folder, lock)
        mark.write_text(wanted)
    return folder / "bin" / "python"


def export_commit(folder: Path, commit: str) -> str:
    """Put the files of a commit into a folder; gives the second in which it was made."""
    archive = subprocess.run(["git", "archive", commit], cwd=INSTALL_FOLDER, capture_output=True, check=True).stdout
    subprocess.run(["tar", "-x", "-C", folder], input=archive, check=True)
    return run_program("git", "log", "-1", "--format=%ct", commit).strip()


def build_wheel(tools: Path, source: Path, out: Path, second: str) -> Path:
    """The wheel of these files."""
    run_program(tools, "-m", "hatchling", "build", "-t", "wheel", "-d", out, cwd=source, SOURCE_DATE_EPOCH=second)
    (wheel,) = out.glob("*.whl")
    return wheel


def list_materials(tools: Path, shipped: Path, source: Path, file: Path) -> list[Component]:
    """Write the bill of materials of an environment, ours at its head; gives its components."""
    program = tools.parent / "cyclonedx-py"
    options = ("--sv", "1.6", "--of", "JSON", "--output-reproducible", "--pyproject", source / "pyproject.toml")
    run_program(program, "environment", *options, "--mc-type", "application", "-o", file, shipped)
    components: list[Component] = json.loads(file.read_text())["components"]
    return components


def licence_of(component: Component) -> str:
    """What a component's licences are called; empty where it does not say."""
    found = component.get("licenses")
    names = []
    for each in found if isinstance(found, list) else []:
        about = each.get("license", {})
        names.append(each.get("expression") or about.get("id") or about.get("name") or "")
    return " / ".join(dict.fromkeys(filter(None, names))) or KNOWN_LICENCES.get(str(component["name"]), "")


def format_licences(components: Iterable[Component]) -> str:
    """A line for each component: name, version, licence. Refuses what says nothing, and what may not be shipped."""
    lines, silent, refused = [], [], []
    for each in sorted(components, key=lambda each: str(each["name"]).lower()):
        licence = licence_of(each)
        lines.append(f"{each['name']} {each['version']}: {licence}\n")
        if not licence:
            silent.append(str(each["name"]))
        elif any(part.strip(" ()").startswith(REFUSED_LICENCES) for part in licence.split(" AND ")):
            refused.append(f"{each['name']} ({licence})")
    if silent or refused:
        raise CannotRelease(f"No licence: {silent or 'none'}. One that is not to be shipped: {refused or 'none'}.")
    return "".join(lines)


def write_hashes(out: Path) -> Path:
    """SHA256SUMS, as sha256sum reads it."""
    named = sorted(each for each in out.iterdir() if each.suffix in (".whl", ".json", ".txt", ".lock"))
    lines = [f"{hashlib.sha256(each.read_bytes()).hexdigest()}  {each.name}\n" for each in named]
    (out / "SHA256SUMS").write_text("".join(lines))
    return out / "SHA256SUMS"


def make_release(out: Path, commit: str = "HEAD") -> None:
    """Everything, into an empty folder."""
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    uv = Uv()
    with tempfile.TemporaryDirectory() as work:
        source = Path(work) / "source"
        source.mkdir()
        second = export_commit(source, commit)
        version = tomllib.loads((source / "pyproject.toml").read_text())["project"]["version"]
        tools = make_tool_environment(uv, Path(work) / "tools", RELEASE_LOCK)
        shipped = make_tool_environment(uv, Path(work) / "shipped", RUNTIME_LOCK)
        build_wheel(tools, source, out, second)
        components = list_materials(tools, shipped, source, out / f"failure-lessons-{version}.cdx.json")
        (out / "LICENCES.txt").write_text(format_licences(components))
        shutil.copyfile(source / RUNTIME_LOCK.name, out / RUNTIME_LOCK.name)
    hashes = write_hashes(out)
    if key := os.environ.get("MINISIGN_KEY"):
        subprocess.run(["minisign", "-S", "-s", key, "-m", hashes, "-t", f"failure-lessons {version}"], check=True)


def main() -> int:
    """Release, and say what there is."""
    out = Path(os.environ.get("OUT") or INSTALL_FOLDER / "var" / "release")
    try:
        make_release(out)
    except CannotRelease as refusal:
        print(f"Nothing is released. {refusal}", file=sys.stderr)
        return 1
    for each in sorted(out.iterdir()):
        print(f"{each.stat().st_size:>10}  {each}")
    if not os.environ.get("MINISIGN_KEY"):
        print("Not signed: MINISIGN_KEY=… names the key that `minisign -G` made.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
