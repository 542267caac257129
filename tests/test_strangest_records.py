"""One record of each kind with every field at its strangest breaks no page: its own, or one about others."""

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import reverse

from failure_lessons.accounts.models import User
from failure_lessons.packages.format import write_package
from failure_lessons.packages.validation import read_checked
from failure_lessons.publishing.models import Edition, Publishable
from failure_lessons.publishing.registry import KINDS
from tests.conftest import publish_shipped
from tests.crawl import addresses_of, fetch, fetch_all, record_pages, standing_addresses
from tests.examples import some_of
from tests.full_records import StrangeBuilder, build_package
from tests.helpers import SHIPPED_KINDS

pytestmark = pytest.mark.django_db


@pytest.fixture
def strange_library(tmp_path):
    """The shipped library, and the strange records in it."""
    write_package(tmp_path / "strange", build_package(StrangeBuilder()))
    publish_shipped(read_checked(tmp_path / "strange"))
    return [each for each in Edition.objects.current().without_text() if each.slug.startswith("zq")]


@pytest.mark.slow
@pytest.mark.parametrize("others", [30, pytest.param(10_000, marks=pytest.mark.trials)])
def test_every_public_address_answers_with_strange_records_in_the_library(others, strange_library):
    assert {each.kind for each in strange_library} >= set(SHIPPED_KINDS) - {"consultation-template"}
    picks = "&".join(
        f"r={each.code or each.get_absolute_url().strip('/')}.1"
        for each in strange_library
        if KINDS[each.kind].in_brief
    )
    usual = [*standing_addresses(), *(each for kind in KINDS.values() for each in addresses_of(kind))]
    strange = {each.slug for each in strange_library}
    addresses = [*some_of(usual, others), *(each for each in usual if not strange.isdisjoint(each.split("/")))]
    addresses += [f"/brief/?{picks}", f"/brief/brief.pdf?{picks}", f"/brief/brief.docx?{picks}"]
    # the crawl looks at more that is alike; what is strange is among the addresses themselves
    answers = fetch_all(Client(), dict.fromkeys(addresses), some_of(record_pages(), others // 5), most_alike=1)
    broken = [
        (each.address, each.status, each.fault[:200]) for each in answers.values() if each.fault or each.status >= 500
    ]
    assert not broken
    led = [link for each in answers.values() if each.is_page for link in each.tree.xpath("//a/@href")]
    assert not [link for link in led if link.startswith(("javascript:", "//", "data:"))]


@pytest.mark.slow
def test_every_page_of_the_workbench_opens_with_strange_records(strange_library):
    client = Client()
    client.force_login(User.objects.create_superuser("root", password="x"))
    addresses = [reverse("admin:index")]
    for model in (each for each in admin.site._registry if issubclass(each, Publishable)):
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        addresses.append(reverse(f"{name}_changelist"))
        for row in model._default_manager.filter(slug__startswith="zq"):
            addresses.append(reverse(f"{name}_change", args=[row.pk]))
            addresses.append(reverse(f"{name}_history", args=[row.pk]))
    broken = [
        (each.address, each.status, each.fault[:200])
        for each in (fetch(client, address) for address in addresses)
        if each.fault or each.status != 200
    ]
    assert len(addresses) > 20
    assert not broken
