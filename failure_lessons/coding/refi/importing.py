"""Taking a codebook or a project in: first what it would add, then all of it or nothing."""

from __future__ import annotations

import datetime as dt
import hashlib
import uuid
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from django.db import connection, transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.text import slugify

from failure_lessons.coding.extraction import Extracted, split_into_parts
from failure_lessons.coding.models import Code, Coding, QdaImport, Quotation, SourceDocument, SourceFile
from failure_lessons.coding.refi.reading import ReadCode, ReadProject, ReadSource, read_qda
from failure_lessons.coding.selectors import TextPlace
from failure_lessons.coding.services import clean_file_name, quotation_at
from failure_lessons.files.archives import CannotOpen
from failure_lessons.history.audit_context import records_actor
from failure_lessons.vocabularies.models import Theme
from literature.importing.keys import KeyAllocator
from literature.models import Reference

if TYPE_CHECKING:
    from failure_lessons.accounts.models import User

QDA_IMPORT_LIFETIME = dt.timedelta(days=30)  # a file that waits to be looked at
QDA_IMPORT_LOCK = 0x5244  # held while a project is taken in
NO_NOTE = "Imported from {}; its scope note is still to be written."


class CannotImportQda(Exception):
    """Nothing was taken in; the message says why."""


@dataclass(frozen=True)
class PlannedCode:
    """What becomes of a code: `label` is its theme's; `how` is known, matched or new."""

    code: ReadCode
    how: str
    label: str
    depth: int = 0
    theme: Theme | None = None


@dataclass(frozen=True)
class PlannedSource:
    """What becomes of a text: `known` is the document that has its GUID."""

    source: ReadSource
    known: SourceDocument | None = None
    selections: int = 0
    codings: int = 0
    samples: tuple[str, ...] = ()


@dataclass
class Plan:
    """What an import would add, and what it would leave out."""

    project: ReadProject
    codes: list[PlannedCode] = field(default_factory=list)
    sources: list[PlannedSource] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    def counts(self) -> dict[str, int]:
        """How much of each would be added."""
        how = Counter(each.how for each in self.codes)
        return {
            "themes": how["new"],
            "codes": how["new"] + how["matched"],
            "documents": sum(each.known is None for each in self.sources),
            "quotations": sum(each.selections for each in self.sources),
            "codings": sum(each.codings for each in self.sources),
        }


def plan_import(project: ReadProject) -> Plan:
    """What would become of everything in a project. Reads the workbench, writes nothing."""
    plan = Plan(project, problems=list(project.problems))
    plan_codes(plan)
    documents = {
        each.guid: each
        for each in SourceDocument.objects.filter(guid__in=[source.guid for source in project.sources]).select_related(
            "file"
        )
    }
    wanted = [selection.guid for source in project.sources for selection in source.selections]
    there = {each.guid: each for each in Quotation.objects.filter(guid__in=wanted).select_related("document")}
    codings = set(
        Coding.objects.filter(
            guid__in=[
                coding.guid for source in project.sources for each in source.selections for coding in each.codings
            ]
        ).values_list("guid", flat=True)
    )
    for source in project.sources:
        known = documents.get(source.guid)
        if known is not None and known.file.text != source.text:
            plan.problems.append(f"“{source.name}” is here with another text: left out with its codings.")
            continue
        fresh = said = 0
        for each in source.selections:
            old = there.get(each.guid)
            if old is not None and (old.document.guid, old.start, old.end) != (source.guid, each.start, each.end):
                plan.problems.append(
                    f"A selection in “{source.name}” ({each.guid}) is here at another place: left out."
                )
                continue
            fresh += old is None
            said += sum(coding.guid not in codings for coding in each.codings)
        samples = tuple(source.text[each.start : each.end][:100] for each in source.selections[:3])
        plan.sources.append(PlannedSource(source, known, fresh, said, samples))
    return plan


