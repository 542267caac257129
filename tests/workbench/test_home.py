"""The first page says what to do next, in a fixed number of questions."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from casestudies.models import CaseStudy, Comparison, Event
from failure_lessons.accounts.models import User
from failure_lessons.history.audit_context import acting_as
from failure_lessons.publishing.services import publish_record, submit_record
from failure_lessons.workbench.services import add_comment
from recommendations.models import LessonEvidence
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def author(person):
    return person("author", "researcher")


def home(browser_of, user):
    return browser_of(user).get(reverse("admin:index"))


@pytest.mark.slow
def test_my_drafts_are_there_with_the_next_step(author, browser_of):
    with acting_as(by=author):
        case = factories.case(title="Under way")
        case.events.first().citations.all().delete()
    factories.case(title="Somebody else's")
    page = home(browser_of, author)
    [row] = [row for row in page.context["mine"] if row.name == "Under way"]
    assert (row.standing, row.gaps, row.step) == ("Draft", 1, "Event “It began” cites no source.")
    assert row.step_url.endswith(f"/casestudy/{case.pk}/change/#events-0")
    assert not [row for row in page.context["mine"] if row.name == "Somebody else's"]
    form = browser_of(author).get(row.step_url).content.decode()
    assert 'id="events-0"' in form
    assert 'href="/admin/casestudies/casestudy/' in form


@pytest.mark.slow
def test_the_work_of_a_part_belongs_to_its_record(author, browser_of):
    case = CaseStudy.objects.get(slug="hmp-birmingham")
    with acting_as(by=author):
        source = case.events.first().citations.first()
        source.locator = "p. 99"
        source.save()
    [row] = home(browser_of, author).context["mine"]
    assert (row.record, row.standing) == (case, "Published, with edits readers do not see")
    assert row.step == "Submit it for review"
    assert row.step_url == reverse("admin:casestudies_casestudy_verb", args=[case.pk, "submit"])


@pytest.mark.slow
def test_what_i_merely_published_is_not_my_work(author, person, browser_of):
    chief = person("chief", "publisher")
    with acting_as(by=author):
        case = factories.case()
    submit_record(record=case, by=author)
    publish_record(record=case, by=chief)
    assert home(browser_of, chief).context["mine"] == []


@pytest.mark.slow
def test_reviewers_see_what_waits_for_them_and_not_their_own(author, person, browser_of):
    both = person("both", "researcher", "publisher")
    theirs, own = factories.case(title="Theirs"), factories.case(title="Own")
    submit_record(record=theirs, by=author, note="Look at the dates.")
    submit_record(record=own, by=both)
    add_comment(record=theirs, by=both, text="Hm.")
    page = home(browser_of, both)
    assert [(row.name, row.note, row.comments) for row in page.context["waiting"]] == [
        ("Theirs", "Look at the dates.", 1)
    ]
    assert page.context["waiting_total"] == 1
    assert "Waiting for your review" not in home(browser_of, author).content.decode()


@pytest.mark.slow
def test_changed_evidence_is_there_with_what_changed(author, person, browser_of):
    assert "rests on evidence as it stands today" in home(browser_of, author).content.decode()
    finding = LessonEvidence.objects.filter(case_finding__isnull=False).first().case_finding
    finding.explanation = "Another explanation."
    finding.save()
    submit_record(record=finding.case, by=author)
    publish_record(record=finding.case, by=person("chief", "publisher"))
    page = home(browser_of, author)
    assert page.context["marked_total"] > 0
    assert any(f"Finding {finding.code} was replaced" in each.moved for each in page.context["marked"])
    assert all(each.url for each in page.context["marked"])
    assert browser_of(author).get(page.context["marked_url"]).status_code == 200


def test_recent_changes_say_who_what_and_why(author, browser_of):
    case = CaseStudy.objects.get(slug="hmp-birmingham")
    with acting_as(by=author, reason="From the inquiry."):
        Event.objects.filter(case=case).update(description="Other.")
    deed = home(browser_of, author).context["recent"][0]
    assert (deed.by, deed.reason) == ("author", "From the inquiry.")
    assert deed.records[0][0] == f"Case study: {case}"


@pytest.mark.slow
def test_somebody_new_finds_a_way_in(author, browser_of):
    page = home(browser_of, author).content.decode()
    assert "Nothing of yours is under way" in page
    assert reverse("admin:casestudies_casestudy_add") in page
    assert "Enter the first case study" not in page


@pytest.mark.slow
def test_an_empty_workbench_leads_to_the_first_case_study(author, person, browser_of):
    with connection.cursor() as cursor:  # drafts could be deleted one by one; this empties the workbench at once
        cursor.execute("truncate casestudies_casestudy, recommendations_lesson cascade")
    assert not Comparison.objects.filter(conditions__calibrations__isnull=False).exists()
    assert "Enter the first case study" in home(browser_of, author).content.decode()
    assert "Enter the first case study" not in home(browser_of, person("chief", "publisher")).content.decode()


@pytest.mark.slow
def test_somebody_without_a_role_sees_nothing_of_the_work(person, browser_of):
    factories.case(title="Confidential draft")
    page = home(browser_of, person("nobody"))
    assert page.status_code == 200
    assert "Confidential draft" not in page.content.decode()
    assert "Changed lately" not in page.content.decode()


@pytest.mark.slow
def test_the_page_asks_no_more_questions_when_there_is_more(author, person, browser_of):
    both = person("both", "researcher", "publisher")
    counts = []
    for size in (20, 30):  # so many changes fill the lists; before, other kinds are in them, which take other questions
        with acting_as(by=both):
            for _ in range(size):
                factories.lesson(factories.case().findings.get())
                add_comment(record=factories.case(), by=author, text="x")
        for _ in range(size):
            submit_record(record=factories.case(), by=author)
        desk = browser_of(User.objects.get(pk=both.pk))
        desk.get(reverse("admin:index"))
        with CaptureQueriesContext(connection) as asked:
            assert desk.get(reverse("admin:index")).status_code == 200
        counts.append(len(asked))
    assert counts[1] <= counts[0], counts  # fewer where the newest rows are of fewer kinds
    assert counts[0] < 75
