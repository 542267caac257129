"""Cards of records and choices of filters, which lists repeat by the dozen.

As nodes of a template they took three quarters of the time of a list page; here each is one call.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from django import template
from django.utils.html import conditional_escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from failure_lessons.library.facets import Facet, Titles
from failure_lessons.pages.templatetags.evidence import label, term_label
from failure_lessons.publishing.models import Edition

register = template.Library()
NAMED_BY_TEAMS = "failure-type"  # the one term on cards whose words are a steward's


@dataclass(frozen=True)
class CardFact:
    """A fact on a card: its name, the term that tells it, and the vocabulary of its codes.

    `together` is for several codes in one fact; `only` and `never` are kinds; `after` follows each label.
    """

    name: str
    term: str
    vocabulary: str = ""
    together: bool = False
    only: str = ""
    never: str = ""
    after: str = ""

    def is_told_of(self, kind: str) -> bool:
        """Whether cards of this kind tell it."""
        return self.never != kind and self.only in ("", kind)

    def format_code(self, code: str, named: Mapping[str, str]) -> str:
        """What a code is called on a card."""
        if self.term == "confidence":
            return format_html('<span class="sure {}">{}</span>', code, label(code, self.vocabulary))
        if self.term == NAMED_BY_TEAMS:
            return named.get(code) or label(code)
        return code if self.term == "year" else f"{label(code, self.vocabulary)}{self.after}"


CARD_FACTS = (
    CardFact("Strength", "strength", "Strength"),
    CardFact("How sure", "confidence", "ConfidenceLevel"),
    CardFact("Phase", "phase"),
    CardFact("For", "audience", together=True),
    CardFact("Sector", "sector", together=True, never="recommendation"),
    CardFact("What failed", "failure-type", together=True, only="case-study"),
    CardFact("Answer", "answer", "AnswerState"),
    CardFact("It said", "position", "Position", together=True),
    CardFact("Done?", "implementation", "Implementation"),
    CardFact("One reader", "provisional", "Implementation", after=" (provisional)"),
    CardFact("Type", "review-type"),
    CardFact("Type", "type"),
    CardFact("Year", "year"),
)


@lru_cache(maxsize=4096)
def codes_by_term(terms: tuple[str, ...]) -> Mapping[str, list[str]]:
    """The codes among terms, by the name of their term."""
    found: dict[str, list[str]] = {}
    for each in terms:
        name, _, code = each.partition(":")
        found.setdefault(name, []).append(code)
    return found


@lru_cache(maxsize=4096)
def write_facts(kind: str, terms: tuple[str, ...], named: tuple[tuple[str, str], ...]) -> SafeString:
    """The facts of a card, which depend on its terms alone and on what a team calls some of them (code, words)."""
    codes, names, pairs = codes_by_term(terms), dict(named), []
    for fact in CARD_FACTS:
        if fact.term in codes and fact.is_told_of(kind):
            told = [conditional_escape(fact.format_code(code, names)) for code in codes[fact.term]]
            pairs += [(fact.name, words) for words in ([mark_safe(", ".join(told))] if fact.together else told)]  # noqa: S308  # escaped
    return format_html_join("", "<div><dt>{}</dt><dd>{}</dd></div>", pairs)


@register.filter
def first_words(text: str, most: int) -> str:
    """The text, or so many words of it and an ellipsis: as `truncatewords`, at a tenth of its cost."""
    words = text.split()
    return f"{' '.join(words[:most])} …" if len(words) > most else " ".join(words)


@register.simple_tag
def card_classes(item: Edition) -> str:
    """The classes of a card: its kind, and the codes that colour it."""
    codes = codes_by_term(tuple(item.terms))
    return " ".join([item.kind, *codes.get("strength", ()), *codes.get("sector", ())])


@register.simple_tag
def card_facts(item: Edition, titles: Titles) -> SafeString:
    """The facts of a card, as pairs of a list of terms; `titles` are what terms are called, by term and code."""
    terms = tuple(item.terms)
    failed = codes_by_term(terms).get(NAMED_BY_TEAMS, ()) if titles else ()
    return write_facts(item.kind, terms, tuple((code, term_label(titles, NAMED_BY_TEAMS, code)) for code in failed))


@register.simple_tag
def facet_choices(facet: Facet) -> SafeString:
    """The choices of a filter, each with the number of records it would give."""
    row = (
        '<label class="choice"><input class="tick" type="checkbox" id="{}-{}" name="{}" value="{}"{}>'
        '<span>{} <span class="count">({})</span></span></label>'
    )
    ticked = {True: mark_safe(" checked"), False: ""}
    return format_html_join(
        "\n",
        row,
        (
            (facet.name, each.code, facet.name, each.code, ticked[each.picked], each.label, each.count)
            for each in facet.choices
        ),
    )
