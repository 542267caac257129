"""The controlled codes that every part of the repository shares, and on whose meaning its code acts.

A code is lower case and hyphenated, appears in addresses, exports and the API, and never changes. The label is what
a person reads and may be improved at any time.
"""

import types
from collections.abc import Iterable
from typing import cast

from django.conf import settings
from django.db import models


class TeamVocabulary(models.TextChoices):
    """The vocabularies that teams extend. Their terms are records, which a steward keeps (`VocabularyTerm`)."""

    FAILURE_TYPE = "failure-type", "Types of failure"
    INTERVENTION = "intervention", "Kinds of intervention"
    FRAMEWORK = "framework", "Frameworks of a question"
    APPRAISAL_TOOL = "appraisal-tool", "Tools of appraisal"


def make_choices(name: str, words: str, pairs: Iterable[tuple[str, str]]) -> type[models.TextChoices]:
    """A vocabulary of codes and labels that a setting gives; `words` say what it is, as its docstring."""

    def fill(namespace: dict[str, object]) -> None:
        namespace["__module__"], namespace["__doc__"] = __name__, words
        for code, label in pairs:
            namespace[code.replace("-", "_").upper()] = (code, label)

    return cast("type[models.TextChoices]", types.new_class(name, (models.TextChoices,), exec_body=fill))


# Whoever runs the site names them in SITE_SECTORS (docs/your-own-repository.md).
Sector = make_choices("Sector", "Part of public service a piece of evidence comes from.", settings.SITE.sectors)


def list_sectors() -> list[tuple[str, str]]:
    """Code and label of each. Models name this function, so that migrations hang on no setting."""
    return Sector.choices


class Phase(models.TextChoices):
    """Where in the life of a failure a finding, lesson or recommendation applies.

    What readers see of a phase is said here alone: events and narratives, whose codes are older, take it from here.
    """

    PREVENTION = "prevention", "Prevention"
    IDENTIFICATION = "identification", "Identification"
    MANAGEMENT = "management", "Management"
    RESOLUTION = "resolution", "Resolution"


class EventPhase(models.TextChoices):
    """Where an event falls on a case's timeline."""

    ONSET = "onset", Phase.PREVENTION.label
    IDENTIFICATION = "identification", Phase.IDENTIFICATION.label
    MANAGEMENT = "management", Phase.MANAGEMENT.label
    RESOLUTION = "resolution", Phase.RESOLUTION.label
    AFTERMATH = "aftermath", "Aftermath"


class ReviewType(models.TextChoices):
    """Kind of literature review (Grant and Booth's names)."""

    NARRATIVE = "narrative-review", "Narrative review"
    SCOPING = "scoping-review", "Scoping review"
    RAPID = "rapid-review", "Rapid review"
    SYSTEMATIC = "systematic-review", "Systematic review"
    EVIDENCE_MAP = "evidence-map", "Evidence map"


class ScreeningStage(models.TextChoices):
    """PRISMA 2020 stage at which a record was judged."""

    TITLE_ABSTRACT = "title-abstract", "Title and abstract"
    FULL_TEXT = "full-text", "Full text"


class ScreeningDecision(models.TextChoices):
    """What the screener decided."""

    INCLUDE = "include", "Include"
    EXCLUDE = "exclude", "Exclude"


class ChecklistTool(models.TextChoices):
    """Tools of appraisal whose questions are part of the program (`literature/appraising/checklists.py`)."""

    AACODS = "aacods", "AACODS"
    CASP_QUALITATIVE = "casp-qualitative", "CASP qualitative"
    MMAT = "mmat", "MMAT"


class AppraisalJudgement(models.TextChoices):
    """Overall quality of a study after appraisal."""

    HIGH = "high", "High"
    MODERATE = "moderate", "Moderate"
    LOW = "low", "Low"
    UNCLEAR = "unclear", "Unclear"


class AnswerKind(models.TextChoices):
    """Kind of answer that a question of an extraction form asks for."""

    CHOICE = "choice", "One choice"
    CHOICES = "choices", "Several choices"
    NUMBER = "number", "Number with unit"
    TEXT = "text", "Short text"
    QUOTED = "quoted", "Text with quotation and place"


