"""A file of a review's records for ASReview, and its ranking taken back: the likely ones come first, people decide.

ASReview (https://asreview.nl) reads a CSV with `title`, `abstract` and `included` (1, 0 or empty) and writes the same
rows back, ranked. Our column `key` tells the rows; where there is `asreview_ranking` its numbers count, else the order.
"""

from __future__ import annotations

import csv
import io

from django.db import connection, transaction

from failure_lessons.bibliography.names import format_csl_authors, format_csl_year
from failure_lessons.files.cells import open_csv
from failure_lessons.files.decoding import CannotReadFile, decode_text_file
from failure_lessons.vocabularies.choices import ScreeningDecision
from literature.models import Candidate, LiteratureReview, Reference, Screening, ScreeningPlan
from literature.prisma import TITLE
from literature.screening.services import CannotScreen, lock_review

RANKING_HEADS = ("key", "title", "abstract", "authors", "year", "doi", "url", "included")
LARGEST_RANKING = 30_000_000  # bytes


def write_for_ranking(review: LiteratureReview) -> bytes:
    """The records of a review as CSV. `included` tells decisions that count, never the vote of one person."""
    out = io.StringIO()
    table = open_csv(out)
    table.writerow(RANKING_HEADS)
    decided = Screening.objects.filter(review=review, stage=TITLE).values_list("reference", "decision")
    labels = {pk: 1 if decision == ScreeningDecision.INCLUDE else 0 for pk, decision in decided}
    rows = Reference.objects.filter(candidacies__review=review).order_by("candidacies__place", "pk")
    for row in rows:
        authors = "; ".join(format_csl_authors({"author": row.author}))
        year = format_csl_year({"issued": row.issued}) if row.issued else ""
        table.writerow([row.slug, row.title, row.abstract, authors, year, row.doi, row.url, labels.get(row.pk, "")])
    return out.getvalue().encode()


def read_ranking(data: bytes) -> list[str]:
    """The keys of a ranked file, the likeliest first. Raises `CannotScreen`."""
    if len(data) > LARGEST_RANKING:
        raise CannotScreen(f"A ranking has at most {LARGEST_RANKING // 1_000_000} MB.")
    try:
        text, _ = decode_text_file(data)
    except CannotReadFile as fault:
        raise CannotScreen(str(fault)) from None
    csv.field_size_limit(1_000_000)
    try:
        reader = csv.DictReader(io.StringIO(text, newline=""))
        names = {name.strip().lower(): name for name in reader.fieldnames or [] if name}
        if "key" not in names:
            raise CannotScreen("The file has no column “key”: take our file to ASReview, and bring back its export.")
        ranks = names.get("asreview_ranking")
        rows: list[tuple[float, int, str]] = []
        for number, row in enumerate(reader):
            key = (row.get(names["key"]) or "").strip()
            rank = (row.get(ranks) or "").strip() if ranks else ""
            if key:
                rows.append((float(rank) if rank.replace(".", "", 1).isdecimal() else float(number), number, key))
    except csv.Error as fault:
        raise CannotScreen(f"This is no table that can be read: {fault}.") from None
    return list(dict.fromkeys(key for _, _, key in sorted(rows)))


@transaction.atomic
def rank_records(*, review: LiteratureReview, keys: list[str], name: str) -> tuple[int, int]:
    """Let these records come first, in this order; the others follow as they stood. Says how many were here, and not.

    Whoever has voted keeps their votes. Raises `CannotScreen` where no key is of a record of the review.
    """
    held = lock_review(review)
    stand = list(Candidate.objects.filter(review=held).order_by("place", "pk").values_list("pk", "reference__slug"))
    by_key = {slug: pk for pk, slug in stand}
    first = [by_key[key] for key in keys if key in by_key]
    if not first:
        raise CannotScreen("No key of this file is that of a record to be screened here.")
    ranked = set(first)
    order = [*first, *(pk for pk, _ in stand if pk not in ranked)]
    with connection.cursor() as cursor:
        cursor.execute(
            "update literature_candidate set place = ranked.place "
            "from unnest(%s::bigint[]) with ordinality as ranked (id, place) where literature_candidate.id = ranked.id",
            [order],
        )
    ScreeningPlan.objects.update_or_create(review=held, defaults={"ranked_from": name[:200]})
    return len(first), len(keys) - len(first)
