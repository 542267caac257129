"""Make the virtual environment `.venv` hold what the lock says and nothing else; again when the lock changes.

    install.py        what running the site takes
    install.py dev    what checking and testing take as well

Runs on the bare Python of a fresh machine, so it uses the standard library alone. pip brings uv, by hash; uv does the
rest, by hash as well, and from wheels only, so that nothing from outside runs while it is installed (decision 17).
"""

from __future__ import annotations

import ast
import fcntl
import hashlib
import os
import shutil
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

INSTALL_FOLDER = Path(__file__).resolve().parents[2]
VENV = INSTALL_FOLDER / ".venv"
STAMP = VENV / "installed.sha256"
INSTALLER = INSTALL_FOLDER / "var" / "installer"  # pip and uv, apart from what they install
INSTALLER_STAMP = INSTALLER / "installed.sha256"
INSTALLER_LOCK = INSTALL_FOLDER / "requirements-installer.lock"
RELEASE_LOCK = INSTALL_FOLDER / "requirements-release.lock"
DOCS_LOCK = INSTALL_FOLDER / "requirements-docs.lock"
PEERS_LOCK = INSTALL_FOLDER / "requirements-peers.lock"
LOCK_FILES = {"local": INSTALL_FOLDER / "requirements-local.lock", "dev": INSTALL_FOLDER / "requirements-dev.lock"}
NEEDS_INDEX = "(the first installation needs a connection to a package index)"

# pip's options, and the variables in which uv and what it is made of look for the same
PASSED_ON = {
    "index-url": ["UV_DEFAULT_INDEX"],
    "extra-index-url": ["UV_INDEX"],
    "find-links": ["UV_FIND_LINKS"],
    "trusted-host": ["UV_INSECURE_HOST"],
    "cert": ["SSL_CERT_FILE"],
    "client-cert": ["SSL_CLIENT_CERT"],
    "proxy": ["HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"],
    "timeout": ["UV_HTTP_TIMEOUT"],
    "default-timeout": ["UV_HTTP_TIMEOUT"],
    "keyring-provider": ["UV_KEYRING_PROVIDER"],
}
YES = {"1", "y", "yes", "t", "true", "on"}
SEPARATORS = {"extra-index-url": " ", "find-links": ",", "trusted-host": " "}  # of options that may hold several
# variables that would undo our options
REFUSED = ("UV_NO_VERIFY_HASHES", "UV_SYSTEM_PYTHON", "UV_TARGET", "UV_PREFIX", "UV_NO_BINARY")


def stop_installing(sentence: str) -> None:
    """Stop with one clear sentence."""
    print(f"Cannot install: {sentence}", file=sys.stderr)
    raise SystemExit(1)


def environment_fingerprint(lock: Path) -> str:
    """What an environment should hold: a lock and the Python it is for."""
    return hashlib.sha256(lock.read_bytes() + sys.version.encode()).hexdigest()


def is_installed(purpose: str) -> bool:
    """Whether the environment holds what this purpose takes; what testing takes is enough for running."""
    enough = {environment_fingerprint(LOCK_FILES[purpose]), environment_fingerprint(LOCK_FILES["dev"])}
    return (VENV / "bin" / "python").exists() and STAMP.is_file() and STAMP.read_text() in enough


