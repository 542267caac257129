"""The library: immutable editions, what each rests on, and the ledger of every change to the library.

The abstract `Record` and `Publishable` are what a workbench model inherits to be published from. Only
`failure_lessons.publishing.services` writes the tables of this module; the database refuses everything else.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections import namedtuple
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any, ClassVar, NamedTuple, TypeVar

import orjson
import pgtrigger
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.contrib.postgres.search import SearchVector, SearchVectorField
from django.core.exceptions import EmptyResultSet, ValidationError
from django.db import connections, models
from django.db.models import Case, F, Q, Value, When
from django.db.models.expressions import RawSQL
from django.db.models.functions import Concat
from django.urls import reverse

from failure_lessons.constraints import Rule, Unique
from failure_lessons.database.prepared import fetch_often
from failure_lessons.publishing.change_kinds import ChangeKind
from failure_lessons.publishing.ledger_queries import LedgerEntryQuerySet
from failure_lessons.publishing.pins import EditionCitation as EditionCitation  # a table of this app
from failure_lessons.publishing.redaction_models import PackageRemoval as PackageRemoval  # so that Django finds it
from failure_lessons.publishing.redaction_models import Redaction as Redaction  # the same
from failure_lessons.publishing.registry import KINDS
from failure_lessons.publishing.rows import ListedRow
from failure_lessons.publishing.submissions import Submission as Submission  # a table of this app
from failure_lessons.types import JSONObject

RowT = TypeVar("RowT")  # an edition, or a named row of one


class Record(models.Model):
    """A thing in the workbench that has editions in the library."""

    FIXED: ClassVar[tuple[str, ...]] = ("record_id", "code")  # what never changes after publication, where it has it

    record_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)

    class Meta:
        abstract = True

    def clean(self) -> None:
        """Say kindly what the database refuses (`guard`): what was published keeps its code and its place."""
        super().clean()
        fixed = [field.attname for field in self.list_fixed_fields()]
        before = type(self)._default_manager.filter(pk=self.pk).values(*fixed).first() if self.pk else None
        if before and any(before[name] != getattr(self, name) for name in fixed) and self.was_published():
            raise ValidationError("It was published, so it keeps its code and stays where it is. Add another instead.")

    @classmethod
    def list_fixed_fields(cls) -> list[models.Field[Any, Any]]:
        """The fields that never change after publication."""
        return [field for field in cls._meta.concrete_fields if field.name in cls.FIXED]

    def was_published(self) -> bool:
        """Whether readers see or ever saw it."""
        return Edition.objects.filter(record_id=self.record_id).exists()


class Publishable(Record):
    """A record with an editorial flow of its own: somebody submits it, somebody else publishes it."""

    class State(models.TextChoices):
        DRAFT = "draft", "Draft"  # readers see nothing of it
        IN_REVIEW = "in-review", "In review"  # readers still see the last edition, if there is one
        PUBLISHED = "published", "Published"  # readers see the newest edition
        WITHDRAWN = "withdrawn", "Withdrawn"  # readers see that it was withdrawn, and why

    slug: models.CharField[str, str]  # each has one of its own, for ever

    state = models.CharField(max_length=12, choices=State.choices, default=State.DRAFT, editable=False)
    submitted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, editable=False, related_name="+"
    )
    submitted_at = models.DateTimeField(null=True, blank=True, editable=False)
    submitted_sha256 = models.CharField(max_length=64, blank=True, editable=False)
    review_note = models.TextField(blank=True, editable=False)
    edited_at = models.DateTimeField(auto_now=True)

    class Meta:
        abstract = True


@cache
def row_type(columns: tuple[str, ...]) -> Any:
    """A named tuple with these columns."""
    return namedtuple("Row", columns)  # the columns are known only when asked


# The revision of the library that a statement reads, and its time: columns that tell it with the rows.
NEWEST_REVISION = {
    "library": RawSQL("(select number from publishing_ledgerentry order by number desc limit 1)", ()),
    "library_at": RawSQL("(select at from publishing_ledgerentry order by number desc limit 1)", ()),
}


class Counts(NamedTuple):
    """How many editions answer to every choice, and how many each term would add or leave."""

    total: int
    by_term: dict[str, int]


class EditionQuerySet(models.QuerySet["Edition"]):
    """Named reads. Every public page and API answer starts here."""

    def current(self) -> EditionQuerySet:
        """What a reader sees today."""
        return self.filter(superseded_at=None, withdrawn_at=None)

    def as_of(self, moment: dt.datetime) -> EditionQuerySet:
        """What a reader saw at `moment` (aware datetime)."""
        return self.filter(
            Q(superseded_at=None) | Q(superseded_at__gt=moment),
            Q(withdrawn_at=None) | Q(withdrawn_at__gt=moment),
            published_at__lte=moment,
        )

    def of_kind(self, *kinds: str) -> EditionQuerySet:
        """Editions of these kinds, such as `recommendation`."""
        return self.filter(kind__in=kinds) if len(kinds) > 1 else self.filter(kind=kinds[0])

    def matching(self, terms: Iterable[str]) -> EditionQuerySet:
        """Editions that carry every one of these terms, such as `phase:prevention`."""
        return self.filter(terms__contains=list(terms))

    def matching_any(self, terms: Iterable[str]) -> EditionQuerySet:
        """Editions that carry at least one of these terms."""
        return self.filter(terms__overlap=list(terms))

    def at_address(self, kind: str, slug: str) -> EditionQuerySet:
        """Editions that ever stood at this address, the one to serve (or to mourn) first."""
        if "\0" in slug:  # no slug has one, and PostgreSQL refuses the question
            return self.none()
        return self.filter(kind=kind, slug=slug).order_by(
            F("withdrawn_at").asc(nulls_first=True), F("superseded_at").desc(nulls_first=True), "-number", "-revision"
        )

    def first_page_raw(
        self, kind: str, columns: Sequence[str], start: Sequence[str | int] | None, limit: int
    ) -> list[ListedRow]:
        """A page of all current editions of a kind: written out, for compiling the query costs more than running it.

        The rows have two columns more, `library` and `library_at`: the revision that was read, and its time.
        """
        chosen = ", ".join("id as pk" if column == "pk" else column for column in columns)
        beyond = "and (sort_key, id) > (%s, %s)" if start else ""
        newest = ", ".join(each.sql for each in NEWEST_REVISION.values())
        sql = f"""select {chosen}, {newest} from publishing_edition
                  where kind = %s and superseded_at is null and withdrawn_at is null {beyond}
                  order by sort_key, id limit %s"""
        found = fetch_often(connections[self.db], sql, [kind, *(start or ()), limit])
        return [*map(row_type((*columns, *NEWEST_REVISION))._make, found)]

    def without_text(self) -> EditionQuerySet:
        """Leave out the long columns where only the headline is shown."""
        return self.defer("document", "body", "search")

    def with_evidence_status(self, moment: dt.datetime | None = None) -> EditionQuerySet:
        """With `evidence_status`: `changed` where something it rests on has changed (by `moment`), else `unchanged`."""
        changed = Q(evidence_changed_at__isnull=False) if moment is None else Q(evidence_changed_at__lte=moment)
        return self.annotate(
            evidence_status=Case(
                When(changed, then=Value("changed")), default=Value("unchanged"), output_field=models.CharField()
            )
        )

    def with_overdue_status(self, day: dt.date) -> EditionQuerySet:
        """With `overdue_status`: `yes` where the day of an answer that is owed lies before `day`, else `no`."""
        late = When(due_on__lt=day, then=Value("yes"))
        return self.annotate(overdue_status=Case(late, default=Value("no"), output_field=models.CharField()))

    def count_terms(self, beside: Mapping[str, EditionQuerySet]) -> Counts:
        """Live counts over these editions, which have to be `with_evidence_status()`: one query, whatever is picked.

        `beside` holds, for each name of a term under which something is picked, the editions that answer to everything
        but that: a further choice under the same name widens, so its terms are counted among them. `kind:…`,
        `evidence:…` and, `with_overdue_status()`, `overdue:…` count as terms too.
        """
        parts, values = [], []
        computed = ["kind", "evidence_status"]
        more = "'kind:' || kind, 'evidence:' || evidence_status, ''"
        if "overdue_status" in self.query.annotations:
            computed.append("overdue_status")
            more = f"'overdue:' || overdue_status, {more}"
        for place, (name, rows) in enumerate([("", self), *beside.items()]):
            wanted = rows.order_by().values("terms", *computed)
            try:
                inner, inner_values = wanted.query.sql_with_params()
            except EmptyResultSet:  # nothing can answer, and Django says so before it asks
                continue
            # the empty term counts the editions themselves
            parts.append(
                f"""select {place}, term, count(*) from ({inner}) e cross join lateral
                    unnest(terms || array[{more}]) term
                    where starts_with(term, %s) group by term"""
            )
            values += [*inner_values, f"{name}:" if name else ""]
        if not parts:
            return Counts(0, {})
        with connections[self.db].cursor() as cursor:
            cursor.execute(" union all ".join(parts), values)
            by_term = {term: editions for _, term, editions in sorted(cursor.fetchall())}
        return Counts(by_term.pop("", 0), by_term)


READABLE_NOW = Q(superseded_at=None, withdrawn_at=None)
# The title and the summary of an edition as one text: what its words are looked up in by their letters.
HEADING = Concat("title", Value(" "), "summary", output_field=models.TextField())


class Edition(models.Model):
    """An immutable, numbered, published rendition of one record. All that the public ever reads."""

    kind = models.CharField(max_length=24)
    slug = models.SlugField(max_length=120, db_index=False)
    code = models.CharField(max_length=40, blank=True)
    record_id = models.UUIDField()
    number = models.PositiveIntegerField()
    revision = models.PositiveBigIntegerField(unique=True)
    title = models.CharField(max_length=500)
    summary = models.TextField(blank=True)
    body = models.TextField(blank=True)
    document = models.TextField()
    sha256 = models.CharField(max_length=64, db_index=True)
    terms = ArrayField(models.TextField(), default=list)
    sort_key = models.CharField(max_length=600)
    search = models.GeneratedField(
        expression=SearchVector("code", "title", weight="A", config="evidence")
        + SearchVector("summary", weight="B", config="evidence")
        + SearchVector("body", weight="C", config="evidence"),
        output_field=SearchVectorField(),
        db_persist=True,
    )
    cites: models.ManyToManyField[Edition, EditionCitation] = models.ManyToManyField(
        "self", through="EditionCitation", symmetrical=False, related_name="cited_by"
    )
    change = models.CharField(max_length=20, choices=ChangeKind.choices, blank=True)
    note = models.TextField(blank=True)
    submitted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    published_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    published_at = models.DateTimeField()
    superseded_at = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True)
    withdrawal_reason = models.TextField(blank=True)
    evidence_changed_at = models.DateTimeField(null=True)
    # days that a clock is asked of, as the document says them: for an answer, and for a look of ours
    due_on = models.DateField(null=True)
    look_again_on = models.DateField(null=True)

    objects = EditionQuerySet.as_manager()

    class Meta:
        ordering = ["kind", "sort_key", "pk"]
        # what people may do with records of any kind: the roles of `workbench.roles` are made of these
        permissions = [
            ("review_record", "Can return a record to its author"),
            ("publish_record", "Can publish, correct and withdraw records"),
        ]
        constraints = [
            Unique(fields=["kind", "record_id", "number"], name="an_edition_number_is_used_once"),
            Unique(
                fields=["record_id"],
                condition=Q(superseded_at=None, withdrawn_at=None),
                name="a_record_has_one_current_edition",
            ),
            Unique(
                fields=["kind", "slug"],
                condition=Q(superseded_at=None, withdrawn_at=None),
                name="a_current_address_is_unique",
            ),
            Rule(condition=~Q(submitted_by=F("published_by")), name="publishing_takes_two_people"),
            Rule(condition=Q(number__gte=1), name="edition_numbers_start_at_one"),
            Rule(condition=Q(number__gt=1) | Q(change=""), name="a_first_edition_changes_nothing"),
            Rule(condition=Q(withdrawn_at=None) | ~Q(withdrawal_reason=""), name="a_withdrawal_gives_its_reason"),
        ]
        indexes = [
            models.Index("kind", "sort_key", "id", condition=READABLE_NOW, name="edition_list"),
            GinIndex(fields=["terms"], name="edition_terms"),
            GinIndex(fields=["search"], name="edition_search"),
            # the words of titles and summaries by their letters, for readers who mistype one
            GinIndex(OpClass(HEADING, name="gin_trgm_ops"), name="edition_heading"),
            models.Index(fields=["kind", "revision"], condition=READABLE_NOW, name="edition_by_publication"),
            # editions published in a span of days
            models.Index(fields=["kind", "published_at"], condition=READABLE_NOW, name="edition_by_day"),
            models.Index(fields=["kind", "slug"], name="edition_address"),
            models.Index(fields=["code"], name="edition_code"),
            models.Index(fields=["record_id", "number"], name="edition_record"),
            models.Index(fields=["due_on"], condition=Q(due_on__isnull=False), name="edition_due"),
            # what is overdue on a day, in the order of lists: the day is compared while the index is walked
            models.Index(
                fields=["kind", "sort_key", "id", "due_on"],
                condition=Q(superseded_at=None, withdrawn_at=None, due_on__isnull=False),
                name="edition_due_list",
            ),
            models.Index(fields=["look_again_on"], condition=Q(look_again_on__isnull=False), name="edition_look"),
            # what was marked lately: `library.term_bitmaps` reads it after a publication
            models.Index(
                fields=["evidence_changed_at"], condition=Q(evidence_changed_at__isnull=False), name="edition_marked"
            ),
            # `edition_by_strength`, `edition_by_confidence` and `edition_by_wait` serve orders that rank by a term or a
            # day; migration 10 writes them out, because the codes lie on a floor above this one
        ]
        triggers = [
            pgtrigger.Protect(name="editions_are_never_deleted", operation=pgtrigger.Delete),
            pgtrigger.Trigger(
                name="editions_never_change",
                operation=pgtrigger.Update,
                when=pgtrigger.Before,
                func="""
                    if (to_jsonb(new) - array['superseded_at', 'withdrawn_at', 'withdrawal_reason',
                                              'evidence_changed_at', 'search'])
                       is distinct from
                       (to_jsonb(old) - array['superseded_at', 'withdrawn_at', 'withdrawal_reason',
                                              'evidence_changed_at', 'search'])
                       or (old.superseded_at is not null and new.superseded_at is distinct from old.superseded_at)
                       or (old.withdrawn_at is not null and (new.withdrawn_at, new.withdrawal_reason)
                                                     is distinct from (old.withdrawn_at, old.withdrawal_reason))
                       or (old.evidence_changed_at is not null
                           and new.evidence_changed_at is distinct from old.evidence_changed_at)
                    then
                        raise exception 'edition % is published and cannot be changed', old.id
                            using errcode = 'restrict_violation';
                    end if;
                    return new;
                """,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.slug} v{self.number}"

    def get_absolute_url(self) -> str:
        """The page of the record, which shows its current edition."""
        return reverse("detail", args=[KINDS[self.kind].address, self.slug])

    @property
    def is_current(self) -> bool:
        return self.superseded_at is None and self.withdrawn_at is None

    @property
    def public_title(self) -> str:
        """What readers may be told that it is called: of what was withdrawn, its kind and its address alone.

        A title may be the very statement that had to go: that of a finding is.
        """
        return f"{KINDS[self.kind].label} {self.code or self.slug}" if self.withdrawn_at else self.title

    @property
    def content(self) -> JSONObject:
        """The document, parsed anew at each call."""
        parsed: JSONObject = orjson.loads(self.document)
        return parsed


def as_it_stood(row: RowT, moment: dt.datetime) -> RowT:
    """An edition (or a named row of one) without the marks it got after `moment`."""
    names = ("superseded_at", "withdrawn_at", "evidence_changed_at")
    later = [name for name in names if (at := getattr(row, name, None)) and at > moment]
    if isinstance(row, tuple):
        return row._replace(**dict.fromkeys(later)) if later else row  # type: ignore[attr-defined]  # a named tuple
    for name in later:
        setattr(row, name, None)
    return row


class LedgerEntry(models.Model):
    """One change to the library. Numbers have no gaps; each row's hash covers the row before it."""

    class Action(models.TextChoices):
        PUBLISHED = "published", "Published"
        CORRECTED = "corrected", "Corrected"
        WITHDRAWN = "withdrawn", "Withdrawn"
        REDACTED = "redacted", "Redacted"  # words gave way to a mark, for reasons of law or privacy

    PUBLICATIONS = (Action.PUBLISHED, Action.CORRECTED)  # what makes an edition
    REMOVALS = (Action.WITHDRAWN, Action.REDACTED)  # what takes words away from readers

    number = models.PositiveBigIntegerField(primary_key=True)
    action = models.CharField(max_length=10, choices=Action.choices)
    edition = models.ForeignKey(Edition, models.PROTECT, related_name="revisions")
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    note = models.TextField(blank=True)
    proposed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    former_sha256 = models.CharField(max_length=64, blank=True)  # of the document before it was redacted
    previous_sha256 = models.CharField(max_length=64, blank=True)
    sha256 = models.CharField(max_length=64, unique=True)

    objects = LedgerEntryQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "ledger entries"
        ordering = ["number"]
        constraints = [
            Rule(
                condition=Q(action="redacted", proposed_by__isnull=False)
                & ~Q(proposed_by=F("by"))
                & ~Q(former_sha256="")
                | ~Q(action="redacted") & Q(proposed_by=None, former_sha256=""),
                name="a_redaction_in_the_ledger_takes_two_people",
            ),
        ]
        indexes = [models.Index(fields=["at"], name="ledger_by_day")]  # a month in short reads that month alone
        triggers = [
            pgtrigger.Protect(name="the_ledger_is_never_changed", operation=pgtrigger.Update | pgtrigger.Delete),
            pgtrigger.Trigger(
                name="the_ledger_has_no_gaps",
                operation=pgtrigger.Insert,
                when=pgtrigger.Before,
                declare=[("last", "record")],
                func="""
                    select number, at, sha256 into last from publishing_ledgerentry order by number desc limit 1;
                    if new.number <> coalesce(last.number, 0) + 1
                       or new.previous_sha256 <> coalesce(last.sha256, '')
                       or new.at < coalesce(last.at, new.at)
                    then
                        raise exception 'revision % does not follow revision %', new.number, coalesce(last.number, 0)
                            using errcode = 'restrict_violation';
                    end if;
                    return new;
                """,
            ),
        ]

    def __str__(self) -> str:
        return f"revision {self.number}: {self.action} {self.edition_id}"

    @property
    def change(self) -> str:
        """What kind of change a new edition is; empty of a first edition and of anything else."""
        return self.edition.change if self.action in self.PUBLICATIONS else ""

    @property
    def public_note(self) -> str:
        """What the publisher told readers; of what was withdrawn since, the reason of the withdrawal alone."""
        return "" if self.edition.withdrawn_at and self.action not in self.REMOVALS else self.note
