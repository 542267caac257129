"""The commands of docs/deploy.md on a bare Debian: the site behind Caddy with TLS, its workers, a backup, its figures.

Needs root, `mmdebstrap` and a Debian mirror. systemd is not there: `systemd-analyze` checks the units, and each is
started by hand as its unit says. The address `lessons.example.org` lives in a network namespace of its own.
"""

import os
import re
import shutil
import subprocess
import time
from pathlib import Path

import pytest
from django.core.management import get_commands

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "deploy.md"
UNITS = sorted((ROOT / "deploy" / "systemd").glob("*.service"))
NEEDED = ("mmdebstrap", "systemd-analyze", "unshare", "nginx")
POSSIBLE = os.geteuid() == 0 and all(map(shutil.which, NEEDED))
MOST_COMMANDS = 15

pytestmark = pytest.mark.timeout(1800)


def commands():
    """The commands of the guide, in order."""
    block = re.search(r"## Set up.*?```sh\n(.*?)```", PAGE.read_text(), re.DOTALL)[1]
    return [line for line in block.splitlines() if line.strip()]


def test_the_guide_is_short_and_names_files_that_are_there():
    assert 10 <= len(commands()) <= MOST_COMMANDS
    for name in re.findall(r"`?(deploy/[\w./-]+\w)", PAGE.read_text()):
        assert (ROOT / name).exists(), name


def test_units_start_commands_that_there_are():
    there = get_commands()
    for unit in UNITS:
        command = re.search(r"^ExecStart=(.*)$", unit.read_text(), re.MULTILINE)[1].split()
        if command[1] == "manage.py":
            assert command[2] in there, unit.name


class Machine:
    """A bare Debian in a folder."""

    def __init__(self, folder):
        self.folder, self.processes = folder, []
        self.home = folder / "opt/failure-lessons"

    def run(self, command, *, cwd="/srv/release", check=True, **more):
        return subprocess.run(
            ["chroot", self.folder, "bash", "-euc", f"cd {cwd}; {command}"],
            env={"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/srv", **WHEELS},
            check=check,
            **more,
        )

    def start(self, unit):
        """Start a unit as it says: its account, its environment, its folders."""
        text = unit.read_text()
        command = re.search(r"^ExecStart=(.*)$", text, re.MULTILINE)[1]
        for kind, base in (("RuntimeDirectory", "run"), ("StateDirectory", "var/lib"), ("LogsDirectory", "var/log")):
            for name in re.findall(rf"^{kind}=(.*)$", text, re.MULTILINE):
                self.run(f"install -d -o failure-lessons -g failure-lessons -m 755 /{base}/{name}")
        given = "".join(f"export {each}; " for each in re.findall(r"^Environment=(.*)$", text, re.MULTILINE))
        before = "".join(f"{each}; " for each in re.findall(r"^ExecStartPre=(.*)$", text, re.MULTILINE))
        script = f"umask 0007; {given}{before}{READ_ENVIRONMENT} exec {command}"
        self.processes.append(
            subprocess.Popen(
                [
                    *("chroot", self.folder, "setpriv", "--reuid=failure-lessons", "--regid=failure-lessons"),
                    *("--init-groups", "bash", "-euc", f"cd /opt/failure-lessons; {script}"),
                ],
                env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin"},
            )
        )

    def stop(self):
        for process in self.processes:
            process.terminate()
        for process in self.processes:
            process.wait(30)
        self.run("pg_ctlcluster --mode immediate $(ls /etc/postgresql) main stop", cwd="/", check=False)
        for name in ("proc", "dev"):
            subprocess.run(["umount", "--lazy", self.folder / name], check=False)


WHEELS = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": "/srv/wheels", "LANG": "C.UTF-8", "DEBIAN_FRONTEND": "noninteractive"}
READ_ENVIRONMENT = (
    "while IFS= read -r line; do case $line in ''|'#'*) ;; *=*) export \"${line%%=*}=${line#*=}\";; esac;"
    " done < /etc/failure-lessons/env;"
)


