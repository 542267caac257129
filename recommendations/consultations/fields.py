"""The fields of consultation rounds as readers get them: the protocol first, and the report once there is one."""

from __future__ import annotations

from django.db import models

from failure_lessons.publishing.fields import IN_ADDRESS, LONG, Column, Field
from failure_lessons.publishing.schemas import (
    SLUG_SCHEMA,
    TITLE_SCHEMA,
    Schema,
    code_schema,
    list_schema,
    object_schema,
    text_schema,
)
from failure_lessons.vocabularies.choices import Sector
from recommendations.consultations.models import ConsultationRound, Question
from recommendations.consultations.workshops import TableNote


class PublicStage(models.TextChoices):
    """Whether an edition of a round is its protocol or its report."""

    ANNOUNCED = "announced", "Announced: the protocol"
    REPORTED = "reported", "Reported"


FIGURE_SCHEMA: Schema = {"type": "number"}
COUNT: Schema = {"type": "integer", "minimum": 0}
CODE_TEXT = text_schema("A code within the round.", 40)
ROWS = "Rows of several values: no use in a cell. The documents have them."


def word(description: str) -> Schema:
    return text_schema(description, 20_000, optional=True)


FIGURES = {
    "n": COUNT,
    "band": text_schema("The band of the median: low, middle, high, or between bands.", 20),
    "counts": {**list_schema(COUNT, "How often each value from 1 to 9 was given."), "maxItems": 9},
    **dict.fromkeys(("median", "q1", "q3", "p30", "p70", "ipr", "ipras", "di"), FIGURE_SCHEMA),
    **dict.fromkeys(("share_1_3", "share_4_6", "share_7_9"), FIGURE_SCHEMA),
}
ITEM_SCHEMA = object_schema(
    "What came out of one question about one statement.",
    "statement question",
    statement=CODE_TEXT,
    question=CODE_TEXT,
    outcome=text_schema("The first outcome that holds, as a code.", 30),
    rule=text_schema("The rule of the protocol, in words.", 2000),
    panel=object_schema("All counted ratings together; left out where fewer than k.", "n counts", **FIGURES),
    groups=list_schema(
        object_schema("One reporting group.", "group n", group=text_schema("Names.", 2000), **FIGURES), "By group."
    ),
    change=object_schema(
        "What changed since the round before, among those who rated in both.",
        "n",
        n=COUNT,
        same_band=FIGURE_SCHEMA,
        changed=FIGURE_SCHEMA,
        shift_of_median=FIGURE_SCHEMA,
    ),
    leavers=object_schema(
        "First ratings of those who left against those of who stayed.",
        "left stayed",
        left=COUNT,
        stayed=COUNT,
        left_median=FIGURE_SCHEMA,
        stayed_median=FIGURE_SCHEMA,
    ),
    choices=list_schema(
        object_schema("An option.", "option count", option=text_schema("The option.", 200), count=COUNT), "Of a choice."
    ),
    minority=list_schema(text_schema("Who holds the opposite view, and why.", 2000), "Minority views."),
)
COMMENT_SCHEMA = object_schema(
    "A comment or proposal, and what became of it.",
    "number form outcome reason",
    number=text_schema("Such as C12.", 12),
    form=text_schema("What it is, as a code.", 12),
    statement=word("The statement that it is about."),
    text=word("The words, or a paraphrase; none where the participant did not allow it."),
    outcome=text_schema("What became of it, as a code.", 20),
    reason=text_schema("Why, in public.", 5000),
    change=word("The record that changed."),
    edition=word("The edition with the change."),
    repeats=word("The number of the comment that it repeats."),
)
CHECK_SCHEMA = object_schema(
    "An item of a reporting guideline.",
    "item answer",
    item=text_schema("The item.", 500),
    answer=text_schema("How the report answers it, or that it does not.", 5000),
    is_gap={"type": "boolean"},
)
REPORT_SCHEMA = object_schema(
    "The report, computed when the round was closed.",
    "items",
    response=list_schema(
        object_schema(
            "One shown group.", "group", group=text_schema("Names.", 2000), invited=COUNT, answered=COUNT, before=COUNT
        ),
        "Participants by group.",
    ),
    attrition=list_schema(text_schema("A line.", 500), "Who could not be reached, declined or withdrew."),
    items=list_schema(ITEM_SCHEMA, "Each statement and question."),
    comments=list_schema(COMMENT_SCHEMA, "Every comment with what became of it."),
    conflicts=text_schema("How many conflicts of interest were declared.", 500),
    departures=list_schema(text_schema("A departure from the protocol.", 2000), "Departures."),
    checklist=list_schema(CHECK_SCHEMA, "What the guidelines ACCORD and DELPHISTAR ask, answered or named as a gap."),
    interpretation=word("What the facilitators make of it, in their words."),
    limits=word("What the round cannot show, in their words."),
    percentiles=text_schema("How percentiles are worked out.", 200),
)
SESSION_SCHEMA = object_schema(
    "A workshop: when, where and what about; with the report also how people voted, and the minutes.",
    "title place starts_at ends_at",
    title=text_schema("Its title.", 200),
    place=text_schema("Where.", 200),
    starts_at=text_schema("When it begins, in London.", 20),
    ends_at=text_schema("When it ends, in London.", 20),
    pre_reading=word("The address of the brief to read beforehand."),
    agenda=list_schema(text_schema("A time, and what happens.", 400), "Agenda."),
    votes=list_schema(
        object_schema(
            "A vote, from phones and paper.",
            "wording options",
            wording=text_schema("What was asked.", 500),
            options=list_schema(
                object_schema(
                    "An option.",
                    "option",
                    option=text_schema("The option.", 200),
                    count={**COUNT, "type": ["integer", "null"], "description": "How many; none where fewer than k."},
                ),
                "Options.",
            ),
            has_paper={"type": ["boolean", "null"], "description": "Whether sheets of paper are among the votes."},
        ),
        "Votes.",
    ),
    minutes=list_schema(
        object_schema(
            "A line of the minutes.",
            "form words",
            form=code_schema(TableNote.Form),
            words=text_schema("What was said, decided or left open.", 4000),
            who=word("Which role sees to it."),
        ),
        "Minutes.",
    ),
)
ROUND_FIELDS = (
    Field("slug", SLUG_SCHEMA, required=True, column=IN_ADDRESS),
    Field("title", TITLE_SCHEMA, required=True, column=Column("Title", 50), role="title"),
    Field("purpose", text_schema("What for.", 5000), required=True, column=Column("Purpose", LONG), role="summary"),
    Field(
        "method",
        code_schema(ConsultationRound.Method),
        required=True,
        column=Column("Method"),
        term="method",
        vocabulary=ConsultationRound.Method,
        label="Method",
    ),
    Field(
        "number",
        {"type": "integer", "minimum": 1, "description": "Of the round in its series."},
        required=True,
        column=Column("Round", 8),
    ),
    Field("follows", word("The slug of the round before."), attribute=None, column=Column("Follows", 24)),
    Field("opens_at", text_schema("The first day.", 40), required=True, attribute=None, column=Column("Opens", 12)),
    Field("closes_at", text_schema("The last day.", 40), required=True, attribute=None, column=Column("Closes", 12)),
    Field(
        "anonymity",
        code_schema(ConsultationRound.Anonymity),
        required=True,
        column=Column("Anonymity", 14),
        term="anonymity",
        vocabulary=ConsultationRound.Anonymity,
        label="Anonymity",
    ),
    Field(
        "least_shown",
        {"type": "integer", "minimum": 5, "description": "No group of fewer is shown."},
        required=True,
        column=Column("Least shown", 8),
    ),
    Field("lawful_basis", text_schema("The lawful basis.", 300), required=True, column=Column("Lawful basis", 30)),
    Field("notice", text_schema("The privacy notice."), required=True, column=Column("Privacy notice", LONG)),
    Field(
        "notice_version",
        {"type": "integer", "minimum": 1, "description": "Of the notice."},
        required=True,
        column=Column("Notice version", 8),
    ),
    Field(
        "retention_days",
        {"type": "integer", "minimum": 1, "description": "Until contacts are erased."},
        required=True,
        column=Column("Retention", 8),
    ),
    Field("contact", text_schema("Whom to write to.", 254), required=True, column=Column("Contact", 24)),
    Field(
        "topics",
        list_schema(text_schema("A topic.", 1000), "What people are asked to talk about."),
        column=Column("Topics", LONG),
    ),
    Field("scale_words", text_schema("What 1 to 9 mean."), required=True, column=Column("Scale", LONG)),
    Field(
        "rules",
        list_schema(
            object_schema(
                "A rule of agreement.",
                "words",
                question=word("Its question; every rated one where left out."),
                words=text_schema("The rule.", 2000),
            ),
            "Rules of agreement, fixed beforehand.",
        ),
        attribute=None,
        column=ROWS,
    ),
    Field(
        "groups",
        list_schema(
            object_schema(
                "A reporting group.",
                "code name sector expected",
                code=CODE_TEXT,
                name=text_schema("Its name.", 120),
                sector=code_schema(Sector),
                expected=COUNT,
                roles=list_schema(text_schema("A role.", 200), "Whom to invite."),
            ),
            "Reporting groups.",
        ),
        attribute=None,
        column=ROWS,
    ),
    Field(
        "statements",
        list_schema(
            object_schema(
                "A statement.",
                "code",
                code=CODE_TEXT,
                wording=word("The statement; of a draft, from the report on."),
                reason=word("Why."),
                against=word("What speaks against it."),
                about=word("The address of the edition it is about."),
                proof_sha256=word("Hash of the draft's document."),
                is_from_participant={"type": "boolean", "description": "Whether a participant put it forward."},
            ),
            "What is asked about.",
        ),
        attribute=None,
        column=ROWS,
    ),
    Field(
        "questions",
        list_schema(
            object_schema(
                "A question.",
                "code wording form",
                code=CODE_TEXT,
                wording=text_schema("The question.", 2000),
                form=code_schema(Question.Form),
                options=list_schema(text_schema("An option.", 200), "Of a choice."),
                low_words=word("What 1 means."),
                high_words=word("What 9 means."),
                statement_codes=list_schema(CODE_TEXT, "Which statements; all where left out."),
            ),
            "What is asked.",
        ),
        attribute=None,
        column=ROWS,
    ),
    Field(
        "closing_moves",
        list_schema(text_schema("A move of the closing day, and why.", 2000), "How the closing day moved."),
        attribute=None,
        column=ROWS,
    ),
    Field("sessions", list_schema(SESSION_SCHEMA, "Workshops that were announced."), attribute=None, column=ROWS),
    Field("report", {**REPORT_SCHEMA, "type": ["object", "null"]}, attribute=None, column=ROWS),
)
ROUND_DERIVED = (
    Field(
        "stage",
        code_schema(PublicStage),
        column=Column("State", 12),
        term="state",
        vocabulary=PublicStage,
        label="State",
    ),
    Field(
        "sectors",
        {"type": "array", "items": {"type": "string"}, "description": "Sectors of the groups."},
        column=Column("Sectors", 30),
        term="sector",
        vocabulary=Sector,
        label="Sector",
    ),
    Field("protocol_sha256", text_schema("Hash of all that is fixed beforehand.", 64), column=Column("Hash", 20)),
)
