"""A release is the same bytes each time, says what it is made of, is signed, and runs from its wheel alone."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from django.db import connection

from failure_lessons.local.install import Uv
from failure_lessons.local.release import CannotRelease, format_licences, keep_tools

ROOT = Path(__file__).resolve().parents[2]
ASK = """
import django
django.setup()
from django.test import Client
import failure_lessons
print(failure_lessons.__file__)
for address in ("/", "/recommendations/", "/lessons/", "/evidence-map/", "/api/v1/recommendations/", "/accounts/login/"):
    print(address, Client().get(address).status_code)
"""


def test_tools_that_stay_are_made_once_and_anew_when_their_lock_changes(tmp_path, monkeypatch):
    made, lock, folder = [], tmp_path / "some.lock", tmp_path / "tools"
    monkeypatch.setattr("failure_lessons.local.release.Uv", lambda: None)
    make = "failure_lessons.local.release.make_tool_environment"
    monkeypatch.setattr(make, lambda uv, folder, lock: made.append(lock.read_text()))
    folder.mkdir()
    for words in ("one", "one", "two"):
        lock.write_text(words)
        assert keep_tools(folder, lock) == folder / "bin" / "python"
    assert made == ["one", "two"]


def component(name, *licences):
    return {"name": name, "version": "1", "licenses": [{"license": {"id": each}} for each in licences]}


def test_a_package_without_a_licence_or_with_one_that_binds_us_stops_the_release():
    good = [
        component("a", "MIT"),
        component("b", "LGPL-3.0-or-later"),
        {**component("c"), "licenses": [{"expression": "MIT"}]},
    ]
    assert format_licences(good) == "a 1: MIT\nb 1: LGPL-3.0-or-later\nc 1: MIT\n"
    with pytest.raises(CannotRelease, match=r"No licence: \['d'\]"):
        format_licences([*good, component("d")])
    for each in ("GPL-3.0-only", "AGPL-3.0-or-later", "MIT AND GPL-2.0-only"):
        with pytest.raises(CannotRelease, match="not to be shipped"):
            format_licences([*good, component("e", each)])


def release(checkout, out, **environment):
    done = subprocess.run(
        [sys.executable, "-m", "failure_lessons.local.release"],
        cwd=checkout,
        env=os.environ | {"OUT": str(out), "PYTHONPATH": str(checkout), **environment},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return {each.name: each.read_bytes() for each in out.iterdir()}


@pytest.mark.trials
@pytest.mark.timeout(900)
@pytest.mark.skipif(not shutil.which("minisign"), reason="needs minisign")
def test_a_release_built_twice_is_the_same_and_runs(tmp_path, committed):
    public, secret = tmp_path / "release.pub", tmp_path / "release.key"
    subprocess.run(["minisign", "-G", "-W", "-p", public, "-s", secret], check=True, capture_output=True)
    first = release(ROOT, tmp_path / "first", MINISIGN_KEY=str(secret))
    elsewhere = tmp_path / "a clone"
    subprocess.run(["git", "clone", "-q", "--no-hardlinks", ROOT, elsewhere], check=True)
    (elsewhere / "failure_lessons/not_committed.py").write_text("x = 1\n")
    second = release(elsewhere, tmp_path / "second", TZ="Pacific/Chatham", LC_ALL="C")
    assert {name for name in first if not name.endswith(".minisig")} == set(second)
    assert [name for name in second if first[name] != second[name]] == []

    checked = subprocess.run(["minisign", "-V", "-p", public, "-m", tmp_path / "first/SHA256SUMS"], check=False)
    assert checked.returncode == 0
    assert (
        subprocess.run(["sha256sum", "-c", "--quiet", "SHA256SUMS"], cwd=tmp_path / "first", check=False).returncode
        == 0
    )

    (bill,) = [json.loads(text) for name, text in first.items() if name.endswith(".cdx.json")]
    listed = {(each["name"].lower().replace("_", "-"), each["version"]) for each in bill["components"]}
    text = (ROOT / "requirements.lock").read_text()
    locked = re.findall(r"^([\w.-]+)==([\w.]+) \\$", text, re.MULTILINE)
    assert len(locked) > 60
    assert {(name.replace(".", "-"), version) for name, version in locked} <= {
        (n.replace(".", "-"), v) for n, v in listed
    }
    assert bill["metadata"]["component"]["name"] == "failure-lessons"

    environment = tmp_path / "environment"
    uv = ROOT / "var/installer/bin/uv"
    subprocess.run([uv, "venv", "-q", "--no-project", f"--python={sys.executable}", environment], check=True)
    python = environment / "bin/python"
    locked = ("--require-hashes", "--no-build", "-r", tmp_path / "first/requirements.lock")
    subprocess.run([uv, "pip", "install", "-q", f"--python={python}", *locked], check=True, env=Uv().environment)
    (wheel,) = (tmp_path / "first").glob("*.whl")
    subprocess.run([uv, "pip", "install", "-q", f"--python={python}", "--no-deps", "--offline", wheel], check=True)
    found = connection.settings_dict
    url = f"postgresql://{found['USER']}@/{found['NAME']}?host={found['HOST']}&port={found['PORT']}"
    said = subprocess.run(
        [python, "-c", ASK],
        cwd=tmp_path,
        env={"PATH": os.environ["PATH"], "DEBUG": "1", "DJANGO_SETTINGS_MODULE": "failure_lessons.settings"}
        | {"DATABASE_URL": url, "ALLOWED_HOSTS": "testserver", "QUOTA_FILE": ":memory:"},
        capture_output=True,
        text=True,
    )
    lines = said.stdout.splitlines()
    assert said.stdout.startswith(str(environment)), said.stderr
    assert [line for line in lines[1:] if not line.endswith(" 200")] == []
    assert len(lines) == 7
    assert (environment / "share/failure-lessons/evidence/package.json").is_file()
    assert (environment / "share/failure-lessons/deploy/gunicorn.conf.py").is_file()
