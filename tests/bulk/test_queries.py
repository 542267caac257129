"""What a sheet costs: as many queries for each batch, however many batches there are."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from casestudies.models import CaseFinding, CaseStudy
from failure_lessons.bulk.services import take_in
from failure_lessons.vocabularies.models import Theme
from tests.bulk.sheets import Sheet, downloaded, everything, staged

pytestmark = pytest.mark.django_db


def queries(deed):
    """How many queries something takes, and what it gives."""
    with CaptureQueriesContext(connection) as captured:
        result = deed()
    return len(captured), result


@pytest.mark.slow
def test_every_further_batch_takes_as_many_queries_as_the_one_before(researcher, monkeypatch):
    for place in ("writing", "comparing", "saving"):
        monkeypatch.setattr(f"failure_lessons.bulk.{place}.ROWS_PER_BATCH", 10)
    case, theme = CaseStudy.objects.first(), Theme.objects.first()
    costs = []
    for size in (10, 20, 30):
        made = CaseFinding.objects.bulk_create(
            CaseFinding(case=case, code=f"Q{size}-F{n}", slug=f"q{size}-f{n}", statement="x", phase="prevention")
            for n in range(1, size + 1)
        )
        rows = CaseFinding.objects.filter(pk__in=[each.pk for each in made])
        out, _ = queries(lambda rows=rows: downloaded(rows))
        sheet = Sheet(rows)
        for each in made:
            sheet.write(each, Statement="Another", Explanation="Why", Themes=theme.slug)
        for n in range(1, size + 1):
            sheet.add(Case=case.slug, Code=f"N{size}-F{n}", Statement="New", Phase="Prevention", Themes=theme.slug)
        data = sheet.bytes()
        look, upload = queries(lambda data=data: staged(data, CaseFinding, researcher))
        write, result = queries(
            lambda upload=upload: take_in(
                upload=upload,
                rights=everything(CaseFinding),
                by=researcher,
                digest=upload.plan["digest"],
                reason="A test.",
            )
        )
        assert (len(result["changed"]), len(result["added"])) == (size, size)
        costs.append((out, look, write))
    steps = [[later - earlier for earlier, later in zip(costs[n], costs[n + 1], strict=True)] for n in (0, 1)]
    assert steps[0] == steps[1]
    assert max(steps[0]) < 45


def test_a_row_costs_nothing_within_a_batch(researcher):
    rows = CaseFinding.objects.all()
    one = rows.filter(pk=rows[0].pk)
    few, data = queries(lambda: downloaded(one))
    many, every = queries(lambda: downloaded(rows))
    assert few == many
    few, _ = queries(lambda: staged(data, CaseFinding, researcher))
    many, _ = queries(lambda: staged(every, CaseFinding, researcher))
    assert few == many
