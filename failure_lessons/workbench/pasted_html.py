"""Text from Word, Google Docs, LibreOffice or a web page as Markdown: the words meant to be read, and their form.

Struck words and reviewers' comments stay out, footnotes come into the text in brackets, lists and tables keep their
form. Nothing in what is pasted is trusted. What was changed on the way is told in notes.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple
from urllib.parse import parse_qs, urlsplit

import nh3
from bs4 import BeautifulSoup
from bs4.element import NavigableString, Tag
from markdownify import MarkdownConverter

LONGEST_CLEAN = 100_000  # characters that are left when what is not text has gone
DEEPEST = 100  # elements within each other; a page of the web has some forty
MOST_OPEN_MARKS = 20  # of them emphasis and links, which a parser opens anew in each paragraph
MOST_JOINS = 1_000  # neighbours in bold or italic that become one; more take too long, and stay as they are
ANY_TAG = re.compile(r"<(/?)([a-zA-Z][^\s/<>]{0,30})")
# Elements without an end, or that the next of their sort ends
ENDLESS = {
    *("br", "hr", "img", "meta", "link", "input", "col", "base", "area", "wbr"),
    *("p", "li", "td", "th", "tr", "dt", "dd", "option", "thead", "tbody", "tfoot"),
}
MARKS = {"a", "b", "big", "code", "em", "font", "i", "nobr", "s", "small", "strike", "strong", "tt", "u"}
TEXT_TAGS = {
    *("p", "br", "em", "i", "strong", "b", "ul", "ol", "li", "a", "blockquote", "hr", "div"),
    *("h1", "h2", "h3", "h4", "h5", "h6", "table", "caption", "tr", "td", "th", "tbody", "thead", "tfoot"),
}
SHAPING_TAGS = {*TEXT_TAGS, "span", "del", "s", "strike", "sup", "sub", "font"}  # looked at, and not kept
SHAPING_ATTRIBUTES = {"*": {"style", "class", "id", "name"}, "a": {"href"}, "ol": {"start"}}
NEVER = {"script", "style", "title", "xml"}  # go with all that is in them
BLOCKS = ("p", "li", "td", "th", "caption", "blockquote", "h1", "h2", "h3", "h4", "h5", "h6", "div")

STRUCK = re.compile(r"text-decoration[a-z-]*:[^;]*line-through", re.IGNORECASE)
BOLD = re.compile(r"font-weight:\s*(?:bold|[6-9]00)", re.IGNORECASE)
NOT_BOLD = re.compile(r"font-weight:\s*(?:normal|[1-5]00)", re.IGNORECASE)
ITALIC = re.compile(r"font-style:\s*(?:italic|oblique)", re.IGNORECASE)
COMMENT_STYLE = re.compile(r"mso-element:\s*comment", re.IGNORECASE)
COMMENT_CLASSES = {"MsoCommentReference", "MsoCommentText", "msocomtxt", "msocomanchor", "MsoCommentSubject"}
COMMENT_LINK = re.compile(r"#(?:_msocom_|cmnt)\w+")
NOTE_LINK = re.compile(r"#(?:_(?:ftn|edn)\d+|ftnt\d+|sd(?:foot|end)note\d+sym)")  # from the text to a note
NOTE_BACK = re.compile(r"#(?:_(?:ftn|edn)ref\d+|ftnt_ref\d+|sd(?:foot|end)note\d+anc)")  # and back
DIGITS = re.compile(r"\d+")
LIST_LEVEL = re.compile(r"mso-list:[^;]*?\blevel(\d)", re.IGNORECASE)
LIST_MARK = re.compile(r"mso-list:\s*Ignore", re.IGNORECASE)
# An item that is a paragraph with a mark and many blanks; Word writes so for programs that know nothing of its lists
PLAIN_ITEM = re.compile(r"\s*(?:([·•§▪])|o(?=[\s\xa0]{2})|(\d{1,2})[.)](?=[\s\xa0]{2}))[\s\xa0]*")
ORDERED = re.compile(r"\s*\(?(?:\d+|[a-z]|[ivxlc]+)[.)]", re.IGNORECASE)
LIKE_A_MARK = re.compile(r"^(\s*)(?:(\d{1,9})([.)])(?=\s|$)|([-+*>]|#{1,6})(?=\s))")


class CannotConvert(ValueError):
    """A piece of HTML that would take too long. The words say what to do."""


class Pasted(NamedTuple):
    """Markdown, and a sentence for each kind of thing that did not come in as it was."""

    markdown: str
    notes: list[str]


def refuse_nesting(html: str) -> None:
    """Raise `CannotConvert` where elements stand too deep in each other: parsers slow down with depth, and give up."""
    opened: Counter[str] = Counter()
    depth = marks = 0
    for end, tag in ANY_TAG.findall(html):
        name = tag.lower()
        if name in ENDLESS or (end and not opened[name]):
            continue
        step = -1 if end else 1
        opened[name] += step
        depth += step
        marks += step if name in MARKS else 0
        if depth > DEEPEST or marks > MOST_OPEN_MARKS:
            raise CannotConvert("This is nested too deeply to be understood. Paste it as plain text.")


def read_paste(html: str) -> Pasted:
    """The words of a piece of HTML as Markdown. Raises `CannotConvert`."""
    refuse_nesting(html)
    schemes = {"http", "https", "mailto"}
    if len(nh3.clean(html, tags=TEXT_TAGS, attributes={}, clean_content_tags=NEVER)) > LONGEST_CLEAN:
        raise CannotConvert(f"This has more than {LONGEST_CLEAN:,} characters. Paste it in parts.")
    clean = nh3.clean(
        html,
        tags=SHAPING_TAGS,
        attributes=SHAPING_ATTRIBUTES,
        url_schemes=schemes,
        clean_content_tags=NEVER,
        link_rel=None,
    )
    soup = BeautifulSoup(clean, "html.parser")
    notes = [*remove_struck(soup), *remove_comments(soup), *bring_in_footnotes(soup)]
    mend_links(soup)
    shape_lists(soup)
    mark_emphasis(soup)
    form_tables(soup)
    shape_headings(soup)
    collapse_blanks(soup)
    escape_marks(soup)
    text = MarkdownConverter(heading_style="ATX", bullets="-", table_infer_header=True).convert_soup(soup)
    text = "\n".join(line.rstrip(" \t") for line in text.split("\n"))
    return Pasted(re.sub(r"\n{3,}", "\n\n", text).strip(), notes)


def style_of(tag: Tag) -> str:
    """What is said of the look of an element."""
    return str(tag.get("style") or "")


def classes_of(tag: Tag) -> set[str]:
    """The classes of an element."""
    found: str | list[str] = tag.get("class") or []
    return set(found.split() if isinstance(found, str) else found)


def say(number: int, one: str, many: str) -> Iterator[str]:
    """A note, unless there is nothing to say."""
    if number:
        yield one if number == 1 else many.format(number)


def remove_struck(soup: BeautifulSoup) -> Iterator[str]:
    """What a tracked change deleted, or somebody struck through, is not there to be read."""
    struck = [each for each in soup.find_all(["del", "s", "strike", "span"]) if is_struck(each)]
    words = [each for each in struck if each.get_text(strip=True)]
    for each in struck:
        each.decompose()
    yield from say(len(words), "A struck passage was left out.", "{} struck passages were left out.")


def is_struck(tag: Tag) -> bool:
    """Whether a line goes through the words."""
    return tag.name != "span" or "msoDel" in classes_of(tag) or bool(STRUCK.search(style_of(tag)))


def remove_comments(soup: BeautifulSoup) -> Iterator[str]:
    """Reviewers' comments and the marks that lead to them."""
    number = 0
    for link in soup.find_all("a", href=re.compile(r"#cmnt_ref\w+")):  # Google Docs: from a comment back to the text
        (link.find_parent("div") or link.find_parent("p") or link).decompose()
    for each in soup.find_all(True):
        if each.decomposed:
            continue
        is_mark = bool(COMMENT_LINK.fullmatch(str(each.get("href") or ""))) or "msocomanchor" in classes_of(each)
        number += is_mark
        if is_mark or classes_of(each) & COMMENT_CLASSES or COMMENT_STYLE.search(style_of(each)):
            if not is_mark and each.find("a", href=COMMENT_LINK):
                number += 1
            each.decompose()
    yield from say(number, "A reviewer's comment was left out.", "{} reviewers' comments were left out.")


