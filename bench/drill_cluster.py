"""The machines of the drill on one machine: a balancer, two web nodes, a pool, PostgreSQL twice. All on loopback.

The balancer, the pool and the way to fail over are the files of `deploy/cluster`, with the addresses of this place.
"""

from __future__ import annotations

import os
import pwd
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import psycopg2

ROOT = Path(__file__).resolve().parent.parent
FILES = ROOT / "deploy" / "cluster"
PROGRAMS = max(Path("/usr/lib/postgresql").glob("*/bin"), default=Path("/usr/bin"))
NEEDED = (str(PROGRAMS / "pg_basebackup"), "pgbouncer", "caddy")
PATH = f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin"
RESTART_SECONDS = 1.0  # after which whoever supervises a process starts it again
FAILED_CHECKS = 3  # of the primary, one each half second, until it is given up
POSTGRES_SETTINGS = """
listen_addresses = '127.0.0.1'
unix_socket_directories = ''
max_connections = 60
shared_buffers = 64MB
wal_level = replica
max_wal_senders = 5
wal_keep_size = 512MB
wal_sender_timeout = 5s
wal_receiver_status_interval = 1s
wal_retrieve_retry_interval = 500ms
synchronous_commit = on
"""


def find_missing_programs() -> list[str]:
    """What has to be installed before there can be a drill."""
    return [name for name in NEEDED if not shutil.which(name, path=PATH)]


def find_free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def lend_account() -> dict[str, object]:
    """PostgreSQL and PgBouncer refuse to run as root."""
    if os.geteuid() != 0:
        return {}
    account = pwd.getpwnam("postgres")
    return {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}