class CerqualLevel(models.TextChoices):
    """Level of concern about one GRADE-CERQual component."""

    NONE = "no-or-very-minor-concerns", "No or very minor concerns"
    MINOR = "minor-concerns", "Minor concerns"
    MODERATE = "moderate-concerns", "Moderate concerns"
    SERIOUS = "serious-concerns", "Serious concerns"


class ConfidenceLevel(models.TextChoices):
    """Overall GRADE-CERQual confidence, chosen by a person."""

    HIGH = "high", "High"
    MODERATE = "moderate", "Moderate"
    LOW = "low", "Low"
    VERY_LOW = "very-low", "Very low"


class ActorRole(models.TextChoices):
    """Part a body has in the system that a case describes."""

    PROVIDER = "provider", "Provider"
    COMMISSIONER = "commissioner", "Commissioner"
    REGULATOR = "regulator", "Regulator"
    FUNDER = "funder", "Funder"
    GOVERNMENT_DEPARTMENT = "government-department", "Government department"
    IMPROVEMENT_BODY = "improvement-body", "Improvement body"
    INQUIRY = "inquiry", "Inquiry"
    OTHER = "other", "Other"


class Better(models.TextChoices):
    """Direction in which an indicator improves."""

    HIGHER = "higher", "Higher is better"
    LOWER = "lower", "Lower is better"


class EvidenceRelation(models.TextChoices):
    """How a finding bears on a lesson."""

    SUPPORTS = "supports", "Supports"
    QUALIFIES = "qualifies", "Qualifies"
    CONTRADICTS = "contradicts", "Contradicts"


class Audience(models.TextChoices):
    """Whom a recommendation addresses."""

    NATIONAL_POLICYMAKER = "national-policymaker", "National policymaker"
    REGULATOR = "regulator", "Regulator"
    COMMISSIONER = "commissioner", "Commissioner"
    PROVIDER_BOARD = "provider-board", "Provider board"
    IMPROVEMENT_BODY = "improvement-body", "Improvement body"


class Level(models.TextChoices):
    """Level of the health system at which a recommendation acts."""

    NATIONAL = "national", "National"
    SYSTEM = "system", "System"
    PROVIDER = "provider", "Provider"


class Strength(models.TextChoices):
    """How strongly a recommendation is made."""

    STRONG = "strong", "Strong"
    CONDITIONAL = "conditional", "Conditional"
    CONSIDER = "consider", "For consideration"


class Wording(models.TextChoices):
    """The verb of obligation in a recommendation."""

    MUST = "must", "Must"
    SHOULD = "should", "Should"
    CONSIDER = "consider", "Consider"


class RecommendationKind(models.TextChoices):
    """What sort of action a recommendation asks for."""

    POLICY_CHANGE = "policy-change", "Policy change"
    PROCESS = "process", "Process"
    INFORMATION = "information", "Information"
    CAPABILITY = "capability", "Capability"
    TRAINING = "training", "Training"
    OTHER = "other", "Other"


class RelationType(models.TextChoices):
    """How one recommendation relates to another. The first three hold in both directions."""

    SAME_AS = "same-as", "Same as"
    OVERLAPS = "overlaps", "Overlaps"
    CONTRADICTS = "contradicts", "In tension with"
    BUILDS_ON = "builds-on", "Builds on"
    REPLACES = "replaces", "Replaces"


class QualityCheck(models.TextChoices):
    """What good practice asks of a recommendation. Where one departs from it, a published reason says why."""

    OWNER = "owner", "Names one body or post that must act"
    ONE_ACTION = "one-action", "Asks for one action"
    RISK = "risk", "Says which risk it addresses"
    MEASURE = "measure", "Can be measured"
    TIMESCALE = "timescale", "Says by when"
    COST = "cost", "States what it costs"
    WORDING = "wording", "Words as strong as the evidence"
    WEAK_ACTION = "weak-action", "More than training or a text"
    DUPLICATE = "duplicate", "Differs from other recommendations"
    CONTRADICTION = "contradiction", "Agrees with other recommendations, or says that it does not"
    CONDITIONS = "conditions", "Says what has to be in place"
    COUNTER_EVIDENCE = "counter-evidence", "Says what speaks against it"


