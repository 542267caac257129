"""What the pages of taking part are made with."""

from __future__ import annotations

from collections.abc import Iterable

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from recommendations.consultations.pages import Word

register = template.Library()
MARK_NAMES = {"inserted": "ins", "deleted": "del"}


@register.simple_tag
def form_proof(proof: str) -> SafeString:
    """What a form carries to show that a page of ours sent it."""
    return format_html('<input type="hidden" name="proof" value="{}">', proof)


@register.simple_tag
def marked_words(words: Iterable[Word]) -> SafeString:
    """A wording with what was inserted and deleted."""
    return format_html_join("", "{}", ((mark_word(each),) for each in words))


def mark_word(word: Word) -> str:
    """Some words, marked where they changed."""
    name = MARK_NAMES.get(word.mark)
    return format_html(f"<{name}>{{}}</{name}>", word.text) if name else word.text
