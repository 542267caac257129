"""The installer: what the lock says and nothing else, by hash, from the index that pip would ask."""

import functools
import hashlib
import http.server
import io
import os
import shutil
import subprocess
import sys
import tarfile
import threading
import zipfile
from pathlib import Path

import pytest

from failure_lessons.local import install

WORD = "thornby"


def make_wheel(folder, version, code="", name=WORD):
    """A package of one module; its hash."""
    path = folder / f"{name}-{version}-py3-none-any.whl"
    about = f"{name}-{version}.dist-info"
    with zipfile.ZipFile(path, "w") as wheel:
        wheel.writestr(f"{name}.py", code or f"version = {version!r}\n")
        wheel.writestr(f"{about}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
        wheel.writestr(
            f"{about}/WHEEL", "Wheel-Version: 1.0\nGenerator: us\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        wheel.writestr(f"{about}/RECORD", f"{name}.py,,\n{about}/METADATA,,\n{about}/WHEEL,,\n{about}/RECORD,,\n")
    return hashlib.sha256(path.read_bytes()).hexdigest()


def make_source(folder, version, mark):
    """A package that is built while it is installed, and by being built does what its maker likes; its hash."""
    code = (
        f"open({str(mark)!r}, 'w').close()\nfrom setuptools import setup\nsetup(name={WORD!r}, version={version!r})\n"
    )
    path = folder / f"{WORD}-{version}.tar.gz"
    with tarfile.open(path, "w:gz") as archive:
        for name, text in {"setup.py": code, "PKG-INFO": f"Name: {WORD}\nVersion: {version}\n"}.items():
            entry = tarfile.TarInfo(f"{WORD}-{version}/{name}")
            entry.size = len(text)
            archive.addfile(entry, io.BytesIO(text.encode()))
    return hashlib.sha256(path.read_bytes()).hexdigest()


class Checkout:
    """A checkout with the installer, locks of its own, and a folder of packages that pip is told of."""

    def __init__(self, folder):
        self.root, self.packages = folder / "checkout", folder / "packages"
        for made in (self.root / "failure_lessons" / "local", self.root / "var", self.packages, folder / "home"):
            made.mkdir(parents=True)
        shutil.copy(install.__file__, self.root / "failure_lessons" / "local")
        shutil.copy(install.INSTALLER_LOCK, self.root)
        (self.root / "var" / "installer").symlink_to(install.prepare_uv().parents[1])
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("PIP_", "UV_"))}
        self.environment = kept | {
            "HOME": str(folder / "home"),
            "PIP_NO_INDEX": "1",
            "PIP_FIND_LINKS": str(self.packages),
        }
        self.lock({"1.0": make_wheel(self.packages, "1.0")})

    def lock(self, hashes, purpose="local"):
        """Ask for versions by their hashes, in the lock of a purpose."""
        lines = [f"{WORD}=={version} --hash=sha256:{digest}\n" for version, digest in hashes.items()]
        (self.root / f"requirements-{purpose}.lock").write_text("".join(lines))
        if not (self.root / "requirements-dev.lock").exists():
            (self.root / "requirements-dev.lock").write_text("# nothing yet\n")

    def command(self, purpose="local"):
        return [sys.executable, str(self.root / "failure_lessons" / "local" / "install.py"), purpose]

    def install(self, purpose="local"):
        return subprocess.run(self.command(purpose), env=self.environment, text=True, capture_output=True, timeout=120)

    @property
    def module(self):
        """Where the module lies once it is installed."""
        return next(self.root.glob(f".venv/lib/python3*/site-packages/{WORD}.py"), None)


@pytest.fixture
def checkout(tmp_path):
    return Checkout(tmp_path)


@pytest.mark.slow
def test_the_second_run_needs_nothing_and_says_nothing(checkout):
    first = checkout.install()
    assert first.returncode == 0, first.stderr
    assert "Installed in" in first.stdout
    assert checkout.module.read_text() == "version = '1.0'\n"
    assert list(checkout.module.parent.glob(f"__pycache__/{WORD}*.pyc"))  # compiled once, not at each start
    shutil.rmtree(checkout.packages)
    again = checkout.install()
    assert (again.returncode, again.stdout, again.stderr) == (0, "", "")


