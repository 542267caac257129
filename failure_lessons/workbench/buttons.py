"""The verbs of publishing as buttons: what each says, asks and needs."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypedDict

from django import forms
from django.forms import BoundField
from django.http import QueryDict

from failure_lessons.publishing.change_kinds import ChangeKind
from failure_lessons.publishing.models import Publishable
from failure_lessons.publishing.quality_checks import QualityIssue
from failure_lessons.publishing.services import (
    correct_record,
    publish_record,
    return_to_author,
    submit_record,
    take_back_record,
    withdraw_record,
)
from failure_lessons.workbench.scheduling import MAY_PUBLISH, cancel_scheduled, schedule_publication

REVIEW = "publishing.review_record"


@dataclass(frozen=True)
class Button:
    """A verb before a person.

    `permission` is the right it needs; without one, the right to change the record. `deed` is what its author is told
    happened; without one, the reviewers are told. `needs_edition`: it makes sense once readers see the record.
    `author_only`: it is for whoever submitted the record. `with_time`: only where a time is set for it, or only where
    none is. `is_told`: somebody is told by mail.
    """

    label: str
    explanation: str
    verb: Callable[..., object]
    note_label: str
    states: tuple[str, ...]
    needs_note: bool = False
    permission: str = ""
    deed: str = ""
    needs_edition: bool = False
    author_only: bool = False
    with_time: bool | None = None
    is_told: bool = True


BUTTONS = {
    "submit": Button(
        "Submit for review",
        "Somebody else will read this record and publish it. What they publish is exactly what you submit now.",
        submit_record,
        "For the reviewer",
        (Publishable.State.DRAFT, Publishable.State.PUBLISHED, Publishable.State.WITHDRAWN),
    ),
    "take-back": Button(
        "Take back",
        "The record becomes a draft again, which you can change and submit anew.",
        take_back_record,
        "Why, if you like",
        (Publishable.State.IN_REVIEW,),
        author_only=True,
        is_told=False,
    ),
    "return": Button(
        "Return to author",
        "The record becomes a draft again.",
        return_to_author,
        "What to change",
        (Publishable.State.IN_REVIEW,),
        needs_note=True,
        permission=REVIEW,
        deed="Returned",
    ),
    "publish": Button(
        "Publish",
        "Readers will see this record, with its findings and the references it cites.",
        publish_record,
        "For readers: what changed, and why",
        (Publishable.State.IN_REVIEW,),
        permission=MAY_PUBLISH,
        deed="Published",
    ),
    "schedule": Button(
        "Publish at a set time",
        "You approve these very words now, and they are published then, by themselves. If anything was changed, "
        "withdrawn or taken back by then, nothing is published and both of you are told.",
        schedule_publication,
        "For readers: what changed, and why",
        (Publishable.State.IN_REVIEW,),
        permission=MAY_PUBLISH,
        deed="Approved for a set time",
        with_time=False,
    ),
    "cancel": Button(
        "Cancel the set time",
        "Nothing is published by itself any more. The record stays in review.",
        cancel_scheduled,
        "Why, for the other person",
        tuple(Publishable.State),
        is_told=False,
        with_time=True,
    ),
    "correct": Button(
        "Publish as a correction",
        "The corrections log will show your note.",
        correct_record,
        "For readers: what was wrong",
        (Publishable.State.IN_REVIEW,),
        needs_note=True,
        permission=MAY_PUBLISH,
        deed="Corrected",
        needs_edition=True,
    ),
    "withdraw": Button(
        "Withdraw",
        "Readers will find your reason at the address of this record, and nothing else.",
        withdraw_record,
        "For readers: why it was withdrawn",
        (Publishable.State.PUBLISHED, Publishable.State.DRAFT, Publishable.State.IN_REVIEW),
        needs_note=True,
        permission=MAY_PUBLISH,
        deed="Withdrawn",
        needs_edition=True,
    ),
}


class NoteForm(forms.Form):
    """Why."""

    note = forms.CharField(widget=forms.Textarea(attrs={"rows": 4}), max_length=2000, strip=True)

    def __init__(self, data: QueryDict | None = None, *, needed: bool = False, label: str = "Note") -> None:
        super().__init__(data)
        self.fields["note"].required = needed
        self.fields["note"].label = label


class ChangeTold(TypedDict, total=False):
    """What somebody says of the change."""

    change: ChangeKind | None
    says_the_same: bool


class TimeTold(ChangeTold, total=False):
    """The same, and when."""

    due_at: dt.datetime


class ChangeForm(NoteForm):
    """Why, and what kind of change it is where readers see an edition already."""

    field_order = ["change", "says_the_same", "note"]

    change = forms.ChoiceField(
        label="What kind of change it is",
        help_text="Readers are told. A correction of form says the same as before, in better form: a page number, a "
        "quotation, a typing error. It reaches what rests on this without the mark “evidence has changed”.",
        widget=forms.RadioSelect,
    )
    says_the_same = forms.BooleanField(
        label="I compared both: where words of a conclusion differ, they say the same",
        help_text="Asked of a correction of form alone. A rating or a strength is never one.",
        required=False,
    )

    def __init__(
        self,
        data: QueryDict | None = None,
        *,
        is_new: bool,
        said: str = "",
        many: bool = False,
        needed: bool = False,
        label: str = "Note",
    ) -> None:
        super().__init__(data, needed=needed, label=label)
        if is_new:
            del self.fields["change"], self.fields["says_the_same"]
            return
        field = self.fields["change"]
        open_choice = ("", "As it was submitted" if many else "By what differs: the library judges")
        field.choices = [open_choice, *ChangeKind.choices]  # type: ignore[attr-defined]
        field.required, field.initial = False, said

    def told(self) -> ChangeTold:
        """What the verbs are told of the change."""
        change = self.cleaned_data.get("change")
        return {
            "change": ChangeKind(change) if change else None,
            "says_the_same": self.cleaned_data.get("says_the_same", False),
        }


class TimeForm(ChangeForm):
    """When, why, and what kind of change it is."""

    field_order = ["due_at", "change", "says_the_same", "note"]

    due_at = forms.DateTimeField(
        label="When (time of London)",
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        error_messages={"invalid": "Give day and time, such as 2027-05-07T09:30."},
    )

    def told(self) -> TimeTold:
        return {**super().told(), "due_at": self.cleaned_data["due_at"]}


class ReasonsForm(forms.Form):
    """A reason for each doubt about a record; a reason given before is there to start with."""

    def __init__(self, data: QueryDict | None = None, *, doubts: Sequence[QualityIssue]) -> None:
        super().__init__(data)
        self.doubts = {self.field_name(doubt): doubt for doubt in doubts}
        for name, doubt in self.doubts.items():
            self.fields[name] = forms.CharField(
                label="Or why it stays so (readers see this)",
                initial=doubt.answer,
                max_length=2000,
                strip=True,
                widget=forms.Textarea(attrs={"rows": 2}),
                error_messages={"required": "Mend it in the record, or say here why it stays so."},
            )

    @staticmethod
    def field_name(doubt: QualityIssue) -> str:
        """A name that stays with the doubt: when its words change between form and answer, it is asked anew."""
        return f"reason-{hashlib.sha256('|'.join(doubt.key).encode()).hexdigest()[:12]}"

    def issues_with_fields(self) -> Iterator[tuple[QualityIssue, BoundField]]:
        """Each doubt with the field that answers it."""
        return ((doubt, self[name]) for name, doubt in self.doubts.items())

    def answers(self) -> dict[tuple[str, str], str]:
        """The reasons, by what they answer."""
        return {doubt.key: self.cleaned_data[name] for name, doubt in self.doubts.items()}