def bring_in_footnotes(soup: BeautifulSoup) -> Iterator[str]:
    """The words of a note in brackets where its number stood."""
    notes: dict[str, str] = {}
    for link in soup.find_all("a", href=NOTE_BACK):
        if link.decomposed:
            continue
        body = link.find_parent("div", id=True) or link.find_parent("p") or link.find_parent("div") or link
        key = "".join(DIGITS.findall(str(link["href"])))
        link.decompose()
        notes[key] = " ".join(body.get_text(" ").split())
        body.decompose()
    number = 0
    for link in soup.find_all("a", href=NOTE_LINK):
        words = notes.get("".join(DIGITS.findall(str(link["href"]))), "")
        holder = link.parent if link.parent is not None and link.parent.name == "sup" else link
        holder.replace_with(NavigableString(f" ({words})" if words else ""))
        number += 1
    for rule in soup.find_all("hr") if notes else ():
        if not any(text.strip() for text in rule.find_all_next(string=True)):
            rule.decompose()  # it parted the notes from the text
    yield from say(number, "A footnote stands in brackets in the text.", "{} footnotes stand in brackets in the text.")


def mend_links(soup: BeautifulSoup) -> None:
    """Links that lead to where they say; a link within the document pasted from leads nowhere here."""
    for link in soup.find_all("a"):
        address = str(link.get("href") or "").strip()
        parts = urlsplit(address) if "[" not in address else None
        if parts and parts.netloc == "www.google.com" and parts.path == "/url":
            address = (parse_qs(parts.query).get("q") or [address])[0]
        if address.startswith(("http://", "https://", "mailto:")) and link.get_text(strip=True):
            link["href"] = re.sub(r"[\s()<>\\]", lambda found: f"%{ord(found[0]):02X}", address)
            for text in link.find_all(string=re.compile(r"[\[\]]")):
                text.replace_with(re.sub(r"([\[\]])", r"\\\1", text))
        else:
            link.unwrap()


