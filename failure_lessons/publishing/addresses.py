"""Where everything stands: the addresses of records among the pages and in the API, by their names in the site map.

Three ways to write an address. `reverse()` and `get_absolute_url()` give one for a page of this request: they begin
with the prefix under which the site runs (`SCRIPT_NAME`). The functions here give a path below the site's own root,
without that prefix; with `site_address(request)` or `SITE_URL` before it, it is whole. So exports and downloads, which
are also made where there is no request, write the same addresses as pages do. `add_prefix` turns the second into the
first.

Patterns are found once: a list of twenty thousand records asks for three addresses of each.
"""

from __future__ import annotations

from functools import cache

from django.http import HttpRequest
from django.urls import get_script_prefix, reverse

from failure_lessons.publishing.registry import KINDS

HOST_VARIABLE = "failure_lessons.host"  # in the environment of a request
SLUG, SOME_NUMBER, OTHER_NUMBER = "slug-goes-here", 999_999_991, 999_999_992


def host_address(request: HttpRequest) -> str:
    """Scheme and host of a request, checked once: answers name them several times."""
    found: str | None = request.META.get(HOST_VARIABLE)
    if found is None:
        found = request.META[HOST_VARIABLE] = f"{request.scheme}://{request.get_host()}"
    return found


def site_address(request: HttpRequest) -> str:
    """The site's own address with the prefix under which it runs, without a slash at its end."""
    return f"{host_address(request)}{get_script_prefix().rstrip('/')}"


def requested_address(request: HttpRequest) -> str:
    """The whole address asked for, without its query string."""
    return f"{host_address(request)}{request.path}"


def site_path(name: str, *args: object) -> str:
    """The path of this name below the site's root."""
    return f"/{reverse(name, args=args).removeprefix(get_script_prefix())}"


def add_prefix(path: str) -> str:
    """A path below the site's root as pages link to it."""
    return f"{get_script_prefix().rstrip('/')}{path}"


@cache
def path_pattern(name: str, *args: object) -> str:
    """The path of this name, with `{slug}`, `{number}` and `{other}` in place of what stands for them."""
    path = site_path(name, *args).replace(SLUG, "{slug}")
    return path.replace(str(SOME_NUMBER), "{number}").replace(str(OTHER_NUMBER), "{other}")


@cache
def edition_patterns(kind: str) -> tuple[str, str]:
    """The paths of an edition of this kind, in the API and among the pages, with `{slug}` and `{number}`."""
    return (
        path_pattern(f"api-{kind}-edition", SLUG, SOME_NUMBER),
        path_pattern("edition", KINDS[kind].address, SLUG, SOME_NUMBER),
    )


@cache
def edition_pieces(kind: str) -> tuple[list[str], list[str]]:
    """The same, cut where slug and number stand: joining pieces takes a third of the time of filling in a pattern."""
    api, page = (pattern.format(slug="\0", number="\0").split("\0") for pattern in edition_patterns(kind))
    return api, page


def list_path(kind: str) -> str:
    """The list of a kind."""
    return path_pattern("list", KINDS[kind].address)


def record_path(kind: str, slug: str) -> str:
    """The page of a record, which shows its current edition."""
    return path_pattern("detail", KINDS[kind].address, SLUG).format(slug=slug)


def edition_path(kind: str, slug: str, number: int) -> str:
    """The page of one edition, which never changes."""
    before, between, after = edition_pieces(kind)[1]
    return f"{before}{slug}{between}{number}{after}"


def history_path(kind: str, slug: str) -> str:
    """All editions of a record."""
    return path_pattern("history", KINDS[kind].address, SLUG).format(slug=slug)


def compare_path(kind: str, slug: str, old: int, new: int) -> str:
    """What changed between two editions of a record."""
    pattern = path_pattern("compare", KINDS[kind].address, SLUG, SOME_NUMBER, OTHER_NUMBER)
    return pattern.format(slug=slug, number=old, other=new)


def api_list_path(kind: str) -> str:
    """The records of a kind in the API."""
    return path_pattern(f"api-{kind}-list")


def api_record_path(kind: str, slug: str) -> str:
    """A record in the API, in its current edition."""
    return path_pattern(f"api-{kind}", SLUG).format(slug=slug)


def api_edition_path(kind: str, slug: str, number: int) -> str:
    """One edition in the API."""
    before, between, after = edition_pieces(kind)[0]
    return f"{before}{slug}{between}{number}{after}"