@contextmanager
def lock_checkout() -> Iterator[None]:
    """One installation at a time; the kernel lets go when the holder dies, however it dies."""
    folder = INSTALL_FOLDER / "var"
    if not folder.exists():
        folder.mkdir()
        folder.chmod(0o755)  # PostgreSQL's account has to pass through, whatever the umask
    handle = os.open(folder / "installer.lock", os.O_RDONLY | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def prepare_uv() -> Path:
    """The uv of the lock. pip puts it into a small environment of its own, once."""
    uv = INSTALLER / "bin" / "uv"
    wanted = environment_fingerprint(INSTALLER_LOCK)
    if uv.exists() and INSTALLER_STAMP.is_file() and INSTALLER_STAMP.read_text() == wanted:
        return uv
    # asked of a process of its own: on Debian `import venv` works where making one does not
    if subprocess.run([sys.executable, "-c", "import venv, ensurepip"], capture_output=True, check=False).returncode:
        stop_installing("this Python has no venv. On Debian: apt-get install python3-venv")
    shutil.rmtree(INSTALLER, ignore_errors=True)
    made = subprocess.run([sys.executable, "-m", "venv", str(INSTALLER)], capture_output=True, text=True, check=False)
    if made.returncode:
        stop_installing(f"the virtual environment could not be made: {last_line(made.stderr or made.stdout)}")
    pip = [str(INSTALLER / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    wishes = ["--require-hashes", "--only-binary=:all:", "--requirement", str(INSTALLER_LOCK)]
    done = subprocess.run([*pip, *wishes], text=True, stderr=subprocess.PIPE, check=False)
    if done.returncode:
        errors = [line for line in done.stderr.splitlines() if line.startswith("ERROR")]
        stop_installing(f"{errors[-1] if errors else 'pip failed'} {NEEDS_INDEX}")
    INSTALLER_STAMP.write_text(wanted)
    return uv


def read_pip_settings() -> dict[str, str]:
    """pip's options as this machine sets them, in whichever of pip's files and variables they stand."""
    command = [str(INSTALLER / "bin" / "python"), "-m", "pip", "config", "list"]
    lines = subprocess.run(command, text=True, capture_output=True, check=False).stdout.splitlines()
    settings = {}
    for section in ("global.", "install.", ":env:."):  # the later ones win, as they do for pip
        for line in lines:
            name, _, value = line.partition("=")
            if name.startswith(section):
                settings[name.removeprefix(section)] = str(ast.literal_eval(value))
    return {name: value for name, value in settings.items() if value.strip()}


def environment_for_uv(settings: dict[str, str]) -> dict[str, str]:
    """The variables uv runs with: it does not read pip's settings, so they are handed over, and written nowhere.

    What somebody set for uv itself stays.
    """
    environment = {name: value for name, value in os.environ.items() if name not in REFUSED}
    if "UV_INDEX_URL" in environment:  # an older name of the same
        settings = {name: value for name, value in settings.items() if name != "index-url"}
    for option, names in PASSED_ON.items():
        if option in settings:
            value = SEPARATORS[option].join(settings[option].split()) if option in SEPARATORS else settings[option]
            if option.endswith("timeout"):
                value = str(round(float(value)))
            for name in names:
                environment.setdefault(name, value)
    # pip looks for a release in all indexes, and so must uv. Which file is the right one, the hash says.
    environment.setdefault("UV_INDEX_STRATEGY", "unsafe-best-match")
    environment.setdefault("UV_NO_PROGRESS", "1")
    environment["UV_PYTHON_DOWNLOADS"] = "never"
    if "SSL_CERT_FILE" not in environment and ssl.get_default_verify_paths().cafile:
        environment.setdefault("UV_SYSTEM_CERTS", "1")  # a certificate of one's own organisation may stand there
    return environment


def is_usable_cache(folder: Path) -> bool:
    """Whether packages may be kept there: root must not leave files in the home of somebody else."""
    nearest = next(each for each in (folder, *folder.parents) if os.path.exists(each))  # which never raises
    if os.geteuid() == 0 and nearest.stat().st_uid != 0:
        return False
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return False
    return os.access(folder, os.W_OK)


class Uv:
    """The locked uv, which asks the indexes that pip would ask on this machine."""

    def __init__(self) -> None:
        self.program = prepare_uv()
        settings = read_pip_settings()
        self.environment = environment_for_uv(settings)
        self.index_options = ["--no-index"] if settings.get("no-index", "").lower() in YES else []
        cache = self.run("cache", "dir")
        if cache.returncode or not is_usable_cache(Path(cache.stdout.strip())):
            self.environment["UV_NO_CACHE"] = "1"

    def run(self, *arguments: str, offline: bool = False) -> subprocess.CompletedProcess[str]:
        """Run one of uv's commands in the checkout, and keep what it says."""
        environment = self.environment | ({"UV_OFFLINE": "1"} if offline else {})
        command = [str(self.program), *arguments]
        return subprocess.run(command, cwd=INSTALL_FOLDER, env=environment, text=True, capture_output=True, check=False)


def make_environment(uv: Uv) -> None:
    """An empty virtual environment, in place of one that is broken, half made, or for another Python."""
    python = VENV / "bin" / "python"
    if STAMP.is_file() and python.exists():
        question = [str(python), "-c", "import sys; print(end=sys.version)"]
        if subprocess.run(question, text=True, capture_output=True, check=False).stdout == sys.version:
            return
    base = getattr(sys, "_base_executable", sys.executable)  # our own may be in the folder that is cleared now
    made = uv.run("venv", "--quiet", "--no-project", "--clear", "--force", "--python", base, str(VENV))
    if made.returncode:
        stop_installing(f"the virtual environment could not be made: {last_line(made.stderr)}")


def fill_environment(uv: Uv, purpose: str) -> None:
    """What the lock says, and nothing else, into the environment; the index is asked only for what the cache lacks.

    For running it is compiled: where Python may not keep what it compiled, each start would do it again. Of what
    testing takes, a third is ever imported, and the tests keep that part compiled themselves.
    """
    lock = LOCK_FILES[purpose]
    command = ["pip", "sync", "--quiet", f"--python={VENV}/bin/python", "--require-hashes", "--no-build"]
    command += ["--compile-bytecode"] if purpose == "local" else []
    command += ["--link-mode=copy"]  # a link would let an edited file reach every other environment of this machine
    command += [*uv.index_options, str(lock)]
    if uv.run(*command, offline=True).returncode:
        done = uv.run(*command)
        if done.returncode:
            print(done.stderr.rstrip(), file=sys.stderr)
            stop_installing(f"uv could not install what {lock.name} says {NEEDS_INDEX}")


def main(purpose: str = "local") -> None:
    """Install what is missing for a purpose: `local` or `dev`."""
    if sys.version_info < (3, 11):  # noqa: UP036  # this file is what an older Python meets first
        stop_installing(
            f"Python 3.11 or newer is needed, this is {sys.version.split()[0]}: try make PYTHON=python3.12."
        )
    if not os.access(INSTALL_FOLDER, os.W_OK):
        stop_installing(f"the folder {INSTALL_FOLDER} cannot be written to; work in a copy of your own.")
    if is_installed(purpose):
        return
    with lock_checkout():
        if is_installed(purpose):  # somebody else did it while we waited
            return
        started = time.monotonic()
        print("Installing the dependencies (once) …", flush=True)
        uv = Uv()
        make_environment(uv)
        STAMP.unlink(missing_ok=True)  # whoever is killed from here on leaves an environment that is made anew
        fill_environment(uv, purpose)
        STAMP.write_text(environment_fingerprint(LOCK_FILES[purpose]))
        print(f"Installed in {time.monotonic() - started:.1f} s.")


def last_line(text: str) -> str:
    """What a program said at the end."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1] if lines else "no reason given"


if __name__ == "__main__":
    main(*sys.argv[1:2])
