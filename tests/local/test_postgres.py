"""The embedded PostgreSQL: started once, found again, and back after a kill -9."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import psycopg2
import pytest

from failure_lessons.local import install, lock, postgres, run
from failure_lessons.local.places import find_place
from failure_lessons.local.postmaster import find_servers_of_deleted_data

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def base(tmp_path):
    """A checkout of its own; its server is stopped at the end."""
    yield tmp_path
    postgres.stop_server(tmp_path)


def ask(base, sql):
    """What the server answers to one statement."""

    connection = psycopg2.connect(postgres.database_url(base))
    connection.autocommit = True
    with connection, connection.cursor() as cursor:
        cursor.execute(sql)
        found = cursor.fetchall() if cursor.description else None
    connection.close()
    return found


def postmaster(base):
    """The process that runs the server of this checkout."""
    return ask(base, "select pg_backend_pid(), (select setting from pg_settings where name = 'data_directory')")[0][1]


@pytest.mark.slow
def test_start_attach_kill_recover_and_stop(base):
    postgres.start_server(base)
    assert postgres.server_status(base).running
    ask(base, "create table kept (word text)")
    ask(base, "insert into kept values ('still here')")
    data = Path(postmaster(base))
    pid = int((data / "postmaster.pid").read_text().split()[0])
    postgres.start_server(base)  # attaches
    assert int((data / "postmaster.pid").read_text().split()[0]) == pid
    os.kill(pid, signal.SIGKILL)
    time.sleep(0.3)
    postgres.start_server(base)
    assert ask(base, "select word from kept") == [("still here",)]
    assert postgres.stop_server(base)
    assert not postgres.server_status(base).running


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="other systems do not tell where a process works")
def test_a_server_whose_checkout_was_deleted_takes_no_socket_of_the_next_one_along(base):
    postgres.start_server(base)
    former = postgres.server_status(base).pid
    shutil.rmtree(find_place(base).home)  # in the checkout, or elsewhere if the server's account cannot reach it
    assert postgres.start_server(base).fresh
    assert postgres.server_status(base).pid != former
    assert find_servers_of_deleted_data(find_place(base)) == []
    assert ask(base, "select 1") == [(1,)]


@pytest.mark.slow
def test_six_starts_at_once_give_one_server(base):
    code = f"from pathlib import Path; from failure_lessons.local import postgres; postgres.start_server(Path({str(base)!r}))"
    starts = [subprocess.Popen([sys.executable, "-c", code], cwd=ROOT) for _ in range(6)]
    assert [start.wait(timeout=60) for start in starts] == [0] * 6
    assert ask(base, "select 1") == [(1,)]


@pytest.mark.slow
def test_the_socket_is_private_and_no_port_is_open(base):
    postgres.start_server(base)
    assert ask(base, "show listen_addresses") == [("",)]
    folder = Path(ask(base, "show unix_socket_directories")[0][0].strip('"'))
    assert folder.stat().st_mode & 0o077 == 0


def test_the_address_is_known_without_starting_anything(tmp_path):
    assert postgres.database_url(tmp_path).startswith("postgresql://")
    assert not (tmp_path / "var").exists()


def test_locks_have_hashes_and_name_no_place():
    for name in lock.EXTRAS_BY_LOCK:
        text = (ROOT / name).read_text()
        assert not lock.FORBIDDEN.search(text)
        packages = [line for line in text.splitlines() if "==" in line]
        assert len(packages) > (0 if name == install.INSTALLER_LOCK.name else 20)
        assert text.count("--hash=sha256:") >= len(packages)


def test_an_old_python_gets_one_sentence(monkeypatch, capsys):
    monkeypatch.setattr(install.sys, "version_info", (3, 9, 2, "final", 0))
    with pytest.raises(SystemExit):
        install.main()
    said = capsys.readouterr().err
    assert said.startswith("Cannot install: Python 3.11 or newer is needed")
    assert said.count("\n") == 1


def test_a_taken_port_gets_one_sentence(monkeypatch, capsys):

    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        monkeypatch.setenv("PORT", str(other.getsockname()[1]))
        with pytest.raises(SystemExit):
            run.choose_port()
    assert "is taken by another program; try make run PORT=" in capsys.readouterr().err


@pytest.mark.parametrize("value", ["abc", "0", "70000", "-1"])
def test_a_wrong_port_gets_one_sentence(value, monkeypatch, capsys):
    monkeypatch.setenv("PORT", value)
    with pytest.raises(SystemExit):
        run.choose_port()
    assert "is not a port" in capsys.readouterr().err


ENDING = """
import sys, time
from pathlib import Path
from failure_lessons.local import postgres, run
base = Path(sys.argv[1])
run.USERS_FILE = base / "var" / "users.lock"
held = run.hold_database()
if sys.argv[2] == "ends":
    postgres.start_server(base)
    assert run.is_last_user(held)
    print("ending", flush=True)
    time.sleep(1)
    postgres.stop_server(base)
else:
    postgres.start_server(base)
    print("running", postgres.server_status(base).running, flush=True)
"""


@pytest.mark.slow
def test_a_run_begun_while_the_last_one_is_ending_waits_for_it_says_so_and_works(base):
    first = subprocess.Popen([sys.executable, "-c", ENDING, base, "ends"], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    with first:
        assert first.stdout.readline() == "ending\n"
        second = subprocess.run(
            [sys.executable, "-c", ENDING, base, "begins"],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
            timeout=90,
        )
        assert first.wait(timeout=60) == 0
    said = [line.strip() for line in second.stdout.splitlines()]
    assert said == ["The last one is still stopping its database: waiting for that …", "running True"]
    assert ask(base, "select 1") == [(1,)]
