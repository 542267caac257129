"""Tables in a text: headings that assistive technology finds, a caption, and rows that a phone shows as lists."""

from __future__ import annotations

from markdown_it.token import Token

CAPTION = "Table: "  # a paragraph that begins so, straight before a table, is what the table is called


def shape_tables(tokens: list[Token]) -> list[Token]:
    """The tokens of a text, its tables as a page shows them: a phone shows each row as a list (`data-label`)."""
    shaped: list[Token] = []
    headings: list[str] = []
    column = 0
    for place, token in enumerate(tokens):
        if token.type == "table_open":
            headings = []
            caption = take_caption(shaped)
            token.attrs["class"] = "stack"
            shaped += [token, *caption]
            continue
        if token.type == "tr_open":
            column = 0
        elif token.type == "th_open":
            token.attrs = {"scope": "col"}
            headings.append(plain_inline(tokens[place + 1]))
        elif token.type == "td_open":
            token.attrs = {"data-label": headings[column]} if column < len(headings) else {}
            column += 1
        shaped.append(token)
    return shaped


def take_caption(shaped: list[Token]) -> list[Token]:
    """The paragraph before a table as its caption, taken from the tokens before it; nothing where it is none."""
    if len(shaped) < 3 or shaped[-1].type != "paragraph_close" or not shaped[-2].content.startswith(CAPTION):
        return []
    inline = shaped[-2]
    if inline.children:
        inline.children[0].content = inline.children[0].content.removeprefix(CAPTION)
    inline.content = inline.content.removeprefix(CAPTION)
    del shaped[-3:]
    return [Token("caption_open", "caption", 1, block=True), inline, Token("caption_close", "caption", -1, block=True)]


def plain_inline(inline: Token) -> str:
    """What an inline token says, without its marks."""
    return "".join(child.content for child in inline.children or ())
