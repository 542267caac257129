"""What a publication or a withdrawal will do, decided once: the workbench shows the plan and `services` applies it.

Nothing here writes.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from django.db.models import Max

from failure_lessons.publishing.carrying import carry_through
from failure_lessons.publishing.change_kinds import ChangeKind
from failure_lessons.publishing.dependencies import find_dependents, map_direct_pins
from failure_lessons.publishing.diff import Difference, PinChange, diff_with_draft
from failure_lessons.publishing.models import Edition, EditionCitation, Publishable, Record
from failure_lessons.publishing.pins import PinMeaning
from failure_lessons.publishing.planned import CarriedEdition, Made, Pinned, PlannedEdition, rank_of_planned
from failure_lessons.publishing.renditions import RecordKey, Rendition, companions_of, parts_of, render_records
from failure_lessons.publishing.submissions import Submission, hash_words
from failure_lessons.publishing.validation import belongs_to, describe_unpublished, find_unpublished_evidence
from failure_lessons.publishing.weighing import NOTHING_SAID, Claim, weigh_all


@dataclass(frozen=True)
class PublicationPlan:
    """What will happen: editions to be made, withdrawn ones, and those that will be marked.

    `refused` holds every reason in the content for which nothing of it may happen, `overstated` among them: why it is
    more than a correction of form. `planned` is in the order of
    dependence. `marked` are the current editions that rest, however far down, on one that goes: readers are told that
    the evidence has changed since. `carried` are those that rest on what only had its form corrected, and get the new
    words of it in an edition of their own. `marked_in_passing` are marked too, and replaced in this very publication.
    `companions` are the records that go along with those asked for. `seen_in` is, by `record_id`, the submission whose
    author saw these very words of what is planned; `unseen` says, in sentences, what nobody who submitted has seen.
    """

    refused: tuple[str, ...] = ()
    overstated: tuple[str, ...] = ()
    planned: tuple[PlannedEdition, ...] = ()
    carried: tuple[CarriedEdition, ...] = ()
    unchanged: tuple[Edition, ...] = ()
    withdrawn: tuple[Edition, ...] = ()
    marked: tuple[Edition, ...] = ()
    marked_in_passing: tuple[Edition, ...] = ()
    renditions: tuple[Rendition, ...] = field(default=(), repr=False)
    companions: tuple[Record, ...] = field(default=(), repr=False)
    seen_in: Mapping[uuid.UUID, Submission] = field(default_factory=dict, repr=False)
    unseen: tuple[str, ...] = ()

    @property
    def digest(self) -> str:
        """A hash of all words that it is about: two plans with the same one show a person the same."""
        return hash_words(sorted(f"{each.record.record_id} {each.words_sha256}" for each in self.renditions))

    @property
    def first(self) -> list[Rendition]:
        """What readers have not seen before, or not since it was withdrawn."""
        return [each.rendition for each in self.planned if each.replaces is None]

    @property
    def replaced(self) -> list[PlannedEdition]:
        """New editions of what readers see."""
        return [each for each in self.planned if each.replaces is not None]

    def __bool__(self) -> bool:
        return bool(self.planned or self.withdrawn)


def plan_publication(
    records: Sequence[Publishable], change: ChangeKind | None = None, says_the_same: bool = False
) -> PublicationPlan:
    """What publishing these records as they stand will do.

    `change` is what kind of change somebody says it is, in place of what those who submitted said; `says_the_same`
    that they compared both and find the same meaning in other words.
    """
    companions = companions_of(records)
    withdrawn = tuple(
        f"{companion} was withdrawn: cite something else, or publish it again first."
        for companion in companions
        if isinstance(companion, Publishable) and companion.state == Publishable.State.WITHDRAWN
    )
    renditions = render_records([*records, *parts_of(records), *companions])
    left = find_former_parts(records, {each.record.record_id for each in renditions})
    submissions = Submission.objects.standing_for(records)
    said = {record_id: ChangeKind(each.change) for record_id, each in submissions.items() if each.change}
    claim = Claim({each.record_id: change or said.get(each.record_id) for each in records}, says_the_same)
    plan = plan_editions(renditions, companions=companions, refused=withdrawn, left=left, claim=claim)
    if not submissions:
        return plan
    seen_in = dict(match_submissions(plan, submissions))
    return replace(plan, seen_in=seen_in, unseen=tuple(describe_unseen(plan, submissions, seen_in)))


def match_submissions(
    plan: PublicationPlan, submissions: Mapping[uuid.UUID, Submission]
) -> Iterator[tuple[uuid.UUID, Submission]]:
    """For each record of the plan, the submission whose author saw exactly these words: its own before others'."""
    ids = {each.key: each.record.record_id for each in plan.renditions}
    distinct = {each.pk: each for each in submissions.values()}.values()
    for each in (planned.rendition for planned in plan.planned):
        record_id = each.record.record_id
        own = submissions.get(ids.get(belongs_to(each), record_id))
        for submission in [own] if own else distinct:
            if submission.covers(record_id, each.words_sha256):
                yield record_id, submission
                break


