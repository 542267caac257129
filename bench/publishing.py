"""Publish invented recommendations one by one, and say how long each took: `python -m bench.publishing 20000`.

A line on standard input asks for one publication; a line on standard output answers with its seconds.
"""

from __future__ import annotations

import sys
import time

from bench.synthetic import connect, publish_invented

if __name__ == "__main__":
    connect(int(sys.argv[1]))
    number = 10_000_000 + time.time_ns() % 1_000_000_000
    for _ in sys.stdin:
        number += 1
        started = time.perf_counter()
        publish_invented(range(number, number + 1))
        print(time.perf_counter() - started, flush=True)
