"""Rules of agreement: data that is fixed and published before anybody answers, and what follows by them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from recommendations.consultations.statistics import Distribution

OUTCOMES = {
    "too-few": "Too few answered",
    "disagreement": "Disagreement",
    "agreed-appropriate": "Agreed: 7 to 9",
    "agreed-uncertain": "Agreed: 4 to 6",
    "agreed-inappropriate": "Agreed: 1 to 3",
    "groups-differ": "Groups differ",
    "no-agreement": "No agreement",
}
AGREED = {"high": "agreed-appropriate", "middle": "agreed-uncertain", "low": "agreed-inappropriate"}
MEASURES = ("disagreement-index", "classic", "share", "interquartile")
SCOPES = ("panel", "every-group", "groups")
MEMBERS = {
    "question",
    "measure",
    "scope",
    "groups",
    "least",
    "response",
    "share",
    "strictly",
    "against",
    "interquartile",
}


@dataclass(frozen=True)
class AgreementRule:
    """By which measure, and in whom, ratings of a question count as agreement.

    `share` and `against` are parts of all ratings: at least (or, where `strictly`, more than) `share` in one end band
    with fewer than `against` in the other. `least` people have to rate, and `response` of those invited.
    """

    measure: str = "disagreement-index"
    scope: str = "every-group"
    question: str = ""  # every rated question where empty
    groups: int = 0
    least: int = 5
    response: float = 0.0
    share: float = 0.75
    strictly: bool = False
    against: float = 0.15
    interquartile: float = 2.0

    def find_band(self, found: Distribution) -> str:
        """The band in which these people agree; empty where they do not."""
        if self.disagrees(found):
            return ""
        if self.measure == "share":
            return self.find_shared_band(found)
        if self.measure == "interquartile" and found.interquartile > self.interquartile:
            return ""
        return found.band

    def find_shared_band(self, found: Distribution) -> str:
        """The band that holds enough of all ratings."""
        for band, other in (("high", "low"), ("low", "high"), ("middle", "")):
            share = found.share(band)
            enough = share > self.share if self.strictly else share >= self.share
            if enough and not (other and found.share(other) >= self.against):
                return band
        return ""

    def disagrees(self, found: Distribution) -> bool:
        """Whether these people are of two minds."""
        if self.measure == "classic":
            return found.disagrees_by_classic_rule()
        if self.measure == "share":
            return min(found.share("low"), found.share("high")) >= self.against
        return found.disagreement_index > 1

    def decide(self, groups: Mapping[str, Distribution], response: float = 1.0) -> str:
        """The outcome, by the groups as they are shown; of all that hold, the first in the order of `OUTCOMES`."""
        panel = Distribution.sum_of(groups.values())
        if panel.n < self.least or response < self.response or self.lacks_raters(groups.values()):
            return "too-few"
        heard = [each for each in groups.values() if each.n]
        judged = [panel] if self.scope == "panel" else [panel, *heard]
        if any(self.disagrees(each) for each in judged):
            return "disagreement"
        bands = [self.find_band(each) for each in heard]
        whole = self.find_band(panel)
        if whole and self.holds_in_scope(whole, bands):
            return AGREED[whole]
        if len({band for band in bands if band}) > 1:
            return "groups-differ"
        return "no-agreement"

    def lacks_raters(self, groups: Iterable[Distribution]) -> bool:
        """Whether a group on which the rule hangs is too small to be asked."""
        enough = [each.n >= self.least for each in groups]
        if self.scope == "every-group":
            return not all(enough)
        return self.scope == "groups" and sum(enough) < self.groups

    def holds_in_scope(self, whole: str, bands: Sequence[str]) -> bool:
        """Whether the groups on which the rule hangs agree in this band."""
        if self.scope == "every-group":
            return all(band == whole for band in bands)
        return self.scope == "panel" or sum(band == whole for band in bands) >= self.groups

    def tell_words(self) -> str:
        """The rule as readers of the protocol are told."""
        measure = {
            "disagreement-index": "the median lies in one band and the RAND/UCLA disagreement index is at most 1",
            "classic": "the median lies in one band, and not both ends of the scale hold a third of the ratings",
            "share": f"{'more than' if self.strictly else 'at least'} {self.share:.0%} of the ratings lie in one band, "
            f"with fewer than {self.against:.0%} in the opposite one",
            "interquartile": "the median lies in one band and the interquartile range is at most "
            f"{self.interquartile:g}",
        }[self.measure]
        scope = {
            "panel": "in the whole panel",
            "every-group": "in the whole panel and in every reporting group",
            "groups": f"in the whole panel and in at least {self.groups} reporting groups",
        }[self.scope]
        reply = f" and {self.response:.0%} of those invited" if self.response else ""
        return f"Agreement: {measure}, {scope}. At least {self.least} people{reply} have to answer."


def read_rule(data: Mapping[str, object]) -> AgreementRule:
    """A rule from its data. Raises `ValueError` that says what is wrong with it."""
    if unknown := sorted(data.keys() - MEMBERS):
        raise ValueError(f"A rule has no “{unknown[0]}”. It has {', '.join(sorted(MEMBERS))}.")
    rule = AgreementRule(**data)  # type: ignore[arg-type]  # each member is looked at below
    for name, value, codes in (("measure", rule.measure, MEASURES), ("scope", rule.scope, SCOPES)):
        if value not in codes:
            raise ValueError(f"A rule's {name} is one of {', '.join(codes)}, not “{value}”.")
    numbers = (rule.least, rule.groups, rule.response, rule.share, rule.against, rule.interquartile)
    if any(isinstance(each, bool) or not isinstance(each, int | float) for each in numbers):
        raise ValueError("The thresholds of a rule are numbers.")
    if not (0 <= rule.response <= 1 and 0.5 <= rule.share <= 1 and 0 < rule.against <= 0.5):
        raise ValueError("A share is a part of 1: share from 0.5, against up to 0.5, response up to 1.")
    if rule.least < 1 or not 0 <= rule.interquartile <= 8:
        raise ValueError("At least one person has to answer, and an interquartile range lies between 0 and 8.")
    if rule.scope == "groups" and rule.groups < 1:
        raise ValueError("Say in how many groups the rule has to hold.")
    return rule


def find_rule_faults(rules: Iterable[Mapping[str, object]], rated: Iterable[str], groups: int) -> list[str]:
    """Why a round with these rated questions and this number of groups cannot be decided by its rules."""
    faults, ruled = [], set()
    for data in rules:
        try:
            rule = read_rule(data)
        except (ValueError, TypeError) as error:
            faults.append(str(error))
            continue
        ruled.add(rule.question)
        if rule.scope == "groups" and rule.groups > groups:
            faults.append(f"A rule asks for agreement in {rule.groups} groups, and there are {groups}.")
    codes = set(rated)
    faults += [f"A rule is about the question “{each}”, which is not rated." for each in sorted(ruled - codes - {""})]
    if "" not in ruled:
        faults += [f"No rule decides the question “{code}”." for code in sorted(codes - ruled)]
    return faults


def find_rule(rules: Iterable[Mapping[str, object]], question: str) -> AgreementRule:
    """The rule of a question: its own before the one for every question."""
    read = [read_rule(each) for each in rules]
    return next(each for wanted in (question, "") for each in read if each.question == wanted)
