"""What was read, word for word: source documents with their kept text, quotations from it, and their coding.

Nothing here is ever published as it stands. Readers see a quotation when a statement cites it, at most forty words.
"""

from __future__ import annotations

import uuid
from bisect import bisect_right
from typing import TYPE_CHECKING

import pgtrigger
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Length

from casestudies.models import CaseFinding, Event, Indicator, Intervention, Section
from failure_lessons.constraints import Rule, Unique, exactly_one_set
from failure_lessons.vocabularies.models import Theme
from literature.models import Reference, ReviewFinding

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from failure_lessons.accounts.models import User

READ_PRIVATE_PERMISSION = "coding.read_private"
WORDS_OCCUR = """
if new.exact is distinct from (
    select substr(kept.text, new.start + 1, new."end" - new.start)
    from coding_sourcefile kept where kept.document_id = new.document_id
) then
    raise exception 'the words of a quotation stand in the kept text at its place' using errcode = 'check_violation';
end if;
return new;
"""


Statement = Section | Event | Intervention | Indicator | CaseFinding | ReviewFinding  # what quotes a work


class DocumentQuerySet(models.QuerySet["SourceDocument"]):
    """Named reads."""

    def readable_by(self, user: User | AnonymousUser) -> DocumentQuerySet:
        """Those whose words this person may see."""
        return self if user.has_perm(READ_PRIVATE_PERMISSION) else self.filter(access=SourceDocument.Access.OPEN)


