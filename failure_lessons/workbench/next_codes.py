"""The next free code of a kind of record, such as LS13 after LS12."""

from __future__ import annotations

import re
from collections import defaultdict

from django.db.models import Model

NUMBERED = re.compile(r"([A-Z]+)(\d+)")


def suggest_code(model: type[Model]) -> str:
    """One more than the highest, with the letters that most of them have; nothing where there is none. One query."""
    found: dict[str, list[int]] = defaultdict(list)
    for code in model._default_manager.values_list("code", flat=True):
        if match := NUMBERED.fullmatch(code):
            found[match[1]].append(int(match[2]))
    if not found:
        return ""
    letters = max(found, key=lambda each: (len(found[each]), each))
    return f"{letters}{max(found[letters]) + 1}"
