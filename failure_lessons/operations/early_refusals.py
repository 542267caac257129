"""Requests that gunicorn cannot read, refused below `/api/` as everything there: with a problem (RFC 9457).

These never reach Django. So the answer is written here, by hand and without it; `failure_lessons.problems` explains the
same kinds on their pages.
"""

from __future__ import annotations

import json
import re
import socket
import time
from typing import NamedTuple

from gunicorn.http.errors import (
    InvalidHeader,
    InvalidHeaderName,
    InvalidHTTPVersion,
    InvalidRequestLine,
    InvalidRequestMethod,
    LimitRequestHeaders,
    LimitRequestLine,
    ObsoleteFolding,
)

API_BEGINNING = re.compile(rb"[A-Za-z]+ (/api/[!-~]*)")
LONGEST_INSTANCE = 200  # characters of the address that the answer repeats
MOST_LEFT_UNREAD = 1_048_576  # bytes taken off a connection before it is closed: else the answer might be lost
LONGEST_FAREWELL = 2.0  # seconds: whoever sends a byte now and then holds no thread


class EarlyRefusal(NamedTuple):
    """A refusal: the kind of problem, its status and phrase, and what to mend."""

    code: str
    status: int
    title: str
    detail: str


UNREADABLE = EarlyRefusal("bad-request", 400, "Bad Request", "The request line or a header is not written as HTTP.")
EARLY_REFUSALS = {
    LimitRequestLine: EarlyRefusal(
        "address-too-long",
        414,
        "URI Too Long",
        "The address has more than 8,190 bytes. Ask in several requests: fewer `ids`, fewer filters.",
    ),
    LimitRequestHeaders: EarlyRefusal(
        "headers-too-large",
        431,
        "Request Header Fields Too Large",
        "A header has more than 8,190 bytes, or there are more than 100. Send less with the request.",
    ),
    **dict.fromkeys(
        (
            InvalidHeader,
            InvalidHeaderName,
            InvalidHTTPVersion,
            InvalidRequestLine,
            InvalidRequestMethod,
            ObsoleteFolding,
        ),
        UNREADABLE,
    ),
}


def find_api_address(begun: bytes) -> str:
    """The address below `/api/` that the first bytes of a request ask for; empty for any other."""
    asked = API_BEGINNING.match(begun)
    return asked[1].decode("ascii")[:LONGEST_INSTANCE] if asked else ""


def early_answer(refusal: EarlyRefusal, address: str, with_body: bool) -> bytes:
    """The whole answer, without its body to `HEAD`. Pages of other sites may read it, as every refusal of the API."""
    body = json.dumps(
        {
            "type": f"/api/problems/{refusal.code}/",
            "title": refusal.title,
            "status": refusal.status,
            "detail": refusal.detail,
            "instance": address,
        }
    ).encode()
    head = (
        f"HTTP/1.1 {refusal.status} {refusal.title}\r\nContent-Type: application/problem+json\r\n"
        f"Content-Length: {len(body)}\r\nConnection: close\r\nAccess-Control-Allow-Origin: *\r\n\r\n"
    )
    return head.encode() + (body if with_body else b"")


def refuse_early(sock: socket.socket, error: Exception, begun: bytes) -> bool:
    """Answer a request that could not be read, if its first bytes were for the API. Says whether it did."""
    refusal, address = EARLY_REFUSALS.get(type(error)), find_api_address(begun)
    if refusal is None or not address:
        return False
    try:
        sock.setblocking(True)
        sock.settimeout(LONGEST_FAREWELL)
        sock.sendall(early_answer(refusal, address, not begun.startswith(b"HEAD ")))
        sock.shutdown(socket.SHUT_WR)
        left, until = MOST_LEFT_UNREAD, time.monotonic() + LONGEST_FAREWELL
        while left > 0 and (seconds := until - time.monotonic()) > 0:
            sock.settimeout(seconds)
            taken = len(sock.recv(65_536))
            left = left - taken if taken else 0
    except OSError:
        pass  # whoever asked has gone
    return True
