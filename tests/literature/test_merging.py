"""Two records of one work become one: nothing that cites them is lost, nothing published vanishes."""

import pytest
from django.urls import reverse

from casestudies.models import CaseCitation, Quote, Section
from failure_lessons.accounts.models import User
from failure_lessons.history.models import Change
from failure_lessons.publishing.services import submit_record
from literature.merging.services import (
    CannotMerge,
    merge_references,
    reference_foreign_keys,
    replace_mentions,
    set_references_apart,
)
from literature.models import Appraisal, GlossaryTerm, LiteratureReview, NotDuplicate, Reference, Screening
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def two():
    return factories.reference("Zebras in care", note="Kept."), factories.reference("Zebras in care", doi="10.1234/z")


@pytest.fixture
def review():
    return LiteratureReview.objects.create(
        slug="zebras", title="Zebras", question="Why?", review_type="scoping", sector="education", synthesis="None."
    )


@pytest.fixture
def desk(client):
    client.force_login(User.objects.create_superuser("desk", password="a long enough phrase"))
    return client


def test_every_pointer_to_a_reference_is_known():
    assert {f"{field.model.__name__}.{field.name}" for field in reference_foreign_keys()} >= {
        "CaseCitation.reference",
        "ReviewCitation.reference",
        "Quote.reference",
        "Screening.reference",
        "Appraisal.reference",
        "GlossaryTerm.reference",
    }


@pytest.mark.slow
def test_whatever_cites_the_loser_cites_the_keeper(two, review, researcher):
    keep, lose = two
    case = factories.case()
    case.sections.update(text=f"As told [ref: {lose.slug}] and [ref:{lose.slug}], not [ref: {lose.slug}-b].")
    case.events.get().citations.update(reference=lose, locator="p. 4", quotation="Very words.")
    Quote.objects.create(case=case, reference=lose, quotation="Words.")
    Screening.objects.create(review=review, reference=lose, stage="full-text", decision="include", reason="Fits.")
    Appraisal.objects.create(review=review, reference=lose, tool="aacods", judgement="high")
    GlossaryTerm.objects.create(slug="zebra", term="Zebra", definition="A beast.", reference=lose)
    merged = merge_references(keep=keep, lose=lose, values={"doi": "10.1234/z"}, by=researcher, note="One work.")
    assert not Reference.objects.filter(slug=lose.slug).exists()
    assert {
        field.model.__name__
        for field in reference_foreign_keys()
        if field.model.objects.filter(reference=keep).exists()
    } >= {
        "CaseCitation",
        "Quote",
        "Screening",
        "Appraisal",
        "GlossaryTerm",
    }
    citation = CaseCitation.objects.get(event__case=case)
    assert (citation.reference, citation.locator, citation.quotation) == (keep, "p. 4", "Very words.")
    text = Section.objects.get(case=case).text
    assert text == f"As told [ref: {keep.slug}] and [ref:{keep.slug}], not [ref: {lose.slug}-b]."
    assert (merged.mentions, merged.moved.total()) == (2, 5)
    keep.refresh_from_db()
    assert (keep.doi, keep.note) == ("10.1234/z", "Kept.")
    change = Change.objects.filter(key=f"literature_reference:{lose.pk}").last()
    assert (change.operation, change.by, change.reason) == ("delete", researcher, "One work.")


@pytest.mark.slow
def test_one_statement_citing_both_cites_the_keeper_once_or_at_both_places(two, researcher):
    keep, lose = two
    event = factories.case().events.get()
    event.citations.all().delete()
    for reference, locator in ((keep, "p. 1"), (lose, "p. 1"), (lose, "p. 2")):
        CaseCitation.objects.create(event=event, reference=reference, locator=locator)
    merged = merge_references(keep=keep, lose=lose, by=researcher)
    assert sorted(event.citations.values_list("reference", "locator")) == [(keep.pk, "p. 1"), (keep.pk, "p. 2")]
    assert "now there once" in merged.sentence()


def test_two_screenings_that_agree_become_one_with_both_reasons(two, review, researcher):
    keep, lose = two
    for reference, reason in ((keep, "On topic."), (lose, "Recent.")):
        Screening.objects.create(
            review=review, reference=reference, stage="full-text", decision="include", reason=reason
        )
    merge_references(keep=keep, lose=lose, by=researcher)
    assert review.screenings.get().reason == "On topic.\n\nRecent."


