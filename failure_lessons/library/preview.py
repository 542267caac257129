"""A draft as readers would see it: what the public template would get of a record of the workbench. For staff."""

from __future__ import annotations

import datetime as dt

from django.http import Http404
from django.utils import timezone

from failure_lessons.library.record_context import RecordContext, record_context
from failure_lessons.publishing.dependencies import find_evidence
from failure_lessons.publishing.models import Edition, Record
from failure_lessons.publishing.registry import SOURCES
from failure_lessons.publishing.renditions import Rendition, companions_of, outline_records, parts_of, render_records


def build_unsaved_edition(rendition: Rendition, now: dt.datetime) -> Edition:
    """The edition that publishing would make, never saved."""
    return Edition(
        kind=rendition.kind,
        slug=rendition.slug,
        code=rendition.code,
        record_id=rendition.record.record_id,
        number=0,
        title=rendition.title,
        summary=rendition.summary,
        document=rendition.document,
        sort_key=rendition.sort_key,
        published_at=now,
    )


def find_draft(kind: str, slug: str) -> Record:
    """The workbench record that would stand at this address."""
    for renderer in SOURCES.values():
        rows = renderer.model._default_manager.all()
        if renderer.kind == kind and (record := rows.filter(**{"slug": slug}).first()):
            return record
    raise Http404


def would_pin(renditions: list[Rendition], now: dt.datetime) -> list[Edition]:
    """What the first rendition would rest on or be about: its own companions as drafted, the rest as published."""
    drafts = [build_unsaved_edition(rendition, now) for rendition in renditions[1:]]
    here = {rendition.key for rendition in renditions}
    evidence = {key for rendition in renditions for key in rendition.rests_on} - here
    wanted = evidence | {key for rendition in renditions for key in rendition.about} - here
    published = [
        edition
        for edition in Edition.objects.current().filter(slug__in={key.slug for key in wanted})
        if (edition.kind, edition.slug) in wanted
    ]
    beneath = find_evidence(edition.pk for edition in published if (edition.kind, edition.slug) in evidence)
    return sorted([*beneath, *published, *drafts], key=lambda edition: (edition.kind, edition.sort_key))


def as_read(record: Record, *, whole: bool = True) -> RecordContext:
    """What the public template of a record would get if the record were published as it stands in the workbench.

    Unless it is wanted `whole`, without what is left out when one looks at what it lacks.
    """
    made = render_records([record, *parts_of([record])]) if whole else outline_records([record])
    own = next(each for each in made if each.record.record_id == record.record_id)
    others = [each for each in (*made, *render_records(companions_of([record]))) if each.key != own.key]
    now = timezone.now()
    return record_context(build_unsaved_edition(own, now), would_pin([own, *others], now))