@pytest.fixture(scope="module")
def machine(tmp_path_factory):
    folder = tmp_path_factory.mktemp("machine")
    folder.chmod(0o755)
    subprocess.run(
        ["mmdebstrap", "--quiet", "--variant=apt", "--include=ca-certificates,adduser,curl,procps", "bookworm", folder],
        check=True,
    )
    machine = Machine(folder)
    for name in ("proc", "dev"):
        subprocess.run(["mount", "--rbind", f"/{name}", folder / name], check=True)
        subprocess.run(["mount", "--make-rslave", folder / name], check=True)
    release = folder / "srv/release"
    release.mkdir()
    archive = subprocess.run(["git", "archive", "HEAD"], cwd=ROOT, capture_output=True, check=True).stdout
    subprocess.run(["tar", "-x", "-C", release], input=archive, check=True)
    wheels = ("python3", "-m", "pip", "download", "-qqq", "--no-deps", "-d", folder / "srv/wheels")
    subprocess.run([*wheels, "--require-hashes", "-r", ROOT / "requirements.lock"], check=True)
    for each in re.findall(r"^(\S+==\S+) ; python_", (ROOT / "requirements.lock").read_text(), re.MULTILINE):
        subprocess.run([*wheels, each], check=False)  # what its Python wants and ours does not
    # what a machine that is not booted has to be told
    (folder / "usr/sbin/policy-rc.d").write_text("#!/bin/sh\nexit 101\n")
    (folder / "usr/sbin/policy-rc.d").chmod(0o755)
    (folder / "usr/local/bin/systemctl").write_text('#!/bin/sh\necho "$@" >> /srv/systemctl\n')
    (folder / "usr/local/bin/systemctl").chmod(0o755)
    yield machine
    machine.stop()


@pytest.mark.trials
@pytest.mark.skipif(not POSSIBLE, reason=f"needs root and {', '.join(NEEDED)}")
def test_the_commands_of_the_guide_make_a_site_that_serves(machine):
    for number, command in enumerate(commands()):
        where = "/srv/release" if number < 4 else "/opt/failure-lessons"
        machine.run(command, cwd=where)
        if "apt-get install" in command:
            machine.run("pg_conftool $(ls /etc/postgresql) main set listen_addresses ''", cwd="/")
            machine.run("pg_ctlcluster $(ls /etc/postgresql) main start", cwd="/")
        if "openssl rand" in command:
            machine.run("sed -i 's|^METRICS_TOKEN=.*|METRICS_TOKEN=watching|' /etc/failure-lessons/env", cwd="/")
    assert "enable --now failure-lessons-web" in (machine.folder / "srv/systemctl").read_text()
    said = machine.run(
        "deploy/manage check --deploy --fail-level WARNING", cwd="/opt/failure-lessons", capture_output=True, text=True
    )
    assert not re.search(r"^(WARNINGS|ERRORS|CRITICALS):", said.stdout + said.stderr, re.MULTILINE)  # advice may stand
    checked = subprocess.run(["systemd-analyze", "verify", *UNITS], capture_output=True, text=True, check=False)
    faults = [
        line for line in checked.stderr.splitlines() if "failure-lessons" in line and "not executable" not in line
    ]
    assert not faults  # their programs are in the other machine
    for unit in UNITS:
        if "Type=oneshot" not in unit.read_text():
            machine.start(unit)
    site = machine.folder / "opt/failure-lessons"
    assert site.is_dir()
    answers = ask_through_caddy(machine)
    assert answers["https://lessons.example.org/"] == "200", (machine.folder / "srv/caddy.log").read_text()[-3000:]
    assert answers["https://lessons.example.org/readyz"] == "200"
    assert answers["https://lessons.example.org/api/v1/recommendations/"] == "200"
    assert answers["https://lessons.example.org/metrics"] == "404"
    assert answers["http://lessons.example.org/"] == "308"
    assert answers["stylesheet"] == "200"
    assert answers["TRACE"] == "405"
    figures = (machine.folder / "srv/figures").read_text()
    assert re.search(r"^failure_lessons_revision [1-9]", figures, re.MULTILINE)
    for worker in ("deliver_mail", "tend_intake", "deliver_webhooks", "build_downloads"):
        assert f'failure_lessons_worker_alive{{worker="{worker}"}} 1.0' in figures
    backup = machine.run(
        "install -d -o failure-lessons /var/backups/failure-lessons; deploy/manage backup /var/backups/failure-lessons",
        cwd="/opt/failure-lessons",
        capture_output=True,
        text=True,
    )
    assert ".tar (" in backup.stdout
    checked = subprocess.run(
        ["nginx", "-t", "-c", nginx_settings(machine)], capture_output=True, text=True, check=False
    )
    assert "test is successful" in checked.stderr, checked.stderr


