"""Words out of marked-up text as they come, element by element: one writer for Word, OpenDocument and web pages.

The writer needs no tree. What a format calls its paragraphs, rows, notes and what it leaves out is told by a `Markup`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

Attributes = Mapping[str, str]
Plural = tuple[str, str]


class ReadText(NamedTuple):
    """Lines of words, and what the file holds besides that is not among them."""

    lines: list[str]
    left_out: list[str]


@dataclass(frozen=True)
class Markup:
    """The elements of a format by what they do to its words. Names come without their prefix."""

    blocks: frozenset[str]  # stand on lines of their own
    rows: frozenset[str] = frozenset()  # a line; its cells are parted by tabs
    cells: frozenset[str] = frozenset()
    asides: frozenset[str] = frozenset()  # come after the paragraph in which they are anchored
    notes: frozenset[str] = frozenset()  # come after all else
    literals: Mapping[str, str] = field(default_factory=dict)  # stand for characters
    left_out: Mapping[str, Plural | None] = field(default_factory=dict)  # go with all that is in them; named or not
    counted: Mapping[str, Plural] = field(default_factory=dict)  # hold nothing to keep, and are named
    text: frozenset[str] = frozenset()  # hold words; every element does where this is empty
    preformatted: frozenset[str] = frozenset()  # keep their blanks and line ends


class WritingLevel:
    """Words that are being written apart from those around them: a cell, a text box, a note."""

    def __init__(self, purpose: str, depth: int) -> None:
        self.purpose = purpose
        self.depth = depth
        self.lines: list[str] = []
        self.open: list[str] = []
        self.after: list[str] = []  # lines of text boxes that wait for the end of the paragraph

    def end_line(self) -> None:
        """The words so far are a line, unless there are none."""
        line = "".join(self.open).strip(" ")
        self.open = []
        if line.strip():
            self.lines.append(line)
        if self.after:
            self.lines += self.after
            self.after = []


class WordWriter:
    """Takes elements and characters in their order; `lines()` are the words, `left_out` counts what is not in them."""

    def __init__(self, markup: Markup) -> None:
        self.markup = markup
        self.names: list[str] = []  # the elements that are open
        self.levels = [WritingLevel("body", 0)]
        self.row_cells: list[list[str]] = []
        self.notes: list[str] = []
        self.left_out: Counter[Plural] = Counter()
        self.leaving_out = 0  # how deep stands the element that is left out with all in it
        self.kept_blanks = 0

    def start(self, name: str, attributes: Attributes) -> None:
        """An element begins."""
        self.names.append(name)
        if self.leaving_out:
            return
        markup = self.markup
        if self.is_left_out(name, attributes):
            self.leaving_out = len(self.names)
            self.count(markup.left_out.get(name))
            return
        self.count(markup.counted.get(name))
        if name in markup.notes:
            self.levels.append(WritingLevel("note", len(self.names)))
        elif name in markup.asides:
            self.levels.append(WritingLevel("aside", len(self.names)))
        elif name in markup.cells:
            self.levels.append(WritingLevel("cell", len(self.names)))
        elif name in markup.rows:
            self.levels[-1].end_line()
            self.row_cells.append([])
        elif name in markup.blocks:
            self.levels[-1].end_line()
        if literal := markup.literals.get(name):
            self.levels[-1].open.append(literal)
        self.kept_blanks += name in markup.preformatted

    def is_left_out(self, name: str, attributes: Attributes) -> bool:
        """Whether an element goes with all that is in it."""
        return name in self.markup.left_out

    def count(self, what: Plural | None) -> None:
        """One more of what is not kept."""
        if what is not None:
            self.left_out[what] += 1

    def end(self, name: str) -> None:
        """The element that began last ends."""
        depth = len(self.names)
        self.names.pop()
        if self.leaving_out:
            if self.leaving_out == depth:
                self.leaving_out = 0
            return
        level = self.levels[-1]
        if level.depth == depth:
            self.end_level()
        elif name in self.markup.rows:
            self.end_row()
        elif name in self.markup.blocks:
            level.end_line()
        self.kept_blanks -= name in self.markup.preformatted

    def end_level(self) -> None:
        """What was written apart takes its place."""
        level = self.levels.pop()
        level.end_line()
        if level.purpose == "note":
            if level.lines:
                self.notes.append(" ".join(level.lines))
        elif level.purpose == "aside":
            self.levels[-1].after += level.lines
        elif self.row_cells:
            self.row_cells[-1].append(" ".join(" ".join(level.lines).split()))
        else:
            self.levels[-1].lines += level.lines  # a cell without a row

    def end_row(self) -> None:
        """The cells of a row are a line."""
        cells = self.row_cells.pop() if self.row_cells else []
        if any(cells):
            self.levels[-1].lines.append("\t".join(cells))

    def write(self, text: str) -> None:
        """Characters."""
        if self.leaving_out or (self.markup.text and (not self.names or self.names[-1] not in self.markup.text)):
            return
        line = self.levels[-1].open
        if not self.markup.text and not self.kept_blanks:
            text = join_blanks(text)
            if text[:1] == " " and (not line or line[-1][-1:] in (" ", "\n")):
                text = text[1:]
        if text:
            line.append(text)

    def lines(self) -> list[str]:
        """The words line by line, notes last."""
        self.levels[0].end_line()
        return self.levels[0].lines + self.notes


def join_blanks(text: str) -> str:
    """Any run of blanks and line ends as one blank; a blank that must not break stays."""
    words = text.replace("\t", " ").replace("\n", " ").replace("\r", " ").split(" ")
    start, end = (" " if not words[0] else ""), (" " if not words[-1] else "")
    inner = " ".join(word for word in words if word)
    return f"{start}{inner}{end}" if inner else " "


def describe_left_out(counts: Mapping[Plural, int]) -> list[str]:
    """Such as “2 comments”, in the order in which they were met."""
    return [f"{number:,} {one if number == 1 else many}" for (one, many), number in counts.items()]
