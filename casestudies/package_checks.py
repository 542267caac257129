"""What can be wrong between the entries of a package about case studies, and within a comparison."""

from __future__ import annotations

from collections.abc import Iterator

from casestudies.identifiers import identifier_fault
from failure_lessons.packages.validation import EntryFault, describe_missing
from failure_lessons.publishing.registry import Entry


def check_cases(entries: list[Entry]) -> Iterator[EntryFault]:
    """Organisations that are described in two ways; identifiers that are mistyped or stand with two of them; figures
    that are compared with nobody says what."""
    yield from check_organisations(entries)
    yield from check_identifiers(entries)
    yield from check_comparators(entries)


def check_organisations(entries: list[Entry]) -> Iterator[EntryFault]:
    """One slug, one organisation."""
    seen: dict[str, Entry] = {}
    for number, entry in enumerate(entries):
        for index, organisation in enumerate(entry.get("organisations", [])):
            first = seen.setdefault(organisation["slug"], organisation)
            if first != organisation:
                message = f"The organisation “{organisation['slug']}” is described otherwise in another case."
                yield number, ("organisations", index), message, "unsound"


def check_comparators(entries: list[Entry]) -> Iterator[EntryFault]:
    """Figures that are compared with others, and nobody says with whose."""
    for number, entry in enumerate(entries):
        for index, each in enumerate(entry.get("indicators", [])):
            compared = any(point.get("comparator") is not None for point in each.get("values", []))
            if compared and not each.get("comparator"):
                message = f"The indicator “{each['name']}” does not say what it is compared with."
                yield number, ("indicators", index, "comparator"), message, "unsound"


def check_identifiers(entries: list[Entry]) -> Iterator[EntryFault]:
    """Identifiers of organisations that are mistyped, or stand with two organisations."""
    holders: dict[tuple[str, str], str] = {}
    for number, entry in enumerate(entries):
        for index, organisation in enumerate(entry.get("organisations", [])):
            for scheme, code in organisation.get("identifiers", {}).items():
                at = ("organisations", index, "identifiers", scheme)
                if words := identifier_fault(scheme, code):
                    yield number, at, words, "not-an-identifier"
                first = holders.setdefault((scheme, code), organisation["slug"])
                if first != organisation["slug"]:
                    message = f"{scheme.upper()} “{code}” is that of “{first}”: it belongs to one organisation."
                    yield number, at, message, "not-an-identifier"


def check_bodies(entries: list[Entry]) -> Iterator[EntryFault]:
    """Identifiers that are mistyped, members of what is no class, successions in a circle."""
    after = {entry["slug"]: [link["body"] for link in entry.get("successors", [])] for entry in entries}
    for number, entry in enumerate(entries):
        for scheme, code in entry.get("identifiers", {}).items():
            if words := identifier_fault(scheme, code):
                yield number, ("identifiers", scheme), words, "not-an-identifier"
        if entry.get("members") and not entry.get("is_class"):
            yield number, ("members",), "Only a class of bodies has members.", "unsound"
        seen, todo = set(), list(after[entry["slug"]])
        while todo:
            body = todo.pop()
            if body == entry["slug"]:
                yield number, ("successors",), "It would succeed itself: a succession has no circle.", "unsound"
                break
            if body not in seen:
                seen.add(body)
                todo += after.get(body, [])


def check_comparisons(entries: list[Entry]) -> Iterator[EntryFault]:
    """Scores that stand on no anchor, or on no condition."""
    for entry_number, entry in enumerate(entries):
        anchors = {
            condition["key"]: {float(score) for score in condition["anchors"]}
            for condition in [*entry["conditions"], entry["outcome"]]
        }
        for number, case in enumerate(entry["cases"]):
            for key, value in case["values"].items():
                at = ("cases", number, "values", key)
                if key not in anchors:
                    yield entry_number, at, describe_missing(key, set(anchors), "condition"), "unsound"
                elif float(value["score"]) not in anchors[key]:
                    choices = ", ".join(f"{score:g}" for score in sorted(anchors[key]))
                    yield entry_number, at, f"{value['score']:g} is not one of the anchors {choices}.", "unsound"


def order_calibration_findings(entry: Entry) -> None:
    """The findings behind a score are a set."""
    for case in entry.get("cases", []):
        for value in case["values"].values():
            value["findings"] = sorted(value.get("findings", []))
