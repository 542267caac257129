"""The verbs of running a round: set up, announce, open, move the closing day, close, cancel, call reported."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable, Iterable, Sequence
from functools import wraps
from typing import TYPE_CHECKING, ParamSpec, TypeVar

from django.conf import settings
from django.db import DatabaseError, transaction
from django.utils import timezone

from failure_lessons.constraints import broken_rule
from failure_lessons.publishing.models import Edition, Publishable
from failure_lessons.publishing.renditions import render_records
from failure_lessons.vocabularies.choices import Sector
from recommendations.consultations.models import (
    Answerer,
    ClosingMove,
    ConsultationRound,
    LogLine,
    Participant,
    Question,
    ReportingGroup,
    Statement,
    Submitted,
)
from recommendations.consultations.pseudonyms import pseudonym_of
from recommendations.consultations.results import compute_results
from recommendations.consultations.workshops import TableNote, Vote
from recommendations.models import ConsultationTemplate

if TYPE_CHECKING:
    from failure_lessons.accounts.models import User

Params = ParamSpec("Params")
Given = TypeVar("Given")
Stage = ConsultationRound.Stage
QUESTIONS = (
    ("important", "How important is it?", "Not important", "Very important"),
    ("appropriate", "How appropriate is it, leaving cost aside?", "Harm outweighs benefit", "Benefit outweighs harm"),
    ("feasible", "How feasible is it, with the powers, people and money there are now?", "Not feasible", "Feasible"),
    ("clear", "How clear is it?", "Unclear", "Clear"),
)


class CannotMoveRound(Exception):
    """The round stays as it is. `reasons` holds every reason, in sentences."""

    def __init__(self, reasons: Sequence[str]) -> None:
        super().__init__(" ".join(reasons))
        self.reasons = list(reasons)


def refuse_round(reasons: Iterable[str]) -> None:
    """Raise when there is any reason to."""
    if found := list(reasons):
        raise CannotMoveRound(found)


def tells_broken_rules(verb: Callable[Params, Given]) -> Callable[Params, Given]:
    """What the database refuses comes back as `CannotMoveRound`, in its sentence."""

    @wraps(verb)
    def told(*args: Params.args, **kwargs: Params.kwargs) -> Given:
        try:
            with transaction.atomic():
                return verb(*args, **kwargs)
        except DatabaseError as error:
            raise CannotMoveRound([broken_rule(error)]) from error

    return told


def lock_round(chosen: ConsultationRound) -> ConsultationRound:
    """The round as it is now, held until the transaction ends."""
    return ConsultationRound.objects.select_for_update().get(pk=chosen.pk)


def write_line(consultation: ConsultationRound, act: str, by: User | None, number: int = 0, purpose: str = "") -> None:
    """Write down who did what, without any content."""
    LogLine.objects.create(round=consultation, act=act, by=by, at=timezone.now(), number=number, purpose=purpose[:300])


def read_sector(words: str) -> str:
    """The code of a sector that a template names, however it writes it."""
    return str(Sector("-".join(words.casefold().replace("-", " ").split())))


@tells_broken_rules
def set_up_round(
    *,
    slug: str,
    title: str,
    template: ConsultationTemplate,
    editions: Sequence[Edition],
    opens_at: dt.datetime,
    closes_at: dt.datetime,
    contact: str,
    by: User,
    **more: object,
) -> ConsultationRound:
    """A draft of a round from a template: a reporting group for each sector, a statement for each edition."""
    made = ConsultationRound(
        slug=slug,
        title=title,
        purpose=template.purpose,
        template=template,
        topics=template.questions,
        scale_words=template.rating_scale,
        rules=[{"measure": "disagreement-index", "scope": "every-group", "least": 5}],
        lawful_basis="Consent (UK GDPR article 6(1)(a))",
        notice=write_notice(contact),
        opens_at=opens_at,
        closes_at=closes_at,
        contact=contact,
        created_by=by,
    )
    for name, value in more.items():
        setattr(made, name, value)
    made.full_clean()
    made.save()
    add_groups(made, template)
    add_statements(made, editions)
    Question.objects.bulk_create(
        Question(round=made, position=place, code=code, wording=wording, low_words=low, high_words=high)
        for place, (code, wording, low, high) in enumerate(QUESTIONS)
    )
    return made


def write_notice(contact: str) -> str:
    """A first privacy notice, for the facilitator to go over."""
    return (
        "We keep your e-mail address to send you the link and reminders, and your answers to report what people think. "
        "Taking part is voluntary. While the round is open you can withdraw: what you answered is then deleted. Your "
        "address is deleted on the day named in the protocol; copies kept for emergencies are overwritten within "
        "35 days of it. You can ask what we hold of you, and complain to the Information Commissioner. "
        f"Write to {contact}."
    )


def add_groups(made: ConsultationRound, template: ConsultationTemplate) -> None:
    """One reporting group for each sector of the template; its roles are those to invite."""
    roles: dict[str, list[str]] = {}
    for each in template.stakeholder_groups.all():
        roles.setdefault(read_sector(each.sector), []).append(each.role)
    ReportingGroup.objects.bulk_create(
        ReportingGroup(
            round=made,
            position=place,
            code=sector,
            name=Sector(sector).label,
            sector=sector,
            expected=max(made.least_shown, len(of_sector)),
            roles=of_sector,
        )
        for place, (sector, of_sector) in enumerate(roles.items())
    )


def add_statements(made: ConsultationRound, editions: Sequence[Edition]) -> None:
    """A statement for each edition: its words, why, and what speaks against it."""
    rows = []
    for place, edition in enumerate(editions):
        content = edition.content
        rows.append(
            Statement(
                round=made,
                position=place,
                code=edition.code or edition.slug[:40],
                wording=content.get("statement") or edition.title,
                reason=content.get("rationale") or content.get("explanation") or "",
                against="\n\n".join(filter(None, (join_text(content.get(n)) for n in ("counter_evidence", "risks")))),
                edition=edition,
            )
        )
    Statement.objects.bulk_create(rows)


def join_text(value: object) -> str:
    """A text, or a list of texts as lines."""
    return "\n".join(map(str, value)) if isinstance(value, list) else str(value or "")


@tells_broken_rules
def add_draft(
    *, consultation: ConsultationRound, record: Publishable, code: str, wording: str, **words: str
) -> Statement:
    """A statement about a draft: its document is kept with its hash, as the proof of what people were asked about."""
    document = render_records([record])[0].document
    return Statement.objects.create(
        round=consultation,
        position=consultation.statements.count(),
        code=code,
        wording=wording,
        proof=document,
        proof_sha256=hashlib.sha256(document.encode()).hexdigest(),
        **words,
    )


@tells_broken_rules
def announce_round(*, consultation: ConsultationRound, by: User) -> None:
    """From now on what is asked stays as it is. The protocol has to be published, word for word."""
    move_round(consultation, Stage.ANNOUNCED, by)


@tells_broken_rules
def return_to_draft(*, consultation: ConsultationRound, by: User) -> None:
    """Take an announced round back, while nobody was invited."""
    move_round(consultation, Stage.DRAFT, by)


@tells_broken_rules
def open_round(*, consultation: ConsultationRound, by: User) -> None:
    """Let people answer. Refuses with every reason."""
    row = lock_round(consultation)
    refuse_round(reasons_against_opening(row))
    if row.anonymity == ConsultationRound.Anonymity.PSEUDONYMOUS:
        make_answerers(row)
    move_round(consultation, Stage.OPEN, by)


def reasons_against_opening(row: ConsultationRound) -> Iterable[str]:
    """Everything that stands in the way of opening."""
    yield from reasons_against_mail()
    if not row.notice.strip():
        yield "It has no privacy notice."
    for rendition in render_records([row]):
        yield from map(str, rendition.missing)


def reasons_against_mail() -> Iterable[str]:
    """Why no link may be sent from here: it would reach nobody, or stand in a log."""
    if settings.EMAIL_BACKEND.endswith("smtp.EmailBackend") and not settings.EMAIL_HOST:
        yield "There is no mail server, so nobody would get a link: set EMAIL_HOST."
    if "console" in settings.EMAIL_BACKEND:
        yield "Mail is written into the log here, and links would stand in it: set EMAIL_HOST."


def move_round(chosen: ConsultationRound, stage: str, by: User, **values: object) -> ConsultationRound:
    """Move a round on; the database says whether it may."""
    row = lock_round(chosen)
    row.stage = stage
    for name, value in values.items():
        setattr(row, name, value)
    row.save(update_fields=["stage", *values])
    write_line(row, LogLine.Act.MOVED, by, purpose=f"to {Stage(stage).label.lower()}")
    chosen.refresh_from_db()
    return row


@tells_broken_rules
def move_closing_day(*, consultation: ConsultationRound, closes_at: dt.datetime, reason: str, by: User) -> None:
    """Close later than was announced, for a reason that readers are told."""
    if not reason.strip():
        refuse_round(["Say in public why it closes later."])
    row = lock_round(consultation)
    ClosingMove.objects.create(
        round=row, before=row.closes_at, after=closes_at, reason=reason.strip(), by=by, at=timezone.now()
    )
    row.closes_at = closes_at
    row.save(update_fields=["closes_at"])
    consultation.refresh_from_db()


@tells_broken_rules
def close_round(*, consultation: ConsultationRound, by: User) -> None:
    """Nobody answers any more; the results are computed here and never while somebody reads."""
    row = move_round(consultation, Stage.CLOSED, by, closed_at=timezone.now())
    number_comments(row)
    row.results = compute_results(row)
    row.save(update_fields=["results"])
    consultation.refresh_from_db()


def number_comments(row: ConsultationRound) -> None:
    """Give the comments numbers in a random order: the order in which they came would tell of their authors."""
    rows = list(Submitted.objects.filter(answerer__round=row).order_by("?"))
    for number, each in enumerate(rows, start=1):
        each.number = number
    Submitted.objects.bulk_update(rows, ["number"], batch_size=1000)


@tells_broken_rules
def cancel_round(*, consultation: ConsultationRound, reason: str, by: User) -> None:
    """Give a round up, for a reason; whatever was answered is erased."""
    row = lock_round(consultation)
    Answerer.objects.filter(round=row).delete()
    move_round(consultation, Stage.CANCELLED, by, stage_reason=reason.strip())
    Vote.objects.filter(session__round=row).delete()
    TableNote.objects.filter(table__session__round=row).delete()


@tells_broken_rules
def call_reported(*, consultation: ConsultationRound, by: User) -> None:
    """The report is published: from now on the days until contacts are erased are counted."""
    move_round(consultation, Stage.REPORTED, by, reported_at=timezone.now())


def make_answerers(row: ConsultationRound) -> None:
    """A pseudonym for everybody at once, in an order that says nothing: so nothing appears when a person begins."""
    known = set(Answerer.objects.filter(round=row).values_list("pseudonym", flat=True))
    made = {
        pseudonym_of(each): each.group_id
        for each in Participant.objects.filter(round=row).exclude(standing=Participant.Standing.WITHDRAWN)
    }
    Answerer.objects.bulk_create(
        Answerer(round=row, group_id=group, pseudonym=name) for name, group in sorted(made.items()) if name not in known
    )
