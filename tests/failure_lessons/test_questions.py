"""One question, the same records everywhere: filters, orders, moments and pages both ways."""

import datetime as dt
import itertools

import pytest
from django.http import QueryDict
from django.utils import timezone

from casestudies.models import CaseStudy
from failure_lessons.library.list_query import CannotAsk, parse_list_query
from failure_lessons.library.orders import directed_orders_of, orders_of, place_of
from failure_lessons.publishing.models import Edition
from failure_lessons.publishing.registry import KINDS
from failure_lessons.publishing.services import publish_record, submit_record, withdraw_record
from failure_lessons.vocabularies.choices import Strength

pytestmark = pytest.mark.django_db


def asked(kind, text=""):
    return parse_list_query(KINDS[kind], QueryDict(text))


def walk(kind, text, name, limit, cursor=""):
    """Slugs of every page, from one end or from a cursor to the end, and the last page."""
    found = []
    while True:
        page = asked(kind, f"{text}&{name}={cursor}" if cursor else text).page(limit)
        slugs = [edition.slug for edition in page.editions]
        found = slugs + found if name == "before" else found + slugs
        cursor = getattr(page, name)
        if not cursor:
            return found, page


@pytest.mark.slow
@pytest.mark.parametrize(
    ("kind", "limit"),
    [
        *itertools.product(["recommendation", "finding"], [5, 18, 100]),
        *(("reference", 18), ("reference", 100), pytest.param("reference", 5, marks=pytest.mark.trials)),
    ],
)
def test_every_order_pages_through_all_records_both_ways(kind, limit):
    for code in directed_orders_of(KINDS[kind]):
        whole = [edition.slug for edition in asked(kind, f"order={code}").sorted_editions()][: limit * 9]
        found, last = walk(kind, f"order={code}", "after", limit)
        assert found[: len(whole)] == whole
        assert len(found) == len(set(found)) == Edition.objects.current().of_kind(kind).count()
        backwards = walk(kind, f"order={code}", "before", limit, last.before)[0] if last.before else []
        assert backwards == found[: len(found) - len(last.editions)]


def test_a_hyphen_turns_an_order_round_and_unknown_ones_are_named():
    def slugs(order):
        return [edition.slug for edition in asked("recommendation", f"order={order}").sorted_editions()]

    assert slugs("-standard") == slugs("standard")[::-1]
    assert slugs("-published") == slugs("newest") == slugs("published")[::-1]
    with pytest.raises(CannotAsk, match="Did you mean"):
        asked("recommendation", "order=-publishd")


def test_codes_and_days_of_publication_have_an_index_each():
    indexes = {each.name: each for each in Edition._meta.indexes}
    assert indexes["edition_code"].fields == ["code"]
    assert indexes["edition_by_publication"].fields == ["kind", "revision"]


def test_the_strongest_come_first():
    codes = [
        term
        for edition in asked("recommendation", "order=strength").sorted_editions()
        for term in edition.terms
        if "strength:" in term
    ]
    assert codes == sorted(codes, key=lambda term: Strength.values.index(term.partition(":")[2]))
    assert len(set(codes)) > 1


@pytest.mark.slow
def test_a_list_can_be_read_as_it_stood(researcher, publisher):
    before = timezone.now()
    case = CaseStudy.objects.get(slug="hmp-birmingham")
    case.title = "A new title"
    case.save()
    submit_record(record=case, by=researcher)
    publish_record(record=case, by=publisher)
    other = CaseStudy.objects.get(slug="hackney-learning-trust")
    withdraw_record(record=other, by=publisher, note="Wrong.")
    then = asked("case-study", f"as_of={before.astimezone(dt.UTC):%Y-%m-%dT%H:%M:%S.%fZ}")
    assert "A new title" not in [edition.title for edition in then.sorted_editions()]
    assert "hmp-birmingham" in [edition.slug for edition in then.sorted_editions()]
    assert "hackney-learning-trust" not in [
        edition.slug for edition in then.sorted_editions()
    ]  # withdrawn is withdrawn
    assert "hackney-learning-trust" not in [edition.slug for edition in asked("case-study").sorted_editions()]
    assert not asked("case-study", "as_of=1999-12-31").editions.exists()


@pytest.mark.parametrize(
    ("text", "parameter"),
    [
        ("phse=x", "phse"),
        ("order=newset", "order"),
        ("as_of=yesterday", "as_of"),
        ("as_of=2026-02-30", "as_of"),
        ("as_of=2026-11-25T10:00:00", "as_of"),
        ("after=x", "after"),
        ("before=x", "before"),
        ("q=a&q=b", "q"),
        ("order=newest&order=newest", "order"),
        ("phase=prevntion", "phase"),
        ("theme=No%00", "theme"),
    ],
)
def test_each_fault_names_its_parameter(text, parameter):
    with pytest.raises(CannotAsk) as error:
        asked("recommendation", text)
    assert error.value.faults[0].parameter == parameter


@pytest.mark.parametrize("text", ["as_of=0001-01-01", "as_of=9999-12-31", "as_of=9999-12-31T23:59:59-14:00"])
def test_the_ends_of_time_are_no_crash(text):
    shown = asked("recommendation", text).editions.count()
    assert shown == (0 if "0001" in text else 18)


def test_a_cursor_belongs_to_its_order():
    cursor = asked("recommendation", "order=strength").page(3).after
    assert asked("recommendation", f"order=strength&after={cursor}").page(3).editions
    with pytest.raises(CannotAsk):
        asked("recommendation", f"after={cursor}")
    with pytest.raises(ValueError, match="x"):
        place_of("recommendation", orders_of(KINDS["recommendation"])["newest"], "x")


def test_every_fault_is_told():
    with pytest.raises(CannotAsk) as error:
        asked("recommendation", "phse=x&limt=3&phase=never")
    assert [fault.parameter for fault in error.value.faults] == ["phse", "limt", "phase"]
