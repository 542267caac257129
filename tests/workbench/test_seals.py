"""The workbench's history is sealed: what was altered since is found out."""

import pytest
from django.core.management import CommandError, call_command

from failure_lessons.history.models import Change, Seal
from failure_lessons.history.seals import find_history_faults, seal_changes
from tests import factories
from tests.publishing.test_history import tamper

pytestmark = pytest.mark.django_db


@pytest.fixture
def sealed():
    """Two seals over the changes of two cases, and a change since."""
    factories.case(title="One")
    first = seal_changes()
    factories.case(title="Two")
    second = seal_changes()
    factories.case(title="Three")
    return first, second


@pytest.mark.slow
def test_seals_cover_every_change_once(sealed):
    first, second = sealed
    assert second.previous_sha256 == first.sha256
    assert first.changes + second.changes == Change.objects.filter(pk__lte=second.up_to).count()
    assert list(find_history_faults()) == []
    seal_changes()
    assert seal_changes() is None
    assert list(find_history_faults()) == []


@pytest.mark.slow
@pytest.mark.parametrize(
    "change",
    [
        "update history_change set after = '{}' where id = {id}",
        "update history_change set by_id = 12345 where id = {id}",
        "update history_change set reason = 'Another' where id = {id}",
        "update history_change set at = at - interval '1 day' where id = {id}",
        "delete from history_change where id = {id}",
    ],
)
def test_an_altered_change_is_noticed(sealed, change):
    first, second = sealed
    statement = change.replace("{id}", str(second.up_to))
    tamper("history_change", statement)
    assert list(find_history_faults()) == [
        f"seal {second.number} of the workbench's history: changes {first.up_to + 1} to {second.up_to} were altered"
    ]
    with pytest.raises(CommandError, match="were altered"):
        call_command("verify_history")


def test_a_removed_seal_is_noticed(sealed):
    first, _ = sealed
    tamper("history_seal", f"delete from history_seal where number = {first.number}")
    assert any("is missing" in fault for fault in find_history_faults())


@pytest.mark.slow
def test_seals_cut_off_at_the_end_are_noticed_by_who_kept_the_last(sealed, capsys):
    _, second = sealed
    call_command("verify_history", "--expect", second.sha256)
    assert second.sha256 in capsys.readouterr().out
    tamper("history_seal", f"delete from history_seal where number = {second.number}")
    assert list(find_history_faults()) == []
    with pytest.raises(CommandError, match="cut off"):
        call_command("verify_history", "--expect", second.sha256)


def test_a_seal_is_never_changed(sealed):
    with pytest.raises(Exception, match="Cannot update or delete"):
        Seal.objects.filter(pk=1).update(changes=0)