class PartOf(models.TextChoices):
    """What a finding is part of."""

    CASE_STUDY = "case-study", "A case study"
    LITERATURE_REVIEW = "literature-review", "A literature review"


class ReadAs(models.TextChoices):
    """What was read of a source when its words were taken."""

    OWN_TEXT = "own-text", "The text itself"
    ABSTRACT = "abstract", "Its abstract"
    NOTICE = "notice", "A notice about it, such as a press notice or a catalogue entry"
    SUMMARY = "summary", "Somebody’s summary or report of it"


class ReadExtent(models.TextChoices):
    """How much of that was read."""

    WHOLE = "whole", "Whole"
    PART = "part", "In part"


class StatementSort(models.TextChoices):
    """Sorts of statement that can be traced to the words of a source."""

    CASE_FINDING = "case-finding", "Findings of case studies"
    REVIEW_FINDING = "review-finding", "Findings of reviews"
    EVENT = "event", "Events"
    INTERVENTION = "intervention", "Interventions"
    INDICATOR = "indicator", "Indicators"
    NARRATIVE = "narrative", "Sections of narratives"
    QUOTATION = "quotation", "Quotations"
    SYNTHESIS = "synthesis", "Syntheses of reviews"
    POLICY_CONTEXT = "policy-context", "Policy contexts"
    PART_PLAYED = "part-played", "Parts played by bodies"


class CostLevel(models.TextChoices):
    """How much money a recommendation takes, in words and not in pounds."""

    LOW = "low-cost", "Low cost"  # mostly time of people already there
    MODERATE = "moderate-cost", "Moderate cost"  # new posts, or money for those who act
    HIGH = "high-cost", "High cost"  # a programme or funding of its own
    UNCLEAR = "unclear-cost", "Cost cannot be told"


class EvidenceStatus(models.TextChoices):
    """Whether anything a record rests on was replaced or withdrawn after it was published. Computed, never stored."""

    CHANGED = "changed", "Has changed since"
    UNCHANGED = "unchanged", "As it was when published"


class CslType(models.TextChoices):
    """Types of work, by their names in the Citation Style Language 1.0.2."""

    ARTICLE_JOURNAL = "article-journal", "Journal article"
    ARTICLE_MAGAZINE = "article-magazine", "Magazine article"
    ARTICLE_NEWSPAPER = "article-newspaper", "Newspaper article"
    BOOK = "book", "Book"
    CHAPTER = "chapter", "Chapter"
    HEARING = "hearing", "Hearing"
    INTERVIEW = "interview", "Interview"
    LEGAL_CASE = "legal_case", "Legal case"
    LEGISLATION = "legislation", "Legislation"
    MANUSCRIPT = "manuscript", "Manuscript"
    PAPER_CONFERENCE = "paper-conference", "Conference paper"
    PERSONAL_COMMUNICATION = "personal_communication", "Personal communication"
    POST_WEBLOG = "post-weblog", "Blog post"
    REPORT = "report", "Report"
    SPEECH = "speech", "Speech"
    THESIS = "thesis", "Thesis"
    WEBPAGE = "webpage", "Web page"


class Act(models.TextChoices):
    """What an inspector, auditor, committee or court asked for."""

    RECOMMENDATION = "recommendation", "Recommendation"  # advice that may be declined
    REQUIREMENT = "requirement", "Requirement"  # a regulator's finding that has to be dealt with
    DIRECTION = "direction", "Direction"  # legally binding, or the threat of it
    REQUEST = "request", "Request"  # a question or a wish put to a body


class WordsGiven(models.TextChoices):
    """Whether a text is word for word."""

    VERBATIM = "verbatim", "Word for word"
    REPORTED = "reported", "In our words"


class FollowedSort(models.TextChoices):
    """Whose recommendation is followed."""

    OTHERS = "others", "Made by others"
    OURS = "ours", "Made by us"


