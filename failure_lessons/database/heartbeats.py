"""Signs of life of the workers, which `/metrics` tells to whoever watches."""

from __future__ import annotations

import datetime as dt
import time

from django.db import Error, connection
from django.utils import timezone

from failure_lessons.database.models import Heartbeat

LEAST_SECONDS = 15  # between two signs of one worker, however quickly it goes round
GRACE = 3  # a worker is dead when so many signs are missing
BEAT = """
    insert into database_heartbeat (worker, beat_at, every) values (%s, %s, %s)
    on conflict (worker) do update set beat_at = excluded.beat_at, every = excluded.every
"""
last_beats: dict[str, float] = {}  # of this process, by worker


def beat(worker: str, every: int = LEAST_SECONDS) -> None:
    """Say that `worker` went round once more. A database that is away is no reason for it to stop."""
    now = time.monotonic()
    if now - last_beats.get(worker, -LEAST_SECONDS) < LEAST_SECONDS:
        return
    last_beats[worker] = now
    try:
        with connection.cursor() as cursor:
            cursor.execute(BEAT, [worker, timezone.now(), max(every, LEAST_SECONDS)])
    except Error:
        connection.close()


def is_dead(heartbeat: Heartbeat, now: dt.datetime) -> bool:
    """Whether a worker has missed too many of its signs."""
    return now - heartbeat.beat_at > dt.timedelta(seconds=heartbeat.every * GRACE)
