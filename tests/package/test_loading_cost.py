"""What a load reads depends on its package, and not on how much else the library and the workbench hold."""

from contextlib import contextmanager

import pytest
from django.db.models.signals import post_init

from casestudies.models import CaseStudy
from failure_lessons.packages.exchange import load_package, workbench_entries
from failure_lessons.packages.format import Package
from failure_lessons.publishing.models import Edition
from failure_lessons.publishing.registry import KINDS
from tests import factories
from tests.helpers import count_queries, submit_and_publish

pytestmark = pytest.mark.django_db


@contextmanager
def counted_rows():
    """Counts the editions and case studies that are read as records within."""
    read = []

    def note(sender, **_):
        read.append(sender)

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