def describe_unseen(
    plan: PublicationPlan, submissions: Mapping[uuid.UUID, Submission], seen_in: Mapping[uuid.UUID, Submission]
) -> Iterator[str]:
    """A sentence for each record that would be published in words which nobody saw when they submitted."""
    own = {each.key for each in plan.renditions if each.record.record_id in submissions}
    for each in (planned.rendition for planned in plan.planned):
        if each.record.record_id in seen_in:
            continue
        if belongs_to(each) in own:
            yield f"{each.name} was changed after it was submitted; submit it again."
        else:
            yield (
                f"{each.name} would be published along, and was changed after this was submitted; submit it again, or "
                f"publish {each.slug} on a submission of its own first."
            )


def plan_editions(
    renditions: Sequence[Rendition],
    companions: Sequence[Record] = (),
    refused: tuple[str, ...] = (),
    left: Sequence[Edition] = (),
    claim: Claim = NOTHING_SAID,
) -> PublicationPlan:
    """What storing these renditions, which come in the order of dependence, will do. A constant number of queries.

    Without a reason in `refused`, it looks for reasons itself. The editions `left` are withdrawn along with it.
    """
    keys = {each.key for each in renditions}
    ids = [each.record.record_id for each in renditions]
    wanted = {key for each in renditions for key in each.rests_on | each.about} - keys
    slugs = {key.slug for key in wanted} | {each.slug for each in renditions}
    kinds = {key.kind for key in wanted} | {each.kind for each in renditions}  # an index knows slugs by their kind
    at_address = {
        RecordKey(edition.kind, edition.slug): edition
        for edition in Edition.objects.current().filter(kind__in=kinds, slug__in=slugs).without_text()
    }
    leaving = {edition.pk for edition in left}
    outside = {key: edition for key, edition in at_address.items() if key in wanted and edition.pk not in leaving}
    gone_since = find_last_editions({key for each in renditions for key in each.told_of} - keys - outside.keys())
    previous = {
        edition.record_id: edition for edition in Edition.objects.current().filter(record_id__in=ids).without_text()
    }
    numbers: dict[uuid.UUID, int] = dict(
        Edition.objects.filter(record_id__in=ids).order_by().values_list("record_id").annotate(Max("number"))
    )
    pinned = map_direct_pins(edition.pk for edition in previous.values())
    planned, unchanged = choose_editions(renditions, outside, gone_since, previous, numbers, pinned)
    too_much = [*weigh_all(planned, pinned, claim)]
    carried = carry_through(planned, leaving)
    made: list[Made] = [*planned, *carried]
    gone = [each.replaces.pk for each in made if each.replaces]
    alarming = [each.replaces.pk for each in planned if each.replaces and each.change != ChangeKind.FORM]
    reached = [edition for edition in list_to_mark([*alarming, *leaving]) if edition.pk not in leaving]
    mark_planned(made, {edition.pk for edition in reached})
    reasons = [*find_refusals(renditions, keys | outside.keys(), gone_since, at_address), *too_much]
    return PublicationPlan(
        refused=refused or tuple(dict.fromkeys(reasons)),
        overstated=tuple(too_much),
        planned=tuple(planned),
        carried=tuple(carried),
        unchanged=tuple(edition for edition in unchanged if edition.pk not in gone),
        withdrawn=tuple(left),
        marked=tuple(edition for edition in reached if edition.pk not in gone),
        marked_in_passing=tuple(edition for edition in reached if edition.pk in gone),
        renditions=tuple(renditions),
        companions=tuple(companions),
    )


