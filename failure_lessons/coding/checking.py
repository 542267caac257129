"""Does every quotation still stand in its document, once, and every use in its statement?"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from typing import NamedTuple

from django.db.models import Count, Exists, OuterRef

from failure_lessons.coding.models import Quotation, SourceFile, Use
from failure_lessons.coding.selectors import TextPlace, resolve_selector
from failure_lessons.coding.services import citations_of
from literature.statements import CitationBase


class CitedQuotations(NamedTuple):
    """How many quotations statements cite, and how many of them stand in no document that was attached."""

    cited: int
    without_document: int


def count_cited_quotations() -> CitedQuotations:
    """Quotations that statements of the workbench cite, and those with no document to be checked against.

    One query for each table of citations.
    """
    kept = SourceFile.objects.filter(document__reference=OuterRef("reference"))
    cited = without = 0
    for model in CitationBase.__subclasses__():
        quoted = model._default_manager.exclude(quotation="").order_by()
        counted = quoted.aggregate(cited=Count("pk"), without=Count("pk", filter=~Exists(kept)))
        cited, without = cited + counted["cited"], without + counted["without"]
    return CitedQuotations(cited, without)


def find_quotation_faults() -> Iterator[str]:
    """A sentence for each quotation that its selectors do not find exactly once, and each use without its citation.

    The text of one document at a time is in memory.
    """
    quotations = Quotation.objects.select_related("document").order_by("document_id", "start", "pk")
    for document, group in groupby(quotations.iterator(), lambda each: each.document):
        file = SourceFile.objects.defer("data").filter(document=document).first()
        for each in group:
            name = f"Quotation {each.pk} of “{document.name}” ({each.exact[:60]!r})"
            if file is None:
                yield f"{name}: its document has no kept text."
                continue
            if file.text[each.start : each.end] != each.exact:
                yield f"{name}: its words do not stand at {each.start}–{each.end}."
            found = resolve_selector(file.text, each.exact, each.prefix, each.suffix)
            if found != [TextPlace(each.start, each.end)]:
                yield f"{name}: its words with their context occur {len(found)} times, not once at their place."
            if each.page != file.page_of(each.start):
                yield f"{name}: it is on page {file.page_of(each.start)}, not {each.page}."
    for use in Use.objects.select_related("quotation__document", *Use.STATEMENTS):
        if not citations_of(use.statement, use.quotation):
            yield f"“{use.statement}” no longer quotes quotation {use.quotation_id}, which says that it does."
