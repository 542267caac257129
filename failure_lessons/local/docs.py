"""`make docs`: the documents as pages in var/docs (OUT=…), which need no network: words, search and all.

Sphinx and its reader of Markdown stand in an environment of their own (requirements-docs.lock), made once. A link that
leads nowhere, and a document that no list names, stop it.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from pathlib import Path

from failure_lessons.local.install import DOCS_LOCK, INSTALL_FOLDER
from failure_lessons.local.release import CannotRelease, keep_tools, run_program

DOCUMENTS = INSTALL_FOLDER / "docs"


def build_docs(out: Path, documents: Path = DOCUMENTS) -> None:
    """Pages of these documents in a folder, made from nothing. Raises `CannotRelease` with what is wrong in them."""
    shutil.rmtree(out, ignore_errors=True)
    options = ("-b", "html", "-q", "-W", "--keep-going", "-n", "-j", "2", "-d", out / ".doctrees")
    with tempfile.TemporaryDirectory() as work:
        copy = shutil.copytree(documents, Path(work) / "docs")  # with the files that links name, in place of the links
        run_program(keep_tools(INSTALL_FOLDER / "var" / "docs-tools", DOCS_LOCK), "-m", "sphinx", *options, copy, out)
    shutil.rmtree(out / ".doctrees")


def main() -> int:
    """Build, and say where it begins."""
    out = Path(os.environ.get("OUT") or INSTALL_FOLDER / "var" / "docs")
    try:
        build_docs(out)
    except CannotRelease as refusal:
        print(f"No pages. {refusal}", file=sys.stderr)
        return 1
    print(f"Open {out / 'index.html'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