def mark_emphasis(soup: BeautifulSoup) -> None:
    """Bold and italic however they are written, each once, and joined where one goes on in the next."""
    for tag in soup.find_all(["span", "font", "b", "strong", "i", "em"]):
        style, inner = style_of(tag), tag
        plain = tag.name in ("b", "strong") and NOT_BOLD.search(style)  # Google Docs wraps all it gives in such a <b>
        if tag.name in ("span", "font") or plain:
            if BOLD.search(style) and not tag.find_parent(["b", "strong"]):
                inner = inner.wrap(soup.new_tag("b"))
            if ITALIC.search(style) and not tag.find_parent(["i", "em"]):
                inner.wrap(soup.new_tag("i"))
            tag.unwrap()
        else:
            tag.name = {"strong": "b", "em": "i"}.get(tag.name, tag.name)
    for tag in soup.find_all(["b", "i"]):
        if tag.find(BLOCKS) or tag.find_parent(["h1", "h2", "h3", "h4", "h5", "h6", tag.name]):
            tag.unwrap()
    joins = 0
    for tag in soup.find_all(["b", "i"]):
        following = tag.next_sibling
        while isinstance(following, Tag) and following.name == tag.name and joins < MOST_JOINS:
            joins += 1
            tag.extend(list(following.contents))
            following.decompose()
            following = tag.next_sibling
    for raised in soup.find_all(["sup", "sub"]):
        signs = str.maketrans("0123456789+-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻" if raised.name == "sup" else "₀₁₂₃₄₅₆₇₈₉₊₋")
        for text in raised.find_all(string=re.compile(r"\A[\d+-]+\Z", re.ASCII)):
            text.replace_with(NavigableString(text.translate(signs)))
    for tag in soup.find_all(["sup", "sub", "span", "font"]):
        tag.unwrap()


def shape_lists(soup: BeautifulSoup) -> None:
    """Lists as lists: those that Word writes as paragraphs, and those that lie beside the item they belong to."""
    for paragraph in soup.find_all("p"):
        if (item := list_item(soup, paragraph)) is not None:
            level, ordered = item
            add_to_list(soup, paragraph, level, "ol" if ordered else "ul")
    for inner in soup.find_all(["ul", "ol"]):
        before = inner.find_previous_sibling()
        is_inner = inner.parent is not None and inner.parent.name in ("ul", "ol")
        if is_inner and before is not None and before.name == "li":
            before.append(inner)
    for entry in soup.find_all("li"):
        paragraphs = entry.find_all("p", recursive=False)
        if len(paragraphs) == 1 and paragraphs[0].find_previous_sibling() is None:
            paragraphs[0].insert_before(" ")
            paragraphs[0].unwrap()


