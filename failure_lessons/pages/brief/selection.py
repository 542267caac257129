"""A brief as an address: a title, a note, and picks such as `R4.2`, which is edition 2 of R4.

`/brief/?title=…&note=…&r=R4.2&r=E1-F3.1&r=case-studies/hmp-birmingham.1`

A pick names its edition, so that a shared brief says the same for ever. Reading an address never fails: what cannot be
understood becomes a message, and the rest is kept.
"""

from __future__ import annotations

import base64
import binascii
import re
import unicodedata
import zlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from urllib.parse import urlencode

import orjson
from django.http import QueryDict
from django.urls import reverse

from failure_lessons.publishing.models import Edition
from failure_lessons.publishing.registry import KINDS

BRIEFED = frozenset(code for code, kind in KINDS.items() if kind.in_brief)
MOST_PICKS = 30  # records; more would be no brief
LONGEST_TITLE, LONGEST_NOTE = 200, 2_000  # characters
LONGEST_ADDRESS = 7_500  # servers and mail programs cut or refuse addresses beyond about 8,000
LONGEST_TOKEN, LONGEST_UNPACKED = 10_000, 60_000
BRIEF_PARAMETERS = ("title", "note", "r", "pages", "brief", "add", "back", "save", "up", "down", "remove", "renew")
DEPTHS = {"1": "1 page", "3": "3 pages", "": "Everything"}  # how much of a brief is shown, by its code in addresses
PICK = re.compile(
    r"(?:(?P<code>[A-Za-z]{1,12}[0-9]{1,9}(?:-[Ff][0-9]{1,9})?)"
    rf"|(?P<address>{'|'.join(kind.address for kind in KINDS.values())})/(?P<slug>[a-z0-9]+(?:-[a-z0-9]+)*)/?)"
    r"(?:\.(?P<number>[0-9]{1,9}))?",
    re.ASCII,
)


@dataclass(frozen=True)
class Pick:
    """A record by its code, or by its kind's address and its slug, and the edition meant: None is the current one."""

    name: str
    number: int | None = None

    def __str__(self) -> str:
        return self.name if self.number is None else f"{self.name}.{self.number}"

    @classmethod
    def read(cls, text: str) -> Pick | None:
        """From `R4`, `R4.2` or `case-studies/hmp-birmingham.1`; None where it is none of these."""
        found = PICK.fullmatch(text.strip()[:300])
        if found is None:
            return None
        name = found["code"].upper() if found["code"] else f"{found['address']}/{found['slug']}"
        return cls(name, int(found["number"]) if found["number"] else None)

    @classmethod
    def of(cls, edition: Edition) -> Pick:
        """The pick that means this very edition."""
        coded = edition.code and PICK.fullmatch(edition.code)
        return cls(edition.code if coded else f"{KINDS[edition.kind].address}/{edition.slug}", edition.number)


@dataclass(frozen=True)
class Selection:
    """What a reader picked, in order, and wrote; `depth` is how much of it the reader wants to see."""

    title: str = ""
    note: str = ""
    picks: tuple[Pick, ...] = ()
    depth: str = ""

    @property
    def parameters(self) -> list[tuple[str, str]]:
        """Names and values, empty ones left out."""
        written = [(name, value) for name, value in (("title", self.title), ("note", self.note)) if value]
        depth = [("pages", self.depth)] if self.depth else []
        return [*written, *(("r", str(pick)) for pick in self.picks), *depth]

    @property
    def query(self) -> str:
        """The query string of every address of this brief: page, Word and PDF."""
        return urlencode(self.parameters, safe="/")

    @property
    def address(self) -> str:
        """Where the brief stands."""
        return f"{reverse('brief')}?{self.query}" if self.query else reverse("brief")

    @property
    def short_address(self) -> str:
        """An address of the same records in the same editions that can be read out, without title and note."""
        return reverse("brief-short", args=[",".join(map(str, self.picks))]) if self.picks else reverse("brief")

    @property
    def token(self) -> str:
        """The brief in one short parameter, for carrying it along while browsing."""
        packed = zlib.compress(orjson.dumps([self.title, self.note, [str(pick) for pick in self.picks]]), 9)
        return base64.urlsafe_b64encode(packed).decode().rstrip("=")

    def without(self, place: int) -> Selection:
        """The selection without the pick at this place."""
        return replace(self, picks=self.picks[:place] + self.picks[place + 1 :])

    def moved(self, place: int, to: int) -> Selection:
        """The selection with the pick of one place standing at another."""
        rest = list(self.without(place).picks)
        rest.insert(to, self.picks[place])
        return replace(self, picks=tuple(rest))


