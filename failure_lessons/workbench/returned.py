"""What has changed in a record since it was last returned to its author, as one difference."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import URLPattern

from failure_lessons.history.models import Change, row_key
from failure_lessons.publishing.models import Publishable
from failure_lessons.types import JSONObject
from failure_lessons.workbench.edits import FLOW_COLUMNS, Edit, describe_row_change, model_of
from failure_lessons.workbench.parts import AdminPart

RETURNED = "Returned by "  # how the note of a record that was returned begins; one taken back says otherwise


@dataclass(frozen=True)
class SinceReturn:
    """A return, what its note says, and the difference to it."""

    change: Change
    note: str
    edit: Edit


def find_last_return(record: Publishable) -> Change | None:
    """The change by which a record was last returned; None where it never was."""
    return (
        Change.objects.filter(
            key=row_key(record._meta.db_table, record.pk),
            before__state=Publishable.State.IN_REVIEW,
            after__state=Publishable.State.DRAFT,
            after__review_note__startswith=RETURNED,
        )
        .select_related("by")
        .order_by("-pk")
        .first()
    )


def sum_up_changes(changes: Iterable[Change]) -> list[Change]:
    """Of each row one change, from how it was before the first of these to how it is after the last.

    What came and went again, or was changed back, is none. Rows stand in the order in which they were first touched.
    """
    first: dict[str, Change] = {}
    for change in changes:
        change = without_flow(change)
        known = first.get(change.key)
        if known is None:
            first[change.key] = change
            continue
        operation = known.operation if change.operation == Change.Operation.UPDATE else change.operation
        before: JSONObject = {**(change.before or {}), **(known.before or {})}
        after: JSONObject = {**(known.after or {}), **(change.after or {})}
        if known.operation == Change.Operation.INSERT:
            operation = change.operation if change.operation == Change.Operation.DELETE else Change.Operation.INSERT
            before = {}
        elif known.operation == Change.Operation.DELETE:  # it was removed and put back
            operation = Change.Operation.UPDATE
        first[change.key] = Change(
            key=change.key, operation=operation, before=before, after=after, at=change.at, by=change.by
        )
    return [kept for each in first.values() if (kept := drop_equal_columns(each)) is not None]


def without_flow(change: Change) -> Change:
    """A change without where its record stood in its editorial flow."""
    model = model_of(change.table)
    if model is None or not issubclass(model, Publishable):
        return change
    before, after = (
        {name: value for name, value in (side or {}).items() if name not in FLOW_COLUMNS}
        for side in (change.before, change.after)
    )
    return Change(key=change.key, operation=change.operation, before=before, after=after, at=change.at, by=change.by)


def drop_equal_columns(change: Change) -> Change | None:
    """A change without what came out as it went in; None when nothing is left."""
    before, after = change.before or {}, change.after or {}
    if change.operation == Change.Operation.DELETE:
        return change if before else None
    if change.operation == Change.Operation.UPDATE:
        differ = {name for name in after if before.get(name) != after[name]}
        if not differ:
            return None
        change.before = {name: before.get(name) for name in differ}
        change.after = {name: after[name] for name in differ}
    return change


def compare_with_return(record: Publishable, visible: Iterable[Change], returned: Change) -> SinceReturn:
    """What these changes come to, beside why the record was returned."""
    shown = tuple(
        part
        for part in map(describe_row_change, sum_up_changes(visible))
        if part.steps or part.operation != Change.Operation.UPDATE
    )
    by = returned.by.get_username() if returned.by else "a script"
    note = str((returned.after or {}).get("review_note", ""))
    return SinceReturn(returned, note, Edit(returned.transaction, returned.at, by, "", shown, False))


class ReturnedPages(AdminPart):
    """What an author did about a return, for whoever reads the record again."""

    def urls(self) -> list[URLPattern]:
        return [self.make_path("<int:pk>/since-return/", self.since_return_view, self.name_page("since_return"))]

    def form_context(self, request: HttpRequest, record: Publishable) -> dict[str, object]:
        """Where the difference is, while the record is under way and was returned once."""
        under_way = record.state in (Publishable.State.DRAFT, Publishable.State.IN_REVIEW)
        returned = find_last_return(record) if under_way else None
        return {
            "last_return": returned,
            "last_return_note": str((returned.after or {}).get("review_note", "")) if returned else "",
            "since_return_url": self.page_url("since_return", record.pk) if returned else "",
        }

    def since_return_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The difference between the record as it was returned and as it is now."""
        record = self.get_visible_record(request, pk)
        returned = find_last_return(record)
        since = None
        if returned is not None:
            changes = Change.objects.of(record).since(returned.pk).select_related("by").order_by("pk")
            visible = getattr(self.admin, "visible_changes", lambda _, rows: rows)(request, changes)
            since = compare_with_return(record, visible, returned)
        context = {
            **self.page_context(request),
            "original": record,
            "title": "Since it was returned",
            "since": since,
        }
        return render(request, "admin/workbench/since_return.html", context)
