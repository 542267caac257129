"""The text of a token, `flt_` + prefix + `.` + secret, and the hash that is kept in its place.

A secret of 40 random letters and digits cannot be guessed, so one round of SHA-512 without salt protects it: a hash
made slow for people's passwords would cost each request of a partner a tenth of a second and protect nothing more.
"""

from __future__ import annotations

import hashlib

from django.utils.crypto import constant_time_compare, get_random_string

BEARER_PREFIX = "flt_"  # begins every token, so that scanners of code and logs can find one that got out
PREFIX_LENGTH = 8
SECRET_LENGTH = 40


def make_key() -> tuple[str, str]:
    """The public prefix of a new token, and the key (prefix and secret) that only its partner is to have."""
    prefix = get_random_string(PREFIX_LENGTH)
    return prefix, f"{prefix}.{get_random_string(SECRET_LENGTH)}"


def hash_key(key: str) -> str:
    """What is kept of a key, with the name of its algorithm before it."""
    return f"sha512$${hashlib.sha512(key.encode()).hexdigest()}"


def matches_hash(key: str, hashed: str) -> bool:
    """Whether the hash was made of this key; the time it takes tells nothing."""
    return constant_time_compare(hash_key(key), hashed)
