"""Values of untidy files, mended where that is safe: each function gives the value and a note where one is due."""

from __future__ import annotations

import html
import re
from urllib.parse import quote, urlsplit

from failure_lessons.validators.addresses import address_fault
from failure_lessons.validators.identifiers import DOI, normalise_doi

MARKUP_TAGS = (
    "abbr b bold br cite code div em emph font i inf italic jats:italic jats:p jats:sub jats:sup jats:title p s sc scp"
)
MARKUP_TAGS += " small span strong sub sup tt u title"
MARKUP = re.compile(
    rf"""<(/?)({"|".join(MARKUP_TAGS.split())})((?:\s+[\w:-]+\s*=\s*(?:"[^"]*"|'[^']*'|[^\s>]+))*)\s*/?>""",
    re.IGNORECASE,
)
BREAKING_TAGS = frozenset({"br", "p", "div", "jats:p", "jats:title"})
ENTITY = re.compile(r"&(?:#\d{1,7}|#x[0-9a-f]{1,6}|[a-z][a-z0-9]{1,30});", re.IGNORECASE)
MOST_ROUNDS = 4  # of entities within entities
BARE_ADDRESS = re.compile(r"[a-z0-9-]+(?:\.[a-z0-9-]+)*\.[a-z]{2,24}(?::\d{2,5})?(?:[/?#]\S*)?", re.IGNORECASE)
DIVIDERS = re.compile(r"[\s;,|]+(?=https?://|www\.)|\n+|\s*;\s+", re.IGNORECASE)


def strip_markup(text: str) -> str:
    """Words without HTML: tags go, entities become characters; what merely looks like a tag stays."""
    for _ in range(MOST_ROUNDS):
        if "<" not in text and "&" not in text:
            break
        plain = MARKUP.sub(lambda tag: "\n" if tag[2].casefold() in BREAKING_TAGS else "", text)
        plain = ENTITY.sub(lambda entity: html.unescape(entity[0]), plain)
        if plain == text:
            break
        text = plain
    return text.replace("\xa0", " ")


def mend_address(text: str) -> tuple[str, str]:
    """The first web address in a text, made whole; empty with a note where there is none."""
    words = strip_markup(text).strip(" \t\n<>\"'")
    if not words:
        return "", ""
    pieces = [piece.strip(" <>\"'") for piece in DIVIDERS.split(words) if piece.strip(" <>\"'")]
    for piece in pieces:
        made = complete_address(piece)
        if made:
            if made == text.strip():
                return made, ""
            more = f" of {len(pieces)} addresses" if len(pieces) > 1 else ""
            return made, f"The address was taken as {made[:120]}{more}."
    return "", f"The address was left out: “{text.strip()[:60]}” is none that a browser opens."


def complete_address(text: str) -> str:
    """An http address of this text, or an empty text."""
    head, _, tail = text.partition(" ")
    if tail and re.match(r"https?://", head, re.IGNORECASE):
        text = quote(text, safe="%/:=&?~#+!$,;'@()*[]") if "/" in tail or re.search(r"\.\w{2,5}$", tail) else head
    if text.startswith("//"):
        text = f"https:{text}"
    elif re.fullmatch(r"(?:https?:/{0,2})(?!/).+", text, re.IGNORECASE) and not re.match(
        r"https?://", text, re.IGNORECASE
    ):
        text = re.sub(r"^(https?):/*", r"\1://", text, flags=re.IGNORECASE)
    elif BARE_ADDRESS.fullmatch(text) and not text.casefold().startswith(("http", "mailto")):
        text = f"http://{text}"
    if not re.match(r"https?://", text, re.IGNORECASE) or " " in text:
        return ""
    text = text.rstrip(".,;")
    try:
        host = urlsplit(text).hostname
    except ValueError:
        return ""
    return text if host and not address_fault(text) else ""


def mend_doi(text: str) -> tuple[str, str]:
    """The DOI in a text; empty with a note where there is none."""
    words = strip_markup(text).strip()
    if not words:
        return "", ""
    plain = normalise_doi(words)[0]
    from_address = "/" in words.partition("10.")[0]
    found = plain if DOI.fullmatch(plain) and not (from_address and re.search("[?#]", plain)) else find_doi(words)
    if not found:
        return "", f"The DOI was left out: “{words[:60]}” holds none, for one begins with 10. and has a slash."
    return found, "" if found == plain else f"The DOI was taken out of “{words[:80]}”."


def find_doi(words: str) -> str:
    """The first DOI within words, without what an address or a sentence put behind it."""
    match = DOI.search(words) or DOI.search(re.sub(r"\s+", "", words))
    if not match:
        return ""
    doi = match[0]
    if "://" in words or re.match(r"[\w.-]+\.\w+/", words):
        doi = re.split(r"[?#]", doi, maxsplit=1)[0]
    doi = re.split(r"[;|<>\"]", doi, maxsplit=1)[0].rstrip(".,:'")
    for opening, closing in ("()", "[]"):
        while doi.endswith(closing) and doi.count(closing) > doi.count(opening):
            doi = doi[:-1]
    return doi if DOI.fullmatch(doi) else ""


def mend_pages(text: str) -> str:
    """“12--24”, “12 – 24”, “pp. 12-24”: with one hyphen."""
    return re.sub(r"\s*[-–—‐‑−]+\s*", "-", re.sub(r"\A\s*pp?\.\s*", "", text)).strip(" -")


def join_pages(first: str, last: str) -> str:
    """A first and a last page as one span; a span that stands in the first already is kept."""
    first, last = mend_pages(first), mend_pages(last)
    if not last or first == last or first.endswith(f"-{last}"):
        return first
    return f"{first}-{last}" if first else last


def cut_text(text: str, most: int) -> str:
    """The text up to the last whole word that has room, with a mark that it goes on."""
    return f"{text[: most - 1].rsplit(' ', 1)[0].rstrip(' ,;:.')[: most - 1]}…"
