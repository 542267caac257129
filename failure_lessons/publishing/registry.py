"""The kinds of record: what each app has to say about its own, for pages, API, exports, packages and search to read.

Each app has a module `kinds.py` that is read when Django starts (`PublishingConfig.ready`) and registers its kinds:

    register_kind(Kind(code="lesson", rank=90, address="lessons", label="Lesson", label_plural="Lessons", …))

Nothing below the apps names a kind or imports an app: it asks here. A kind has a rank, because a record rests only on
records of lower rank; everything that goes through all kinds does so in this order.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Protocol

from django.core.exceptions import ImproperlyConfigured
from django.db import models

from failure_lessons.publishing.fields import Field
from failure_lessons.publishing.schemas import Schema
from failure_lessons.publishing.statements import PublicStatement
from failure_lessons.types import Document, JSONObject

if TYPE_CHECKING:
    import datetime as dt

    from django.http import QueryDict
    from django_filters import FilterSet

    from failure_lessons.publishing.models import Edition, Publishable, Record
    from failure_lessons.publishing.renditions import Rendition

Entry = JSONObject  # of a package
Model = type[Any]  # one that is registered: its fields are its app's to know
Rows = models.QuerySet[Any]  # of the model that is registered
Render = Callable[[Rows], Iterable["Rendition"]]
Along = Callable[[Rows], Iterable["Record"]]


class LoadEntry(Protocol):
    """How an entry of a package becomes a record of the workbench. `keys` finds what it points to."""

    def __call__(self, entry: Entry, keys: Any) -> Publishable: ...


@dataclass(frozen=True, kw_only=True)
class PackageMember:
    """The member of evidence packages that holds the records of a kind.

    `layout` is `list` (`<name>.json`), `single` (one entry in `<name>.json`) or `folder` (`<name>/<slug>.json`); `key`
    names an entry within the member. `load` may be left out where every field is a plain value or a row. `findings` is
    the model of the findings that entries carry whole, `owner` the field by which one belongs to its record. `finish`
    is called with the entries of a load once all of them are there; `order_sets` puts lists without an order of their
    own into one, so that entries can be compared. `check` finds what is wrong between entries: (number of the entry,
    path in it, words, code). `apart` names members of entries that stand in files of their own, by the name of the
    file: each item of such a file names its record by code. `neighbours` is the model of records that a load writes
    beside the entry's own, and the name of the list in which entries describe them. `told_by` is a kind whose documents
    hold entries of this member that are no records of the library, and how they are read from one: they go into
    packages, and loading a package does not publish them.
    """

    name: str
    model: Model
    load: LoadEntry | None = None
    layout: str = "list"
    key: str = "slug"
    findings: Model | None = None
    owner: str = ""
    finish: Callable[[list[Entry]], None] | None = None
    order_sets: Callable[[Entry], None] | None = None
    check: Callable[[list[Entry]], Iterable[tuple[int, tuple[str | int, ...], str, str]]] | None = None
    apart: Mapping[str, str] = field(default_factory=dict)
    neighbours: tuple[Model, str] | None = None
    told_by: tuple[str, Callable[[JSONObject], Iterable[Entry]]] | None = None
    kind: str = ""  # set when the kind is registered

    @property
    def has_code(self) -> bool:
        """Whether its records have a code beside their slug."""
        return any(each.name == "code" for each in self.model._meta.fields)


@dataclass(frozen=True, kw_only=True)
class RecordFile:
    """A file beside the page of a record, such as `data.csv`, of its current edition and of each numbered one.

    `build` makes its content of the edition, its document with every pointer resolved (None unless `resolved`), and the
    permanent address of the edition. `suffix` follows slug and number in the name under which readers keep it.
    """

    name: str
    content_type: str
    build: Callable[[Edition, Document | None, str], bytes]
    suffix: str = ""
    resolved: bool = False
    route: str = ""  # the name of its address, `<route>-edition` of a numbered edition's


@dataclass(frozen=True, kw_only=True)
class PartTable:
    """Parts of a kind's documents as a table to take away, of one record (`<name>.csv` beside its page) and of all.

    `rows` gives the cells of each part of a document, in the order of `columns`.
    """

    name: str  # in addresses, for ever
    label: str
    columns: tuple[str, ...]
    rows: Callable[[Document], Iterable[Sequence[object]]]

    def route(self, kind: str, of: str = "") -> str:
        """The name of its address: of a record, of a numbered `edition`, or of `all` records."""
        return "-".join(filter(None, [kind, self.name, of]))


@dataclass(frozen=True)
class Review:
    """That records of a kind are to be looked at again by a day: the column with the day, as it was written (`told`),
    and what is to be done then."""

    column: str
    told: str
    what: str


@dataclass(frozen=True, kw_only=True)
class Kind:
    """One kind of record, with everything that is its own.

    Each attribute says which door reads it. A kind that leaves one out gets what its default says, at every door.
    """

    code: str  # in documents and addresses of harvesting, for ever
    rank: int  # a record rests only on records of kinds with a lower rank
    address: str  # its plural noun in the addresses of pages
    label: str
    label_plural: str
    api_address: str = ""  # its plural noun in the addresses of the API, where that is another
    description: str = ""  # of its schema: what a record of it is, in a sentence
    fields: tuple[Field, ...] = ()  # of its package entries, in the order of its documents
    derived: tuple[Field, ...] = ()  # what is computed beside them: the members of `derived`
    columns: str = ""  # the paths of the fields whose columns stand first in tables, in this order
    definitions: Mapping[str, Schema] = field(default_factory=dict)  # what its fields refer to beside other kinds
    template: str = ""  # of the page of a record
    files: tuple[RecordFile, ...] = ()  # beside the page of a record
    part_tables: tuple[PartTable, ...] = ()  # what its documents list, as tables to take away
    statements: Callable[[Document], Iterable[PublicStatement]] | None = None  # what its documents state, for the meter
    beside: Callable[[Edition, dt.datetime | None], Mapping[str, object]] | None = None  # what its page shows besides
    check_query: Callable[[Document, QueryDict], Sequence[str]] | None = None  # what its page cannot answer
    introduction: str = ""  # what the page of the list says first
    filters: type[FilterSet] | None = None
    orders: tuple[str, ...] = ()  # of lists, beside the standard one and “newest first”
    member: PackageMember | None = None  # of evidence packages
    example: JSONObject = field(default_factory=dict)  # an entry, for the API's description, where none is shipped
    pointers: Mapping[str, str] = field(default_factory=dict)  # members that point to it, and by what: slug or code
    has_pins: bool = True  # whether its records rest on anything
    reader_rank: int = 0  # where readers find it among all kinds, the most useful first
    search_weight: float = 1.0
    answers: bool = False  # whether its records answer a reader's question: they come first in a search
    schema_type: str = "CreativeWork"  # in schema.org's words
    datacite_type: str = "Text"  # DataCite's resourceTypeGeneral
    is_source: bool = False  # its records describe works of others, of a type of their own
    is_news: bool = False  # the start page tells when one is published
    in_chain: bool = False  # a step of the chain of evidence, counted on the start page
    in_brief: bool = False  # a reader's brief can hold it
    map_grade: str = ""  # the evidence map counts it by this grade
    under_themes: int = 0  # the page of a theme lists it in this place
    asks_the_clock: bool = False  # what its lists hold depends on the day
    tell: Callable[[Document, dt.date], str] | None = None  # what one says, on a day, of the record it is about
    review: Review | None = None  # the first page of the workbench and mail remind of it
    start_here: int = 0  # the first page of the workbench offers in this place to add one

    def __post_init__(self) -> None:
        object.__setattr__(self, "api_address", self.api_address or self.address)


@dataclass(frozen=True)
class Source:
    """How the rows of one workbench model are published as records of a kind.

    `parts` go wherever the record goes (a case study's findings: published, withdrawn and reviewed with it);
    `companions` are published along with it where they changed (the references it cites) and outlive it. `outline`
    gives the rows and their parts without what only their documents say, where that is much: enough to tell what they
    lack.
    """

    model: type[Record]
    kind: str
    render: Render
    parts: Along
    companions: Along
    outline: Render | None = None


KINDS: dict[str, Kind] = {}  # by code, in the order of rank
SOURCES: dict[type[Record], Source] = {}


def register_kind(kind: Kind) -> None:
    """Make a kind known. Raises `ImproperlyConfigured` when its code, rank or address belongs to another one."""
    for other in KINDS.values():
        for name in ("code", "rank", "address", "api_address"):
            if getattr(other, name) == getattr(kind, name):
                raise ImproperlyConfigured(f"The kinds {other.code} and {kind.code} have the same {name}.")
    if kind.member:
        kind = replace(kind, member=replace(kind.member, kind=kind.code))
    ranked = sorted([*KINDS.values(), kind], key=lambda each: each.rank)
    KINDS.clear()
    KINDS.update((each.code, each) for each in ranked)


def include_none(_: Rows) -> Iterable[Record]:
    """No parts, no companions."""
    return ()


def register_source(
    model: type[Record],
    kind: str,
    *,
    parts: Along = include_none,
    companions: Along = include_none,
    outline: Render | None = None,
) -> Callable[[Render], Render]:
    """Register the decorated function as the one that turns `model` rows into renditions of a kind."""

    def register(render: Render) -> Render:
        SOURCES[model] = Source(model, kind, render, parts, companions, outline)
        return render

    return register


def rank_of(source: Source) -> int:
    """The place of what it renders in the order of dependence."""
    return KINDS[source.kind].rank


def list_members() -> list[PackageMember]:
    """The members of evidence packages, in the order of dependence."""
    return [kind.member for kind in KINDS.values() if kind.member]


def kinds_for_readers() -> list[Kind]:
    """All kinds, the most useful to a reader first."""
    return sorted(KINDS.values(), key=lambda kind: kind.reader_rank)
