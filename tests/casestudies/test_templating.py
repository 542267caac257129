"""A case as the template of a new one."""

import pytest
from django.contrib.auth.models import Group
from django.urls import reverse

from casestudies.cloning import CLONEABLE_PARTS, CannotClone, clone_case
from casestudies.models import CaseCitation, CaseStudy, Quote
from failure_lessons.accounts.models import User
from failure_lessons.publishing.models import Edition

pytestmark = pytest.mark.django_db


@pytest.fixture
def case():
    return CaseStudy.objects.get(slug="hmp-birmingham")


def test_structure_and_texts_are_copied_and_no_evidence(case, researcher):
    made = clone_case(case=case, title="A new case", by=researcher, parts=list(CLONEABLE_PARTS), texts=True)
    for part in ("sections", "events", "actors", "interventions", "indicators", "involvements"):
        assert getattr(made, part).count() == getattr(case, part).count() > 0, part
    assert made.events.first().description == case.events.first().description
    assert made.findings.count() == Quote.objects.filter(case=made).count() == 0
    assert not CaseCitation.objects.filter(event__case=made).exists()
    assert not any(indicator.points.exists() for indicator in made.indicators.all())
    assert (made.slug, made.state, made.submitted_by) == ("a-new-case", "draft", None)
    assert made.record_id != case.record_id
    assert not Edition.objects.filter(record_id=made.record_id).exists()
    assert made.events.first().earliest == case.events.first().earliest


def test_without_texts_only_the_frame_comes(case, researcher):
    made = clone_case(case=case, title="A new case", by=researcher, parts=["sections", "events"])
    assert {section.text for section in made.sections.all()} == {"To be written."}
    assert {event.description for event in made.events.all()} == {""}
    assert made.actors.count() == 0


def test_the_same_title_gets_a_slug_of_its_own(case, researcher):
    slugs = [clone_case(case=case, title="Compare", by=researcher).slug for _ in range(3)]
    assert slugs == ["compare-2", "compare-3", "compare-4"]


@pytest.mark.parametrize(("title", "parts"), [("", []), ("x" * 301, []), ("a\x00", []), ("ok", ["findings"])])
def test_what_cannot_be_is_said(title, parts, case, researcher):
    before = CaseStudy.objects.count()
    with pytest.raises(CannotClone):
        clone_case(case=case, title=title, by=researcher, parts=parts)
    assert CaseStudy.objects.count() == before


def test_the_page_makes_a_draft_for_those_who_may(client, case):
    address = reverse("admin:casestudies_casestudy_clone", args=[case.pk])
    for role, status in (("reviewer", 403), ("researcher", 302)):
        user = User.objects.create_user(f"c-{role}", password="x", is_staff=True)
        user.groups.set(Group.objects.filter(name=role))
        client.force_login(user)
        answer = client.post(address, {"title": "After the pattern", "parts": ["sections"]})
        assert answer.status_code == status
    assert CaseStudy.objects.get(title="After the pattern").sections.count() == case.sections.count()
    assert client.post(address, {"title": "", "parts": ["nothing"]}).status_code == 422
