"""The library a test run begins with, built once and kept: a template database, of which every run clones its own.

It is built anew when a migration, the evidence or code that loads and publishes has changed (`fingerprint`). Cloning
takes a third of a second. One lock serialises workers and runs. A template gets its name when it is complete and not
before: what a killed builder leaves behind is never used, and the next builder drops it.

    python -m tests.template_database NAME      # what a run starts to build one
"""

import hashlib
import io
import os
import subprocess
import sys
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import django
from django.core.management import call_command
from django.db import ProgrammingError, connection
from django.utils import timezone

from tests.quick_migrate import QuickMigrate

ROOT = Path(__file__).resolve().parent.parent
EVIDENCE = ROOT / "evidence"
PACKAGES = ("failure_lessons", "literature", "casestudies", "recommendations")
# Rooms and modules that only read the library, or that only people write through. A test sees to it that loading and
# publishing run nothing in them. What is not named here counts: a name too few costs a rebuild, one too many a stale
# template.
READS_ONLY = {
    "admin",
    "api",
    "charts",
    "downloads",
    "exports",
    "feeds",
    "local",
    "pages",
    "preview",
    "templatetags",
    "views",
}
OURS = connection.settings_dict["NAME"]  # of `make run`; the name of every other database extends it
LOCK = f"templates of {OURS}"
KEPT = 3  # templates: whoever goes to and fro between branches waits once for each


def is_watched(path):
    """Whether a change of this module of ours makes another template."""
    return "migrations" in path.parts or not READS_ONLY & {path.stem, *path.parts}


def watched_files():
    """Everything on which the content of the template rests."""
    modules = (path.relative_to(ROOT) for package in PACKAGES for path in (ROOT / package).rglob("*.py"))
    yield from (path for path in modules if is_watched(path))
    yield from (path.relative_to(ROOT) for path in EVIDENCE.rglob("*.json"))
    yield from (Path(__file__).relative_to(ROOT), Path("requirements-dev.lock"))


def fingerprint():
    """A short hash of all that, names included."""
    total = hashlib.sha256()
    for path in sorted(watched_files()):
        total.update(f"{path} ".encode() + hashlib.sha256((ROOT / path).read_bytes()).digest())
    return total.hexdigest()[:16]


class Server:
    """The database server, asked over a connection of its own. Names of databases are ours and hold no quotation mark."""

    def __init__(self, database="postgres"):
        self.connection = connection.copy()
        self.connection.settings_dict = {**self.connection.settings_dict, "NAME": database}

    def __enter__(self):
        self.ask("set lock_timeout = 0")  # while another worker builds the template, however slow the machine
        return self

    def __exit__(self, *_):
        self.connection.close()

    def ask(self, sql, *values):
        with self.connection.cursor() as cursor:
            cursor.execute(sql, values)
            return cursor.fetchall() if cursor.description else []

    def copy_out(self, sql, *values):
        """What a question finds, as PostgreSQL copies it."""
        with self.connection.cursor() as cursor:
            found = io.BytesIO()
            cursor.copy_expert(f"copy ({cursor.mogrify(sql, values).decode()}) to stdout", found)
        found.seek(0)
        return found

    def copy_in(self, table, rows):
        """Add rows that were copied out of the same columns elsewhere."""
        with self.connection.cursor() as cursor:
            cursor.copy_expert(f"copy {table} from stdin", rows)

    @contextmanager
    def locked(self, name):
        """Alone under this name; the end of the process, however sudden, gives the lock back."""
        self.ask("select pg_advisory_lock(hashtext(%s))", name)
        try:
            yield
        finally:
            self.ask("select pg_advisory_unlock(hashtext(%s))", name)

    def is_reserved(self, name):
        """Reserve a name until the end of this connection; False when another run has it."""
        return self.ask("select pg_try_advisory_lock(hashtext(%s))", name)[0][0]

    def note_of(self, name):
        """The note on a database; None when there is no such database."""
        found = self.ask("select shobj_description(oid, 'pg_database') from pg_database where datname = %s", name)
        return (found[0][0] or "") if found else None

    def write_note(self, name, note):
        self.ask(f'comment on database "{name}" is %s', note)

    def find_names(self, prefix):
        """Databases whose name begins so, the one noted last first."""
        return [
            name
            for (name,) in self.ask(
                "select datname from pg_database where starts_with(datname, %s)"
                " order by shobj_description(oid, 'pg_database') desc nulls last",
                prefix,
            )
        ]

    def end_connections(self, name):
        """Whoever is still connected to a database is no longer."""
        self.ask("select pg_terminate_backend(pid, 10000) from pg_stat_activity where datname = %s", name)

    def drop(self, name):
        self.ask(f'drop database if exists "{name}" with (force)')


@contextmanager
def use_clone(*, reuse=False, anew=False, run=""):
    """Give this process a database of its own with the shipped library in it, and point the connection there.

    `reuse` takes the one of the last run as it was left, if it came from the same template, and leaves it again. `anew`
    builds the template though there is one: once for all workers of the same `run`.
    """
    first = connection.settings_dict["TEST"]["NAME"] or f"test_{OURS}"
    with Server() as server:
        names = (first if number == 1 else f"{first}_{number}" for number in count(1))
        name = next(name for name in names if server.is_reserved(name))
        with server.locked(LOCK):
            template = ensure_template(server, run=run if anew else None)
            if not (reuse and not anew and server.note_of(name) == template):
                clone_template(server, template, name)
        point_to(name)
        try:
            yield name
        finally:
            point_to(OURS)
            server.drop(f"{name}_own")
            if not reuse:
                server.drop(name)


def prepare_template(*, anew=False, run=""):
    """Build the template where there is none, or `anew` once for all workers of a run."""
    with Server() as server, server.locked(LOCK):
        ensure_template(server, run=run if anew else None)


