"""`make lock`: versions and hashes of every dependency, without the address of any package index.

It takes the newest versions that pyproject.toml allows. `python -m failure_lessons.local.lock keep` leaves what is
locked already as it is, and changes only what pyproject.toml has gained or lost.
"""

import re
import shutil
import sys
import tempfile
from pathlib import Path

from failure_lessons.local.install import DOCS_LOCK, INSTALL_FOLDER, INSTALLER_LOCK, PEERS_LOCK, RELEASE_LOCK, Uv

EXTRAS_BY_LOCK = {
    "requirements.lock": ["pyproject.toml"],  # production
    "requirements-local.lock": ["pyproject.toml", "--extra=local"],  # make run
    "requirements-dev.lock": ["pyproject.toml", "--extra=local", "--extra=test"],  # make check, make test
    INSTALLER_LOCK.name: ["--group=installer"],  # what installs the others
    RELEASE_LOCK.name: ["--group=release"],  # make release
    DOCS_LOCK.name: ["--group=docs"],  # make docs
    PEERS_LOCK.name: ["--group=peers"],  # make bench
}
OPTIONS = ["--quiet", "--universal", "--python-version=3.11", "--generate-hashes", "--no-header", "--no-annotate"]
OPTIONS += ["--no-emit-index-url", "--no-emit-find-links"]
FORBIDDEN = re.compile(r"https?://|file:|--(extra-)?index-url|--find-links|@ /")


def main(choice: str = "newest") -> None:
    """Write the lock files; refuse any that names a place."""
    uv = Uv()
    with tempfile.TemporaryDirectory() as folder:
        for name, sources in EXTRAS_BY_LOCK.items():
            made = Path(folder) / name
            if choice == "keep" and (INSTALL_FOLDER / name).exists():
                shutil.copyfile(INSTALL_FOLDER / name, made)  # uv keeps the versions that it finds where it is to write
            done = uv.run("pip", "compile", *OPTIONS, *uv.index_options, *sources, f"--output-file={made}")
            if done.returncode:
                sys.exit(f"Cannot lock: {done.stderr.strip()}")
            text = made.read_text()
            if found := FORBIDDEN.search(text):
                sys.exit(f"Cannot lock: {name} would name a place ({found[0]}).")
            (INSTALL_FOLDER / name).write_text(text)
            print(f"{name}: {text.count('==')} packages")


if __name__ == "__main__":
    main(*sys.argv[1:2])
