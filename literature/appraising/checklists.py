"""The questions of three published checklists, in our own short words. Read the originals before the first use."""

from __future__ import annotations

from dataclasses import dataclass

from failure_lessons.vocabularies.choices import ChecklistTool


@dataclass(frozen=True)
class ChecklistItem:
    """A question; `code` is its number in the original."""

    code: str
    text: str


@dataclass(frozen=True)
class ChecklistGroup:
    """Questions that go together; `when` says for which studies, empty for all."""

    heading: str
    items: tuple[ChecklistItem, ...]
    when: str = ""


@dataclass(frozen=True)
class Checklist:
    """A checklist with its version and where it was published."""

    tool: ChecklistTool
    version: str
    source: str
    fits: str
    groups: tuple[ChecklistGroup, ...]

    @property
    def items(self) -> tuple[ChecklistItem, ...]:
        """Every question, in order."""
        return tuple(item for group in self.groups for item in group.items)


def number_questions(prefix: str, *texts: str) -> tuple[ChecklistItem, ...]:
    """Questions numbered from 1 after a prefix."""
    return tuple(ChecklistItem(f"{prefix}{place}", text) for place, text in enumerate(texts, start=1))


CASP = Checklist(
    ChecklistTool.CASP_QUALITATIVE,
    "2018",
    "Critical Appraisal Skills Programme (2018), CASP Qualitative Checklist.",
    "Qualitative studies.",
    (
        ChecklistGroup(
            "Are the results sound?",
            (
                ChecklistItem("1", "Does it say clearly what it set out to learn?"),
                ChecklistItem("2", "Is a qualitative approach the right one for that?"),
                ChecklistItem("3", "Does the design fit the aims, and is the choice explained?"),
                ChecklistItem("4", "Were people chosen in a way that suits the aims?"),
                ChecklistItem("5", "Were the data gathered so that they can answer the question?"),
                ChecklistItem("6", "Have the researchers thought about their own part in what they were told?"),
            ),
        ),
        ChecklistGroup(
            "What are the results?",
            (
                ChecklistItem("7", "Were ethical questions taken care of?"),
                ChecklistItem("8", "Was the analysis thorough, and can it be followed?"),
                ChecklistItem("9", "Are the findings stated clearly and discussed against the evidence?"),
            ),
        ),
        ChecklistGroup(
            "Do they help here?", (ChecklistItem("10", "Does it add something of worth, and say where it may apply?"),)
        ),
    ),
)
MMAT = Checklist(
    ChecklistTool.MMAT,
    "2018",
    "Hong and others (2018), Mixed Methods Appraisal Tool (MMAT), version 2018. McGill University.",
    "Empirical studies of any design: answer the first two, then the five of the study’s design.",
    (
        ChecklistGroup(
            "Every study",
            (
                ChecklistItem("S1", "Is the research question clear?"),
                ChecklistItem("S2", "Can the data that were gathered answer it?"),
            ),
        ),
        ChecklistGroup(
            "Qualitative",
            number_questions(
                "1.",
                "Does a qualitative approach suit the question?",
                "Were the data gathered by methods that suit it?",
                "Do the findings follow from the data?",
                "Are the interpretations borne out by what people said or did?",
                "Do data, analysis and interpretation hang together?",
            ),
            "when the study is qualitative",
        ),
        ChecklistGroup(
            "Randomised trial",
            number_questions(
                "2.",
                "Was allocation properly random?",
                "Were the groups alike at the start?",
                "Are the outcome data complete?",
                "Did those who judged outcomes not know who had which treatment?",
                "Did participants keep to what they were assigned?",
            ),
            "when people or places were randomised",
        ),
        ChecklistGroup(
            "Quantitative, not randomised",
            number_questions(
                "3.",
                "Do the participants stand for the population in question?",
                "Do the measures fit both the outcome and the intervention or exposure?",
                "Are the outcome data complete?",
                "Are confounders dealt with in design or analysis?",
                "Did the intervention or exposure happen as intended?",
            ),
            "when groups or periods are compared without randomising",
        ),
        ChecklistGroup(
            "Quantitative, descriptive",
            number_questions(
                "4.",
                "Does the way of sampling suit the question?",
                "Does the sample stand for the population in question?",
                "Do the measures fit?",
                "Is bias from those who did not answer likely to be small?",
                "Does the statistical analysis suit the question?",
            ),
            "when it describes, as a survey does",
        ),
        ChecklistGroup(
            "Mixed methods",
            number_questions(
                "5.",
                "Is there a good reason for mixing methods?",
                "Are the parts truly brought together to answer the question?",
                "Is what comes of bringing them together well interpreted?",
                "Are disagreements between the parts dealt with?",
                "Does each part meet the standard of its own tradition?",
            ),
            "when qualitative and quantitative parts are combined",
        ),
    ),
)
AACODS = Checklist(
    ChecklistTool.AACODS,
    "2010",
    "Tyndall (2010), AACODS Checklist. Flinders University.",
    "Grey literature: reports, inquiries, guidance, journalism.",
    (
        ChecklistGroup(
            "",
            (
                ChecklistItem("authority", "Authority: is whoever wrote or issued it known, competent and answerable?"),
                ChecklistItem(
                    "accuracy", "Accuracy: does it say its aim, its method and its sources, and do they bear it out?"
                ),
                ChecklistItem("coverage", "Coverage: does it say what it covers and what it leaves out?"),
                ChecklistItem("objectivity", "Objectivity: is its standpoint plain, and is the other side heard?"),
                ChecklistItem("date", "Date: is it dated, and is what it draws on of that time?"),
                ChecklistItem("significance", "Significance: does it add something that matters to this question?"),
            ),
        ),
    ),
)
CHECKLISTS = {each.tool.value: each for each in (CASP, MMAT, AACODS)}
