"""A worker of gunicorn that says at once that it lives, however many readers wait for its threads.

Whoever supervises the site restarts what does not answer `/healthz`: a database that is slow must not look like a dead
web server. So these requests have a thread of their own. New connections are read once something has been sent on them.
What cannot be read at all is refused below `/api/` with a problem, as everything there.
"""

from __future__ import annotations

import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from selectors import EVENT_READ

from gunicorn.workers.gthread import DEFAULT_WORKER_DATA_TIMEOUT, TConn, ThreadWorker

from failure_lessons.operations.early_refusals import refuse_early

PEEKED = 256  # bytes of a request that are looked at before it is read
BEGINNINGS = (b"GET /healthz ", b"HEAD /healthz ")


class HealthWorker(ThreadWorker):  # type: ignore[misc]  # gunicorn ships no types
    """gunicorn's worker with threads, and one thread more for `/healthz`."""

    def init_process(self) -> None:
        self.health_pool = ThreadPoolExecutor(max_workers=1)
        self.asked = threading.local()  # `begun`: the first bytes of the request that this thread reads
        super().init_process()

    def enqueue_req(self, conn: TConn) -> None:
        """Hand a connection to the threads, once it is known for which."""
        begun = peek_socket(conn.sock)
        if begun is None and not conn.initialized and not conn.data_ready:
            self.wait_for_beginning(conn)
            return
        pool = self.health_pool if begun and begun.startswith(BEGINNINGS) else self.tpool
        future = pool.submit(self.handle, conn)
        future.add_done_callback(lambda done: self.method_queue.defer(self.finish_request, conn, done))

    def handle(self, conn: TConn) -> bool:
        """Read a request and answer it, remembering how it began."""
        self.asked.begun = peek_socket(conn.sock) or b""
        keeps: bool = super().handle(conn)
        return keeps

    def handle_error(self, req: object, client: socket.socket, addr: object, exc: Exception) -> None:
        """Answer a request that failed."""
        if not refuse_early(client, exc, getattr(self.asked, "begun", b"")):
            super().handle_error(req, client, addr, exc)

    def wait_for_beginning(self, conn: TConn) -> None:
        """Come back to a connection when something arrives on it, as gunicorn does with slow ones."""
        conn.sock.setblocking(False)
        conn.timeout = time.monotonic() + DEFAULT_WORKER_DATA_TIMEOUT
        self.pending_conns.append(conn)
        self.poller.register(conn.sock, EVENT_READ, partial(self.on_pending_socket_readable, conn))


def peek_socket(sock: socket.socket) -> bytes | None:
    """What has arrived on a socket, left there for whoever reads it; None while there is nothing."""
    try:
        return sock.recv(PEEKED, socket.MSG_PEEK | socket.MSG_DONTWAIT)
    except BlockingIOError:
        return None
    except OSError:  # whoever reads it will see
        return b""
