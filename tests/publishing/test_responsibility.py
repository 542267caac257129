"""Who says so: typed by a researcher, read on the page, named in every form of citation; nobody else is named."""

import orjson
import pytest

from casestudies.models import CaseStudy
from failure_lessons.publishing.models import Edition
from tests import factories
from tests.helpers import submit_and_publish
from tests.workbench.forms import browser_data

pytestmark = pytest.mark.django_db
TYPED = {
    "authors": 'Okoro, Ada\nvan der Berg, Jan\n"Institute for Learning, Leeds"',
    "reviewers": "Mwangi",
    "funding": "A charity paid. It had no part in the findings.",
    "interests": "Ada Okoro was a governor of the school.",
    "contact": "ada@example.org",
}


@pytest.fixture
def published(person, browser_of):
    case = factories.case(title="A case with authors")
    browser = browser_of(person("ada", "researcher"))
    address = f"/admin/casestudies/casestudy/{case.pk}/change/"
    sent = browser_data(browser.get(address)) | TYPED
    answer = browser.post(address, sent)
    assert answer.status_code == 302, answer.context["errors"]
    submit_and_publish(CaseStudy.objects.get(pk=case.pk))
    return Edition.objects.current().get(record_id=case.record_id)


@pytest.mark.slow
def test_what_was_typed_is_read_and_cited(published, client):
    said = published.content["responsibility"]
    assert said["authors"] == [
        {"family": "Okoro", "given": "Ada"},
        {"family": "van der Berg", "given": "Jan"},
        {"literal": "Institute for Learning, Leeds"},
    ]
    page = client.get(f"/case-studies/{published.slug}/").content.decode()
    assert "Ada Okoro, Jan van der Berg, Institute for Learning, Leeds" in page
    for words in ("Mwangi", "had no part", "was a governor", "mailto:ada@example.org"):
        assert words in page
    assert 'name="citation_author" content="Okoro, Ada"' in page
    for form, words in (
        ("csl-json", '"family":"Okoro"'),
        ("ris", "AU  - Okoro, Ada"),
        ("bibtex", "Okoro, Ada"),
        ("datacite", "Okoro, Ada"),
        ("jsonld", '"familyName":"Okoro"'),
    ):
        answer = client.get(f"/api/v1/case-studies/{published.slug}/", {"format": form})
        assert words in answer.content.decode().replace('": "', '":"'), form
    finding = Edition.objects.current().filter(kind="finding").latest("revision")
    assert orjson.loads(finding.document)["derived"]["authors"] == said["authors"]


def test_a_record_without_names_is_the_work_of_the_repository(client):
    edition = Edition.objects.current().of_kind("case-study").first()
    assert "responsibility" not in edition.content
    page = client.get(f"/case-studies/{edition.slug}/").content.decode()
    assert "Who says so" not in page
    assert 'name="citation_author" content="Failure Lessons"' in page


@pytest.mark.slow
def test_a_line_without_a_family_name_is_refused_and_kept(person, browser_of):
    case = factories.case(title="A case with authors")
    browser = browser_of(person("ada", "researcher"))
    address = f"/admin/casestudies/casestudy/{case.pk}/change/"
    answer = browser.post(address, browser_data(browser.get(address)) | {"authors": ", Ada"})
    page = answer.content.decode()
    assert "has no family name" in page
    assert ", Ada</textarea>" in page


@pytest.mark.slow
def test_saving_something_else_keeps_every_part_of_a_name(person, browser_of):
    """A line does not tell a particle from a family name; who touches no name changes none."""
    names = [
        {"family": "Gogh", "given": "Vincent", "non-dropping-particle": "van"},
        {"family": "Plato", "suffix": "II"},
    ]
    case = factories.case(title="A case with authors", authors=names)
    browser = browser_of(person("ada", "researcher"))
    address = f"/admin/casestudies/casestudy/{case.pk}/change/"
    for change in ({"title": "Another title"}, {"authors": "van Gogh, Vincent\nPlato, , II\nOkoro, Ada"}):
        sent = browser_data(browser.get(address)) | change
        assert browser.post(address, sent).status_code == 302
        case.refresh_from_db()
        assert case.authors[:2] == names
    assert case.authors[2] == {"family": "Okoro", "given": "Ada"}
