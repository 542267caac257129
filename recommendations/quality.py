"""Does a recommendation say what a body needs to act on it? What is asked, what was found, and how to mend it.

A pure function over documents. It reads words, so it can be wrong in both directions. The rules were
tuned to be silent rather than to nag: what is flagged is nearly always worth a look, and much that is weak passes.
So a finding never blocks by itself: a person mends it, or gives a reason that readers see (see
`publishing.quality_checks`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from rapidfuzz import fuzz

from failure_lessons.publishing.quality_checks import QualityIssue
from failure_lessons.types import Document
from failure_lessons.vocabularies.choices import ConfidenceLevel, QualityCheck, RecommendationKind, Strength, Wording
from recommendations.phrases import (
    ASIDE,
    BODY,
    COUNTABLE_WORDS,
    DOING,
    EMPTY_ANSWER,
    EVERYBODY,
    JOINED,
    JOINED_ING,
    LATER,
    LIST_MARKER,
    MODAL,
    NEGATED,
    NUMBERS,
    ONE_NAME,
    OPPOSITES,
    RECOMMENDATION_STOP_WORDS,
    RELATIVE,
    TELLING,
    TIME_SPAN,
    WHEN,
)

HSSIB = "HSSIB and partners (2024), Recommendations but no action"
GRADE = "GRADE working group, from evidence to strength"
NICE = "NICE, Developing guidelines: the manual, on wording"
HIERARCHY = "Hierarchy of action effectiveness (US Veterans Affairs; used by the NHS)"


# what each check asks, how to mend what it finds, where the request comes from, and the field to mend
RULES: dict[QualityCheck, tuple[str, str, str, str]] = {
    QualityCheck.OWNER: (
        "It names one body or post that must act.",
        "Name the body, or the post in it, that can do this and answer for it. Others can be named in the steps.",
        HSSIB,
        "owner",
    ),
    QualityCheck.ONE_ACTION: (
        "It asks for one action, so that it can be accepted, refused and followed as one.",
        "Keep the main action, and make the other a step or a recommendation of its own.",
        HSSIB,
        "statement",
    ),
    QualityCheck.RISK: (
        "It says which risk it addresses and how it would reduce it.",
        "Say in the rationale what goes wrong today, for whom, and why this action would help.",
        HSSIB,
        "rationale",
    ),
    QualityCheck.MEASURE: (
        "It can be measured whether it was done and whether it helped.",
        "Name something that can be counted: a share, a number, a time, a date.",
        HSSIB,
        "measures",
    ),
    QualityCheck.TIMESCALE: (
        "It says by when.",
        "Give a date, a number of months, or the occasion by which it is to be done.",
        HSSIB,
        "timescale_label",
    ),
    QualityCheck.COST: (
        "It states the cost, or the burden on those who have to do it.",
        "Say what it takes in money, posts or time, or why it takes next to nothing.",
        HSSIB,
        "resources",
    ),
    QualityCheck.WORDING: (
        "Its words are as strong as the evidence, and say so in the statement.",
        "Use “must” only with high confidence, “should” with at least moderate, otherwise “consider”; use the same "
        "verb in the statement.",
        f"{GRADE}; {NICE}",
        "wording",
    ),
    QualityCheck.WEAK_ACTION: (
        "It changes more than what people are told: training, reminders and policy texts alone seldom last.",
        "Add what changes the work itself: a rule with a consequence, equipment, staffing, authority, a check.",
        HIERARCHY,
        "actions",
    ),
    QualityCheck.DUPLICATE: (
        "It does not say again what another recommendation says.",
        "Merge the two, or state how they relate under “Relations”.",
        HSSIB,
        "relations",
    ),
    QualityCheck.CONTRADICTION: (
        "It does not ask for the opposite of another recommendation without saying so.",
        "State the relation “in tension with” and which of the two holds when.",
        HSSIB,
        "relations",
    ),
    QualityCheck.CONDITIONS: (
        "It says what has to be in place for it to work.",
        "Say where and when it would work, and where it would not.",
        HSSIB,
        "conditions",
    ),
    QualityCheck.COUNTER_EVIDENCE: (
        "It says what speaks against it.",
        "Name the findings that point the other way, or say that you looked and where.",
        GRADE,
        "counter_evidence",
    ),
}

MAX_CHECKED_TEXT = 4_000  # characters of a text that are read
ALIKE, ALIKE_ELSEWHERE, SAME_MATTER = 76, 92, 72  # likenesses from 0 to 100, tried on the sets in the tests


def check_recommendation(document: Document, others: Iterable[Document] = ()) -> list[QualityIssue]:
    """What good practice asks of a recommendation and this one does not show, in the order of `QualityCheck`.

    `document` and `others` are in the form of a document or package entry; `derived.themes`, where it is there, tells
    which themes it touches, and `derived.related_from` who relates to it. Others may contain the document itself.
    """
    document, others = clip_texts(document), map(clip_texts, others)
    return [
        *check_owner(document),
        *check_one_action(document),
        *check_risk(document),
        *check_measure(document),
        *check_timescale(document),
        *check_cost(document),
        *check_wording(document),
        *check_weak_action(document),
        *compare_with_others(document, others),
        *check_conditions(document),
        *check_counter_evidence(document),
    ]


def clip_texts(document: Document) -> Document:
    """The document with its texts cut where no honest one is longer, so that no text costs much to read."""
    return {name: value[:MAX_CHECKED_TEXT] if isinstance(value, str) else value for name, value in document.items()}


def make_quality_issue(code: QualityCheck, found: str) -> QualityIssue:
    """What one check found, with what it asks and how to mend it."""
    asked, mend, source, place = RULES[code]
    return QualityIssue(code=str(code), asked=asked, found=found[:500], mend=mend, source=source, place=place)


def quote_excerpt(text: str, words: int = 30) -> str:
    """Words as found, shortened."""
    parts = str(text).split()
    return f"“{' '.join(parts[:words])}{'…' if len(parts) > words else ''}”"


def check_owner(document: Document) -> Iterator[QualityIssue]:
    """One body or post, by name."""
    named = str(document.get("owner") or "").strip()
    if EMPTY_ANSWER.fullmatch(named):
        yield make_quality_issue(
            QualityCheck.OWNER, f"No owner is named: {quote_excerpt(named)}." if named else "No owner is named."
        )
        return
    if EVERYBODY.fullmatch(named):
        yield make_quality_issue(QualityCheck.OWNER, f"{quote_excerpt(named)} is nobody in particular.")
        return
    parts = [part for part in re.split(r"\s+and\s+|;|/|\s+&\s+", ONE_NAME.sub("Body", named)) if part.strip()]
    if len(parts) > 1 and all(BODY.search(part) or "Body" in part for part in parts):
        yield make_quality_issue(
            QualityCheck.OWNER, f"{quote_excerpt(named)} names {len(parts)}: each may wait for the other."
        )


def find_obligations(statement: str) -> list[re.Match[str]]:
    """The verbs of obligation that ask something of somebody, those within relative clauses left out."""
    return [
        match
        for match in MODAL.finditer(statement)
        if not RELATIVE.search(statement[max(0, match.start() - 80) : match.start()])
    ]


def check_one_action(document: Document) -> Iterator[QualityIssue]:
    """No second verb, no list."""
    statement = str(document.get("statement") or "")
    if len(LIST_MARKER.findall(statement)) > 1:
        yield make_quality_issue(QualityCheck.ONE_ACTION, f"The statement is a list: {quote_excerpt(statement)}.")
        return
    modals = find_obligations(statement)
    if len(modals) > 1:
        both = " … ".join(quote_excerpt(statement[match.start() :], 6) for match in modals[:2])
        yield make_quality_issue(QualityCheck.ONE_ACTION, f"The statement asks twice: {both}.")
        return
    if not modals:
        return
    asked = statement[modals[0].end() :]
    considered = re.match(r"\s*(?:\w+ly\s+)?consider\s+(?=\w+ing\b)", asked, re.I)
    for match in (JOINED_ING if considered else JOINED).finditer(asked):
        before = asked[considered.end() if considered else 0 : match.start()]
        if ASIDE.search(before) and "," not in before[ASIDE.search(before).start() :]:  # type: ignore[union-attr]
            continue
        first = quote_excerpt(before.strip(), 3).strip("“”…")
        yield make_quality_issue(
            QualityCheck.ONE_ACTION, f"It joins “{first}” with “{match['verb']}”: {quote_excerpt(statement)}."
        )
        return


def check_risk(document: Document) -> Iterator[QualityIssue]:
    """A rationale that says something."""
    rationale = str(document.get("rationale") or "")
    if len(rationale.split()) < 12:
        said = f"The rationale says only {quote_excerpt(rationale)}." if rationale.strip() else "There is no rationale."
        yield make_quality_issue(QualityCheck.RISK, said)
    elif not document.get("failure_types"):
        yield make_quality_issue(QualityCheck.RISK, "No type of failure is marked that it would prevent or mend.")


def check_measure(document: Document) -> Iterator[QualityIssue]:
    """At least one thing that can be counted."""
    measures = [text for text in document.get("measures") or [] if not EMPTY_ANSWER.fullmatch(text)]
    if not measures:
        yield make_quality_issue(QualityCheck.MEASURE, "No measure is given.")
    elif not any(COUNTABLE_WORDS.search(text) for text in measures):
        yield make_quality_issue(QualityCheck.MEASURE, f"Nothing in it can be counted: {quote_excerpt(measures[0])}.")


def check_timescale(document: Document) -> Iterator[QualityIssue]:
    """A date, a number or an occasion; and the figure says what the words say."""
    given = document.get("timescale") or {}
    label, months = str(given.get("label") or ""), given.get("months")
    spans = [
        (NUMBERS.get(match["number"].lower()) or int(match["number"])) * (12 if match["unit"].startswith("y") else 1)
        for match in TIME_SPAN.finditer(label)
    ]
    if months is None and (
        EMPTY_ANSWER.fullmatch(label) or not WHEN.search(label) or (LATER.search(label) and not spans)
    ):
        yield make_quality_issue(
            QualityCheck.TIMESCALE, f"{quote_excerpt(label)} gives no date." if label else "No timescale is given."
        )
    elif months is not None and spans and months not in spans:
        yield make_quality_issue(
            QualityCheck.TIMESCALE, f"The words say {quote_excerpt(label)}, the figure says {months} months."
        )


def check_cost(document: Document) -> Iterator[QualityIssue]:
    """Words on what it takes."""
    said = str(document.get("resources") or "")
    if EMPTY_ANSWER.fullmatch(said):
        yield make_quality_issue(
            QualityCheck.COST, f"It says only {quote_excerpt(said)}." if said.strip() else "It is not stated."
        )


WORDING_VERBS = {
    Wording.MUST: re.compile(r"\b(?:must|shall|(?:is|are) required to)\b", re.I),
    Wording.SHOULD: re.compile(r"\b(?:should|ought to)\b(?!\s+(?:\w+ly\s+)?consider\s+\w+ing\b)", re.I),
    Wording.CONSIDER: re.compile(r"\bconsider", re.I),
}
LOW = (ConfidenceLevel.LOW, ConfidenceLevel.VERY_LOW)


def check_wording(document: Document) -> Iterator[QualityIssue]:
    """As strong as the confidence allows, and the same in the statement."""
    verb, strength, confidence = (str(document.get(name) or "") for name in ("wording", "strength", "confidence"))
    statement = str(document.get("statement") or "")
    if verb == Wording.MUST and confidence != ConfidenceLevel.HIGH:
        yield make_quality_issue(
            QualityCheck.WORDING, f"It says “must” with {confidence.replace('-', ' ')} confidence."
        )
    elif verb == Wording.SHOULD and confidence in LOW:
        yield make_quality_issue(
            QualityCheck.WORDING, f"It says “should” with {confidence.replace('-', ' ')} confidence."
        )
    elif strength == Strength.STRONG and confidence in LOW:
        yield make_quality_issue(
            QualityCheck.WORDING, f"It is made strongly with {confidence.replace('-', ' ')} confidence."
        )
    elif verb in WORDING_VERBS and not WORDING_VERBS[Wording(verb)].search(statement):
        yield make_quality_issue(
            QualityCheck.WORDING, f"It is marked “{verb}”; the statement says {quote_excerpt(statement)}."
        )


def check_weak_action(document: Document) -> Iterator[QualityIssue]:
    """Not only training, reminders or a text, in the statement and in every step."""
    statement, steps = str(document.get("statement") or ""), list(document.get("actions") or [])
    telling = TELLING.search(statement)
    only = document.get("action_kind") == RecommendationKind.TRAINING or (telling and not DOING.search(statement))
    if only and all(TELLING.search(step) and not DOING.search(step) for step in steps):
        shown = quote_excerpt(telling[0]) if telling else "The kind of action is training"
        yield make_quality_issue(QualityCheck.WEAK_ACTION, f"{shown}, and no step goes further.")


def words_of(document: Document) -> list[str]:
    """The words that carry the matter, from statement and title."""
    text = f"{document.get('statement') or ''} {document.get('title') or ''}".casefold()
    return [word for word in re.findall(r"[^\W_]+", text) if word not in RECOMMENDATION_STOP_WORDS]


def word_similarity(one: Iterable[str], other: Iterable[str]) -> float:
    """How much two lists of words are one, from 0 to 100."""
    return fuzz.token_sort_ratio(" ".join(sorted(set(one))), " ".join(sorted(set(other))))


def stem_word(word: str) -> str:
    """Enough of a word to find it in its other forms."""
    return re.sub(r"(?:ing|ed|es|s|e)$", "", word)


STEMS = tuple((stem_word(one), stem_word(other)) for one, other in OPPOSITES)


def find_opposition(one: Document, other: Document, ours: list[str], theirs: list[str]) -> str:
    """The words in which two say the opposite, or nothing."""
    mine, others = {stem_word(word): word for word in ours}, {stem_word(word): word for word in theirs}
    for pair in STEMS:
        for left, right in (pair, pair[::-1]):
            if left in mine and right in others and left not in others and right not in mine:
                return f"“{mine[left]}” against “{others[right]}”"
    denials = [bool(NEGATED.search(str(each.get("statement") or ""))) for each in (one, other)]
    return "one asks not to do what the other asks to do" if denials[0] != denials[1] else ""


def related_codes(document: Document) -> set[str]:
    """Codes of recommendations with which a relation is stated, from either side."""
    derived = document.get("derived") or {}
    return {item["to"] for item in document.get("relations") or []} | {
        item["from"] for item in derived.get("related_from") or []
    }


def compare_with_others(document: Document, others: Iterable[Document]) -> Iterator[QualityIssue]:
    """Others that say the same, or the opposite, without a stated relation."""
    code, stated, ours = document.get("code"), related_codes(document), words_of(document)
    themes = set((document.get("derived") or {}).get("themes") or ())
    for other in others:
        if other.get("code") == code or other.get("code") in stated or code in related_codes(other):
            continue
        theirs = words_of(other)
        score = word_similarity(ours, theirs)
        if score < SAME_MATTER:
            continue
        name = f"{other.get('code')}: {quote_excerpt(str(other.get('statement') or ''), 24)}"
        together = bool(themes & set((other.get("derived") or {}).get("themes") or ()))
        if words := find_opposition(document, other, ours, theirs):
            yield make_quality_issue(QualityCheck.CONTRADICTION, f"{name} ({words}).")
        elif score >= (ALIKE if together else ALIKE_ELSEWHERE):
            yield make_quality_issue(QualityCheck.DUPLICATE, f"{name} ({score:.0f} of 100 alike).")


def check_conditions(document: Document) -> Iterator[QualityIssue]:
    """Words on what it depends on."""
    said = str(document.get("conditions") or "")
    if EMPTY_ANSWER.fullmatch(said):
        yield make_quality_issue(
            QualityCheck.CONDITIONS, f"It says only {quote_excerpt(said)}." if said.strip() else "None are stated."
        )


def check_counter_evidence(document: Document) -> Iterator[QualityIssue]:
    """Words on what speaks against it."""
    said = str(document.get("counter_evidence") or "")
    if EMPTY_ANSWER.fullmatch(said):
        found = f"It says only {quote_excerpt(said)}." if said.strip() else "None is stated."
        yield make_quality_issue(QualityCheck.COUNTER_EVIDENCE, found)