def find_refusals(
    renditions: Sequence[Rendition],
    known: Collection[RecordKey],
    ever: Collection[RecordKey],
    at_address: Mapping[RecordKey, Edition],
) -> Iterator[str]:
    """Every reason in the content for which these must not be published."""
    yield from (f"{each.name}: {problem}" for each in renditions for problem in each.missing)
    yield from (describe_unpublished(each, key) for each, key in find_unpublished_evidence(renditions, known, ever))
    for each in renditions:
        there = at_address.get(each.key)
        if there and there.record_id != each.record.record_id:
            yield f"{each.name}: another published record already has the address {each.slug}."


def choose_editions(
    renditions: Sequence[Rendition],
    outside: Mapping[RecordKey, Edition],
    gone_since: Mapping[RecordKey, Edition],
    previous: Mapping[uuid.UUID, Edition],
    numbers: Mapping[uuid.UUID, int],
    pinned: Mapping[int, Mapping[int, str]],
) -> tuple[list[PlannedEdition], list[Edition]]:
    """The editions to be made, in the order of the ledger, and those that stay.

    A pin that moves makes a new edition, so each rendition is looked at after everything it rests on.
    """
    standing: dict[RecordKey, Edition | PlannedEdition] = dict(outside)
    planned: list[PlannedEdition] = []
    unchanged: list[Edition] = []
    for each in group_by_kind(renditions):
        # what is not published yet is among the reasons to refuse
        pins = tuple(standing[key] for key in sorted(each.rests_on) if key in standing)
        told_of = {**gone_since, **standing}
        about = tuple(told_of[key] for key in sorted(each.told_of) if key in told_of)
        before = previous.get(each.record.record_id)
        if before and before.sha256 == each.sha256 and len(pins) == len(each.rests_on):
            there = {pin.pk: PinMeaning.RESTS_ON for pin in pins if isinstance(pin, Edition)}
            there |= {pin.pk: PinMeaning.ABOUT for pin in about if isinstance(pin, Edition)}
            if there == pinned[before.pk] and len(there) == len(pins) + len(about):
                standing[each.key] = before
                unchanged.append(before)
                continue
        new = PlannedEdition(each, (numbers.get(each.record.record_id) or 0) + 1, before, pins, about)
        standing[each.key] = new
        planned.append(new)
    return planned, unchanged


def find_last_editions(keys: Collection[RecordKey]) -> dict[RecordKey, Edition]:
    """What stood last at these addresses, which readers no longer see there. One query, none for no address."""
    kinds, slugs = {key.kind for key in keys}, {key.slug for key in keys}
    rows = Edition.objects.filter(kind__in=kinds, slug__in=slugs).without_text() if keys else ()
    found: dict[RecordKey, Edition] = {}
    for edition in sorted(rows, key=lambda edition: edition.revision):
        if (key := RecordKey(edition.kind, edition.slug)) in keys:
            found[key] = edition
    return found


def group_by_kind(renditions: Iterable[Rendition]) -> Iterator[Rendition]:
    """The same renditions, kind after kind, in the order in which the kinds first appear."""
    by_kind: dict[str, list[Rendition]] = {}
    for each in renditions:
        by_kind.setdefault(each.kind, []).append(each)
    for group in by_kind.values():
        yield from group


def mark_planned(planned: Iterable[Made], reached: set[int]) -> None:
    """Note which planned editions rest on something that has changed since, or does so now.

    A correction of form leaves the mark of the edition before as it was.
    """
    for each in sorted(planned, key=rank_of_planned):
        each.evidence_changed = any(is_marked(pin, reached) for pin in each.pins)
        if each.replaces and each.change == ChangeKind.FORM:
            each.evidence_changed |= is_marked(each.replaces, reached)


def is_marked(pin: Pinned, reached: set[int]) -> bool:
    """Whether it carries the mark once all is done."""
    if isinstance(pin, Edition):
        return pin.evidence_changed_at is not None or pin.pk in reached
    return pin.evidence_changed


def list_to_mark(gone: Sequence[int]) -> list[Edition]:
    """Current editions that rest on any of these, however far down, and are not marked yet. One query."""
    if not gone:
        return []
    found = find_dependents(gone).filter(evidence_changed_at=None)
    return list(found.without_text().order_by("kind", "sort_key", "pk"))


