"""The head of the ledger, signed, to leave the house: whoever kept one can tell later whether the past was rewritten.

The chain shows that no entry was altered, unless somebody with full rights cut off its end or computed every hash
anew. A head that somebody else holds shows that as well. It is signed with Ed25519 (RFC 8032), so that nobody can
pretend to have been given another.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import os
import tempfile
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from failure_lessons.publishing.ledger import format_utc
from failure_lessons.publishing.models import LedgerEntry

KEY_BYTES = 32
KEY_HINT = "LEDGER_KEY is the base64 of 32 random bytes: write LEDGER_KEY=$(openssl rand -base64 32)."
HEAD_MEMBERS = ("repository", "number", "sha256", "at")  # what the statement is made of


class CannotTrust(Exception):
    """A signed head is not what it says."""


def statement_of(head: Mapping[str, object]) -> str:
    """The words that are signed: five lines, each ended by a line feed."""
    return "".join(f"{line}\n" for line in ("failure-lessons ledger head", *(head[name] for name in HEAD_MEMBERS)))


def signed_head(entry: LedgerEntry | None) -> dict[str, object] | None:
    """This entry as the head of the ledger, with its signature; None of an empty library.

    `signature` and `key` are base64, and null where the site has no key.
    """
    if entry is None:
        return None
    head: dict[str, object] = {
        "repository": settings.REPOSITORY_DOMAIN,
        "number": entry.number,
        "sha256": entry.sha256,
        "at": format_utc(entry.at),
    }
    key = signing_key()
    signature = key.sign(statement_of(head).encode()) if key else None
    return {
        **head,
        "signature": base64.b64encode(signature).decode() if signature else None,
        "key": public_half(key) if key else None,
    }


def public_half(key: Ed25519PrivateKey) -> str:
    """The public half of a key, as base64 of its 32 bytes."""
    return base64.b64encode(key.public_key().public_bytes_raw()).decode()


def signing_key() -> Ed25519PrivateKey | None:
    """The key of `LEDGER_KEY`; on a laptop one of its own, kept in `var/`; elsewhere None."""
    text = settings.LEDGER_KEY or (read_local_key(Path(settings.LEDGER_KEY_FILE)) if settings.LEDGER_KEY_FILE else "")
    return load_key(text) if text else None


@lru_cache(maxsize=4)
def load_key(text: str) -> Ed25519PrivateKey:
    """The key of these words."""
    try:
        return Ed25519PrivateKey.from_private_bytes(base64.b64decode(text, validate=True))
    except (ValueError, binascii.Error):
        raise ImproperlyConfigured(KEY_HINT) from None


@lru_cache(maxsize=4)
def read_local_key(path: Path) -> str:
    """The key kept at `path`, made there when there is none. Processes that start at once agree on one."""
    if not path.is_file():
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent)  # for our own eyes only
        with os.fdopen(handle, "w") as file:
            file.write(base64.b64encode(os.urandom(KEY_BYTES)).decode())
        try:
            os.link(name, path)  # whole, or not at all
        except FileExistsError:
            pass
        finally:
            os.unlink(name)
    return path.read_text().strip()


def known_keys() -> Iterator[tuple[str, str]]:
    """The public halves that heads were signed with, and whether each is `current` or `former`."""
    if key := signing_key():
        yield public_half(key), "current"
    for former in settings.LEDGER_FORMER_KEYS:
        yield former, "former"


def key_fingerprint(public: str) -> str:
    """A public half in so few letters that people can compare them: the start of its SHA-256."""
    return hashlib.sha256(base64.b64decode(public)).hexdigest()[:16]


def check_head(head: Mapping[str, object]) -> str:
    """The hash that a signed head holds. Raises `CannotTrust` unless one of our keys signed it."""
    try:
        public, signature = str(head["key"]), base64.b64decode(str(head["signature"]), validate=True)
        if public not in {key for key, _ in known_keys()}:
            raise CannotTrust("It was signed with a key that is not one of ours.")
        Ed25519PublicKey.from_public_bytes(base64.b64decode(public)).verify(signature, statement_of(head).encode())
    except (KeyError, ValueError, binascii.Error):
        raise CannotTrust("It is no signed head of the ledger.") from None
    except InvalidSignature:
        raise CannotTrust("Its signature does not fit its words.") from None
    return str(head["sha256"])


def find_missing_heads(hashes: Mapping[str, str]) -> Iterator[str]:
    """Of heads that somebody kept (by hash, each with where it was kept), those that the ledger no longer holds."""
    there = set(LedgerEntry.objects.filter(sha256__in=hashes).values_list("sha256", flat=True))
    for sha256, where in hashes.items():
        if sha256 not in there:
            yield f"{where}: the ledger does not hold {sha256} any more: it was cut off, rewritten or restored"
