"""Themes are merged and split with everything that carries them; readers of a withdrawn one are led on."""

import pytest
from django.urls import reverse

from casestudies.models import CaseFinding
from failure_lessons.history.models import Change
from failure_lessons.publishing.merging import CannotMerge
from failure_lessons.publishing.models import Edition
from failure_lessons.publishing.services import submit_record
from failure_lessons.vocabularies.models import Theme
from failure_lessons.vocabularies.themes.services import list_taggings, marked_later, merge_themes, split_theme
from recommendations.models import Lesson
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def tagged():
    """Two draft themes; a finding carries the second, a lesson both."""
    keep, lose = factories.theme(), factories.theme()
    case = factories.case()
    case.findings.get().themes.add(lose)
    factories.lesson(case.findings.get()).themes.add(keep, lose)
    return keep, lose


def carried(theme):
    return {(tagging.kind, tagging.record.pk) for tagging in list_taggings(theme)}


def test_every_kind_that_carries_a_theme_is_known():
    kinds = {relation.related_model.__name__ for relation in Theme._meta.related_objects if relation.many_to_many}
    assert kinds == {"CaseFinding", "ReviewFinding", "Lesson"}


def test_merging_moves_each_tagging_once_and_the_history_says_who_and_why(tagged, researcher):
    keep, lose = tagged
    before, gone = carried(keep) | carried(lose), lose.pk
    done = merge_themes(keep=keep, lose=lose, by=researcher, note="One idea.")
    assert (carried(keep), len(done.moved), len(done.folded)) == (before, 1, 1)
    assert not Theme.objects.filter(pk=gone).exists()
    changes = Change.objects.filter(key__startswith="casestudies_casefinding_themes").order_by("-pk")
    assert (changes[0].operation, changes[0].by, changes[0].reason) == ("update", researcher, "One idea.")
    assert (changes[0].before, changes[0].after) == ({"theme_id": gone}, {"theme_id": keep.pk})


def test_a_published_theme_is_withdrawn_and_leads_readers_to_the_other(researcher, client):
    lose, keep = Theme.objects.filter(state="published").order_by("pk")[:2]
    owners = carried(lose)
    assert owners
    merge_themes(keep=keep, lose=lose, by=researcher, note="One idea.")
    lose.refresh_from_db()
    assert lose.state == "withdrawn"
    assert owners <= carried(keep)
    page = client.get(f"/themes/{lose.slug}/")
    assert page.status_code == 410
    assert f"Merged into the theme “{keep.label}”, which is at /themes/{keep.slug}/. One idea." in page.content.decode()


def test_what_will_be_marked_is_told_before(researcher):
    """The lessons that rest on findings which carry the theme, and what rests on those."""
    theme = Theme.objects.filter(case_findings__isnull=False).first()
    marked = {(edition.kind, edition.code) for edition in marked_later(list_taggings(theme))}
    findings = CaseFinding.objects.filter(themes=theme)
    lessons = Lesson.objects.filter(evidence__case_finding__in=findings).values_list("code", flat=True)
    assert {("lesson", code) for code in lessons} - {
        ("lesson", tagging.record.code) for tagging in list_taggings(theme) if tagging.kind == "lesson"
    } <= marked
    assert any(kind == "recommendation" for kind, _ in marked)


def test_refusals(tagged, researcher):
    keep, lose = tagged
    seen = Theme.objects.filter(state="published").first()
    for asked, words in (
        ({"keep": keep, "lose": keep, "note": "x"}, "itself"),
        ({"keep": keep, "lose": lose, "note": " "}, "Say why"),
        ({"keep": keep, "lose": seen, "note": "x"}, "merge the other way"),
    ):
        with pytest.raises(CannotMerge, match=words):
            merge_themes(by=researcher, **asked)
    submit_record(record=Lesson.objects.get(themes=keep), by=researcher)
    with pytest.raises(CannotMerge, match="is in review and read-only"):
        merge_themes(keep=keep, lose=lose, by=researcher, note="x")
    assert carried(lose)
    Theme.objects.filter(pk=keep.pk).update(state="withdrawn")
    with pytest.raises(CannotMerge, match="was withdrawn: nothing should"):
        merge_themes(keep=keep, lose=lose, by=researcher, note="x")
    with pytest.raises(CannotMerge, match="no longer here"):
        merge_themes(keep=Theme(pk=0, slug="x", label="x", scope_note="x"), lose=lose, by=researcher, note="x")


