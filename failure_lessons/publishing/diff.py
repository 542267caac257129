"""What changed between two editions: words, evidence, confidence. For readers, the API and the reviewer alike."""

from __future__ import annotations

import difflib
import re
import uuid
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import orjson

from failure_lessons.publishing.fields import value_at
from failure_lessons.publishing.models import Edition, EditionCitation
from failure_lessons.publishing.renditions import Rendition
from failure_lessons.types import Document, JSONObject, JSONValue

CONFIDENCE = {"cerqual", "confidence", "strength", "wording", "score"}
IDENTITY = ("code", "slug", "id", "finding", "ref", "to", "key", "case", "title", "name", "date", "period", "query")
ENVELOPE = {"schema", "kind", "derived"}

Operation = Literal["same", "removed", "added"]
Nature = Literal["words", "added", "removed", "confidence", "value", "order"]

DEEDS: dict[Nature, tuple[str, str, str]] = {
    "words": ("text", "texts", "reworded"),
    "added": ("part", "parts", "added"),
    "removed": ("part", "parts", "removed"),
    "confidence": ("judgement", "judgements", "changed"),
    "value": ("fact", "facts", "changed"),
    "order": ("list", "lists", "put in another order"),
}


@dataclass(frozen=True)
class EditionChange:
    """One difference. `path` names the place for a person."""

    path: tuple[str, ...]
    nature: Nature
    before: JSONValue = None
    after: JSONValue = None

    @cached_property
    def words(self) -> tuple[tuple[Operation, str], ...]:
        """Of changed prose, the runs that stayed, went and came: worked out when somebody reads them."""
        return tuple(diff_words(self.before, self.after)) if self.nature == "words" else ()

    @property
    def place(self) -> tuple[str, ...]:
        """`path` without a last step that only repeats the text which came or went."""
        return self.path[:-1] if isinstance(self.value, str) and self.path[-1:] == (self.value,) else self.path

    @property
    def value(self) -> JSONValue:
        """What came or went."""
        return self.before if self.after is None else self.after

    @property
    def texts(self) -> list[str]:
        """What came or went, in the words that a reader would have read: of a list or an entry, each of its texts."""
        return list(iterate_texts(self.value))


@dataclass(frozen=True)
class PinChange:
    """A piece of evidence that one of two editions rests on, and in which edition."""

    kind: str
    slug: str
    title: str
    before: int | None
    after: int | None


@dataclass(frozen=True)
class Difference:
    """Everything that differs between two editions of a record."""

    changes: tuple[EditionChange, ...]
    evidence: tuple[PinChange, ...]

    def __bool__(self) -> bool:
        return bool(self.changes or self.evidence)

    @property
    def summary(self) -> str:
        """One sentence without its full stop, such as "2 texts were reworded and 1 part was added"."""
        counts = Counter(change.nature for change in self.changes)
        parts = [
            f"{count} {one} was {deed}" if count == 1 else f"{count} {many} were {deed}"
            for nature, (one, many, deed) in DEEDS.items()
            if (count := counts[nature])
        ]
        if count := len(self.evidence):
            parts.append(f"{count} piece{'s' if count > 1 else ''} of evidence changed")
        return " and ".join(filter(None, [", ".join(parts[:-1]), *parts[-1:]])) or "nothing differs"


