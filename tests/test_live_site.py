"""The server under the browser tests ends when it is told to, whatever the browser still holds open."""

import socket
import threading
from urllib.parse import urlsplit

import pytest

from tests.conftest import serve_site


@pytest.mark.slow
@pytest.mark.django_db
def test_the_server_ends_though_a_browser_keeps_a_connection_open(django_db_blocker):
    held = []

    def serve_and_end():
        with django_db_blocker.unblock(), serve_site() as address:
            there = urlsplit(address)
            held.append(socket.create_connection((there.hostname, there.port), timeout=10))  # says nothing at all
            held.append(socket.create_connection((there.hostname, there.port), timeout=10))
            held[1].sendall(b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")  # and asks nothing more
            assert held[1].recv(20).startswith(b"HTTP/1.1 200")

    serving = threading.Thread(target=serve_and_end, daemon=True)
    serving.start()
    serving.join(timeout=30)
    for each in held:
        each.close()
    assert len(held) == 2
    assert not serving.is_alive()
