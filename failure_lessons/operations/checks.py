"""What a place where the site is deployed lacks, each with its remedy: `manage.py check --deploy`."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning  # noqa: A004  # Django's own name

from failure_lessons.local.identity import find_faint_pairs

LEAST_KEY_LENGTH = 50


def check_proxies(**_: object) -> Sequence[CheckMessage]:
    """Behind a proxy, its address is known: else all readers share one quota, and strangers lock people out."""
    if not os.environ.get("BEHIND_PROXY") or settings.TRUSTED_PROXIES:
        return []
    return [
        Warning(
            "A proxy stands before the site, and its address is not known: all readers count as one.",
            hint="Set TRUSTED_PROXIES to the networks of your proxy, or to `unix` for a socket.",
            id="operations.W001",
        )
    ]


def check_contact(**_: object) -> Sequence[CheckMessage]:
    """Readers can write to somebody."""
    if settings.CONTACT:
        return []
    return [
        Warning(
            "Readers who find an error or a barrier are given nobody to write to.",
            hint="Set CONTACT_EMAIL, or CONTACT to the address of a page.",
            id="operations.W002",
        )
    ]


def check_site_address(**_: object) -> Sequence[CheckMessage]:
    """The address that stands in feeds, webhooks and mail is one that the site answers."""
    address = urlsplit(settings.SITE_URL)
    hosts = [host.lstrip(".") for host in settings.ALLOWED_HOSTS]
    if address.scheme == "https" and any(host in ("*", address.hostname) for host in hosts):
        return []
    return [
        Error(
            f"SITE_URL is {settings.SITE_URL}, which is not an https address of this site.",
            hint="Set SITE_URL, for example SITE_URL=https://lessons.example.org, with its name in ALLOWED_HOSTS.",
            id="operations.E001",
        )
    ]


def check_hosts(**_: object) -> Sequence[CheckMessage]:
    """The site answers under names that somebody chose."""
    if "*" not in settings.ALLOWED_HOSTS:
        return []
    words = "The site answers under any name, so an attacker's name can stand in mails and feeds."
    return [Error(words, hint="Name your hosts in ALLOWED_HOSTS.", id="operations.E002")]


def check_keys(**_: object) -> Sequence[CheckMessage]:
    """Secrets are long, different from each other, and there."""
    found: list[CheckMessage] = []
    if len(settings.SECRET_KEY) < LEAST_KEY_LENGTH:
        words = "SECRET_KEY is short enough to be guessed."
        found.append(Error(words, hint="Make one with `openssl rand -base64 48`.", id="operations.E003"))
    if not settings.LEDGER_KEY:
        words = "Nothing signs the head of the ledger, so nobody outside can prove what was published."
        found.append(Warning(words, hint="Set LEDGER_KEY: `openssl rand -base64 32`.", id="operations.W003"))
    return found


def check_database(**_: object) -> Sequence[CheckMessage]:
    """What travels to a database on another machine is encrypted, and to the right one."""
    database = settings.DATABASES["default"]
    host = database.get("HOST", "")
    if not host or host.startswith("/") or host in ("localhost", "127.0.0.1", "::1"):
        return []
    if database.get("OPTIONS", {}).get("sslmode") in ("verify-full", "verify-ca"):
        return []
    return [
        Warning(
            f"The connection to the database on {host} does not check whom it talks to.",
            hint="End DATABASE_URL with ?sslmode=verify-full&sslrootcert=/path/of/the/authority.pem.",
            id="operations.W004",
        )
    ]


def check_static_files(**_: object) -> Sequence[CheckMessage]:
    """The static files were collected."""
    if not settings.STATIC_ROOT or (Path(settings.STATIC_ROOT) / "staticfiles.json").is_file():
        return []
    words = "The static files have not been collected, so no page can be drawn."
    return [Error(words, hint="Run `manage.py collectstatic --noinput` after each update.", id="operations.E004")]


def check_colours(**_: object) -> Sequence[CheckMessage]:
    """In the colours of whoever runs the site, everything can be read. At each start, not at deploying alone."""
    colours = settings.SITE.colours
    hint = "SITE_COLOURS is the dark band, buttons and marks, the accent; without it the site has ours."
    faint = find_faint_pairs(colours) if colours else []
    return [Error(words, hint=hint, id="operations.E005") for words in faint]


DEPLOYMENT_CHECKS = (
    check_proxies,
    check_contact,
    check_site_address,
    check_hosts,
    check_keys,
    check_database,
    check_static_files,
)
