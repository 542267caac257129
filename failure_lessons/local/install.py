"""Make the virtual environment `.venv` and install the locked dependencies: only what changed since last time.

    install.py        what running the site takes
    install.py dev    what checking and testing take as well

Runs on the bare Python of a fresh machine, so it uses the standard library alone.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
VENV = ROOT / ".venv"
LOCKS = {"local": ROOT / "requirements-local.lock", "dev": ROOT / "requirements-dev.lock"}
STAMP = VENV / "installed.sha256"


def fail(sentence: str) -> None:
    """Stop with one clear sentence."""
    print(f"Cannot install: {sentence}", file=sys.stderr)
    raise SystemExit(1)


def fingerprint(purpose: str) -> str:
    """What the environment should hold: a lock and the Python it is for."""
    return hashlib.sha256(LOCKS[purpose].read_bytes() + sys.version.encode()).hexdigest()


def installed(purpose: str) -> bool:
    """Whether the environment holds what this purpose takes; what testing takes is enough for running."""
    enough = {fingerprint(purpose), fingerprint("dev")}
    return (VENV / "bin" / "python").exists() and STAMP.is_file() and STAMP.read_text() in enough


def make_environment() -> None:
    """An empty virtual environment, in place of one that is broken or for another Python."""
    # asked of a process of its own: on Debian `import venv` works where making one does not
    if subprocess.run([sys.executable, "-c", "import venv, ensurepip"], capture_output=True, check=False).returncode:
        fail("this Python has no venv. On Debian: apt-get install python3-venv")
    if VENV.exists() and not (VENV / "bin" / "python").exists():
        shutil.rmtree(VENV, ignore_errors=True)
    if not VENV.exists():
        made = subprocess.run([sys.executable, "-m", "venv", str(VENV)], capture_output=True, text=True, check=False)
        if made.returncode:
            fail(f"the virtual environment could not be made: {(made.stderr or made.stdout).strip().splitlines()[-1]}")


def main(purpose: str = "local") -> None:
    """Install what is missing for a purpose: `local` or `dev`."""
    if sys.version_info < (3, 11):  # noqa: UP036  # this file is what an older Python meets first
        fail(f"Python 3.11 or newer is needed, this is {sys.version.split()[0]}: try make PYTHON=python3.12.")
    if not os.access(ROOT, os.W_OK):
        fail(f"the folder {ROOT} cannot be written to; work in a copy of your own.")
    if installed(purpose):
        return
    started = time.monotonic()
    print("Installing the dependencies (once) …", flush=True)
    make_environment()
    pip = [str(VENV / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    done = subprocess.run(
        [*pip, "--require-hashes", "--requirement", str(LOCKS[purpose])], text=True, stderr=subprocess.PIPE, check=False
    )
    if done.returncode:
        errors = [line for line in done.stderr.splitlines() if line.startswith("ERROR")]
        fail(
            (errors[-1] if errors else "pip failed") + " (the first installation needs a connection to a package index)"
        )
    STAMP.write_text(fingerprint(purpose))
    print(f"Installed in {time.monotonic() - started:.1f} s.")


if __name__ == "__main__":
    main(*sys.argv[1:2])
