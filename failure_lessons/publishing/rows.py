"""An edition as a row of a query: the columns that its readers need of a model instance or a named row."""

from __future__ import annotations

import datetime as dt
from typing import Protocol
from uuid import UUID


class EditionRow(Protocol):
    """The columns of an edition that a format needs: a model instance or a named row."""

    @property
    def pk(self) -> int: ...
    @property
    def kind(self) -> str: ...
    @property
    def slug(self) -> str: ...
    @property
    def number(self) -> int: ...
    @property
    def revision(self) -> int: ...
    @property
    def sha256(self) -> str: ...
    @property
    def document(self) -> str: ...
    @property
    def change(self) -> str: ...
    @property
    def note(self) -> str: ...
    @property
    def published_at(self) -> dt.datetime: ...
    @property
    def superseded_at(self) -> dt.datetime | None: ...
    @property
    def withdrawn_at(self) -> dt.datetime | None: ...
    @property
    def evidence_changed_at(self) -> dt.datetime | None: ...


class AnswerRow(EditionRow, Protocol):
    """What an answer needs beside that: it may show a tombstone in the edition's place."""

    @property
    def withdrawal_reason(self) -> str: ...


class ListedRow(AnswerRow, Protocol):
    """What a list needs beside that: which record it is, where records are asked for by name, and the revision of the
    library that was read, and its time."""

    @property
    def record_id(self) -> UUID: ...
    @property
    def library(self) -> int: ...
    @property
    def library_at(self) -> dt.datetime: ...


class KnownRow(ListedRow, Protocol):
    """What a row read by its key tells beside that: the hash of the newest entry of the ledger that was read."""

    @property
    def library_sha256(self) -> str: ...