@pytest.fixture
def index(checkout):
    """The packages of a checkout as a package index that wants a name and a password; what was asked of it."""
    asked = []

    class Index(http.server.SimpleHTTPRequestHandler):
        def do_GET(self):
            asked.append((self.path, self.headers.get("Authorization")))
            if not self.headers.get("Authorization"):
                self.send_response(401)
                self.send_header("WWW-Authenticate", "Basic")
                self.end_headers()
            elif self.path.endswith("/"):
                links = "".join(f'<a href="/{path.name}">{path.name}</a>' for path in checkout.packages.iterdir())
                self.send_response(200)
                self.send_header("Content-Type", "text/html")
                self.end_headers()
                self.wfile.write(links.encode())
            else:
                super().do_GET()

        def log_message(self, *_):
            pass

    handler = functools.partial(Index, directory=checkout.packages)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=[0.05])
        thread.start()
        settings = checkout.root.parent / "pip.conf"
        settings.write_text(f"[global]\nindex-url = http://reader:secret@127.0.0.1:{server.server_port}/simple\n")
        del checkout.environment["PIP_NO_INDEX"], checkout.environment["PIP_FIND_LINKS"]
        checkout.environment["PIP_CONFIG_FILE"] = str(settings)
        yield asked
        server.shutdown()
        thread.join()


@pytest.mark.slow
def test_the_index_of_pip_is_asked_once_and_written_nowhere(checkout, index):
    done = checkout.install()
    assert done.returncode == 0, done.stderr
    assert next(path for path, user in index if user) == f"/simple/{WORD}/"
    for path in checkout.root.rglob("*"):
        if path.is_file() and not path.is_symlink():
            assert b"secret@" not in path.read_bytes(), path
    index.clear()
    shutil.rmtree(checkout.root / ".venv")
    assert checkout.install().returncode == 0
    assert checkout.module.exists()
    assert index == []  # the cache had all of it


@pytest.mark.slow
def test_no_password_of_an_index_is_shown(checkout, index):
    make_wheel(checkout.packages, "1.0", code="stolen = True\n")
    refused = checkout.install()
    assert "Hash mismatch" in refused.stderr
    assert "secret" not in refused.stderr + refused.stdout


@pytest.mark.slow
def test_a_package_with_another_hash_is_refused(checkout):
    make_wheel(checkout.packages, "1.0", code="stolen = True\n")
    refused = checkout.install()
    assert refused.returncode == 1
    assert "Hash mismatch" in refused.stderr
    assert refused.stderr.splitlines()[-1].startswith("Cannot install: uv could not install what")
    assert checkout.module is None
    assert not (checkout.root / ".venv" / "installed.sha256").exists()


@pytest.mark.slow
def test_a_package_without_a_hash_is_refused(checkout):
    (checkout.root / "requirements-local.lock").write_text(f"{WORD}==1.0\n")
    refused = checkout.install()
    assert refused.returncode == 1
    assert checkout.module is None


@pytest.mark.slow
@pytest.mark.parametrize("name", ["UV_NO_VERIFY_HASHES", "UV_SYSTEM_PYTHON"])
def test_no_variable_of_the_caller_takes_the_hashes_off(checkout, name):
    make_wheel(checkout.packages, "1.0", code="stolen = True\n")
    checkout.environment[name] = "1"
    assert checkout.install().returncode == 1
    assert checkout.module is None


@pytest.mark.slow
def test_nothing_from_outside_runs_while_it_is_installed(checkout, tmp_path):
    mark = tmp_path / "it-ran"
    checkout.lock({"2.0": make_source(checkout.packages, "2.0", mark)})
    refused = checkout.install()
    assert refused.returncode == 1
    assert not mark.exists()


@pytest.mark.slow
def test_an_installation_that_was_killed_is_begun_anew(checkout):
    checkout.install()
    whole = checkout.module.read_text()
    # what kill -9 leaves: a module cut off, a list of files that is not there, and no stamp
    checkout.module.write_text("vers")
    next(checkout.module.parent.glob("*.dist-info/RECORD")).unlink()
    (checkout.root / ".venv" / "installed.sha256").unlink()
    again = checkout.install()
    assert again.returncode == 0, again.stderr
    assert checkout.module.read_text() == whole


@pytest.mark.slow
@pytest.mark.parametrize("left", ["nothing but a folder", "an interpreter that is gone"])
def test_half_an_environment_is_replaced(checkout, left):
    folder = checkout.root / ".venv" / "bin"
    folder.mkdir(parents=True)
    if left != "nothing but a folder":
        (folder / "python").symlink_to("/nowhere/python3")
        (checkout.root / ".venv" / "installed.sha256").write_text("old")
    again = checkout.install()
    assert again.returncode == 0, again.stderr
    assert checkout.module.exists()


