"""A page of kept text as pieces to show, and places in it with their surroundings."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

from failure_lessons.coding.models import Quotation, SourceFile
from failure_lessons.coding.selectors import TextPlace

AROUND = 60  # characters shown before and after a place


@dataclass(frozen=True)
class Segment:
    """A piece of a page: `first` is the number of the quotation that begins with it, `quoted` whether it is in one."""

    text: str
    quoted: bool
    first: int | None = None


def cut_into_segments(file: SourceFile, page: int, quotations: Iterable[Quotation]) -> list[Segment]:
    """A page in pieces, cut wherever a quotation begins or ends; together they are the text of the page."""
    start, end = file.span_of(page)
    spans = [(max(each.start, start), min(each.end, end), each.pk) for each in quotations]
    cuts = sorted({start, end, *(place for span in spans for place in span[:2])})
    pieces = []
    for left, right in pairwise(cuts):
        inside = [span for span in spans if span[0] <= left and right <= span[1]]
        first = next((pk for begin, _, pk in inside if begin == left), None)
        pieces.append(Segment(file.text[left:right], bool(inside), first))
    return pieces


def describe_places(file: SourceFile, places: Iterable[TextPlace]) -> list[dict[str, object]]:
    """Each place with its page and with what stands before and after."""
    return [
        {
            "start": place.start,
            "page": file.page_of(place.start),
            "label": file.label_of(file.page_of(place.start)),
            "before": file.text[max(0, place.start - AROUND) : place.start],
            "words": file.text[place.start : place.end],
            "after": file.text[place.end : place.end + AROUND],
        }
        for place in places
    ]
