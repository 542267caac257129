"""Real receivers, on the loopback."""

import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest


class Receiver(ThreadingHTTPServer):
    """Keeps what it is sent, and answers what `answers` says: a status, or (status, headers), one after another."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.calls = []
        self.answers = []
        self.otherwise = 204
        self.pause = 0.0
        self.at_once = threading.Event()  # whoever pauses goes on
        self.trickle = 0.0

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_port}/hook"

    @property
    def revisions(self):
        return [int(headers["webhook-id"].rpartition("_")[2]) for _, headers, _ in self.calls]


class Handler(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.server.calls.append((self.path, {k.lower(): v for k, v in self.headers.items()}, body))
        self.server.at_once.wait(self.server.pause)
        answer = self.server.answers.pop(0) if self.server.answers else self.server.otherwise
        status, headers = answer if isinstance(answer, tuple) else (answer, {})
        try:
            if self.server.trickle:
                for byte in b"HTTP/1.1 204 No Content\r\nX-Long: " + b"x" * 1000:
                    self.wfile.write(bytes([byte]))
                    time.sleep(self.server.trickle)
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", "0")
            self.end_headers()
        except OSError:
            pass  # the other side has gone

    def do_GET(self):  # whoever followed a redirect would come this way
        self.do_POST()

    def log_message(self, *_):
        pass


@pytest.fixture
def receiver(settings):
    """A receiver on the loopback, to which webhooks may go during this test."""
    settings.WEBHOOKS_TO_LOOPBACK = True
    server = Receiver()
    thread = threading.Thread(target=server.serve_forever, args=[0.05], daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
