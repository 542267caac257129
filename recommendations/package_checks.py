"""What can be wrong between the recommendations of a package."""

from __future__ import annotations

from collections.abc import Iterator

from failure_lessons.packages.validation import EntryFault
from failure_lessons.publishing.registry import Entry


def check_relations(entries: list[Entry]) -> Iterator[EntryFault]:
    """Recommendations that relate to themselves, or say the same twice."""
    stated: dict[tuple[str, ...], str] = {}
    for number, entry in enumerate(entries):
        for index, relation in enumerate(entry.get("relations", [])):
            at = ("relations", index)
            if relation["to"] == entry["code"]:
                yield number, at, f"{entry['code']} cannot relate to itself.", "unsound"
            pair = (*sorted([entry["code"], relation["to"]]), relation["type"])
            if pair in stated:
                message = f"That {pair[0]} {relation['type']} {pair[1]} is stated already, at {stated[pair]}."
                yield number, at, message, "unsound"
            stated[pair] = f"/{number}/relations/{index}"


def order_departures(entry: Entry) -> None:
    """Departures stand in the order of check and words found."""
    if "departures" in entry:
        entry["departures"] = sorted(entry["departures"], key=lambda each: (each["check"], each["found"]))
