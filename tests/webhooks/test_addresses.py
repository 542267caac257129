"""Webhooks go to public https addresses, and nowhere else."""

import ipaddress
import socket
import ssl
import subprocess
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from failure_lessons.webhooks import addresses, sending
from failure_lessons.webhooks.addresses import CannotSend, checked_addresses, checked_url, is_public
from failure_lessons.webhooks.sending import send_post


@pytest.mark.parametrize(
    "url",
    [
        "http://example.org/hook",
        "ftp://example.org/",
        "file:///etc/passwd",
        "//example.org/",
        "example.org",
        "",
        "https://",
        "https:///hook",
        "https://user@example.org/",
        "https://user:word@example.org/",
        "https://example.org:8443/",
        "https://example.org:22/",
        "https://example.org:99999/",
        "https://example.org:x/",
        "https://example.org/#part",
        "https://exa mple.org/",
        "https://example.org\\@127.0.0.1/",
        "https://example.org/\r\nHost: x",
        "https://example.org/\x00",
        "https://exämple.org/",
        "https://[::1",
        "https://[]/",
        "https://a..b/",
        "https://-a/",
        "https://*/",
        "https://example.org/" + "x" * 500,
    ],
)
def test_an_address_that_is_not_a_plain_https_address_is_refused(url):
    with pytest.raises(CannotSend):
        checked_url(url)


def test_plain_addresses_are_taken():
    for url in ("https://example.org/hook?a=b", "https://example.org:443/", "https://xn--exmple-cua.org/"):
        assert checked_url(url).hostname


@pytest.mark.parametrize(
    "text",
    [
        "127.0.0.1",
        "127.8.9.1",
        "0.0.0.0",  # noqa: S104
        "10.1.2.3",
        "172.16.0.1",
        "172.31.255.255",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "100.127.255.255",
        "192.0.0.8",
        "192.0.2.1",
        "198.18.0.1",
        "198.51.100.1",
        "203.0.113.9",
        "224.0.0.1",
        "239.255.255.255",
        "240.0.0.1",
        "255.255.255.255",
        "192.88.99.1",
        "::1",
        "::",
        "::ffff:127.0.0.1",
        "::ffff:8.8.8.8",
        "::ffff:10.0.0.1",
        "::7f00:1",
        "64:ff9b::8.8.8.8",
        "64:ff9b::7f00:1",
        "64:ff9b:1::1",
        "fc00::1",
        "fd12::1",
        "fe80::1",
        "fec0::1",
        "ff02::1",
        "2002:7f00:1::",
        "2001::1",
        "2001:db8::1",
        "100::1",
        "5f00::1",
        "3fff::1",
        "4000::1",
    ],
)
def test_addresses_that_are_not_public_are_refused(text):
    assert not is_public(ipaddress.ip_address(text))


@pytest.mark.parametrize(
    "text", ["8.8.8.8", "1.1.1.1", "100.63.255.255", "100.128.0.1", "172.32.0.1", "2606:4700::1111"]
)
def test_public_addresses_are_taken(text):
    assert is_public(ipaddress.ip_address(text))


def resolving(monkeypatch, *answers):
    """Let every name lead to these addresses, call by call; the last for ever."""
    left = list(answers)

    def lookup(host, port, *options, **more):
        if addresses.is_literal(host):
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (host, port))]
        found = left.pop(0) if len(left) > 1 else left[0]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (text, port)) for text in found]

    monkeypatch.setattr(addresses.socket, "getaddrinfo", lookup)


def test_one_address_that_is_not_public_among_many_spoils_the_host(monkeypatch):
    resolving(monkeypatch, ["93.184.216.34", "10.0.0.1"])
    with pytest.raises(CannotSend, match="not public"):
        checked_addresses("mixed.example", 443)
    resolving(monkeypatch, ["fe80::1%eth0"])
    with pytest.raises(CannotSend, match="not public"):
        checked_addresses("scoped.example", 443)


@pytest.mark.parametrize(
    "host", ["2130706433", "0x7f.1", "127.1", "0177.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]"]
)
def test_odd_ways_to_write_the_loopback_lead_nowhere(host):
    with pytest.raises(CannotSend):
        send_post(f"https://{host}/", {}, b"{}")


def test_a_name_that_leads_elsewhere_the_second_time_is_looked_up_once(monkeypatch):
    """The connection goes to the address that was checked: there is no second look-up to cheat at."""
    resolving(monkeypatch, ["93.184.216.34"], ["127.0.0.1"])
    went = []

    def connect(self, host, port, **options):
        went.append(host)
        raise sending.httpcore.ConnectError("no network in tests")

    monkeypatch.setattr(sending.httpcore.SyncBackend, "connect_tcp", connect)
    with pytest.raises(CannotSend, match="connection failed"):
        send_post("https://rebinding.example/", {}, b"{}")
    assert went == ["93.184.216.34"]


def test_proxies_of_the_environment_are_not_used(monkeypatch, receiver):
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1/")
    assert send_post(receiver.url, {}, b"{}") == (204, "")


@pytest.fixture
def secure(tmp_path, settings):
    """An https server for receiver.example on the loopback, and whom to trust to reach it."""
    settings.WEBHOOKS_TO_LOOPBACK = True
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    try:
        subprocess.run(
            [
                "openssl",
                "req",
                "-x509",
                "-newkey",
                "rsa:2048",
                "-nodes",
                "-days",
                "2",
                "-subj",
                "/CN=receiver.example",
                "-addext",
                "subjectAltName=DNS:receiver.example",
                "-keyout",
                key,
                "-out",
                certificate,
            ],
            check=True,
            capture_output=True,
        )
    except FileNotFoundError:
        pytest.skip("needs the program openssl")
    seen = {"names": [], "hosts": []}

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            self.rfile.read(int(self.headers["Content-Length"]))
            seen["hosts"].append(self.headers["Host"])
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_):
            pass

    class Quiet(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_):
            pass  # whoever does not trust us hangs up

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    context.sni_callback = lambda _socket, name, _context: seen["names"].append(name)
    server = Quiet(("127.0.0.1", 0), Handler)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, args=[0.05], daemon=True).start()
    yield server.server_port, ssl.create_default_context(cafile=certificate), seen
    server.shutdown()
    server.server_close()


@pytest.mark.slow
def test_the_certificate_is_checked_against_the_name_though_the_address_is_pinned(secure, monkeypatch):
    port, trust, seen = secure
    resolving(monkeypatch, ["127.0.0.1"])
    assert send_post(f"https://receiver.example:{port}/", {}, b"{}", trust)[0] == 204
    assert seen == {"names": ["receiver.example"], "hosts": [f"receiver.example:{port}"]}
    with pytest.raises(CannotSend, match="connection failed"):
        send_post(f"https://somebody-else.example:{port}/", {}, b"{}", trust)
    with pytest.raises(CannotSend, match="connection failed"):
        send_post(f"https://receiver.example:{port}/", {}, b"{}")
    assert len(seen["hosts"]) == 1


@pytest.mark.slow
def test_a_receiver_that_trickles_is_given_up_at_the_deadline(receiver, monkeypatch):
    monkeypatch.setattr(sending, "DELIVERY_TIMEOUT", 0.6)
    receiver.trickle = 0.05
    with pytest.raises(CannotSend, match="No answer within"):
        send_post(receiver.url, {}, b"{}")
