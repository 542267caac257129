"""Database roles that may do no more than their process needs: who gets what, by table.

Each is a role without a password that an operator's own login joins. A table that is new and named nowhere is the
workbench's alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.db import connection

# What the public site and API read.
LIBRARY_TABLES = (
    "publishing_edition",
    "publishing_editioncitation",
    "publishing_ledgerentry",
    "operations_checkedlink",  # whether sources can be reached
    "operations_usecount",  # how the site is used, in sum
    "intake_publicnote",  # what others sent in about a record, once two people have agreed
)
INTAKE_TABLES = (
    "intake_publicmessage",
    "intake_followrequest",
)  # what the public sends in: added to, and never read back

WORKER_DELETES = (
    "outbox_message",
    "webhooks_attempt",
    *INTAKE_TABLES,
    "intake_messagedecision",
    "intake_publicnote",
    "intake_following",
    "operations_vainsearch",
    "operations_checkedlink",
)


@dataclass(frozen=True)
class Role:
    """What a role is for, and its rights: a kind of right to the tables it holds for, `*` for all."""

    purpose: str
    rights: dict[str, tuple[str, ...]]


DATABASE_ROLES = {
    "reader": Role("the public site and API, read by anybody", {"select": LIBRARY_TABLES}),
    "intake": Role(
        "the forms by which the public sends something in: `/contact/` and `/follow/`",
        {"select": LIBRARY_TABLES, "insert": INTAKE_TABLES},
    ),
    "workbench": Role(
        "the workbench, partners' writing, and all a steward does",
        {"select": ("*",), "insert": ("*",), "update": ("*",), "delete": ("*",)},
    ),
    "worker": Role(
        "what works beside the site: mail, webhooks, downloads, times at which something is published",
        {"select": ("*",), "insert": ("*",), "update": ("*",), "delete": WORKER_DELETES},
    ),
}


def existing_tables() -> set[str]:
    """The tables of the database."""
    return set(connection.introspection.table_names())


def tables_of(names: Iterable[str]) -> list[str]:
    """The tables that these names mean, of those that there are."""
    there = existing_tables()
    return sorted(there) if "*" in names else sorted(there & set(names))


def grant_statements(prefix: str) -> Iterator[str]:
    """The SQL that makes the roles, gives each its rights and takes whatever else it had. The owner has to run it."""
    quote = connection.ops.quote_name
    for code, role in DATABASE_ROLES.items():
        name = quote(f"{prefix}_{code}")
        yield f"-- {code}: {role.purpose}"
        yield (
            f"do $$ begin create role {name} nologin; exception when duplicate_object or unique_violation then null;"
            " end $$"
        )
        yield f"revoke all on all tables in schema public from {name}"
        yield f"revoke all on all sequences in schema public from {name}"
        yield f"grant usage on schema public to {name}"
        for right, names in role.rights.items():
            if tables := tables_of(names):
                yield f"grant {right} on {', '.join(map(quote, tables))} to {name}"
        if "*" in role.rights.get("insert", ()):  # keys of what the public sends in are not numbers
            yield f"grant usage on all sequences in schema public to {name}"
