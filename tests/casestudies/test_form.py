"""The form of a case study: what it costs, how it is laid out, that rows nobody touched stay as they are."""

import itertools
import re

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from casestudies.models import CaseStudy, Event, Organisation, Quote
from failure_lessons.accounts.models import User
from failure_lessons.vocabularies.models import Theme
from tests import factories
from tests.helpers import squeeze_html
from tests.test_admin import form_data

pytestmark = pytest.mark.django_db
LARGEST = "transforming-rehabilitation"
numbers = itertools.count(1)


@pytest.fixture
def desk(client):
    """A researcher's browser."""
    user = User.objects.create_user("entering", password="a long enough phrase", is_staff=True)
    user.groups.set(Group.objects.filter(name="researcher"))
    client.force_login(user)
    return client


@pytest.fixture
def largest():
    return CaseStudy.objects.get(slug=LARGEST)


def form_of(case):
    return reverse("admin:casestudies_casestudy_change", args=[case.pk])


def open_form(desk, case):
    """The form, and how many queries it takes to open it."""
    desk.get(form_of(case))
    with CaptureQueriesContext(connection) as opening:
        page = desk.get(form_of(case))
    return page, len(opening)


def cost(desk, case):
    """Queries to open the form, and to save it with one event, one finding and one figure changed."""
    page, opening = open_form(desk, case)
    data = form_data(page)
    fresh = next(numbers)
    data |= {
        "events-0-title": f"{data['events-0-title']} x",
        "findings-0-explanation": f"Because {fresh}.",
        "indicators-0-values": f"2012 | {fresh}\n2013 | 76",
    }
    with CaptureQueriesContext(connection) as saving:
        answer = desk.post(form_of(case), data)
    assert answer.status_code == 302, answer.context["errors"]
    return opening, len(saving)


@pytest.mark.slow
def test_the_largest_case_opens_under_48_and_saves_under_80_queries_whatever_else_there_is(desk, largest):
    before = cost(desk, largest)
    assert before[0] < 48
    assert before[1] < 80
    for _ in range(40):
        factories.reference()
        factories.theme()
        factories.case()
    Organisation.objects.bulk_create(
        Organisation(slug=f"org-{number}", name=f"Body {number}", type="school") for number in range(40)
    )
    after = cost(desk, largest)
    assert after == before


@pytest.mark.slow
def test_opening_costs_the_same_with_three_times_the_events(desk, largest):
    _, before = open_form(desk, largest)
    Event.objects.bulk_create(
        Event(case=largest, date="2020", phase="onset", title=f"More {number}", position=100 + number)
        for number in range(40)
    )
    assert open_form(desk, largest)[1] == before


@pytest.mark.slow
def test_contents_count_each_section_and_what_is_to_mend(desk):
    case = factories.case()
    Event.objects.create(case=case, date="1997", phase="onset", title="Nobody says so", position=1)
    page = desk.get(form_of(case)).content.decode()
    contents = re.search(r'<nav class="contents".*?</nav>', page, re.DOTALL)[0]
    line = re.search(r'<a href="#events-group">(.*?)</a>', contents, re.DOTALL)[1]
    assert re.sub(r"<[^>]+>", "", line).split() == ["Events", "2", "1", "to", "mend"]
    assert 'id="events-group"' in page


@pytest.mark.slow
def test_a_closed_row_says_what_it_is_and_a_faulty_one_stands_open(desk):
    case = factories.case()
    page = desk.get(form_of(case))
    assert "<summary>1996-10 · Prevention · It began</summary>" in squeeze_html(page)
    data = form_data(page)
    data["events-0-date"] = "last autumn"
    answer = squeeze_html(desk.post(form_of(case), data))
    row = re.search(r'id="events-0"><details( open)?>', answer)
    assert row[1] == " open"
    assert "last autumn" in answer


@pytest.mark.slow
def test_twin_rows_are_found_among_changed_and_unchanged_ones(desk, largest):
    data = form_data(desk.get(form_of(largest)))
    data["indicators-1-name"] = data["indicators-0-name"]
    answer = desk.post(form_of(largest), data)
    assert answer.status_code == 200
    assert "duplicate" in str(answer.context["errors"])


@pytest.mark.slow
@pytest.mark.parametrize("number", ["999999", "\x00", "1e3", "９"])
def test_a_row_that_somebody_removed_and_one_that_never_was_harm_no_other(number, desk):
    case = factories.case()
    Event.objects.bulk_create(
        Event(case=case, date="2020", phase="onset", title=f"Event {each}", description=f"No. {each}", position=each)
        for each in range(2, 7)
    )
    data = form_data(desk.get(form_of(case)))
    gone, other = data["events-3-id"], data["events-4-id"]
    Event.objects.filter(pk=gone).delete()
    said = Event.objects.get(pk=other).description
    answer = desk.post(form_of(case), data | {"events-4-id": number})
    assert answer.status_code in (200, 302)
    assert not Event.objects.filter(pk=gone).exists()
    assert Event.objects.filter(case=case, description=said).exists()


@pytest.mark.slow
def test_a_quote_needs_words(desk, largest):
    data = form_data(desk.get(form_of(largest)))
    data["quotes-0-quotation"] = ""
    answer = desk.post(form_of(largest), data)
    assert answer.status_code == 200
    assert not Quote.objects.filter(quotation="").exists()


@pytest.mark.slow
def test_a_theme_chosen_for_a_finding_is_kept_and_shown(desk):
    case = factories.case()
    theme = Theme.objects.first()
    data = form_data(desk.get(form_of(case)))
    data["findings-0-themes"] = [theme.pk]
    assert desk.post(form_of(case), data).status_code == 302
    assert list(case.findings.get().themes.all()) == [theme]
    assert f'<option value="{theme.pk}" selected>{theme}</option>' in desk.get(form_of(case)).content.decode()
