"""The kind of record of this app. Rounds come into being here and in no evidence package."""

from __future__ import annotations

from failure_lessons.publishing.registry import Kind, register_kind
from recommendations.consultations.agreement import AgreementRule
from recommendations.consultations.documents import find_withdrawn_changes
from recommendations.consultations.fields import ROUND_DERIVED, ROUND_FIELDS
from recommendations.consultations.filters import RoundFilter
from recommendations.consultations.report_files import REPORT_FILES

EXAMPLE = {
    "slug": "an-invented-round",
    "title": "An invented round",
    "purpose": "To show what a protocol looks like.",
    "method": "appropriateness",
    "number": 1,
    "opens_at": "2027-01-11",
    "closes_at": "2027-02-01",
    "anonymity": "pseudonymous",
    "least_shown": 5,
    "lawful_basis": "Consent (UK GDPR article 6(1)(a))",
    "notice": "We keep your answers to report what people think.",
    "notice_version": 1,
    "retention_days": 90,
    "contact": "office@example.org",
    "scale_words": "1 to 3: inappropriate. 4 to 6: uncertain. 7 to 9: appropriate.",
    "rules": [{"words": AgreementRule().tell_words()}],
    "groups": [{"code": "health", "name": "Health", "sector": "health", "expected": 9}],
    "statements": [{"code": "R1", "wording": "Somebody should do something.", "about": "/recommendations/one/v1/"}],
    "questions": [{"code": "clear", "wording": "How clear is it?", "form": "scale"}],
}

register_kind(
    Kind(
        code="consultation-round",
        rank=130,
        address="consultation-rounds",
        label="Consultation round",
        label_plural="Consultation rounds",
        description="A round in which invited people rate and discuss: its protocol, and then its report.",
        fields=ROUND_FIELDS,
        derived=ROUND_DERIVED,
        template="recommendations/consultations/round.html",
        introduction="Who was asked, what, by which rules, and what came out. The protocol is published before a round "
        "opens; the report follows as a later edition.",
        filters=RoundFilter,
        example=EXAMPLE,
        files=REPORT_FILES,
        beside=find_withdrawn_changes,
        has_pins=False,
        reader_rank=105,
        is_news=True,
    )
)
