"""How values of a document are shown: codes as labels, dates in English, prose as safe HTML."""

from __future__ import annotations

import re
from collections.abc import Mapping

import nh3
from django import template
from django.template.context import Context
from django.utils.html import escape, linebreaks
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt

from failure_lessons.bibliography.inline import INLINE
from failure_lessons.dates import NotEdtf, parse_edtf
from failure_lessons.library.resolve import RECORD_CODE, NamedRecord, ResolvedObject
from failure_lessons.pages.links import carry_along
from failure_lessons.pages.prose_tables import shape_tables
from failure_lessons.publishing.addresses import add_prefix, record_path
from failure_lessons.types import Document, JSONObject
from failure_lessons.validators.addresses import link_target
from failure_lessons.vocabularies.labels import known_labels

register = template.Library()
MARKDOWN = MarkdownIt("commonmark", {"html": False, "linkify": False}).enable("table").disable("image")
LONGEST_PROSE = 50_000  # characters read as Markdown: a second at the very worst; no text of ours has a third of it
OTHER_SITE = re.compile(r"[/\\]{2}|[a-z][a-z0-9+.-]*:", re.IGNORECASE)  # how an address leaves this site
TAGS = {
    *("p", "br", "em", "strong", "ul", "ol", "li", "a", "blockquote", "code", "h3", "h4", "hr"),
    *("table", "caption", "thead", "tbody", "tr", "th", "td"),
}
ATTRIBUTES = {"a": {"href", "class", "title"}, "table": {"class"}, "th": {"scope"}, "td": {"data-label"}}


@register.filter
def label(code: str, vocabulary_name: str = "") -> str:
    """The label of a code, such as “Provider board” for `provider-board`, in the vocabulary given or in any."""
    known = known_labels()
    return known.get(f"{vocabulary_name}:{code}") or known.get(code, plain_words(code))


@register.simple_tag
def term_label(titles: Mapping[tuple[str, str], str], term: str, code: str) -> str:
    """What a term is called in lists, where `titles` are given by term and code."""
    return titles.get((term, code)) or plain_words(code)


@register.simple_tag
def document_label(record: Document, vocabulary: str, code: str) -> str:
    """What a term was called when this record's edition was published: its document tells it."""
    labels = record.get("derived", {}).get("labels", {})
    return labels.get(vocabulary, {}).get(code) or plain_words(code)


def plain_words(code: str) -> str:
    """A code as words, where nothing tells what it is called."""
    return code.replace("-", " ").replace("_", " ").capitalize() if code else ""


@register.filter
def english_edtf(text: str) -> str:
    """An EDTF date in English; a label that is no date, such as 2016-17, as it is."""
    try:
        return parse_edtf(text).english if text else ""
    except NotEdtf:
        return text


@register.filter
def machine_date(text: str) -> str:
    """The value for a `datetime` attribute, where the date is plain enough to have one."""
    return text if re.fullmatch(r"\d{4}(-\d{2}){0,2}", text or "") else ""


@register.simple_tag(takes_context=True)
def prose(context: Context, text: str) -> SafeString:
    """Markdown as safe HTML; citations (`[ref: key]`, `[@key, p. 4]`), codes of known records and glossary terms become
    links."""
    if len(text or "") > LONGEST_PROSE:
        return mark_safe(linebreaks(text, autoescape=True))  # noqa: S308  # escaped
    references: Mapping[str, ResolvedObject] = context.get("references") or {}
    codes: Mapping[str, NamedRecord] = context.get("codes") or {}

    def link(match: re.Match[str]) -> str:
        known = references.get(match[1])
        words, place = (
            re.sub(r"([\\\[\]`*_<>])", r"\\\1", each)
            for each in (known["short"] if known else match[1], match[2] or "")
        )
        return f"([{words}]({record_path('reference', match[1])}){f', {place}' if place else ''})"

    def record(match: re.Match[str]) -> str:
        known = codes.get(match[0])
        return f"[{match[0]}]({record_path(known.kind.code, known.slug)})" if known else match[0]

    tokens = MARKDOWN.parse(INLINE.sub(link, RECORD_CODE.sub(record, text or "")))
    if glossary := context.get("glossary"):
        glossary.explain(tokens)
    for token in tokens:
        for child in token.children or ():
            if child.type == "link_open" and not may_link(str(child.attrs["href"])):
                del child.attrs["href"]
            elif child.type == "link_open" and str(child.attrs["href"]).startswith("/"):
                child.attrs["href"] = carry_along(
                    add_prefix(str(child.attrs["href"])), getattr(context, "request", None)
                )
    html = MARKDOWN.renderer.render(shape_tables(tokens), MARKDOWN.options, {})
    clean = nh3.clean(
        html,
        tags=TAGS,
        attributes=ATTRIBUTES,
        url_schemes={"http", "https"},
        link_rel="noopener",
    )
    return mark_safe(clean)  # noqa: S308  # just cleaned by nh3


def may_link(address: str) -> bool:
    """Whether a link in a text may lead there: within this site, or where `link_target` allows."""
    return bool(link_target(address)) or not OTHER_SITE.match(address)


@register.filter
def href(address: str) -> str:
    """An address where a link may lead there, otherwise nothing."""
    return link_target(address)


@register.filter
def mark_matches(text: str) -> SafeString:
    """A search headline: everything escaped, the matches between control characters marked."""
    return mark_safe(escape(text).replace("\x02", "<mark>").replace("\x03", "</mark>"))  # noqa: S308  # escaped first


@register.filter
def term_codes(terms: list[str], name: str) -> list[str]:
    """The codes among `terms` that carry this name."""
    return [term.partition(":")[2] for term in terms if term.partition(":")[0] == name]


@register.filter
def with_relation(evidence: list[JSONObject], relation: str) -> list[JSONObject]:
    """The evidence that bears on a lesson in this way."""
    return [item for item in evidence or [] if item["relation"] == relation]


@register.filter
def get_item(mapping: Mapping[str, object], name: str) -> object:
    """A member by name, where the name is a variable or the name of a method of dictionaries; empty when missing."""
    return mapping.get(name, {})


@register.filter
def mirror_relation(relation: str) -> str:
    """How a relation reads from the recommendation it points at."""
    return {"builds-on": "Is built on by", "replaces": "Is replaced by"}.get(relation, label(relation, "RelationType"))


@register.filter
def member_pairs(mapping: Mapping[str, object]) -> list[tuple[str, object]]:
    """The members of an object, with their names."""
    return list(mapping.items())