def plan_codes(plan: Plan) -> None:
    """Match each code with a theme: by its GUID, else by its name, else a new draft."""
    codes = plan.project.codes
    guids = [code.guid for code in codes]
    known = {code.guid: code for code in Code.objects.filter(guid__in=guids).select_related("theme")}
    by_record = {theme.record_id: theme for theme in Theme.objects.filter(record_id__in=guids)}
    by_label = {theme.label.casefold(): theme for theme in Theme.objects.all()}
    names = {code.guid: code.name for code in codes}
    depths: dict[uuid.UUID | None, int] = {None: -1}
    taken = {each.theme_id for each in known.values()} | {theme.pk for theme in by_record.values()}
    labels: set[str] = set()
    for code in codes:
        depths[code.guid] = depth = depths[code.parent] + 1
        found = known.get(code.guid)
        if found is not None:
            plan.codes.append(PlannedCode(code, "known", found.theme.label, depth, found.theme))
            continue
        theme = by_record.get(code.guid)
        if theme is None:
            theme = by_label.get(code.name.casefold())
            if theme is not None and theme.pk in taken:  # two codes of one name are two themes
                theme = None
        if theme is not None:
            taken.add(theme.pk)
            plan.codes.append(PlannedCode(code, "matched", theme.label, depth, theme))
            continue
        label = free_label(code.name, names.get(code.parent, "") if code.parent else "", by_label.keys() | labels)
        labels.add(label.casefold())
        plan.codes.append(PlannedCode(code, "new", label, depth))


def free_label(name: str, parent: str, taken: set[str]) -> str:
    """A label of at most 100 characters that no theme has: the name, with its parent or a number where it must."""
    wanted = [" ".join(name.split()), " ".join(f"{parent}: {name}".split()) if parent else ""]
    for each in filter(None, wanted):
        if each[:100].casefold() not in taken:
            return each[:100]
    number = 2
    while f"{wanted[0][:94]} ({number})".casefold() in taken:
        number += 1
    return f"{wanted[0][:94]} ({number})"


@transaction.atomic
def stage_qda(*, name: str, data: bytes, by: User, now: dt.datetime | None = None) -> QdaImport:
    """Keep a file to be looked at; throw away what is old. Raises `CannotOpen`; then nothing is kept."""
    read_qda(data)
    now = now or timezone.now()
    QdaImport.objects.filter(made_at__lt=now - QDA_IMPORT_LIFETIME).delete()
    return QdaImport.objects.create(name=clean_file_name(name), data=data, made_by=by, made_at=now)


@transaction.atomic
def finish_qda(
    *,
    staged: QdaImport,
    by: User,
    references: Mapping[str, str] | None = None,
    crlf_is_one: bool = False,
    now: dt.datetime | None = None,
) -> dict[str, int]:
    """Take a kept file in, all of it but what its plan names as left out, or nothing. Raises `CannotImportQda`."""
    row = QdaImport.objects.select_for_update().get(pk=staged.pk, made_by=by)
    if row.done_at:
        raise CannotImportQda("This file was taken in already.")
    try:
        project = read_qda(bytes(row.data), crlf_is_one=crlf_is_one)
    except CannotOpen as refusal:
        raise CannotImportQda(str(refusal)) from None
    result = import_project(
        project=project, by=by, references=references or {}, note=f"Imported from {row.name}", origin=row.name, now=now
    )
    row.result, row.done_at, row.data = result, now or timezone.now(), b""
    row.save()
    staged.refresh_from_db()
    return result


@transaction.atomic
@records_actor
def import_project(
    *,
    project: ReadProject,
    by: User,
    references: Mapping[str, str],
    note: str = "",
    origin: str = "a file",
    now: dt.datetime | None = None,
) -> dict[str, int]:
    """Codes become themes (drafts where they are new), texts documents, coded places quotations. All or nothing.

    `references` names, by the GUID of a text, the key of the reference it is a copy of; the rest get a new draft.
    """
    now = now or timezone.now()
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(%s)", [QDA_IMPORT_LOCK])
    plan = plan_import(project)
    codes = take_codes(plan, origin)
    works = references_for(plan.sources, references)
    for each in plan.sources:
        document = each.known or take_document(each.source, works[each.source.guid], by, now)
        take_selections(document, each.source, codes, by, now)
    return plan.counts()


