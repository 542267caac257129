"""The same from a command line."""

import pytest
from django.core.management import CommandError, call_command

from casestudies.models import Organisation
from failure_lessons.bulk.models import Upload
from failure_lessons.history.models import Change
from tests.bulk.sheets import Sheet, made

pytestmark = pytest.mark.django_db


def test_a_list_is_exported_and_comes_back_unchanged(tmp_path, researcher, capsys):
    file = tmp_path / "list.xlsx"
    call_command("bulk_export", "casestudies.organisation", file)
    before = Change.objects.count()
    call_command("bulk_import", "casestudies.organisation", file, by="researcher")
    assert "0 added, 0 changed." in capsys.readouterr().out
    assert Change.objects.count() == before
    with pytest.raises(CommandError, match="cannot be written"):
        call_command("bulk_export", "casestudies.organisation", file)


def test_a_dry_run_tells_and_writes_nothing(tmp_path, researcher, capsys):
    record = Organisation.objects.create(slug="a", name="A", type="x")
    sheet = Sheet(Organisation.objects.filter(pk=record.pk)).write(record, Name="AA").add(Slug="b", Name="B", Type="x")
    file = tmp_path / "list.xlsx"
    file.write_bytes(sheet.bytes())
    call_command("bulk_import", "casestudies.organisation", file, "--dry-run", by="researcher")
    assert "Name: 'A' -> 'AA'" in capsys.readouterr().out
    record.refresh_from_db()
    assert (record.name, Upload.objects.count()) == ("A", 0)
    call_command("bulk_import", "casestudies.organisation", file, by="researcher", reason="By hand")
    record.refresh_from_db()
    assert (record.name, Change.objects.of(record).last().reason) == ("AA", "By hand")
    Organisation.objects.filter(pk=record.pk).update(name="Theirs")
    with pytest.raises(CommandError, match="Decide in the workbench"):
        call_command("bulk_import", "casestudies.organisation", file, by="researcher")


@pytest.mark.parametrize(
    ("label", "by", "rows", "answer"),
    [
        ("casestudies.organisations", "researcher", [["Slug"], ["a"]], "Did you mean casestudies.organisation"),
        ("casestudies.organisation", "nobody", [["Slug"], ["a"]], "no user"),
        ("casestudies.organisation", "researcher", [["Zzz"], ["a"]], "None of the headings"),
        ("casestudies.organisation", "researcher", [["Slug"], ["a"]], "Nothing was written"),
    ],
)
def test_what_cannot_be_done_is_told(label, by, rows, answer, tmp_path, researcher):
    file = tmp_path / "list.xlsx"
    file.write_bytes(made(*rows))
    with pytest.raises(CommandError, match=answer):
        call_command("bulk_import", label, file, by=by)
