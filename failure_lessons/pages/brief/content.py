"""What a brief says: one value, plain text throughout, from which page, Word file and PDF are made alike.

It follows the habit of one page of messages, three of summary, and the evidence after that. Everything comes from the
very editions that the brief names and from what those editions pin, however old they are by now.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

from django.db.models import Q
from django.http import QueryDict

from failure_lessons.pages.brief.composer import Composer
from failure_lessons.pages.brief.parts import Brief
from failure_lessons.pages.brief.selection import BRIEFED, Pick, read_selection
from failure_lessons.publishing.dependencies import map_evidence
from failure_lessons.publishing.models import Edition, EditionCitation
from failure_lessons.publishing.pins import PinMeaning
from failure_lessons.publishing.registry import KINDS

DEFAULT_TITLE = "My brief"
MOST_CODES_IN_A_TITLE = 6


def build_brief(query: QueryDict, *, site: str, day: dt.date) -> Brief:
    """The brief that a query string asks for. At most five queries to the database, however many records.

    `site` is the site's own address without a slash at its end. Whatever was not understood is in `messages`;
    everything else is there all the same. Nothing is read but editions.
    """
    selection, place, messages = read_selection(query)
    chosen = editions_of(selection.picks, messages)
    picks = tuple(Pick.of(edition) for edition in chosen)
    made = Brief(
        replace(selection, picks=picks),
        selection.title or name_brief(chosen),
        note_lines(selection.note),
        site,
        day,
        place,
        messages,
    )
    fill_brief(made, chosen)
    return made


def name_brief(chosen: Sequence[Edition]) -> str:
    """What a brief is called whose reader gave it no title."""
    if len(chosen) == 1:
        return chosen[0].public_title
    codes = [edition.code for edition in chosen]
    if chosen and all(codes) and len(codes) <= MOST_CODES_IN_A_TITLE:
        return f"Brief on {', '.join(codes[:-1])} and {codes[-1]}"
    return f"Brief on {len(chosen)} records" if chosen else DEFAULT_TITLE


def editions_of(picks: Sequence[Pick], messages: list[str]) -> list[Edition]:
    """The editions that these picks mean, each record once, in order; a message for each that means none. One query.

    Where a code or an address was used by two records one after the other, the edition that was published first is
    meant: what is published later never changes what a shared brief says.
    """
    if not picks:
        return []
    wanted = Q()
    for pick in picks:
        address, _, slug = pick.name.rpartition("/")
        wanted |= Q(kind=KIND_AT[address], slug=slug) if address else Q(code=pick.name)
    rows = Edition.objects.filter(wanted).without_text().order_by("revision")
    by_name: dict[str, list[Edition]] = {}
    for edition in rows:
        by_name.setdefault(f"{KINDS[edition.kind].address}/{edition.slug}", []).append(edition)
        if edition.code:
            by_name.setdefault(edition.code, []).append(edition)
    chosen: dict[UUID, Edition] = {}
    for pick in picks:
        if found := edition_meant(pick, by_name.get(pick.name, []), messages):
            chosen.setdefault(found.record_id, found)
    return list(chosen.values())


KIND_AT = {kind.address: kind.code for kind in KINDS.values()}


def edition_meant(pick: Pick, editions: list[Edition], messages: list[str]) -> Edition | None:
    """The one of `editions` (all of this name, oldest first) that a pick means."""
    if not editions:
        messages.append(f"Nothing was ever published as {pick.name}.")
        return None
    if editions[0].kind not in BRIEFED:
        messages.append(
            f"{pick.name} is a {KINDS[editions[0].kind].label.lower()}. A brief holds situations, recommendations, "
            "lessons, findings, case studies and literature reviews; their sources come along."
        )
        return None
    newest = next((edition for edition in editions if edition.is_current), editions[-1])
    if pick.number is None:
        return newest
    exact = next((edition for edition in editions if edition.number == pick.number), None)
    if exact is None:
        messages.append(f"{pick.name} has no edition {pick.number}. This is edition {newest.number}.")
    return exact or newest


def fill_brief(made: Brief, chosen: Sequence[Edition]) -> None:
    """Compose the items with all they rest on, and what became of them. Four queries."""
    if not chosen:
        return
    current = {
        edition.record_id: edition
        for edition in Edition.objects.current()
        .filter(record_id__in=[each.record_id for each in chosen])
        .without_text()
    }
    live = [edition.pk for edition in chosen if not edition.withdrawn_at]
    closures = map_evidence(live)
    keys = {*live, *(key for found in closures.values() for key in found)}
    whole = {edition.pk: edition for edition in Edition.objects.filter(pk__in=keys).defer("body", "search")}
    composer, told = Composer(made), tell_what_became(chosen, made.day)
    for edition in chosen:
        pinned = [whole[key] for key in sorted(closures.get(edition.pk, ()))]
        became = told.get(edition.record_id, [])
        composer.add(whole.get(edition.pk, edition), pinned, current.get(edition.record_id), became)
    if not made.depth:  # the evidence and the list of sources stand in the whole brief alone
        composer.close()
        return
    made.lessons.clear()
    made.sources.clear()


def tell_what_became(chosen: Sequence[Edition], day: dt.date) -> dict[UUID, list[str]]:
    """What became of these records by the dossiers about them, in sentences. One query."""
    tellers = {code: kind.tell for code, kind in KINDS.items() if kind.tell}
    pins = (
        EditionCitation.objects.filter(
            meaning=PinMeaning.ABOUT,
            cites__record_id__in=[each.record_id for each in chosen],
            edition__kind__in=list(tellers),
            edition__superseded_at=None,
            edition__withdrawn_at=None,
        )
        .select_related("edition", "cites")
        .only("edition__kind", "edition__document", "cites__record_id")
        .order_by("edition__sort_key", "pk")
    )
    found: dict[UUID, list[str]] = {}
    for pin in pins:
        found.setdefault(pin.cites.record_id, []).append(tellers[pin.edition.kind](pin.edition.content, day))
    return found


def note_lines(note: str) -> list[str]:
    """A note's lines, without empty ones."""
    return [stripped for each in note.split("\n") if (stripped := each.strip())]
