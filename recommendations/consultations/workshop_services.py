"""The verbs of a workshop: set up, hand out note-takers' links, open and close votes, count paper, write minutes."""

from __future__ import annotations

import datetime as dt
import re
import secrets
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import F
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme

from failure_lessons.outbox.models import Message, hash_secret
from failure_lessons.outbox.services import queue_message
from recommendations.consultations.answers import LONGEST_WORDS, Answerer
from recommendations.consultations.models import ConsultationRound, LogLine
from recommendations.consultations.services import (
    CannotMoveRound,
    reasons_against_mail,
    refuse_round,
    tells_broken_rules,
    write_line,
)
from recommendations.consultations.workshops import (
    AgendaItem,
    Ballot,
    MinuteLine,
    PaperCount,
    TableNote,
    Vote,
    WorkshopSession,
    WorkshopTable,
)

if TYPE_CHECKING:
    from failure_lessons.accounts.models import User

TABLE_LINK = "/take-part/table/{secret}/"
MOST_NOTES = 300  # of one table
MOST_ON_PAPER = 1000  # sheets for one option
AGENDA_LINE = re.compile(r"([01]?\d|2[0-3])[:.]([0-5]\d)\s+(\S.*)")
MINUTE_LINE = re.compile(r"(decision|open point|point)\s*:\s*(.+?)(?:\s*\[([^\]]{1,200})\])?", re.IGNORECASE)
NOT_ON_AGENDA = "Line {number} of the agenda is “{line}”: write a time and what happens, such as 10:30 Tables."
NOT_A_VOTE = "Line {number} of the votes is “{line}”: write the question and two or more options, with | between them."
NOT_A_MINUTE = (
    "Line {number} of the minutes is “{line}”: begin with Decision:, Open point: or Point:, and end with who sees to "
    "it, such as [the regulator]."
)


@dataclass(frozen=True)
class WorkshopPlan:
    """What a facilitator writes about a workshop: its facts, and agenda and votes one a line."""

    title: str
    place: str
    starts_at: dt.datetime
    ends_at: dt.datetime
    pre_reading: str = ""
    agenda: str = ""
    votes: str = ""
    tables: int = 1
    is_announced: bool = False


def list_lines(text: str) -> list[str]:
    """The lines that say something."""
    return [line.strip() for line in text.replace("\0", "").splitlines() if line.strip()]


def read_agenda(text: str) -> list[tuple[dt.time, str]]:
    """Times and what happens; refuses with every line that has none."""
    found, faults = [], []
    for number, line in enumerate(list_lines(text), start=1):
        if match := AGENDA_LINE.fullmatch(line):
            found.append((dt.time(int(match[1]), int(match[2])), match[3]))
        else:
            faults.append(NOT_ON_AGENDA.format(number=number, line=line[:80]))
    refuse_round(faults)
    return found


def read_votes(text: str) -> list[tuple[str, list[str]]]:
    """Questions with their options; refuses with every line that has fewer than two."""
    found, faults = [], []
    for number, line in enumerate(list_lines(text), start=1):
        wording, *options = (part.strip() for part in line.split("|"))
        if wording and len(set(options)) == len(options) >= 2 and all(options):
            found.append((wording, options))
        else:
            faults.append(NOT_A_VOTE.format(number=number, line=line[:80]))
    refuse_round(faults)
    return found


@tells_broken_rules
def plan_workshop(
    *, consultation: ConsultationRound, plan: WorkshopPlan, by: User, session: WorkshopSession | None = None
) -> WorkshopSession:
    """Set a workshop up, or change it. Votes that were opened stay as they are."""
    agenda, votes = read_agenda(plan.agenda), read_votes(plan.votes)
    if plan.pre_reading and not is_our_brief(plan.pre_reading):
        refuse_round(
            ["The pre-reading is a brief of this site: copy its address, such as /brief/?with=R1 or /b/R1+R4."]
        )
    made = session or WorkshopSession(round=consultation)
    for name in ("title", "place", "starts_at", "ends_at", "pre_reading", "is_announced"):
        setattr(made, name, getattr(plan, name))
    made.save()
    made.agenda.all().delete()
    AgendaItem.objects.bulk_create(
        AgendaItem(session=made, position=place, begins=begins, words=words[:300])
        for place, (begins, words) in enumerate(agenda)
    )
    plan_votes(made, votes)
    plan_tables(made, plan.tables)
    write_line(consultation, LogLine.Act.MOVED, by, purpose=f"wrote down the workshop “{made.title}”")
    return made


