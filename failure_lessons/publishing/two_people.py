"""Publishing takes two people: which accounts count as one, and what speaks against publishing what they submitted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from django.contrib.auth import get_user_model

from failure_lessons.publishing.models import Publishable

if TYPE_CHECKING:
    from failure_lessons.accounts.models import User


def list_second_selves(by: User) -> dict[int, str]:
    """The accounts that count as this person, each with the reason: publishing takes two people, not two accounts.

    Whoever issued a partner's token may hold it. Whoever invited somebody may read that mail, until another person has
    said that they know them (`accounts/people.py`); administrators, who could do all this by other ways, stand outside.
    """
    people = get_user_model().objects.order_by()
    alone = people.filter(vouched_by=None, invited_by__is_superuser=False)
    pairs = alone.values_list("pk", "invited_by")
    inviter_of = {invited: inviter for invited, inviter in pairs if inviter is not None}
    found = dict.fromkeys(find_invitation_circle(by.pk, inviter_of), "who was invited by the same person")
    found |= {invited: "whom you invited" for invited, inviter in inviter_of.items() if inviter == by.pk}
    if by.pk in inviter_of:
        found[inviter_of[by.pk]] = "who invited you"
    issued = people.filter(tokens__created_by=by).values_list("pk", flat=True)
    return found | dict.fromkeys(issued, "for whom you issued a token")


def find_invitation_circle(start: int, inviter_of: Mapping[int, int]) -> set[int]:
    """Everybody whom invitations join to this account, over any number of steps: all of them may be one person."""
    circle, before = {start}, set[int]()
    while circle != before:
        before = circle
        circle = circle | {inviter_of[each] for each in circle if each in inviter_of}
        circle = circle | {invited for invited, inviter in inviter_of.items() if inviter in circle}
    return circle - {start}


def is_same_person(by: User, other: int | None) -> bool:
    """Whether an account is this person's, or counts as theirs: wherever a second person is asked for."""
    return other is not None and (other == by.pk or other in list_second_selves(by))


def reasons_against(record: Publishable, by: User, is_changed: bool, selves: dict[int, str]) -> list[str]:
    """Why `by` may not publish this record now, apart from what its content lacks."""
    if record.state != Publishable.State.IN_REVIEW:
        return [f"{record} is not in review: it is {record.get_state_display().lower()}."]
    reasons = []
    if record.submitted_by_id == by.pk:
        reasons.append(f"{record} was submitted by you; somebody else has to publish it.")
    if record.submitted_by_id in selves:
        why = selves[record.submitted_by_id]
        reasons.append(f"{record} was submitted by {record.submitted_by}, {why}; somebody else has to publish it.")
    if is_changed:
        reasons.append(f"{record} was changed after it was submitted; submit it again.")
    return reasons
