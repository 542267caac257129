"""A form that was opened before somebody else saved: field by field and row by row, what one left alone stays theirs.

Three forms are compared: as it was opened (the record's changes since then undone, in a savepoint that is rolled back),
as it would be opened now, and as it was sent. The result is what a browser would send of a form opened now.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ObjectDoesNotExist
from django.db import DatabaseError, connection, transaction
from django.db.models import Model
from django.forms import BaseForm, Widget
from django.forms.boundfield import BoundField
from django.forms.formsets import DELETION_FIELD_NAME
from django.http import HttpRequest, QueryDict
from django.utils.datastructures import MultiValueDict

from failure_lessons.history.models import Change
from failure_lessons.workbench.edits import CannotRevert, content_before, inverse_statement
from failure_lessons.workbench.unchanged import normalise_lines

if TYPE_CHECKING:
    from failure_lessons.workbench.recorded import RecordedAdmin

Values = list[str]


@dataclass
class FormRow:
    """The fields of a form or of a row in it: what each would send, what it is called, and whether it can be sent."""

    values: dict[str, Values] = field(default_factory=dict)
    labels: dict[str, str] = field(default_factory=dict)
    always_sent: set[str] = field(default_factory=set)  # text, which a browser sends even when it is empty
    fixed: set[str] = field(default_factory=set)


@dataclass
class FormState:
    """A form as it is opened at some time: the record's own fields, and the rows of each kind by their keys."""

    own: FormRow
    rows: dict[str, dict[str, FormRow]]
    names: dict[str, str]  # what each kind of row is called
    keys: dict[str, str]  # the field that holds a row's key


@dataclass(frozen=True)
class KeptField:
    """What somebody wrote where somebody else had written too: theirs stands, these are kept for their author."""

    place: str
    label: str
    words: str
    theirs: str


def plain_widget(bound: BoundField) -> Widget:
    """The widget of a field, without what the admin wraps around it."""
    widget: Widget = getattr(bound.field.widget, "widget", None) or bound.field.widget
    return widget


def sent_values(bound: BoundField) -> Values:
    """What a browser sends of a field that nobody touched."""
    widget, value = plain_widget(bound), bound.value()
    if isinstance(value, bool):
        return ["on"] if value else []
    shown = widget.format_value(value)
    return [str(each) for each in shown] if isinstance(shown, list | tuple) else ["" if shown is None else str(shown)]


def read_row(form: BaseForm) -> FormRow:
    """The fields of a form that was not sent."""
    row = FormRow()
    for bound in form:
        if bound.name == DELETION_FIELD_NAME:
            continue  # whether a row goes is decided of the row
        widget = plain_widget(bound)
        row.values[bound.name] = sent_values(bound)
        row.labels[bound.name] = str(bound.label)
        if bound.field.disabled:
            row.fixed.add(bound.name)
        elif widget.value_omitted_from_data({}, MultiValueDict(), bound.html_name):  # unlike boxes and lists of several
            row.always_sent.add(bound.name)
    return row


def read_state(options: RecordedAdmin, request: HttpRequest, pk: int) -> FormState:
    """The form of a record as it would be opened now."""
    looking: Any = copy.copy(request)
    looking.method = "GET"
    record = options.model._default_manager.get(pk=pk)
    own = read_row(options.get_form(looking, record, change=True)(instance=record))
    state = FormState(own, {}, {}, {})
    # what the admin itself makes the rows of its page with
    for formset in options._create_formsets(looking, record, change=True)[0]:  # type: ignore[attr-defined]
        key = formset.model._meta.pk.name
        state.keys[formset.prefix] = key
        state.names[formset.prefix] = str(formset.model._meta.verbose_name).capitalize()
        state.rows[formset.prefix] = {str(form.instance.pk): read_row(form) for form in formset.initial_forms}
    return state


def read_state_at(options: RecordedAdmin, request: HttpRequest, record: Model, version: int) -> FormState | None:
    """The form as it was opened at a version; None where that cannot be told."""
    state = None
    with suppress(DatabaseError, CannotRevert, LookupError, ObjectDoesNotExist), transaction.atomic():
        with connection.cursor() as cursor:
            for change in Change.objects.of(record).since(version).order_by("-pk"):  # type: ignore[arg-type]
                if content_before(change) or change.operation == Change.Operation.INSERT:
                    cursor.execute(*inverse_statement(change))
        state = read_state(options, request, record.pk)
        transaction.set_rollback(True)
    return state


def same_values(one: Values | None, other: Values | None) -> bool:
    """Whether two fields say the same, whatever their line ends and the order of what was chosen."""
    return sorted(tidy_values(one)) == sorted(tidy_values(other))


def tidy_values(values: Values | None) -> Values:
    """The values that say something, with lines ended in one way."""
    return [text for each in values or [] if (text := normalise_lines(each).strip())]


