"""One POST request, to an address that was checked and to no other.

The connection goes to the very IP address that was checked a moment before, so that a name cannot lead elsewhere in
between; the certificate is still checked against the name. No redirect is followed, no proxy used, no body read.
"""

from __future__ import annotations

import ssl
import time
from collections.abc import Iterable, Mapping
from functools import cache

import httpcore

from failure_lessons.webhooks.addresses import CannotSend, checked_addresses, checked_url

DELIVERY_TIMEOUT = 15.0  # seconds for everything: connecting, sending, and the head of the answer


class DeadlineStream(httpcore.NetworkStream):
    """A connection that is given up at a deadline, however many bytes trickle in before."""

    def __init__(self, stream: httpcore.NetworkStream, deadline: float) -> None:
        self.stream = stream
        self.deadline = deadline

    def seconds_left(self, error: type[Exception]) -> float:
        """Seconds left; raises `error` when there are none."""
        seconds = self.deadline - time.monotonic()
        if seconds <= 0:
            raise error("deadline")
        return seconds

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self.stream.read(max_bytes, self.seconds_left(httpcore.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self.stream.write(buffer, self.seconds_left(httpcore.WriteTimeout))

    def close(self) -> None:
        self.stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        left = self.seconds_left(httpcore.ConnectTimeout)
        return DeadlineStream(self.stream.start_tls(ssl_context, server_hostname, left), self.deadline)

    def get_extra_info(self, info: str) -> object:
        return self.stream.get_extra_info(info)


class CheckedBackend(httpcore.NetworkBackend):
    """Connects to checked addresses only: looks the name up, checks every address, connects to what it checked."""

    def __init__(self, deadline: float) -> None:
        self.deadline = deadline
        self.backend = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[object] | None = None,
    ) -> httpcore.NetworkStream:
        failure: Exception = httpcore.ConnectError("no address")
        for address in checked_addresses(host, port):
            left = self.deadline - time.monotonic()
            if left <= 0:
                raise httpcore.ConnectTimeout("deadline")
            try:
                return DeadlineStream(self.backend.connect_tcp(address, port, timeout=left), self.deadline)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
        raise failure


@cache
def trust_authorities() -> ssl.SSLContext:
    """Whom to trust: the certificate authorities of this machine, read once, which takes longer than a delivery."""
    return ssl.create_default_context()


def send_post(
    url: str, headers: Mapping[str, str], body: bytes, context: ssl.SSLContext | None = None
) -> tuple[int, str]:
    """Send `body` to `url`. Returns the status and the `Retry-After` of the answer; raises `CannotSend`.

    `context` says whom to trust: by default the certificate authorities of this machine.
    """
    checked_url(url)
    trust = context or trust_authorities()
    pool = httpcore.ConnectionPool(
        ssl_context=trust, network_backend=CheckedBackend(time.monotonic() + DELIVERY_TIMEOUT), retries=0
    )
    all_headers = {
        "Content-Type": "application/json",
        "User-Agent": "failure-lessons-webhooks/1",
        **headers,
        "Connection": "close",
    }
    try:
        with pool, pool.stream("POST", url, headers=list(all_headers.items()), content=body) as answer:
            waits = [value for name, value in answer.headers if name.lower() == b"retry-after"]
            return answer.status, waits[0].decode("ascii", "replace")[:40] if waits else ""
    except httpcore.TimeoutException:
        raise CannotSend(f"No answer within {DELIVERY_TIMEOUT:.0f} seconds.") from None
    except (httpcore.NetworkError, httpcore.ProtocolError, ssl.SSLError, OSError) as error:
        raise CannotSend(f"The connection failed: {type(error).__name__}: {str(error)[:200]}") from None