class SourceDocument(models.Model):
    """A file that was attached to a reference, so that quotations can be checked against its words.

    What it is called and who may see it; the file itself and its text are a `SourceFile`.
    """

    class Kind(models.TextChoices):
        PDF = "pdf", "PDF"
        DOCX = "docx", "Word document"
        ODT = "odt", "OpenDocument text"
        HTML = "html", "Web page"
        TEXT = "text", "Plain text"

    class Access(models.TextChoices):
        PRIVATE = "private", "Private: researchers, reviewers and publishers"
        OPEN = "open", "Open: everybody who signs in"

    guid = models.UUIDField("GUID", default=uuid.uuid4, unique=True, editable=False)
    reference = models.ForeignKey(Reference, models.PROTECT, related_name="documents")
    name = models.CharField(max_length=200, help_text="What the file was called.")
    kind = models.CharField(max_length=10, choices=Kind.choices, editable=False)
    sha256 = models.CharField("SHA-256", max_length=64, editable=False, db_index=True)
    size = models.PositiveIntegerField(editable=False, help_text="Bytes.")
    access = models.CharField(
        max_length=10,
        choices=Access.choices,
        default=Access.PRIVATE,
        help_text="Readers of the public site never see a document, whatever is chosen here.",
    )
    licence = models.CharField(
        "licence note",
        max_length=300,
        blank=True,
        help_text="Why it may be open, such as Open Government Licence v3.0.",
    )
    note = models.TextField(blank=True, help_text="What a colleague should know about this copy.")
    attached_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", editable=False)
    attached_at = models.DateTimeField(editable=False)

    objects = DocumentQuerySet.as_manager()

    class Meta:
        ordering = ["-attached_at", "-pk"]
        permissions = [("read_private", "Can read private source documents")]
        constraints = [
            Rule(condition=~Q(name=""), name="a_source_document_has_a_name"),
            Rule(condition=Q(access="private") | ~Q(licence=""), name="an_open_document_has_a_licence_note"),
            Rule(
                condition=Q(kind__in=["pdf", "docx", "odt", "html", "text"]),
                name="a_source_document_is_of_a_known_kind",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def record_id(self) -> uuid.UUID:
        """What the history of the workbench knows it by."""
        return self.guid

    @property
    def is_pdf(self) -> bool:
        return self.kind == self.Kind.PDF

    def is_readable_by(self, user: User | AnonymousUser) -> bool:
        """Whether this person may see its words."""
        return self.access == self.Access.OPEN or user.has_perm(READ_PRIVATE_PERMISSION)


class SourceFile(models.Model):
    """The bytes of a source document and the text that was taken from them, which never change.

    `pages` holds the place in the text at which each page begins, `labels` what is printed on each. A file without
    pages of its own is shown in parts of a few thousand characters.
    """

    document = models.OneToOneField(SourceDocument, models.CASCADE, related_name="file")
    data = models.BinaryField()
    text = models.TextField()
    pages = ArrayField(models.PositiveIntegerField())
    labels = ArrayField(models.CharField(max_length=20), default=list, blank=True)
    left_out = ArrayField(
        models.CharField(max_length=200),
        default=list,
        blank=True,
        help_text="What the file holds that is not in the text, such as 2 comments.",
    )

    class Meta:
        triggers = [pgtrigger.Protect(name="kept_text_never_changes", operation=pgtrigger.Update)]
        constraints = [
            Rule(condition=~Q(text=""), name="a_source_document_has_text"),
            Rule(condition=Q(pages__0=0), name="the_first_page_begins_with_the_text"),
        ]

    def __str__(self) -> str:
        return f"{len(self.pages)} pages"

    def page_of(self, place: int) -> int:
        """The number of the page on which a place of the text lies, from 1."""
        return bisect_right(self.pages, place)

    def span_of(self, page: int) -> tuple[int, int]:
        """Where a page begins and ends."""
        end = self.pages[page] if page < len(self.pages) else len(self.text)
        return self.pages[page - 1], end

    def label_of(self, page: int) -> str:
        """What is printed on a page, where that is known."""
        return self.labels[page - 1] if page <= len(self.labels) else ""


class QuotationQuerySet(models.QuerySet["Quotation"]):
    """Named reads."""

    def readable_by(self, user: User | AnonymousUser) -> QuotationQuerySet:
        """Those whose words this person may see."""
        if user.has_perm(READ_PRIVATE_PERMISSION):
            return self
        return self.filter(document__access=SourceDocument.Access.OPEN)


class Quotation(models.Model):
    """Words of a source document, with two selectors of the W3C Web Annotation model that find them again.

    TextPositionSelector: `start` and `end`, in Unicode code points of the kept text, `end` not included.
    TextQuoteSelector: `exact`, with as much `prefix` and `suffix` as makes it occur once.
    `gaps` between the words are no part of them: the head and number of a page, the number of a note.
    """

    guid = models.UUIDField("GUID", default=uuid.uuid4, unique=True, editable=False)
    document = models.ForeignKey(SourceDocument, models.PROTECT, related_name="quotations")
    start = models.PositiveIntegerField()
    end = models.PositiveIntegerField()
    exact = models.TextField("words")
    prefix = models.TextField(blank=True)
    suffix = models.TextField(blank=True)
    gaps = ArrayField(
        models.PositiveIntegerField(),
        default=list,
        blank=True,
        help_text="Where the words pause and where they go on, in turn, counted from the start of the quotation.",
    )
    page = models.PositiveIntegerField(help_text="Page of the document, counted from 1.")
    note = models.TextField(blank=True, help_text="What you make of it. Readers never see it.")
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", editable=False)
    made_at = models.DateTimeField(editable=False)

    objects = QuotationQuerySet.as_manager()

    class Meta:
        ordering = ["document", "start", "pk"]
        indexes = [models.Index(fields=["document", "page"], name="quotation_page")]
        constraints = [
            Rule(condition=Q(end__gt=F("start")), name="a_quotation_has_words"),
            Rule(condition=Q(end=F("start") + Length("exact")), name="a_quotation_is_as_long_as_its_words"),
            Rule(condition=Q(page__gte=1), name="pages_are_counted_from_1"),
            Rule(
                condition=Q(gaps__len=0) | Q(gaps__len__gte=2),
                name="a_gap_in_a_quotation_has_a_start_and_an_end",
            ),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="words_occur_in_the_kept_text",
                operation=pgtrigger.Insert | pgtrigger.Update,
                when=pgtrigger.Before,
                func=WORDS_OCCUR,
            )
        ]

    def __str__(self) -> str:
        return self.exact[:80]

    def words(self) -> str:
        """What is quoted, without what stands between the words."""
        ends = [0, *self.gaps, len(self.exact)]
        return "".join(self.exact[start:end] for start, end in zip(ends[::2], ends[1::2], strict=True))

    def selectors(self) -> list[dict[str, str | int]]:
        """Both selectors as the Web Annotation model writes them."""
        return [
            {"type": "TextQuoteSelector", "exact": self.exact, "prefix": self.prefix, "suffix": self.suffix},
            {"type": "TextPositionSelector", "start": self.start, "end": self.end},
        ]


class Code(models.Model):
    """A code as a program for qualitative analysis knows it, and the theme that it stands for here.

    It keeps what our themes do not have (GUID, colour, place below another code), so that a codebook leaves as it came.
    """

    guid = models.UUIDField("GUID", unique=True)
    theme = models.ForeignKey(Theme, models.PROTECT, related_name="codes")
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="children")
    name = models.TextField()
    description = models.TextField(blank=True)
    colour = models.CharField(
        max_length=7, blank=True, validators=[RegexValidator(r"\A#([0-9A-Fa-f]{6}|[0-9A-Fa-f]{3})\Z")]
    )
    codable = models.BooleanField(default=True, help_text="Whether text may be coded with it.")
    position = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["position", "pk"]
        constraints = [Rule(condition=~Q(name=""), name="a_code_has_a_name")]

    def __str__(self) -> str:
        return self.name


