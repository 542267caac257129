"""Where webhooks may go: public https addresses, checked when they are entered and again at every connection.

Whoever may enter an address could otherwise make this server call what only it can reach: a database, a neighbour, the
cloud's own metadata service.
"""

from __future__ import annotations

import ipaddress
import re
import socket
from urllib.parse import SplitResult, urlsplit

from django.conf import settings

PORTS = {"https": 443, "http": 80}
MAX_URL_LENGTH = 500
HOST = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?\.?")
HostAddress = ipaddress.IPv4Address | ipaddress.IPv6Address
PUBLIC_6 = ipaddress.ip_network("2000::/3")  # all that is given out for use in the open internet
BLOCKED_NETWORKS = [
    ipaddress.ip_network(text)
    for text in (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.88.99.0/24",
        "192.168.0.0/16",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",
        "240.0.0.0/4",
        "2001::/23",
        "2001:db8::/32",
        "2002::/16",
        "3fff::/20",  # tunnels, reserved and for documents
    )
]


class CannotSend(Exception):
    """Nothing is sent there; the reason is in words for the owner."""


def checked_url(url: str) -> SplitResult:
    """The address in its parts. Raises `CannotSend` unless it is a plain https address with a name we can look up."""
    if len(url) > MAX_URL_LENGTH:
        raise CannotSend(f"The address is longer than {MAX_URL_LENGTH} characters.")
    if not url.isascii() or not url.isprintable() or " " in url or "\\" in url:
        raise CannotSend("The address holds characters that do not belong there; write other letters percent-encoded.")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise CannotSend("This is not a web address.") from None
    loose = settings.WEBHOOKS_TO_LOOPBACK
    if parts.scheme != "https" and not (loose and parts.scheme == "http"):
        raise CannotSend("The address begins with https://.")
    if "@" in parts.netloc:
        raise CannotSend("No name or password stands in the address; our signature tells you who is calling.")
    if parts.fragment or "#" in url:
        raise CannotSend("No # stands in the address.")
    host = parts.hostname or ""
    if not (HOST.fullmatch(host) or is_literal(host)) or ".." in host:
        raise CannotSend("The address names no host we could look up.")
    if is_literal(host) and not is_allowed_target(ipaddress.ip_address(host)):
        raise CannotSend("The address is not public.")
    if port is not None and port != PORTS[parts.scheme] and not loose:
        raise CannotSend("The address uses the usual port, so leave the port out.")
    return parts


def is_literal(host: str) -> bool:
    """Whether the host is an IP address itself."""
    try:
        return bool(ipaddress.ip_address(host))
    except ValueError:
        return False


def is_public(address: HostAddress) -> bool:
    """Whether the address is of the open internet and nothing is hidden in it."""
    if isinstance(address, ipaddress.IPv6Address) and (address.ipv4_mapped or address not in PUBLIC_6):
        return False  # also IPv4 written as IPv6, by mapping or through NAT64
    if address.is_multicast or address.is_reserved or not address.is_global:
        return False
    return not any(address in network for network in BLOCKED_NETWORKS if network.version == address.version)


def is_allowed_target(address: HostAddress) -> bool:
    """Whether something may be sent to this address: a public one, or on a laptop our own, where a setting says so."""
    return is_public(address) or (settings.WEBHOOKS_TO_LOOPBACK and address.is_loopback)


def resolve_host(host: str, port: int) -> list[str]:
    """Every address of a host. Raises `CannotSend`."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise CannotSend("The host name could not be looked up.") from None
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def checked_addresses(host: str, port: int) -> list[str]:
    """Every address of a host, if all of them may be called. Raises `CannotSend` if a single one may not."""
    found = resolve_host(host, port)
    for text in found:
        if not is_allowed_target(ipaddress.ip_address(text.partition("%")[0])):
            raise CannotSend("The host leads to an address that is not public.")
    if not found:
        raise CannotSend("The host name could not be looked up.")
    return found
