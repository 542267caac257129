"""One odd record, or one odd question, never breaks a page about others."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from failure_lessons.bibliography.names import format_csl_authors, format_csl_day, format_csl_year, short_citation
from failure_lessons.library.filters import LONGEST_QUESTION
from failure_lessons.library.search import find_abbreviations, title_initials
from failure_lessons.publishing.registry import KINDS
from failure_lessons.publishing.services import publish_record, submit_record
from literature.documents import render_references
from literature.duplicates import ComparedWork, likely_work_pairs
from literature.models import Reference
from literature.studies import order_framework_elements
from tests import factories
from tests.examples import examples

pytestmark = pytest.mark.django_db

NAMES = [
    "Ministry of Justice ",
    " Ministry of Justice",
    "Care Services Group -",
    "-2+3 academy trust",
    "- - - -",
    " ",
    "",
]
# what PostgreSQL reads as more than a letter, beside letters, other scripts and what no text needs
QUESTIONS = st.text(
    st.sampled_from("-\"' ()|&!<>:*\\ora.,/@%\u2013\u00a0\u200b\u202eé语🙂0_"), max_size=LONGEST_QUESTION
)
DASHES = ["-" * 33, "- " * 100, '-"' * 150, "-'" * 150, "-(" * 150, "-or " * 75, "-a" * 150, "-a " * 100, '-""' * 99]
ODD = [
    None,
    [],
    {},
    "Ofsted",
    ["Liebling"],
    {"family": "X"},
    2016,
    [[2016]],
    {"date-parts": [[]]},
    [{"family": 3}],
    True,
]
ODD += [{"date-parts": [["9" * 5000]]}, {"date-parts": [[2016, 13, 99]]}, {"date-parts": "2016"}, [None], {"a": {}}]


@pytest.mark.parametrize("name", NAMES)
def test_initials_of_any_name(name):
    assert title_initials(name) == title_initials(name.strip(" -"))
    find_abbreviations([(name, name), (f"{name} (ABC)", "")])


@pytest.mark.parametrize("name", NAMES[:4])
def test_a_published_name_with_hyphens_at_its_ends_leaves_the_search_alone(name, client, researcher, publisher):
    reference = factories.reference()
    term = KINDS["glossary-term"].member.model.objects.create(
        slug="odd-name", term=name, definition="A word.", reference=reference
    )
    submit_record(record=term, by=researcher)
    publish_record(record=term, by=publisher, note="")
    for address in ("/search/", "/api/v1/search/"):
        assert client.get(address, {"q": "failure"}).status_code == 200


@pytest.mark.slow
@examples(40)
@given(question=QUESTIONS)
@example(DASHES[0])
@example(DASHES[1])
@example(DASHES[2])
@example(DASHES[3])
@example(DASHES[4])
@example(DASHES[5])
@example(DASHES[6])
@example(DASHES[7])
@example(DASHES[8])
def test_any_question_is_answered_or_refused(client, question):
    for address in ("/search/", "/api/v1/search/", "/recommendations/", "/api/v1/references/", "/glossary/feed.atom"):
        answer = client.get(address, {"q": question})
        assert answer.status_code in (200, 302, 400), (address, question)


def test_dashes_before_words_still_exclude(client):
    def count(question):
        return client.get("/api/v1/references/", {"q": question, "count": "exact"}).json()["count"]

    assert count("prison") > count("prison -report") == count("prison --report") > 0
    assert count('prison -"report"') == count("prison -report")


@pytest.mark.parametrize("value", ODD, ids=repr)
def test_a_reference_with_odd_json_is_read_all_the_same(value):
    row = Reference(slug="odd", type="report", title="Odd", author=value, issued=value, csl=value)
    odd = {"title": "Odd", "author": value, "issued": value}
    for read in (format_csl_authors, format_csl_year, format_csl_day, short_citation):
        read(odd)
    likely_work_pairs([ComparedWork(1, odd), ComparedWork(2, odd)])
    assert [each.title for each in render_references([row])] == ["Odd"]
    order_framework_elements({"framework_elements": value})


@pytest.mark.slow
def test_odd_references_leave_the_workbench_alone(client, person):
    by = person("amara", "researcher")
    client.force_login(by)
    addresses = {"/admin/": "", "/admin/literature/reference/": ""}
    for value in ODD:
        given = {"author": [] if value is None else value, "issued": value, "csl": {} if value is None else value}
        odd = factories.reference(**given)
        submit_record(record=odd, by=by)
        addresses[f"/admin/literature/reference/{odd.pk}/change/"] = repr(value)[:80]
    text = "TY  - JOUR\nTI  - Odd\nPY  - 2016\nER  - \n"
    for address, value in addresses.items():
        assert client.get(address).status_code == 200, (address, value)
    answer = client.post("/admin/literature/reference/import/", {"text": text, "form": "ris"}, follow=True)
    assert answer.status_code == 200
