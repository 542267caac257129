"""GRADE-CERQual explained in place, in our own words.

Source: Lewin and others (2018), Applying GRADE-CERQual to qualitative evidence synthesis findings: introduction to the
series, Implementation Science 13(Suppl 1):2, and papers 3 to 6 of that series on the four components.
"""

from __future__ import annotations

from dataclasses import dataclass

from failure_lessons.vocabularies.choices import CerqualLevel, ConfidenceLevel


@dataclass(frozen=True)
class CerqualComponent:
    """One of the four: what it is about, and what to ask oneself."""

    code: str
    label: str
    about: str
    questions: tuple[str, ...]


CERQUAL_GUIDANCE = (
    CerqualComponent(
        "methodological_limitations",
        "Methodological limitations",
        "How far the way the contributing studies were designed or done gives cause for concern.",
        (
            "Which studies carry this finding, and how were they appraised?",
            "Would a weakness there, such as who was asked or how it was analysed, have bent this very finding?",
            "Do the sounder studies say the same as the weaker ones?",
        ),
    ),
    CerqualComponent(
        "coherence",
        "Coherence",
        "How well the finding fits what the studies actually report.",
        (
            "Are there data that speak against the finding, or that it smooths over?",
            "Is a pattern or an explanation claimed that the data only hint at?",
            "Have you looked for other explanations, and do they fit less well?",
        ),
    ),
    CerqualComponent(
        "adequacy",
        "Adequacy of data",
        "How rich the data behind the finding are, and how much of them there is.",
        (
            "Are the accounts detailed enough to understand what is claimed, or thin?",
            "How many studies, places and people stand behind it? A bold claim needs more.",
            "Would one more study be likely to change it?",
        ),
    ),
    CerqualComponent(
        "relevance",
        "Relevance",
        "How far the settings and people of the studies are those that the question is about.",
        (
            "How near are the setting, the people, the time and the matter to the question asked?",
            "Is part of the question covered by no study (partial), or only by something similar (indirect)?",
            "Is it unclear whether a difference matters?",
        ),
    ),
)
CERQUAL_LEVEL_MEANINGS = {
    CerqualLevel.NONE: "unlikely to lower our confidence",
    CerqualLevel.MINOR: "may lower our confidence",
    CerqualLevel.MODERATE: "will probably lower our confidence",
    CerqualLevel.SERIOUS: "very likely to lower our confidence",
}
OVERALL_LEVEL_MEANINGS = {
    ConfidenceLevel.HIGH: "highly likely that this is a fair account of the matter",
    ConfidenceLevel.MODERATE: "likely that it is a fair account",
    ConfidenceLevel.LOW: "possible that it is a fair account",
    ConfidenceLevel.VERY_LOW: "not clear whether it is a fair account",
}