def take_codes(plan: Plan, origin: str) -> dict[uuid.UUID, Code]:
    """The codes by GUID, made with their themes where they were not there."""
    made = {code.guid: code for code in Code.objects.filter(guid__in=[each.code.guid for each in plan.codes])}
    slugs = set(Theme.objects.values_list("slug", flat=True))
    last = Code.objects.aggregate(last=Max("position"))["last"]
    position = 0 if last is None else last + 1
    for each in plan.codes:
        code = each.code
        if code.guid in made:
            continue
        theme = each.theme or Theme.objects.create(
            slug=free_theme_slug(each.label, slugs),
            label=each.label,
            scope_note=code.description.strip() or NO_NOTE.format(origin),
        )
        made[code.guid] = Code.objects.create(
            guid=code.guid,
            theme=theme,
            parent=made[code.parent] if code.parent else None,
            name=code.name,
            description=code.description,
            colour=code.colour,
            codable=code.codable,
            position=position,
        )
        position += 1
    return made


def free_theme_slug(label: str, taken: set[str]) -> str:
    """A slug that no theme has, taken from now on."""
    wanted = slugify(label)[:50].strip("-") or "theme"
    slug, number = wanted, 2
    while slug in taken:
        slug, number = f"{wanted}-{number}", number + 1
    taken.add(slug)
    return slug


def references_for(sources: Sequence[PlannedSource], chosen: Mapping[str, str]) -> dict[uuid.UUID, Reference]:
    """The reference of each new text: the chosen one, or a new draft."""
    keys = KeyAllocator(Reference.objects.values_list("slug", flat=True))
    wanted = {key.strip() for key in chosen.values() if key.strip()}
    there = {each.slug: each for each in Reference.objects.filter(slug__in=wanted)}
    if lost := sorted(wanted - there.keys()):
        raise CannotImportQda(f"There is no reference with the key “{lost[0][:60]}”. Empty: a new draft.")
    found = {}
    for each in sources:
        if each.known is None:
            key = chosen.get(str(each.source.guid), "").strip()
            title = each.source.name
            found[each.source.guid] = there.get(key) or Reference.objects.create(
                slug=keys.allocate_key({"title": title}),
                type="manuscript",
                title=title,
                note="Made for an imported text: complete it, or choose its real kind.",
            )
    return found


def take_document(source: ReadSource, reference: Reference, by: User, now: dt.datetime) -> SourceDocument:
    """An imported text as a document."""
    found: Extracted = split_into_parts("text", source.text)
    data = source.text.encode("utf-8")
    document = SourceDocument.objects.create(
        guid=source.guid,
        reference=reference,
        name=clean_file_name(source.name),
        kind="text",
        note=source.description,
        sha256=hashlib.sha256(data).hexdigest(),
        size=len(data),
        attached_by=by,
        attached_at=now,
    )
    SourceFile.objects.create(document=document, data=data, text=found.text, pages=found.pages, labels=found.labels)
    return document


def take_selections(
    document: SourceDocument, source: ReadSource, codes: Mapping[uuid.UUID, Code], by: User, now: dt.datetime
) -> None:
    """The selections of a text as quotations, with their codings; those that are here stay as they are."""
    file = document.file
    there = {each.guid: each for each in Quotation.objects.filter(guid__in=[each.guid for each in source.selections])}
    made = []
    for each in source.selections:
        if each.guid not in there:
            made.append(
                quotation_at(
                    document,
                    file,
                    TextPlace(each.start, each.end),
                    guid=each.guid,
                    note=each.note,
                    made_by=by,
                    made_at=each.at or now,
                )
            )
    Quotation.objects.bulk_create(made, batch_size=500)
    there |= {each.guid: each for each in made}
    said = set(Coding.objects.filter(quotation__document=document).values_list("guid", flat=True))
    unique: dict[tuple[int, int, int, str], Coding] = {}
    for each in source.selections:
        quotation = there[each.guid]
        if (quotation.document_id, quotation.start, quotation.end) != (document.pk, each.start, each.end):
            continue
        for coding in each.codings:
            if coding.guid in said:
                continue
            code, coder = codes[coding.code], coding.coder or each.maker or by.get_username()
            row = Coding(
                guid=coding.guid,
                quotation=quotation,
                theme_id=code.theme_id,
                code=code,
                coder=coder,
                coded_at=coding.at or each.at or now,
            )
            unique.setdefault((quotation.pk, code.theme_id, code.pk, coder), row)
    # a coder who said the same here already keeps what they said
    Coding.objects.bulk_create(unique.values(), batch_size=500, ignore_conflicts=True)
