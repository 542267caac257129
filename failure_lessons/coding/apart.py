"""Reads a document in a program of its own, with a limit on time and memory: one made for harm can ask for any amount.

The program takes the bytes of the document and answers in JSON; `read_apart` starts it and hands on the answer.
"""

from __future__ import annotations

import json
import logging
import resource
import signal
import subprocess
import sys
from collections.abc import Callable

from failure_lessons.coding.pdf import read_pdf
from failure_lessons.coding.web_page import html_text, web_archive_text
from failure_lessons.files.archives import CannotOpen
from failure_lessons.types import JSONObject

MOST_MEMORY = 1_500_000_000  # bytes
MORE_TIME = 1.2  # of the processor's seconds: how long we wait for the program by the clock
READERS: dict[str, Callable[[bytes], JSONObject]] = {
    "PDF": read_pdf,
    "web page": lambda data: html_text(data)._asdict(),
    "web archive": lambda data: web_archive_text(data)._asdict(),
}
SECONDS_TO_READ = {"PDF": 50, "web page": 8, "web archive": 8}  # of the processor


def read_apart(what: str, data: bytes) -> JSONObject:
    """What the reader of this name finds in a document. Raises `CannotOpen`, also when it takes too much."""
    seconds = SECONDS_TO_READ[what]
    program = [sys.executable, "-m", "failure_lessons.coding.apart", what]
    try:
        done = subprocess.run(program, input=data, capture_output=True, timeout=seconds * MORE_TIME, check=False)
        too_long = done.returncode == -signal.SIGXCPU
        answer: JSONObject = json.loads(done.stdout or b"{}")
    except subprocess.TimeoutExpired:
        too_long, answer = True, {}
    except ValueError:
        answer = {}
    if too_long:
        raise CannotOpen(f"The {what} could not be read within {seconds} seconds: print it to a new PDF.")
    if not answer:
        raise CannotOpen(f"The {what} is damaged and cannot be read: print it to a new PDF.")
    if "refused" in answer:
        raise CannotOpen(answer["refused"])
    return answer


def main(what: str) -> None:
    """Read, answer; of whatever goes wrong the answer is nothing."""
    logging.disable(logging.CRITICAL)
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS_TO_READ[what], SECONDS_TO_READ[what] + 1))  # soft: SIGXCPU
    try:
        found = READERS[what](sys.stdin.buffer.read())
    except CannotOpen as refusal:
        found = {"refused": str(refusal)}
    except Exception:  # of whatever kind: the document is from outside
        found = {}
    sys.stdout.write(json.dumps(found))


if __name__ == "__main__":
    main(sys.argv[1])
