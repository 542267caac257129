"""`make run`: from a fresh checkout to a site in the browser. Each step prints its time."""

import fcntl
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from failure_lessons.local import postgres
from failure_lessons.local.postmaster import CannotStart

SITE_FOLDER = Path(__file__).resolve().parents[2]
MAIL_FOLDER = SITE_FOLDER / "var" / "mail"
DEMONSTRATION_DATABASE = "failure_lessons_demonstration"
EMPTY_DATABASE = "failure_lessons_empty"  # of EMPTY=1, which begins without our evidence
SECRET_KEY_FILE = SITE_FOLDER / "var" / "secret-key"
EMPTY_NOTICE = (
    "This repository is being filled by those who run it, who answer for what it says. Everything published here was "
    "written by one person and agreed by another."
)
USERS_FILE = SITE_FOLDER / "var" / "users.lock"  # of the database: each `make run` holds a share of its lock
RESTART_SECONDS = 10  # between two starts of one worker
WORKERS = (
    ["deliver_webhooks"],
    ["deliver_mail"],
    ["tend_intake"],
    ["build_downloads", "--watch=30"],
    ["publish_due", "--watch=15"],
    ["erase_expired", "--watch=3600"],
)


@contextmanager
def timed_step(name: str) -> Iterator[None]:
    """Print what is being done, and how long it took."""
    started = time.monotonic()
    print(f"{name} …", flush=True)
    yield
    print(f"  {time.monotonic() - started:.1f} s", flush=True)


def stop_running(sentence: str) -> None:
    """Stop with one clear sentence."""
    print(f"Cannot run: {sentence}", file=sys.stderr)
    raise SystemExit(1)


def choose_port() -> int:
    """The port asked for by PORT, if it is free."""
    text = os.environ.get("PORT", "8000")
    if not text.isdigit() or not 1 <= int(text) <= 65535:
        stop_running(f"PORT={text} is not a port; choose a number from 1024 to 65535.")
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", int(text)))
        except PermissionError:
            stop_running(f"port {text} needs more rights than you have; try make run PORT=8001.")
        except OSError:
            stop_running(f"port {text} is taken by another program; try make run PORT={int(text) + 1}.")
    return int(text)


