"""A GRADE-CERQual assessment at a glance: four components and the overall level, as steps and words."""

from __future__ import annotations

from dataclasses import dataclass

from failure_lessons.types import Document
from failure_lessons.vocabularies.choices import CerqualLevel, ConfidenceLevel

COMPONENT_LABELS = {
    "methodological_limitations": "Methodological limitations",
    "coherence": "Coherence",
    "adequacy": "Adequacy of data",
    "relevance": "Relevance",
}
ROW, WIDTH, STEP = 44, 360, 22
MOST_STEPS = 4


@dataclass(frozen=True)
class ProfilePart:
    """One component or the overall level. `filled` of four steps are filled: more is better."""

    name: str
    label: str
    level: str
    reason: str
    filled: int
    y: float

    @property
    def overall(self) -> bool:
        return self.name == "overall"

    @property
    def steps(self) -> list[tuple[float, bool]]:
        """Where each step stands, and whether it is filled."""
        return [(WIDTH - (MOST_STEPS - index) * STEP, index < self.filled) for index in range(MOST_STEPS)]

    @property
    def label_y(self) -> float:
        return self.y + 16

    @property
    def level_y(self) -> float:
        return self.y + 34

    @property
    def step_y(self) -> float:
        return self.y + 10


@dataclass(frozen=True)
class Profile:
    """What the picture and the table of an assessment show; `parts` are the rows."""

    parts: tuple[ProfilePart, ...]
    words: str
    height: float
    width: int = WIDTH

    @property
    def explanation(self) -> str:
        """Why the overall level was chosen: the reason given, or the concerns, the gravest first."""
        *components, overall = self.parts
        if overall.reason:
            return overall.reason
        concerns = []
        for filled in range(1, MOST_STEPS):
            named = [part.label.lower() for part in components if part.filled == filled]
            if named:
                level = next(part.level for part in components if part.filled == filled)
                concerns.append(f"{level} about {' and '.join(filter(None, [', '.join(named[:-1]), named[-1]]))}")
        return f"{'; '.join(concerns).capitalize()}." if concerns else "No or very minor concerns."


def draw_profile(cerqual: Document) -> Profile:
    """The profile of an agreed assessment in package form."""
    parts = []
    for index, (name, label) in enumerate([*COMPONENT_LABELS.items(), ("overall", "Overall confidence")]):
        given = cerqual.get(name) or {}
        scale = list((ConfidenceLevel if name == "overall" else CerqualLevel).choices)
        place = next((at for at, (code, _) in enumerate(scale) if code == given.get("level")), None)
        words = str(scale[place][1]) if place is not None else "Not assessed"
        filled = MOST_STEPS - place if place is not None else 0
        parts.append(ProfilePart(name, label, words, given.get("reason", ""), filled, index * ROW))
    words = "; ".join(f"{part.label}: {part.level.lower()}" for part in parts) + "."
    return Profile(tuple(parts), words, len(parts) * ROW + 4)