@pytest.mark.slow
def test_what_the_lock_has_lost_is_removed(checkout):
    extra = make_wheel(checkout.packages, "3.0", name="wilmslow")
    with (checkout.root / "requirements-local.lock").open("a") as lock:
        lock.write(f"wilmslow==3.0 --hash=sha256:{extra}\n")
    checkout.install()
    assert checkout.module.with_name("wilmslow.py").exists()
    checkout.lock({"1.1": make_wheel(checkout.packages, "1.1")})
    checkout.install()
    assert checkout.module.read_text() == "version = '1.1'\n"
    assert not checkout.module.with_name("wilmslow.py").exists()


@pytest.mark.slow
def test_an_edited_package_stays_in_its_own_environment(checkout):
    checkout.install()
    with checkout.module.open("a") as file:
        file.write("edited = True\n")
    shutil.rmtree(checkout.root / ".venv")
    checkout.install()
    assert "edited" not in checkout.module.read_text()


@pytest.mark.slow
def test_two_at_once_install_once(checkout):
    both = [
        subprocess.Popen(checkout.command(), env=checkout.environment, text=True, stdout=subprocess.PIPE)
        for _ in range(2)
    ]
    said = sorted(each.communicate(timeout=120)[0] for each in both)
    assert [each.returncode for each in both] == [0, 0]
    assert said[0] == ""
    assert "Installed in" in said[1]


@pytest.mark.slow
def test_testing_takes_enough_for_running(checkout):
    checkout.lock({"1.0": make_wheel(checkout.packages, "1.0")}, "dev")
    assert "Installed in" in checkout.install("dev").stdout
    assert checkout.install("local").stdout == ""


@pytest.mark.slow
def test_a_home_that_cannot_be_written_to_is_no_hindrance(checkout):
    checkout.environment["HOME"] = "/proc/nowhere"
    done = checkout.install()
    assert done.returncode == 0, done.stderr
    assert checkout.module.exists()


@pytest.mark.slow
def test_the_settings_of_pip_are_handed_to_uv(monkeypatch, tmp_path):
    settings = tmp_path / "pip.conf"
    settings.write_text(
        "[global]\nindex-url = http://reader:secret@index.invalid/simple\ntimeout = 7\nproxy = http://proxy.invalid\n"
        "extra-index-url = http://one.invalid/simple\n    http://two.invalid/simple\ntrusted-host = index.invalid\n"
        "[install]\ntimeout = 9\n"
    )
    for name in [name for name in os.environ if name.startswith(("PIP_", "UV_", "SSL_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PIP_CONFIG_FILE", str(settings))
    monkeypatch.setenv("PIP_CERT", "/etc/certificate.pem")
    monkeypatch.setenv("UV_INSECURE_HOST", "chosen.invalid")
    found = install.environment_for_uv(install.read_pip_settings())
    assert found["UV_DEFAULT_INDEX"] == "http://reader:secret@index.invalid/simple"
    assert found["UV_INDEX"] == "http://one.invalid/simple http://two.invalid/simple"
    assert found["UV_HTTP_TIMEOUT"] == "9"
    assert found["https_proxy"] == "http://proxy.invalid"
    assert found["SSL_CERT_FILE"] == "/etc/certificate.pem"
    assert found["UV_INSECURE_HOST"] == "chosen.invalid"  # set for uv itself


@pytest.mark.slow
def test_variables_of_pip_win_over_its_files(monkeypatch, tmp_path):
    settings = tmp_path / "pip.conf"
    settings.write_text("[global]\nindex-url = http://file.invalid/simple\n")
    monkeypatch.setenv("PIP_CONFIG_FILE", str(settings))
    monkeypatch.setenv("PIP_INDEX_URL", "http://variable.invalid/simple")
    for name in ("UV_DEFAULT_INDEX", "UV_INDEX_URL"):
        monkeypatch.delenv(name, raising=False)
    assert (
        install.environment_for_uv(install.read_pip_settings())["UV_DEFAULT_INDEX"] == "http://variable.invalid/simple"
    )
    monkeypatch.setenv("UV_INDEX_URL", "http://chosen.invalid/simple")
    assert "UV_DEFAULT_INDEX" not in install.environment_for_uv(install.read_pip_settings())


@pytest.mark.slow
@pytest.mark.skipif(os.geteuid() != 0, reason="only root can write in the home of somebody else")
def test_root_leaves_no_cache_in_the_home_of_another(checkout):
    home = Path(checkout.environment["HOME"])
    os.chown(home, 65534, 65534)
    done = checkout.install()
    assert done.returncode == 0, done.stderr
    assert list(home.iterdir()) == []