def ask_through_caddy(machine):
    """What Caddy answers, with a certificate of its own authority: the status of each address."""
    settings = machine.folder / "etc/caddy/Caddyfile"
    settings.write_text(settings.read_text().replace("\tencode gzip", "\ttls internal\n\tencode gzip"))
    time.sleep(20)  # until each worker has given a sign
    script = """
        ip link set lo up 2>/dev/null || python3 -c "
import fcntl, socket, struct
s = socket.socket(); fcntl.ioctl(s, 0x8914, struct.pack('16sh', b'lo', 0x1 | 0x40))"
        export XDG_DATA_HOME=/srv/caddy
        caddy run --config /etc/caddy/Caddyfile 2>/srv/caddy.log &
        for each in $(seq 60); do test -f /srv/caddy/caddy/pki/authorities/local/root.crt && break; sleep 0.5; done
        ask() { curl -s --cacert /srv/caddy/caddy/pki/authorities/local/root.crt --resolve lessons.example.org:443:127.0.0.1 \
            --resolve lessons.example.org:80:127.0.0.1 "$@"; }
        for each in $(seq 120); do ask -f -o /dev/null https://lessons.example.org/healthz && break; sleep 0.5; done
        for address in https://lessons.example.org/ https://lessons.example.org/readyz http://lessons.example.org/ \
            https://lessons.example.org/api/v1/recommendations/ https://lessons.example.org/metrics; do
            echo "$address $(ask -o /dev/null -w '%{http_code}' $address)"
        done
        sheet=$(ask https://lessons.example.org/ | grep -o '/static/failure_lessons/site[^"]*css' | head -1)
        echo "stylesheet $(ask -o /dev/null -w '%{http_code}' https://lessons.example.org$sheet)"
        echo "TRACE $(ask -o /dev/null -w '%{http_code}' -X TRACE https://lessons.example.org/)"
        ask -H 'Authorization: Bearer watching' https://lessons.example.org/metrics > /srv/figures
        kill %1
    """
    done = subprocess.run(
        ["unshare", "--net", "chroot", machine.folder, "bash", "-c", script], capture_output=True, text=True, check=True
    )
    return dict(line.split(" ", 1) for line in done.stdout.splitlines() if " " in line)


def nginx_settings(machine):
    """The example of nginx within a file of settings, with a certificate, for this machine's own nginx to check."""
    folder = machine.folder / "srv/nginx"
    folder.mkdir()
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "ed25519", "-nodes", "-subj", "/CN=lessons.example.org"),
            *("-keyout", folder / "key.pem", "-out", folder / "fullchain.pem"),
        ],
        check=True,
        capture_output=True,
    )
    text = (ROOT / "deploy/nginx.conf").read_text().replace("/etc/ssl/failure-lessons", str(folder))
    path = folder / "nginx.conf"
    path.write_text(f"pid {folder}/pid;\nerror_log {folder}/log;\nevents {{}}\nhttp {{\naccess_log off;\n{text}\n}}\n")
    return path