def is_our_brief(address: str) -> bool:
    """Whether this is a path of ours that leads to a brief."""
    return address.startswith(("/brief/", "/b/")) and url_has_allowed_host_and_scheme(address, allowed_hosts=None)


def plan_votes(session: WorkshopSession, votes: Sequence[tuple[str, list[str]]]) -> None:
    """Write down the votes that are not open yet, behind those that were."""
    opened = list(session.votes.exclude(stage=Vote.Stage.PREPARED))
    session.votes.filter(stage=Vote.Stage.PREPARED).delete()
    known = {each.wording for each in opened}
    start = max((each.position for each in opened), default=-1) + 1
    fresh = [vote for vote in votes if vote[0] not in known]
    Vote.objects.bulk_create(
        Vote(session=session, position=start + place, wording=wording, options=options)
        for place, (wording, options) in enumerate(fresh)
    )


def plan_tables(session: WorkshopSession, number: int) -> None:
    """As many tables as are wanted; one at which notes were taken stays."""
    session.tables.filter(number__gt=number, notes=None).delete()
    known = set(session.tables.values_list("number", flat=True))
    WorkshopTable.objects.bulk_create(
        WorkshopTable(session=session, number=each) for each in range(1, number + 1) if each not in known
    )


@tells_broken_rules
def show_table_link(*, table: WorkshopTable, by: User) -> str:
    """Make a note-taker's link, to be shown once; one that was shown before opens nothing any more."""
    secret = secrets.token_urlsafe(24)
    WorkshopTable.objects.filter(pk=table.pk).update(secret_sha256=hash_secret(secret), message_uid=None)
    write_line(table.session.round, LogLine.Act.SHOWN, by, table.number)
    return TABLE_LINK.format(secret=secret)


@tells_broken_rules
def send_table_link(*, table: WorkshopTable, email: str, by: User) -> None:
    """Send a note-taker their link; its secret is made when the mail is sent."""
    refuse_round(reasons_against_mail())
    session = table.session
    message = queue_message(
        purpose="consultation-note-taker",
        recipient=email,
        subject=f"{session.title}: notes of table {table.number}",
        lines=[
            f"You take the notes of table {table.number} in “{session.title}”. This link opens the page for them:",
            "",
            "{link}",
            "",
            "Write what was said and who said it by role, never by name.",
            f"Questions: {session.round.contact}",
        ],
        link=TABLE_LINK,
    )
    WorkshopTable.objects.filter(pk=table.pk).update(secret_sha256="", message_uid=message.uid)
    write_line(session.round, LogLine.Act.SHOWN, by, table.number)


def find_table(secret: str) -> WorkshopTable | None:
    """The table of which this secret opens the notes: from the day before the workshop until its round is closed."""
    secret = secret if 20 <= len(secret) <= 100 and secret.isascii() else ""
    sent = Message.objects.holding_secret(secret).values_list("uid", flat=True).first()
    tables = WorkshopTable.objects.select_related("session__round").filter(
        session__round__stage__in=[ConsultationRound.Stage.ANNOUNCED, ConsultationRound.Stage.OPEN],
        session__starts_at__lt=timezone.now() + dt.timedelta(days=1),
    )
    shown = tables.filter(secret_sha256=hash_secret(secret)).first()
    return shown or (tables.filter(message_uid=sent).first() if sent else None)


@tells_broken_rules
def write_note(*, table: WorkshopTable, form: str, text: str) -> None:
    """Keep a note of a table."""
    text = text.replace("\0", "").replace("\r\n", "\n").strip()
    if not text or len(text) > LONGEST_WORDS:
        refuse_round([f"A note has 1 to {LONGEST_WORDS:,} characters; this has {len(text):,}."])
    if form not in TableNote.Form.values:
        refuse_round(["Say whether it is a point, a decision or an open point."])
    if table.notes.count() >= MOST_NOTES:
        refuse_round([f"This table has {MOST_NOTES} notes, and that is as many as fit."])
    TableNote.objects.create(table=table, form=form, text=text)


@tells_broken_rules
def open_vote(*, vote: Vote, by: User) -> None:
    """Let people vote."""
    move_vote(vote, by, stage=Vote.Stage.OPEN)


