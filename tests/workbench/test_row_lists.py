"""Rows of a record are written in its form: they have no page of their own, and no place in the menu."""

import pytest
from django.contrib import admin
from django.urls import reverse

from casestudies.models import Comparison, Condition, Event, Indicator, IndicatorValue
from failure_lessons.history.models import Change
from failure_lessons.publishing.registry import SOURCES
from failure_lessons.publishing.services import submit_record
from failure_lessons.workbench.row_lists import RowListAdmin
from literature.models import ReviewFinding
from tests.helpers import parse_page
from tests.workbench.forms import browser_data

pytestmark = pytest.mark.django_db

ROWS = [model for model, options in admin.site._registry.items() if isinstance(options, RowListAdmin)]


@pytest.fixture
def desk(person, browser_of):
    return browser_of(person("amara", "researcher"))


def address(row, page="change"):
    return reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_{page}", args=[row.pk])


def test_every_row_of_evidence_is_a_list_or_a_guarded_form():
    parts = {
        model._meta.label
        for model, options in admin.site._registry.items()
        if model._meta.app_label in ("casestudies", "literature", "recommendations")
        and not (hasattr(model, "state") and model in SOURCES)
        and not isinstance(options, RowListAdmin)
    }
    assert parts == {"casestudies.Condition"}


def test_the_menu_names_records_and_no_rows(desk):
    links = {link.get("href") for link in parse_page(desk.get(reverse("admin:index"))).iter("a")}
    for model in [*ROWS, Condition]:
        assert reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist") not in links
    assert reverse("admin:casestudies_casestudy_changelist") in links


@pytest.mark.slow
@pytest.mark.parametrize("model", ROWS, ids=lambda model: model._meta.label)
def test_a_row_is_not_added_changed_or_deleted_on_its_own(model, desk):
    row = model._default_manager.first()
    before = Change.objects.count()
    assert desk.get(reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_add")).status_code == 403
    assert desk.post(address(row), {"title": "x"}).status_code == 403
    assert desk.post(address(row, "delete"), {"post": "yes"}).status_code == 403
    chosen = {"action": "delete_selected", "_selected_action": [row.pk], "post": "yes"}
    desk.post(reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist"), chosen)
    assert model._default_manager.filter(pk=row.pk).exists()
    assert Change.objects.count() == before


@pytest.mark.slow
def test_whoever_opens_a_row_is_led_to_it_in_the_form_of_its_record(desk):
    forms = {}  # many rows stand in the form of one record
    for model in ROWS:
        row = model._default_manager.last()
        path, _, anchor = desk.get(address(row))["Location"].partition("#")
        if path not in forms:
            page = desk.get(path)
            assert page.status_code == 200, model
            forms[path] = parse_page(page)
        found = forms[path].xpath(f"//*[@id='{anchor}']")
        assert len(found) == 1, (model, anchor)
        if model in (Event, ReviewFinding):
            assert str(getattr(row, "title", "") or row.statement) in "".join(found[0].itertext())
        if model is IndicatorValue:
            assert Indicator.objects.get(pk=row.indicator_id).name in "".join(found[0].itertext())


@pytest.mark.slow
def test_a_condition_is_guarded_as_its_comparison_is(desk, person):
    condition = Condition.objects.first() or Condition.objects.create(
        comparison=Comparison.objects.create(slug="c", title="C"), key="k", label="K", definition="D"
    )
    opened = browser_data(desk.get(address(condition)))
    assert "_version" in opened
    Condition.objects.filter(pk=condition.pk).update(definition="Theirs")
    desk.post(address(condition), opened | {"label": "Mine", "definition": "Mine too"})
    condition.refresh_from_db()
    assert condition.definition == "Theirs"
    submit_record(record=condition.comparison, by=person("ben", "researcher"))
    assert 'name="_save"' not in desk.get(address(condition)).content.decode()
    assert desk.post(address(condition, "delete"), {"post": "yes"}).status_code == 403