def unpack_token(token: str) -> Selection | None:
    """The brief in a token, or None where it is damaged."""
    if len(token) > LONGEST_TOKEN:
        return None
    reader = zlib.decompressobj()
    try:
        raw = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
        title, note, texts = orjson.loads(reader.decompress(raw, LONGEST_UNPACKED))
        if not reader.eof or not all(isinstance(each, str) for each in (title, note, *texts)):
            return None
        picks = [Pick.read(text) for text in texts[:MOST_PICKS]]
    except (ValueError, TypeError, zlib.error, binascii.Error):
        return None
    return Selection(clean_line(title), clean_lines(note), tuple(pick for pick in picks if pick))


def clean_lines(text: str) -> str:
    """Text without what no file can hold: control characters, unassigned ones, and marks that turn the direction of
    the line around; line ends as `\\n`.
    """
    plain = text.replace("\r\n", "\n").replace("\r", "\n")
    kept = (
        c for c in plain if c == "\n" or (unicodedata.category(c) not in ("Cc", "Cs", "Cn", "Co") and c not in TURNS)
    )
    return "".join(kept).strip()


TURNS = frozenset("\u202a\u202b\u202c\u202d\u202e")


def clean_line(text: str) -> str:
    """As `clean_lines`, on one line."""
    return " ".join(clean_lines(text.replace("\t", " ")).split())


def read_selection(query: QueryDict) -> tuple[Selection, str, list[str]]:
    """The selection an address asks for, the place in the page to return to, and what could not be understood."""
    messages = [
        f"“{name[:60]}” means nothing in the address of a brief." for name in query if name not in BRIEF_PARAMETERS
    ]
    carried = Selection()
    if token := query.get("brief"):
        found = unpack_token(token)
        if found is None:
            messages.append("The brief that you brought along is damaged, and nothing of it could be read.")
        carried = found or carried
    title = clean_line(query.get("title", "")) or carried.title
    note = clean_lines(query.get("note", "")) or carried.note
    picks = [*carried.picks, *read_picks(query.getlist("r"), messages)]
    if len(picks) > MOST_PICKS:
        left = [str(pick) for pick in picks[MOST_PICKS:]]
        named = ", ".join(left[:10]) + (f" and {len(left) - 10} more" if len(left) > 10 else "")
        messages.append(f"A brief holds at most {MOST_PICKS} records. These were left out: {named}.")
    depth = query.get("pages", "")
    if depth not in DEPTHS:
        messages.append(f"“{clean_line(depth)[:60]}” is no length of a brief. Say 1 or 3, or leave “pages” out.")
        depth = ""
    selection = Selection(title, note, tuple(picks[:MOST_PICKS]), depth)
    place = ""
    for pick in read_picks(query.getlist("add"), messages):
        if pick in selection.picks:
            place = f"#record-{selection.picks.index(pick) + 1}"
        elif len(selection.picks) >= MOST_PICKS:
            messages.append(f"{pick} was not added: a brief holds at most {MOST_PICKS} records. Remove one first.")
        else:
            selection = replace(selection, picks=(*selection.picks, pick))
            place = f"#record-{len(selection.picks)}"
    selection, place = apply_button(selection, query, place)
    messages += too_long(selection)
    return selection, place, messages


def read_picks(texts: Iterable[str], messages: list[str]) -> list[Pick]:
    """The picks among these texts; a message for each text that is none."""
    picks = []
    for text in filter(None, texts):
        pick = Pick.read(text)
        if pick:
            picks.append(pick)
        elif len(messages) < MOST_PICKS:
            messages.append(f"“{clean_line(text)[:60]}” is not the code or the address of a record.")
    return picks


def apply_button(selection: Selection, query: QueryDict, place: str) -> tuple[Selection, str]:
    """The selection after the button that was pressed, and where in the page the reader was."""
    for name in ("up", "down", "remove", "renew"):
        value = query.get(name, "")
        at = int(value) - 1 if re.fullmatch(r"[0-9]{1,3}", value, re.ASCII) else -1
        if not 0 <= at < len(selection.picks):
            continue
        if name == "remove":
            return selection.without(at), "#records"
        if name == "renew":
            renewed = Pick(selection.picks[at].name)
            picks = (*selection.picks[:at], renewed, *selection.picks[at + 1 :])
            return replace(selection, picks=picks), f"#record-{at + 1}"
        to = max(at - 1, 0) if name == "up" else min(at + 1, len(selection.picks) - 1)
        return selection.moved(at, to), f"#record-{to + 1}"
    return selection, place


def too_long(selection: Selection) -> list[str]:
    """What is too long, in words; nothing is cut."""
    found = []
    for name, text, most in (("title", selection.title, LONGEST_TITLE), ("note", selection.note, LONGEST_NOTE)):
        if len(text) > most:
            found.append(
                f"The {name} has {len(text):,} characters; at most {most:,} fit. It is kept below as you wrote it: "
                "shorten it, then update the brief."
            )
    if not found and len(selection.address) > LONGEST_ADDRESS:
        found.append(
            f"The address of this brief has {len(selection.address):,} characters; beyond {LONGEST_ADDRESS:,} it "
            "would not arrive whole everywhere. Shorten the note or remove records."
        )
    return found
