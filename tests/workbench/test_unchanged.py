"""A form that is sent back as it came writes nothing, and one change writes one row."""

import pytest
from django.contrib import admin
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from casestudies.models import CaseStudy
from failure_lessons.accounts.models import User
from failure_lessons.history.models import Change
from tests import factories
from tests.examples import some_of
from tests.workbench.forms import browser_data, written_by

pytestmark = pytest.mark.django_db

REGISTERED = sorted(admin.site._registry, key=lambda model: model._meta.label)


@pytest.fixture
def desk(client):
    client.force_login(User.objects.create_superuser("desk", password="a long enough phrase"))
    return client


def address_of(record):
    return reverse(f"admin:{record._meta.app_label}_{record._meta.model_name}_change", args=[record.pk])


def save(desk, address, data):
    """Send a form; gives what was written and how many lines the history got."""
    before = Change.objects.count()
    with CaptureQueriesContext(connection) as captured:
        answer = desk.post(address, data)
    assert answer.status_code == 302, answer.context["errors"]
    return written_by(captured), Change.objects.count() - before


@pytest.mark.slow
@pytest.mark.parametrize("model", REGISTERED, ids=lambda model: model._meta.label)
def test_a_form_sent_back_as_it_came_writes_nothing(model, desk):
    for record in some_of(model._default_manager.order_by("pk"), 1):
        address = address_of(record)
        opened = desk.get(address)
        if opened.status_code == 302 or not opened.context.get("has_change_permission"):
            continue
        assert save(desk, address, browser_data(opened)) == ([], 0), address


@pytest.mark.slow
def test_text_with_other_line_ends_and_blanks_is_no_change(desk):
    case = factories.case(title="Two  spaces")
    case.sections.update(text="One line.\nAnother.\n\n  A third. \n")
    case.events.update(description="Ends as a browser ends it.\r\nSo.")
    address = address_of(case)
    assert save(desk, address, browser_data(desk.get(address))) == ([], 0)


@pytest.mark.slow
def test_a_new_title_rewrites_no_citations(desk):
    case = CaseStudy.objects.get(title__contains="Greater Manchester")
    address = address_of(case)
    data = browser_data(desk.get(address)) | {"title": "Another title"}
    _, lines = save(desk, address, data)
    assert lines == 1
    assert Change.objects.last().after == {"title": "Another title"}


@pytest.mark.slow
def test_the_order_in_which_choices_are_ticked_is_no_change(desk):
    case = factories.case()
    CaseStudy.objects.filter(pk=case.pk).update(failure_types=["safety", "financial", "quality"])
    address = address_of(case)
    data = browser_data(desk.get(address))
    assert save(desk, address, data | {"failure_types": data["failure_types"][::-1]}) == ([], 0)
