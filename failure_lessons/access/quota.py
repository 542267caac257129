"""How many requests a client has made in the present window, counted across all worker processes of a machine.

The counts stand in one small SQLite file. The public process may only read the library, a cache in each worker would
multiply the limit by the number of workers, and a further server would have to be run for nothing else
(docs/decisions/0008-quotas.md). Clients are stored as keyed hashes, never as addresses.
"""

from __future__ import annotations

import hashlib
import logging
import math
import os
import sqlite3
import threading
import time
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from django.conf import settings

log = logging.getLogger(__name__)

MOST_AT_ONCE = 16  # requests of a client that are counted at once
CAREFUL = 64  # into so many parts what is left of a quota is divided
MOST_BLOCKS = 10_000
TAKE = """
insert into hits (client, ends, made) values (:client, :now + :window, :wanted)
on conflict (client) do update set
    made = case when ends <= :now then :wanted else min(made + :wanted, 1000000000) end,
    ends = case when ends <= :now then :now + :window else ends end
returning made, ends
"""


@dataclass(frozen=True)
class Policy:
    """So many requests in so many seconds."""

    name: str
    requests: int
    seconds: int

    @classmethod
    def parse(cls, name: str, text: str) -> Policy:
        """A policy from `600/60`."""
        requests, _, seconds = text.partition("/")
        return cls(name, int(requests), int(seconds))

    @property
    def field(self) -> str:
        """The policy in the header field `RateLimit-Policy`."""
        return f'"{self.name}";q={self.requests};w={self.seconds}'


@dataclass(frozen=True)
class Count:
    """Where a client stands after one more request."""

    policy: Policy
    made: int
    ends: float
    now: float

    @property
    def exceeded(self) -> bool:
        return self.made > self.policy.requests

    @property
    def wait(self) -> int:
        """Whole seconds until the window ends, at least one."""
        return max(1, math.ceil(self.ends - self.now))

    @property
    def field(self) -> str:
        """What is left, in the header field `RateLimit`."""
        return f'"{self.policy.name}";r={max(0, self.policy.requests - self.made)};t={self.wait}'


class Store(threading.local):
    """A connection to the counts, one a thread and process."""

    connection: sqlite3.Connection | None = None
    owner: tuple[int, str] = (0, "")
    swept = 0.0


quota_store = Store()


@dataclass
class CountedBlock:
    """Requests of a client that were counted in the file before they were made, in one window."""

    made: int
    ends: float
    unspent: int

    def spend(self, policy: Policy, now: float) -> Count:
        """The next of them."""
        self.unspent -= 1
        return Count(policy, self.made - self.unspent, self.ends, now)


class BlockStore:
    """The blocks of this process, by client. Threads share them: who asks holds `lock`, until it has counted too."""

    def __init__(self) -> None:
        self.blocks: dict[tuple[int, str, bytes], CountedBlock] = {}
        self.lock = threading.Lock()

    def spend(self, key: tuple[int, str, bytes], policy: Policy, now: float) -> tuple[Count | None, int]:
        """The next request of the client's block; otherwise how many to count at once: the fewer, the less is left."""
        held = self.blocks.get(key)
        if held is None or held.ends <= now:
            return None, 1
        if held.unspent:
            return held.spend(policy, now), 0
        return None, max(1, min(MOST_AT_ONCE, (policy.requests - held.made) // CAREFUL))

    def add(self, key: tuple[int, str, bytes], block: CountedBlock) -> None:
        """Keep what was counted for a client. All blocks are forgotten when there are very many: they count as made."""
        if len(self.blocks) >= MOST_BLOCKS:
            self.blocks.clear()
        self.blocks[key] = block


block_store = BlockStore()


def get_quota_connection(path: str) -> sqlite3.Connection:
    """The connection of this thread, opened anew after a fork or when the place changes."""
    owner = (os.getpid(), path)
    if quota_store.connection is None or quota_store.owner != owner:
        try:
            quota_store.connection = connect_quota_file(path)
        except (sqlite3.Error, OSError) as error:
            log.warning("Requests are counted in each process alone: %s cannot be written (%s).", path, error)
            quota_store.connection = connect_quota_file(":memory:")
        quota_store.owner = owner
    return quota_store.connection


def connect_quota_file(path: str) -> sqlite3.Connection:
    """A database of counts. Losing it in a power cut loses at most a minute of counting, so it need not be safe."""
    if path != ":memory:":
        Path(path).parent.mkdir(parents=True, exist_ok=True)
    connection = sqlite3.connect(path, timeout=1, isolation_level=None)
    connection.execute("pragma journal_mode = wal")
    connection.execute("pragma synchronous = off")
    connection.execute("create table if not exists hits (client blob primary key, ends real, made int) without rowid")
    return connection


@lru_cache(maxsize=4096)
def hash_client(policy: str, client: str, secret: str) -> bytes:
    """The client as a keyed hash."""
    return hashlib.blake2b(f"{policy} {client}".encode(), key=secret.encode()[:64], digest_size=16).digest()


def count_request(policy: Policy, client: str, now: float | None = None) -> Count:
    """Count one more request of this client and say where it stands. A broken store lets everybody through.

    Who asks again is counted in blocks, so that the file is not asked each time. What a process has counted and not met
    yet is a sixty-fourth of what was left, at most; so near the end of a quota each request is counted by itself.
    """
    now = time.time() if now is None else now
    path, hashed = str(settings.QUOTA_FILE), hash_client(policy.name, client, settings.SECRET_KEY)
    key = (os.getpid(), path, hashed)
    with block_store.lock:
        spent, wanted = block_store.spend(key, policy, now)
        if spent:
            return spent
        values = {"client": hashed, "now": now, "window": policy.seconds, "wanted": wanted}
        try:
            connection = get_quota_connection(path)
            made, ends = connection.execute(TAKE, values).fetchone()
            if now - quota_store.swept > policy.seconds:
                quota_store.swept = now
                connection.execute("delete from hits where ends <= ?", [now])
        except sqlite3.Error:
            log.exception("Requests are not being counted.")
            quota_store.connection = None
            return Count(policy, 1, now + policy.seconds, now)
        block = CountedBlock(made, ends, wanted)
        block_store.add(key, block)
        return block.spend(policy, now)
