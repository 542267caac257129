"""A PgBouncer of our own between the tests and the database, in transaction mode, with two connections."""

import os
import shutil
import socket
import subprocess
import tempfile
import time
from pathlib import Path

import psycopg2
import pytest
from django.conf import settings
from django.db import connection

from failure_lessons.local.places import find_place

PROGRAM = shutil.which("pgbouncer") or shutil.which("/usr/sbin/pgbouncer")
CONFIGURATION = """
[databases]
pooled = {server}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = 2
max_client_conn = 50
server_round_robin = 1
logfile = {folder}/pgbouncer.log
"""


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def describe_server():
    """The test database as PgBouncer wants it: `key='value'`."""
    there = connection.get_connection_params()
    names = {"host": "host", "port": "port", "dbname": "dbname", "user": "user", "password": "password"}
    pairs = {ours: str(there[theirs]) for theirs, ours in names.items() if there.get(theirs)}
    return " ".join(f"{name}='{value}'" for name, value in pairs.items())


def wait_until_answering(port, process, log):
    for _ in range(100):
        if process.poll() is not None:
            break
        try:
            psycopg2.connect(host="127.0.0.1", port=port, dbname="pooled", user="anybody").close()
            return
        except psycopg2.OperationalError:
            time.sleep(0.05)
    pytest.fail(f"PgBouncer did not start: {log.read_text() if log.exists() else 'it wrote no log'}")


@pytest.fixture(scope="module")
def pooled(own_library):
    """The connections of this module's tests lead through the pool; the database is its own clone."""
    if PROGRAM is None:
        pytest.skip("PgBouncer is not installed: install your system's package “pgbouncer” to run this test.")
    account = find_place(settings.BASE_DIR).account  # as for PostgreSQL: it does not run as root
    with tempfile.TemporaryDirectory() as name:
        folder, port = Path(name), free_port()
        written = folder / "pgbouncer.ini"
        written.write_text(CONFIGURATION.format(server=describe_server(), port=port, folder=folder))
        lent = {}
        if account:
            os.chown(folder, account.uid, account.gid)
            os.chown(written, account.uid, account.gid)
            lent = {"user": account.uid, "group": account.gid, "extra_groups": []}
        process = subprocess.Popen([PROGRAM, "-q", written], cwd=folder, stderr=subprocess.DEVNULL, **lent)
        before = dict(connection.settings_dict)
        try:
            wait_until_answering(port, process, folder / "pgbouncer.log")
            connection.settings_dict.update(
                HOST="127.0.0.1",
                PORT=str(port),
                NAME="pooled",
                USER="anybody",
                DISABLE_SERVER_SIDE_CURSORS=True,
                OPTIONS={},
            )
            yield
        finally:
            connection.close()
            connection.settings_dict.update(before)
            process.terminate()
            process.wait(timeout=10)


@pytest.fixture
def behind_pool(pooled, committed):
    """A test whose transactions really commit, each on whichever connection the pool has free."""
    assert connection.settings_dict["NAME"] == "pooled"
