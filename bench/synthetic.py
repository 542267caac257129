"""`make synthetic N=20000`: a database of its own, `failure_lessons_synthetic_20000`, with N invented recommendations.

The text is made from a small grammar and marked as invented; it never enters the database of `make run`. The first
2,000 are published one by one; the lesson, the two findings and the reference under each, and copies of all these beyond
2,000, are written by SQL (`chain.sql`): a million would otherwise take a day.
"""

from __future__ import annotations

import os
import random
import sys
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import django
import psycopg2
from django.conf import settings
from django.core.management import call_command
from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper
from django.utils import timezone

PUBLISHED = 2_000  # recommendations that are really published; the rest are their copies
CHAIN = Path(__file__).with_name("chain.sql")
WHO = ("Trust boards", "NHS England", "Integrated care boards", "The regulator", "Regional teams", "Commissioners")
DO = ("publish", "test", "agree", "review", "record", "fund", "audit", "rehearse", "limit", "explain")
FAILURE_TYPES = ("quality", "safety", "financial", "governance", "leadership", "performance", "contract")
WHAT = (
    "the plan for recovery",
    "a threshold for formal action",
    "warnings from staff",
    "the terms of a transfer",
    "the figures behind a rating",
    "exit from support",
    "the money for the first two years",
    "peer visits",
    "the duties of the interim leader",
    "an account of each delay",
)
WHEN = (
    "before approval",
    "within six months",
    "each quarter",
    "when the same concern is found twice",
    "at the handover",
    "a year after support has ended",
)
WHY = (
    "Earlier cases show that delay raised the cost and hurt users.",
    "Warnings were on record but nobody joined them up.",
    "Where it was done, improvement began sooner, though other things changed too.",
    "Boards that could not see the figures could not ask about them.",
    "The evidence is thin, comes from another sector and was read in part.",
)


def connect(size: int) -> bool:
    """Point Django at the synthetic database of a size, making it when it is not there; whether it was."""
    name = f"failure_lessons_synthetic_{size}"
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "failure_lessons.settings")
    database = settings.DATABASES["default"]
    admin = psycopg2.connect(
        dbname=database["NAME"],
        user=database["USER"],
        password=database["PASSWORD"] or None,
        host=database["HOST"] or None,
        port=database["PORT"] or None,
    )
    admin.autocommit = True
    with admin.cursor() as cursor:
        cursor.execute("select 1 from pg_database where datname = %s", [name])
        there = cursor.fetchone() is not None
        if not there:
            cursor.execute(f"create database {name}")
    admin.close()
    database["NAME"] = name
    django.setup()
    return there


def sentence(dice: random.Random) -> str:
    """One invented recommendation."""
    return f"{dice.choice(WHO)} should {dice.choice(DO)} {dice.choice(WHAT)} {dice.choice(WHEN)}."


def paragraph(dice: random.Random, sentences: int) -> str:
    """Invented reasons."""
    return " ".join(f"{dice.choice(WHY)} {sentence(dice)}" for _ in range(sentences))


def publish_invented(numbers: range) -> None:
    """Publish the recommendations of these numbers in one transaction."""
    from failure_lessons.accounts.models import User  # models can be imported once Django is set up
    from failure_lessons.publishing.plan import plan_editions
    from failure_lessons.publishing.renditions import Rendition, natural_sort_key
    from failure_lessons.publishing.services import LedgerWriter, write_editions
    from failure_lessons.vocabularies.choices import Audience, ConfidenceLevel, Level, Phase, Strength
    from recommendations.models import Recommendation

    writer, _ = User.objects.get_or_create(username="synthetic-writer")
    publisher, _ = User.objects.get_or_create(username="synthetic-publisher")
    renditions = []
    for number in numbers:
        dice = random.Random(number)  # words, not secrets
        code, title = f"SYN{number}", sentence(dice)[:-1]
        entry = {
            "code": code,
            "title": title,
            "statement": sentence(dice),
            "rationale": paragraph(dice, 5),
            "actions": [sentence(dice) for _ in range(4)],
            "audiences": dice.sample(Audience.values, 2),
            "level": dice.choice(Level.values),
            "phase": dice.choice(Phase.values),
            "failure_types": dice.sample(FAILURE_TYPES, 2),
            "owner": dice.choice(WHO),
            "timescale": {"label": dice.choice(WHEN), "months": dice.randint(3, 24)},
            "measures": [sentence(dice) for _ in range(2)],
            "resources": sentence(dice),
            "conditions": sentence(dice),
            "risks": sentence(dice),
            "counter_evidence": paragraph(dice, 3),
            "strength": dice.choice(Strength.values),
            "confidence": dice.choice(ConfidenceLevel.values),
            "wording": "should",
            "action_kind": "process",
        }
        terms = {f"{name}:{entry[name]}" for name in ("level", "phase", "strength", "confidence", "wording")}
        terms |= {f"audience:{code}" for code in entry["audiences"]}
        terms |= {f"failure-type:{code}" for code in entry["failure_types"]}
        renditions.append(
            Rendition(
                record=Recommendation(record_id=uuid.uuid5(uuid.NAMESPACE_URL, code)),
                kind="recommendation",
                slug=f"synthetic-{number}",
                code=code,
                title=title,
                summary=entry["statement"],
                body=entry["rationale"],
                entry=entry,
                sort_key=natural_sort_key(code),
                terms=frozenset(terms),
            )
        )
    with transaction.atomic():
        ledger = LedgerWriter(timezone.now())
        plan = plan_editions(renditions)
        submitter = {each.record.record_id: writer for each in renditions}
        write_editions(plan, submitter, publisher, "Invented for measurement.", ledger, "published")


@contextmanager
def rebuilt_indexes(cursor: CursorWrapper, table: str) -> Iterator[None]:
    """Within, a table has no indexes but those of its constraints: to build one anew is quicker than a million entries."""
    cursor.execute(
        "select indexrelid::regclass::text, pg_get_indexdef(indexrelid) from pg_index where indrelid = %s::regclass"
        " and not exists (select from pg_constraint where conindid = indexrelid)",
        [table],
    )
    indexes = cursor.fetchall()
    for name, _ in indexes:
        cursor.execute(f"drop index {name}")
    yield
    cursor.execute("set local maintenance_work_mem = '1GB'")
    for _, definition in indexes:
        cursor.execute(definition)


def main(wanted: int) -> None:
    """Fill up to `wanted` recommendations, a multiple of 2,000."""
    connect(wanted)
    from failure_lessons.publishing.models import Edition  # models can be imported once Django is set up

    call_command("migrate", verbosity=0)
    started, here = time.monotonic(), Edition.objects.filter(kind="recommendation").count()
    for first in range(here, min(wanted, PUBLISHED), 1000):
        publish_invented(range(first, min(first + 1000, PUBLISHED)))
    if here < wanted:
        with transaction.atomic(), connection.cursor() as cursor, rebuilt_indexes(cursor, "publishing_edition"):
            cursor.execute(CHAIN.read_text(), {"wanted": wanted})
        with connection.cursor() as cursor:
            cursor.execute("vacuum analyze publishing_edition, publishing_editioncitation, publishing_ledgerentry")
    print(
        f"\n{Edition.objects.filter(kind='recommendation').count()} recommendations, "
        f"{time.monotonic() - started:.1f} s."
    )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 20_000)
