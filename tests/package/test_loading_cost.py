"""What a load or a removal reads depends on its package, and not on what else the library and the workbench hold."""

from contextlib import contextmanager

import pytest
from django.db.models.signals import post_init

from casestudies.models import CaseStudy
from failure_lessons.packages.exchange import load_package, workbench_entries
from failure_lessons.packages.format import Package
from failure_lessons.packages.removal import plan_removal
from failure_lessons.publishing.models import Edition
from failure_lessons.publishing.registry import KINDS
from literature.models import Reference
from tests import factories
from tests.helpers import count_queries, submit_and_publish

pytestmark = pytest.mark.django_db


@contextmanager
def counted_rows():
    """Counts the editions and case studies that are read as records within."""
    read = []

    def note(sender, instance, **_):
        read.append(getattr(instance, "kind", sender))

    for model in (Edition, CaseStudy):
        post_init.connect(note, sender=model)
    try:
        yield read
    finally:
        for model in (Edition, CaseStudy):
            post_init.disconnect(note, sender=model)


def package_of(case, title):
    entry = workbench_entries(KINDS["case-study"].member, [case.slug])[case.slug]
    package = Package({"title": "One case"})
    package.members["case-studies"] = [{**entry, "title": title}]
    return package


@pytest.mark.slow
def test_loading_one_case_reads_as_much_beside_many_others(researcher, publisher):
    case = factories.case()
    submit_and_publish(case)
    costs = []
    for more in (0, 6, 12):
        for _ in range(more):
            submit_and_publish(factories.case())
        with counted_rows() as read:
            queries = count_queries(
                load_package, package_of(case, f"Beside {more}"), by=researcher, publisher=publisher
            )
        assert Edition.objects.current().get(slug=case.slug).title == f"Beside {more}"
        costs.append((len(read), queries))
    assert costs[0] == costs[1] == costs[2]
    assert 0 < costs[2][0] < Edition.objects.current().count(), costs


@pytest.mark.slow
def test_removing_one_case_reads_as_much_beside_many_others(researcher, publisher):
    case, own = factories.case(), factories.lesson()
    package = package_of(case, "To be removed")
    load_package(package, by=researcher, publisher=publisher, overwrite=True)
    costs = []
    for more in (0, 6, 12):
        for _ in range(more):
            submit_and_publish(factories.case())
        with counted_rows() as read:
            queries = count_queries(plan_removal, package)
        plan = plan_removal(package)
        assert {each.kind for each in plan.goes} == {"case-study", "finding"}
        assert plan.kept == ()
        costs.append((len(read), queries))
    assert costs[0] == costs[1] == costs[2]
    assert 0 < costs[2][0] < 10
    own.evidence.all().delete()
    own.evidence.create(case_finding=case.findings.get(), relation="supports", note="It does.")
    submit_and_publish(own)
    plan = plan_removal(package)
    assert plan.goes == ()
    assert {each.kind for each in plan.kept} == {"case-study", "finding"}


def test_a_load_reads_no_review_that_could_tell_nothing_of_it(researcher, publisher):
    """Reviews hold references that are no records of the library: read only where one was changed that nothing shows."""
    reference = Reference.objects.filter(state="published").first()
    entry = workbench_entries(KINDS["reference"].member, [reference.slug])[reference.slug]
    package = Package({"title": "One reference"})
    package.members["references"] = [{**entry, "title": "Another title"}]
    with counted_rows() as read:
        load_package(package, by=researcher, publisher=publisher)
    assert "reference" in read
    assert "literature-review" not in read
    assert Edition.objects.current().get(kind="reference", slug=reference.slug).title == "Another title"