def read_secret_key() -> str:
    """This checkout's own key, kept out of git and of other people's sight."""
    if not SECRET_KEY_FILE.is_file():
        SECRET_KEY_FILE.parent.mkdir(exist_ok=True)
        with os.fdopen(os.open(SECRET_KEY_FILE, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(48))
    return SECRET_KEY_FILE.read_text()


def hold_database() -> int:
    """An open file whose lock says that a site uses the database; waits for one that is stopping it, and says so."""
    USERS_FILE.parent.mkdir(exist_ok=True)
    held = os.open(USERS_FILE, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(held, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        print("  The last one is still stopping its database: waiting for that …", flush=True)
        fcntl.flock(held, fcntl.LOCK_SH)
    return held


def is_last_user(held: int) -> bool:
    """Whether no other site uses the database; then none begins to before this process has ended."""
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def run_manage(*arguments: str) -> str:
    """Run a management command, let it speak, and return what it said."""
    done = subprocess.run(
        [sys.executable, "manage.py", *arguments], cwd=SITE_FOLDER, text=True, stdout=subprocess.PIPE, check=False
    )
    if done.returncode:
        stop_running(f"manage.py {arguments[0]} did not succeed (see above).")
    if done.stdout.strip():
        print("\n".join(f"  {line}" for line in done.stdout.strip().splitlines()), flush=True)
    return done.stdout


def run_demonstration_program() -> str:
    """Fill the database of a demonstration, once; says how to sign in."""
    done = subprocess.run(
        [sys.executable, "-m", "bench.demonstration"], cwd=SITE_FOLDER, text=True, stdout=subprocess.PIPE, check=False
    )
    if done.returncode:
        stop_running("the demonstration could not be filled (see above).")
    return done.stdout.strip().splitlines()[-1]


def keep_files_apart(name: str) -> None:
    """What a site has of its own beside its database: nothing of it gets among what `make run` keeps."""
    folder = SITE_FOLDER / "var" / name
    folder.mkdir(parents=True, exist_ok=True)
    os.environ.setdefault("DOWNLOADS_DIR", str(folder / "downloads"))
    os.environ.setdefault("ERASURE_LOG", str(folder / "erasures.jsonl"))


def main() -> None:
    """Set up and serve until Ctrl-C; with DEMONSTRATION=1 a library of its own in which much is invented, with EMPTY=1
    one of its own that holds nothing."""
    number = choose_port()
    is_demonstration, is_empty = (os.environ.get(name) == "1" for name in ("DEMONSTRATION", "EMPTY"))
    if is_demonstration and is_empty:
        stop_running("EMPTY=1 is a site of your own, and a demonstration is filled: choose one.")
    os.environ.setdefault("DEBUG", "1")
    os.environ.setdefault("DEBUG_PAGES", "0")  # who looks at the site sees the pages of errors that readers see
    os.environ.setdefault("WEBHOOKS_TO_LOOPBACK", "1")  # a receiver may be tried on this machine; DEBUG=0 ignores it
    os.environ.setdefault("SECRET_KEY", read_secret_key())
    started_here = False
    if not os.environ.get("DATABASE_URL"):
        with timed_step("Starting PostgreSQL"):
            in_use = hold_database()
            was_running = postgres.server_status().running
            try:
                postgres.start_server()
            except CannotStart as error:
                stop_running(str(error))
            started_here = not was_running
        if is_demonstration or is_empty:
            name = DEMONSTRATION_DATABASE if is_demonstration else EMPTY_DATABASE
            os.environ["DATABASE_URL"] = postgres.make_database(name)
    if is_demonstration or is_empty:
        keep_files_apart("demonstration" if is_demonstration else "empty")
    if is_demonstration:
        os.environ.setdefault("REPOSITORY_DOMAIN", "invented-demonstration.invalid")
    if is_empty:
        os.environ.setdefault("SITE_NOTICE", EMPTY_NOTICE)  # ours is about the evidence that is left out
    with timed_step("Bringing the database up to date"):
        run_manage("migrate", "--verbosity=0")
    if os.environ["DEBUG"] == "0":
        with timed_step("Collecting the static files"):
            run_manage("collectstatic", "--noinput", "--verbosity=0")
    if is_demonstration:
        with timed_step("Inventing what a demonstration shows"):
            said = run_demonstration_program()
    else:
        if not is_empty:
            with timed_step("Loading the shipped evidence"):
                run_manage("load_evidence", "evidence", "--publish", "--if-empty")
        with timed_step("Looking for an administrator"):
            said = run_manage("make_administrator")
    address = f"http://127.0.0.1:{number}/"
    print(f"\nReady. The site:       {address}\n       The API:        {address}api/")
    print(f"       The workbench:  {address}admin/   ({said.strip()})\n")
    mail = f"server {host}" if (host := os.environ.get("EMAIL_HOST")) else f"files in {MAIL_FOLDER}/"
    print(f"       Mail:           {mail}")
    print("       A partner:      make token   (with TEST=1 nothing that it writes is kept)")
    print("       Ctrl-C stops it.\n", flush=True)
    serve_site(number)
    if started_here and is_last_user(in_use) and postgres.other_connections() == 0:
        postgres.stop_server()
        print("Stopped, the database too. Nothing is lost.")


class Workers:
    """What works in the background: each is started again when it ends, and that is said."""

    def __init__(self) -> None:
        self.running = {tuple(command): self.start(command) for command in WORKERS}
        self.started = dict.fromkeys(self.running, time.monotonic())

    def start(self, command: Sequence[str]) -> subprocess.Popen[bytes]:
        return subprocess.Popen([sys.executable, "manage.py", *command], cwd=SITE_FOLDER)

    def revive(self) -> None:
        """Start again whatever has ended, at most every ten seconds each."""
        for command, process in self.running.items():
            if process.poll() is not None and time.monotonic() - self.started[command] > RESTART_SECONDS:
                print(f"{command[0]} ended with status {process.returncode}; starting it again.", flush=True)
                self.started[command] = time.monotonic()
                self.running[command] = self.start(command)

    def stop(self) -> None:
        """Let each finish what it is doing."""
        for process in self.running.values():
            process.terminate()
        for process in self.running.values():
            process.wait()


def serve_site(number: int) -> None:
    """The web server, and beside it what works in the background, until Ctrl-C or a signal to stop."""
    workers = Workers()
    server = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "gunicorn",
            "failure_lessons.wsgi",
            f"--bind=127.0.0.1:{number}",
            "--config=deploy/gunicorn.conf.py",
        ],
        cwd=SITE_FOLDER,
    )
    signal.signal(signal.SIGTERM, lambda *_: server.terminate())
    while True:
        try:
            code = server.wait(timeout=1)
        except subprocess.TimeoutExpired:
            workers.revive()
            continue
        except KeyboardInterrupt:
            continue  # the server has had it too, and is finishing
        break
    workers.stop()
    if code not in (0, -signal.SIGINT, -signal.SIGTERM):
        stop_running(f"the web server stopped with status {code} (see above).")


if __name__ == "__main__":
    main()