@contextmanager
def use_separate_clone():
    """A second clone for tests that commit: nothing they leave behind meets another test.

    It is restored for the next who want it: another clone of 1,600 files would take ten times as long.
    """
    run = connection.settings_dict["NAME"]
    name = f"{run}_own"
    with Server() as server:
        if server.note_of(name) != server.note_of(run) or not restore_clone(run, name):
            with server.locked(LOCK):
                clone_template(server, server.note_of(run), name)
        point_to(name)
        try:
            yield name
        finally:
            point_to(run)
            server.end_connections(name)  # who ends has told the statistics what it changed


@contextmanager
def use_empty_database():
    """A database with nothing in it, for the time of a test that commits."""
    before = connection.settings_dict["NAME"]
    name = f"{before}_empty"
    with Server() as server:
        server.drop(name)
        server.ask(f'create database "{name}"')
        point_to(name)
        try:
            yield name
        finally:
            point_to(before)
            server.drop(name)


def point_to(name):
    """Let every connection of this process that is made from now on go to this database."""
    connection.close()
    connection.settings_dict["NAME"] = name


def clone_template(server, template, name):
    """A copy, noted with the name of what it was copied from."""
    server.drop(name)
    server.ask(f'create database "{name}" template "{template}"')
    server.ask(f'alter database "{name}" set synchronous_commit = off')  # nobody misses it after a power cut
    server.write_note(name, template)


# what there is in a database, and where its tables lie since they were last emptied as a whole
SHAPE = """select relname, relkind::text, oid::int from pg_class where relnamespace = 'public'::regnamespace
    union all select tgname, tgenabled::text, oid::int from pg_trigger
    union all select proname, prosrc, oid::int from pg_proc where pronamespace = 'public'::regnamespace order by 3, 1"""
PLACES = "select relname, relfilenode::int from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r'"
TOUCHED = "select relname from pg_stat_user_tables where n_tup_ins + n_tup_upd + n_tup_del > 0"
KEYS = """select relname, attname from pg_index join pg_class on pg_class.oid = indrelid
    join pg_attribute on attrelid = indrelid and attnum = indkey[0] where indisprimary"""
COLUMNS = """select relname, string_agg(quote_ident(attname), ', ' order by attnum) from pg_attribute
    join pg_class on pg_class.oid = attrelid where attnum > 0 and attgenerated = '' and not attisdropped
    and relnamespace = 'public'::regnamespace and relkind = 'r' group by relname"""


def restore_clone(original, name):
    """Give a clone the rows again that the original has; False if more than rows was changed, or we may not."""
    with Server(original) as pristine, Server(name) as clone:
        if pristine.ask(SHAPE) != clone.ask(SHAPE):
            return False
        emptied = {table for table, _ in set(clone.ask(PLACES)) - set(pristine.ask(PLACES))}
        keys, columns = dict(clone.ask(KEYS)), dict(clone.ask(COLUMNS))
        try:
            clone.ask("set session_replication_role = replica")  # no trigger, no check: the rows fit each other
        except ProgrammingError:
            return False
        for table in sorted(emptied | {table for (table,) in clone.ask(TOUCHED)}):
            rows = f'select "{keys[table]}"::text, md5(whole::text) from "{table}" whole'
            wanted, there = set(pristine.ask(rows)), set(clone.ask(rows))
            chosen = f'"{keys[table]}"::text = any(%s)'
            clone.ask(f'delete from "{table}" where {chosen}', [key for key, _ in there - wanted])
            lost = f'select {columns[table]} from "{table}" where {chosen}'
            clone.copy_in(f'"{table}" ({columns[table]})', pristine.copy_out(lost, [key for key, _ in wanted - there]))
        clone.ask("select pg_stat_reset()")
        return True


def ensure_template(server, *, run=None):
    """The name of the template that fits the code and the evidence, built where missing. Only under the lock.

    A template's note says when it was last used and, built on request, by which run: the oldest are dropped.
    """
    prefix = f"{OURS}_template_"
    template = f"{prefix}{fingerprint()}"
    note = server.note_of(template)
    if note is None or (run is not None and not note.endswith(f" {run}")):
        server.drop(template)
        for half in server.find_names(f"{OURS}_half_"):
            server.drop(half)
        build_elsewhere(template)
    elif run is None:
        run = note.partition(" ")[2]
    server.write_note(template, f"{timezone.now():%Y-%m-%dT%H:%M:%S} {run or ''}")
    for old in server.find_names(prefix)[KEPT:]:
        server.drop(old)
    return template


def build_elsewhere(template):
    """Build in a process of its own: measured by no coverage, disturbed by nothing a test has set."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.template_database", template],
        cwd=ROOT,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "failure_lessons.settings"},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(
            f"The library of the tests could not be built (run `make generate` if a column is missing):\n{done.stderr}"
        )


def build(template):
    """Migrate, load, publish; only a whole template gets the name."""
    half = f"{OURS}_half_{os.getpid()}"
    with Server() as server:
        server.ask(f'create database "{half}"')
        server.ask(f'alter database "{half}" set synchronous_commit = off')  # a half one is of no use to anybody
        point_to(half)
        call_command(QuickMigrate(), verbosity=0, interactive=False)
        call_command("load_evidence", str(EVIDENCE), publish=True, verbosity=0)
        with connection.cursor() as cursor:
            cursor.execute("vacuum analyze")
        connection.close()
        server.ask(f'alter database "{half}" with allow_connections false')  # cloning wants to be alone with it
        server.ask(f'alter database "{half}" rename to "{template}"')


if __name__ == "__main__":
    django.setup()
    build(sys.argv[1])
