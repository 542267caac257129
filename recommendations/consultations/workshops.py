"""A workshop of a round: agenda, tables with their notes, votes from phones or paper, minutes. Ballots hold no time."""

from __future__ import annotations

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from failure_lessons.constraints import Rule, Unique
from failure_lessons.types import JSONObject
from recommendations.consultations.answers import LONGEST_WORDS, Answerer

LONGEST_OPTION = 200  # characters


class WorkshopSession(models.Model):
    """A meeting at which people of a round talk about the evidence. Readers learn of it once it is announced."""

    round = models.ForeignKey("consultations.ConsultationRound", models.CASCADE, related_name="sessions")
    title = models.CharField(max_length=200)
    place = models.CharField(max_length=200, help_text="Where, or: online.")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    pre_reading = models.CharField(max_length=2000, blank=True, help_text="Address of a brief on this site.")
    is_announced = models.BooleanField(default=False, help_text="Readers learn of it with the round's next edition.")
    wall = models.UUIDField(default=uuid.uuid4, unique=True, editable=False, help_text="In the address of its wall.")
    wall_version = models.PositiveIntegerField(default=0, editable=False, help_text="Grows with what the wall shows.")

    class Meta:
        ordering = ["round", "starts_at", "pk"]
        constraints = [Rule(condition=Q(ends_at__gt=F("starts_at")), name="a_workshop_ends_after_it_begins")]

    def __str__(self) -> str:
        return self.title


class AgendaItem(models.Model):
    """What is talked about when."""

    session = models.ForeignKey(WorkshopSession, models.CASCADE, related_name="agenda")
    position = models.PositiveSmallIntegerField()
    begins = models.TimeField()
    words = models.CharField(max_length=300)

    class Meta:
        ordering = ["session", "position"]
        constraints = [Unique(fields=["session", "position"], name="an_agenda_has_one_item_at_a_place")]

    def __str__(self) -> str:
        return f"{self.begins:%H:%M} {self.words}"


class WorkshopTable(models.Model):
    """A table at which some people talk. Its note-taker has a link, of which we keep the hash."""

    session = models.ForeignKey(WorkshopSession, models.CASCADE, related_name="tables")
    number = models.PositiveSmallIntegerField()
    topic = models.CharField(max_length=200, blank=True)
    secret_sha256 = models.CharField(max_length=64, blank=True, help_text="Of the link that was shown last.")
    message_uid = models.UUIDField(null=True, help_text="The mail with the link that was sent last.")

    class Meta:
        ordering = ["session", "number"]
        constraints = [
            Unique(fields=["session", "number"], name="a_table_has_a_number_of_its_own"),
            Rule(
                condition=Q(("secret_sha256__regex", "^([0-9a-f]{64})?$")), name="a_note_takers_link_is_kept_as_a_hash"
            ),
        ]

    def __str__(self) -> str:
        return f"Table {self.number}"


class TableNote(models.Model):
    """What a table said, by its note-taker. It is for the minutes and is published nowhere as it stands."""

    class Form(models.TextChoices):
        """What a line of notes or minutes is."""

        POINT = "point", "Point made"
        DECISION = "decision", "Decision"
        OPEN_POINT = "open-point", "Open point"

    table = models.ForeignKey(WorkshopTable, models.CASCADE, related_name="notes")
    form = models.CharField(max_length=10, choices=Form.choices, default=Form.POINT)
    text = models.TextField(max_length=LONGEST_WORDS)

    class Meta:
        ordering = ["table", "pk"]
        constraints = [Rule(condition=~Q(text=""), name="a_note_has_words")]

    def __str__(self) -> str:
        return self.text[:60]


class MinuteLine(models.Model):
    """A line of the minutes: what was decided or left open, and which role sees to it. Published with the report."""

    session = models.ForeignKey(WorkshopSession, models.CASCADE, related_name="minutes")
    position = models.PositiveSmallIntegerField()
    form = models.CharField(max_length=10, choices=TableNote.Form.choices)
    words = models.TextField(max_length=LONGEST_WORDS)
    who = models.CharField(max_length=200, blank=True, help_text="A role, and never a name.")

    class Meta:
        ordering = ["session", "position"]
        constraints = [
            Unique(fields=["session", "position"], name="minutes_have_one_line_at_a_place"),
            Rule(condition=~Q(words=""), name="a_line_of_minutes_has_words"),
        ]

    def __str__(self) -> str:
        return self.words[:60]


