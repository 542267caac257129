"""The plan shown before is exactly what publishing then does, whatever was changed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from failure_lessons.publishing.models import Edition, EditionCitation
from failure_lessons.publishing.plan import plan_publication, plan_withdrawal
from failure_lessons.publishing.planned import CarriedEdition, PlannedEdition, rank_of_planned
from failure_lessons.publishing.services import (
    CannotPublish,
    publish_many,
    return_to_author,
    submit_many,
    withdraw_record,
)
from tests import factories
from tests.examples import examples

CHANGES = (
    "finding",
    "quotation",
    "event",
    "case-title",
    "lesson",
    "recommendation",
    "reference",
    "another-source",
    "rename",
)


def change_something(what, count, case, lesson, recommendation):
    if what == "finding":
        case.findings.update(statement=f"Wording {count}.")
    elif what == "quotation":
        case.findings.first().citations.update(quotation=f"Very words {count}.")
    elif what == "event":
        case.events.update(description=f"Wording {count}.")
    elif what == "case-title":
        type(case).objects.filter(pk=case.pk).update(title=f"Title {count}")
    elif what in ("lesson", "recommendation"):
        record = lesson if what == "lesson" else recommendation
        type(record).objects.filter(pk=record.pk).update(statement=f"Wording {count}.")
    elif what == "reference":
        reference = case.findings.first().citations.first().reference
        type(reference).objects.filter(pk=reference.pk).update(title=f"Report {count}")
    elif what == "another-source":
        factories.finding(case, factories.reference(f"Source {count}"))
    else:
        type(lesson).objects.filter(pk=lesson.pk).update(slug=f"renamed-{count}-{lesson.pk}")


def attempt(verb, **asked):
    """What the verb did, and the reasons for which it refused."""
    try:
        return verb(**asked), []
    except CannotPublish as refusal:
        return [], refusal.reasons


def marked_now():
    return set(Edition.objects.exclude(evidence_changed_at=None).values_list("pk", flat=True))


def pin_of(pin):
    return (*(pin.key if isinstance(pin, PlannedEdition | CarriedEdition) else (pin.kind, pin.slug)), pin.number)


def describe_planned(plan):
    return [
        (
            each.key,
            each.number,
            each.build_edition().sha256,
            sorted(map(pin_of, each.pins)),
            each.evidence_changed,
            each.change or "",
        )
        for each in sorted([*plan.planned, *plan.carried], key=rank_of_planned)
    ]


def describe_made(made):
    return [
        (
            (edition.kind, edition.slug),
            edition.number,
            edition.sha256,
            sorted((pin.kind, pin.slug, pin.number) for pin in edition.cites.all()),
            edition.evidence_changed_at is not None,
            edition.change,
        )
        for edition in made
    ]


ROUNDS = st.lists(
    st.tuples(
        st.sets(st.sampled_from(CHANGES), max_size=4),
        st.sets(st.sampled_from(("case", "lesson", "recommendation", "withdraw-lesson")), min_size=1, max_size=3),
    ),
    min_size=1,
    max_size=5,
)


@pytest.mark.slow
@pytest.mark.django_db
@examples(12)
@given(rounds=ROUNDS)
def test_the_plan_is_what_publishing_does(rounds, researcher, publisher):
    case = factories.case()
    lesson = factories.lesson(case.findings.get())
    recommendation = factories.recommendation(lesson)
    records = {"case": case, "lesson": lesson, "recommendation": recommendation}
    submit_many(records=list(records.values()), by=researcher)
    publish_many(records=list(records.values()), by=publisher)
    for count, (changes, asked) in enumerate(rounds):
        for what in sorted(changes):
            change_something(what, count, **records)
        for record in records.values():
            record.refresh_from_db()
        editions, marked, pins = Edition.objects.count(), marked_now(), EditionCitation.objects.count()
        if "withdraw-lesson" in asked:
            plan = plan_withdrawal([lesson])
            gone, refused = attempt(withdraw_record, record=lesson, by=publisher, note="Why.")
            assert refused == list(plan.refused)
            if not refused:
                assert [each.pk for each in gone] == [each.pk for each in plan.withdrawn]
                assert marked_now() - marked == {each.pk for each in plan.marked}
            assert (Edition.objects.count(), EditionCitation.objects.count()) == (editions, pins)
            continue
        chosen = [records[name] for name in sorted(asked)]
        for record in chosen:
            if record.state == "in-review":  # since an earlier round, and perhaps changed meanwhile
                return_to_author(record=record, by=publisher, note="Changed.")
        submit_many(records=chosen, by=researcher)
        plan = plan_publication(chosen)
        made, refused = attempt(publish_many, records=chosen, by=publisher)
        assert refused == list(plan.refused)
        if refused:
            assert (Edition.objects.count(), EditionCitation.objects.count()) == (editions, pins)
            assert marked_now() == marked
            continue
        assert describe_made(made) == describe_planned(plan)
        made_too = [*plan.planned, *plan.carried]
        replaced = {each.replaces.pk for each in made_too if each.replaces}
        assert not Edition.objects.current().filter(pk__in=replaced).exists()
        assert Edition.objects.current().filter(pk__in=[e.pk for e in plan.unchanged]).count() == len(plan.unchanged)
        assert Edition.objects.count() - editions == len(made_too)
        assert EditionCitation.objects.count() - pins == sum(len(each.pins) + len(each.about) for each in made_too)
        born_marked = {edition.pk for edition in made if edition.evidence_changed_at}
        expected = {edition.pk for edition in (*plan.marked, *plan.marked_in_passing)}
        assert marked_now() - marked - born_marked == expected


@pytest.mark.slow
@pytest.mark.django_db
def test_a_new_edition_over_evidence_that_changes_in_the_same_publication_is_marked(researcher, publisher):
    """The lesson between the two stays as it is, and rests on the finding that was replaced."""
    case = factories.case()
    lesson = factories.lesson(case.findings.get())
    recommendation = factories.recommendation(lesson)
    submit_many(records=[case, lesson, recommendation], by=researcher)
    publish_many(records=[case, lesson, recommendation], by=publisher)
    case.findings.update(statement="Another finding.")
    type(recommendation).objects.filter(pk=recommendation.pk).update(statement="Another wording.")
    submit_many(records=[case, recommendation], by=researcher)
    publish_many(records=[case, recommendation], by=publisher)
    current = Edition.objects.current()
    assert current.get(record_id=lesson.record_id).evidence_changed_at
    assert current.get(record_id=recommendation.record_id).evidence_changed_at