class Coding(models.Model):
    """Somebody says that a quotation speaks of a theme."""

    guid = models.UUIDField("GUID", default=uuid.uuid4, unique=True, editable=False)
    quotation = models.ForeignKey(Quotation, models.CASCADE, related_name="codings")
    theme = models.ForeignKey(Theme, models.PROTECT, related_name="codings")
    code = models.ForeignKey(
        Code,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="codings",
        help_text="The code it was imported with.",
    )
    coder = models.CharField(max_length=150, help_text="Who coded it, as their program or their account names them.")
    coded_at = models.DateTimeField()

    class Meta:
        verbose_name = "coded segment"
        ordering = ["quotation", "pk"]
        constraints = [
            Unique(
                fields=["quotation", "theme", "code", "coder"],
                nulls_distinct=False,
                name="a_coder_codes_a_quotation_once_with_a_theme",
            ),
            Rule(condition=~Q(coder=""), name="a_coding_names_its_coder"),
        ]

    def __str__(self) -> str:
        return f"{self.theme_id}: {self.quotation_id}"


class Use(models.Model):
    """A statement quotes a quotation: the chain from the statement to the words in the document.

    It points to the statement and not to its citation, because a form may write the citations of a statement anew; the
    citation is the one with the same reference and the same words, and `check_quotations` sees that there is one.
    """

    STATEMENTS = ("section", "event", "intervention", "indicator", "finding", "review_finding")

    quotation = models.ForeignKey(Quotation, models.PROTECT, related_name="uses")
    section = models.ForeignKey(Section, models.CASCADE, null=True, blank=True, related_name="uses")
    event = models.ForeignKey(Event, models.CASCADE, null=True, blank=True, related_name="uses")
    intervention = models.ForeignKey(Intervention, models.CASCADE, null=True, blank=True, related_name="uses")
    indicator = models.ForeignKey(Indicator, models.CASCADE, null=True, blank=True, related_name="uses")
    finding = models.ForeignKey(CaseFinding, models.CASCADE, null=True, blank=True, related_name="uses")
    review_finding = models.ForeignKey(ReviewFinding, models.CASCADE, null=True, blank=True, related_name="uses")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["pk"]
        constraints = [
            Rule(
                condition=exactly_one_set("section", "event", "intervention", "indicator", "finding", "review_finding"),
                name="a_quotation_is_used_in_one_statement",
            ),
            *(
                Unique(
                    fields=["quotation", name],
                    condition=Q(**{f"{name}__isnull": False}),
                    name=f"{'an' if name[0] in 'ei' else 'a'}_{name}_uses_a_quotation_once",
                )
                for name in ("section", "event", "intervention", "indicator", "finding", "review_finding")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.quotation_id} in {self.statement}"

    @property
    def statement(self) -> Statement:
        """What quotes it: a section, event, intervention, indicator or finding."""
        found: Statement = next(getattr(self, name) for name in self.STATEMENTS if getattr(self, f"{name}_id"))
        return found


class QdaImport(models.Model):
    """A codebook or project that somebody handed in, kept until they have looked at it: a working paper."""

    name = models.CharField("file", max_length=200)
    data = models.BinaryField()
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    made_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)
    result = models.JSONField(default=dict, blank=True, help_text="What was added, by kind.")

    class Meta:
        ordering = ["-made_at", "-pk"]
        verbose_name = "import from analysis software"
        verbose_name_plural = "imports from analysis software"

    def __str__(self) -> str:
        return self.name
