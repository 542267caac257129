"""“Did you mean …?”: what somebody may have wanted to write, for every refusal of a name that nobody knows."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping

from rapidfuzz import fuzz, process

LEAST_LIKENESS = 0.6  # how like two names have to be for one to be suggested for the other, of 1
SMALL_WORDS = ("of", "and", "for", "the", "in")
# What people bring along from other sites and services, and what it is called here, the likeliest first. Nothing means
# that no name of ours says it, however like its letters are.
USUAL_WORDS: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(("sort", "sort_by", "sortby", "order_by", "orderby", "ordering"), ("order",)),
    **dict.fromkeys(("page", "offset", "start", "skip", "cursor", "page_token"), ("after", "page", "since")),
    **dict.fromkeys(("limit", "per_page", "perpage", "page_size", "pagesize", "size", "rows"), ("limit",)),
    **dict.fromkeys(("search", "query", "text", "term", "keyword", "keywords"), ("q",)),
    **dict.fromkeys(("id", "ids", "slug", "slugs", "code", "codes"), ("ids",)),
    **dict.fromkeys(("select", "only", "columns"), ("fields",)),
    **dict.fromkeys(("expand", "embed"), ("include",)),
}


def nearest_name(word: str, known: Iterable[str], *, likeness: float = LEAST_LIKENESS) -> str:
    """The known name most like this word, whatever the capitals, or an empty text."""
    names = {name.casefold(): name for name in known}
    wanted = word.casefold()
    # a quick look first, as there may be tens of thousands; it never finds two names less alike than `difflib` does
    likely = process.extract(wanted, list(names), scorer=fuzz.ratio, score_cutoff=100 * likeness - 0.01, limit=None)
    near = difflib.get_close_matches(wanted, [name for name, *_ in likely], n=1, cutoff=likeness)
    return names[near[0]] if near else ""


def nearest_codes(word: str, known: Iterable[str], most: int = 3) -> list[str]:
    """The codes that somebody may have meant: the one most like the word; else those made of it, or of its initials.

    So `nhs` finds `nhs-england` and others, `cqc` finds `care-quality-commission`,
    and `dhsc` a department without its “of”.
    """
    codes, wanted = list(known), word.casefold().replace(" ", "-").replace("_", "-")
    if near := nearest_name(wanted, codes):
        return [near]
    parts = {code: code.split("-") for code in codes}
    holding = [code for code, found in parts.items() if wanted and set(wanted.split("-")) <= set(found)]
    initials = [code for code, found in parts.items() if wanted in initials_of(found)]
    return sorted(dict.fromkeys(initials + holding), key=lambda code: (code not in initials, len(code)))[:most]


def initials_of(parts: Iterable[str]) -> set[str]:
    """The first letters of these words, with and without the small ones."""
    words = [part for part in parts if part]
    return {"".join(each[0] for each in words), "".join(each[0] for each in words if each not in SMALL_WORDS)}


def nearest_parameter(word: str, known: Iterable[str]) -> str:
    """The parameter that somebody meant: by the word that is usual elsewhere, else by its letters."""
    parameters = list(known)
    if word.casefold() in USUAL_WORDS:
        return next((name for name in USUAL_WORDS[word.casefold()] if name in parameters), "")
    return nearest_name(word, parameters)


def advise_on_pages(word: str, known: Iterable[str]) -> str:
    """What to say to who asks for a page by the words of other places, where pages are followed by cursors."""
    asked = USUAL_WORDS.get(word.casefold(), ())
    if {"after", "limit"} & {*asked} and {"after", "limit"} <= {*known}:
        return " `limit` says how many records a page holds; the address of the next page is `next` in each answer."
    return ""


def format_choices(names: Iterable[str]) -> str:
    """The question whether one of these was meant; nothing where there is none."""
    *others, last = [f"“{name}”" for name in names] or [""]
    return f" Did you mean {', '.join(others)}{' or ' if others else ''}{last}?" if last else ""


def format_hint(near: str, otherwise: str = "", *, quotes: str = "“”") -> str:
    """The question whether `near` was meant, or what to say when there is nothing near; to follow on a sentence."""
    hint = f"Did you mean {quotes[:1]}{near}{quotes[1:]}?" if near else otherwise
    return f" {hint}" if hint else ""