def list_item(soup: BeautifulSoup, paragraph: Tag) -> tuple[int, bool] | None:
    """The level of a paragraph that is an item of a list, and whether it is numbered; its mark is taken out."""
    level = LIST_LEVEL.search(style_of(paragraph))
    mark = (
        next((each for each in paragraph.find_all(["span", "b"]) if LIST_MARK.search(style_of(each))), None)
        if level
        else None
    )
    if level and mark is not None:
        ordered = bool(ORDERED.match(mark.get_text()))
        mark.decompose()
        return int(level[1]), ordered
    found = PLAIN_ITEM.match(paragraph.get_text())
    if found is None:
        return None
    first = paragraph.find(string=True)
    if first is None or len(first) < len(found[0].rstrip("\xa0 ")):
        return None
    first.replace_with(PLAIN_ITEM.sub("", first, count=1))
    return 1, found[2] is not None


def add_to_list(soup: BeautifulSoup, paragraph: Tag, level: int, name: str) -> None:
    """Make a paragraph an item of the list before it, at its level, or of a new one."""
    before = paragraph.find_previous_sibling()
    item = soup.new_tag("li")
    if before is not None and before.get("data-made"):
        current, depth = before, 1
        while depth < level and (last := current.find_all("li", recursive=False)[-1:]):
            inner = last[0].find(["ul", "ol"], recursive=False)
            if not isinstance(inner, Tag):
                inner = soup.new_tag(name)
                last[0].append(inner)
            current, depth = inner, depth + 1
        current.append(item)
    else:
        made = soup.new_tag(name, attrs={"data-made": "yes"})
        made.append(item)
        paragraph.insert_before(made)
    item.extend(list(paragraph.contents))
    paragraph.decompose()


def form_tables(soup: BeautifulSoup) -> None:
    """A table with its first row as heading; one that only sets a page out becomes paragraphs."""
    for table in soup.find_all("table"):
        rows = table.find_all("tr")
        if table.find_parent("table") or len(rows) < 2 or max(len(row.find_all(["td", "th"])) for row in rows) < 2:
            for part in table.find_all(["tr", "td", "th", "tbody", "thead", "tfoot"]):
                part.name = "p" if part.name in ("td", "th") and not part.find("p") else "div"
            table.name = "div"
            continue
        for cell in rows[0].find_all(["td", "th"]):
            for mark in cell.find_all(["b", "i"]):
                mark.unwrap()
        for cell in table.find_all(["td", "th"]):
            for block in cell.find_all(["p", "div", "li", "ul", "ol", "br", *BLOCKS[-7:]]):
                block.insert_before(" ")
                block.insert_after(" ")
                block.unwrap()
            for text in cell.find_all(string=re.compile(r"[|\\]")):
                text.replace_with(text.replace("|", "\\|"))
        if (caption := table.find("caption")) is not None:
            caption.name = "p"
            caption.insert(0, "Table: ")
            table.insert_before(caption)


def shape_headings(soup: BeautifulSoup) -> None:
    """Headings of the two levels that a narrative has."""
    for heading in soup.find_all(["h1", "h2", "h5", "h6"]):
        heading.name = "h3" if heading.name in ("h1", "h2") else "h4"


def collapse_blanks(soup: BeautifulSoup) -> None:
    """One blank for any run of them, those that do not break among them."""
    soup.smooth()
    for text in soup.find_all(string=True):
        text.replace_with(NavigableString(re.sub(r"[\s\xa0]+", " ", text)))


def escape_marks(soup: BeautifulSoup) -> None:
    """A paragraph that begins like a list, a quotation or a heading, such as “1986. That was”, stays a paragraph."""
    for block in soup.find_all(["p", "div", "li", "blockquote"]):
        first = next((each for each in block.descendants if isinstance(each, NavigableString) and each.strip()), None)
        if first is None or not LIKE_A_MARK.search(first):
            continue
        if first.find_parent(BLOCKS) is block and first.find_parent(["b", "i", "a"]) is None:
            first.replace_with(NavigableString(LIKE_A_MARK.sub(escape_mark, first, count=1)))


def escape_mark(found: re.Match[str]) -> str:
    """The mark as a character."""
    return f"{found[1]}{found[2]}\\{found[3]}" if found[2] else f"{found[1]}\\{found[4]}"
