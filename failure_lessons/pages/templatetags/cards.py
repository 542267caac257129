"""Cards of records and choices of filters, which lists repeat by the dozen.

As nodes of a template they took three quarters of the time of a list page; here each is one call.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache, partial

from django import template
from django.template.context import Context
from django.urls import get_script_prefix
from django.utils.html import conditional_escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from failure_lessons.library.facets import Facet, Titles
from failure_lessons.pages.fragments import FragmentCache, takes_nothing_along
from failure_lessons.pages.links import write_way_back
from failure_lessons.pages.templatetags.evidence import label, term_label
from failure_lessons.publishing.models import Edition

register = template.Library()
NAMED_BY_TEAMS = "failure-type"  # the one term on cards whose words are a steward's
WAY_BACK = "\x03"  # in a card that is kept: where it leads back to. No text of a record holds this character
MOST_WRITTEN = 4_000
written_cards = FragmentCache(MOST_WRITTEN)


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


@register.simple_tag(takes_context=True)
def card_items(context: Context, items: Iterable[Edition], address: str, titles: Titles) -> SafeString:
    """A card for each of these, as items of a list: `address` is that of their kind, `titles` what terms are called.

    A card shows its edition, which never changes, and leads back to the page that it stands on.
    """
    request = getattr(context, "request", None)
    template = context.template.engine.get_template("_components/card.html")  # type: ignore[union-attr]  # it is rendering

    def write(item: Edition, **more: str) -> str:
        return f"<li>{template.render(context.new({'item': item, 'address': address, 'titles': titles, **more}))}</li>"

    if request is None or not takes_nothing_along(request):
        return mark_safe("\n".join(map(write, items)))  # noqa: S308  # a template wrote it
    frame = (get_script_prefix(), address)
    written = [
        written_cards.read((*frame, *card_content(each, titles)), partial(write, each, way_back=WAY_BACK))
        for each in items
    ]
    back = conditional_escape(write_way_back(request.get_full_path()))
    return mark_safe("\n".join(written).replace(WAY_BACK, back))  # noqa: S308  # a template wrote it


def card_content(item: Edition, titles: Titles) -> tuple[object, ...]:
    """Everything that a card shows of its edition."""
    shown = (item.pk is None, item.kind, item.slug, item.code, item.number, item.title, item.summary)
    return (*shown, tuple(item.terms), bool(item.evidence_changed_at), name_failures(item, titles))


def name_failures(item: Edition, titles: Titles) -> tuple[tuple[str, str], ...]:
    """What failed, as cards say it: code and words, where `titles` tell them."""
    failed = codes_by_term(tuple(item.terms)).get(NAMED_BY_TEAMS, ()) if titles else ()
    return tuple((code, term_label(titles, NAMED_BY_TEAMS, code)) for code in failed)


@register.simple_tag
def card_classes(item: Edition) -> str:
    """The classes of a card: its kind, and the codes that colour it."""
    codes = codes_by_term(tuple(item.terms))
    return " ".join([item.kind, *codes.get("strength", ()), *codes.get("sector", ())])


@register.simple_tag
def card_facts(item: Edition, titles: Titles) -> SafeString:
    """The facts of a card, as pairs of a list of terms; `titles` are what terms are called, by term and code."""
    return write_facts(item.kind, tuple(item.terms), name_failures(item, titles))


@register.simple_tag
def facet_choices(facet: Facet) -> SafeString:
    """The choices of a filter, each with the number of records it would give."""
    rows = [
        f"{write_choice(facet.name, each.code, each.label, each.picked)}{each.count})</span></span></label>"
        for each in facet.choices
    ]
    return mark_safe("\n".join(rows))  # noqa: S308  # escaped, and numbers


@lru_cache(maxsize=4096)
def write_choice(name: str, code: str, label: str, picked: bool) -> str:
    """A choice of a filter, up to its number of records."""
    return format_html(
        '<label class="choice"><input class="tick" type="checkbox" id="{}-{}" name="{}" value="{}"{}>'
        '<span>{} <span class="count">(',
        *(name, code, name, code, mark_safe(" checked") if picked else "", label),
    )
