"""`make drill`: two web nodes behind a balancer, a pool, a primary and its standby. Publish and read, and kill.

First the primary dies and the standby takes over. Then, at KILLS=20 random moments (SEED=1), any one process gets
kill -9. Everything is asked meanwhile, and at the end the history is verified and each publication looked up that the
site had said was done. The figures go to the screen and into OUT=var/drill.json; what broke a rule makes it end with 1.
"""

from __future__ import annotations

import http.client
import json
import os
import random
import shutil
import signal
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from bench.drill_cluster import ROOT, Cluster, find_missing_programs

READERS = 6
READER_PAUSE = 0.05  # seconds between two questions of one reader: about a hundred a second altogether
NODES = ("web1", "web2")
HEAD_ADDRESS = "/api/v1/changes/?limit=1"
MOST_SECONDS_UNSERVED = 10.0  # promised: longer than this after one kill no reader's question fails
MOST_SECONDS_UNWRITTEN = 20.0  # promised: nor does publishing wait
KEPT_AND_OFTEN = (
    "/",
    "/recommendations/",
    "/lessons/",
    "/evidence-map/",
    "/case-studies/",
    "/recommendations/?phase=identification",
    "/api/v1/recommendations/",
    "/api/v1/lessons/",
    "/api/v1/case-studies/",
    "/api/v1/themes/?limit=5",
    "/api/v1/recommendations/?phase=management",
)
WORDS = ("failure", "warning", "trust", "prison", "school", "inspection", "money", "board", "recovery", "closure")


@dataclass(frozen=True)
class Asked:
    """One question of a reader: when (the steady clock), how long it took, and the status; 0 without an answer."""

    at: float
    seconds: float
    status: int
    address: str

    @property
    def is_failure(self) -> bool:
        return self.status == 0 or self.status >= 500


def ask_address(port: int, address: str, timeout: float = 30) -> tuple[int, bytes]:
    """The status and the body; 0 when there is no answer."""
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)
    try:
        line.request("GET", address, headers={"Host": "127.0.0.1"})
        answer = line.getresponse()
        return answer.status, answer.read()
    except (OSError, http.client.HTTPException):
        return 0, b""
    finally:
        line.close()


class Observers:
    """Readers at the balancer, and somebody beside each node who looks which revision it serves."""

    def __init__(self, cluster: Cluster, seed: int) -> None:
        self.cluster, self.seed = cluster, seed
        self.asked: list[Asked] = []
        self.revisions: dict[str, list[tuple[float, int]]] = {node: [] for node in NODES}
        self.lives: dict[str, list[tuple[float, float]]] = {node: [] for node in NODES}
        self.threads = [threading.Thread(target=self.read, args=[number], daemon=True) for number in range(READERS)]
        self.threads += [threading.Thread(target=self.watch_node, args=[node], daemon=True) for node in NODES]
        for thread in self.threads:
            thread.start()

    def read(self, number: int) -> None:
        chance = random.Random(f"{self.seed} {number}")
        while not self.cluster.ending.is_set():
            rare = f"/search/?q={chance.choice(WORDS)}+{chance.choice(WORDS)}+{chance.randrange(10**6)}"
            address = rare if chance.random() < 0.2 else chance.choice(KEPT_AND_OFTEN)
            started = time.monotonic()
            status, _ = ask_address(self.cluster.ports["balancer"], address)
            self.asked.append(Asked(started, time.monotonic() - started, status, address))
            time.sleep(READER_PAUSE)

    def watch_node(self, node: str) -> None:
        port = self.cluster.ports[node]
        while not self.cluster.ending.is_set():
            started = time.monotonic()
            status, body = ask_address(port, HEAD_ADDRESS)
            if status == 200:
                self.revisions[node].append((started, json.loads(body)["head"]["number"]))
            started = time.monotonic()
            if ask_address(port, "/healthz")[0] == 200:
                self.lives[node].append((started, time.monotonic() - started))
            time.sleep(0.2)

    def find_steps_back(self) -> list[str]:
        """Every time that a node served an older revision than before."""
        return [
            f"{node}: {before}, then {after}"
            for node, seen in self.revisions.items()
            for (_, before), (_, after) in pairwise(seen)
            if after < before
        ]