def test_two_screenings_that_disagree_are_decided_by_people_first(two, review, researcher):
    keep, lose = two
    for reference, decision in ((keep, "include"), (lose, "exclude")):
        Screening.objects.create(review=review, reference=reference, stage="full-text", decision=decision, reason="R.")
    with pytest.raises(CannotMerge, match="different decision"):
        merge_references(keep=keep, lose=lose, by=researcher)
    assert Reference.objects.filter(slug=lose.slug).exists()
    assert review.screenings.count() == 2


@pytest.mark.slow
def test_a_published_reference_never_goes_but_may_stay(two, researcher):
    seen = Reference.objects.get(slug="jas2005")
    with pytest.raises(CannotMerge, match="is published"):
        merge_references(keep=two[0], lose=seen, by=researcher)
    merge_references(keep=seen, lose=two[0], by=researcher)
    assert not Reference.objects.filter(pk=two[0].pk).exists()


@pytest.mark.slow
def test_other_refusals(two, researcher):
    keep, lose = two
    with pytest.raises(CannotMerge, match="itself"):
        merge_references(keep=keep, lose=keep, by=researcher)
    with pytest.raises(CannotMerge, match="not a field"):
        merge_references(keep=keep, lose=lose, by=researcher, values={"state": "published"})
    with pytest.raises(CannotMerge, match="title"):
        merge_references(keep=keep, lose=lose, by=researcher, values={"title": ""})
    submit_record(record=lose, by=researcher)
    with pytest.raises(CannotMerge, match="in review"):
        merge_references(keep=keep, lose=lose, by=researcher)
    Reference.objects.filter(pk=lose.pk).delete()
    with pytest.raises(CannotMerge, match="no longer here"):
        merge_references(keep=keep, lose=lose, by=researcher)


def test_mentions_are_changed_at_any_depth():
    assert replace_mentions({"a": ["x [ref: old]", 1, None]}, "old", "new") == ({"a": ["x [ref: new]", 1, None]}, 1)


@pytest.mark.slow
def test_the_page_shows_both_and_merges_as_chosen(desk, two):
    keep, lose = two
    address = reverse("admin:literature_reference_merge", args=[keep.pk, lose.pk])
    page = desk.get(address).content.decode()
    assert "10.1234/z" in page
    answer = desk.post(address, {"field-doi": "lose", "field-note": "keep", "note": "One work."}, follow=True)
    assert [f"{lose.slug} is now part of {keep.slug}" in str(each) for each in answer.context["messages"]] == [True]
    keep.refresh_from_db()
    assert (keep.doi, keep.note) == ("10.1234/z", "Kept.")
    assert desk.get(address).status_code == 404


@pytest.mark.slow
def test_a_pair_set_apart_does_not_come_up_again(desk, two, researcher):
    address = reverse("admin:literature_reference_duplicates")
    assert two[1].slug in desk.get(address).content.decode()
    desk.post(address, {"one": two[1].pk, "other": two[0].pk})
    desk.get(address)  # where the message is shown
    assert two[1].slug not in desk.get(address).content.decode()
    set_references_apart(one=two[0], other=two[1], by=researcher)
    assert NotDuplicate.objects.count() == 1
    assert desk.post(address, {"one": "x", "other": "9" * 40}).status_code == 403


def test_merging_needs_the_permissions_to_change_and_delete(client, two, researcher):
    researcher.is_staff = True
    researcher.save()
    client.force_login(researcher)
    for name, args in (("merge", [two[0].pk, two[1].pk]), ("duplicates", [])):
        address = reverse(f"admin:literature_reference_{name}", args=args)
        assert client.get(address).status_code == 403
        assert client.post(address).status_code == 403


@pytest.mark.slow
def test_likely_pairs_cost_the_same_however_many(desk, django_assert_num_queries):
    address = reverse("admin:literature_reference_duplicates")
    desk.get(address)

    def cost():
        with django_assert_num_queries(8, exact=False) as captured:
            desk.get(address)
        return len(captured)

    few = cost()
    for n in range(20):
        factories.reference(f"A number of yaks {n}")
        factories.reference(f"A number of yaks {n}")
    assert cost() == few