def iterate_texts(value: object) -> Iterator[str]:
    """Every text in a value of a document, in order."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            yield from iterate_texts(item)
    elif value not in (None, ""):
        yield str(value)


def diff_editions(old: Edition, new: Edition) -> Difference:
    """The difference from `old` to `new`, two editions of one record. Two queries."""
    return Difference(tuple(diff_documents(old.content, new.content)), tuple(diff_pins(old, new)))


def diff_with_draft(old: Edition, draft: Rendition, evidence: tuple[PinChange, ...] = ()) -> Difference:
    """The difference from an edition to a draft that is stored nowhere. No query."""
    return Difference(tuple(diff_documents(old.content, orjson.loads(draft.document))), evidence)


def diff_documents(old: Document, new: Document) -> Iterator[EditionChange]:
    """What differs in what people wrote, and in what the terms that both use are called."""
    yield from diff_values(strip_envelope(old), strip_envelope(new))
    before, after = (value_at(document, "derived.labels") or {} for document in (old, new))
    for vocabulary in sorted(before.keys() & after.keys()):
        for code, label in sorted(before[vocabulary].items()):
            if (other := after[vocabulary].get(code, label)) != label:
                yield EditionChange(("label", vocabulary, code), "value", label, other)


def strip_envelope(document: Document) -> JSONObject:
    """What people wrote in a document."""
    return {name: value for name, value in document.items() if name not in ENVELOPE}


def diff_pins(old: Edition, new: Edition) -> Iterator[PinChange]:
    """Evidence that came, went or moved to another edition."""
    rows = EditionCitation.objects.filter(edition__in=[old.pk, new.pk]).select_related("cites")
    rows = rows.defer("cites__document", "cites__body", "cites__search")
    found: dict[uuid.UUID, dict[int, Edition]] = {}
    for row in rows:
        found.setdefault(row.cites.record_id, {})[row.edition_id] = row.cites
    for sides in sorted(found.values(), key=lambda sides: min((e.kind, e.sort_key) for e in sides.values())):
        before, after = sides.get(old.pk), sides.get(new.pk)
        if before != after:
            shown = after or before
            if shown is not None:
                yield PinChange(
                    shown.kind,
                    shown.slug,
                    shown.title,
                    before.number if before else None,
                    after.number if after else None,
                )


def diff_values(before: object, after: object, path: tuple[str, ...] = ()) -> Iterator[EditionChange]:
    """Differences between two values of a document, down to the smallest that names itself."""
    if before == after:
        return
    confident = bool(CONFIDENCE & set(path))
    if before is None:
        yield EditionChange(path, "confidence" if confident else "added", after=after)
    elif after is None:
        yield EditionChange(path, "confidence" if confident else "removed", before=before)
    elif isinstance(before, dict) and isinstance(after, dict):
        for name in dict.fromkeys([*before, *after]):
            yield from diff_values(before.get(name), after.get(name), (*path, name))
    elif isinstance(before, list) and isinstance(after, list):
        yield from diff_lists(before, after, path)
    elif isinstance(before, str) and isinstance(after, str) and not (confident and " " not in before + after):
        yield EditionChange(path, "words", before, after)
    else:
        yield EditionChange(path, "confidence" if confident else "value", before, after)


def diff_lists(before: Sequence[object], after: Sequence[object], path: tuple[str, ...]) -> Iterator[EditionChange]:
    """Differences between two lists whose items name themselves (by code, key, title, ...) or are plain texts."""
    old, new = key_items(before), key_items(after)
    for name in dict.fromkeys([*old, *new]):
        yield from diff_values(old.get(name), new.get(name), (*path, name))
    if list(old) != list(new) and sorted(old) == sorted(new):
        yield EditionChange(path, "order", before=list(old), after=list(new))


def key_items(items: Sequence[object]) -> dict[str, object]:
    """Items by name; a name that stands twice is numbered."""
    found: dict[str, object] = {}
    for item in items:
        name = (
            next((str(item[key]) for key in IDENTITY if key in item), "item") if isinstance(item, dict) else str(item)
        )
        unique, count = name, 2
        while unique in found:
            unique, count = f"{name} ({count})", count + 1
        found[unique] = item
    return found


def diff_words(before: str, after: str) -> Iterator[tuple[Operation, str]]:
    """Runs of words that stayed, went or came: `same` with `added` is `after`, `same` with `removed` is `before`."""
    old, new = re.findall(r"\s+|\S+", before), re.findall(r"\s+|\S+", after)
    for tag, a, b, c, d in difflib.SequenceMatcher(a=old, b=new, autojunk=False).get_opcodes():
        if tag == "equal":
            yield "same", "".join(old[a:b])
            continue
        if b > a:
            yield "removed", "".join(old[a:b])
        if d > c:
            yield "added", "".join(new[c:d])