def read_published(path: Path) -> list[dict[str, object]]:
    """What the publisher wrote down; a line that was cut off by a kill said nothing yet."""
    lines = path.read_text().splitlines() if path.exists() else []
    found = []
    for line in lines:
        try:
            found.append(json.loads(line))
        except ValueError:
            continue
    return found


def pick_victims(chance: random.Random, number: int) -> list[str]:
    """Which processes die, one after another: each kind at least once where there are enough kills."""
    kinds = [
        "primary",
        "standby",
        "pgbouncer",
        "balancer",
        "web1",
        "web2",
        "worker of web1",
        "worker of web2",
        "backend of the primary",
        "publisher",
    ]
    chosen = [*kinds, *chance.choices(kinds, k=max(0, number - len(kinds)))]
    chance.shuffle(chosen)
    return chosen[:number]


def kill_one(cluster: Cluster, victim: str, chance: random.Random) -> None:
    """kill -9 of one process."""
    kind, _, owner = victim.partition(" of ")
    if not owner:
        name = {"primary": cluster.primary, "standby": cluster.standby}.get(kind, kind)
        cluster.services[name].kill_hard()
        return
    parent = cluster.services[cluster.primary if owner == "the primary" else owner].pid
    if children := cluster.find_children(parent):
        os.kill(chance.choice(children), signal.SIGKILL)


@dataclass
class Outage:
    """What one kill did to readers and to whoever publishes."""

    victim: str
    at: float
    unserved: float = 0.0  # seconds from the kill until no question failed any more
    failures: int = 0
    answered: int = 0  # questions answered between the kill and the next publication
    unwritten: float = 0.0  # seconds from the kill to the next publication that was done

    def measure(self, asked: list[Asked], written: list[float]) -> None:
        """Fill in the figures."""
        after = [each for each in asked if each.at >= self.at - each.seconds]
        failed = [each for each in after if each.is_failure]
        self.failures = len(failed)
        self.unserved = max((each.at + each.seconds - self.at for each in failed), default=0.0)
        self.unwritten = min((each for each in written if each > self.at), default=time.monotonic()) - self.at
        self.answered = sum(not each.is_failure for each in after if each.at <= self.at + self.unwritten)


def wait_until_well(cluster: Cluster, written_before: int) -> None:
    """Until everything runs, the standby is in step, publishing goes on and both nodes are ready."""
    path = cluster.folder / "published.jsonl"
    time.sleep(2.5)  # until the watcher of the primary has noticed what there was to notice
    cluster.wait_for(lambda: not cluster.failing_over.is_set() and cluster.is_in_step(), "the standby is in step", 120)
    for node in (*NODES, "balancer"):
        cluster.wait_for(
            lambda node=node: ask_address(cluster.ports[node], "/readyz", 5)[0] == 200, f"{node} is ready", 90
        )
    cluster.wait_for(
        lambda: sum("revision" in each for each in read_published(path)) >= written_before + 3, "publishing goes on", 90
    )


def find_lost(cluster: Cluster, published: list[dict[str, object]]) -> list[str]:
    """Publications that the site had said were done, and that are not there word for word."""
    rows = cluster.ask(cluster.primary, "select revision, sha256 from publishing_edition")
    there = {(revision, sha256) for revision, sha256 in rows}
    done = [each for each in published if "revision" in each]
    return [f"revision {each['revision']}" for each in done if (each["revision"], each["sha256"]) not in there]


