"""What a process reads while it starts, beside its first requests: the terms of the library and its frequent words.

A word is learnt when a reader asks for it first (`term_bitmaps.py`), which takes as long as the word is frequent. Which
words are frequent is known to the statistics of PostgreSQL; all of them are found in one pass over the editions.
"""

from __future__ import annotations

import logging

from django.db import Error, connections
from pyroaring import BitMap64

from failure_lessons.database.statements import limited_to
from failure_lessons.library.term_bitmaps import (
    KnownMatches,
    TermBitmaps,
    TermKeeper,
    TextQuestion,
    bring_forward,
    format_question,
    keeper,
)
from failure_lessons.library.text_questions import PLAIN_WORD, ask_for_word
from failure_lessons.publishing.models import Edition

log = logging.getLogger(__name__)
TEXTS_AT_ONCE = 10_000  # editions in one statement: their words come in a few megabytes
FEWEST_EDITIONS = 2_000  # that have a word; a rarer one is learnt in milliseconds
MOST_LEARNT = 250  # so that questions of readers have room beside them (MOST_QUESTIONS)
MOST_ROOM = 32 * 1024 * 1024  # bytes of all their bitmaps
MOST_TRIES = 10  # publications that come between reading what was published meanwhile and keeping what was learnt

FREQUENT_STEMS = """
    select stem, frequency
    from pg_stats cross join unnest(most_common_elems::text::text[], most_common_elem_freqs) found (stem, frequency)
    where schemaname = any(current_schemas(false)) and tablename = 'publishing_edition' and attname = 'search'
          and not inherited and stem is not null
    order by frequency desc, stem
"""  # after the frequencies of the stems stand the least and the greatest of them
STEMS_AFTER = """
    with chosen as materialized (
        select id, search from publishing_edition
        where id > %s and superseded_at is null and withdrawn_at is null order by id limit %s
    ),
    found as (
        select stem, array_agg(id) as ids from (select id, unnest(tsvector_to_array(search)) as stem from chosen) each
        where stem = any(%s) group by stem
    )
    select (select max(id) from chosen), found.stem, found.ids from (select) one left join found on true
"""


def warm_library() -> None:
    """Read what would keep a reader waiting; without a database that can wait."""
    try:
        learn_frequent_words(keeper)
    except Error:
        log.warning("Not all of the library could be read yet: the first readers will wait for it.")
    finally:
        connections.close_all()


def learn_frequent_words(known: TermKeeper) -> None:
    """Read the terms, then find the matches of all frequent words, and add them to the newest snapshot.

    What was published since they were begun is noted as not known yet: some parts were read before it, some after. Over
    a redaction, or in a library with another past, nothing is kept.
    """
    before = known.read_current()
    read: TermBitmaps | None = TermBitmaps(before.head, matches=find_matches_of_stems(list_frequent_stems(before)))
    for _ in range(MOST_TRIES):
        known.read_current()
        read = bring_forward(read) if read else None
        if read is None or known.take_matches(read):
            return


def list_frequent_stems(bitmaps: TermBitmaps) -> list[str]:
    """The stems that many editions have, the most frequent first, as far as PostgreSQL knows and there is room."""
    editions = len(bitmaps.everything)
    most = bitmaps.everything.max() // 8 if editions else 0  # bytes of a bitmap with a bit for each key
    with connections[Edition.objects.db].cursor() as cursor:
        cursor.execute(FREQUENT_STEMS)
        frequent = [(stem, frequency * editions) for stem, frequency in cursor if PLAIN_WORD.fullmatch(stem)]
    stems, room = [], MOST_ROOM
    for stem, expected in frequent[:MOST_LEARNT]:
        room -= min(2 * expected, most)  # two bytes for each edition, where they are few
        if expected >= FEWEST_EDITIONS and room >= 0:
            stems.append(stem)
    return stems


def find_matches_of_stems(stems: list[str]) -> dict[TextQuestion, KnownMatches]:
    """The current editions that have each of these, by the question for it, the least frequent first."""
    found = {stem: BitMap64() for stem in reversed(stems)}
    last = 0 if stems else None
    while last is not None:
        with limited_to("counts"), connections[Edition.objects.db].cursor() as cursor:
            cursor.execute(STEMS_AFTER, [last, TEXTS_AT_ONCE, stems])
            rows = cursor.fetchall()
        for _, stem, keys in rows:
            if stem:
                found[stem].update(keys)
        last = rows[0][0]
    return {question_for(stem): (keys, BitMap64()) for stem, keys in found.items()}


def question_for(stem: str) -> TextQuestion:
    """What is asked for a word of this stem."""
    return format_question(Edition.objects.current().filter(search=ask_for_word(stem, [stem])).order_by())