NEW = {"slug": "new-theme", "label": "New theme", "scope_note": "What is new.", "note": "Two ideas."}


def test_a_split_takes_what_was_chosen_and_leaves_the_rest(tagged, researcher):
    _, theme = tagged
    lesson = next(tagging for tagging in list_taggings(theme) if tagging.kind == "lesson")
    rest = carried(theme) - {("lesson", lesson.record.pk)}
    made, done = split_theme(theme=theme, chosen=[lesson.key], by=researcher, **NEW)
    assert (made.state, len(done.moved)) == ("draft", 1)
    assert (carried(made), carried(theme)) == ({("lesson", lesson.record.pk)}, rest)


def test_a_split_that_cannot_be_changes_nothing(tagged, researcher):
    keep, theme = tagged
    keys = [tagging.key for tagging in list_taggings(theme)]
    for asked, words in (
        ({"chosen": []}, "at least one"),
        ({"chosen": [*keys, "lesson-0"]}, "open the page again"),
        ({"chosen": keys, "label": keep.label}, "already exists"),
        ({"chosen": keys, "scope_note": " "}, "scope_note"),
        ({"chosen": keys, "slug": "No slug!"}, "slug"),
        ({"chosen": keys, "note": ""}, "Say why"),
    ):
        with pytest.raises(CannotMerge, match=words):
            split_theme(theme=theme, by=researcher, **{**NEW, **asked})
    assert not Theme.objects.filter(slug=NEW["slug"]).exists()
    assert len(carried(theme)) == 2


@pytest.mark.slow
def test_a_steward_merges_and_splits_on_the_pages(tagged, person, browser_of):
    keep, lose = tagged
    desk = browser_of(person("somebody", "steward"))
    change = desk.get(reverse("admin:vocabularies_theme_change", args=[lose.pk])).content.decode()
    split = reverse("admin:vocabularies_theme_split", args=[lose.pk])
    merging = reverse("admin:vocabularies_theme_merge", args=[lose.pk])
    assert split in change
    assert merging in change
    key = list_taggings(lose)[0].key
    assert key in desk.get(split).content.decode()
    assert desk.post(split, {**NEW, "chosen": []}).status_code == 409
    desk.post(split, {**NEW, "chosen": [key]})
    assert len(carried(Theme.objects.get(slug="new-theme"))) == 1
    assert desk.get(merging).status_code == 200
    assert desk.post(merging, {"into": "x\0", "note": ""}).status_code == 200
    desk.post(merging, {"into": keep.pk, "note": "One idea."})
    assert not Theme.objects.filter(pk=lose.pk).exists()
    assert desk.get(merging).status_code == 404


@pytest.mark.parametrize("role", ["reviewer", "publisher", "partner"])
def test_others_may_not(role, tagged, person, browser_of):
    desk = browser_of(person("somebody", role))
    for name in ("merge", "split"):
        address = reverse(f"admin:vocabularies_theme_{name}", args=[tagged[0].pk])
        assert (desk.get(address).status_code, desk.post(address).status_code) == (403, 403)


def test_merging_what_readers_see_takes_the_right_to_publish(person, browser_of):
    lose, keep = Theme.objects.filter(state="published").order_by("pk")[:2]
    address = reverse("admin:vocabularies_theme_merge", args=[lose.pk])
    said = {"into": keep.pk, "note": "They mean the same."}
    steward = browser_of(person("somebody", "steward"))
    assert steward.post(address, said).status_code == 403
    form = steward.get(reverse("admin:vocabularies_theme_change", args=[lose.pk])).content.decode()
    assert "Merge into another" not in form
    lose.refresh_from_db()
    assert lose.state == "published"
    both = browser_of(person("both", "steward", "publisher"))
    assert both.post(address, said).status_code == 302
    lose.refresh_from_db()
    assert lose.state == "withdrawn"


def test_opening_the_page_costs_the_same_however_much_carries_the_theme(
    tagged,
    person,
    browser_of,
    django_assert_num_queries,
):
    desk = browser_of(person("somebody", "steward"))
    address = reverse("admin:vocabularies_theme_merge", args=[tagged[1].pk])
    desk.get(address)
    with django_assert_num_queries(40, exact=False) as few:
        desk.get(address)
    for _ in range(8):
        case = factories.case()
        case.findings.get().themes.add(tagged[1])
    with django_assert_num_queries(len(few)):
        desk.get(address)
    assert not Edition.objects.filter(record_id=tagged[1].record_id).exists()
