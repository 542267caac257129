"""What two guidelines ask of such a report, ACCORD and DELPHISTAR, each point answered from the data or named as a gap.

The points are in our words: both guidelines ask for each of them, under numbers and in wordings of their own.
"""

from __future__ import annotations

from collections.abc import Iterator

from django.conf import settings

from failure_lessons.types import JSONObject
from recommendations.consultations.agreement import read_rule
from recommendations.consultations.models import ConsultationRound


def answer_checklist(each: ConsultationRound) -> Iterator[JSONObject]:
    """The points in the order of a report. An empty answer is a gap."""
    for item, answer in list_points(each):
        yield {"item": item, "answer": answer or "Not reported.", "is_gap": not answer or None}


def list_points(each: ConsultationRound) -> Iterator[tuple[str, str]]:
    """Each point with its answer."""
    groups = list(each.groups.all())
    statements = list(each.statements.all())
    yield "Why a consensus method, and what for", each.purpose
    yield "Which method", f"{each.get_method_display()}, round {each.number} of its series."
    yield "Where the protocol was published beforehand", "The first edition of this record is the protocol."
    yield "Departures from the protocol", "; ".join(map(str, each.closing_moves.all())) or "None."
    yield "Who ran it, and their part", each.run_by
    yield "How participants were chosen", "; ".join(f"{g.name}: {', '.join(g.roles)}" for g in groups if g.roles)
    yield "How many were to be invited", ", ".join(f"{g.name} {g.expected}" for g in groups)
    yield "How participants were reached", "By e-mail, with a link of their own and at most three reminders."
    yield "What patients and the public had to do with it", each.public_part
    yield "Where the statements come from", f"{len(statements)} statements, each with the edition or draft it is about."
    yield "Whether statements and questions were tried beforehand", each.tried_out
    yield (
        "What evidence participants were given",
        "With each statement what speaks against it, why it is put forward, and the edition with its evidence.",
    )
    yield "Which scale", each.scale_words
    yield "What counts as agreement, fixed beforehand", "; ".join(rule["words"] for rule in describe_rules(each))
    yield "How many rounds, and when it stops", f"This is round {each.number}; it closed on {each.closes_at:%-d %B %Y}."
    yield (
        "What participants were told between rounds",
        (
            "Their own earlier rating, the distribution in each reporting group, and what changed in the wording."
            if each.follows_id
            else "Nothing yet: it is the first round."
        ),
    )
    yield "Whether people met, and how that was run", describe_meetings(each)
    yield (
        "Anonymity",
        f"{each.get_anonymity_display()}, by construction; no group of fewer than {each.least_shown} shown.",
    )
    yield "How answers were analysed", "As the rules say; computed when the round closed, by published code."
    yield (
        "How missing answers were treated",
        "Left out: who skipped a question or could not judge it is not counted in its n, which is shown.",
    )
    yield "Which software", f"{settings.SITE.name}, whose code is published: links by e-mail, no account, no tracking."
    yield "Consent, data protection and ethics", f"{each.lawful_basis}; privacy notice, version {each.notice_version}."
    yield "Approval by an ethics committee", each.ethics
    yield "How many took part in each round, by group", "In the table of participants."
    yield "Results of each item, with spread", "For each statement and question, by reporting group."
    yield "Which statements were agreed, and which were not", "The outcome of each item, by the rules fixed beforehand."
    yield "What dissenters said", "In the minority views of each item, and the comments with what became of each."
    yield "What changed in the statements", "In the dispositions of the comments."
    yield "Limits", each.limits
    yield "What follows from it", each.interpretation
    yield "Conflicts of interest of participants", "Asked for each statement; such ratings are not counted."
    yield "Conflicts of interest of those who ran it", each.staff_interests
    yield "Who paid for it, and their part", each.funding
    yield "What participants got for taking part", each.thanks


def describe_meetings(each: ConsultationRound) -> str:
    """The workshops of the round, or that there were none."""
    met = [f"{session.title}, {session.starts_at:%-d %B %Y}" for session in each.sessions.all() if session.is_announced]
    return f"Workshops with agenda, votes and minutes: {'; '.join(met)}." if met else "They did not meet."


def describe_rules(each: ConsultationRound) -> list[dict[str, str]]:
    """The rules in words, each with its question."""
    return [{"question": str(rule.get("question", "")), "words": read_rule(rule).tell_words()} for rule in each.rules]
