"""The contract as pages to read and to try, without a script."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from failure_lessons.api.contract_reading import find_operation, group_operations
from failure_lessons.publishing.addresses import add_prefix, site_address


def contract_page(request: HttpRequest) -> HttpResponse:
    """Where to start, and every operation by what it is about. No query."""
    return render(request, "api/api.html", {"groups": group_operations()})


def operation_page(request: HttpRequest, name: str) -> HttpResponse:
    """One operation: what can be asked, what comes back, and an address made from what was filled in. No query."""
    operation = find_operation(name)
    if operation is None:
        raise Http404
    given = {
        each.name: ",".join(request.GET.getlist(each.name)) for each in operation.fields if each.name in request.GET
    }
    address = operation.fill_address(given)
    context = {
        "operation": operation,
        "fields": [(each, given.get(each.name, "")) for each in operation.fields],
        "address": add_prefix(address),
        "missing": "{" in address,
        "asked": bool(given),
        "command": operation.write_command(f"{site_address(request)}{address}"),
    }
    return render(request, "api/operation.html", context)
