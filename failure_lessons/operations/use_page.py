"""How the site is used, in sum, for everybody."""

from __future__ import annotations

from django.db.models import Max, Sum
from django.db.models.functions import TruncMonth
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from failure_lessons.operations.models import UseCount
from failure_lessons.operations.use_counting import FEW_ASKED

MOST_MONTHS = 13


def use_page(request: HttpRequest) -> HttpResponse:
    """How often records were opened, taken away, embedded and searched for, by month. Two queries."""
    sums: dict[object, dict[str, int]] = {}
    months = UseCount.objects.annotate(month=TruncMonth("day")).values("month", "deed").annotate(times=Sum("number"))
    for each in months.order_by("-month", "deed")[: MOST_MONTHS * len(UseCount.Deed)]:
        sums.setdefault(each["month"], {})[each["deed"]] = each["times"]
    rows = [(month, [found.get(deed, 0) for deed in UseCount.Deed.values]) for month, found in sums.items()]
    last = UseCount.objects.aggregate(last=Max("day"))["last"]
    return render(
        request, "operations/use.html", {"deeds": UseCount.Deed.labels, "rows": rows, "last": last, "few": FEW_ASKED}
    )