@tells_broken_rules
def close_vote(*, vote: Vote, by: User) -> None:
    """Nobody votes any more; the tally is counted now and never again."""
    Vote.objects.select_for_update().get(pk=vote.pk)  # a ballot that is being cast comes before or not at all
    paper = Counter(dict(vote.paper_counts.values_list("choice", "number")))
    tally = Counter(vote.ballots.values_list("choice", flat=True)) + paper
    counted = {option: tally[option] for option in vote.options}
    move_vote(vote, by, stage=Vote.Stage.CLOSED, tally=counted, has_paper=bool(+paper))


def move_vote(vote: Vote, by: User, **values: object) -> None:
    """Move a vote on; the wall of its workshop shows it."""
    Vote.objects.filter(pk=vote.pk).update(**values)
    WorkshopSession.objects.filter(pk=vote.session_id).update(wall_version=F("wall_version") + 1)
    write_line(vote.session.round, LogLine.Act.VOTED, by, vote.position + 1, str(values["stage"]))
    vote.refresh_from_db()


@tells_broken_rules
def cast_ballots(*, who: Answerer, chosen: Mapping[Vote, str]) -> None:
    """Choose an option in each of these votes, in place of what one chose before."""
    Ballot.objects.bulk_create(
        [Ballot(vote=vote, answerer=who, choice=choice) for vote, choice in chosen.items()],
        update_conflicts=True,
        unique_fields=["vote", "answerer"],
        update_fields=["choice"],
    )


@tells_broken_rules
def enter_paper(*, vote: Vote, numbers: Mapping[str, str], by: User) -> None:
    """Write down how many sheets of paper chose each option, in place of what was written down before."""
    faults = [
        f"“{option}” has “{text}” sheets: write a number up to {MOST_ON_PAPER:,}, or nothing."
        for option, text in numbers.items()
        if text.strip() and not (text.strip().isascii() and text.strip().isdigit() and int(text) <= MOST_ON_PAPER)
    ]
    refuse_round(faults)
    counts = {option: int(text) for option, text in numbers.items() if text.strip() and int(text)}
    vote.paper_counts.exclude(choice__in=counts).delete()
    PaperCount.objects.bulk_create(
        [PaperCount(vote=vote, choice=option, number=number) for option, number in counts.items()],
        update_conflicts=True,
        unique_fields=["vote", "choice"],
        update_fields=["number"],
    )
    write_line(vote.session.round, LogLine.Act.VOTED, by, sum(counts.values()), "sheets of paper")


@tells_broken_rules
def write_minutes(*, session: WorkshopSession, text: str, by: User) -> None:
    """Write the minutes anew, one line each: what it is, the words, and in brackets which role sees to it."""
    if session.round.stage == ConsultationRound.Stage.REPORTED:
        refuse_round(["The report with these minutes is published: correct the record instead."])
    lines, faults = [], []
    for number, line in enumerate(list_lines(text), start=1):
        if match := MINUTE_LINE.fullmatch(line):
            lines.append((match[1].lower().replace(" ", "-"), match[2], match[3] or ""))
        else:
            faults.append(NOT_A_MINUTE.format(number=number, line=line[:80]))
    refuse_round(faults)
    session.minutes.all().delete()
    MinuteLine.objects.bulk_create(
        MinuteLine(session=session, position=place, form=form, words=words, who=who)
        for place, (form, words, who) in enumerate(lines)
    )
    write_line(session.round, LogLine.Act.MOVED, by, len(lines), "wrote minutes")


def tell_minutes(session: WorkshopSession) -> str:
    """The minutes as they are written; where there are none yet, what the tables noted, to begin with."""
    lines: Iterable[tuple[str, str, str]] = [(m.get_form_display(), m.words, m.who) for m in session.minutes.all()]
    if not lines:
        notes = TableNote.objects.filter(table__session=session).order_by("form", "table__number", "pk")
        lines = [(n.get_form_display(), " ".join(n.text.split()), "") for n in notes]
    names = {"Point made": "Point"}
    return "\n".join(f"{names.get(form, form)}: {words}{f' [{who}]' if who else ''}" for form, words, who in lines)


def find_vote(session: WorkshopSession, number: str) -> Vote:
    """The vote that a form names."""
    found = session.votes.filter(pk=number).first() if number.isascii() and number.isdigit() else None
    if found is None:
        raise CannotMoveRound(["There is no such vote in this workshop."])
    return found
