"""The limit that lists of the API are measured against does the same: it answers byte for byte what ours does."""

import pytest

from bench import bare
from bench.api import LIST
from bench.table import OURS

QUERIES = [address.removeprefix(LIST).removeprefix("?") for _, address in OURS if address.startswith(LIST)]


@pytest.fixture
def connected(db, monkeypatch):
    """A connection of its own to the library of this test."""
    monkeypatch.setattr(bare, "connections", [bare.connect()])
    yield
    bare.connections[0].close()
    bare.write_statement.cache_clear()


@pytest.mark.parametrize("query", [*QUERIES, "phase=management&audience=regulator", "order=-strength"])
def test_bare_and_ours_give_the_same_bytes(query, connected, client):
    told = []
    environ = {"QUERY_STRING": query, "wsgi.url_scheme": "http", "HTTP_HOST": "testserver"}
    body = b"".join(bare.application(environ, lambda status, headers: told.append((status, dict(headers)))))
    ours = client.get(f"{LIST}?{query}" if query else LIST)
    assert body == ours.content
    assert told[0][0] == "200 OK"
    assert int(told[0][1]["Content-Length"]) == len(body) > 100
