"""What a link takes along: the moment at which the reader stands, and the brief that the reader fills."""

from __future__ import annotations

from functools import lru_cache
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from django.http import HttpRequest
from django.urls import Resolver404, get_script_prefix, resolve

# A list, a record, its history and the search exist at every moment. Numbered editions and files stay as they are.
AT_EVERY_MOMENT = frozenset({"search", "list", "detail", "history", "compare-cases"})
NOT_CARRIED_TO = ("/api/", "/admin/", "/static/", "/preview/", "/take-part/", "/contact/", "/follow/")


def carry_along(address: str, request: HttpRequest | None) -> str:
    """A link of ours with all that it takes along from the page it stands on."""
    return carry_brief(carry_moment(address, request), request)


def carry_moment(address: str, request: HttpRequest | None) -> str:
    """The address at the moment that the page shows, where it leads on through the library."""
    moment = getattr(request, "as_of", None)
    if moment is None or not exists_at_every_moment(path_below_prefix(address)):
        return address
    if any(name == "as_of" for name, _ in parse_qsl(urlsplit(address).query, keep_blank_values=True)):
        return address
    return add_parameter(address, "as_of", moment.text)


def carry_brief(address: str, request: HttpRequest | None) -> str:
    """The address with the brief that came with the page, where a brief goes along to it."""
    brief = getattr(request, "brief", None)
    if brief and not brief.damaged and takes_brief(address):
        return add_parameter(address, "brief", brief.token)
    return address


@lru_cache(maxsize=256)
def write_way_back(address: str) -> str:
    """The parameter that leads back to a page, which is the same for each record on it."""
    return urlencode({"back": address}, safe="/")


def takes_brief(address: str) -> bool:
    """Whether an address is a page of this site that a brief goes along to. The brief's own ones hold it already."""
    if address.startswith("?"):
        return not address.endswith(".csv")
    path = path_below_prefix(address)
    if not path or path.startswith(NOT_CARRIED_TO) or address.endswith(".csv"):
        return False
    if path.startswith("/brief/"):
        return path == "/brief/" and ("?" not in address or "add=" in address)
    return True


def path_below_prefix(address: str) -> str:
    """The path of an address of ours below the site's root; empty for what is none."""
    prefix = get_script_prefix()
    if not address.startswith(prefix) or address.startswith("//"):
        return ""
    return "/" + urlsplit(address).path.removeprefix(prefix)


@lru_cache(maxsize=4096)
def exists_at_every_moment(path: str) -> bool:
    """Whether the page at this path can be read as it stood."""
    try:
        return bool(path) and resolve(path).url_name in AT_EVERY_MOMENT
    except Resolver404:
        return False


def add_parameter(address: str, name: str, value: str) -> str:
    """The address with one more parameter in its query."""
    parts = urlsplit(address)
    return urlunsplit(parts._replace(query="&".join(filter(None, [parts.query, urlencode({name: value})]))))


def set_moment(request: HttpRequest, moment: object) -> None:
    """From here on, links of this page lead on at this moment."""
    request.as_of = moment  # type: ignore[attr-defined]
