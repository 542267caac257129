"""What a review screened and left out stays data of the review: no page, no record, no download names it as one."""

import pytest
from django.test import Client

from failure_lessons.packages.exchange import export_package, load_package
from failure_lessons.publishing.models import Edition
from failure_lessons.publishing.services import publish_record, submit_record
from literature.models import LiteratureReview, Reference, Screening
from literature.studies import list_excluded_studies

pytestmark = pytest.mark.django_db
REVIEW = "nhs-early-warning-and-failure-regimes"


def published(slug):
    return Edition.objects.current().of_kind("reference").filter(slug=slug).exists()


def left_out(review):
    return [study.screening["ref"] for study in list_excluded_studies(review)]


@pytest.mark.slow
def test_no_record_that_a_shipped_review_left_out_is_public_unless_something_else_rests_on_it():
    keys = {key for each in Edition.objects.current().of_kind("literature-review") for key in left_out(each.content)}
    assert len(keys) == 24
    rested_on = {
        key
        for edition in Edition.objects.current().exclude(kind__in=["reference", "literature-review"])
        for key in keys
        if f'"{key}"' in edition.document or f"[ref: {key}]" in edition.document
    }
    assert {key for key in keys if published(key)} <= rested_on
    assert any(not published(key) for key in keys)
    client = Client()
    for key in keys - rested_on:
        assert client.get(f"/references/{key}/").status_code == 404
        assert client.get(f"/api/v1/references/{key}/").status_code == 404


def test_the_page_of_a_review_tells_what_it_left_out_and_why():
    edition = Edition.objects.current().get(kind="literature-review", slug=REVIEW)
    page = Client().get(f"/literature/{REVIEW}/").content.decode()
    table = page.partition('id="excluded"')[2].partition("</table>")[0]
    for study in list_excluded_studies(edition.content):
        csl = edition.content["derived"]["screened_out"][study.screening["ref"]]
        assert csl["title"][:40].split("&")[0].split("'")[0] in table.replace("&amp;", "&")
    assert table.count("<tr>") == len(left_out(edition.content)) + 1


def test_publishing_a_review_publishes_what_it_keeps_and_not_what_it_leaves_out(researcher, publisher):
    review = LiteratureReview.objects.get(slug=REVIEW)
    kept, gone, late = (
        Reference.objects.create(type="report", title=name, slug=f"{name}-2026") for name in ("kept", "gone", "late")
    )
    for position, (reference, stage, decision) in enumerate(
        [
            (kept, "title-abstract", "include"),
            (kept, "full-text", "include"),
            (gone, "title-abstract", "exclude"),
            (late, "title-abstract", "include"),
            (late, "full-text", "exclude"),
        ]
    ):
        Screening.objects.create(
            review=review,
            reference=reference,
            stage=stage,
            decision=decision,
            reason="Because.",
            position=900 + position,
        )
    submit_record(record=review, by=researcher)
    publish_record(record=review, by=publisher)
    edition = Edition.objects.current().get(kind="literature-review", slug=REVIEW)
    assert published("kept-2026")
    assert not published("gone-2026")
    assert not published("late-2026")
    assert {"gone-2026", "late-2026"} <= set(edition.content["derived"]["screened_out"])
    assert "kept-2026" not in edition.content["derived"]["screened_out"]
    assert not edition.cites.filter(slug__in=["gone-2026", "late-2026"]).exists()


@pytest.mark.slow
def test_a_package_carries_them_and_loading_it_publishes_none(django_user_model):
    package = export_package()
    edition = Edition.objects.current().get(kind="literature-review", slug=REVIEW)
    key = next(key for key in left_out(edition.content) if not published(key))
    assert key in {entry["id"] for entry in package["references"]}
    by, publisher = (django_user_model.objects.create_user(name) for name in ("one-who-loads", "one-who-publishes"))
    assert load_package(package, by=by, publisher=publisher).editions == []
    entry = next(entry for entry in package["references"] if entry["id"] == key)
    entry["title"] = "Corrected title"
    report = load_package(package, by=by, publisher=publisher)
    assert Reference.objects.get(slug=key).title == "Corrected title"
    assert [each.kind for each in report.editions if each.slug == key] == []
    assert [(each.kind, each.slug) for each in report.editions][:1] == [("literature-review", REVIEW)]
    assert not published(key)
