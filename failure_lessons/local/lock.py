"""`make lock`: versions and hashes of every dependency, without the address of any package index."""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LOCKS = {
    "requirements.lock": [],  # production
    "requirements-local.lock": ["--extra=local"],  # make run
    "requirements-dev.lock": ["--extra=local", "--extra=test"],  # make check, make test
}
FORBIDDEN = re.compile(r"https?://|file:|--(extra-)?index-url|--find-links|@ /")


def main() -> None:
    """Write the lock files; refuse any that names a place."""
    for name, extras in LOCKS.items():
        command = [
            sys.executable,
            "-m",
            "uv",
            "pip",
            "compile",
            "--quiet",
            "--universal",
            "--python-version=3.11",
            "--generate-hashes",
            "--no-header",
            "--no-annotate",
            "--no-emit-index-url",
            "--no-emit-find-links",
            "--upgrade",
            *extras,
            "pyproject.toml",
        ]
        done = subprocess.run(command, cwd=ROOT, text=True, capture_output=True, check=False)
        if done.returncode:
            sys.exit(f"Cannot lock: {done.stderr.strip()}")
        if found := FORBIDDEN.search(done.stdout):
            sys.exit(f"Cannot lock: {name} would name a place ({found[0]}).")
        (ROOT / name).write_text(done.stdout)
        print(f"{name}: {done.stdout.count('==')} packages")


if __name__ == "__main__":
    main()