def run_drill(folder: Path, kills: int, seed: int, say=print) -> dict[str, object]:
    """The whole drill; gives its figures. `faults` is empty when every promise was kept."""
    began = time.monotonic()
    cluster = Cluster(folder, lambda words: say(f"{time.monotonic() - began:7.1f} s  {words}", flush=True))
    chance = random.Random(seed)
    path = folder / "published.jsonl"
    outages: list[Outage] = []
    try:
        cluster.say("starting")
        cluster.start()
        observers = Observers(cluster, seed)
        wait_until_well(cluster, 0)
        cluster.say("everything runs; readers read, somebody publishes")
        time.sleep(5)
        for victim in ["primary", *pick_victims(chance, kills)]:
            time.sleep(chance.uniform(0.5, 3))
            before = sum("revision" in each for each in read_published(path))
            asked_before = len(observers.asked)
            outage = Outage(victim, time.monotonic())
            cluster.say(f"kill -9: {victim}")
            kill_one(cluster, victim, chance)
            wait_until_well(cluster, before)
            time.sleep(1)
            written = [each["at"] for each in read_published(path) if "revision" in each]
            outage.measure(observers.asked[max(0, asked_before - READERS) :], written)
            cluster.say(
                f"  readers: {outage.answered} answered, {outage.failures} failed, the last {outage.unserved:.1f} s after;"
                f" publishing again after {outage.unwritten:.1f} s"
            )
            outages.append(outage)
        cluster.services["publisher"].kill_hard(wanted=False)
        published = read_published(path)
        lost = find_lost(cluster, published)
        said = cluster.run_manage("verify_history")
        cluster.say(said.strip().splitlines()[0])
        steps_back = observers.find_steps_back()
        first = outages[0]
        lives = [seconds for each in observers.lives.values() for _, seconds in each]
        figures: dict[str, object] = {
            "kills": len(outages),
            "failovers": cluster.failovers,
            "published": sum("revision" in each for each in published),
            "refused publications": sum("failed" in each for each in published),
            "questions": len(observers.asked),
            "failed questions": sum(each.is_failure for each in observers.asked),
            "first failover, seconds without writing": round(first.unwritten, 2),
            "first failover, questions answered meanwhile": first.answered,
            "first failover, questions failed": first.failures,
            "first failover, seconds until the last failed": round(first.unserved, 2),
            "most seconds until the last failed": round(max(each.unserved for each in outages), 2),
            "most seconds without writing": round(max(each.unwritten for each in outages), 2),
            "slowest /healthz, seconds": round(max(lives), 3),
            "outages": [vars(each) | {"at": round(each.at - began, 1)} for each in outages],
        }
        odd = {
            f"{each.status} at {each.address}" for each in observers.asked if 200 != each.status < 500 and each.status
        }
        faults = [f"lost: {each}" for each in lost] + [f"went back: {each}" for each in steps_back]
        faults += [f"unexpected: {each}" for each in sorted(odd)]
        for each in outages:
            if each.unserved > MOST_SECONDS_UNSERVED:
                faults.append(f"{each.victim}: a reader's question failed {each.unserved:.1f} s after the kill")
            if each.unwritten > MOST_SECONDS_UNWRITTEN:
                faults.append(f"{each.victim}: {each.unwritten:.1f} s without writing")
        return figures | {"faults": faults}
    finally:
        cluster.stop()


def main() -> int:
    if missing := find_missing_programs():
        print(f"Install {', '.join(missing)}: apt-get install postgresql pgbouncer caddy", file=sys.stderr)
        return 1
    folder = Path(tempfile.mkdtemp(prefix="failure-lessons-drill-"))
    try:
        figures = run_drill(folder, int(os.environ.get("KILLS", "20")), int(os.environ.get("SEED", "1")))
    except BaseException:
        print(f"The logs are in {folder}.", file=sys.stderr)
        raise
    out = Path(os.environ.get("OUT") or ROOT / "var" / "drill.json")
    out.write_text(json.dumps(figures, indent=2) + "\n")
    for name, value in figures.items():
        if not isinstance(value, list):
            print(f"{name:50} {value}")
    for fault in figures["faults"]:  # type: ignore[attr-defined]
        print(f"FAULT  {fault}")
    if figures["faults"]:
        print(f"The logs are in {folder}.")
        return 1
    shutil.rmtree(folder, ignore_errors=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