class Vote(models.Model):
    """A question put to the room. Words and options stay once it is open, and what is closed stays closed."""

    class Stage(models.TextChoices):
        """How far a vote has come."""

        PREPARED = "prepared", "Prepared"
        OPEN = "open", "Open"
        CLOSED = "closed", "Closed"

    session = models.ForeignKey(WorkshopSession, models.CASCADE, related_name="votes")
    position = models.PositiveSmallIntegerField()
    wording = models.CharField(max_length=500)
    options = ArrayField(models.CharField(max_length=LONGEST_OPTION))
    stage = models.CharField(max_length=8, choices=Stage.choices, default=Stage.PREPARED)
    # counted once: were a later withdrawal to change what the wall showed, the difference would tell a choice
    tally = models.JSONField(null=True, editable=False, help_text="By option, how many chose it; paper included.")
    has_paper = models.BooleanField(default=False, editable=False, help_text="Sheets of paper are among the tally.")

    class Meta:
        ordering = ["session", "position"]
        constraints = [
            Unique(fields=["session", "position"], name="a_workshop_has_one_vote_at_a_place"),
            Rule(
                condition=Q(stage="closed", tally__isnull=False) | ~Q(stage="closed") & Q(tally__isnull=True),
                name="a_closed_vote_was_counted",
            ),
            Rule(condition=Q(options__len__gte=2), name="a_vote_has_options"),
        ]

    def __str__(self) -> str:
        return self.wording


class Ballot(models.Model):
    """What one answerer chose. It can be changed until the vote is closed."""

    vote = models.ForeignKey(Vote, models.CASCADE, related_name="ballots")
    answerer = models.ForeignKey(Answerer, models.CASCADE, related_name="ballots")
    choice = models.CharField(max_length=LONGEST_OPTION)

    class Meta:
        ordering = ["vote", "answerer"]
        constraints = [Unique(fields=["vote", "answerer"], name="an_answerer_votes_once")]

    def __str__(self) -> str:
        return self.choice


class PaperCount(models.Model):
    """How many sheets of paper chose an option, as a facilitator counted them."""

    vote = models.ForeignKey(Vote, models.CASCADE, related_name="paper_counts")
    choice = models.CharField(max_length=LONGEST_OPTION)
    number = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ["vote", "choice"]
        constraints = [Unique(fields=["vote", "choice"], name="an_option_is_counted_on_paper_once")]

    def __str__(self) -> str:
        return f"{self.choice}: {self.number}"


def describe_tally(vote: Vote, least: int) -> list[JSONObject]:
    """By option, how many chose it, where at least `least` did. There is no total: it would tell of the others."""
    tally = vote.tally or {}
    return [
        {"option": option, "count": tally[option] if tally.get(option, 0) >= least else None} for option in vote.options
    ]


def describe_session(session: WorkshopSession, *, least: int, is_reported: bool) -> JSONObject:
    """A workshop as readers get it: when, where and what about; votes and minutes with the report."""
    about: JSONObject = {
        "title": session.title,
        "place": session.place,
        "starts_at": timezone.localtime(session.starts_at).strftime("%Y-%m-%dT%H:%M"),
        "ends_at": timezone.localtime(session.ends_at).strftime("%Y-%m-%dT%H:%M"),
        "pre_reading": session.pre_reading,
        "agenda": [f"{each.begins:%H:%M} {each.words}" for each in session.agenda.all()],
    }
    if is_reported:
        about["votes"] = [
            {"wording": vote.wording, "options": describe_tally(vote, least), "has_paper": vote.has_paper or None}
            for vote in session.votes.all()
            if vote.stage == Vote.Stage.CLOSED
        ]
        about["minutes"] = [{"form": line.form, "words": line.words, "who": line.who} for line in session.minutes.all()]
    return about
