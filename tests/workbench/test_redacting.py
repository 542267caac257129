"""Words are taken out of everything published from the workbench: proposed by one publisher, confirmed by another."""

import pytest
from django.test import Client
from django.urls import reverse

from casestudies.models import CaseStudy
from failure_lessons.publishing.models import Edition
from failure_lessons.publishing.redaction_models import Redaction
from failure_lessons.publishing.services import publish_record, submit_record
from tests import factories

pytestmark = pytest.mark.django_db
NAME = "Zelda Quux"
ADD = "/admin/publishing/redaction/add/"


@pytest.fixture
def sent(person):
    """Somebody's browser, by name and role."""

    def open_client(name, *roles):
        client = Client()
        client.force_login(person(name, *roles))
        return client

    return open_client


@pytest.fixture
def case(researcher, publisher):
    case = factories.case(title=f"What {NAME} did")
    submit_record(record=case, by=researcher)
    publish_record(record=case, by=publisher)
    return case


def told(answer):
    return " ".join(answer.content.decode().split())


@pytest.mark.slow
def test_two_publishers_take_words_out_and_the_page_says_what_is_in_the_way(case, sent):
    anna, ben = sent("anna", "publisher"), sent("ben", "publisher")
    answer = anna.post(ADD, {"words": f" {NAME} \n\n", "reason": "A court ordered it."}, follow=True)
    row = Redaction.objects.get()
    assert (row.words, row.proposed_by.username) == ([NAME], "anna")
    assert "The workbench still says it" in told(answer)
    assert "Confirm it" not in told(answer)
    CaseStudy.objects.filter(pk=case.pk).update(title="What was done")
    page = reverse("admin:publishing_redaction_change", args=[row.pk])
    assert "somebody else has to confirm it" in told(anna.get(page))
    confirm = reverse("admin:confirm_redaction", args=[row.pk])
    assert confirm in told(ben.get(page))
    assert "You proposed it; somebody else has to confirm it." in told(anna.post(confirm))
    assert NAME in told(ben.get(confirm))
    assert Edition.objects.filter(title__contains=NAME).exists()
    done = ben.post(confirm, follow=True)
    assert "Done in 2 editions." in told(done)  # of the case, and of its finding, which names it
    assert NAME not in told(done)
    assert not Edition.objects.filter(title__contains=NAME).exists()
    assert ben.get(confirm).status_code == 404
    assert ben.post(f"/admin/publishing/redaction/{row.pk}/delete/", {"post": "yes"}).status_code == 403
    assert Redaction.objects.filter(pk=row.pk).exists()


@pytest.mark.parametrize(
    ("words", "reason", "fault"),
    [
        ("", "A court ordered it.", "This field is required"),
        ("  \n ", "A court ordered it.", "required"),
        ("ab", "A court ordered it.", "too short"),
        (NAME, f"{NAME} asked for it.", "The reason repeats the words"),
        (NAME, " ", "required"),
    ],
)
def test_what_cannot_be_proposed_is_told_and_nothing_is_lost(words, reason, fault, sent):
    answer = sent("anna", "publisher").post(ADD, {"words": words, "reason": reason})
    assert fault in told(answer)
    assert words.strip() in told(answer)
    assert not Redaction.objects.exists()


def test_a_proposal_is_given_up_and_nothing_came_of_it(case, sent):
    anna = sent("anna", "publisher")
    anna.post(ADD, {"words": NAME, "reason": "A court ordered it."})
    row = Redaction.objects.get()
    anna.post(f"/admin/publishing/redaction/{row.pk}/delete/", {"post": "yes"})
    assert not Redaction.objects.exists()
    assert Edition.objects.filter(title__contains=NAME).exists()


@pytest.mark.slow
@pytest.mark.parametrize("role", ["researcher", "reviewer", "steward"])
def test_nobody_else_sees_or_does_it(role, case, sent, person):
    sent("anna", "publisher").post(ADD, {"words": NAME, "reason": "A court ordered it."})
    row = Redaction.objects.get()
    other = sent("other", role)
    confirm = reverse("admin:confirm_redaction", args=[row.pk])
    for address in (ADD, f"/admin/publishing/redaction/{row.pk}/change/", "/admin/publishing/redaction/", confirm):
        assert other.get(address).status_code == 403
        assert other.post(address).status_code == 403
    assert Redaction.objects.get().confirmed_at is None
