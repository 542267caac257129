"""The questions of three published checklists, in our own short words. Read the originals before the first use."""

from __future__ import annotations

from dataclasses import dataclass

from failure_lessons.vocabularies.choices import AppraisalTool


@dataclass(frozen=True)
class Item:
    """A question; `code` is its number in the original."""

    code: str
    text: str


@dataclass(frozen=True)
class Group:
    """Questions that go together; `when` says for which studies, empty for all."""

    heading: str
    items: tuple[Item, ...]
    when: str = ""


@dataclass(frozen=True)
class Checklist:
    """A checklist with its version and where it was published."""

    tool: AppraisalTool
    version: str
    source: str
    fits: str
    groups: tuple[Group, ...]

    @property
    def items(self) -> tuple[Item, ...]:
        """Every question, in order."""
        return tuple(item for group in self.groups for item in group.items)


def numbered(prefix: str, *texts: str) -> tuple[Item, ...]:
    """Questions numbered from 1 after a prefix."""
    return tuple(Item(f"{prefix}{place}", text) for place, text in enumerate(texts, start=1))


CASP = Checklist(
    AppraisalTool.CASP_QUALITATIVE,
    "2018",
    "Critical Appraisal Skills Programme (2018), CASP Qualitative Checklist.",
    "Qualitative studies.",
    (
        Group(
            "Are the results sound?",
            (
                Item("1", "Does it say clearly what it set out to learn?"),
                Item("2", "Is a qualitative approach the right one for that?"),
                Item("3", "Does the design fit the aims, and is the choice explained?"),
                Item("4", "Were people chosen in a way that suits the aims?"),
                Item("5", "Were the data gathered so that they can answer the question?"),
                Item("6", "Have the researchers thought about their own part in what they were told?"),
            ),
        ),
        Group(
            "What are the results?",
            (
                Item("7", "Were ethical questions taken care of?"),
                Item("8", "Was the analysis thorough, and can it be followed?"),
                Item("9", "Are the findings stated clearly and discussed against the evidence?"),
            ),
        ),
        Group("Do they help here?", (Item("10", "Does it add something of worth, and say where it may apply?"),)),
    ),
)
MMAT = Checklist(
    AppraisalTool.MMAT,
    "2018",
    "Hong and others (2018), Mixed Methods Appraisal Tool (MMAT), version 2018. McGill University.",
    "Empirical studies of any design: answer the first two, then the five of the study’s design.",
    (
        Group(
            "Every study",
            (
                Item("S1", "Is the research question clear?"),
                Item("S2", "Can the data that were gathered answer it?"),
            ),
        ),
        Group(
            "Qualitative",
            numbered(
                "1.",
                "Does a qualitative approach suit the question?",
                "Were the data gathered by methods that suit it?",
                "Do the findings follow from the data?",
                "Are the interpretations borne out by what people said or did?",
                "Do data, analysis and interpretation hang together?",
            ),
            "when the study is qualitative",
        ),
        Group(
            "Randomised trial",
            numbered(
                "2.",
                "Was allocation properly random?",
                "Were the groups alike at the start?",
                "Are the outcome data complete?",
                "Did those who judged outcomes not know who had which treatment?",
                "Did participants keep to what they were assigned?",
            ),
            "when people or places were randomised",
        ),
        Group(
            "Quantitative, not randomised",
            numbered(
                "3.",
                "Do the participants stand for the population in question?",
                "Do the measures fit both the outcome and the intervention or exposure?",
                "Are the outcome data complete?",
                "Are confounders dealt with in design or analysis?",
                "Did the intervention or exposure happen as intended?",
            ),
            "when groups or periods are compared without randomising",
        ),
        Group(
            "Quantitative, descriptive",
            numbered(
                "4.",
                "Does the way of sampling suit the question?",
                "Does the sample stand for the population in question?",
                "Do the measures fit?",
                "Is bias from those who did not answer likely to be small?",
                "Does the statistical analysis suit the question?",
            ),
            "when it describes, as a survey does",
        ),
        Group(
            "Mixed methods",
            numbered(
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
    AppraisalTool.AACODS,
    "2010",
    "Tyndall (2010), AACODS Checklist. Flinders University.",
    "Grey literature: reports, inquiries, guidance, journalism.",
    (
        Group(
            "",
            (
                Item("authority", "Authority: is whoever wrote or issued it known, competent and answerable?"),
                Item("accuracy", "Accuracy: does it say its aim, its method and its sources, and do they bear it out?"),
                Item("coverage", "Coverage: does it say what it covers and what it leaves out?"),
                Item("objectivity", "Objectivity: is its standpoint plain, and is the other side heard?"),
                Item("date", "Date: is it dated, and is what it draws on of that time?"),
                Item("significance", "Significance: does it add something that matters to this question?"),
            ),
        ),
    ),
)
CHECKLISTS = {each.tool.value: each for each in (CASP, MMAT, AACODS)}