class Service:
    """One process that somebody supervises: it is started again a second after it ends."""

    def __init__(self, name: str, command: list[object], log: Path, env: dict[str, str], **lent: object) -> None:
        self.name, self.command, self.log, self.env, self.lent = name, [*map(str, command)], log, env, lent
        self.process: subprocess.Popen[bytes] | None = None
        self.wanted = True

    def start(self) -> None:
        self.wanted = True
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.command, cwd=ROOT, env=self.env, stdout=log, stderr=log, start_new_session=True, **self.lent
            )

    @property
    def pid(self) -> int:
        return self.process.pid if self.process else 0

    def is_alive(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def kill_hard(self, *, wanted: bool = True) -> None:
        """kill -9. What is no longer wanted is not started again."""
        self.wanted = wanted
        if self.is_alive():
            os.kill(self.pid, signal.SIGKILL)
            self.process.wait()  # type: ignore[union-attr]

    def end_group(self) -> None:
        """End it with all that it started, as systemd does when the main process of a unit has died."""
        if self.process is not None:
            with suppress(ProcessLookupError):  # nothing is left of it
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()


class Cluster:
    """Everything, and who looks after it."""

    def __init__(self, folder: Path, say: Callable[[str], None]) -> None:
        self.folder, self.say = folder, say
        folder.chmod(0o755)
        self.ports = {name: find_free_port() for name in ("db1", "db2", "pgbouncer", "web1", "web2", "balancer")}
        self.primary, self.standby = "db1", "db2"
        self.services: dict[str, Service] = {}
        self.ending = threading.Event()
        self.failing_over = threading.Event()
        self.failovers = 0
        self.base = {"PATH": PATH, "LANG": "C.UTF-8", "HOME": str(folder)}

    # PostgreSQL

    def run_program(self, program: str, *arguments: object, **more: object) -> str:
        done = subprocess.run(
            [PROGRAMS / program, *map(str, arguments)],
            cwd=self.folder / "postgres",
            env=self.base,
            capture_output=True,
            text=True,
            check=False,
            **lend_account(),
            **more,
        )
        if done.returncode:
            raise RuntimeError(f"{program}: {done.stderr or done.stdout}")
        return done.stdout

    def address(self, name: str, database: str = "failure_lessons") -> str:
        return f"postgresql://failure_lessons@127.0.0.1:{self.ports[name]}/{database}"

    def ask(self, name: str, statement: str, database: str = "failure_lessons") -> list[tuple[object, ...]]:
        """What a database says, within two seconds."""
        with_database = psycopg2.connect(
            self.address(name, database), connect_timeout=2, options="-c statement_timeout=2s"
        )
        try:
            with_database.autocommit = True
            with with_database.cursor() as cursor:
                cursor.execute(statement)
                return cursor.fetchall() if cursor.description else []
        finally:
            with_database.close()

    def is_answering(self, name: str) -> bool:
        try:
            return bool(self.ask(name, "select 1"))
        except psycopg2.Error:
            return False

    def data_of(self, name: str) -> Path:
        return self.folder / "postgres" / name

    def make_primary(self) -> None:
        data = self.data_of("db1")
        self.run_program("initdb", "-D", data, "-U", "failure_lessons", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8")
        with (data / "postgresql.conf").open("a") as file:
            file.write(POSTGRES_SETTINGS)
        self.start_database("db1")
        self.ask("db1", "create database failure_lessons", "postgres")

    def start_database(self, name: str) -> None:
        command = [PROGRAMS / "postgres", "-D", self.data_of(name), "-p", self.ports[name]]
        self.services[name] = Service(name, command, self.folder / f"{name}.log", self.base, **lend_account())
        self.services[name].start()
        self.wait_for(lambda: self.is_answering_anything(name), f"{name} answers")

    def is_answering_anything(self, name: str) -> bool:
        try:
            return bool(self.ask(name, "select 1", "postgres"))
        except psycopg2.Error:
            return False

    def make_standby(self, name: str) -> None:
        """A copy of the primary that follows it; from then on the primary waits for it at each commit."""
        shutil.rmtree(self.data_of(name), ignore_errors=True)
        self.run_program(
            "pg_basebackup",
            "-D",
            self.data_of(name),
            "-R",
            "-X",
            "stream",
            "-c",
            "fast",
            "-d",
            f"{self.address(self.primary, 'postgres')}?application_name={name}",
        )
        self.start_database(name)
        self.standby = name
        self.ask(self.primary, "alter system set synchronous_standby_names = '*'")
        self.ask(self.primary, "select pg_reload_conf()")
        self.wait_for(self.is_in_step, f"{name} is in step")

    def is_in_step(self) -> bool:
        """Whether the standby has everything that was committed, and the primary waits for it."""
        try:
            return ("sync",) in self.ask(self.primary, "select sync_state from pg_stat_replication")
        except psycopg2.Error:
            return False

    def fail_over(self) -> None:
        """What an operator does, or Patroni in their place: `deploy/cluster/promote`, and then a new standby."""
        self.failing_over.set()
        old, new = self.primary, self.standby
        self.services[old].kill_hard(wanted=False)  # fenced: it must not come back as a primary
        started = time.monotonic()
        done = subprocess.run(
            [
                FILES / "promote",
                "127.0.0.1",
                str(self.ports[new]),
                self.folder / "pgbouncer/pgbouncer.ini",
                self.data_of(new),
            ],
            env=self.base,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            self.say(f"promote: {done.stdout} {done.stderr}")
        self.primary, self.standby = new, old
        self.failovers += 1
        # as Patroni does: alone, the new primary waits for nobody until another follows
        self.ask(new, "alter system set synchronous_standby_names = ''")
        self.ask(new, "select pg_reload_conf()")
        self.say(f"{old} is dead; {new} was promoted in {time.monotonic() - started:.1f} s")
        self.services[old].end_group()
        self.make_standby(old)
        self.say(f"{old} follows {new} again")
        self.failing_over.clear()

    def watch_primary(self) -> None:
        """Ask the primary each half second; give it up after three times without an answer."""
        failed = 0
        while not self.ending.wait(0.5):
            failed = 0 if self.is_answering(self.primary) else failed + 1
            if failed >= FAILED_CHECKS and self.services[self.standby].is_alive():
                self.fail_over()
                failed = 0

    # the others

    def write_settings(self) -> None:
        """The files of `deploy/cluster`, with our addresses."""
        pool = self.folder / "pgbouncer"
        pool.mkdir()
        text = (FILES / "pgbouncer.ini").read_text()
        text = text.replace("host=db1.example.org port=5432", f"host=127.0.0.1 port={self.ports['db1']}")
        text = re.sub(r"^listen_port.*$", f"listen_port = {self.ports['pgbouncer']}", text, flags=re.MULTILINE)
        text = re.sub(r"^auth_file.*$", "", text, flags=re.MULTILINE).replace(
            "auth_type = scram-sha-256", "auth_type = any"
        )
        text = text.replace("dbname=failure_lessons", "dbname=failure_lessons user=failure_lessons")
        text += f"pidfile = {pool}/pgbouncer.pid\n"
        (pool / "pgbouncer.ini").write_text(text)
        balancer = (FILES / "Caddyfile").read_text()
        for number in (1, 2):
            balancer = balancer.replace(f"web{number}.example.org:8000", f"127.0.0.1:{self.ports[f'web{number}']}")
        balancer = balancer.replace("lessons.example.org {", f"http://127.0.0.1:{self.ports['balancer']} {{")
        balancer = balancer.replace("Host lessons.example.org", "Host 127.0.0.1")
        (self.folder / "Caddyfile").write_text(f"{{\n\tadmin off\n}}\n{balancer}")
        if lent := lend_account():
            for path in (pool, pool / "pgbouncer.ini"):
                os.chown(path, lent["user"], lent["group"])  # type: ignore[arg-type]

    def site_environment(self, node: str = "", database: str = "pgbouncer") -> dict[str, str]:
        """What a node of the site is told."""
        own = self.folder / (node or "commands")
        own.mkdir(exist_ok=True)
        return self.base | {
            "DEBUG": "0",
            "SECRET_KEY": "only for a drill on one machine, which nobody else can reach",
            "LEDGER_KEY": "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=",
            "ALLOWED_HOSTS": "127.0.0.1",
            "SECURE_SSL_REDIRECT": "0",
            "BEHIND_PROXY": "1",
            "TRUSTED_PROXIES": "127.0.0.1",
            "DATABASE_URL": self.address(database),
            "DATABASE_POOLED": "1" if database == "pgbouncer" else "0",
            "QUOTA_ANONYMOUS": "900000000/60",
            "QUOTA_FILE": str(own / "quota.sqlite"),
            "REVISION_FILE": str(own / "revision"),
            "DOWNLOADS_DIR": str(self.folder / "downloads"),
            "ERASURE_LOG": str(self.folder / "erasures.jsonl"),
            "LOG_LEVEL": "WARNING",
            "BIND": f"127.0.0.1:{self.ports.get(node, 0)}",
            "PYTHONDONTWRITEBYTECODE": "1",
        }

    def run_manage(self, *arguments: str) -> str:
        """A command of the site, asked of the primary itself."""
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT,
            env=self.site_environment(database=self.primary),
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(f"manage.py {arguments[0]}: {done.stdout[-2000:]} {done.stderr[-2000:]}")
        return done.stdout

    def start(self) -> None:
        """Everything, with the shipped library in it."""
        home = self.folder / "postgres"
        home.mkdir()
        if lent := lend_account():
            os.chown(home, lent["user"], lent["group"])  # type: ignore[arg-type]
        self.make_primary()
        self.say("filling the library")
        self.run_manage("migrate", "--verbosity=0")
        self.run_manage("load_evidence", "evidence", "--publish", "--verbosity=0")
        self.run_manage("collectstatic", "--noinput", "--verbosity=0")
        self.make_standby("db2")
        self.write_settings()
        pool = self.folder / "pgbouncer"
        self.add_service("pgbouncer", [shutil.which("pgbouncer", path=PATH), pool / "pgbouncer.ini"], **lend_account())
        for node in ("web1", "web2"):
            command = [sys.executable, "-m", "gunicorn", "failure_lessons.wsgi", "--config=deploy/gunicorn.conf.py"]
            self.add_service(node, command, self.site_environment(node))
        self.add_service("balancer", ["caddy", "run", "--config", self.folder / "Caddyfile", "--adapter", "caddyfile"])
        command = [sys.executable, "-m", "bench.drill_publisher", self.folder / "published.jsonl"]
        self.add_service("publisher", command, self.site_environment() | {"REVISION_FILE": ""})
        threading.Thread(target=self.watch_primary, daemon=True).start()
        threading.Thread(target=self.supervise, daemon=True).start()

    def add_service(self, name: str, command: list[object], env: dict[str, str] | None = None, **lent: object) -> None:
        self.services[name] = Service(name, command, self.folder / f"{name}.log", env or self.base, **lent)
        self.services[name].start()

    def supervise(self) -> None:
        """Start again what ended, as systemd would. A database that was given up is not."""
        ended: dict[str, float] = {}
        while not self.ending.wait(0.1):
            for name, service in list(self.services.items()):
                if service.is_alive() or not service.wanted or name == self.primary:
                    ended.pop(name, None)
                    continue
                if name not in ended:
                    service.end_group()
                if time.monotonic() - ended.setdefault(name, time.monotonic()) >= RESTART_SECONDS:
                    ended.pop(name)
                    service.start()

    def wait_for(self, is_so: Callable[[], bool], what: str, seconds: float = 60) -> None:
        until = time.monotonic() + seconds
        while not is_so():
            if time.monotonic() > until:
                raise RuntimeError(f"It did not come to pass that {what}.")
            time.sleep(0.1)

    def find_children(self, parent: int) -> list[int]:
        """The processes that this one started."""
        listed = Path(f"/proc/{parent}/task/{parent}/children")
        return [int(each) for each in listed.read_text().split()] if listed.exists() else []

    def stop(self) -> None:
        """End all that was started here."""
        self.ending.set()
        time.sleep(0.2)
        for service in self.services.values():
            service.wanted = False
            service.end_group()
