"""Of what was withdrawn, readers find that it was there, when it went and why; none of its own words."""

import pytest

from failure_lessons.publishing.models import Edition
from failure_lessons.publishing.services import publish_record, submit_record, withdraw_record
from tests import factories

pytestmark = pytest.mark.django_db

WORD = "zebrawithdrawnword"


@pytest.fixture
def gone(researcher, publisher):
    """The findings of a case that was withdrawn, after two editions of its own."""
    case = factories.case(title=f"A title {WORD}")
    case.findings.update(statement=f"A statement {WORD}")
    submit_record(record=case, by=researcher)
    publish_record(record=case, by=publisher)
    case.title += ", again"
    case.save()
    submit_record(record=case, by=researcher)
    publish_record(record=case, by=publisher, note=f"A note {WORD}")
    before = Edition.objects.current().get(record_id=case.record_id).published_at
    withdraw_record(record=case, by=publisher, note="It named a person.")
    return [
        *Edition.objects.filter(record_id__in=[case.record_id, *case.findings.values_list("record_id", flat=True)])
    ], before


def addresses_of(edition, moment):
    page = f"/{'findings' if edition.kind == 'finding' else 'case-studies'}/{edition.slug}/"
    listed = page.split("/")[1]
    return [
        page,
        f"{page}history/",
        f"{page}feed.atom",
        f"{page}v1/",
        f"/{listed}/feed.atom",
        f"/{listed}/?as_of={moment:%Y-%m-%dT%H:%M:%S.%fZ}",
        f"/api/v1/{listed}/{edition.slug}/",
        f"/brief/?r={listed}/{edition.slug}.1",
        f"/brief/?r={edition.code or edition.slug}.1",
        "/changes/",
        "/changes/feed.atom",
        "/corrections/",
        "/",
        "/api/v1/changes/?since=1",
        f"/api/v1/check/?sha256={edition.sha256}",
        f"/api/v1/editions/{edition.sha256}/",
        "/oai?verb=ListRecords&metadataPrefix=oai_dc",
    ]


@pytest.mark.slow
def test_no_address_tells_a_word_of_what_was_withdrawn(gone, client):
    editions, moment = gone
    assert {edition.kind for edition in editions} == {"case-study", "finding"}
    for edition in editions:
        for address in addresses_of(edition, moment):
            answer = client.get(address, follow=True)
            assert answer.status_code in (200, 400, 404, 410), address
            assert WORD not in answer.getvalue().decode(), address


@pytest.mark.slow
def test_who_holds_the_address_learns_that_it_went_when_and_why(gone, client):
    editions, _ = gone
    finding = next(edition for edition in editions if edition.kind == "finding")
    page = client.get(f"/findings/{finding.slug}/")
    words = page.content.decode()
    assert page.status_code == 410
    assert f"Finding {finding.code}" in words
    assert "It named a person." in words
    assert f"{finding.withdrawn_at:%Y}" in words
    assert f"Finding {finding.code}" in client.get("/corrections/").content.decode()