class FormMerge:
    """What is to be saved when `sent`, opened as `base`, meets `now`. See `merged` and `kept`."""

    def __init__(self, sent: QueryDict, base: FormState, now: FormState) -> None:
        self.sent, self.base, self.now = sent, base, now
        self.kept: list[KeptField] = []
        self.merged = sent.copy()
        self.merge_row("", base.own, now.own, "", "")
        for prefix in now.rows:
            self.merge_rows(prefix)

    def mine(self, prefix: str, name: str, row: FormRow) -> Values | None:
        """What was sent of a field; None where it was not in the form."""
        key = f"{prefix}{name}"
        if name in row.fixed or (key not in self.sent and name in row.always_sent):
            return None
        return self.sent.getlist(key)

    def merge_row(self, prefix: str, base: FormRow, now: FormRow, target: str, called: str) -> None:
        """Each field of the record, or of a row that was there and still is; `target` is the row's new prefix."""
        for name, theirs in now.values.items():
            mine, was = self.mine(prefix, name, now), base.values.get(name)
            touched = mine is not None and not same_values(mine, was)
            if touched and not same_values(mine, theirs) and not same_values(theirs, was):
                self.keep(target or name, f"{called}{now.labels[name]}", mine or [], theirs)
            wins = mine if mine is not None and touched and same_values(theirs, was) else theirs
            self.put(f"{target}{name}", wins)

    def merge_rows(self, prefix: str) -> None:
        """The rows of one kind: theirs in their order, then those that were added here."""
        base, now, key = self.base.rows.get(prefix, {}), self.now.rows[prefix], self.base.keys.get(prefix, "id")
        sent_rows = dict(self.sent_rows(prefix, key))
        for name in [name for name in self.merged if re.match(rf"{re.escape(prefix)}-\d", name)]:
            del self.merged[name]
        place = 0
        for pk, theirs in now.items():
            target, source = f"{prefix}-{place}-", sent_rows.get(pk)
            called = f"{self.now.names[prefix]} {place + 1}: "
            place += 1
            if source is None or pk not in base:
                for name, values in theirs.values.items():
                    self.put(f"{target}{name}", values)
                continue
            self.merge_row(source, base[pk], theirs, target, called)
            if not self.is_removed(source):
                continue
            if all(same_values(values, base[pk].values.get(name)) for name, values in theirs.values.items()):
                self.put(f"{target}DELETE", ["on"])
            else:
                self.keep(target, f"{called}removed by you, and changed by them", [], [])
        for pk, source in sent_rows.items():
            if pk in base and pk not in now and not self.is_removed(source):
                self.keep_row(prefix, source, base[pk])
        initial = place
        for source in self.added_rows(prefix, key):
            target = f"{prefix}-{place}-"
            place += 1
            for name in [name for name in self.sent if name.startswith(source)]:
                self.put(f"{target}{name.removeprefix(source)}", self.sent.getlist(name))
        self.put(f"{prefix}-TOTAL_FORMS", [str(place)])
        self.put(f"{prefix}-INITIAL_FORMS", [str(initial)])

    def is_removed(self, source: str) -> bool:
        """Whether the box that removes a row was ticked."""
        return self.sent.get(f"{source}{DELETION_FIELD_NAME}", "").lower() not in ("", "false")

    def row_prefixes(self, prefix: str) -> Iterator[str]:
        """What the names of each row sent begin with."""
        total = self.sent.get(f"{prefix}-TOTAL_FORMS", "")
        for place in range(min(int(total), 10_000) if total.isascii() and total.isdigit() else 0):
            yield f"{prefix}-{place}-"

    def sent_rows(self, prefix: str, key: str) -> Iterator[tuple[str, str]]:
        """The rows sent that were there before: key and prefix."""
        return ((pk, each) for each in self.row_prefixes(prefix) if (pk := self.sent.get(f"{each}{key}", "")))

    def added_rows(self, prefix: str, key: str) -> Iterator[str]:
        """The prefixes of rows that were not there before."""
        return (each for each in self.row_prefixes(prefix) if not self.sent.get(f"{each}{key}", ""))

    def keep_row(self, prefix: str, source: str, base: FormRow) -> None:
        """What was changed in a row that somebody else removed."""
        for name, was in base.values.items():
            mine = self.mine(source, name, base)
            if mine is not None and not same_values(mine, was):
                self.keep(f"{prefix}-group", f"{self.now.names[prefix]} (removed): {base.labels[name]}", mine, [])

    def keep(self, place: str, label: str, mine: Values, theirs: Values) -> None:
        """Note words that do not go in."""
        words, others = ("\n".join(tidy_values(each)) for each in (mine, theirs))
        self.kept.append(KeptField(place.removesuffix("-"), label, words, others))

    def put(self, name: str, values: Values) -> None:
        """Send these; nothing at all where there are none."""
        self.merged.setlist(name, values)
        if not values:
            del self.merged[name]
