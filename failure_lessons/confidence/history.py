"""What the history of a record may show to somebody who still has to rate on their own."""

from __future__ import annotations

from django.contrib.auth.models import AnonymousUser
from django.db.models import Model

from failure_lessons.accounts.models import User
from failure_lessons.history.models import ChangeQuerySet, row_key


def unseen_ratings(changes: ChangeQuerySet, person: User | AnonymousUser, assessment: type[Model]) -> ChangeQuerySet:
    """These changes without the independent ratings by others of whatever this person may rate and has not rated.

    Ratings that are gone are left out with them: whoever takes a rating back has not given it.
    """
    options = assessment._meta
    if not person.has_perm(f"{options.app_label}.add_{options.model_name}"):
        return changes
    column = next(each for each in options.concrete_fields if each.is_relation and each.name in ("finding", "lesson"))
    table, rows = options.db_table, assessment._default_manager
    mine = set(rows.filter(rater=person).values_list(column.attname, flat=True))
    hidden = rows.filter(rater__isnull=False).exclude(rater=person).exclude(**{f"{column.attname}__in": mine})
    gone = changes.filter(key__startswith=f"{table}:", operation="delete").values_list("key", "before__rater_id")
    keys = [row_key(table, pk) for pk in hidden.values_list("pk", flat=True)]
    lost = [key for key, rater in gone if rater not in (None, person.pk)]
    return changes.exclude(key__in=[*keys, *lost])
