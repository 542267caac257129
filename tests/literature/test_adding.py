"""References added where one is writing: pasted texts and bare DOIs."""

import pytest
from django.contrib.auth.models import Group
from django.urls import reverse

from casestudies.models import CaseCitation
from failure_lessons.accounts.models import User
from failure_lessons.files.decoding import CannotReadFile
from failure_lessons.publishing.services import CannotPublish, publish_record, submit_record
from failure_lessons.publishing.validation import publication_statuses
from literature.importing.adding import add_references
from literature.models import Reference
from tests import factories

pytestmark = pytest.mark.django_db
RIS = "TY  - RPRT\nAU  - Board, Example\nTI  - A report on the weather in Utopia\nPY  - 2021\nER  - \n"


def test_new_references_are_usable_at_once(researcher):
    keys = add_references(text=RIS, by=researcher)
    assert Reference.objects.get(slug=keys[1]).title == "A report on the weather in Utopia"
    assert add_references(text=RIS, by=researcher) == keys
    assert Reference.objects.filter(title__contains="Utopia").count() == 1


def test_a_doi_that_is_here_is_found_however_it_is_written(researcher):
    here = factories.reference(title="Known", doi="10.1234/AbC.5")
    before = Reference.objects.count()
    for text in ("10.1234/abc.5", "https://doi.org/10.1234/ABC.5", "doi:10.1234/AbC.5."):
        assert add_references(text=text, by=researcher) == {1: here.slug}
    assert Reference.objects.count() == before


def test_an_unknown_doi_becomes_a_draft_that_cannot_be_published_as_it_is(researcher, publisher):
    keys = add_references(text="10.9999/one\n10.9999/two\n10.9999/ONE", by=researcher)
    assert len(keys) == 2
    assert len(set(keys.values())) == 2
    draft = Reference.objects.get(slug=keys[1])
    assert (draft.doi, draft.state) == ("10.9999/one", "draft")
    case = factories.case()
    CaseCitation.objects.create(event=case.events.get(), reference=draft)
    assert "only the DOI is known" in str(publication_statuses([case])[case.record_id].gaps[0].lack)
    submit_record(record=case, by=researcher)
    with pytest.raises(CannotPublish, match="only the DOI is known"):
        publish_record(record=case, by=publisher)


def test_what_is_perhaps_here_is_added_only_when_wanted(researcher):
    factories.reference(
        title="A report on the weather in Utopia",
        author=[{"family": "Board", "given": "Example"}],
        issued={"date-parts": [[2020]]},
    )
    assert Reference.objects.filter(title__contains="Utopia").count() == 1
    add_references(text=RIS, by=researcher)
    assert Reference.objects.filter(title__contains="Utopia").count() == 1
    add_references(text=RIS, by=researcher, also={1})
    assert Reference.objects.filter(title__contains="Utopia").count() == 2


@pytest.mark.parametrize("text", ["", "   ", "hello", "10.1/x", "{", "TY", "x" * 1_000_001])
def test_what_is_no_reference_is_said_so(text, researcher):
    before = Reference.objects.count()
    with pytest.raises(CannotReadFile):
        add_references(text=text, by=researcher)
    assert Reference.objects.count() == before


@pytest.mark.slow
def test_the_page_of_a_case_adds_and_shows_the_key(client):
    user = User.objects.create_user("adding", password="a long enough phrase", is_staff=True)
    user.groups.set(Group.objects.filter(name="researcher"))
    client.force_login(user)
    address = reverse("admin:casestudies_casestudy_references", args=[factories.case().pk])
    assert client.get(address).status_code == 200
    assert "Add 1 reference" in client.post(address, {"text": RIS}).content.decode()
    assert not Reference.objects.filter(title__contains="Utopia").exists()
    page = client.post(address, {"text": RIS, "_add": "1"}).content.decode()
    assert f"<code>{Reference.objects.get(title__contains='Utopia').slug}</code>" in page
    assert client.post(address, {"text": "nonsense"}).status_code == 422
    assert client.post(address, {"text": "TY\x00", "also": "²"}).status_code == 422
