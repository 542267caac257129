"""What the service answers with."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from failure_lessons_client.problems import Damaged, NotTheApi


class Record(Mapping[str, Any]):
    """One published record in one edition: the document's members by name, and what the library knows about it.

    Documents leave empty members out; `record.get(name)` is None then.
    """

    def __init__(self, members: Mapping[str, Any]) -> None:
        self.edition: Mapping[str, Any] = members.get("edition", {})
        self.members = {name: value for name, value in members.items() if name != "edition"}

    def __getitem__(self, name: str) -> Any:
        return self.members[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.members)

    def __len__(self) -> int:
        return len(self.members)

    def __repr__(self) -> str:
        return f"<{self.kind} {self.code or self.slug} v{self.number}>"

    @property
    def kind(self) -> str:
        """Such as `recommendation`."""
        return str(self.get("kind", "record"))

    @property
    def slug(self) -> str:
        """The last part of its address; empty when it was not among the `fields` asked for."""
        return str(self.get("slug", ""))

    @property
    def code(self) -> str:
        """Such as R4 or E1-F3; empty for kinds without codes."""
        return str(self.get("code", ""))

    @property
    def title(self) -> str:
        """What to call it in a list."""
        return str(
            next((self[name] for name in ("title", "statement", "term", "label", "name") if name in self), self.slug)
        )

    @property
    def number(self) -> int:
        """Number of the edition."""
        return int(self.edition.get("number", 0))

    @property
    def sha256(self) -> str:
        """Hash of the document as stored."""
        return str(self.edition.get("sha256", ""))

    @property
    def published_at(self) -> dt.datetime:
        """When this edition was published, in UTC."""
        return dt.datetime.fromisoformat(str(self.edition["published_at"]).replace("Z", "+00:00"))

    @property
    def evidence_has_changed(self) -> bool:
        """Whether something it rests on was replaced or withdrawn since."""
        return bool(self.edition.get("evidence_changed_at"))


def decode_json(body: bytes) -> Any:
    """A JSON body. Raises `NotTheApi` for anything else, such as a log-in page."""
    try:
        return json.loads(body)
    except ValueError:
        start = body[:80].decode("utf-8", "replace").strip()
        raise NotTheApi(f"The answer is not JSON. It begins: {start}") from None


def check_document(body: bytes, name: str) -> Record:
    """A record whose document was compared with its hash. Raises `Damaged`."""
    found = Record(decode_json(body))
    if not is_untouched(body, found.sha256):
        raise Damaged(f"{name}: the document does not match its hash {found.sha256}")
    return found


def is_untouched(body: bytes, sha256: str) -> bool:
    """Whether the body of a record's answer is the document with this hash: `edition` is its last member."""
    document = body[: body.rindex(b',"edition":')] + b"}" if b',"edition":' in body else body
    return hashlib.sha256(document).hexdigest() == sha256


@dataclass(frozen=True)
class Edition:
    """One edition of a record, without its document."""

    number: int
    status: str
    sha256: str
    members: Mapping[str, Any]

    @classmethod
    def of(cls, members: Mapping[str, Any]) -> Edition:
        """From a member of a list of editions."""
        return cls(int(members["number"]), str(members["status"]), str(members["sha256"]), members)


@dataclass(frozen=True)
class Change:
    """One change to the library: an edition was published, corrected or withdrawn."""

    number: int
    action: str
    kind: str
    slug: str
    members: Mapping[str, Any]

    @classmethod
    def of(cls, members: Mapping[str, Any]) -> Change:
        """From a member of the change feed."""
        return cls(int(members["number"]), str(members["action"]), str(members["kind"]), str(members["slug"]), members)