def find_former_parts(owners: Sequence[Record], present: Collection[uuid.UUID]) -> list[Edition]:
    """Current editions of what was once published as part of these records, without those `present`. Two queries.

    What a record is made of is read from what was published: its row in the workbench may be gone.
    """
    ids = [each.record_id for each in owners]
    addresses = set(Edition.objects.filter(record_id__in=ids).order_by().values_list("kind", "slug"))
    if not addresses:
        return []
    pinned = EditionCitation.objects.filter(edition__record_id__in=ids).order_by().values("cites__record_id")
    there = Edition.objects.current().filter(record_id__in=pinned, document__contains='"part_of":')
    there = there.exclude(record_id__in=list(present)).defer("body", "search")
    return [each for each in there.order_by("kind", "sort_key", "pk") if owner_of(each) in addresses]


def owner_of(edition: Edition) -> RecordKey | None:
    """The record that an edition is part of, by its document."""
    owner = edition.content.get("derived", {}).get("part_of")
    return RecordKey(owner["kind"], owner["slug"]) if owner else None


def plan_withdrawal(records: Sequence[Publishable]) -> PublicationPlan:
    """What withdrawing these records will do, with all that was ever published as part of them."""
    ids = [each.record_id for each in (*records, *parts_of(records))]
    ids += [each.record_id for each in find_former_parts(records, ids)]
    withdrawn = tuple(Edition.objects.current().filter(record_id__in=ids).without_text().order_by("pk"))
    if not withdrawn:
        return PublicationPlan(refused=tuple(f"{record} is not published." for record in records))
    gone = [edition.pk for edition in withdrawn]
    return PublicationPlan(
        withdrawn=withdrawn, marked=tuple(edition for edition in list_to_mark(gone) if edition.pk not in gone)
    )


@dataclass(frozen=True)
class Replacement:
    """An edition that will give way to a new one, and what differs."""

    edition: Edition
    rendition: Rendition
    difference: Difference
    change: ChangeKind | None = None


@dataclass(frozen=True)
class PlanPreview:
    """A plan as a person reads it: with the words that differ in what is replaced."""

    plan: PublicationPlan
    replaced: tuple[Replacement, ...]

    @property
    def reworded(self) -> list[Replacement]:
        """Replacements that say or rest on something else, the record itself before its parts."""
        return [each for each in reversed(self.replaced) if each.difference]

    @property
    def carried(self) -> list[Replacement]:
        """Replacements in which only what is computed beside the words differs."""
        return [each for each in self.replaced if not each.difference]


def preview_plan(plan: PublicationPlan) -> PlanPreview:
    """The plan with what differs, which needs the texts of what is replaced: three queries."""
    gone = [each.replaces.pk for each in plan.planned if each.replaces]
    if not gone:
        return PlanPreview(plan, ())
    texts = {edition.pk: edition for edition in Edition.objects.filter(pk__in=gone).defer("body", "search")}
    pinned = map_direct_pins(gone)
    cited = Edition.objects.filter(pk__in={key for keys in pinned.values() for key in keys}).without_text()
    held = {edition.pk: edition for edition in cited}
    found = []
    for each in plan.planned:
        if each.replaces:
            before = [held[key] for key in pinned[each.replaces.pk]]
            changes = tuple(list_pin_changes(before, each))
            edition = texts[each.replaces.pk]
            found.append(
                Replacement(edition, each.rendition, diff_with_draft(edition, each.rendition, changes), each.change)
            )
    return PlanPreview(plan, tuple(found))


def list_pin_changes(before: Iterable[Edition], new: PlannedEdition) -> Iterator[PinChange]:
    """Evidence that will come, go or move to another edition."""
    old = {RecordKey(pin.kind, pin.slug): pin for pin in before}
    coming = {
        RecordKey(pin.kind, pin.slug) if isinstance(pin, Edition) else pin.key: pin for pin in (*new.pins, *new.about)
    }
    named = new.rendition.rests_on | new.rendition.about
    for key in sorted({*old, *named}):
        was, will = old.get(key), coming.get(key)
        if (was is not None and was is will) or (isinstance(will, Edition) and was and was.pk == will.pk):
            continue
        # what is not published yet can only come as its first edition
        number = will.number if will else 1 if key in named else None
        shown = will or was
        yield PinChange(key.kind, key.slug, shown.title if shown else key.slug, was.number if was else None, number)
