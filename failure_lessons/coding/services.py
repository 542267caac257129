"""The verbs of documents and quotations: attach, say who may see, quote, code, cite in a statement, and take back."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import transaction
from django.db.models import Max, ProtectedError
from django.utils import timezone

from casestudies.models import CaseCitation
from failure_lessons.coding.extraction import extract_text
from failure_lessons.coding.interrupted import find_words
from failure_lessons.coding.models import Code, Coding, Quotation, SourceDocument, SourceFile, Statement, Use
from failure_lessons.coding.selectors import (
    TextPlace,
    places_in_context,
    same_words,
    surrounding_text,
)
from failure_lessons.files.archives import CannotOpen
from failure_lessons.history.audit_context import records_actor
from failure_lessons.packages.validation import LONGEST_QUOTATION
from failure_lessons.publishing.models import Edition, Publishable
from failure_lessons.publishing.review_lock import find_review_locks
from failure_lessons.vocabularies.models import Theme
from literature.models import Reference, ReviewCitation, ReviewFinding
from literature.statements import CitationBase

if TYPE_CHECKING:
    from failure_lessons.accounts.models import User

DIVIDED = re.compile(r"(?<=[^\W\d_])[-‐\u00ad]\n\s*(?=[a-zà-ÿ])")  # a word at the end of a line


class CannotAttach(Exception):
    """The file was not attached, and nothing changed; the message says why."""


class CannotQuote(Exception):
    """No quotation was made; `places` holds the candidates where words occur more than once."""

    def __init__(self, reason: str, places: Iterable[TextPlace] = ()) -> None:
        super().__init__(reason)
        self.places = list(places)


class CannotCode(Exception):
    """The quotation was not coded; the message says why."""


class CannotCite(Exception):
    """Nothing was cited; the message says why."""


def clean_file_name(name: str) -> str:
    """A file name without its folders and without what cannot be printed."""
    clean = "".join(letter if letter.isprintable() else " " for letter in name.replace("\\", "/").split("/")[-1])
    return " ".join(clean.split())[:200] or "Unnamed"


@transaction.atomic
@records_actor
def attach_document(
    *,
    reference: Reference,
    name: str,
    data: bytes,
    by: User,
    access: str = "private",
    licence: str = "",
    note: str = "",
    now: dt.datetime | None = None,
) -> SourceDocument:
    """Attach a PDF, a Word file, a saved web page or the like to a reference; its kind is told from its bytes.

    Raises `CannotAttach` when it is too large, hostile, locked, broken, without text, or attached already.
    """
    if len(data) > settings.SOURCE_DOCUMENT_BYTES:
        raise CannotAttach(
            f"The file has {len(data) / 1e6:.1f} MB. At most {settings.SOURCE_DOCUMENT_BYTES // 1_000_000} MB are "
            "kept: save it with smaller pictures, or in parts."
        )
    if access == SourceDocument.Access.OPEN and not licence.strip():
        raise CannotAttach("An open document needs a licence note: why may everybody who signs in read it?")
    sha256 = hashlib.sha256(data).hexdigest()
    Reference.objects.select_for_update().get(pk=reference.pk)  # one after the other: no file is attached twice
    if there := SourceDocument.objects.filter(reference=reference, sha256=sha256).first():
        raise CannotAttach(f"This very file is attached to {reference.slug} already, as “{there.name}”.")
    try:
        found = extract_text(data)
    except CannotOpen as refusal:
        raise CannotAttach(str(refusal)) from None
    document = SourceDocument.objects.create(
        reference=reference,
        name=clean_file_name(name),
        kind=found.kind,
        sha256=sha256,
        size=len(data),
        access=access,
        licence=licence.strip()[:300],
        note=note,
        attached_by=by,
        attached_at=now or timezone.now(),
    )
    SourceFile.objects.create(
        document=document,
        data=data,
        text=found.text,
        pages=found.pages,
        labels=found.labels,
        left_out=found.left_out,
    )
    return document


@transaction.atomic
@records_actor
def detach_document(*, document: SourceDocument, by: User) -> None:
    """Remove a document that nothing quotes. Raises `CannotAttach`."""
    try:
        document.delete()
    except ProtectedError:
        raise CannotAttach("Quotations rest on this document: delete them first.") from None


def quotation_at(document: SourceDocument, file: SourceFile, place: TextPlace, **values: object) -> Quotation:
    """A quotation of the words at a place, not saved yet."""
    prefix, suffix = surrounding_text(file.text, place)
    return Quotation(
        document=document,
        start=place.start,
        end=place.end,
        exact=file.text[place.start : place.end],
        prefix=prefix,
        suffix=suffix,
        gaps=[edge - place.start for gap in place.gaps for edge in gap],
        page=file.page_of(place.start),
        **values,
    )


@transaction.atomic
@records_actor
def quote_words(
    *,
    document: SourceDocument,
    by: User,
    words: str,
    start: int | None = None,
    before: str = "",
    after: str = "",
    page: int | None = None,
    note: str = "",
    now: dt.datetime | None = None,
) -> Quotation:
    """Make a quotation of words in a document, or find the one that is there.

    Words that occur more than once are told apart by where they `start`, by the words `before` and `after`, or by the
    `page`. Raises `CannotQuote` when they do not occur, or when nothing tells which are meant.
    """
    if not words.strip():
        raise CannotQuote("Select or paste the words to quote.")
    if "\0" in words + before + after + note:
        raise CannotQuote("The words hold a character that no text has.")
    file = document.file
    places = find_words(file.text, file.pages, words)
    if not places:
        raise CannotQuote("These words do not occur in the kept text. Copy them from the text shown here.")
    if start is not None:
        places = [place for place in places if place.start == start][:1] or find_exactly_at(file.text, words, start)
        if not places:
            raise CannotQuote("These words do not stand at the place you gave. Select them again.")
    elif len(places) > 1:
        places = places_in_context(file.text, places, before, after)
        if len(places) > 1 and page is not None:
            places = [place for place in places if file.page_of(place.start) == page] or places
    if not places:
        raise CannotQuote("These words occur, but not with those words before and after them.")
    if len(places) > 1:
        raise CannotQuote(f"These words occur {len(places)} times. Choose which are meant.", places)
    place = places[0]
    there = Quotation.objects.filter(document=document, start=place.start, end=place.end).first()
    if there is not None:
        return there
    made = quotation_at(document, file, place, note=note, made_by=by, made_at=now or timezone.now())
    made.save()
    return made


def find_exactly_at(text: str, words: str, start: int) -> list[TextPlace]:
    """The very words at a place, where they occur too often to have been among the candidates."""
    words = words.strip()
    return [TextPlace(start, start + len(words))] if text[start : start + len(words)] == words else []


@transaction.atomic
@records_actor
def delete_quotation(*, quotation: Quotation, by: User) -> None:
    """Remove a quotation and its coding. Raises `CannotQuote` while a statement uses it."""
    try:
        quotation.delete()
    except ProtectedError:
        raise CannotQuote(
            "A statement quotes these words: remove its citation there first, then the use here."
        ) from None


@transaction.atomic
@records_actor
def code_quotation(
    *, quotation: Quotation, themes: Iterable[Theme], by: User, now: dt.datetime | None = None
) -> list[Coding]:
    """Say that a quotation speaks of these themes. What this person said before stays, and is not said twice."""
    made = []
    said = set(quotation.codings.filter(coder=by.get_username()).values_list("theme", flat=True))
    for theme in themes:
        if theme.state == Theme.State.WITHDRAWN:
            raise CannotCode(f"The theme “{theme}” was withdrawn.")
        if theme.pk not in said:
            made.append(
                Coding.objects.create(
                    quotation=quotation,
                    theme=theme,
                    coder=by.get_username(),
                    coded_at=now or timezone.now(),
                    code=Code.objects.filter(theme=theme).first(),
                )
            )
            said.add(theme.pk)
    return made


@transaction.atomic
@records_actor
def remove_coding(*, coding: Coding, by: User) -> None:
    """Take a coding back."""
    coding.delete()


def cited_words(quotation: Quotation) -> str:
    """The words as a statement quotes them: in one line, a word divided at the end of a line put together."""
    return " ".join(DIVIDED.sub("", quotation.words()).split())


def owner_of(statement: Statement) -> Publishable:
    """The case study or the review that a statement is part of."""
    owner: Publishable = statement.review if isinstance(statement, ReviewFinding) else statement.case
    return owner


def field_of(statement: Statement) -> str:
    """The name of the column of `Use` that points to a statement of this kind."""
    for name in Use.STATEMENTS:
        if Use._meta.get_field(name).related_model is type(statement):
            return name
    raise CannotCite("This kind of record quotes nothing.")


def citations_of(statement: Statement, quotation: Quotation) -> list[CitationBase]:
    """The citations of a statement that quote these words of this work."""
    found = statement.citations.filter(reference=quotation.document.reference_id)
    return [each for each in found if each.quotation and same_words(each.quotation, cited_words(quotation))]


@transaction.atomic
@records_actor
def cite_quotation(
    *,
    quotation: Quotation,
    statement: Statement,
    locator: str,
    by: User,
    note: str = "",
    now: dt.datetime | None = None,
) -> Use:
    """Cite a quotation in a section, event, intervention, indicator or finding, word for word, at most forty words.

    Raises `CannotCite` when it is too long, when the record is in review, or published and no reason (`note`) is given.
    """
    name = field_of(statement)
    owner = type(owner_of(statement))._default_manager.select_for_update().get(pk=owner_of(statement).pk)
    words = cited_words(quotation)
    if (count := len(words.split())) > LONGEST_QUOTATION:
        raise CannotCite(
            f"The quotation has {count} words; a statement quotes at most {LONGEST_QUOTATION}. Select the part that "
            "matters and cite that."
        )
    if len(locator) > 200:
        raise CannotCite("A locator has at most 200 characters.")
    if locks := find_review_locks([owner]):
        raise CannotCite(locks[0])
    published = Edition.objects.current().filter(record_id=owner.record_id).exists()
    if published and not note.strip():
        raise CannotCite(f"“{owner}” is published: say why you change it.")
    use, made = Use.objects.get_or_create(
        quotation=quotation, **{name: statement}, defaults={"by": by, "at": now or timezone.now()}
    )
    if made or not citations_of(statement, quotation):
        model = ReviewCitation if name == "review_finding" else CaseCitation
        target = "finding" if name == "review_finding" else name
        last = statement.citations.aggregate(last=Max("position"))["last"]
        if not citations_of(statement, quotation):
            model._default_manager.create(
                **{target: statement},
                reference=quotation.document.reference,
                locator=locator.strip(),
                quotation=words,
                position=0 if last is None else last + 1,
            )
    return use


@transaction.atomic
@records_actor
def release_use(*, use: Use, by: User) -> None:
    """Forget that a statement uses a quotation, once the statement no longer cites it. Raises `CannotCite`."""
    if citations_of(use.statement, use.quotation):
        raise CannotCite("The statement still quotes these words: remove the citation in its form first.")
    use.delete()