class Position(models.TextChoices):
    """What a body said to what was asked of it."""

    ACCEPTED = "accepted", "Accepted"
    IN_PRINCIPLE = "accepted-in-principle", "Accepted in principle"  # agrees with the aim, not bound to the act
    IN_PART = "accepted-in-part", "Accepted in part"
    NOT_ACCEPTED = "not-accepted", "Not accepted"
    NOTED = "noted", "Noted"  # receipt only
    DEFERRED = "deferred", "Will answer later"
    NO_POSITION = "no-position", "No position taken"  # answered without saying yes or no


class AnswerState(models.TextChoices):
    """Where an answer stands. “None found by us” says where we looked; it is never the same as overdue."""

    ANSWERED = "answered", "Answered"
    LATE = "late", "Answered after the day"
    AWAITED = "awaited", "Asked, no answer yet"
    NONE_FOUND = "none-found", "None found by us"
    NOT_ASKED = "not-asked", "Asked of nobody yet"


class Overdue(models.TextChoices):
    """Whether somebody was asked, the day for an answer has passed, and there is none. Computed when it is read."""

    YES = "yes", "Overdue"
    NO = "no", "Not overdue"


class ClaimedState(models.TextChoices):
    """What a body says of its own action."""

    PROMISED = "promised", "Promised"
    UNDER_WAY = "under-way", "Under way"
    DONE = "done", "Done"
    DROPPED = "dropped", "Given up"


class Implementation(models.TextChoices):
    """Whether it was done, as we judge. The first four are open, the others closed."""

    CANNOT_TELL = "cannot-tell", "Cannot tell"
    NO_PROGRESS = "no-progress", "No progress"
    SOME_PROGRESS = "some-progress", "Some progress"  # too little or too slow
    ON_COURSE = "on-course", "On course"
    DONE = "done", "Done"
    DONE_DIFFERENTLY = "done-differently", "Done differently"  # the aim met otherwise
    PART_DONE = "part-done", "Done in part"  # no more to be expected
    NOT_DONE = "not-done", "Not done"  # refused, lapsed, or time gone
    OVERTAKEN = "overtaken", "Overtaken"  # replaced or no longer applicable
    UNDONE = "undone", "Undone"  # was done, later reversed


class Effect(models.TextChoices):
    """Whether it helped, as we judge."""

    NOT_KNOWN = "not-known", "Not known"
    IMPROVED = "improved", "Improved"
    NO_CHANGE = "no-change", "No change"
    WORSE = "worse", "Worse"
    MIXED = "mixed", "Mixed"
    RELAPSED = "relapsed", "Improved, then worse again"


class Basis(models.TextChoices):
    """What a judgement rests on."""

    INSPECTION = "inspection", "An inspection"
    AUDIT = "audit", "An audit"
    DATA = "data", "Figures"
    DOCUMENT = "document", "An official document"
    PRESS = "press", "A press account"
    TRACKER = "tracker", "A tracker of recommendations"
    SELF_REPORT = "self-report", "The body's own account"


class AssessmentStatus(models.TextChoices):
    """Whether a judgement counts."""

    PROVISIONAL = "provisional", "Provisional"  # one reader's: in no count of what was judged
    CURRENT = "current", "Agreed by a second person"
    PAST = "past", "Replaced since"


class BeforeOrAfter(models.TextChoices):
    """Whether a figure was measured before what was recommended was done, or after."""

    BEFORE = "before", "Before"
    AFTER = "after", "After"


OPEN_STATES = (
    Implementation.CANNOT_TELL,
    Implementation.NO_PROGRESS,
    Implementation.SOME_PROGRESS,
    Implementation.ON_COURSE,
)
DONE_STATES = (Implementation.DONE, Implementation.DONE_DIFFERENTLY)
BEYOND_THE_BODYS_WORD = (Basis.INSPECTION, Basis.AUDIT, Basis.DATA, Basis.DOCUMENT, Basis.PRESS)
SYMMETRIC_RELATIONS = (RelationType.SAME_AS, RelationType.OVERLAPS, RelationType.CONTRADICTS)


def list_codes(choices: type[models.TextChoices]) -> list[str]:
    """The codes of a vocabulary, for constraints and schemas."""
    return [str(code) for code in choices.values]
