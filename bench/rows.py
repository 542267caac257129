"""A row of a table: one kind of request to one server, asked for a while in each round."""

from __future__ import annotations

import itertools
import os
import statistics
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from bench.api import CLIENTS, Server

ROUNDS = int(os.environ.get("ROUNDS", "7"))
SECONDS = float(os.environ.get("SECONDS_A_ROW", "0.5"))  # that each row is asked in a round
# Words of the invented recommendations. Two of them at a time are 406 questions, each of which is new; their words are so
# at first, and then known to a process of ours.
VOCABULARY = (
    *("threshold", "warnings", "transfer", "rating", "exit", "support", "money", "visits", "duties", "interim"),
    *("account", "delay", "approval", "months", "quarter", "concern", "handover", "publish", "agree", "record"),
    *("audit", "rehearse", "limit", "regulator", "integrated", "commissioners", "regional", "boards", "formal"),
)
QUESTIONS = [f"{first}+{second}" for first, second in itertools.combinations(VOCABULARY, 2)]


@dataclass
class Row:
    """One kind of request to one server. `{words}` in its address is another question each time."""

    name: str
    server: str
    address: str
    headers: str = ""
    rates: list[float] = field(default_factory=list)  # answers a second, by round
    computed: list[float] = field(default_factory=list)  # milliseconds of processor time an answer
    questions: Iterator[str] = field(default_factory=lambda: itertools.cycle(QUESTIONS))

    def ask_once(self, server: Server) -> bytes:
        """One answer."""
        return server.ask(self.address.replace("{words}", next(self.questions)), headers=self.headers)

    def ask(self, server: Server) -> None:
        """Ask for a while, and note what it took."""
        before, started, calls = server.processor_of_each(), time.perf_counter(), 0
        with ThreadPoolExecutor(CLIENTS) as pool:
            while time.perf_counter() - started < SECONDS:
                list(pool.map(lambda _: self.ask_once(server), range(2 * CLIENTS)))
                calls += 2 * CLIENTS
        self.rates.append(calls / (time.perf_counter() - started))
        self.computed.append(1000 * server.computed_since(before) / calls)

    def compare_rates(self, other: Row) -> float:
        """How many times as many answers a second as another row: the median of the ratios by round."""
        return statistics.median(mine / theirs for mine, theirs in zip(self.rates, other.rates, strict=True))

    def compare_costs(self, other: Row) -> float:
        """How many times as much another row's answers cost: the median of the ratios by round."""
        return statistics.median(theirs / mine for mine, theirs in zip(self.computed, other.computed, strict=True))
