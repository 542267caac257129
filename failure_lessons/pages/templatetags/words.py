"""The words that a statement rests on, for its template."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django import template

from failure_lessons.bibliography.quoting import WordsPlace, locate_words, nest_quotation_marks
from failure_lessons.publishing.csl_names import CslName, spell_name
from failure_lessons.types import Document
from failure_lessons.validators.addresses import link_target

register = template.Library()


@register.filter
def located(citation: Document) -> WordsPlace:
    """Where the words of a resolved citation stand, and how a reader gets there."""
    found = locate_words(citation, citation.get("reference") or {})
    return found._replace(address=link_target(found.address), archived=link_target(found.archived))


@register.filter
def within_quotes(text: str) -> str:
    """A text as it stands within double quotation marks."""
    return nest_quotation_marks(text)


@register.filter
def count_words(sources: Sequence[Document]) -> str:
    """What opens: “3 quotations from 2 sources”, “2 sources, not quoted” or “no source yet”."""
    quoted = sum(bool(each.get("quotation")) for each in sources or ())
    works = len({each["ref"] for each in sources or ()})
    from_works = f"{works} source{'' if works == 1 else 's'}"
    if not works:
        return "no source yet"
    return (
        f"{quoted} quotation{'' if quoted == 1 else 's'} from {from_works}" if quoted else f"{from_works}, not quoted"
    )


@register.filter
def spell_names(names: Iterable[CslName]) -> str:
    """CSL names, as people read them."""
    return ", ".join(map(spell_name, names))
