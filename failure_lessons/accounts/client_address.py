"""Who is calling: the client's address, which nobody can forge by a header of their own."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from functools import cache, lru_cache

from django.conf import settings
from django.http import HttpRequest

ClientAddress = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network
NOWHERE = ipaddress.IPv4Address("0.0.0.0")  # noqa: S104  # a socket file has no address: nothing is bound here


def parse_ip_address(text: str) -> ClientAddress | None:
    """An address as written in a header or by the server, or None. IPv4 in IPv6 clothes is IPv4."""
    text = text.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        found = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return getattr(found, "ipv4_mapped", None) or found


@cache
def parse_networks(texts: tuple[str, ...]) -> tuple[Network, ...]:
    """Networks as written in settings or on a token."""
    return tuple(ipaddress.ip_network(text.strip(), strict=False) for text in texts if text != "unix")


def is_within_networks(address: ClientAddress, texts: Iterable[str]) -> bool:
    """Whether the address lies in one of these networks."""
    return any(address in network for network in parse_networks(tuple(texts)) if network.version == address.version)


@lru_cache(maxsize=4096)
def find_client_address(remote: str, forwarded: str, trusted: tuple[str, ...]) -> ClientAddress:
    """The address of the client.

    `forwarded` is X-Forwarded-For. It is believed from its right end only as far as each hop is one of the `trusted`
    proxies: what a client writes into the header itself stands further left and is never reached.
    """
    here = parse_ip_address(remote) or NOWHERE
    believed = is_within_networks(here, trusted) or (here == NOWHERE and "unix" in trusted)
    for text in reversed(forwarded.split(",")) if believed and forwarded else ():
        hop = parse_ip_address(text)
        if hop is None:
            break
        here = hop
        if not is_within_networks(here, trusted):
            break
    return here


def address_of_client(request: HttpRequest) -> ClientAddress:
    """The address of the client of this request."""
    return find_client_address(
        request.META.get("REMOTE_ADDR", ""),
        request.META.get("HTTP_X_FORWARDED_FOR", ""),
        tuple(settings.TRUSTED_PROXIES),
    )


def text_of_client(request: HttpRequest) -> str:
    """The same as text."""
    return str(address_of_client(request))


@lru_cache(maxsize=4096)
def rate_limit_key(address: ClientAddress) -> str:
    """What counts as one client: an IPv4 address, or the /64 of IPv6 that one subscriber gets."""
    if address.version == 6:
        return str(ipaddress.ip_network((int(address), 64), strict=False))
    return str(address)
